"""The doors to the network: what strangers may hold there, and which bodies are refused in what way."""

import asyncio
import errno
import gzip
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr
from telegram import Bot

from bot import http_server
from bot.botapi.updates import UpdateQueue
from bot.http_server import MOST_CONNECTIONS
from bot.ops.metrics import Metrics
from bot.payments.stripe_gateway import StripeGateway
from bot.payments.stripe_reconciliation import StripeReconciliation
from bot.playground.stripe import Accounts, signature
from storage.db import Database
from storage.inbox import Inbox
from storage.stripe_events import StripeEvents
from tests.harness.stripe_transport import URL, StripeTransport

SECRET = "only-telegram-knows"
STRIPE_SECRET = "whsec_of_the_tests"
SIGNED = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
ASKS = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = b"POST /stripe HTTP/1.1\r\nHost: x\r\n"
BEGUN = (
    b"",
    b"POST /str",
    SLOW,
    b"POST /stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
    b"POST /stripe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
)


@dataclass
class Doors:
    """Both servers of a bot, with its real inbox, and what it noted as errors of its own."""

    webhooks: str
    metrics: str
    updates: UpdateQueue
    noted: list[BaseException] = field(default_factory=list)

    async def telegram(self, body: bytes, **headers: str) -> int:
        """The status of an update with Telegram's secret."""
        return await _status(f"{self.webhooks}/telegram", body, SIGNED | headers)

    async def stripe(self, body: bytes, **headers: str) -> int:
        """The status of an event with Stripe's signature."""
        signed = {"Stripe-Signature": signature(body, STRIPE_SECRET, int(time.time()))}
        return await _status(f"{self.webhooks}/stripe", body, signed | headers)


@asynccontextmanager
async def connected(url: str, begun: bytes = b"") -> AsyncIterator[asyncio.StreamReader]:
    """A connection over which this was sent, and no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(begun)
    try:
        yield reader
    finally:
        writer.transport.abort()
        writer.close()


async def heard(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the connection ends."""
    try:
        async with asyncio.timeout(30):
            return await reader.read()
    except ConnectionError:
        return b""


async def _status(url: str, body: bytes, headers: dict[str, str]) -> int:
    async with httpx.AsyncClient(verify=False) as client:
        return (await client.post(url, content=body, headers=headers)).status_code


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    cards = StripeGateway(SecretStr("sk_test_x"), URL, SecretStr(STRIPE_SECRET), StripeTransport(Accounts()))
    nothing: Any = None
    books = StripeReconciliation(cards, StripeEvents(db), nothing, nothing, nothing, nothing)
    doors = Doors("", "", UpdateQueue(Inbox(db)))

    async def note(error: BaseException) -> None:
        doors.noted.append(error)

    services: Any = SimpleNamespace(
        settings=SimpleNamespace(
            metrics_listen="127.0.0.1:0", webhook_listen="127.0.0.1:0", stripe_webhook_secret=SecretStr(STRIPE_SECRET)
        ),
        ops=SimpleNamespace(error_reports=SimpleNamespace(note=note), metrics=Metrics()),
        shop=SimpleNamespace(stripe_reconciliation=books),
        updates=doors.updates,
    )
    metrics = await http_server.serve_metrics(services, list)
    webhooks = await http_server.serve_webhooks(services, Bot("123456:abc"), SECRET)
    assert metrics
    assert webhooks
    doors.webhooks, doors.metrics = (f"http://127.0.0.1:{each.addresses[0][1]}" for each in (webhooks, metrics))
    yield doors
    for server in (webhooks, metrics):
        await server.cleanup()
    await books.close()
    await db.close()
    assert doors.noted == [], "what strangers send is no error of ours"


# What strangers hold


@pytest.mark.parametrize("begun", BEGUN)
async def test_who_never_ends_a_request_is_cut_off(doors: Doors, begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_CONNECTION_SECONDS", 0.1)
    for url in (doors.webhooks, doors.metrics):
        async with connected(url, begun) as reader:
            told = await heard(reader)
        assert told == b"" or told.startswith(b"HTTP/1.1 404")  # /metrics knows no /stripe


async def test_who_reads_no_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "_CONNECTION_SECONDS", 0.1)
    ended = asyncio.Event()
    lost = http_server._Server.connection_lost
    monkeypatch.setattr(http_server._Server, "connection_lost", lambda *which: lost(*which) or ended.set())

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(body=bytes(64 << 20))  # more than both kernels' buffers take

    server = await http_server._listen(answer, "127.0.0.1:0", "test")
    async with connected(f"http://127.0.0.1:{server.addresses[0][1]}", ASKS), asyncio.timeout(30):
        await ended.wait()
    await server.cleanup()


async def test_a_connection_is_for_one_request(doors: Doors) -> None:
    async with connected(doors.metrics, ASKS * 3) as reader:
        assert (await heard(reader)).count(b"HTTP/1.1 200") == 1


async def test_a_full_door_lets_the_next_one_in(doors: Doors) -> None:
    """The oldest of those who hold a connection makes room."""
    for url in (doors.webhooks, doors.metrics):
        async with AsyncExitStack() as stack:
            held = [await stack.enter_async_context(connected(url, SLOW)) for _ in range(MOST_CONNECTIONS)]
            async with connected(url, ASKS) as reader:
                assert b"HTTP/1.1" in await heard(reader)
            assert await heard(held[0]) == b""


async def test_a_full_descriptor_table_is_told_once_and_tried_again_once(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """asyncio repeats both as often as its backlog is long, and each of these retries does so again."""
    loop, told, tried = asyncio.get_running_loop(), [], []
    came = asyncio.Event()

    def full(_: socket.socket) -> Any:
        came.set()
        raise OSError(errno.EMFILE, "Too many open files")

    call_later = loop.call_later
    monkeypatch.setattr(loop, "call_later", lambda delay, *rest: tried.append(delay) or call_later(delay, *rest))
    loop.set_exception_handler(lambda _, context: told.append(context["message"]))
    waiting = socket.create_connection(("127.0.0.1", int(doors.webhooks.rpartition(":")[2])))
    with monkeypatch.context() as broken:
        broken.setattr(socket.socket, "accept", full)
        await came.wait()
    assert told == ["socket.accept() out of system resource"]
    assert len(tried) == 1
    waiting.close()


# What strangers send

WRONG = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"update_id": 7, "x": "\xff"}',
    "a list": b"[]",
    "null": b"null",
    "a number": b"7",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep in an update": b'{"update_id": 7, "x": ' + b"[" * 900 + b"]" * 900 + b"}",
    "deep in objects": b'{"update_id": 7, "message": ' + b'{"reply_to_message": ' * 300 + b"1" + b"}" * 301,
    "no number": b'{"message": {}}',
    "a word for a number": b'{"update_id": "seven"}',
    "a truth for a number": b'{"update_id": true}',
    "half a number": b'{"update_id": 7.5}',
    "below zero": b'{"update_id": -1}',
    "not a number": b'{"update_id": NaN}',
    "not a number inside": b'{"update_id": 7, "x": NaN}',
    "infinite": b'{"update_id": 7, "x": 1e999}',
    "without end": b'{"update_id": 7, "x": -Infinity}',
    "half a character": b'{"update_id": 7, "x": "\\ud800"}',
    "huge": b'{"update_id": 9223372036854775808}',
    "huge inside": b'{"update_id": 7, "message": {"chat": {"id": 1' + b"0" * 4000 + b"}}}",
    "longer than Python reads": b'{"update_id": 1' + b"0" * 100_000 + b"}",
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_body_of_any_shape_is_refused(doors: Doors, wrong: str) -> None:
    assert await doors.telegram(WRONG[wrong]) == 400
    assert doors.updates.empty()


@pytest.mark.parametrize("wrong", [*WRONG, "half an event", "an event of nothing", "an event of a word"])
async def test_an_event_of_any_shape_is_refused(doors: Doors, wrong: str) -> None:
    """Signed, as nobody but Stripe can; without the signature nothing is read."""
    events = {
        "half an event": b'{"object": "event", "id": "evt_1"}',
        "an event of nothing": b'{"object": "event", "id": "evt_1", "type": "charge.refunded"}',
        "an event of a word": b'{"object": "event", "id": "evt_1", "type": "charge.refunded", "data": {"object": "x"}}',
    }
    body = (WRONG | events)[wrong]
    assert await doors.stripe(body) == 400
    assert await doors.stripe(body, **{"Stripe-Signature": "t=1,v1=ab"}) == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=nonsense"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "image/png"},
    ],
)
async def test_a_body_is_json_whatever_is_said_of_it(doors: Doors, headers: dict[str, str]) -> None:
    assert await doors.telegram(b'{"update_id": 7}', **headers) == 200


async def test_a_packed_body_is_not_unpacked(doors: Doors) -> None:
    for body in (b"no gzip", gzip.compress(b'{"update_id": 7}')):
        assert await doors.telegram(body, **{"Content-Encoding": "gzip"}) == 400
        assert await doors.stripe(body, **{"Content-Encoding": "gzip", "Stripe-Signature": ""}) == 400


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        b"POST /stripe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n",
        b"POST /telegram HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: %s\r\nContent-Length: 9\r\n\r\n{"
        % SECRET.encode(),
        b"\x16\x03\x01\x00\xff",
        b"POST /stripe HTTP/1.1\r\nContent-Length: nine\r\n\r\n",
    ],
)
async def test_what_breaks_off_or_is_no_http_is_no_error(doors: Doors, sent: bytes) -> None:
    async with connected(doors.webhooks, sent) as reader:
        if not sent.endswith(b"{"):
            assert b" 400 Bad Request" in await heard(reader)
    async with httpx.AsyncClient(verify=False) as client:
        assert (await client.get(f"{doors.webhooks}/stripe")).status_code == 405


async def test_health_is_asked_for_without_a_body(doors: Doors) -> None:
    async with httpx.AsyncClient(verify=False) as client:
        assert (await client.head(f"{doors.metrics}/healthz")).status_code == 200
        assert (await client.get(f"{doors.metrics}/readyz?from=afar")).text == "ready\n"
        assert (await client.get(f"{doors.metrics}/stripe")).status_code == 404
