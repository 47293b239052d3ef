"""An album's photos on their way: one ahead, in order, and nothing left behind."""

import asyncio
from pathlib import Path

import pytest

from bot.domain.errors import DarkroomError
from bot.domain.values import Photo
from bot.photos.prefetch import Prefetcher
from bot.sandbox.memory_file import MemoryFile

_PHOTOS = [Photo(name, 1) for name in ("one", "two", "three")]


class Telegram:
    """Sends a photo's name in place of its bytes, once it may; "two" only fails where `broken`."""

    def __init__(self, broken: bool = False) -> None:
        self.asked: list[str] = []
        self.may = asyncio.Event()
        self._broken = broken

    async def fetch(self, photo: Photo, into: MemoryFile) -> None:
        self.asked.append(photo.file_id)
        await self.may.wait()
        into.write(photo.file_id.encode())
        if self._broken and photo.file_id == "two":
            raise DarkroomError("not-delivered")


def _has_room(_: Photo) -> bool:
    return True


async def _taken(ahead: Prefetcher, photo: Photo) -> str:
    with MemoryFile() as file:
        await ahead.fetch(photo, file)
        return file.read(0, 99).decode()


async def _a_while() -> None:
    for _ in range(9):
        await asyncio.sleep(0)


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_one_comes_while_the_one_before_is_at_work() -> None:
    telegram = Telegram()
    telegram.may.set()
    async with Prefetcher(telegram.fetch, _PHOTOS, _has_room) as ahead:
        for number, photo in enumerate(_PHOTOS, start=1):
            assert await _taken(ahead, photo) == photo.file_id
            await _a_while()
            assert telegram.asked == ["one", "two", "three"][: number + 1]


async def test_without_room_it_comes_when_it_is_asked_for() -> None:
    telegram = Telegram()
    telegram.may.set()
    async with Prefetcher(telegram.fetch, _PHOTOS, lambda photo: photo.file_id != "two") as ahead:
        assert await _taken(ahead, _PHOTOS[0]) == "one"
        await _a_while()
        assert telegram.asked == ["one"]
        assert await _taken(ahead, _PHOTOS[1]) == "two"
        await _a_while()
        assert telegram.asked == ["one", "two", "three"]


async def test_what_went_wrong_is_told_when_its_turn_comes_and_the_rest_goes_on() -> None:
    telegram = Telegram(broken=True)
    telegram.may.set()
    async with Prefetcher(telegram.fetch, _PHOTOS, _has_room) as ahead:
        assert await _taken(ahead, _PHOTOS[0]) == "one"
        await _a_while()
        with pytest.raises(DarkroomError):
            await _taken(ahead, _PHOTOS[1])
        assert await _taken(ahead, _PHOTOS[2]) == "three"


@pytest.mark.parametrize("arrived", [True, False])
async def test_who_stops_leaves_nothing_behind(arrived: bool) -> None:
    before, tasks = _open_files(), len(asyncio.all_tasks())
    telegram = Telegram()
    telegram.may.set()
    async with Prefetcher(telegram.fetch, _PHOTOS, _has_room) as ahead:
        await _taken(ahead, _PHOTOS[0])
        await _taken(ahead, _PHOTOS[1])
        if not arrived:
            telegram.may.clear()
        await _a_while()
        assert _open_files() == before + 1
    assert (_open_files(), len(asyncio.all_tasks())) == (before, tasks)


async def test_a_stop_while_it_is_awaited_ends_the_transfer() -> None:
    before, tasks = _open_files(), len(asyncio.all_tasks())
    telegram = Telegram()
    telegram.may.set()
    async with Prefetcher(telegram.fetch, _PHOTOS, _has_room) as ahead:
        await _taken(ahead, _PHOTOS[0])
        telegram.may.clear()
        waiting = asyncio.ensure_future(_taken(ahead, _PHOTOS[1]))
        await _a_while()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert (_open_files(), len(asyncio.all_tasks())) == (before, tasks)


async def test_a_photo_counts_as_held_from_when_it_began_to_come() -> None:
    telegram = Telegram()
    telegram.may.set()
    async with Prefetcher(telegram.fetch, _PHOTOS, _has_room) as ahead:
        await _taken(ahead, _PHOTOS[0])
        await _a_while()
        with MemoryFile() as file:
            asked = file.since
            await ahead.fetch(_PHOTOS[1], file)
            assert file.since < asked
