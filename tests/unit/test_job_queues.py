"""Who is let in before whom, how long that takes, and what fits into memory: in process, without a clock."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import Stopped
from bot.domain.values import Limits, Photo, Stage, Step, Tool
from bot.ops.metrics import Metrics
from bot.photos import job_queues
from bot.photos.job_queues import Cores, JobQueue, JobQueues, Memory
from bot.photos.photo_jobs import Job, PhotoJobs
from bot.photos.rate_limits import RateLimits
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed
from bot.texts import translator
from bot.tools.shelf import SHELF
from handlers.photos.progress import sentence

ANNA, BEN, CLEO = 1, 2, 3


class Visitors:
    """They come to a lane, and leave it one by one; `let_in` says in which order they were."""

    def __init__(self, workers: int = 1) -> None:
        self.lane = JobQueue(workers)
        self.let_in: list[str] = []
        self.told: dict[str, tuple[int, float | None]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leave: dict[str, asyncio.Event] = {}

    async def fill(self) -> None:
        """Somebody else holds what one person must leave: two slots are left to fight for."""
        await self.come(0, "other")
        self.let_in.clear()

    async def come(self, person: int, *names: str, photos: int = 1) -> None:
        for name in names:
            self._leave[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._visit(person, name, photos))
            await settle()

    async def leaves(self, name: str) -> None:
        self._leave[name].set()
        await settle()

    async def gives_up(self, *names: str) -> None:
        for name in names:
            self._tasks[name].cancel()
        await settle()

    async def all_leave(self) -> list[str]:
        """One after the other, as they came in."""
        for name in self.let_in:  # it grows meanwhile
            await self.leaves(name)
        return self.let_in

    async def _visit(self, person: int, name: str, photos: int) -> None:
        def tell(place: int, seconds: float | None) -> None:
            self.told[name] = (place, seconds)

        async with self.lane.slot(person, photos, tell):
            self.let_in.append(name)
            await self._leave[name].wait()


async def settle() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


async def test_whoever_finds_a_seat_takes_it_and_is_told_of_no_queue() -> None:
    visitors = Visitors()
    await visitors.fill()
    await visitors.come(ANNA, "a1", "a2")
    assert visitors.let_in == ["a1", "a2"]
    assert visitors.told == {}


async def test_people_take_turns_and_the_places_say_so() -> None:
    visitors = Visitors()
    await visitors.fill()
    await visitors.come(ANNA, *(f"a{number}" for number in range(1, 8)))
    await visitors.come(BEN, "b1", "b2")
    await visitors.come(CLEO, "c1")
    order = ["a3", "b1", "c1", "a4", "b2", "a5", "a6", "a7"]
    assert [name for name, _ in sorted(visitors.told.items(), key=lambda told: told[1])] == order
    assert [visitors.told[name][0] for name in order] == list(range(1, 9))
    assert await visitors.all_leave() == ["a1", "a2", *order]


async def test_who_has_waited_is_passed_by_newcomers_for_a_while_only() -> None:
    """New people without end do not hold back the third job of somebody who was there before them."""
    visitors = Visitors()
    await visitors.come(ANNA, "a1", "a2", "a3", "a4", "a5")
    for number in range(20):
        await visitors.come(100 + number, f"n{number}", f"m{number}")
    for at, name in enumerate(visitors.let_in):
        await visitors.come(1000 + at, f"late{at}")
        await visitors.leaves(name)
        if "a5" in visitors.let_in:
            break
        assert at < 100


async def test_nobody_starves_whatever_comes() -> None:
    """Random histories: everybody is let in, and one's own jobs in order."""
    random.seed(7)
    for _ in range(30):
        visitors = Visitors()
        owner: dict[str, int] = {}
        for number in range(60):
            person = random.choice((ANNA, ANNA, ANNA, BEN, CLEO))
            owner[f"{number}"] = person
            await visitors.come(person, f"{number}")
            if random.random() < 0.4:
                await visitors.leaves(random.choice(visitors.let_in))
        order = await visitors.all_leave()
        assert sorted(order, key=int) == list(owner)
        for person in (ANNA, BEN, CLEO):
            mine = [name for name in order if owner[name] == person]
            assert mine == sorted(mine, key=int)


async def test_an_album_counts_as_many_turns_as_it_has_photos() -> None:
    visitors = Visitors()
    await visitors.fill()
    await visitors.come(ANNA, "a1", "a2")
    await visitors.come(BEN, "album", photos=3)
    await visitors.come(CLEO, "c1", "c2", "c3", "c4", "c5", "c6")
    order = await visitors.all_leave()
    assert order == ["a1", "a2", "c1", "c2", "album", "c3", "c4", "c5", "c6"]


async def test_who_gives_up_leaves_no_gap() -> None:
    visitors = Visitors()
    await visitors.fill()
    await visitors.come(ANNA, "a1", "a2", "a3", "a4")
    await visitors.come(BEN, "b1")
    await visitors.gives_up("a3")
    assert [visitors.told[name][0] for name in ("b1", "a4")] == [1, 2]
    await visitors.gives_up("a1", "b1")
    assert visitors.let_in == ["a1", "a2", "a4"]
    assert visitors.lane.waiting == 0
    await visitors.gives_up("a2", "a4")
    await visitors.come(CLEO, "c1", "c2")  # every seat is free again
    assert visitors.let_in[-2:] == ["c1", "c2"]


async def test_who_gives_up_in_the_moment_of_being_called_gives_the_seat_back() -> None:
    visitors = Visitors()
    await visitors.fill()
    await visitors.come(ANNA, "a1", "a2", "a3", "a4")
    visitors._leave["a1"].set()
    await asyncio.sleep(0)
    assert visitors.lane.waiting == 1
    visitors._tasks["a3"].cancel()  # called, and not awake yet
    await settle()
    assert visitors.let_in[-1] == "a4"
    visitors._tasks["a4"].cancel()
    visitors._tasks["a2"].cancel()
    await settle()
    await visitors.come(BEN, "b1", "b2", "b3")
    assert visitors.let_in[-2:] == ["b1", "b2"]


async def test_how_long_it_takes_is_learnt_from_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("bot.photos.job_queues.time.monotonic", lambda: now)
    visitors = Visitors()
    await visitors.fill()
    await visitors.come(ANNA, "a1", "a2", "a3", "a4")
    await visitors.come(BEN, "album", photos=4)
    assert visitors.told == {"a3": (1, None), "a4": (2, None), "album": (3, None)}
    now = 10.0
    await visitors.leaves("a1")
    assert visitors.told["a4"] == (1, pytest.approx(10 / 3))  # one photo before, three slots
    assert visitors.told["album"] == (2, pytest.approx(2 * 10 / 3))
    now = 30.0
    await visitors.leaves("a2")  # held for 30: the mean moves a fifth of the way
    assert visitors.told["album"] == (1, pytest.approx(14 / 3))
    now = 40.0
    await visitors.leaves("a4")
    await visitors.come(CLEO, "c1")
    now = 80.0
    await visitors.leaves("album")  # 40 seconds for four photos, 10 each
    after_a4 = 14 + 0.2 * (10 - 14)
    assert visitors.lane._estimate(1) == pytest.approx((after_a4 + 0.2 * (10 - after_a4)) / 3)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "place 4 …"),
        (0, "a few seconds"),
        (9.9, "a few seconds"),
        (10, "about 10 seconds"),
        (18, "about 20 seconds"),
        (54, "about 50 seconds"),
        (56, "about a minute"),
        (89, "about a minute"),
        (200, "about 3 minutes"),
    ],
)
def test_the_time_is_told_as_people_would(seconds: float | None, said: str) -> None:
    told = sentence(translator("en"), Step(Stage.WAITING, 4, seconds))
    assert said in told
    assert "place 4" in told
    assert sentence(translator("de"), Step(Stage.WAITING, 4, seconds)).startswith("In der Warteschlange, Platz 4")


# -- memory --


class Rooms:
    """Jobs that take memory and give it back."""

    def __init__(self, budget_mb: int, light_mb: int = 0) -> None:
        self.memory = Memory(budget_mb, light_mb)
        self.at_work: dict[str, int] = {}
        self.begun: list[str] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._leave: dict[str, asyncio.Event] = {}

    async def come(self, name: str, megabytes: int, heavy: bool = False) -> None:
        self._leave[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._work(name, megabytes, heavy))
        await settle()

    async def ends(self, *names: str) -> None:
        for name in names:
            self._leave[name].set()
            await settle()

    async def gives_up(self, name: str) -> None:
        self._tasks[name].cancel()
        await settle()

    async def _work(self, name: str, megabytes: int, heavy: bool) -> None:
        async with self.memory.reserved(megabytes, heavy):
            self.begun.append(name)
            self.at_work[name] = megabytes
            try:
                await self._leave[name].wait()
            finally:
                del self.at_work[name]


async def test_what_does_not_fit_waits_in_order() -> None:
    rooms = Rooms(1000)
    for name in ("a", "b", "c"):
        await rooms.come(name, 600)
    await rooms.come("small", 100)
    assert rooms.begun == ["a"]  # the small one would fit, but came last
    await rooms.ends("a")
    assert rooms.begun == ["a", "b"]
    await rooms.ends("b")
    assert rooms.begun == ["a", "b", "c", "small"]


async def test_one_job_can_always_run_however_small_the_machine_is() -> None:
    for budget in (0, 100):
        rooms = Rooms(budget, light_mb=1536)
        await rooms.come("heavy", 3000, heavy=True)
        await rooms.come("light", 1536)
        assert rooms.begun == ["heavy"]
        await rooms.ends("heavy")
        assert rooms.begun == ["heavy", "light"]


async def test_light_jobs_pass_a_heavy_one_that_does_not_fit_yet_but_not_for_ever() -> None:
    rooms = Rooms(1000, light_mb=300)
    await rooms.come("l0", 300)
    await rooms.come("heavy", 900, heavy=True)
    assert rooms.begun == ["l0"]
    passed = 0
    while "heavy" not in rooms.begun:
        passed += 1
        await rooms.come(f"l{passed}", 300)
        await rooms.ends(f"l{passed - 1}")  # there always is a light one at work
        assert passed < 100
    assert passed == job_queues._MOST_PASSED + 1
    assert list(rooms.at_work) == ["heavy"]
    await rooms.come("next", 900, heavy=True)
    await rooms.ends("heavy")
    assert list(rooms.at_work) == [f"l{passed}"]  # not two heavy ones, one after the other
    await rooms.ends(f"l{passed}")
    assert list(rooms.at_work) == ["next"]


async def test_heavy_jobs_leave_room_for_a_light_one() -> None:
    rooms = Rooms(1000, light_mb=300)
    await rooms.come("h1", 400, heavy=True)
    await rooms.come("h2", 400, heavy=True)
    await rooms.come("light", 300)
    assert rooms.begun == ["h1", "light"]
    await rooms.ends("light", "h1")
    assert rooms.begun == ["h1", "light", "h2"]


async def test_who_gives_up_gives_back_what_was_taken_and_no_more() -> None:
    rooms = Rooms(1000)
    await rooms.come("a", 600)
    await rooms.come("b", 600)
    await rooms.come("c", 400)
    await rooms.gives_up("b")  # it waited in vain
    assert rooms.begun == ["a", "c"]
    await rooms.gives_up("a")
    await rooms.come("d", 600)
    assert rooms.begun == ["a", "c", "d"]
    assert rooms.memory._used == 1000
    await rooms.gives_up("c")
    await rooms.gives_up("d")
    assert rooms.memory._used == 0


async def test_nothing_exceeds_the_budget_and_everything_ends() -> None:
    random.seed(3)
    for _ in range(50):
        rooms = Rooms(1000, light_mb=300)
        for number in range(40):
            heavy = random.random() < 0.4
            await rooms.come(f"{number}", random.choice((500, 900) if heavy else (50, 300)), heavy)
            assert sum(rooms.at_work.values()) <= 1000
            if rooms.at_work and random.random() < 0.5:
                await rooms.ends(random.choice(list(rooms.at_work)))
        while rooms.at_work:
            await rooms.ends(next(iter(rooms.at_work)))
        assert len(rooms.begun) == 40


def test_the_budget_is_what_the_smaller_bound_leaves(tmp_path: Path) -> None:
    root, group = tmp_path / "fs", tmp_path / "cgroup"
    inner = root / "a" / "b"
    inner.mkdir(parents=True)
    old = root / "memory" / "c"
    old.mkdir(parents=True)
    group.write_text("4:memory:/c\n1:cpu:/c\n0::/a/b\n")
    (inner / "memory.max").write_text("max\n")
    (root / "a" / "memory.max").write_text("2000000\n")
    (root / "memory" / "memory.limit_in_bytes").write_text("1000000\n")
    limits = job_queues._group_limits(root, group)
    assert sorted(limits)[:2] == [1000000, 2000000]
    group.write_text("0::/somewhere/else\n")
    assert job_queues._group_limits(root, group) == [1 << 62]
    assert 0 < job_queues.budget_mb() < job_queues._available() >> 20


# -- both lanes, with the jobs in them --


class Jail:
    """Jobs end when they are told to."""

    def __init__(self) -> None:
        self.at_work: list[str] = []
        self.end: dict[str, asyncio.Event] = {}

    async def develop(self, tool: Tool, settings: Mapping[str, str], *_: Any) -> Developed:
        name = settings["name"]
        self.at_work.append(name)
        self.end[name] = asyncio.Event()
        try:
            await self.end[name].wait()
        finally:
            self.at_work.remove(name)
        return Developed(MemoryFile(), None, 0.0, 0)  # type: ignore[arg-type]


class Counting:
    async def count(self, *_: str) -> None: ...


class Work:
    def __init__(self, workers: int = 1, budget_mb: int = 10_000) -> None:
        self.jail = Jail()
        self.told: dict[str, list[Step]] = {}
        self.ended: Counter[str] = Counter()
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.lanes = JobQueues(workers, budget_mb, 1000)
        limits = RateLimits(20, 1000, jobs_per_minute=1000, free_jobs_per_day=1000, max_input_mb=20, max_megapixels=50)
        parts: Any = (self.jail, self.jail, Counting(), Metrics(), None, self.lanes, limits)
        self.photo_jobs = PhotoJobs(*parts)

    async def come(self, person: int, *names: str, heavy: bool = False) -> None:
        tool = replace(SHELF["resize"], heavy=heavy, limits=Limits(reserved_mb=1000))
        for name in names:
            job = Job((person, len(self.tasks)), person, "en", tool, {"name": name}, Photo("id", 1))
            self.tasks[name] = asyncio.create_task(self._run(job, name))
            await settle()

    async def _run(self, job: Job, name: str) -> None:
        async def nothing(*_: object) -> None: ...

        try:
            await self.photo_jobs.run(job, nothing, self.told.setdefault(name, []).append, nothing, nothing)
            self.ended["delivered"] += 1
        except Stopped:
            self.ended["stopped"] += 1


async def test_light_jobs_do_not_wait_behind_heavy_ones() -> None:
    work = Work()
    await work.come(ANNA, *(f"h{number}" for number in range(10)), heavy=True)
    await work.come(BEN, "l1", "l2", "l3")
    assert work.jail.at_work == ["h0", "l1"]
    assert work.told["h2"][-1].place == 1
    assert work.told["l3"][-1].place == 1
    assert (work.photo_jobs.waiting, work.photo_jobs.at_work) == (9, 4)
    for name in ("l1", "l2", "l3"):
        work.jail.end[name].set()
        await settle()
    assert work.jail.at_work == ["h0"]
    assert work.ended == {"delivered": 3}
    assert await work.photo_jobs.stop_all(ANNA) == 10
    assert work.ended == {"delivered": 3, "stopped": 10}
    assert (work.photo_jobs.waiting, work.photo_jobs.at_work) == (0, 0)


async def test_children_are_no_more_than_memory_allows() -> None:
    work = Work(workers=8, budget_mb=3000)
    await work.come(ANNA, *(f"l{number}" for number in range(5)))
    assert work.jail.at_work == ["l0", "l1", "l2"]
    work.jail.end["l1"].set()
    await settle()
    assert work.jail.at_work == ["l0", "l2", "l3"]
    await work.photo_jobs.stop_all(ANNA)


# One person never holds all


async def test_one_person_leaves_a_slot_and_gets_no_more_when_it_is_free() -> None:
    visitors = Visitors()
    await visitors.come(ANNA, "a1", "a2", "a3", "a4")
    assert visitors.let_in == ["a1", "a2"]
    await visitors.come(BEN, "b1", "b2")
    assert visitors.let_in == ["a1", "a2", "b1"]
    await visitors.leaves("a1")
    assert visitors.let_in == ["a1", "a2", "b1", "a3"]


@pytest.mark.parametrize(("workers", "of_anna"), [(1, 1), (2, 1), (4, 3)])
async def test_one_person_leaves_a_core_where_there_are_several(workers: int, of_anna: int) -> None:
    cores, at_work = Cores(workers), []
    done = asyncio.Event()

    async def works(person: int) -> None:
        async with cores.held(person):
            at_work.append(person)
            await done.wait()

    tasks = [asyncio.create_task(works(ANNA)) for _ in range(5)]
    await settle()
    assert at_work == [ANNA] * of_anna
    tasks.append(asyncio.create_task(works(BEN)))
    await settle()
    assert at_work == [ANNA] * of_anna + [BEN] * (workers - of_anna)
    tasks[-2].cancel()
    done.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(at_work) == [ANNA] * 4 + [BEN]
    async with asyncio.timeout(1):
        for person in range(workers):
            await asyncio.create_task(_takes(cores, person))


async def _takes(cores: Cores, person: int) -> None:
    async with cores.held(person):
        pass
