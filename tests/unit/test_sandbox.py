"""The sandbox: one process a job, gone with it whatever the child does or says; and good photos come out right."""

import asyncio
import contextlib
import hashlib
import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from PIL import Image

from bot.domain.errors import Failed, Reason, Refused
from bot.domain.values import Limits, Stage, Tool
from bot.sandbox import wire
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed, Sandbox
from bot.sandbox.zygote_process import Child, ZygoteProcess
from bot.tools.shelf import SHELF
from tests.harness import hostile
from tests.harness.darkroom import ROOT, children
from tests.pictures import bombs, tagged
from tests.pictures.kinds import kinds
from tests.pictures.made import unlocked
from tests.pictures.photos import astronaut, encoded, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PATIENCE = 20  # seconds; what is waited for comes within a fraction of one


class Measured(Sandbox):
    """Also keeps what each child cost: (wait status, CPU µs, peak KiB)."""

    def __init__(self, *zygote: str, weights: Path | None = None) -> None:
        super().__init__(weights=weights, zygote=zygote)
        self.costs: list[tuple[int, int, int]] = []

    async def _lend(self, job: bytes, photos: list[MemoryFile], room: MemoryFile) -> Child:
        child = await super()._lend(job, photos, room)
        child.exited.add_done_callback(lambda exited: self.costs.append(exited.result()))
        return child


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Measured]:
    sandbox = Measured("tests.harness.hostile", str(tmp_path_factory.mktemp("hostile")))
    yield sandbox
    sandbox.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def heavy_sandbox() -> AsyncIterator[Measured]:
    """One with the networks loaded."""
    sandbox = Measured("bot.sandbox.zygote", weights=ROOT / ".models")
    yield sandbox
    sandbox.close()


async def _make(sandbox: Sandbox, tool: Tool, photo: bytes, **settings: str) -> tuple[bytes, Developed]:
    """The result, out of memory again, and what is known of it."""
    with MemoryFile() as memory:
        memory.write(photo)
        made = await sandbox.develop(tool, settings, memory)
        with made.file:
            return made.file.read(0, made.file.size), made


async def _act(sandbox: Sandbox, act: str, limits: Mapping[str, Any] | None = None, **settings: str) -> Any:
    _, made = await _make(sandbox, hostile.tool(**limits or {}), encoded(), act=act, **settings)
    return made.about.untrusted_report


async def _fails(sandbox: Sandbox, reason: Reason, act: str, limits: Any = None, **settings: str) -> None:
    """The job fails for this reason, its child is gone, and the next job is none the worse."""
    with pytest.raises(Failed) as failed:
        await _act(sandbox, act, limits, **settings)
    assert failed.value.reason is reason
    assert await _at_work(sandbox) == set()
    await _is_healthy(sandbox)


async def _is_healthy(sandbox: Sandbox) -> None:
    result, _ = await _make(sandbox, SHELF["clean"], encoded())
    assert np.array_equal(opened(result), opened(encoded()))


async def _at_work(sandbox: Sandbox) -> set[int]:
    """The kernel's account of the zygote's children, without those that wait for a job."""
    zygote = _zygote(sandbox)
    await _until(lambda: zygote.is_settled)
    return set(children(zygote.pid)) - {zygote.spare.pid if zygote.spare else 0}


def _zygote(sandbox: Sandbox) -> ZygoteProcess:
    assert sandbox._zygote
    return sandbox._zygote


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def _until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not so():  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # what it waits for has no event


async def _hanging(sandbox: Sandbox) -> tuple["asyncio.Task[Any]", int]:
    """A job that hangs, and its process."""
    working = asyncio.Event()

    async def job() -> None:
        with MemoryFile() as memory:
            memory.write(encoded())
            tool = hostile.tool()
            await sandbox.develop(
                tool, {"act": "hang"}, memory, lambda stage: working.set() if stage is Stage.WORKING else None
            )

    before = set(sandbox.children)
    task = asyncio.create_task(job())
    await asyncio.wait_for(working.wait(), _PATIENCE)
    (pid,) = set(sandbox.children) - before
    return task, pid


# One process a job, gone with the job


@pytest.mark.parametrize(("heavy", "nice"), [(False, 0), (True, 10)])
async def test_children_of_heavy_jobs_leave_the_processor_to_light_ones(
    sandbox: Sandbox, heavy: bool, nice: int
) -> None:
    told: asyncio.Queue[Stage] = asyncio.Queue()
    with MemoryFile() as photo:
        photo.write(encoded())
        tool = replace(hostile.tool(), heavy=heavy)
        job = asyncio.create_task(sandbox.develop(tool, {"act": "hang"}, photo, told.put_nowait))
        await asyncio.wait_for(told.get(), _PATIENCE)
        [child] = sandbox.children
        stat = Path(f"/proc/{child}/stat").read_text()
        job.cancel()
        await asyncio.wait([job])
    assert int(stat.rpartition(")")[2].split()[16]) == nice


async def test_each_job_has_a_process_of_its_own_that_is_gone_with_it(sandbox: Measured) -> None:
    pids = [(await _act(sandbox, "look"))["pid"] for _ in range(5)]
    assert len(set(pids)) == 5
    assert [pid for pid in pids if not _is_gone(pid)] == []
    assert await _at_work(sandbox) == set()


async def test_one_spare_waits(sandbox: Measured) -> None:
    await asyncio.gather(*[_act(sandbox, "look") for _ in range(6)])
    await _act(sandbox, "look")
    zygote = _zygote(sandbox)
    await _until(lambda: bool(zygote.spare) and len(children(zygote.pid)) == 1)


async def test_jobs_work_side_by_side(sandbox: Measured) -> None:
    hanging = [await _hanging(sandbox) for _ in range(4)]
    pids = {pid for _, pid in hanging}
    assert len(pids) == 4
    assert await _at_work(sandbox) == pids
    await _is_healthy(sandbox)
    for task, _ in hanging:
        task.cancel()
    await asyncio.gather(*[task for task, _ in hanging], return_exceptions=True)
    assert await _at_work(sandbox) == set()


async def test_a_stopped_job_takes_its_process_along(sandbox: Measured) -> None:
    task, pid = await _hanging(sandbox)
    assert not _is_gone(pid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _is_gone(pid)
    assert sandbox.children == []


async def test_a_job_stopped_before_it_has_a_process_wastes_none(sandbox: Measured) -> None:
    """Cancelled at every step on the way: none of the children that were meant for them stays behind."""
    for steps in range(12):
        tasks = [asyncio.create_task(_act(sandbox, "look")) for _ in range(3)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await _is_healthy(sandbox)
    await _until(lambda: _zygote(sandbox).is_settled)
    assert sandbox.children == []
    await _until(lambda: len(children(sandbox.zygote_pid or 0)) == 1)  # the spare


async def test_a_job_stopped_in_the_moment_its_process_comes_hands_it_on(
    sandbox: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _settled(sandbox)
    answer = _zygote(sandbox)._answer

    def answer_and_stop(number: int, child: Child | None) -> None:
        answer(number, child)
        late.cancel()

    monkeypatch.setattr(_zygote(sandbox), "_answer", answer_and_stop)
    first, late = (asyncio.create_task(_act(sandbox, "look")) for _ in range(2))  # one spare for two
    await first
    with pytest.raises(asyncio.CancelledError):
        await late
    monkeypatch.undo()
    assert sandbox.children == []
    assert await _at_work(sandbox) == set()


@pytest.mark.parametrize(
    "photo", [b"", b"not a photo", encoded()[:2000], bombs.announced_avif(30_000)], ids=["empty", "text", "cut", "vast"]
)
async def test_a_refused_photo_takes_its_process_along(sandbox: Measured, photo: bytes) -> None:
    with pytest.raises(Refused) as refused:
        await _make(sandbox, SHELF["resize"], photo)
    assert not isinstance(refused.value, Failed)
    assert sandbox.children == []
    assert await _at_work(sandbox) == set()


# Limits


async def test_a_job_that_hangs_takes_too_long(sandbox: Measured) -> None:
    await _fails(sandbox, Reason.TOOK_TOO_LONG, "hang", {"seconds": 0.3})


async def test_a_job_that_only_computes_takes_too_long(sandbox: Measured) -> None:
    await _fails(sandbox, Reason.TOOK_TOO_LONG, "spin", {"cpu_seconds": 1})


async def test_a_job_that_grows_is_out_of_memory(sandbox: Measured) -> None:
    await _fails(sandbox, Reason.OUT_OF_MEMORY, "hoard", {"memory_mb": 200})
    assert sandbox.costs[-2][2] < 600 * 1024  # KiB; the last but one, for the health check came after it


async def test_a_job_that_crashes_has_crashed(sandbox: Measured) -> None:
    await _fails(sandbox, Reason.CRASHED, "crash")
    await _fails(sandbox, Reason.CRASHED, "raise_an_error")
    await _fails(sandbox, Reason.CRASHED, "exit_quietly", status="0")
    await _fails(sandbox, Reason.CRASHED, "exit_quietly", status="1")


async def test_a_job_killed_from_outside_is_out_of_memory(sandbox: Measured) -> None:
    """As the kernel ends a process when the machine has no memory left."""
    task, pid = await _hanging(sandbox)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Failed) as failed:
        await task
    assert failed.value.reason is Reason.OUT_OF_MEMORY
    await _is_healthy(sandbox)


# The zygote and the bot may die


async def test_a_zygote_that_dies_in_a_job_fails_that_job_alone(sandbox: Measured) -> None:
    task, pid = await _hanging(sandbox)
    assert sandbox.zygote_pid
    os.kill(sandbox.zygote_pid, signal.SIGKILL)
    with pytest.raises(Failed) as failed:
        await task
    assert failed.value.reason is Reason.CRASHED
    await _until(lambda: _is_gone(pid))
    await _is_healthy(sandbox)


async def test_a_zygote_that_dies_while_idle_is_not_even_noticed(sandbox: Measured) -> None:
    await _is_healthy(sandbox)
    dead = sandbox.zygote_pid
    assert dead
    os.kill(dead, signal.SIGKILL)
    while not _is_gone(dead):  # without a turn of the event loop: nobody could tell the sandbox
        pass
    await _is_healthy(sandbox)
    assert sandbox.zygote_pid != dead


async def test_a_spare_that_dies_is_not_even_noticed(sandbox: Measured) -> None:
    zygote = _zygote(sandbox)
    await _until(lambda: bool(zygote.spare))
    assert zygote.spare
    os.kill(zygote.spare.pid, signal.SIGKILL)
    await _until(lambda: zygote.spare is None)
    await _is_healthy(sandbox)


async def test_a_zygote_that_does_not_come_up_is_a_failure(tmp_path: Path) -> None:
    sandbox = Sandbox(zygote=("tests.no_such_module",))
    with pytest.raises(Failed):
        await sandbox.start()
    with pytest.raises(Failed):
        await _make(sandbox, SHELF["clean"], encoded())
    sandbox.close()


async def test_nobody_outlives_a_bot_that_was_killed(tmp_path: Path) -> None:
    script = f"""
import asyncio, sys
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Sandbox
from tests.harness import hostile
async def main():
    sandbox = Sandbox(zygote=("tests.harness.hostile", {str(tmp_path)!r}))
    with MemoryFile() as photo:
        photo.write(sys.stdin.buffer.read())
        def told(stage):
            if stage.name == "WORKING":
                print(sandbox.zygote_pid, *sandbox.children, flush=True)
        await sandbox.develop(hostile.tool(), {{"act": "hang"}}, photo, told)
asyncio.run(main())
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, stderr=-3) as bot:  # noqa: ASYNC220
        assert bot.stdin
        assert bot.stdout
        bot.stdin.write(encoded())
        bot.stdin.close()
        family = [int(pid) for pid in (await asyncio.to_thread(bot.stdout.readline)).split()]
        family = [*family, *children(family[0])]
        assert len(family) >= 3
        assert not any(map(_is_gone, family))
        bot.kill()
    await _until(lambda: all(map(_is_gone, family)))


# A second photo, and a preview


async def test_a_second_photo_and_a_preview_find_their_way(sandbox: Measured) -> None:
    with MemoryFile() as photo, MemoryFile() as background_photo:
        photo.write(encoded())
        background_photo.write(encoded("astronaut"))
        settings = {"act": "look", "preview": "a glance"}
        with await sandbox.develop(hostile.tool(), settings, photo, background_photo=background_photo) as made:
            assert made.preview
            assert made.preview.read(0, 99) == b"a glance"
            assert made.file.read(0, made.file.size) == encoded()
            told = made.about.untrusted_report
            assert told["digest"] == hashlib.sha256(encoded()).hexdigest()
            assert told["behind"] == hashlib.sha256(encoded("astronaut")).hexdigest()
    report = await _act(sandbox, "look")
    assert report["behind"] == ""


async def test_a_second_photo_passes_the_gate_too(sandbox: Measured) -> None:
    with MemoryFile() as photo, MemoryFile() as background_photo:
        photo.write(encoded())
        background_photo.write(b"no photo")
        with pytest.raises(Refused) as refused:
            await sandbox.develop(hostile.tool(), {"act": "look"}, photo, background_photo=background_photo)
        assert refused.value.reason is Reason.NOT_A_PHOTO


# A child that lies

_DONE, _STAGE, _REFUSED = wire.Kind.DONE, wire.Kind.STAGE, wire.Kind.REFUSED


@pytest.mark.parametrize(
    "packets",
    [
        [b"\0"],
        [b"{}" * 500],
        [b"\xff" * wire.MESSAGE_SIZE],
        [wire.pack(wire.Kind.READY)],
        [wire.pack(wire.Kind.EXIT, 1, 0)],
        [wire.pack(_STAGE, 99)],
        [wire.pack(_STAGE, Stage.SENDING)],
        [wire.pack(_STAGE, Stage.SAVING), wire.pack(_STAGE, Stage.WORKING)],
        [wire.pack(_REFUSED, 0)],
        [wire.pack(_REFUSED, 99)],
        [wire.pack(_DONE, 0, 0, 0)],
        [wire.pack(_DONE, -1, -1, -1)],
        [wire.pack(_DONE, 1 << 62, 1 << 62, 1 << 62)],
        [wire.pack(_DONE, wire.ROOM, 0, wire.LARGEST_ABOUT)],
        [wire.pack(_DONE, 100, 0, wire.LARGEST_ABOUT)],
        [wire.pack(_DONE, 100, 0, 100)],
        [wire.pack(_DONE, 100, wire.LARGEST_PREVIEW + 1, 100)],
        [wire.pack(_DONE, 100, -1, 100)],
    ],
)
async def test_what_is_no_answer_is_a_crash(sandbox: Measured, packets: list[bytes]) -> None:
    said = ",".join(packet.hex() for packet in packets)
    await _fails(sandbox, Reason.CRASHED, "say", packets=said, then="exit")


async def test_an_answer_does_not_end_a_job_before_its_process_ends(sandbox: Measured) -> None:
    done = wire.pack(_DONE, 1, 0, 1).hex()
    for then in ("hang", "hang up"):
        await _fails(sandbox, Reason.TOOK_TOO_LONG, "say", {"seconds": 0.3}, packets=done, then=then)


async def test_only_the_first_answer_counts(sandbox: Measured) -> None:
    refused, done = wire.pack(_REFUSED, Reason.BROKEN).hex(), wire.pack(_DONE, 1, 0, 1).hex()
    with pytest.raises(Refused) as outcome:
        await _act(sandbox, "say", packets=f"{refused},{done}")
    assert outcome.value.reason is Reason.BROKEN
    await _fails(sandbox, Reason.CRASHED, "say", packets=f"{done},{refused}", then="exit")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (wire.pack(_STAGE, Stage.WORKING), Reason.CRASHED),
        (b"x", Reason.CRASHED),
        (wire.pack(_DONE, 1, 0, 1), Reason.TOOK_TOO_LONG),  # heard once; what follows waits in the socket
    ],
)
async def test_a_child_that_never_stops_talking_is_not_listened_to(
    sandbox: Measured, word: bytes, reason: Reason
) -> None:
    """Its words must not keep the bot from everything else, so it may say each of them once."""
    await _fails(sandbox, reason, "chatter", {"seconds": 1}, packet=word.hex())


@pytest.mark.parametrize(
    "about",
    [
        b"".hex(),
        b"\xff\xfe".hex(),
        b"null".hex(),
        b"[]".hex(),
        b"{}".hex(),
        b"9".hex(),
        hostile.forged(format="EXE"),
        hostile.forged(format=[]),
        hostile.forged(input_format={}),
        hostile.forged(width=-1),
        hostile.forged(width=True),
        hostile.forged(width=1.5),
        hostile.forged(height=1 << 40),
        hostile.forged(extra=1),
        hostile.forged(untrusted_report=None),
        hostile.forged(untrusted_report=[1]),
        hostile.forged(untrusted_report={"a": {"b": 1}}),
        hostile.forged(untrusted_report={"a": None}),
        hostile.forged(untrusted_report={"a": "x" * 201}),
        hostile.forged(untrusted_report={"a": "two\nlines"}),
        hostile.forged(untrusted_report={"a": "\ud800"}),
        hostile.forged(untrusted_report={"a": float("nan")}),
        hostile.forged(untrusted_report={"a": float("inf")}),
        hostile.forged(untrusted_report={"a": 1 << 70}),
        hostile.forged(untrusted_report={"../a": 1}),
        hostile.forged(untrusted_report={"a" * 41: 1}),
        hostile.forged(untrusted_report={f"a{number}": 1 for number in range(65)}),
    ],
)
async def test_a_forged_description_is_a_crash(sandbox: Measured, about: str) -> None:
    await _fails(sandbox, Reason.CRASHED, "forge", about=about)


async def test_a_description_of_endless_depth_is_a_crash(sandbox: Measured) -> None:
    await _fails(sandbox, Reason.CRASHED, "forge", about=b"[".hex(), times=str(wire.LARGEST_ABOUT))


async def test_an_honest_description_passes(sandbox: Measured) -> None:
    """The control of the two above: the forger's own hand is not what is refused."""
    assert await _act(sandbox, "forge", about=hostile.forged(untrusted_report={"camera": "Nokia"})) == {
        "camera": "Nokia"
    }


# Nothing is kept


async def test_no_descriptor_is_left_open(sandbox: Measured) -> None:
    async def some_jobs() -> None:
        for _ in range(5):
            await _act(sandbox, "look")
            for act in ("refuse", "crash", "hoard", "hang"):
                with pytest.raises(Refused):
                    await _act(sandbox, act, {"seconds": 0.2, "memory_mb": 64})
            task, _ = await _hanging(sandbox)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            with pytest.raises(ValueError):
                await _act(sandbox, "look", more="x" * wire.LONGEST_JOB)
            await asyncio.gather(*[_act(sandbox, "look") for _ in range(3)])
        await _settled(sandbox)

    await some_jobs()
    before = _descriptors()
    await some_jobs()
    assert _descriptors() == before
    assert sandbox.zygote_pid
    dead = sandbox.zygote_pid
    os.kill(dead, signal.SIGKILL)
    await _until(lambda: _is_gone(dead))
    await some_jobs()
    assert _descriptors() == before


async def _settled(sandbox: Measured) -> None:
    await _act(sandbox, "look")
    await _until(lambda: _zygote(sandbox).is_settled and bool(_zygote(sandbox).spare))


def _descriptors() -> Counter[str]:
    """What this process has open, by kind."""
    found: Counter[str] = Counter()
    for each in Path("/proc/self/fd").iterdir():
        try:
            found[str(each.readlink()).partition(":")[0]] += 1
        except FileNotFoundError:  # the one that lists them
            continue
    return found


# Good photos


def _all_settings(tool: Tool) -> list[dict[str, str]]:
    texts = [preset.settings for row in tool.presets for preset in row if not preset.asks] or [""]
    return [dict(pair.split("=", 1) for pair in text.split(";") if pair) for text in texts]


LIGHT = [slug for slug, tool in SHELF.items() if not tool.heavy]
HEAVY = [slug for slug, tool in SHELF.items() if tool.heavy]


@pytest.mark.parametrize("slug", LIGHT)
async def test_every_good_photo_develops_inside_the_lock_as_outside(sandbox: Measured, slug: str) -> None:
    """Figures 6 and 9. Byte for byte the same: the lock takes nothing away that a codec wants."""
    tool = SHELF[slug]
    for name, photo in kinds().items():
        for settings in _all_settings(tool)[:2]:
            assert await _inside(sandbox, tool, photo, settings) == _outside(tool, photo, settings), (
                f"{name} {settings}"
            )


@pytest.mark.parametrize("slug", HEAVY)
async def test_a_heavy_tool_works_inside_the_lock_as_outside(heavy_sandbox: Measured, slug: str) -> None:
    """Some settings on some formats; all of them decode and encode as above. `prove` has every file."""
    tool = SHELF[slug]
    photos = [encoded("astronaut"), encoded("astronaut", "WEBP"), kinds()[sorted(kinds())[0]]]
    for settings, photo in zip([*_all_settings(tool)[:3:2], {"keep": "c", "erase": "e"}], photos, strict=True):
        assert await _inside(heavy_sandbox, tool, photo, settings) == _outside(tool, photo, settings), settings


@pytest.mark.prove
@pytest.mark.parametrize("slug", HEAVY)
async def test_a_heavy_tool_develops_every_good_photo(heavy_sandbox: Measured, slug: str) -> None:
    for name, photo in kinds().items():
        assert await _inside(heavy_sandbox, SHELF[slug], photo, {}) == _outside(SHELF[slug], photo, {}), name


async def _inside(sandbox: Measured, tool: Tool, photo: bytes, settings: dict[str, str]) -> object:
    """The result with its report and preview, or why there is none: a picture of nothing has no subject."""
    try:
        result, made = await _make(sandbox, tool, photo, **settings)
    except Failed:
        raise
    except Refused as refused:
        return refused.reason
    with made:
        return result, made.about.untrusted_report


def _outside(tool: Tool, photo: bytes, settings: dict[str, str]) -> object:
    try:
        outcome = tool.run(unlocked(photo), tool.parse(settings))
    except Refused as refused:
        return refused.reason
    return b"".join(outcome.data), outcome.report


async def test_every_tagged_photo_is_read_inside_the_lock_as_outside(sandbox: Measured, tmp_path: Path) -> None:
    """Metadata has its own lazy paths: a text encoding is a module that loads when it is first met."""
    for name, path in tagged.make(tmp_path).items():
        photo = path.read_bytes()
        result, made = await _make(sandbox, SHELF["clean"], photo)
        outcome = SHELF["clean"].run(unlocked(photo), None)
        assert (result, made.about.untrusted_report) == (b"".join(outcome.data), outcome.report), name


async def test_results_never_mix(sandbox: Measured) -> None:
    """Figure 11: a hundred different pictures at once, and everybody gets their own."""
    plain = np.asarray(astronaut().resize((96, 96)))
    pictures = [bombs.encoded(Image.fromarray(np.roll(plain, 12 * number)), "PNG") for number in range(100)]
    results = await asyncio.gather(*[_make(sandbox, SHELF["clean"], picture) for picture in pictures])
    assert len({hashlib.sha256(picture).digest() for picture in pictures}) == 100
    for picture, (result, _) in zip(pictures, results, strict=True):
        assert np.array_equal(opened(picture), opened(result))
    await _settled(sandbox)


# Hostile files


def _mutated(photo: bytes, chance: random.Random) -> bytes:
    """A good file that something happened to: flipped, cut, doubled, swapped, or another's piece in it."""
    data = bytearray(photo)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at, length = chance.randrange(len(data)), chance.choice((1, 2, 4, 64, 512))
        match chance.randrange(6):
            case 0 | 1:
                data[at] = chance.randrange(256)
            case 2:
                data[at : at + length] = chance.randbytes(length)
            case 3:
                data[at : at + 4] = chance.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"))
            case 4:
                data[at:at] = data[at : at + length]
            case _:
                del data[at : at + length]
        if len(data) < 16:
            return photo[:16]
    return bytes(data[: chance.randrange(1, len(data))] if chance.random() < 0.15 else data)


async def _attacked_with(sandbox: Measured, photos: int, seed: int) -> Counter[str]:
    """How that many hostile files end; anything but a result, Refused or Failed is raised."""
    chance, ends = random.Random(seed), Counter[str]()
    names = sorted(kinds())
    limits = Limits(seconds=20, cpu_seconds=10)
    await sandbox.start()
    zygote = sandbox.zygote_pid

    async def one(number: int) -> None:
        photo = kinds()[names[number % len(names)]]
        # Headers are where decoders believe what they are told: half of all mutations go there.
        head = chance.choice((64, 256, 1024, len(photo)))
        tool = SHELF[chance.choice(LIGHT)]  # a heavy one reads files no other way
        bounded = Tool(tool.slug, tool.version, tool.parse, tool.run, limits=limits)
        try:
            await _make(sandbox, bounded, _mutated(photo[:head], chance) + photo[head:])
            ends["developed"] += 1
        except Refused as refused:
            ends[refused.reason.name] += 1

    for start in range(0, photos, 4):
        await asyncio.gather(*map(one, range(start, start + 4)))
    assert sandbox.zygote_pid == zygote
    assert await _at_work(sandbox) == set()
    return ends


async def test_hostile_files_are_refused(sandbox: Measured) -> None:
    """Figure 7. Neither a hang nor a child that a signal ended."""
    ends = await _attacked_with(sandbox, 400, seed=7)
    assert sum(ends.values()) == 400
    assert {"TOOK_TOO_LONG", "CRASHED"}.isdisjoint(ends), ends
    assert ends["developed"] > 20  # the mutations are not all so coarse that nothing gets past the gate
    assert ends["BROKEN"] > 20


@pytest.mark.prove
async def test_thousands_of_hostile_files_are_refused(sandbox: Measured) -> None:
    for seed in range(10):
        ends = await _attacked_with(sandbox, 1000, seed=1000 + seed)
        print(dict(ends))
        assert {"TOOK_TOO_LONG", "CRASHED"}.isdisjoint(ends), ends


# Large pictures rather than bombs: their pixels are all there, and an honest photo of that size costs the same.
_LARGE = {f"{kind}-7000x7000" for kind in ("png-rgba-16-bit", "webp", "avif", "gif")}


@pytest.fixture(scope="module")
def bomb_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in bombs.make(tmp_path_factory.mktemp("bombs")).items()}


async def _worst(sandbox: Measured, slug: str, files: Mapping[Any, bytes]) -> tuple[float, float]:
    """The most processor time (seconds), and memory (MB) beyond the zygote's own, that one of them took."""
    cpu = peak = 0
    await sandbox.start()
    shared = int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{sandbox.zygote_pid}/status").read_text())[0])
    for photo in files.values():
        with contextlib.suppress(Refused):
            await _make(sandbox, SHELF[slug], photo)
        cpu, peak = max(cpu, sandbox.costs[-1][1]), max(peak, sandbox.costs[-1][2] - shared)
    print(f"{slug}: the worst of {len(files)} took {cpu / 1e6:.2f} s and {peak >> 10} MB")
    return cpu / 1e6, peak / 1024


@pytest.mark.parametrize("slug", LIGHT)
async def test_bombs_cost_little(sandbox: Measured, bomb_files: dict[str, bytes], slug: str) -> None:
    """Figure 8: 2 s and 512 MB, whether refused or developed. A busy machine counts up to twice the processor time."""
    small = {name: photo for name, photo in bomb_files.items() if not name.startswith(tuple(_LARGE))}
    cpu, peak = await _worst(sandbox, slug, small)
    assert cpu <= 4
    assert peak <= 512


@pytest.mark.parametrize("slug", HEAVY)
async def test_bombs_cost_a_heavy_tool_little_more_than_its_networks(
    heavy_sandbox: Measured, bomb_files: dict[str, bytes], slug: str
) -> None:
    small = [photo for name, photo in bomb_files.items() if not name.startswith(tuple(_LARGE))]
    networks, _ = await _worst(heavy_sandbox, slug, {"a good photo": encoded("astronaut")})
    cpu, peak = await _worst(heavy_sandbox, slug, dict(enumerate(small[::4])))
    assert cpu <= networks + 4
    assert peak <= 768


@pytest.mark.prove
@pytest.mark.parametrize("slug", LIGHT)
async def test_the_largest_pictures_stay_within_a_gigabyte(
    sandbox: Measured, bomb_files: dict[str, bytes], slug: str
) -> None:
    large = {name: photo for name, photo in bomb_files.items() if name.startswith(tuple(_LARGE))}
    assert len(large) == len(_LARGE)
    cpu, peak = await _worst(sandbox, slug, large)
    assert cpu <= 12
    assert peak <= 1024
