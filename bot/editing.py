"""Who may run which tool on what, and when; runs it; delivers. A photo's whole life with us is `Editing.run`."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.errors import Busy, DarkroomError, Failed, Reason, Refused, Stopped
from bot.memfile import MemFile
from bot.metrics import Metrics
from bot.model import MIB, Photo, Stage, Tool
from bot.sandbox import Developed, Sandbox
from storage.counters import Counters

_log = logging.getLogger(__name__)

JOBS_PER_PERSON = 20
JOBS_IN_ALL = 1000

_GONE_SECONDS = 5

JobKey = tuple[int, int]  # chat and progress message: what a Stop button is part of
Fetch = Callable[[MemFile], Awaitable[None]]
Show = Callable[[Stage, int], None]  # a stage, and the place in the queue while waiting
Deliver = Callable[[Developed, float], Awaitable[None]]  # a result, and the seconds the photo was held
Conclude = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Job:
    key: JobKey
    person: int
    language: str
    tool: Tool
    settings: Mapping[str, str]
    photo: Photo


class Editing:
    """The queue and its workers. Transfers of waiting photos overlap with the work on others, within bounds."""

    def __init__(
        self, sandbox: Sandbox, counters: Counters, metrics: Metrics, workers: int, max_mb: int, max_megapixels: int
    ) -> None:
        self._sandbox = sandbox
        self._counters = counters
        self._metrics = metrics
        self._max_mb = max_mb
        self._max_megapixels = max_megapixels
        self._seats = asyncio.Semaphore(2 * workers)  # photos in memory at once
        self._cores = asyncio.Semaphore(workers)
        self._queue: dict[JobKey, Show] = {}  # waiting for a seat, in order
        self._tasks: dict[JobKey, tuple[int, asyncio.Task[object]]] = {}  # person, task
        self._stopped: set[JobKey] = set()
        self._delivered: set[JobKey] = set()  # at work on their conclusion

    async def run(self, job: Job, fetch: Fetch, show: Show, deliver: Deliver, conclude: Conclude) -> None:
        """Fetch, develop, deliver. Raises DarkroomError when it ends otherwise; nothing of the photo is left then.

        `conclude` follows a delivery and is part of the job, but nobody stops it: the result is in the chat.
        """
        outcome = "undelivered"
        try:
            self._admit(job)
            async with self._stoppable(job), self._seat(job, show):
                await self._develop(job, fetch, show, deliver)
                self._delivered.add(job.key)
                await conclude()
            outcome = "delivered"
        except DarkroomError as error:
            outcome = _outcome(error)
            if error.wake:
                _log.error("%s %d failed: %s", job.tool.slug, job.tool.version, error.key)
            raise
        finally:
            self._metrics.jobs.labels(job.tool.slug, outcome).inc()
            await asyncio.shield(self._counters.count("job", job.tool.slug, outcome, job.language))

    def stop(self, key: JobKey) -> bool:
        """Stop one job; its child dies. False when there is no such job any more, or its result is in the chat."""
        if key not in self._tasks or key in self._delivered:
            return False
        if key not in self._stopped:  # a second cancellation would cut the first one's cleaning up short
            self._stopped.add(key)
            self._tasks[key][1].cancel()
        return True

    async def stop_all(self, person: int) -> int:
        """Stop all jobs of one person, and wait until they are gone; how many."""
        mine = {key: task for key, (owner, task) in self._tasks.items() if owner == person}
        for key in mine:
            self.stop(key)
        if mine:
            await asyncio.wait(mine.values(), timeout=_GONE_SECONDS)
        return len(mine)

    async def abandon(self) -> None:
        """The bot ends: cut every job off. Nobody stopped it, so its update stays in the inbox for the next start."""
        tasks = [task for _, task in self._tasks.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def has(self, key: JobKey) -> bool:
        return key in self._tasks

    def jobs_of(self, person: int) -> int:
        return sum(owner == person for owner, _ in self._tasks.values())

    def has_room(self, person: int) -> bool:
        """Whether one more job of this person would be taken now."""
        return self.jobs_of(person) < JOBS_PER_PERSON and len(self._tasks) < JOBS_IN_ALL

    @property
    def waiting(self) -> int:
        return len(self._queue)

    @property
    def at_work(self) -> int:
        return len(self._tasks) - len(self._queue)

    def _admit(self, job: Job) -> None:
        if job.photo.size > self._max_mb * MIB:
            raise Refused(Reason.TOO_MANY_BYTES, self._max_mb)
        if self.jobs_of(job.person) >= JOBS_PER_PERSON:
            raise Busy("busy-you", limit=JOBS_PER_PERSON)
        if len(self._tasks) >= JOBS_IN_ALL:
            raise Busy("busy-all")

    async def _develop(self, job: Job, fetch: Fetch, show: Show, deliver: Deliver) -> None:
        started = time.monotonic()
        with MemFile() as photo:
            show(Stage.FETCHING, 0)
            await fetch(photo)
            async with self._cores:
                developed = await self._sandbox.develop(
                    self._bounded(job.tool), job.settings, photo, lambda s: show(s, 0)
                )
        held = time.monotonic() - started
        self._metrics.held.labels(job.tool.slug).observe(held)
        with developed:
            show(Stage.SENDING, 0)
            await deliver(developed, held)

    def _bounded(self, tool: Tool) -> Tool:
        return replace(tool, limits=tool.limits.within(self._max_mb, self._max_megapixels))

    @asynccontextmanager
    async def _stoppable(self, job: Job) -> AsyncIterator[None]:
        """Inside, `stop` cancels; the cancellation then is the person's Stopped, not the bot's own end."""
        task = asyncio.current_task()
        assert task
        self._tasks[job.key] = job.person, task
        try:
            yield
        except asyncio.CancelledError:
            if job.key not in self._stopped:
                raise
            task.uncancel()
            raise Stopped from None
        finally:
            del self._tasks[job.key]
            self._stopped.discard(job.key)
            self._delivered.discard(job.key)

    @asynccontextmanager
    async def _seat(self, job: Job, show: Show) -> AsyncIterator[None]:
        self._queue[job.key] = show
        try:
            if self._seats.locked():
                show(Stage.WAITING, len(self._queue))
            await self._seats.acquire()
        finally:
            del self._queue[job.key]
            self._tell_places()
        self._metrics.running.inc()
        try:
            yield
        finally:
            self._metrics.running.dec()
            self._seats.release()

    def _tell_places(self) -> None:
        self._metrics.waiting.set(len(self._queue))
        for place, show in enumerate(self._queue.values(), start=1):
            show(Stage.WAITING, place)


def _outcome(error: DarkroomError) -> str:
    kinds = {Stopped: "stopped", Failed: "failed"}
    return kinds.get(type(error), "refused")
