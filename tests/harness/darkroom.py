"""The real bot in a process of its own, as `python -m bot run` starts it, against the local Bot API."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from storage.db import connect, read_or_make_key
from tests.harness.people import HTTP, Telegram

ROOT = Path(__file__).resolve().parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="the bot hides memory and files from all but root")
_START_SECONDS = 60
_STOP_SECONDS = 25  # the contract's


class Darkroom:
    """Start, kill and look at one bot. Its folder holds its database, key and log; it survives restarts."""

    def __init__(self, telegram: Telegram, folder: Path, module: str = "bot", **settings: str) -> None:
        folder.mkdir(exist_ok=True)
        self.telegram = telegram
        self.folder = folder
        self.log_file = folder / "log"
        self._module = module
        self.metrics = f"http://127.0.0.1:{free_port()}"
        self.process: subprocess.Popen[bytes] | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
            "BOT_TOKEN": telegram.token,
            "BOT_API_URL": telegram.url,
            "DATABASE_PATH": str(folder / "darkroom.db"),
            "DATABASE_KEY_FILE": str(folder / "key" / "database.key"),
            "LOG_LEVEL": "DEBUG",  # whatever a level lets through, nothing of people may be in it
            "JOBS_PER_MINUTE": "1000",  # stories are faster than people
            "FREE_JOBS_PER_DAY": "10000",
            "METRICS_LISTEN": self.metrics.removeprefix("http://"),
            **settings,
        }

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8")

    def start(self, *prefix: str) -> "Darkroom":
        """`prefix` goes before the command, as in `strace -f`."""
        self.launch(*prefix)
        self.starts_until(self.is_ready)
        return self

    def starts_until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not true():
            assert self.process
            assert self.process.poll() is None, f"the bot ended at its start:\n{self.log}"
            assert time.monotonic() < deadline, f"the bot is not ready:\n{self.log}"
            time.sleep(0.05)

    def launch(self, *prefix: str) -> None:
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", self._module, "run"],
                cwd=ROOT,
                env=self._environment,
                stderr=log,
                preexec_fn=_die_with_the_tests,
            )

    def is_ready(self) -> bool:
        try:
            return HTTP.get(f"{self.metrics}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def measures(self, line: str) -> str:
        """Its metrics, as soon as this line is among them: a job is counted after its end is told."""
        deadline = time.monotonic() + _START_SECONDS
        while line not in (page := HTTP.get(f"{self.metrics}/metrics").text).splitlines():
            assert time.monotonic() < deadline, page
            time.sleep(0.05)
        return page

    def stop(self) -> int:
        """SIGTERM, as a service manager ends it; the exit status."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(_STOP_SECONDS)
        self.names_nobody()
        return status

    def kill(self) -> None:
        """SIGKILL, as a crash."""
        assert self.process
        self.process.kill()
        self.process.wait(_STOP_SECONDS)
        self.names_nobody()

    def names_nobody(self) -> None:
        """No line of the log, at the level that says most, tells who, or what of."""
        people = [about["id"] for about in self.telegram.read("overview")["people"]]
        self.telegram.canaries.note_requests(self.telegram.requests())
        found = self.telegram.canaries.found_in(self.log, people)
        assert not found, f"the log tells: {found}"

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """What the database holds, or one statement that changes it; the bot may run meanwhile."""
        key = read_or_make_key(self.folder / "key" / "database.key")
        with contextlib.closing(connect(self.folder / "darkroom.db", key)) as connection:
            return connection.execute(sql, values).fetchall()

    def family(self) -> list[int]:
        """Process ids of all descendants."""
        return _descendants(self.pid)

    def zygote(self) -> int:
        """Of light tools."""
        return self.zygotes()[0]

    def zygotes(self) -> list[int]:
        """The one of heavy tools is the second, once somebody has chosen one."""
        return [pid for pid in children(self.pid) if b"zygote" in command_line(pid)]


def _die_with_the_tests() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command_line(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _descendants(pid: int) -> list[int]:
    found = children(pid)
    return found + [grandchild for child in found for grandchild in _descendants(child)]


@contextmanager
def running(telegram: Telegram, folder: Path, module: str = "bot", **settings: str) -> Iterator[Darkroom]:
    """`module` is run as `bot` is: tests have one with other tools."""
    bot = Darkroom(telegram, folder, module, **settings).start()
    try:
        yield bot
        assert bot.stop() == 0, bot.log
    finally:
        if bot.process and bot.process.poll() is None:
            bot.kill()
