"""The zygote with one more tool on its shelf, whose acts are those of a decoder that was taken over, or has a bug.

python -m tests.harness.hostile [--ordinary] [--unrehearsed] [--without LAYERS] FOLDER SOCKET MISSING WEIGHTS

Started by `Sandbox`. The zygote itself has faults on demand, one for each signal in `FAULTS`.
"""

import argparse
import ctypes
import errno
import gc
import hashlib
import importlib
import json
import mmap
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bot import sealing
from bot.domain.errors import Reason, Refused
from bot.domain.values import Limits, Outcome, Report, Source, Stage, Tool
from bot.sandbox import wire, zygote
from bot.tools import prints
from bot.tools.shelf import ALL_TOOLS
from tests.harness import attacks

ORDINARY_USER = 12345
_CHANNEL = 3
_prey: attacks.Prey

Act = Callable[[Source, Mapping[str, str]], Report]
ACTS: dict[str, Act] = {}


def act(function: Act) -> Act:
    ACTS[function.__name__] = function
    return function


def tool(**limits: Any) -> Tool:
    """The hostile tool as the bot's side sees it, under these limits."""
    return replace(TOOL, limits=Limits(**limits))


def parse(settings: Mapping[str, str]) -> Mapping[str, str]:
    if not settings:
        raise Refused(Reason.BROKEN)  # the rehearsal; there is nothing to rehearse
    return settings


def run(source: Source, settings: Mapping[str, str]) -> Outcome:
    """The photo unchanged, if the act ends at all."""
    report = ACTS[settings["act"]](source, settings)
    return Outcome([source.data], source.format, 1, 1, 1, 1, report, settings.get("preview", "").encode())


TOOL = Tool("hostile", 1, parse, run)


@act
def attack(source: Source, settings: Mapping[str, str]) -> Report:
    return {"stopped-by": attacks.outcome(settings["name"], _prey)}


@act
def look(source: Source, settings: Mapping[str, str]) -> Report:
    """Who and what the child is, and what it was given."""
    background_photo = hashlib.sha256(source.background_photo.data).hexdigest() if source.background_photo else ""
    return {"pid": os.getpid(), "digest": hashlib.sha256(source.data).hexdigest(), "behind": background_photo}


@act
def overwrite(source: Source, settings: Mapping[str, str]) -> Report:
    """The photo itself, which its owner may send on as it was."""
    address = np.frombuffer(source.data, np.uint8).ctypes.data
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), mmap.PROT_READ | mmap.PROT_WRITE) < 0:
        return {"stopped-by": type(OSError(ctypes.get_errno(), "")).__name__}
    ctypes.memset(address, 0, 16)
    return {"stopped-by": ""}


@act
def hang(source: Source, settings: Mapping[str, str]) -> Report:
    source.stage(Stage.WORKING)
    time.sleep(3600)
    return {}


@act
def spin(source: Source, settings: Mapping[str, str]) -> Report:
    while True:
        pass


@act
def hoard(source: Source, settings: Mapping[str, str]) -> Report:
    kept: list[bytes] = []
    while True:
        kept.append(bytes(16 << 20))


@act
def crash(source: Source, settings: Mapping[str, str]) -> Report:
    ctypes.string_at(0)
    return {}


@act
def raise_an_error(source: Source, settings: Mapping[str, str]) -> Report:
    raise RuntimeError("text of the photo: secret")


@act
def need_a_codec(source: Source, settings: Mapping[str, str]) -> Report:
    return {"text": b"+".decode("utf-7", "replace")}


@act
def need_a_module(source: Source, settings: Mapping[str, str]) -> Report:
    return {"module": importlib.import_module("wave").__name__}


@act
def exit_quietly(source: Source, settings: Mapping[str, str]) -> Report:
    os._exit(int(settings["status"]))


@act
def refuse(source: Source, settings: Mapping[str, str]) -> Report:
    raise Refused(Reason.BROKEN)


@act
def say(source: Source, settings: Mapping[str, str]) -> Report:
    """Packets in hex, joined by commas, to the bot; then exit, hang, or go on as if nothing had been."""
    for packet in settings["packets"].split(","):
        os.write(_CHANNEL, bytes.fromhex(packet))
    match settings.get("then"):
        case "exit":
            os._exit(0)
        case "hang":
            time.sleep(3600)
        case "hang up":
            os.close(_CHANNEL)
            time.sleep(3600)
    return {}


@act
def chatter(source: Source, settings: Mapping[str, str]) -> Report:
    """Never stop talking."""
    while True:
        os.write(_CHANNEL, bytes.fromhex(settings["packet"]))


@act
def forge(source: Source, settings: Mapping[str, str]) -> Report:
    """A result whose description is any text."""
    about = bytes.fromhex(settings["about"]) * int(settings.get("times", "1"))
    room = next(each for each in gc.get_objects() if isinstance(each, mmap.mmap) and len(each) == wire.ROOM)
    room[:1] = b"x"
    room[1 : 1 + len(about)] = about
    os.write(_CHANNEL, wire.pack(wire.Kind.DONE, 1, 0, len(about)))
    os._exit(0)


def forged(**changes: object) -> str:
    """The description of a result, with some fields another way, in hex."""
    honest = json.loads(wire.About("JPEG", "JPEG", 1, 1, 1, 1, {}).pack())
    return json.dumps(honest | changes).encode().hex()


def _ordinary() -> None:
    """Become an ordinary user. What loads lazily loads before: a home folder of mode 0700 cannot be read afterwards."""
    zygote.rehearse()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(*(ORDINARY_USER,) * 3)
        os.setresuid(*(ORDINARY_USER,) * 3)


def _lying_print(source: Source, order: prints.PrintJob) -> Outcome:
    """A package of its own making: for more copies than were ordered."""
    told = replace(order.told, copies=prints.MOST_COPIES)
    package = sealing.pack(told, bytes(source.data), order.address, order.key)
    return Outcome([package], "AGE", 1, 1, 1, 1)


# Faults of the zygote

FAULTS = {"the next fork fails": signal.SIGUSR1, "is deaf": signal.SIGUSR2, "talks nonsense": signal.SIGHUP}


def _have_faults(control: int) -> None:
    failing: list[int] = []
    fork = os.fork

    def may_fail() -> int:
        if failing:
            raise BlockingIOError(failing.pop(), "planted")
        return fork()

    os.fork = may_fail
    signal.signal(FAULTS["the next fork fails"], lambda *_: failing.append(errno.EAGAIN))
    signal.signal(FAULTS["is deaf"], lambda *_: time.sleep(3600))
    signal.signal(FAULTS["talks nonsense"], lambda *_: os.write(control, b"nonsense"))


def _main() -> None:
    global _prey
    parser = argparse.ArgumentParser()
    parser.add_argument("--ordinary", action="store_true")
    parser.add_argument("--unrehearsed", action="store_true")  # warm three times as fast, for none but our own tool
    parser.add_argument("--without", default="")
    parser.add_argument("folder", type=Path)
    parser.add_argument("socket", type=int)
    parser.add_argument("missing")
    parser.add_argument("weights")
    given = parser.parse_args()
    _prey = attacks.leave_open(given.folder)
    ALL_TOOLS[TOOL.slug] = TOOL
    ALL_TOOLS[prints.TOOL.slug] = replace(prints.TOOL, run=_lying_print)
    if given.ordinary:
        _ordinary()
    if given.unrehearsed:
        zygote.rehearse = lambda heavy=False: None
    _have_faults(given.socket)
    missing = frozenset(filter(None, [*given.missing.split(","), *given.without.split(",")]))
    zygote.main(socket.socket(fileno=given.socket), missing, given.weights)


if __name__ == "__main__":
    _main()
