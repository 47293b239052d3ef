"""The bot with a heavy tool: "Enhance" computes for about half a second, whatever the photo.

python -m tests.harness.heavy run                 LANES=fifo in the environment: one queue for everybody and everything
python -m tests.harness.heavy zygote SOCKET MISSING WEIGHTS      started by `Sandbox`
"""

import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

import numpy as np

from bot import __main__ as command_line
from bot import app
from bot.domain.errors import Reason, Refused
from bot.domain.values import Outcome, Source, Stage
from bot.photos import job_queues
from bot.sandbox import zygote
from bot.sandbox.pool import Sandbox
from bot.tools.shelf import ALL_TOOLS, SHELF

FIFO = os.environ.get("LANES") == "fifo"
_ROUNDS = 40  # of a megapixel


def parse(settings: Mapping[str, str]) -> Mapping[str, str]:
    if not settings:
        raise Refused(Reason.BROKEN)  # the rehearsal; there is nothing to rehearse
    return settings


def run(source: Source, settings: Mapping[str, str]) -> Outcome:
    source.stage(Stage.WORKING)
    pixels = np.ones((1000, 1000))
    for _ in range(_ROUNDS):
        np.sin(pixels, out=pixels)
    return Outcome([source.data], source.format, 1, 1, 1, 1)


class OneQueue(job_queues.JobQueues):
    """In order of arrival. Children of heavy jobs give way here, too: what differs is the queue alone."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.heavy = self.light
        slot = self.light.slot
        self.light.slot = lambda _, photos, tell: slot(0, photos, tell)  # type: ignore[method-assign]


def main() -> None:
    SHELF["enhance"] = ALL_TOOLS["enhance"] = replace(SHELF["enhance"], parse=parse, run=run, heavy=True, presets=())
    if sys.argv[1] == "zygote":
        zygote.main(socket.socket(fileno=int(sys.argv[2])), frozenset(filter(None, sys.argv[3].split(","))), "")
        return
    app.Sandbox = partial(Sandbox, zygote=("tests.harness.heavy", "zygote"))  # type: ignore[assignment, misc]
    app.JobQueues = OneQueue if FIFO else job_queues.JobQueues  # type: ignore[misc]
    with patch("os.execve", partial(begin_anew, os.execve)):
        sys.exit(command_line.main())


def begin_anew(execve: Callable[..., None], path: str, arguments: list[str], environment: dict[str, str]) -> None:
    """The bot starts itself once more with other settings of its memory; so do we."""
    execve(path, ["tests.harness.heavy" if each == "bot" else each for each in arguments], environment)


if __name__ == "__main__":
    main()
