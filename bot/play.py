"""`python -m bot playground`: a local Bot API in a process of its own, and the real bot against it over HTTP."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.settings import ROOT, Settings

_TOKEN = "1000000001:playground-needs-no-secret-token-x"  # noqa: S105  (no secret: it opens nothing but the playground)
_PR_SET_PDEATHSIG = 1
_STOP_SECONDS = 20


def playground(settings: Settings) -> int:
    """Serve until Ctrl-C or SIGTERM; nothing outlives it, not even the database."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="darkroom-", dir=_memory_folder()) as folder, _server(settings) as url:
        print(f"Darkroom's playground is at {url}/  (Ctrl-C ends it)", flush=True)
        bot = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=ROOT,
            env={**os.environ, **_environment(url, Path(folder))},
            preexec_fn=_die_with_parent,
        )
        try:
            return bot.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _end(bot)


def _environment(url: str, folder: Path) -> dict[str, str]:
    return {
        "BOT_TOKEN": _TOKEN,
        "BOT_API_URL": url,
        "BOT_MODE": "polling",
        "DATABASE_PATH": str(folder / "darkroom.db"),
        "DATABASE_KEY_FILE": str(folder / "database.key"),
        "METRICS_LISTEN": "127.0.0.1:0",
    }


@contextlib.contextmanager
def _server(settings: Settings) -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "bot.playground", "--listen", settings.playground_listen],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=_die_with_parent,
    )
    assert server.stdout
    try:
        line = server.stdout.readline()
        if not line:
            sys.exit(
                f"the playground does not start at PLAYGROUND_LISTEN {settings.playground_listen}: is the port taken?"
            )
        yield str(json.loads(line)["url"])
    finally:
        _end(server)


def _memory_folder() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    process.kill()
    process.wait()
