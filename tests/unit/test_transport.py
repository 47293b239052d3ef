"""Transfers have a floor of speed: whoever drips or takes drop by drop is given up, and gives memory and place back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from telegram import InputFile
from telegram.error import TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.botapi import transport
from bot.botapi.transport import AiohttpRequest
from bot.sandbox.memory_file import MemoryFile

SIZE = 4 << 20  # bytes: more than the sockets' buffers hold


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_GRACE_SECONDS", 0.3)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[tuple[AiohttpRequest, str]]:
    app = web.Application(client_max_size=SIZE * 2)
    app.router.add_route("*", "/file", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    request = AiohttpRequest(4)
    await request.initialize()
    try:
        yield request, f"http://127.0.0.1:{runner.addresses[0][1]}/file"
    finally:
        await request.shutdown()
        await runner.cleanup()


async def drips(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = SIZE
    await response.prepare(request)
    for _ in range(200):
        await response.write(b"x")
        await asyncio.sleep(0.05)
    return response


async def test_a_download_that_drips_is_given_up() -> None:
    async with serving(drips) as (request, url):
        with MemoryFile() as file, pytest.raises(TimedOut):
            await asyncio.wait_for(request.fetch(url, file, SIZE), 5)


async def test_an_upload_that_nobody_reads_is_given_up() -> None:
    async def reads_nothing(request: web.Request) -> web.Response:
        await asyncio.sleep(8)
        return web.json_response({})

    async with serving(reads_nothing) as (request, url):
        with MemoryFile() as file:
            file.write(bytes(SIZE * 4))
            document = InputFile(file, filename="a.jpg", read_file_handle=False, attach=True)  # type: ignore[arg-type]
            data = RequestData([RequestParameter.from_input("document", document)])
            with pytest.raises(TimedOut):
                await asyncio.wait_for(request.do_request(url, "POST", data), 6)


async def test_what_keeps_above_the_floor_takes_as_long_as_it_needs() -> None:
    """The control: three times the grace, and fast enough."""

    async def steady(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = SIZE
        await response.prepare(request)
        for _ in range(16):
            await response.write(bytes(SIZE // 16))
            await asyncio.sleep(0.06)
        return response

    async with serving(steady) as (request, url):
        with MemoryFile() as file:
            await request.fetch(url, file, SIZE)
            assert file.size == SIZE
