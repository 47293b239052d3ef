"""The prefetch of albums: while one photo is developed, the next one is downloaded."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType

from bot.domain.values import Photo
from bot.sandbox.memory_file import MemoryFile

Fetch = Callable[[Photo, MemoryFile], Awaitable[None]]


class Prefetcher:
    """Inside, `fetch` in place of the one given, once for each of the photos, in order. One transfer at a time.

    `has_room` says whether the next may come already; else it comes when it is asked for. What went wrong with it is
    raised only then.
    """

    def __init__(self, fetch: Fetch, photos: Iterable[Photo], has_room: Callable[[Photo], bool]) -> None:
        self._fetch = fetch
        self._rest = deque(photos)
        self._has_room = has_room
        self._file: MemoryFile | None = None
        self._coming: asyncio.Task[None] | None = None

    async def fetch(self, photo: Photo, into: MemoryFile) -> None:
        self._rest.popleft()
        try:
            if self._coming and self._file:
                await self._coming
                into.become(self._file)
            else:
                await self._fetch(photo, into)
        finally:
            await self._drop()
        if self._rest and self._has_room(self._rest[0]):
            self._file = MemoryFile()
            self._coming = asyncio.ensure_future(self._fetch(self._rest[0], self._file))

    async def _drop(self) -> None:
        """Nothing comes any more, and what came is gone."""
        if self._coming:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)
        if self._file:
            self._file.close()
        self._coming = self._file = None

    async def __aenter__(self) -> "Prefetcher":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop()
