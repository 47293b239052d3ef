"""The log at a flood: a line of each kind a minute, with how many there were."""

import asyncio
import errno
import io
import logging
import re
import sys
import threading
from collections.abc import Iterator

import pytest

from bot.ops import logs


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a bot writes to stderr."""
    written, root = io.StringIO(), logging.getLogger()
    before = root.level, sys.excepthook, sys.unraisablehook, threading.excepthook
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("INFO")
    [ours] = root.handlers
    yield written
    root.removeHandler(ours)
    root.level, sys.excepthook, sys.unraisablehook, threading.excepthook = before


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be moved on."""
    now = [1000.0]
    monkeypatch.setattr("bot.ops.logs.time.monotonic", lambda: now[0])
    return now


def lines(log: io.StringIO) -> list[str]:
    """Without their times."""
    return [re.sub(r"^[\d-]+ [\d:,]+ ", "", line) for line in log.getvalue().splitlines()]


def complain() -> None:
    """As asyncio does when no descriptor is left for a connection."""
    loop = asyncio.new_event_loop()
    error = OSError(errno.EMFILE, "Too many open files")
    loop.call_exception_handler({"message": "socket.accept() out of system resource", "exception": error})
    loop.close()


def test_a_full_descriptor_table_is_a_line_a_minute(log: io.StringIO, clock: list[float]) -> None:
    for _ in range(1000):
        complain()
    assert lines(log) == ["ERROR asyncio: OSError EMFILE in default_exception_handler"]
    clock[0] += 59
    complain()
    assert len(lines(log)) == 1
    clock[0] += 1
    complain()
    assert lines(log)[1] == f"{lines(log)[0]} (1000 more like it since the last one)"
    clock[0] += 60
    complain()
    assert lines(log)[2] == lines(log)[0]


def test_of_each_kind_there_is_a_line(log: io.StringIO, clock: list[float]) -> None:
    ours, theirs = logging.getLogger("bot.ours"), logging.getLogger("aiohttp.server")
    for _ in range(100):
        theirs.error("Error handling request from %s", "192.0.2.1")
        ours.warning("GA4 answered %d", 500)
        ours.warning("GA4 answered %d", 403)
        ours.error("GA4 answered %d", 403)
    assert len(lines(log)) == 4
    assert "192.0.2.1" not in log.getvalue()


def test_what_is_no_warning_is_always_written(log: io.StringIO, clock: list[float]) -> None:
    for _ in range(3):
        logging.getLogger("bot").info("serving")
    assert lines(log) == ["INFO bot: serving"] * 3


def test_kinds_without_end_are_not_remembered_without_end(log: io.StringIO, clock: list[float]) -> None:
    [once] = [each for handler in logging.getLogger().handlers for each in handler.filters]
    for number in range(5000):
        logging.getLogger("bot").warning("number %d", number)
    assert len(once._seen) <= 1000
