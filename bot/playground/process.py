"""Starts, kills, stops and watches the real bot, a child of the server that always dies with it.

The process tree is `bot.cli.playground` > server > bot > zygote > a child for each photo. Each dies with its parent.
"""

import asyncio
import os
import socket
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.playground.world import Json
from bot.sandbox.jail import die_with_parent

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60
_STOP_SECONDS = 30  # the bot promises 25
_ANSWER_SECONDS, _POLL_SECONDS = 2, 0.05
_IDLE_POLLS = 100
_PAGE = os.sysconf("SC_PAGE_SIZE")


class CannotStart(Exception):
    """The bot ended or was not ready in time."""


async def spawn(*arguments: str, **how: Any) -> Process:
    """Start `python ARGUMENTS`. The kernel kills it when this process ends."""
    die = partial(die_with_parent, os.getpid())
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=_ROOT, preexec_fn=die, **how)


class BotProcess:
    """The bot's process. A restarted bot continues with the same database."""

    def __init__(self) -> None:
        self.since = 0.0
        self._process: Process | None = None
        self._metrics = ""
        self._start_stop_lock = asyncio.Lock()  # one start or stop at a time

    @property
    def pid(self) -> int | None:
        """The bot's process id; None while it is down."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def zygotes(self) -> list[int]:
        """The ids of the zygotes: one for light tools, and one for heavy tools after their first use."""
        return [pid for pid in _children(self.pid) if b"bot.sandbox.zygote" in _command_line(pid)]

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start the bot if it is down, and return when it is ready. Raises CannotStart."""
        async with self._start_stop_lock:
            if self.pid:
                return
            await self._launch(environment)
            deadline = time.monotonic() + _START_SECONDS
            while await self._get("readyz") is None:
                if not self.pid:
                    raise CannotStart("The bot does not start: the playground's terminal says why.")
                if time.monotonic() > deadline:
                    raise CannotStart(f"The bot is not ready after {_START_SECONDS} seconds.")
                await asyncio.sleep(_POLL_SECONDS)

    async def kill(self) -> None:
        """Kill it by SIGKILL, like a crash, and wait until it has ended."""
        if self._process and self.pid:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> Json:
        """Stop it by SIGTERM, as a service manager does. Returns the seconds that it took and its exit status."""
        async with self._start_stop_lock:
            begun = time.monotonic()
            if self._process and self.pid:
                self._process.terminate()
                try:
                    await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
                except TimeoutError:
                    await self.kill()
            status = self._process.returncode if self._process else None
            return {"seconds": round(time.monotonic() - begun, 2), "status": status}

    async def wait_until_idle(self) -> None:
        """Wait until no job runs, at most some seconds: other people may send photos all the time."""
        for _ in range(_IDLE_POLLS):
            if not (await self.read_status())["photos"]:
                return
            await asyncio.sleep(_POLL_SECONDS)

    async def read_status(self) -> Json:
        """The bot's state, from its /metrics and the kernel. All zeros while it is down."""
        jobs: dict[str, int] = {}
        gauges = {"darkroom_jobs_running": 0, "darkroom_jobs_waiting": 0}
        for family in text_string_to_metric_families(await self._get("metrics") or ""):
            for sample in family.samples:
                if sample.name == "darkroom_jobs_total":
                    outcome = sample.labels["outcome"]
                    jobs[outcome] = jobs.get(outcome, 0) + int(sample.value)
                elif sample.name in gauges:
                    gauges[sample.name] = int(sample.value)
        return {
            "running": self.pid is not None,
            "since": self.since,
            "memory": _resident(self.pid),
            "zygote_memory": sum(map(_resident, self.zygotes)),
            "children": len(_descendants(self.pid)),
            "photos": gauges["darkroom_jobs_running"],
            "waiting": gauges["darkroom_jobs_waiting"],
            "jobs": jobs,
        }

    async def _launch(self, environment: Mapping[str, str]) -> None:
        port = free_port()
        self._metrics = f"http://127.0.0.1:{port}"
        environment = {**environment, "METRICS_LISTEN": f"127.0.0.1:{port}"}
        command = ("-m", "bot", "run", "--readable-memory")
        self._process = await spawn(*command, env=environment, stdin=DEVNULL, stdout=DEVNULL)
        self.since = time.time()

    async def _get(self, path: str) -> str | None:
        """The body of the bot's answer; None unless it answers with 200."""
        if not self.pid:
            return None
        patience = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=patience) as session,
                session.get(f"{self._metrics}/{path}") as answer,
            ):
                return await answer.text() if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError):
            return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _read(pid: int, name: str) -> bytes:
    """Read a file below /proc/PID; empty if the process has ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _command_line(pid: int) -> bytes:
    return _read(pid, "cmdline")


def _resident(pid: int | None) -> int:
    """The resident memory of a process in bytes."""
    fields = _read(pid, "statm").split() if pid else []
    return int(fields[1]) * _PAGE if fields else 0


def _children(pid: int | None) -> list[int]:
    if pid is None:
        return []
    tasks = [task.name for task in Path(f"/proc/{pid}/task").glob("*")]
    return [int(child) for task in tasks for child in _read(pid, f"task/{task}/children").split()]


def _descendants(pid: int | None) -> list[int]:
    found = _children(pid)
    return found + [grandchild for child in found for grandchild in _descendants(child)]
