"""Photo jobs are admitted, queued, run, delivered and stopped here. `PhotoJobs.run` is one job from start to end."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from bot.botapi.updates import not_begun
from bot.domain.errors import Busy, DarkroomError, Failed, Reason, Refused, Stopped
from bot.domain.prices import tool_credits
from bot.domain.values import MIB, Photo, Stage, Step, Tool
from bot.ops.error_reports import ErrorReports
from bot.ops.metrics import Metrics
from bot.photos.job_queues import JobQueues
from bot.photos.prefetch import Fetch, Prefetcher
from bot.photos.rate_limits import RateLimiter, RateLimits
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed, Sandbox
from storage.counters import Counters

# Of an album's results at once in memory, with the photo that comes next, and of one message: Telegram takes 50 MB.
MOST_BYTES = 45 * MIB

_GONE_SECONDS = 5
_SENT_SECONDS = 60  # for a result that is on its way into the chat
_WAITS = ((10, "seconds"), (60, "minute"))  # below so many seconds; a wait above these is "longer"
_NO_WAIT_SECONDS = 1

JobKey = tuple[int, int]  # chat and progress message: what a Stop button is part of
Show = Callable[[Step], None]
Deliver = Callable[[Developed, float], Awaitable[None]]  # a result, and the seconds the photo was held
Conclude = Callable[[], Awaitable[None]]
DeliverMany = Callable[[list["Frame"]], Awaitable[None]]
Account = Callable[[dict[int, DarkroomError]], Awaitable[None]]  # which photos of an album failed, and why


@dataclass(frozen=True)
class Job:
    key: JobKey
    person: int
    language: str
    tool: Tool
    settings: Mapping[str, str]
    photo: Photo
    background_photo: Photo | None = None  # a second photo, for a tool that takes one
    ordered: bool = False  # paid on its own: how much the person may ask for is no matter any more
    again: bool = False  # an earlier try may have shown its preview


@dataclass(frozen=True)
class Frame:
    """A photo of an album, developed; close its result when it is delivered."""

    number: int  # from 1
    photo: Photo
    developed: Developed
    since: float  # when it came into memory, monotonic seconds


class PhotoJobs:
    """The jobs there are. Transfers of some photos overlap with the work on others, within the bounds of `queues`."""

    def __init__(
        self,
        sandbox: Sandbox,
        heavy: Sandbox,
        counters: Counters,
        metrics: Metrics,
        error_reports: ErrorReports,
        queues: JobQueues,
        limits: RateLimits,
    ) -> None:
        self._sandboxes = {False: sandbox, True: heavy}
        self._counters = counters
        self._metrics = metrics
        self._error_reports = error_reports
        self._queues = queues
        self._limits = limits
        self.rate_limiter = RateLimiter(limits)
        self._pause: str | None = None
        metrics.waiting.set_function(lambda: queues.waiting)
        self._tasks: dict[JobKey, tuple[int, asyncio.Task[object]]] = {}  # person, task
        self._stopped: set[JobKey] = set()
        self._sending: set[JobKey] = set()  # the result may be in the chat: Stop comes too late

    async def run(self, job: Job, fetch: Fetch, show: Show, deliver: Deliver, conclude: Conclude) -> None:
        """Fetch, develop, deliver. Raises DarkroomError when it ends otherwise; nothing of the photo is left then.

        `conclude` runs after the delivery. From the first byte of that on Stop has no effect: Telegram may have it.
        """
        outcome = "undelivered"
        await self._admit(job)
        try:
            self._bound(job)
            async with self._stoppable(job), self._slot(job, show):
                await self._develop(job, fetch, show, deliver)
                await conclude()
            outcome = "delivered"
        except DarkroomError as error:
            outcome = _outcome(error)
            await self._note(job, error)
            raise
        finally:
            await self._count(job, outcome)

    async def run_album(
        self, job: Job, photos: Sequence[Photo], fetch: Fetch, show: Show, deliver: DeliverMany, conclude: Account
    ) -> None:
        """As `run`, for several photos on one slot, one after another. What is wrong with one is told to `conclude`.

        `deliver` gets them together, in order, or in several parts that each keep below `MOST_BYTES`. Raises what was
        wrong with the first where it was wrong with each.
        """
        wrong: dict[int, DarkroomError] = {}
        delivered: set[int] = set()
        rest = "undelivered"
        await self._admit(job, len(photos))
        try:
            self._bound(job)
            async with self._stoppable(job), self._slot(job, show, len(photos)):
                await self._develop_all(job, photos, fetch, show, deliver, wrong, delivered)
                self._sending.add(job.key)
                await conclude(wrong)
        except DarkroomError as error:
            rest = _outcome(error)
            raise
        finally:
            for number in range(1, len(photos) + 1):
                failed = _outcome(wrong[number]) if number in wrong else rest
                await self._count(job, "delivered" if number in delivered else failed)

    async def warm(self, tool: Tool) -> None:
        """Somebody is about to use it: what it needs is loaded while they choose its settings."""
        with contextlib.suppress(Failed):  # the job says so, if there is one
            await self._sandboxes[tool.heavy].start()

    def stop(self, key: JobKey) -> bool:
        """Stop one job: its child is killed (`sandbox/pool.py`), its photo freed, and what was paid comes back.

        Credits come back through `Checkout.charged`, Stars through `handlers/photos/job.py`; those of an album's photos
        that are in the chat already do not. False when there is no such job any more, or its result may be in the chat.
        """
        if key not in self._tasks or key in self._sending:
            return False
        if key not in self._stopped:  # a second cancellation would cut the first one's cleaning up short
            self._stopped.add(key)
            self._tasks[key][1].cancel()
        return True

    def is_sending(self, key: JobKey) -> bool:
        """True while nobody knows yet whether the result is in the chat."""
        return key in self._sending

    async def stop_all(self, person: int) -> int:
        """Stop all jobs of one person, and wait until they are gone, or their results are there; how many."""
        mine = {key: task for key, (owner, task) in self._tasks.items() if owner == person}
        seconds = _GONE_SECONDS if len([key for key in mine if self.stop(key)]) == len(mine) else _SENT_SECONDS
        if mine:
            await asyncio.wait(mine.values(), timeout=seconds)
        return len(mine)

    async def abandon(self) -> None:
        """The bot ends: cut every job off. Nobody stopped it, so its update stays in the inbox for the next start."""
        tasks = [task for _, task in self._tasks.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def pause(self, words: str | None) -> None:
        """Begin no job until it is None again: who waits reads these words of the operators. What runs goes on."""
        self._pause = words
        self._metrics.paused.set(words is not None)
        self._queues.pause(words is not None)

    @property
    def paused(self) -> str | None:
        """What operators say about the pause; None where there is none."""
        return self._pause

    def has(self, key: JobKey) -> bool:
        return key in self._tasks

    def jobs_of(self, person: int) -> int:
        return sum(owner == person for owner, _ in self._tasks.values())

    def has_room(self, person: int) -> bool:
        """Whether one more job of this person would be taken now."""
        return self._busy(person) is None

    @property
    def waiting(self) -> int:
        return self._queues.waiting

    @property
    def at_work(self) -> int:
        return len(self._tasks) - self.waiting

    async def _admit(self, job: Job, photos: int = 1) -> None:
        """What is not let in is no job, and counted apart."""
        try:
            if error := self._busy(job.person):
                raise error
            if not job.ordered:
                self.rate_limiter.take(job.person, photos, free=not tool_credits(job.tool.slug))
        except Busy as error:
            limit = error.key.removeprefix("error-")
            self._metrics.limits.labels(limit).inc()
            await asyncio.shield(self._counters.count("limit", job.tool.slug, limit, job.language))
            raise

    def _bound(self, job: Job) -> None:
        if (
            max(job.photo.size, job.background_photo.size if job.background_photo else 0)
            > self._limits.max_input_mb * MIB
        ):
            raise Refused(Reason.TOO_MANY_BYTES, self._limits.max_input_mb)

    def _busy(self, person: int) -> Busy | None:
        """Why no more of this person can be taken now."""
        if self.jobs_of(person) >= self._limits.jobs_per_person:
            return Busy("busy-you", limit=self._limits.jobs_per_person)
        return Busy("busy-all") if len(self._tasks) >= self._limits.jobs_in_all else None

    async def _count(self, job: Job, outcome: str) -> None:
        self._metrics.jobs.labels(job.tool.slug, outcome).inc()
        await asyncio.shield(self._counters.count("job", job.tool.slug, outcome, job.language))

    async def _develop(self, job: Job, fetch: Fetch, show: Show, deliver: Deliver) -> None:
        developed, since = await self._result(job, job.photo, fetch, show)
        with developed:
            show(Step(Stage.SENDING))
            self._sending.add(job.key)
            await deliver(developed, time.monotonic() - since)

    async def _result(self, job: Job, photo: Photo, fetch: Fetch, show: Show) -> tuple[Developed, float]:
        """And since when the photo was in memory, monotonic seconds."""
        with MemoryFile() as file, MemoryFile() as background_photo:
            show(Step(Stage.FETCHING))
            await fetch(photo, file)
            if job.background_photo:
                await fetch(job.background_photo, background_photo)
            async with self._queues.work(job.person, job.tool.heavy, job.tool.limits.reserved_mb):
                developed = await self._sandboxes[job.tool.heavy].develop(
                    self._bounded(job.tool), job.settings, file, lambda stage: show(Step(stage)), background_photo
                )
        self._metrics.held.labels(job.tool.slug).observe(time.monotonic() - file.since)
        return developed, file.since

    async def _develop_all(
        self,
        job: Job,
        photos: Sequence[Photo],
        fetch: Fetch,
        show: Show,
        deliver: DeliverMany,
        wrong: dict[int, DarkroomError],
        delivered: set[int],
    ) -> None:
        """`wrong` and `delivered` fill by numbers."""
        ready: list[Frame] = []

        def held() -> int:
            return sum(frame.developed.file.size for frame in ready)

        async def hand_over(frames: list[Frame]) -> None:
            show(Step(Stage.SENDING))
            self._sending.add(job.key)
            await deliver(frames)
            self._sending.discard(job.key)
            delivered.update(frame.number for frame in frames)
            for frame in frames:
                ready.remove(frame)
                frame.developed.close()

        try:
            async with Prefetcher(fetch, photos, lambda photo: held() + photo.size <= MOST_BYTES) as prefetcher:
                for number, photo in enumerate(photos, start=1):
                    try:
                        ready.append(await self._frame(job, number, photo, prefetcher.fetch, show, len(photos)))
                    except DarkroomError as error:
                        await self._note(job, error)
                        wrong[number] = error
                    if held() > MOST_BYTES and ready[:-1]:
                        await hand_over(ready[:-1])
            if not ready:
                raise next(iter(wrong.values()))
            await hand_over(ready[:])
        finally:
            for frame in ready:
                frame.developed.close()

    async def _frame(self, job: Job, number: int, photo: Photo, fetch: Fetch, show: Show, photos: int) -> Frame:
        def told(step: Step) -> None:
            show(replace(step, photo=number, photos=photos))

        developed, since = await self._result(job, photo, fetch, told)
        return Frame(number, photo, developed, since)

    def _bounded(self, tool: Tool) -> Tool:
        return replace(tool, limits=tool.limits.within(self._limits.max_input_mb, self._limits.max_megapixels))

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
            self._sending.discard(job.key)

    @asynccontextmanager
    async def _slot(self, job: Job, show: Show, photos: int = 1) -> AsyncIterator[None]:
        def tell(place: int, seconds: float | None) -> None:
            show(Step(Stage.WAITING, place, seconds, pause=self._pause))

        came = time.monotonic()
        async with AsyncExitStack() as stack:
            async with not_begun():
                await stack.enter_async_context(self._queues.of(job.tool.heavy).slot(job.person, photos, tell))
            await self._count_wait(job, time.monotonic() - came)
            with self._metrics.running.track_inprogress():
                yield

    async def _count_wait(self, job: Job, seconds: float) -> None:
        if seconds > _NO_WAIT_SECONDS:
            wait = next((name for most, name in _WAITS if seconds < most), "longer")
            await self._counters.count("wait", job.tool.slug, wait, job.language)

    async def _note(self, job: Job, error: DarkroomError) -> None:
        if error.wake:
            await self._error_reports.note(error, job.tool, job.language)


def _outcome(error: DarkroomError) -> str:
    kinds = {Stopped: "stopped", Failed: "failed"}
    return kinds.get(type(error), "refused")
