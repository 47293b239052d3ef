"""The small HTTP server: metrics and health for the operator, and the webhooks of Telegram and Stripe."""

import asyncio
import hmac
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from telegram import Bot
from telegram.error import TelegramError

from bot.botapi.client import read_update
from bot.botapi.updates import UpdateQueue
from bot.domain.strict_json import read_object
from bot.payments.errors import BadSignatureError, CardTroubleError
from bot.payments.stripe_reconciliation import StripeReconciliation
from bot.services import Services
from bot.settings import address

_log = logging.getLogger(__name__)

MOST_CONNECTIONS = 64  # of each server; Telegram opens 40 at most
_CONNECTION_SECONDS = 20.0  # from the first byte to the last; Telegram and Stripe send again what took longer
_END_SECONDS = 2.0  # for requests that are under way when the bot ends; whoever asks tries again
_WAITING = 128  # connections that the kernel holds until they are accepted

Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]
Routes = Mapping[tuple[str, str], Answer]  # by method and path


async def serve_metrics(services: Services, lacking: Callable[[], list[str]]) -> web.ServerRunner | None:
    """/metrics, /healthz (the process answers), /readyz (it can serve; else what of `lacking` it needs for that).

    A taken port is told, not fatal.
    """

    async def metrics(_: web.BaseRequest) -> web.Response:
        return web.Response(
            body=generate_latest(services.ops.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def healthy(_: web.BaseRequest) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(_: web.BaseRequest) -> web.Response:
        missing = lacking()
        text = f"not ready: {', '.join(missing)}\n" if missing else "ready\n"
        return web.Response(text=text, status=503 if missing else 200)

    routes = {("GET", "/metrics"): metrics, ("GET", "/healthz"): healthy, ("GET", "/readyz"): ready}
    try:
        return await _listen(answering(services, routes), services.settings.metrics_listen, "metrics")
    except OSError:
        _log.warning("METRICS_LISTEN %s is taken: going on without metrics", services.settings.metrics_listen)
        return None


async def serve_webhooks(services: Services, bot: Bot, secret: str | None = None) -> web.ServerRunner | None:
    """WEBHOOK_LISTEN: /telegram with a secret, /stripe where its own is set; nothing with neither. Raises OSError."""
    routes = {("POST", "/telegram"): _telegram(services.updates, bot, secret)} if secret else {}
    if services.shop.stripe_reconciliation and services.settings.stripe_webhook_secret:
        routes["POST", "/stripe"] = _stripe(services.shop.stripe_reconciliation)
    if not routes:
        return None
    return await _listen(answering(services, routes), services.settings.webhook_listen, "webhook")


def _telegram(updates: UpdateQueue, bot: Bot, secret: str) -> Answer:
    """Updates that carry the secret; 200 only after the update is in the inbox."""

    async def telegram(request: web.BaseRequest) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), secret.encode()):
            return web.Response(status=403)
        try:
            raw = read_object(await _body(request))
            if type(raw.get("update_id")) is not int or raw["update_id"] < 0:
                raise ValueError("no number")
        except ValueError:
            return web.Response(status=400)
        try:
            await updates.put(read_update(raw, bot))
        except TelegramError:
            return web.Response(status=503)  # Telegram keeps it and tries again
        return web.Response()

    return telegram


def _stripe(books: StripeReconciliation) -> Answer:
    """Events with Stripe's signature; 200 only after our books agree with them, 503 where that is for later."""

    async def stripe(request: web.BaseRequest) -> web.Response:
        signature = request.headers.get("Stripe-Signature", "")
        return web.Response(status=await hear_stripe(books, await _body(request), signature))

    return stripe


async def hear_stripe(books: StripeReconciliation, body: bytes, signature: str) -> int:
    """The status that Stripe gets."""
    try:
        await books.hear(body, signature)
    except BadSignatureError:
        return 400
    except CardTroubleError:
        return 503
    return 200


async def _body(request: web.BaseRequest) -> bytes:
    """All of it, 1 MiB at most. Raises HTTPRequestEntityTooLarge, and HTTPBadRequest where it breaks off."""
    try:
        return await request.read()
    except (ConnectionError, web.RequestPayloadError):
        raise web.HTTPBadRequest from None


def answering(services: Services, routes: Routes) -> Answer:
    """An answer to any request. Unexpected errors are noted; whoever asked hears only that there was one."""
    paths = {path for _, path in routes}

    async def answer(request: web.BaseRequest) -> web.Response:
        handler = routes.get(("GET" if request.method == "HEAD" else request.method, request.path))
        try:
            if handler:
                response = await handler(request)
            else:
                response = web.Response(status=405 if request.path in paths else 404)
        except web.HTTPException as refusal:
            response = web.Response(status=refusal.status)
        except Exception as error:
            await services.ops.error_reports.note(error)
            response = web.Response(status=500)
        response.force_close()
        return response

    return answer


class _Server(web.Server):
    """Bounds what strangers hold: a connection is for one request and ends after some seconds, whatever it waits for.

    When there are too many, the oldest makes room: whoever sends a whole request at once is never that.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer, access_log=None, auto_decompress=False)
        self._ends: dict[web.RequestHandler, tuple[asyncio.Transport, asyncio.TimerHandle]] = {}

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        timer = asyncio.get_running_loop().call_later(_CONNECTION_SECONDS, transport.abort)
        self._ends[handler] = transport, timer
        if len(self._ends) > MOST_CONNECTIONS:
            oldest, _ = self._ends[next(iter(self._ends))]
            oldest.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        _, timer = self._ends.pop(handler)
        timer.cancel()
        super().connection_lost(handler, exc)


async def _listen(answer: Answer, listen: str, what: str) -> web.ServerRunner:
    runner = web.ServerRunner(_Server(answer), shutdown_timeout=_END_SECONDS)
    await runner.setup()
    try:
        door = socket.create_server(address(listen))
        # asyncio accepts as many connections in a row as its backlog says. Where no descriptor is left, it complains
        # and plans a retry for each of them, and so does every retry: so its backlog is 1, and the kernel's is longer.
        await web.SockSite(runner, door, backlog=1).start()
        door.listen(_WAITING)
    except OSError:
        await runner.cleanup()
        raise
    _log.info("%s at %s", what, ", ".join(f"{name[0]}:{name[1]}" for name in runner.addresses))
    return runner
