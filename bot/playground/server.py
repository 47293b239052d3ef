"""The local Bot API over HTTP: methods at /bot<token>/, files at /file/bot<token>/.

It follows https://core.telegram.org/bots/api#making-requests; refusals have the wording of tdlib/telegram-bot-api.
"""

import asyncio
import json
import re
import time
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from aiohttp import BodyPartReader, MultipartReader, web

from bot.playground.addresses import is_loopback
from bot.playground.api_conformance import Spec
from bot.playground.faults import Fault
from bot.playground.files import UPLOAD_LIMIT, Upload
from bot.playground.methods import METHODS
from bot.playground.schema import Parts, bind_all
from bot.playground.stripe import Accounts
from bot.playground.world import ApiError, Json, World

TOKEN = re.compile(r"\d+:[\w-]{20,}")
CHUNK = 1 << 16


class Playground:
    """The worlds of all tokens. The first use of a token makes its world."""

    def __init__(self, folder: Path, spec: Spec | None = None) -> None:
        self.folder = folder
        self.spec = spec
        self.worlds: dict[str, World] = {}
        self.stripe = Accounts()
        self.bot_ports: Set[int] | None = None  # of this machine, where webhooks may be; None: all
        self.dropped_violations: set[str] = set()

    def world(self, token: str) -> World:
        if not TOKEN.fullmatch(token):
            raise ApiError("Unauthorized: invalid token specified", 401)
        if token not in self.worlds:
            self.worlds[token] = world = World(token, self.folder / token.replace(":", "-"))
            world.stripe, world.bot_ports = self.stripe, self.bot_ports
            world.webhook.check = lambda update: self.check_object(world, "Update", update)
        return self.worlds[token]

    async def drop(self, token: str) -> None:
        if world := self.worlds.pop(token, None):
            self.dropped_violations.update(world.violations)
            await world.close()

    async def close(self) -> None:
        for token in list(self.worlds):
            await self.drop(token)
        await self.stripe.close()

    def check_object(self, world: World, kind: str, value: Any) -> None:
        if self.spec:
            world.violations += self.spec.check_object(kind, value)


PLAYGROUND = web.AppKey("playground", Playground)


@dataclass
class Call:
    method: str
    params: Json = field(default_factory=dict)
    parts: Parts = field(default_factory=lambda: Parts({}))

    def record(self) -> Json:
        """The log entry of this call: everything except the bytes of files."""
        files = {name: {"name": part.name, "mime": part.mime, "size": part.size} for name, part in self.parts.items()}
        return {"method": self.method, "params": self.params, "files": files, "time": time.time(), "ok": None}


async def read_call(request: web.Request, world: World) -> Call:
    call = Call(request.match_info["method"], dict(request.query))
    if request.content_type == "multipart/form-data":
        await read_multipart(await request.multipart(), world, call)
    elif request.content_type == "application/json":
        call.params |= await read_json(request)
    elif request.content_type == "application/x-www-form-urlencoded":
        call.params |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    call.params = {key: unpacked(value) for key, value in call.params.items()}
    return call


async def read_json(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        raise ApiError("can't parse JSON object") from None
    if not isinstance(body, dict):
        raise ApiError("object expected")
    return body


def unpacked(value: Any) -> Any:
    """Parse the value if it is a JSON object or array in a form field; else return it unchanged."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


async def read_multipart(reader: MultipartReader, world: World, call: Call) -> None:
    async for part in reader:
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ApiError("can't parse multipart form data")
        if part.filename is None:
            call.params[part.name] = (await part.read(decode=True)).decode()
        else:
            call.parts[part.name] = await receive(part, world)


async def receive(part: BodyPartReader, world: World) -> Upload:
    """Stream an upload to its file. Raises ApiError if it exceeds Telegram's limit."""
    upload = Upload(world.files.new_path(), part.filename or "", part.headers.get("Content-Type", ""))
    size = 0
    with upload.path.open("wb") as file:
        while chunk := await part.read_chunk(CHUNK):
            size += len(chunk)
            if size > UPLOAD_LIMIT:
                upload.path.unlink()
                raise ApiError("Request Entity Too Large", 413)
            file.write(chunk)
    return upload


class NoAnswer(Exception):
    """The caller gets no answer; the connection drops after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


async def answer_method(request: web.Request) -> web.StreamResponse:
    playground = request.app[PLAYGROUND]
    call = None
    try:
        world = playground.world(request.match_info["token"])
        call = await read_call(request, world)
        return web.json_response({"ok": True, "result": await execute(playground, world, call)})
    except ApiError as error:
        return refusal(error)
    except NoAnswer as no_answer:
        await drop_connection(request, no_answer)
    finally:
        for part in call.parts.values() if call else ():
            part.path.unlink(missing_ok=True)


async def execute(playground: Playground, world: World, call: Call) -> Any:
    """Log and run one call, with its planted fault if any. Raises ApiError or NoAnswer."""
    record = call.record()
    world.requests.append(record)
    fault = world.faults.take(call.method)
    try:
        if fault and not fault.after:
            apply_fault(fault)
        result = await perform(playground, world, call)
        if fault:
            apply_fault(fault)
    except ApiError as error:
        record |= {"ok": False, "error": str(error)}
        raise
    record |= {"ok": True}
    return result


async def perform(playground: Playground, world: World, call: Call) -> Any:
    method = METHODS.get(call.method.lower())
    if method is None:
        raise ApiError("method not found", 404)
    if playground.spec:
        world.violations += playground.spec.check_call(call.method, call.params, call.parts.keys())
    result = await method(world, **bind_all(method, call.params, call.parts))
    if playground.spec:
        world.violations += playground.spec.check_result(call.method, result)
    return result


def refusal(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": str(error)}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


def apply_fault(fault: Fault) -> None:
    """Raise the fault's ApiError or NoAnswer. Returns for faults of downloads, which `send_with_fault` applies."""
    if fault.kind == "flood":
        raise ApiError(f"Too Many Requests: retry after {fault.retry_after}", 429, retry_after=fault.retry_after)
    if fault.kind == "error":
        raise ApiError(fault.text, fault.code)
    if fault.kind in ("hang", "drop"):
        raise NoAnswer(fault.seconds if fault.kind == "hang" else 0)


async def drop_connection(request: web.Request, no_answer: NoAnswer) -> NoReturn:
    await asyncio.sleep(no_answer.seconds)
    if request.transport:
        request.transport.abort()
    raise asyncio.CancelledError


async def download(request: web.Request) -> web.StreamResponse:
    try:
        world = request.app[PLAYGROUND].world(request.match_info["token"])
        path = world.files.published_path(request.match_info["path"])
        if path is None:
            raise ApiError("Not Found", 404)
        fault = world.faults.take("file")
        if fault is None:
            return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})
        apply_fault(fault)
        return await send_with_fault(request, path, fault)
    except ApiError as error:
        return refusal(error)
    except NoAnswer as no_answer:
        await drop_connection(request, no_answer)


async def send_with_fault(request: web.Request, path: Path, fault: Fault) -> web.StreamResponse:
    """Send a download slowly in sixteen pieces, only its first half, or with other bytes than the file's."""
    data = fault.served(await asyncio.to_thread(path.read_bytes))
    response = web.StreamResponse(
        headers={"Content-Length": str(len(data)), "Content-Type": "application/octet-stream"}
    )
    await response.prepare(request)
    step = len(data) // 16 + 1
    for at in range(0, len(data) // (2 if fault.kind == "cut" else 1), step):
        await response.write(data[at : at + step])
        await asyncio.sleep(fault.seconds / 16 if fault.kind == "slow" else 0)
    if fault.kind == "cut" and request.transport:
        request.transport.abort()
    return response


@web.middleware
async def own_page_only(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse what the pages of others ask for, whatever the method: a browser says so, or names another host.

    A foreign page may also resolve its own name to this machine: only the names of this machine count as ours.
    """
    host = (request.host or "").rpartition(":")[0] or request.host
    site = request.headers.get("Sec-Fetch-Site", "none")  # none: typed, or no browser
    origin = request.headers.get("Origin", f"http://{request.host}")
    if not is_loopback(host) or site not in ("none", "same-origin") or origin != f"http://{request.host}":
        raise web.HTTPForbidden(
            text="Open the playground's address in a window of its own: other pages may not use it."
        )
    return await handler(request)  # type: ignore[no-any-return]


async def no_such_page(_: web.Request) -> web.Response:
    """For whoever does not know the secret in the address."""
    return web.Response(text="Open the address that the playground printed when it started.", status=404)
