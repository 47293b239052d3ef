"""What is counted, that no id can slip into it, and what operators see of it."""

import io
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.app import _COUNTED
from bot.domain.errors import Failed, Reason, Refused
from bot.ops import usage
from bot.ops.chart import BLUE, RED, Panel, draw
from bot.texts import languages, translator
from bot.tools.shelf import SHELF
from storage.counters import COUNTED, Count, Counters
from storage.db import Database
from tests.harness.inprocess import Telegram
from tests.harness.people import Person
from tests.stories.test_rate_limits import House

translate = translator("en")

TODAY = date(2026, 11, 25)


@pytest.fixture
def house() -> Iterator[House]:
    with Telegram() as telegram:
        house = House(telegram)
        yield house
        house.bot.kill()


def counted(house: House, name: str) -> dict[tuple[str, str], int]:
    sql = "SELECT tool, outcome, sum(count) FROM counters WHERE name = ? GROUP BY tool, outcome"
    return {(tool, outcome): count for tool, outcome, count in house.bot.rows(sql, name)}


def asks(person: Person, tool: str = "Remove metadata") -> None:
    person.sends_file(b"a photo", "a.jpg")
    person.taps(tool, wait=0)
    person.telegram.settle()  # type: ignore[attr-defined]


# What is counted


def test_consent_jobs_and_ratings_are_counted(house: House) -> None:
    assert counted(house, "consent") == {("", "given"): 1}
    for error in (None, Refused(Reason.BROKEN), Failed(Reason.CRASHED)):
        house.bot.jail.plan = [error]
        asks(house.anna)
    house.telegram.fault("sendDocument", "error", code=400, text="Bad Request: no")
    asks(house.anna)
    house.bot.jail.seconds = 50
    house.anna.sends_file(b"a photo", "b.jpg")
    house.anna.taps("Remove metadata", wait=0)
    house.anna.taps("Stop")
    house.telegram.settle()
    house.bot.jail.seconds = 0.1
    asks(house.anna)
    house.anna.taps("👎 Not good")
    house.telegram.settle()
    outcomes = {"delivered": 2, "refused": 1, "failed": 1, "undelivered": 1, "stopped": 1}
    assert counted(house, "job") == {("clean", outcome): count for outcome, count in outcomes.items()}
    assert counted(house, "error") == {("clean", "crashed"): 1, ("clean", "telegram"): 1}
    assert counted(house, "rating") == {("clean 1", "not-good"): 1}


def test_sales_and_their_stars_are_counted(house: House) -> None:
    house.anna.writes("/buy")
    house.anna.taps("10 credits")
    house.anna.pays(house.anna.sees_invoice())
    house.anna.sees("Thank you: 10 credits")
    house.anna.writes("/withdraw")
    house.anna.taps("Withdraw: ")
    house.anna.sees("You withdraw")
    house.anna.taps("Withdraw")
    house.telegram.settle()
    orders = {("credits", outcome): 1 for outcome in ("opened", "paid", "refunded")}
    assert counted(house, "order") == orders
    assert counted(house, "stars") == {("credits", "paid"): 100, ("credits", "refunded"): 100}


def test_tickets_are_counted(house: House) -> None:
    house.anna.writes("/support")
    house.anna.taps("Something else")
    house.anna.sees("a file that you attach here")
    house.anna.writes("Help me")
    house.anna.taps("Send")
    house.telegram.settle()
    thread = next(each.thread for each in house.group.chat() if each.text.startswith("Ticket"))
    for text in ("the answer", "/note none", "/close", "/close"):
        house.olga.writes(text, in_=house.group, thread=thread)
    house.telegram.settle()
    assert counted(house, "ticket") == {("", outcome): 1 for outcome in ("opened", "answered", "closed")}


def test_waiting_is_counted_by_how_long(house: House) -> None:
    house.says("/pause")
    house.waits()
    house.telegram.passes(30)
    house.says("/resume")
    house.telegram.settle()
    assert counted(house, "wait") == {("clean", "minute"): 1}


# No id slips in


@pytest.fixture
async def counters(tmp_path: Path) -> AsyncIterator[Counters]:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    yield Counters(db, _COUNTED, languages())
    await db.close()


ID = "1234567890"


@pytest.mark.parametrize(
    "labels",
    [
        (ID, "clean", "delivered", "en"),
        ("job", ID, "delivered", "en"),
        ("job", "clean", ID, "en"),
        ("job", "clean", "delivered", ID),
        ("rating", f"clean {ID}", "good", "en"),
        ("rating", f"clean 1 {ID}", "good", "en"),
        ("rating", f" {ID}", "good", "en"),
        ("rating", "clean 01234567890", "good", "en"),
        ("job", "clean", "delivered", f"de-{ID}"),
        ("error", "clean", f"ValueError {ID}", "en"),
    ],
)
async def test_a_label_of_no_closed_set_counts_as_other(counters: Counters, labels: tuple[str, ...]) -> None:
    await counters.count(*labels)  # type: ignore[arg-type]
    [found] = await counters.since("")
    assert ID not in str(found)
    assert "other" in (found.name, found.tool, found.outcome, found.language)
    assert found.count == 1


async def test_every_label_of_ours_counts_as_itself(counters: Counters) -> None:
    for name, outcomes in COUNTED.items():
        for outcome in outcomes:
            for slug, tool in SHELF.items():
                await counters.count(name, slug, outcome, "de")
                await counters.count(name, f"{slug} {tool.version}", outcome)
    assert not [found for found in await counters.since("") if "other" in (found.name, found.tool, found.outcome)]


def test_a_forged_rating_brings_no_id(house: House) -> None:
    asks(house.anna)
    result = next(each for each in house.anna.chat() if each.document and each.from_bot)
    for forged in (f"rate:clean:{house.anna.id}:good", f"rate:{house.anna.id}:1:good", f"rate:clean:1:{house.anna.id}"):
        house.anna.forges(forged, result)
    house.telegram.settle()
    assert counted(house, "rating") == {}
    assert str(house.anna.id) not in str(house.bot.rows("SELECT * FROM counters"))


# What operators see


def test_stats_is_a_picture_with_its_figures_in_words(house: House) -> None:
    asks(house.anna)
    asked = house.olga.writes("/stats", in_=house.group)
    house.telegram.settle()
    answer = next(each for each in house.group.chat() if each.reply_to and each.reply_to.id == asked.id)
    assert answer.raw["photo"]
    assert answer.text.startswith("The last 30 days: 1 photos done, 0 failed;")


@pytest.mark.parametrize("days", ["0", "367", "-1", "a", "1 2", "٣", "99999"])
def test_a_span_that_makes_no_sense_is_told_so(house: House, days: str) -> None:
    assert house.says(f"/stats {days}") == translate("operators-how-stats", most=366)


@pytest.mark.parametrize("days", ["1", "2", "366"])
def test_stats_of_any_span(house: House, days: str) -> None:
    asked = house.olga.writes(f"/stats {days}", in_=house.group)
    house.telegram.settle()
    assert any(each.raw.get("photo") for each in house.group.chat() if each.reply_to and each.reply_to.id == asked.id)


def test_counts_become_figures_a_day() -> None:
    yesterday, long_ago = TODAY - timedelta(days=1), TODAY - timedelta(days=9)

    def count(day: date, name: str, tool: str, outcome: str, times: int) -> Count:
        return Count(day.isoformat(), name, tool, outcome, "en", times)

    found = usage.read(
        [
            count(TODAY, "job", "clean", "delivered", 5),
            count(TODAY, "job", "resize", "delivered", 2),
            count(TODAY, "job", "resize", "undelivered", 1),
            count(TODAY, "job", "resize", "refused", 9),
            count(yesterday, "job", "clean", "failed", 3),
            count(long_ago, "job", "clean", "delivered", 100),
            count(TODAY, "wait", "clean", "seconds", 8),
            count(TODAY, "wait", "clean", "longer", 1),
            count(TODAY, "stars", "credits", "paid", 100),
            count(yesterday, "stars", "credits", "refunded", 100),
            count(TODAY, "rating", "clean 1", "good", 3),
            count(yesterday, "rating", "clean 1", "not-good", 1),
        ],
        [(TODAY.isoformat(), 60), (TODAY.isoformat(), 180), (long_ago.isoformat(), 9999)],
        TODAY,
        3,
    )
    assert found.days == [TODAY - timedelta(days=2), yesterday, TODAY]
    assert (found.done, found.failed, found.waited) == ([0, 0, 7], [0, 3, 1], [0, 0, 1])
    assert (found.stars, found.earned) == ([0, -100, 100], [0, 0, 100])
    assert (found.minutes, found.answers, found.median) == ([None, None, 2], 2, 2)
    assert found.ratings == {"clean 1": (3, 4)}


def test_bars_are_as_high_as_their_figures() -> None:
    panel = Panel("Photos", [("done", BLUE), ("failed", RED)], [[10, 0, 5, 0], [0, 0, 5, 2]], "nothing")
    picture = Image.open(io.BytesIO(draw("Use", ["a", "b", "c"], [panel], "", [])))
    heights = {colour: [_height(picture, colour, day) for day in range(4)] for colour in (BLUE, RED)}
    whole = heights[BLUE][0]
    assert whole > 100
    assert [round(10 * each / whole) for each in heights[BLUE]] == [10, 0, 5, 0]
    assert [round(10 * each / whole) for each in heights[RED]] == [0, 0, 5, 2]


def _height(picture: Image.Image, colour: str, day: int) -> int:
    left, right = 132, 1032  # of the bars
    column = left + (right - left) * (2 * day + 1) // 8
    pixels = picture.crop((column, 140, column + 1, picture.height)).tobytes()
    rgb = bytes.fromhex(colour[1:])
    return sum(pixels[at : at + 3] == rgb for at in range(0, len(pixels), 3))
