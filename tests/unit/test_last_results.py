"""How a person's last job ended: known for an hour, in memory that does not grow."""

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from unittest.mock import patch

import pytest
from telegram.error import BadRequest

from bot.domain.errors import Failed, Reason, Stopped
from bot.ops.error_reports import CODE
from bot.photos import last_results as last_results
from bot.photos.last_results import LastResults
from bot.tools.shelf import SHELF

ANNA = 1001


@pytest.fixture
def now() -> Iterator[list[float]]:
    """The time; put another one there."""
    now = [1_000_000.0]
    with patch("time.time", lambda: now[0]):
        yield now


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (None, "done"),
        (Failed(Reason.CRASHED), "crashed"),
        (Stopped(), "stopped"),
        (BadRequest("no"), "not-delivered"),
        (ValueError("a bug"), "unexpected"),
    ],
)
def test_it_is_known_how_a_job_ended_and_when(now: list[float], error: Exception | None, how: str) -> None:
    jobs = LastResults()
    ends(jobs, ANNA, error)
    told, at = jobs.of(ANNA)
    kind, _, code = told.partition(" ")
    assert (kind, at) == (f"enhance.{how}", 1_000_000)
    assert bool(CODE.fullmatch(code)) == (how in ("crashed", "not-delivered", "unexpected"))
    assert jobs.of(1002) == ("", None)


def test_what_the_end_of_the_bot_cuts_off_is_no_end_of_a_job(now: list[float]) -> None:
    jobs = LastResults()
    ends(jobs, ANNA)
    ends(jobs, ANNA, asyncio.CancelledError())
    assert jobs.of(ANNA) == ("enhance.done", 1_000_000)


def test_it_is_forgotten_after_an_hour(now: list[float]) -> None:
    jobs = LastResults()
    ends(jobs, ANNA)
    now[0] += 3599
    jobs.forget_old()
    assert jobs.of(ANNA) == ("enhance.done", 1_000_000)
    now[0] += 1
    assert jobs.of(ANNA) == ("", None)
    jobs.forget_old()
    assert not jobs._ends


def test_it_is_forgotten_at_will() -> None:
    jobs = LastResults()
    ends(jobs, ANNA)
    jobs.forget(ANNA)
    assert jobs.of(ANNA) == ("", None)


def test_the_longest_silent_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_results, "_MOST_PEOPLE", 3)
    jobs = LastResults()
    for person in (1, 2, 3, 1, 4):
        ends(jobs, person)
    assert [person for person in range(1, 5) if jobs.of(person)[0]] == [1, 3, 4]


def ends(jobs: LastResults, person: int, error: BaseException | None = None) -> None:
    with nullcontext() if error is None else pytest.raises(type(error)), jobs.watch(person, SHELF["enhance"]):
        if error:
            raise error
