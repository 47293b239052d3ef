"""The zygote: everything imported and rehearsed, one thread, never a photo. It forks a child a job and reaps it.

Started by `Sandbox` as `python -m bot.sandbox.zygote SOCKET MISSING WEIGHTS [readable]`, WEIGHTS empty where there are
to be no heavy jobs; it ends when the bot's end of the socket closes.
"""

import codecs
import contextlib
import ctypes
import gc
import io
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import pillow_heif
from PIL import Image

from bot import sealing
from bot.domain.errors import Refused
from bot.domain.values import Limits, Stage, Tool
from bot.sandbox import child, header_check, jail, threadless, wire
from bot.tools import print_proof, prints, segmentation
from bot.tools.shelf import SHELF

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
_CODECS = (
    "ascii",
    "latin-1",
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
    "cp1252",
)
_OOM_SCORE = "700"  # when the machine runs out of memory, let the kernel end a job, not the bot


class _Rehearsal:
    """A tiny made picture in place of a photo."""

    background_photo = None

    def __init__(self, data: bytes) -> None:
        self.data = memoryview(data)
        self.limits = Limits()
        self.format = header_check.check(self.data, self.limits)

    def stage(self, stage: Stage) -> None:
        pass


def rehearse(heavy: bool = False) -> None:
    """Run every tool on a tiny picture of every format, for what loads lazily: the child may open nothing any more."""
    for codec in _CODECS:  # of texts in metadata
        codecs.lookup(codec)
    cv2.setNumThreads(1)
    pillow_heif.register_heif_opener()
    with contextlib.suppress(OSError):  # a hardened kernel may forbid it: then HEIC is refused, and all else goes on
        threadless.start_no_threads()
    for format_ in _FORMATS:
        for mode in ("RGB", "RGBA", "L"):
            for tool in SHELF.values():
                if not tool.heavy:
                    _rehearse(tool, _tiny(format_, mode))
    for tool in SHELF.values():
        if tool.heavy and heavy:  # decodes and encodes as the others do: once loads its networks
            tool.run(_Rehearsal(_subject()), tool.parse({}))
    for tool in (print_proof.LOOK, prints.TOOL, prints.SEAL):  # decode as the others do, too
        settings = {} if tool is print_proof.LOOK else _for_nobody()
        tool.run(_Rehearsal(_subject()), tool.parse({"fit": "whole", **settings}))


def _for_nobody() -> dict[str, str]:
    """An order that is sealed for a key whose other half is thrown away."""
    return {"order": "rehearsal", "address": "nowhere", "key": sealing.new_key()[1]}


def _rehearse(tool: Tool, picture: bytes) -> None:
    for settings in {preset.settings for row in tool.presets for preset in row} | {""}:
        pairs = dict(pair.split("=", 1) for pair in settings.split(";") if pair)
        with contextlib.suppress(Refused):
            tool.run(_Rehearsal(picture), tool.parse(pairs))


def _tiny(format_: str, mode: str) -> bytes:
    picture = Image.linear_gradient("L").resize((48, 32)).convert(mode)
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turning has its own lazy paths
    options = {"exif": exif} if format_ in ("JPEG", "PNG", "WEBP", "AVIF") else {}
    picture.convert("RGB" if format_ in ("JPEG", "BMP") and mode == "RGBA" else mode).save(out, format_, **options)
    return out.getvalue()


def _subject() -> bytes:
    """A picture of something: a spot."""
    picture = Image.radial_gradient("L").point(lambda distance: 40 if distance < 90 else 230).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def main(control: socket.socket, missing: frozenset[str], weights: str, readable: bool = False) -> None:
    """Serve until the bot closes its end. `readable`: this process, not its children, lets its memory be measured."""
    jail.die_with_parent(os.getppid())
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, "ascii")
    if weights:
        segmentation.use(Path(weights))
    rehearse(heavy=bool(weights))
    _wait_until_alone()
    me = child.Zygote(os.getpid(), jail.mapped_bytes(), missing)
    (jail.forbid_cores if readable else jail.hide_memory)()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what the rehearsal needed goes: 16 MB less to copy the tables of at each fork
    gc.freeze()  # so that a child's collector does not copy our pages by touching them
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff and friends print what they find in files
    if "landlock" not in missing:
        jail.lock_files()
    control.send(wire.pack(wire.Kind.READY))
    _serve(control, me)


def _wait_until_alone() -> None:
    """Threads that encoders joined vanish from /proc a moment later; one that stays would deadlock a fork's locks."""
    deadline = time.monotonic() + 5
    while len(list(Path("/proc/self/task").iterdir())) > 1:
        if time.monotonic() > deadline:
            raise RuntimeError("a library left a thread behind")
        time.sleep(0.01)


@dataclass(frozen=True)
class _Child:
    number: int  # the bot's name of it
    pid: int
    pidfd: int


def _serve(control: socket.socket, me: child.Zygote) -> None:
    poll = select.poll()
    poll.register(control, select.POLLIN)
    children: dict[int, _Child] = {}  # by pidfd
    while True:
        for fd, _ in poll.poll():
            if fd != control.fileno():
                poll.unregister(fd)
                _reap(control, children.pop(fd))
                continue
            message = control.recv(wire.MESSAGE_SIZE)
            if not message:  # the bot hung up: nothing may outlive us
                _end([each.pid for each in children.values()])
                return
            kind, (number, *_) = wire.unpack(message)
            if kind is wire.Kind.KILL:
                for each in children.values():
                    if each.number == number:
                        os.kill(each.pid, signal.SIGKILL)
            elif forked := _fork(control, me, number):
                children[forked.pidfd] = forked
                poll.register(forked.pidfd, select.POLLIN)


def _end(children: list[int]) -> None:
    """They are gone when this returns, and not even zombies."""
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.wait4(pid, 0)


def _fork(control: socket.socket, me: child.Zygote, number: int) -> _Child | None:
    """None, and a word to the bot, where there is no room for one more process or descriptor."""
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            forked = _forked(theirs, me, number)
            try:
                socket.send_fds(control, [wire.pack(wire.Kind.CHILD, number, forked.pid)], [ours.fileno()])
            except OSError:
                os.close(forked.pidfd)
                _end([forked.pid])
                raise
    except OSError as error:
        control.send(wire.pack(wire.Kind.NO_CHILD, number, error.errno or 0))
        return None
    return forked


def _forked(channel: socket.socket, me: child.Zygote, number: int) -> _Child:
    pid = os.fork()
    if pid == 0:
        child.run(channel, me)
    try:
        return _Child(number, pid, os.pidfd_open(pid))
    except OSError:
        _end([pid])
        raise


def _reap(control: socket.socket, ended: _Child) -> None:
    _, status, usage = os.wait4(ended.pid, 0)
    os.close(ended.pidfd)
    cpu = int((usage.ru_utime + usage.ru_stime) * 1e6)
    control.send(wire.pack(wire.Kind.EXIT, ended.number, status, cpu, usage.ru_maxrss))


if __name__ == "__main__":
    layers = frozenset(filter(None, sys.argv[2].split(",")))
    main(socket.socket(fileno=int(sys.argv[1])), layers, sys.argv[3], "readable" in sys.argv[4:])
