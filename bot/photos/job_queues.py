"""Two fair queues, one for light and one for heavy jobs, and one budget of memory for both.

Light and heavy jobs wait apart, each queue with slots and cores of its own. The children of heavy jobs run at a lower
priority of the kernel's scheduler, so light ones get the processor at once and heavy ones all that is left of it.

Inside a queue people take turns: self-clocked fair queueing (Golestani: "A self-clocked fair queueing scheme for
broadband applications", INFOCOM 1994), with people as its flows. Time, there, is the turn of the job let in last.
"""

import asyncio
import contextlib
import time
from bisect import insort
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import accumulate, count
from pathlib import Path

from bot.domain.values import MIB

_NEWEST = 0.2  # the weight of the newest in the mean of recent ones
_MOST_PASSED = 16  # light jobs that may take memory before a heavy one that came earlier
_RESERVE_MB = 300  # for the bot, its zygote, and photos on their way

Tell = Callable[[int, float | None], None]  # a place in the queue, and the seconds until its turn where that is known


@dataclass(order=True)
class _Waiting:
    turn: int
    arrival: int
    person: int = field(compare=False)
    photos: int = field(compare=False)
    tell: Tell = field(compare=False)
    admitted: asyncio.Future[None] = field(compare=False)


class Cores:
    """So many children at once, first come, first served. One person leaves one of several cores to the others."""

    def __init__(self, workers: int) -> None:
        self._free = workers
        self._most = _most_of_one(workers)
        self._held: Counter[int] = Counter()
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def held(self, person: int) -> AsyncIterator[None]:
        turn = asyncio.get_running_loop().create_future()
        mine = person, turn
        self._waiting.append(mine)
        self._grant()
        try:
            await turn
            yield
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)
            else:
                self._free += 1
                self._held[person] -= 1
            self._grant()

    def _grant(self) -> None:
        while self._free:
            called = next((each for each in self._waiting if self._held[each[0]] < self._most), None)
            if called is None:
                return
            self._waiting.remove(called)
            self._free -= 1
            self._held[called[0]] += 1
            if not called[1].cancelled():  # else about to give it back
                called[1].set_result(None)


class JobQueue:
    """A queue, its slots (photos in memory) and its cores (jobs in children). One person never holds all of them."""

    def __init__(self, workers: int) -> None:
        self._free = self._slots = 2 * workers + 1  # transfers overlap with work; one is left by whoever comes often
        self._most = _most_of_one(self._slots)
        self._held_by: Counter[int] = Counter()  # slots, by person
        self.cores = Cores(workers)
        self._queue: list[_Waiting] = []  # in the order in which they are let in
        self._arrivals = count()
        self._now = 0  # virtual time
        self._held: float | None = None  # seconds a photo, lately
        self._paused = False

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def slots(self) -> tuple[int, int]:
        """Taken ones, and all."""
        return self._slots - self._free, self._slots

    def pause(self, paused: bool) -> None:
        """While paused, nobody is let in; whoever has a slot keeps it."""
        self._paused = paused
        self._call()

    @asynccontextmanager
    async def slot(self, person: int, photos: int, tell: Tell) -> AsyncIterator[None]:
        """Inside, a slot is theirs. While they wait for it, `tell` hears of every change."""
        await self._turn(person, photos, tell)
        begun = time.monotonic()
        try:
            yield
        finally:
            held = (time.monotonic() - begun) / photos
            self._held = held if self._held is None else self._held + _NEWEST * (held - self._held)
            self._leave(person)

    async def _turn(self, person: int, photos: int, tell: Tell) -> None:
        """A job queues behind its owner's other waiting jobs, so many photos wait longer than few.

        It lies ahead of whatever was let in, so those who come later pass it for a while at most: nobody starves.
        """
        before = max([self._now, *(each.turn for each in self._queue if each.person == person)])
        admitted = asyncio.get_running_loop().create_future()
        mine = _Waiting(before + photos, next(self._arrivals), person, photos, tell, admitted)
        insort(self._queue, mine)
        self._call()
        try:
            await admitted
        except asyncio.CancelledError:
            if mine in self._queue:
                self._queue.remove(mine)
                self._call()
            else:  # called in the same moment
                self._leave(person)
            raise

    def _leave(self, person: int) -> None:
        self._free += 1
        self._held_by[person] -= 1
        if not self._held_by[person]:
            del self._held_by[person]
        self._call()

    def _call(self) -> None:
        """Whoever is next and may have one more, as long as there are slots; the others hear how they stand now."""
        while self._free and not self._paused:
            called = next((each for each in self._queue if self._held_by[each.person] < self._most), None)
            if called is None:
                break
            self._queue.remove(called)
            self._free -= 1
            self._held_by[called.person] += 1
            self._now = max(self._now, called.turn)
            if called.admitted.cancelled():  # about to leave the queue: it gives the slot back
                continue
            called.admitted.set_result(None)
        photos_ahead = accumulate(each.photos for each in self._queue)
        for place, (each, photos) in enumerate(zip(self._queue, photos_ahead, strict=True), start=1):
            each.tell(place, self._estimate(photos - each.photos + 1))

    def _estimate(self, photos: int) -> float | None:
        """Seconds until so many photos have left their slots; None before the first one did."""
        return None if self._held is None else self._held * photos / self._slots


class JobQueues:
    """`budget_mb` is for all children together; heavy ones leave `light_mb` of it, what a light job may need."""

    def __init__(self, workers: int, budget_mb: int, light_mb: int) -> None:
        self.light = JobQueue(workers)
        self.heavy = JobQueue(workers)
        self.memory = Memory(budget_mb, light_mb)

    def of(self, heavy: bool) -> JobQueue:
        return self.heavy if heavy else self.light

    @property
    def waiting(self) -> int:
        return self.light.waiting + self.heavy.waiting

    def pause(self, paused: bool) -> None:
        for queue in (self.light, self.heavy):
            queue.pause(paused)

    @asynccontextmanager
    async def work(self, person: int, heavy: bool, memory_mb: int) -> AsyncIterator[None]:
        """Inside, there is a core and the memory for a child."""
        async with self.of(heavy).cores.held(person), self.memory.reserved(memory_mb, heavy):
            yield


def _most_of_one(capacity: int) -> int:
    """How much of it one person may hold, so that somebody who comes now need not wait for them."""
    return max(1, capacity - 1)


@dataclass(eq=False)
class _MemoryRequest:
    megabytes: int
    granted: asyncio.Future[None]
    passed: int = 0  # how many light ones were granted before it


class Memory:
    """What the children at work need together: each what its tool sets aside for it.

    That is more than nearly any photo takes, and less than the bound that the jail holds it to. Where all at work were
    of the rarest kind and the machine had no more, the kernel would end one of them, never the bot (see the zygote).

    Who does not fit waits, in order of arrival among its kind. Light wishes go first, but past the same heavy one only
    so often: then nothing is granted until that one fits. Where nobody is at work, whoever is next may begin, however
    large: so a small machine does one job at a time, and every wish is granted in the end.
    """

    def __init__(self, budget_mb: int, light_mb: int) -> None:
        self._budget = budget_mb
        self._light = light_mb
        self._used = 0
        self._requests: dict[bool, list[_MemoryRequest]] = {False: [], True: []}  # light, heavy

    @property
    def taken_mb(self) -> tuple[int, int]:
        """What is taken, and all."""
        return self._used, self._budget

    @asynccontextmanager
    async def reserved(self, megabytes: int, heavy: bool) -> AsyncIterator[None]:
        request = _MemoryRequest(megabytes, asyncio.get_running_loop().create_future())
        self._requests[heavy].append(request)
        self._grant()
        try:
            await request.granted
            yield
        finally:
            if request in self._requests[heavy]:
                self._requests[heavy].remove(request)
            else:
                self._used -= megabytes
            self._grant()

    def _grant(self) -> None:
        while (heavy := self._next()) is not None and self._fits(self._requests[heavy][0].megabytes, heavy):
            request = self._requests[heavy].pop(0)
            self._used += request.megabytes
            if not request.granted.cancelled():  # else about to give it back
                request.granted.set_result(None)
            if not heavy and self._requests[True]:
                self._requests[True][0].passed += 1

    def _next(self) -> bool | None:
        """Whether a heavy wish is next; None where there is none at all."""
        light, heavy = self._requests[False], self._requests[True]
        if heavy and (not light or heavy[0].passed >= _MOST_PASSED):
            return True
        return False if light else None

    def _fits(self, megabytes: int, heavy: bool) -> bool:
        """Heavy ones leave room for a light one, so that those who come soon need not wait for them."""
        spare = self._light if heavy else 0
        return not self._used or self._used + megabytes + spare <= self._budget


def budget_mb() -> int:
    """What children may have of this machine now, in MB: what is free here and in the control group, less a reserve."""
    return max(0, min(_available(), *_group_limits()) // MIB - _RESERVE_MB)


def _available() -> int:
    """Bytes."""
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))


def _group_limits(root: Path = Path("/sys/fs/cgroup"), group: Path = Path("/proc/self/cgroup")) -> list[int]:
    """Bytes: the bounds of our control group and of those around it, in either version of their file system."""
    limits = [1 << 62]
    for line in group.read_text("utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            base, name = (root, "memory.max") if not controllers else (root / "memory", "memory.limit_in_bytes")
            place = base / path.strip("/")
            for folder in [place, *place.parents][: len(place.parts) - len(base.parts) + 1]:
                with contextlib.suppress(OSError, ValueError):  # no such file, or the word "max"
                    limits.append(int((folder / name).read_text("ascii")))
    return limits
