"""One zygote as the bot sees it, from its start to its end.

It warms up, serves, and is gone; it never comes back, and the pool starts another one. So nothing is ever reset: what
belongs to a zygote is in one object, and ends with it.

Every word that the zygote owes is written down with the looks that it has for it. Once a second the bot looks: a zygote
that owes a word for too long, or is stopped, is ended, as is one that hangs up or talks nonsense. Whoever waits has a
future, which the word or the end resolves. No future carries an exception.
"""

import asyncio
import contextlib
import itertools
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bot.sandbox import wire
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.wire import Kind

_log = logging.getLogger(__name__)

_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    "PYTHONDONTWRITEBYTECODE": "1",
    # One arena keeps address space small. Huge pages spare page faults, all the more where arrays lie in one heap that
    # grows by several of them. Those above 32 MB are given back one by one, or the largest photos would need 8 % more.
    "GLIBC_TUNABLES": "glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1:glibc.malloc.top_pad=16777216"
    ":glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1073741824",
    # One thread a job, jobs side by side.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VIPS_CONCURRENCY"), "1"),
}
_LOOK_SECONDS = 1
# Looks, not seconds: a machine that slept wakes up to one look and not to a minute of silence.
_WARM_UP_LOOKS = 60
_ANSWER_LOOKS = 5
_GOODBYE_SECONDS = 2
_FORKS_AT_ONCE = 8  # so that the last of them, too, is forked in time; further ones wait here
_WARMTH = 0  # the first word that it owes; children have the numbers from 1 on


class Exit(NamedTuple):
    """How a child ended."""

    status: int  # as wait(2) tells it
    cpu_us: int
    peak_kib: int


_LOST = Exit(0, 0, 0)  # nobody was left to tell: then only what the child said counts


@dataclass(eq=False)
class Child:
    """A child that waits for a job, or has one."""

    number: int  # never given twice, as a process id may be
    pid: int
    zygote: "ZygoteProcess" = field(repr=False)
    channel: socket.socket = field(repr=False)
    exited: "asyncio.Future[Exit]" = field(repr=False)

    def lend(self, job: bytes, photos: list[MemoryFile], room: MemoryFile) -> bool:
        """Hand it its job: photos to read, room to write to. False where that cannot be done: it may have ended."""
        try:
            with contextlib.ExitStack() as lent:
                photo, *background_photo = [lent.enter_context(each.read_only()) for each in photos]
                socket.send_fds(self.channel, [job], [photo, room.fd, *background_photo])
        except OSError:
            return False
        return True

    async def end(self) -> None:
        """It is gone when this returns. Where this is cancelled, it is gone soon."""
        self.let_go()
        await asyncio.shield(self.exited)

    def let_go(self) -> None:
        """Nobody has a use for it any more."""
        if not self.exited.done():
            self.zygote.kill(self.number)
        with contextlib.suppress(OSError):
            self.channel.close()


_Asked = asyncio.Future[Child | None]


class ZygoteProcess:
    """A zygote that has just been started, as `python -m MODULE SOCKET ARGUMENTS`. Raises OSError where it cannot be.

    `warm` becomes True when it serves, False when it ends before.
    """

    def __init__(self, module: tuple[str, ...], arguments: tuple[str, ...]) -> None:
        self._loop = asyncio.get_running_loop()
        self.is_gone = False
        self.warm: asyncio.Future[bool] = self._loop.create_future()
        self.children: dict[int, Child] = {}
        self._asked: dict[int, _Asked] = {}  # by the number that the child will have
        self._line: deque[_Asked] = deque()  # not asked for yet
        self._spare: _Asked | None = None
        self._owed = {_WARMTH: _WARM_UP_LOOKS}  # looks that are left, by the number of the child that it is about
        self._numbers = itertools.count(_WARMTH + 1)
        self._process, self._control = _started(module, arguments)
        self._watch = self._loop.call_later(_LOOK_SECONDS, self._look)
        try:
            self._loop.add_reader(self._control, self.hear)
        except OSError:
            self.end("it cannot be listened to")
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def spare(self) -> Child | None:
        """The child that is ready for the next job."""
        return self._spare.result() if self._spare and self._spare.done() else None

    @property
    def is_settled(self) -> bool:
        """True if no word is owed and no child is to come."""
        return not (self._owed or self._asked or self._line)

    # -- children --

    def take(self) -> _Asked:
        """A child for one job: the spare, or one that is forked now; None where that failed.

        One more is asked for, to be ready when the next job comes.
        """
        taken = self._spare
        if taken is None or (taken.done() and taken.result() is None):
            taken = self._ask()
        self._spare = self._ask()
        return taken

    def _ask(self) -> _Asked:
        asked: _Asked = self._loop.create_future()
        self._line.append(asked)
        self._ask_for_more()
        return asked

    def _ask_for_more(self) -> None:
        if self.is_gone:
            self._give_up()
        while self._line and len(self._asked) < _FORKS_AT_ONCE:
            asked = self._line.popleft()
            if not asked.done():  # or its job was stopped
                number = next(self._numbers)
                self._asked[number] = asked
                self._say(Kind.FORK, number)

    def kill(self, number: int) -> None:
        """End a child. Only its parent knows for sure whose process id that is, and so the zygote does it."""
        self._say(Kind.KILL, number)

    def _say(self, kind: Kind, number: int) -> None:
        self._owed.setdefault(number, _ANSWER_LOOKS)
        try:
            self._control.send(wire.pack(kind, number))
        except BlockingIOError:
            return  # it hears nothing any more: what it owes is overdue soon
        except OSError as error:
            self.end(f"{type(error).__name__} when it was spoken to")

    # -- what it says --

    def hear(self) -> None:
        """Take in all that it has said until now."""
        try:
            while not self.is_gone:
                message, descriptors, _, _ = socket.recv_fds(self._control, wire.MESSAGE_SIZE, 1)
                self._hear_one(message, descriptors)
        except BlockingIOError:
            return
        except Exception as error:  # whatever it is, nothing of this zygote can be relied on any more
            self.end(f"{type(error).__name__} while it was heard")

    def _hear_one(self, message: bytes, descriptors: list[int]) -> None:
        try:
            if not message:
                self.end("it has ended")
                return
            kind, (number, *about) = wire.unpack(message)
            self._owed.pop(number, None)
            if kind is Kind.READY:
                self.warm.set_result(True)
            elif kind is Kind.CHILD:
                self._answer(number, self._adopted(number, about[0], descriptors))
            elif kind is Kind.NO_CHILD:
                _log.warning("a child could not be forked: %s", os.strerror(about[0]))
                self._answer(number, None)
            elif kind is Kind.EXIT:
                self._bury(number, Exit(*about))
            else:
                raise ValueError("not a zygote's word")
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _adopted(self, number: int, pid: int, descriptors: list[int]) -> Child | None:
        """None where its channel was lost on the way."""
        if not descriptors:
            _log.warning("a child came without its channel: too many files are open")
            self.kill(number)
            return None
        channel = socket.socket(fileno=descriptors[0])
        del descriptors[0]
        channel.setblocking(False)
        child = Child(number, pid, self, channel, self._loop.create_future())
        self.children[number] = child
        return child

    def _answer(self, number: int, child: Child | None) -> None:
        asked = self._asked.pop(number)
        if not asked.done():
            asked.set_result(child)
        elif child:  # its job was stopped
            child.let_go()
        self._ask_for_more()

    def _bury(self, number: int, exit_: Exit) -> None:
        child = self.children.pop(number, None)
        if child:
            child.exited.set_result(exit_)
            if child is self.spare:
                self._spare = None
                child.let_go()

    # -- its end --

    def _look(self) -> None:
        self.hear()  # what came while the bot was busy is not late
        self._owed = {number: looks - 1 for number, looks in self._owed.items()}
        if not self.is_gone and _is_stopped(self.pid):
            self.end("it is stopped")
        elif not all(self._owed.values()):
            self.end("it does not answer")
        if not self.is_gone:
            self._watch = self._loop.call_later(_LOOK_SECONDS, self._look)

    def end(self, why: str = "", patience: float = 0) -> None:
        """End it and every child of it, for good: within `patience`, in seconds, by itself, and else it is killed.

        What can fail comes last.
        """
        if self.is_gone:
            return
        self.is_gone = True
        if why:
            _log.error("the zygote is gone: %s", why)
        self._watch.cancel()
        spare = self.spare
        self._give_up()
        if spare:
            spare.let_go()
        self._loop.remove_reader(self._control)
        _end(self._process, self._control, patience)

    def _give_up(self) -> None:
        """Resolve all that is waited for: it does not come any more."""
        for asked in (*self._asked.values(), *self._line):
            if not asked.done():
                asked.set_result(None)
        if not self.warm.done():
            self.warm.set_result(False)
        for child in self.children.values():
            child.exited.set_result(_LOST)
        for each in (self._asked, self._line, self.children, self._owed):
            each.clear()


def _started(module: tuple[str, ...], arguments: tuple[str, ...]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", *module, str(theirs.fileno()), *arguments],
                pass_fds=[theirs.fileno()],
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        except BaseException:
            ours.close()
            raise
    ours.setblocking(False)
    return process, ours


def _is_stopped(pid: int) -> bool:
    """True if it was stopped and not continued: nobody knows when it will be."""
    try:
        return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return False


def _end(process: subprocess.Popen[bytes], control: socket.socket, patience: float) -> None:
    """Without its socket a zygote reaps its children and goes. One that is killed takes them along."""
    with contextlib.suppress(OSError):
        control.close()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_GOODBYE_SECONDS)
