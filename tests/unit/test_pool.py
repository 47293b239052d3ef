"""The pool of children under faults: whatever happens to its zygote or its descriptors, the next job is served."""

import asyncio
import contextlib
import os
import resource
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.domain.errors import Failed
from bot.domain.values import Stage
from bot.sandbox import verdict, zygote_process
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Sandbox
from tests.harness import hostile
from tests.pictures.photos import encoded

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVED_SECONDS = 10  # whatever happened before


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(zygote=("tests.harness.hostile", "--unrehearsed", str(tmp_path_factory.mktemp("hostile"))))
    yield sandbox
    sandbox.close()


async def job(sandbox: Sandbox, act: str = "look", working: asyncio.Event | None = None) -> Any:
    def told(stage: Stage) -> None:
        if working and stage is Stage.WORKING:
            working.set()

    with MemoryFile() as photo:
        photo.write(encoded())
        with await sandbox.develop(hostile.tool(), {"act": act}, photo, told) as made:
            return made.about.untrusted_report


async def has_served(sandbox: Sandbox) -> None:
    assert "pid" in await asyncio.wait_for(job(sandbox), SERVED_SECONDS)


async def _hanging(sandbox: Sandbox) -> "asyncio.Task[Any]":
    working = asyncio.Event()
    task = asyncio.create_task(job(sandbox, "hang", working))
    await asyncio.wait_for(working.wait(), SERVED_SECONDS)
    return task


@contextmanager
def descriptors_left(count: int) -> Iterator[None]:
    """Inside, so many more can be opened."""
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + count, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)


async def test_jobs_of_a_stopped_zygote_can_be_stopped_and_the_next_one_is_served(sandbox: Sandbox) -> None:
    tasks = [await _hanging(sandbox) for _ in range(2)]
    zygote = sandbox.zygote_pid
    assert zygote
    os.kill(zygote, signal.SIGSTOP)
    for task in (*tasks, *tasks):  # an impatient person taps Stop twice
        task.cancel()
        await asyncio.sleep(0)
    await asyncio.wait(tasks, timeout=SERVED_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.kill(zygote, signal.SIGKILL)
    with contextlib.suppress(Failed):  # of a job that its spare has begun before both died
        await has_served(sandbox)
    await has_served(sandbox)
    assert sandbox.zygote_pid != zygote


async def test_a_zygote_that_does_not_answer_is_followed_by_another_one(sandbox: Sandbox) -> None:
    await has_served(sandbox)
    zygote = sandbox.zygote_pid
    assert zygote
    os.kill(zygote, signal.SIGSTOP)
    jobs = [has_served(sandbox) for _ in range(3)]  # one spare for three
    try:
        await asyncio.gather(*jobs)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(zygote, signal.SIGKILL)
    assert sandbox.zygote_pid != zygote


async def test_a_zygote_that_is_stopped_before_it_is_warm_is_followed_by_another_one(tmp_path: Path) -> None:
    sandbox = Sandbox(zygote=("tests.harness.hostile", "--unrehearsed", str(tmp_path)))
    try:
        start = asyncio.create_task(sandbox.start())
        await asyncio.sleep(0)
        stopped = sandbox.zygote_pid
        assert stopped
        os.kill(stopped, signal.SIGSTOP)
        await asyncio.gather(*[has_served(sandbox) for _ in range(2)])
        with pytest.raises(Failed):
            await start
        assert sandbox.zygote_pid != stopped
    finally:
        sandbox.close()


async def test_a_zygote_that_is_deaf_is_followed_by_another_one(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs, but says nothing: by its silence alone it is known."""
    await has_served(sandbox)
    deaf = sandbox.zygote_pid
    monkeypatch.setattr(zygote_process, "_LOOK_SECONDS", 0.1)  # it was looked at last with patience
    assert deaf
    os.kill(deaf, hostile.FAULTS["is deaf"])
    await asyncio.gather(*[has_served(sandbox) for _ in range(3)])
    assert sandbox.zygote_pid != deaf


async def test_a_zygote_that_falls_silent_while_a_job_works_keeps_nobody_waiting(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asked it for anything since, and it does not tell that the child has ended."""
    monkeypatch.setattr(zygote_process, "_LOOK_SECONDS", 0.1)
    monkeypatch.setattr(verdict, "_LAST_SECONDS", 0.2)
    task = await _hanging(sandbox)
    await _spare_of(sandbox)
    assert sandbox.zygote_pid
    os.kill(sandbox.zygote_pid, hostile.FAULTS["is deaf"])
    os.kill(sandbox.children[0], signal.SIGKILL)
    with pytest.raises(Failed):
        await asyncio.wait_for(task, SERVED_SECONDS)
    await has_served(sandbox)


@pytest.mark.parametrize("fails", [1, 2, 5])
async def test_a_fork_that_fails_costs_neither_the_zygote_nor_other_jobs(sandbox: Sandbox, fails: int) -> None:
    await has_served(sandbox)
    zygote, other = sandbox.zygote_pid, await _hanging(sandbox)
    assert zygote
    for _ in range(fails):
        os.kill(zygote, hostile.FAULTS["the next fork fails"])
    await asyncio.gather(*[has_served(sandbox) for _ in range(3)])
    assert not other.done()
    assert sandbox.zygote_pid == zygote
    other.cancel()
    await asyncio.wait([other])


async def test_forks_that_always_fail_are_told_in_a_sentence(sandbox: Sandbox) -> None:
    await _spare(sandbox)
    assert sandbox.zygote_pid
    for _ in range(
        9
    ):  # one beside the spare that serves, then for each of four tries one for the job and one for a spare
        os.kill(sandbox.zygote_pid, hostile.FAULTS["the next fork fails"])
        await asyncio.sleep(0.01)  # signals that come together are one
    await has_served(sandbox)
    with pytest.raises(Failed) as failed:
        await asyncio.wait_for(job(sandbox), SERVED_SECONDS)
    assert failed.value.key == "error-crashed"
    await has_served(sandbox)


async def test_a_job_whose_child_was_dying_already_gets_another_one(sandbox: Sandbox) -> None:
    spare = await _spare(sandbox)
    os.kill(spare, signal.SIGSTOP)
    task = asyncio.create_task(job(sandbox))
    async with asyncio.timeout(SERVED_SECONDS):
        while sandbox.children != [spare]:  # noqa: ASYNC110
            await asyncio.sleep(0)  # it has no event
        os.kill(spare, signal.SIGKILL)
        assert (await task)["pid"] != spare


async def _spare(sandbox: Sandbox) -> int:
    """The process of the spare, when it has come."""
    await has_served(sandbox)
    return await _spare_of(sandbox)


async def _spare_of(sandbox: Sandbox) -> int:
    zygote = sandbox._zygote
    assert zygote
    async with asyncio.timeout(SERVED_SECONDS):
        while not zygote.spare:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # it has no event
    return zygote.spare.pid


@pytest.mark.parametrize("left", range(5))
async def test_descriptors_that_run_out_for_a_moment_cost_nobody_else_a_job(sandbox: Sandbox, left: int) -> None:
    await has_served(sandbox)
    with descriptors_left(2 + left):  # two for the photo and its result
        jobs = [asyncio.create_task(job(sandbox)) for _ in range(3)]
        await asyncio.wait(jobs, timeout=0.3)
    ended = await asyncio.wait_for(asyncio.gather(*jobs, return_exceptions=True), SERVED_SECONDS)
    assert not [each for each in ended if isinstance(each, BaseException) and not isinstance(each, Failed | OSError)]
    for _ in range(3):
        await has_served(sandbox)
