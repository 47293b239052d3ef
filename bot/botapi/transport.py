"""The Bot API over aiohttp: a fifth of httpx's processor time, and files pass in pieces between socket and memory file.

python-telegram-bot's own request class gathers a file in one `bytes`; here a photo is never whole in the bot's heap.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractStreamWriter
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.domain.errors import Reason, Refused
from bot.sandbox.memory_file import MemoryFile

_PIECE = 128 * 1024
_CONNECT_SECONDS = 10.0
READ_SECONDS = 20.0
_ANSWER_SECONDS = 60.0  # after an upload; python-telegram-bot's 20 s for the whole kill slow lines
# A transfer that is slower than this is given up: it holds memory, and a place that others wait for.
_BYTES_A_SECOND = 32 * 1024
_TOO_LARGE = b'{"ok":false,"error_code":400,"description":"Bad Request: file is too big"}'  # a proxy's 413: it is final
_GRACE_SECONDS = 20.0  # at the start, and without any news

PAYMENT_ANSWERS = {"answerPreCheckoutQuery", "answerShippingQuery"}
"""Telegram waits ten seconds for them: they wait for nothing, and have connections of their own."""


class AiohttpRequest(BaseRequest):
    """`connections` bounds the sockets to the Bot API; more requests wait for one, payments' answers never."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._express: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return READ_SECONDS

    async def initialize(self) -> None:
        if self._session is None:
            self._session = _session(self._connections)
            self._express = _session(0)  # no bound

    async def shutdown(self) -> None:
        for session in (self._session, self._express):
            if session:
                await session.close()
        self._session = self._express = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. Raises TimedOut or NetworkError, whose texts never hold the address: the token is in it."""
        files = bool(request_data and request_data.contains_files)
        read = read_timeout if isinstance(read_timeout, int | float) else _ANSWER_SECONDS if files else READ_SECONDS
        body = _form(request_data) if request_data and files else request_data.json_parameters if request_data else None
        session = self._express if url.rpartition("/")[2] in PAYMENT_ANSWERS else self._session
        with _telegram_errors():
            async with _open(session).request(method, url, data=body, timeout=_timeout(read)) as response:
                status, answer = response.status, await response.read()
        return (400, _TOO_LARGE) if status == 413 else (status, answer)

    async def fetch(self, url: str, into: MemoryFile, limit: int) -> None:
        """Download a file in pieces. Raises Refused above `limit` bytes, NetworkError, TimedOut."""
        into.truncate(0)
        into.rewind()
        with _telegram_errors():
            async with _open(self._session).get(url, timeout=_timeout(READ_SECONDS)) as response, _floor() as moved:
                if response.status != 200:
                    raise NetworkError(f"file download answered {response.status}")
                async for piece in response.content.iter_any():
                    into.write(piece)
                    del piece  # the traceback of what may be raised here would keep it
                    if into.size > limit:
                        raise Refused(Reason.TOO_MANY_BYTES, limit >> 20)
                    moved(into.size)


def _session(connections: int) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=connections)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


def _open(session: aiohttp.ClientSession | None) -> aiohttp.ClientSession:
    if session is None:
        raise RuntimeError("initialize() comes first")
    return session


class _MemFilePayload(aiohttp.Payload):
    """A memory file as one part of a form, read in pieces while it is sent."""

    def __init__(self, file: MemoryFile, content_type: str) -> None:
        super().__init__(file, content_type=content_type)
        self._file = file
        self._size = file.size  # what aiohttp reads for Content-Length

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a photo has no text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        end = self._file.size if content_length is None else min(self._file.size, content_length)
        async with _floor() as moved:  # aiohttp's own clock starts only after the last piece
            for offset in range(0, end, _PIECE):
                await writer.write(self._file.read(offset, min(_PIECE, end - offset)))
                moved(offset)


def _form(data: RequestData) -> aiohttp.MultipartWriter:
    form = aiohttp.MultipartWriter("form-data")
    for name, value in data.json_parameters.items():
        form.append(value).set_content_disposition("form-data", quote_fields=False, name=name)
    for name, (filename, content, content_type) in data.multipart_data.items():
        if isinstance(content, MemoryFile):
            part: aiohttp.Payload = _MemFilePayload(content, content_type)
            form.append_payload(part)
        else:
            part = form.append(content, {hdrs.CONTENT_TYPE: content_type})
        part.set_content_disposition("form-data", quote_fields=False, name=name, filename=filename)
    return form


@asynccontextmanager
async def _floor() -> AsyncIterator[Callable[[int], None]]:
    """Raises TimeoutError inside once a transfer is slower than the floor. It is told how many bytes have moved."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    async with asyncio.timeout(_GRACE_SECONDS) as bound:
        yield lambda size: bound.reschedule(min(clock(), begun + size / _BYTES_A_SECOND) + _GRACE_SECONDS)


def _timeout(read: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=read)


@contextmanager
def _telegram_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise TimedOut from None
    except (aiohttp.ClientError, ConnectionError) as error:
        raise NetworkError(type(error).__name__) from None
