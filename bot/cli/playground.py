"""`python -m bot playground`: starts the local Bot API with the real bot beside it, and cleans up after both.

All work is done by the server (`bot.playground`), which owns the bot. This process only watches: where the server is
killed, it waits for what the server started to end, too, and removes what they had in memory. Where this process is
killed, the server does the same for itself.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys

from bot.playground.environment import SETTINGS
from bot.playground.files import remove_orphaned_folders
from bot.settings import ROOT, Settings

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h: grandchildren whose parent died become children


def playground(settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM; nothing outlives it, not even the database."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    server = subprocess.Popen(
        [sys.executable, "-m", "bot.playground", "--with-bot", "--listen", settings.playground_listen],
        cwd=ROOT,
        env=os.environ | _of_this_machine(settings),
        stdin=subprocess.PIPE,  # its end tells the server of ours
        stdout=subprocess.PIPE,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.terminate())
    assert server.stdout
    if line := server.stdout.readline():
        print(f"Darkroom's playground is at {json.loads(line)['url']}/  (Ctrl-C ends it)", flush=True)
    status = server.wait()
    _wait_for_orphans()
    remove_orphaned_folders()
    return 1 if status else 0


def _of_this_machine(settings: Settings) -> dict[str, str]:
    """Settings that may stand in `.env`, which the playground's bot does not read."""
    given = {name: getattr(settings, name.lower()) for name in SETTINGS}
    return {
        name: ",".join(value) if isinstance(value, frozenset) else str(value)
        for name, value in given.items()
        if value is not None
    }


def _wait_for_orphans() -> None:
    """The server's bot, its zygote and its children die with it, one after the other."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
