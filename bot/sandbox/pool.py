"""The bot's side of the jail: it sends a photo to a fresh child, reports stages, returns the result, and waits."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from bot.domain.errors import Failed, Reason, Refused
from bot.domain.values import LARGEST_RESULT, Limits, Stage, Tool
from bot.sandbox import jail, wire
from bot.sandbox.memory_file import MemoryFile
from bot.weights import MANIFEST, located

_ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(_ROOT),
    "PYTHONDONTWRITEBYTECODE": "1",
    # One arena keeps address space small. Huge pages spare page faults, all the more where arrays lie in one heap that
    # grows by several of them. Those above 32 MB are given back one by one, or the largest photos would need 8 % more.
    "GLIBC_TUNABLES": "glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1:glibc.malloc.top_pad=16777216"
    ":glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1073741824",
    # One thread a job, jobs side by side.
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VIPS_CONCURRENCY"), "1"),
}
_WARM_UP_SECONDS = 60
_GOODBYE_SECONDS = 2
_FORKS_AT_ONCE = 16  # asked of the zygote: more would fill the socket to it
_LOST = 1 << 8  # the wait status of a child that nobody was left to reap: exit 1

_Lengths = tuple[int, int, int]  # of picture, preview and what is told about them, in the result's file


class MissingLayer(Exception):
    """The kernel lacks layers of the jail that nobody accepted to go without."""

    def __init__(self, layers: set[str]) -> None:
        names = ",".join(sorted(layers))
        super().__init__(
            f"this kernel lacks {names}; use one that has it, or accept the loss with JAIL_ACCEPT_MISSING={names}"
        )
        self.layers = layers


@dataclass(frozen=True)
class Developed:
    """A result, its bytes still in memory: close it when it is delivered."""

    file: MemoryFile
    about: wire.About
    cpu_seconds: float
    peak_kib: int
    preview: MemoryFile | None = None  # a JPEG

    def __enter__(self) -> "Developed":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.file.close()
        if self.preview:
            self.preview.close()


@dataclass
class _Child:
    pid: int
    channel: socket.socket
    pidfd: int
    exited: asyncio.Future[tuple[int, int, int]] = field(repr=False)  # wait status, CPU us, peak KiB

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def close(self) -> None:
        self.channel.close()
        os.close(self.pidfd)


class Sandbox:
    """A zygote and its children: one child a job, as many at once as are asked for, and one spare.

    With `weights`, the folder of the networks' weights, its children can run heavy tools, too; it needs some 250 MB and
    two more seconds to be warm. Raises MissingLayer, and ModelError where there are no weights in that folder.
    `zygote` is the module that runs as the zygote, with arguments: tests have one with a hostile tool on its shelf.
    `readable_memory` lets the zygote's memory be searched for photos, for the playground; never a child's.
    """

    def __init__(
        self,
        accept_missing: frozenset[str] = frozenset(),
        weights: Path | None = None,
        zygote: tuple[str, ...] = ("bot.sandbox.zygote",),
        readable_memory: bool = False,
    ) -> None:
        self._missing = frozenset(jail.missing())
        if unaccepted := set(self._missing - accept_missing):
            raise MissingLayer(unaccepted)
        if weights:
            for name in MANIFEST:
                located(weights, name)
        self._weights = weights
        self._module = zygote
        self._more = ["readable"] if readable_memory else []
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._warm: asyncio.Future[None] | None = None
        self._coming = 0  # children that were asked for and are not here yet
        self._spares: deque[_Child] = deque()
        self._wanted: deque[asyncio.Future[_Child]] = deque()
        self._children: dict[int, _Child] = {}

    @property
    def zygote_pid(self) -> int | None:
        return self._zygote.pid if self._zygote else None

    @property
    def children(self) -> list[int]:
        """Process ids of the children at work; a spare is not at work."""
        return [pid for pid, child in self._children.items() if child not in self._spares]

    async def start(self) -> None:
        """Have a warm zygote. Raises Failed when none comes up."""
        if self._zygote and self._zygote.poll() is not None:
            self._lose_zygote()
        if self._warm is None:
            self._launch()
        assert self._warm
        try:
            await asyncio.wait_for(asyncio.shield(self._warm), _WARM_UP_SECONDS)
        except TimeoutError:
            self._lose_zygote()
            raise Failed(Reason.CRASHED) from None

    async def develop(
        self,
        tool: Tool,
        settings: Mapping[str, str],
        photo: MemoryFile,
        stage: Callable[[Stage], None] = lambda _: None,
        background_photo: MemoryFile | None = None,
    ) -> Developed:
        """Run one tool on one photo in a child of its own; the child is gone before this returns or raises.

        `background_photo` is a second photo, for a tool that takes one. Raises Refused for a photo that cannot be
        developed, Failed where the child died, grew too large or took too long.
        """
        background_photo = background_photo if background_photo and background_photo.size else None
        second = background_photo.size if background_photo else 0
        job = wire.Job(tool.slug, settings, photo.size, tool.limits, second, tool.heavy).pack()
        room = MemoryFile()
        try:
            room.truncate(wire.ROOM)
            child = await self._next_child()
            try:
                files = [photo.fd, room.fd, *([background_photo.fd] if background_photo else [])]
                return _take(room, *await self._verdict(child, job, files, tool.limits, stage))
            finally:
                child.kill()
                try:
                    await asyncio.shield(child.exited)
                finally:
                    child.close()
        except BaseException:
            room.close()
            raise

    def close(self) -> None:
        """End the zygote and with it every child."""
        self._lose_zygote()

    # -- one job --

    async def _next_child(self) -> _Child:
        await self.start()
        wanted: asyncio.Future[_Child] = asyncio.get_running_loop().create_future()
        self._wanted.append(wanted)
        self._match()
        try:
            return await wanted
        except asyncio.CancelledError:
            if wanted in self._wanted:
                self._wanted.remove(wanted)
            elif not wanted.cancelled() and not wanted.exception():  # the child came in the same moment
                self._spares.append(wanted.result())
            raise

    def _match(self) -> None:
        """Give the children that are here to the jobs that wait, and have one more coming than are waited for."""
        while self._spares and self._wanted:
            wanted = self._wanted.popleft()
            if not wanted.done():
                wanted.set_result(self._spares.popleft())
        while self._coming + len(self._spares) <= len(self._wanted) and self._coming < _FORKS_AT_ONCE:
            self._fork()

    async def _verdict(
        self, child: _Child, job: bytes, files: list[int], limits: Limits, stage: Callable[[Stage], None]
    ) -> tuple[_Lengths, float, int]:
        """Lengths of the result's parts, CPU seconds, peak KiB. Raises Refused, Failed."""
        try:
            async with asyncio.timeout(limits.seconds):
                socket.send_fds(child.channel, [job], files)
                verdict = await self._listen(child.channel, stage)
                status, cpu, peak = await asyncio.shield(child.exited)
        except TimeoutError:
            raise Failed(Reason.TOOK_TOO_LONG) from None
        except (ValueError, ConnectionError):
            raise Failed(Reason.CRASHED) from None
        if isinstance(verdict, Refused):
            raise verdict
        if verdict is None or status != 0:
            raise Failed(_why(status))
        return verdict, cpu / 1e6, peak

    async def _listen(self, channel: socket.socket, stage: Callable[[Stage], None]) -> Refused | _Lengths | None:
        """The child's verdict, None where it hung up without one. Raises ValueError for nonsense.

        Stages only go forward: otherwise a child that never stops talking would have the whole bot listen.
        """
        latest = Stage.FETCHING
        while isinstance(said := await self._hear(channel), Stage):
            if said <= latest:
                raise ValueError("a stage again")
            latest = said
            stage(said)
        return said

    async def _hear(self, channel: socket.socket) -> Stage | Refused | _Lengths | None:
        """The child's next word, None when it hung up. Raises ValueError for nonsense."""
        untrusted = await asyncio.get_running_loop().sock_recv(channel, wire.MESSAGE_SIZE)
        if not untrusted:
            return None
        kind, untrusted_numbers = wire.unpack(untrusted)
        if kind is wire.Kind.STAGE:
            return wire.stage_of(untrusted_numbers[0])
        if kind is wire.Kind.REFUSED:
            reason = Reason(untrusted_numbers[0])
            return (Failed if reason >= Reason.OUT_OF_MEMORY else Refused)(reason, untrusted_numbers[1])
        if kind is wire.Kind.DONE:
            return untrusted_numbers[:3]
        raise ValueError("not a child's word")

    # -- the zygote --

    def _launch(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            self._zygote = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    *self._module,
                    str(theirs.fileno()),
                    ",".join(sorted(self._missing)),
                    str(self._weights or ""),
                    *self._more,
                ],
                pass_fds=[theirs.fileno()],
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._control = ours
        self._warm = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(ours, self._hear_zygote)
        self._fork()

    def _fork(self) -> None:
        """Ask for one more child, to be ready when the next job comes."""
        if self._control:
            with contextlib.suppress(BrokenPipeError):  # it just died: its reader is about to hear of it
                self._control.send(wire.pack(wire.Kind.FORK))
            self._coming += 1

    def _hear_zygote(self) -> None:
        assert self._control
        try:
            message, fds, _, _ = socket.recv_fds(self._control, wire.MESSAGE_SIZE, 2)
        except BlockingIOError:
            return
        except OSError:
            message, fds = b"", []
        if not message:
            self._lose_zygote()
            return
        kind, (pid, status, cpu, peak) = wire.unpack(message)
        if kind is wire.Kind.READY and self._warm:
            self._warm.set_result(None)
        elif kind is wire.Kind.CHILD:
            self._adopt(pid, *fds)
        elif kind is wire.Kind.EXIT and (child := self._children.pop(pid, None)):
            child.exited.set_result((status, cpu, peak))
            if child in self._spares:
                self._spares.remove(child)
                child.close()

    def _adopt(self, pid: int, channel: int, pidfd: int) -> None:
        loop = asyncio.get_running_loop()
        child = _Child(pid, socket.socket(fileno=channel), pidfd, loop.create_future())
        child.channel.setblocking(False)
        self._children[pid] = child
        self._coming -= 1
        self._spares.append(child)
        self._match()

    @staticmethod
    def _end(zygote: subprocess.Popen[bytes]) -> None:
        """Without its socket it reaps its children and goes; one that hangs is killed, and they die with it."""
        try:
            zygote.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            zygote.kill()
            zygote.wait()

    def _lose_zygote(self) -> None:
        """It ended or shall end: its children die with it, their jobs have crashed, the next job starts another one."""
        if self._control:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
            self._control = None
        if self._zygote:
            self._end(self._zygote)
            self._zygote = None
        for child in self._children.values():
            child.kill()
            child.exited.set_result((_LOST, 0, 0))
        self._children.clear()
        for spare in self._spares:
            spare.close()
        self._spares.clear()
        for waiting in (self._warm, *self._wanted):
            if waiting and not waiting.done():
                waiting.set_exception(Failed(Reason.CRASHED))
                waiting.exception()  # seen: a job that was stopped meanwhile does not come back for it
        self._warm = None
        self._wanted.clear()
        self._coming = 0


def _why(status: int) -> Reason:
    """What a wait status says about a child that gave no answer."""
    killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if killed_by == signal.SIGXCPU:
        return Reason.TOOK_TOO_LONG
    return Reason.OUT_OF_MEMORY if killed_by == signal.SIGKILL else Reason.CRASHED


def _take(room: MemoryFile, untrusted_lengths: _Lengths, cpu_seconds: float, peak_kib: int) -> Developed:
    """The parts of the result's file, if they can be there. Raises Failed."""
    length, preview, about = untrusted_lengths
    possible = (range(1, LARGEST_RESULT + 1), range(wire.LARGEST_PREVIEW + 1), range(1, wire.LARGEST_ABOUT + 1))
    if not all(number in numbers for number, numbers in zip(untrusted_lengths, possible, strict=True)):
        raise Failed(Reason.CRASHED)
    try:
        told = wire.About.unpack(room.read(length + preview, about))
    except (ValueError, json.JSONDecodeError):
        raise Failed(Reason.CRASHED) from None
    shown = room.part(length, preview) if preview else None
    room.truncate(length)
    return Developed(room, told, cpu_seconds, peak_kib, shown)
