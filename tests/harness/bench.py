"""Ratios beside their peers: measured alternating in one run, and told in one table at the end of it (`make bench`)."""

import ctypes
import gc
import os
import resource
import statistics
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

Work = Callable[[], object]


@dataclass(frozen=True)
class Row:
    name: str
    ratio: float
    target: float
    quality: str
    at_least: bool

    @property
    def met(self) -> bool:
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target


ROWS: list[Row] = []


def row(name: str, ratio: float, target: float, quality: str = "", at_least: bool = False) -> None:
    """Put one ratio into the table, which says whether it meets its target; a busy machine fails no test."""
    ROWS.append(Row(name, ratio, target, quality, at_least))


def compare(candidates: dict[str, Work], rounds: int = 9) -> dict[str, float]:
    """Median CPU seconds of each candidate, all of them run in turn, round after round; the first round warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    gc.collect()
    for _ in range(rounds + 1):
        for name, work in candidates.items():
            begun = time.process_time()
            work()
            seconds[name].append(time.process_time() - begun)
    return {name: statistics.median(taken[1:]) for name, taken in seconds.items()}


def compare_processes(candidates: dict[str, Work], rounds: int = 5) -> dict[str, float]:
    """As `compare`, with the CPU of the processes that each candidate starts and waits for."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, work in candidates.items():
            begun = _with_children()
            work()
            seconds[name].append(_with_children() - begun)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def _with_children() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def peak_memory(work: Work) -> int:
    """Bytes that `work` needs beyond what the process had before: the growth of a forked child's peak."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # or the child would take what its parent has freed, and seem to need nothing
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
            before = _peak()
            work()
            os.write(writing, struct.pack("q", _peak() - before))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return int(struct.unpack("q", told)[0])


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not ROWS:
        return
    width = max(len(row.name) for row in ROWS)
    terminalreporter.section("ratios")
    terminalreporter.line(f"{'':{width}}    ratio     target  met  quality")
    for told in ROWS:
        target = f"{'>=' if told.at_least else '<='} {told.target:.2f}x"
        met = "yes" if told.met else "NO "
        terminalreporter.line(f"{told.name:{width}}  {told.ratio:6.2f}x  {target:>9}  {met}  {told.quality}")
