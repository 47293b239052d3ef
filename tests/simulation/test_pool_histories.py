"""Histories of the pool of children that hypothesis makes up, played against a real zygote and its real children.

Jobs come and are stopped at any step, while the zygote is killed, stopped, deaf or talks nonsense, forks fail,
descriptors run out or are closed behind the pool's back. After any history every job has ended, a new one is served
within ten seconds, and no process, descriptor or memory file is left.
"""

import asyncio
import contextlib
import ctypes
import logging
import os
import resource
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from bot.domain.errors import Failed
from bot.sandbox import zygote_process
from bot.sandbox.pool import Sandbox
from tests.harness import hostile
from tests.harness.darkroom import children
from tests.unit.test_pool import SERVED_SECONDS, descriptors_left, has_served, job
from tests.unit.test_sandbox import _descriptors

_PR_SET_CHILD_SUBREAPER = 36
_LOOKS_A_SECOND = 5  # so that silence is noticed in one second, and not in five
STEPS = st.sampled_from((0, 1, 2, 3, 5, 8, 13, 0.002, 0.02, 0.2))  # turns of the event loop, or seconds
SIGNALS = st.sampled_from((signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT, *hostile.FAULTS.values()))
WHICH = st.integers(0, 3)


class Scene:
    """The event loop and the pool that all histories are played on: each leaves them as it found them."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.sandbox = Sandbox(zygote=("tests.harness.hostile", "--unrehearsed", str(folder)))
        self.others = set(children(os.getpid()))  # of other tests
        self.histories = 0
        self.run(self.settle())
        self.run(self.settle())  # the first one warmed up what stays open
        self.descriptors = _descriptors()

    def run(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def settle(self) -> None:
        """A new job is served, then nothing is there but the zygote and its spare."""
        async with asyncio.timeout(SERVED_SECONDS):
            await has_served(self.sandbox)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SERVED_SECONDS):
                while self._left():
                    await asyncio.sleep(0.01)  # processes end without an event
                    if self._lacks_a_spare():
                        await has_served(self.sandbox)
        assert self._left() == ""

    def _lacks_a_spare(self) -> bool:
        """True if the fork of it failed: it is tried again for the next job only."""
        zygote = self.sandbox._zygote
        return bool(zygote and zygote.is_settled and not zygote.spare)

    def _left(self) -> str:
        """What is there beside the zygote and its spare, in words."""
        zygote = self.sandbox._zygote
        assert zygote
        ours = set(children(os.getpid())) - self.others
        _reap(ours - {zygote.pid})
        if not zygote.is_settled or not zygote.spare:
            return f"the zygote owes {zygote._owed}, and its spare is {zygote.spare}"
        if ours != {zygote.pid}:
            return f"processes of ours {[_state(pid) for pid in ours]}"
        if set(children(zygote.pid)) != {zygote.spare.pid}:
            return f"processes of the zygote's {[_state(pid) for pid in children(zygote.pid)]}"
        return f"children at work {self.sandbox.children}" if self.sandbox.children else ""

    def close(self) -> None:
        self.sandbox.close()
        self.loop.close()


scene: Scene


class History(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[asyncio.Task[Any]] = []
        scene.histories += 1

    @rule(act=st.sampled_from(("look", "look", "hang", "crash")), count=st.sampled_from((1, 1, 3, 12)), then=STEPS)
    def come(self, act: str, count: int, then: float) -> None:
        self.jobs += [scene.loop.create_task(job(scene.sandbox, act)) for _ in range(count)]
        self.goes_on(then)

    @precondition(lambda self: self.jobs)
    @rule(which=WHICH, then=STEPS)
    def is_stopped(self, which: int, then: float) -> None:
        self.jobs[-1 - which % len(self.jobs)].cancel()
        self.goes_on(then)

    @rule(number=SIGNALS, times=st.sampled_from((1, 1, 2, 9)), then=STEPS)
    def meets_its_zygote(self, number: signal.Signals, times: int, then: float) -> None:
        for _ in range(times):
            _signal(scene.sandbox.zygote_pid, number)
        self.goes_on(then)

    @rule(which=WHICH, number=st.sampled_from((signal.SIGKILL, signal.SIGSTOP)), then=STEPS)
    def meets_a_child(self, which: int, number: signal.Signals, then: float) -> None:
        """Only one that is locked is stopped. A stopped spare would keep its job until that is over time, and a child
        that has not yet asked the kernel to die with its zygote would outlive it for as long as it is stopped.
        """
        there = children(scene.sandbox.zygote_pid or 0)
        if number is signal.SIGSTOP:
            there = [pid for pid in scene.sandbox.children if _is_locked(pid)]
        if there:
            _signal(there[which % len(there)], number)
        self.goes_on(then)

    @rule(left=st.integers(0, 6), count=st.integers(0, 3), during=STEPS, then=STEPS)
    def run_out_of_descriptors(self, left: int, count: int, during: float, then: float) -> None:
        with descriptors_left(left):
            self.jobs += [scene.loop.create_task(job(scene.sandbox)) for _ in range(count)]
            self.goes_on(during)
        self.goes_on(then)

    @rule(which=WHICH, then=STEPS)
    def loses_a_descriptor(self, which: int, then: float) -> None:
        """Something else is at its number from now on, as where others closed it by mistake."""
        zygote = scene.sandbox._zygote
        assert zygote
        if not zygote.is_gone:
            sockets = [zygote._control, *(child.channel for child in zygote.children.values())]
            lost = sockets[which % len(sockets)]
            if lost.fileno() >= 0:
                with Path(os.devnull).open() as other:
                    os.dup2(other.fileno(), lost.fileno(), inheritable=False)
        self.goes_on(then)

    @staticmethod
    def goes_on(then: float) -> None:
        async def turns() -> None:
            for _ in range(int(then)):
                await asyncio.sleep(0)
            if then < 1:
                await asyncio.sleep(then)

        scene.run(turns())

    def teardown(self) -> None:
        async def ends() -> list[Any]:
            for each in self.jobs:
                each.cancel()
            async with asyncio.timeout(SERVED_SECONDS):
                return await asyncio.gather(*self.jobs, return_exceptions=True)

        for outcome in scene.run(ends()):
            assert isinstance(outcome, dict | Failed | OSError | asyncio.CancelledError), repr(outcome)
        scene.run(scene.settle())
        assert _descriptors() == scene.descriptors


def _signal(pid: int | None, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        if pid:
            os.kill(pid, number)


def _is_locked(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    return False


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


def _reap(orphans: set[int]) -> None:
    """Children of a zygote that was killed are ours then, and stay as zombies until they are waited for."""
    for pid in orphans:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    global scene
    monkeypatch.setattr(zygote_process, "_LOOK_SECONDS", 1 / _LOOKS_A_SECOND)
    monkeypatch.setattr(zygote_process, "_WARM_UP_LOOKS", 5 * _LOOKS_A_SECOND)
    _libc = ctypes.CDLL(None)
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    logging.disable()  # of faults that are meant
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    scene = Scene(tmp_path)
    try:
        yield _play
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)
        scene.close()
        logging.disable(logging.NOTSET)
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _play(histories: int, **more: Any) -> None:
    how = settings(
        max_examples=histories,
        stateful_step_count=12,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        **more,
    )
    run_state_machine_as_test(History, settings=how)


def test_histories(play: Callable[..., None]) -> None:
    play(40, derandomize=True)


@pytest.mark.prove
def test_thousands_of_histories(play: Callable[..., None]) -> None:
    play(2000, report_multiple_bugs=False)
