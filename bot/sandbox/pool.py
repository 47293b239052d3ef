"""The bot's side of the jail: it sends a photo to a fresh child, reports stages, returns the result, and waits."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from bot.domain.errors import Failed, Reason
from bot.domain.values import LARGEST_RESULT, Limits, Stage, Tool
from bot.sandbox import jail, verdict, wire
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.zygote_process import Child, Exit, ZygoteProcess
from bot.weights import MANIFEST, located

_log = logging.getLogger(__name__)

_GOODBYE_SECONDS = 2
_PAUSES = (0, 0.1, 0.5, 2)  # seconds before each try to have a child: what is short is often short for a moment


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
        missing = jail.missing()
        if unaccepted := missing - accept_missing:
            raise MissingLayer(unaccepted)
        if weights:
            for name in MANIFEST:
                located(weights, name)
        readable = ("readable",) if readable_memory else ()
        self._arguments = (",".join(sorted(missing)), str(weights or ""), *readable)
        self._module = zygote
        self._zygote: ZygoteProcess | None = None
        self._at_work: set[Child] = set()
        self._is_closed = False

    @property
    def zygote_pid(self) -> int | None:
        return self._zygote.pid if self._zygote and not self._zygote.is_gone else None

    @property
    def children(self) -> list[int]:
        """Process ids of the children at work; a spare is not at work."""
        return [child.pid for child in self._at_work]

    async def start(self) -> None:
        """Have a warm zygote. Raises Failed when none comes up."""
        try:
            is_warm = await asyncio.shield(self._serving().warm)
        except OSError as error:
            raise Failed(Reason.CRASHED) from error
        if not is_warm:
            raise Failed(Reason.CRASHED)

    async def develop(
        self,
        tool: Tool,
        settings: Mapping[str, str],
        photo: MemoryFile,
        stage: Callable[[Stage], None] = lambda _: None,
        background_photo: MemoryFile | None = None,
    ) -> Developed:
        """Run one tool on one photo in a child of its own; the child is gone before this returns or raises.

        `background_photo` is a second photo, for a tool that takes one. Where another tool goes on with the result of
        this one, it does so in a second child. Raises Refused for a photo that cannot be developed, Failed where the
        child died, grew too large or took too long, or where no child came. Raises OSError where no result could be
        held, for want of descriptors.
        """
        made = await self._develop(
            tool, settings, [photo, *([background_photo] if background_photo and background_photo.size else [])], stage
        )
        if tool.then is None:
            return made
        with made:
            last = await self._develop(tool.then, settings, [made.file], lambda _: None)
        return replace(
            last,
            about=replace(last.about, input_format=made.about.input_format),
            cpu_seconds=made.cpu_seconds + last.cpu_seconds,
            peak_kib=max(made.peak_kib, last.peak_kib),
        )

    def close(self) -> None:
        """End the zygote and with it every child, for good."""
        self._is_closed = True
        if self._zygote:
            self._zygote.end(patience=_GOODBYE_SECONDS)

    def _serving(self) -> ZygoteProcess:
        """The zygote that is there, or a new one. Raises OSError, and Failed where there shall be none any more."""
        if self._is_closed:
            raise Failed(Reason.CRASHED)
        if self._zygote:
            self._zygote.hear()  # it may have ended since
        if self._zygote is None or self._zygote.is_gone:
            self._zygote = ZygoteProcess(self._module, self._arguments)
        return self._zygote

    async def _develop(
        self, tool: Tool, settings: Mapping[str, str], photos: list[MemoryFile], stage: Callable[[Stage], None]
    ) -> Developed:
        size, background_photo = (*(photo.size for photo in photos), 0)[:2]
        job = wire.Job(tool.slug, settings, size, tool.limits, background_photo, tool.heavy).pack()
        room = MemoryFile()
        try:
            room.truncate(wire.ROOM)
            try:
                lengths, exit_ = await self._work(job, photos, room, tool.limits, stage)
            except verdict.Unheard:
                lengths, exit_ = await self._work(job, photos, room, tool.limits, stage)
            return _take(room, lengths, exit_.cpu_us / 1e6, exit_.peak_kib)
        except BaseException:
            room.close()
            raise

    async def _work(
        self, job: bytes, photos: list[MemoryFile], room: MemoryFile, limits: Limits, stage: Callable[[Stage], None]
    ) -> tuple[verdict.Lengths, Exit]:
        child = await self._lend(job, photos, room)
        self._at_work.add(child)
        try:
            return await verdict.of(child, limits, stage)
        finally:
            try:
                await child.end()
            finally:
                self._at_work.discard(child)

    async def _lend(self, job: bytes, photos: list[MemoryFile], room: MemoryFile) -> Child:
        """A child that has the job. A zygote that is lost is followed by another one. Raises Failed."""
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            child = await self._next_child()
            if child and child.lend(job, photos, room):
                return child
            if child:
                child.let_go()
        raise Failed(Reason.CRASHED)

    async def _next_child(self) -> Child | None:
        """None where none can be had at this moment."""
        try:
            zygote = self._serving()
        except OSError as error:
            _log.warning("a zygote could not be started: %s", error.strerror)
            return None
        if not await asyncio.shield(zygote.warm):
            return None
        taken = zygote.take()
        try:
            return await taken
        except asyncio.CancelledError:
            if not taken.cancelled() and (child := taken.result()):  # it came in the same moment
                child.let_go()
            raise


def _take(room: MemoryFile, untrusted_lengths: verdict.Lengths, cpu_seconds: float, peak_kib: int) -> Developed:
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
