"""The harness for whole histories: what it can let happen does happen, and the bot withstands it."""

import asyncio
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import NetworkError

from bot.domain.errors import Failed, Reason
from bot.domain.values import Photo
from bot.sandbox.memory_file import MemoryFile
from bot.texts import translator
from handlers.photos.job import download
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Document, Json, Message, Person
from tests.pictures import photos

translate = translator("en")


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def bot(telegram: Telegram) -> Iterator[Bot]:
    with Bot(telegram) as bot:
        yield bot


def asks(telegram: Telegram) -> Person:
    """Somebody new, up to the tap after which only the bot has something to do."""
    anna = telegram.person("Anna")
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.taps("I agree")
    anna.taps("Remove metadata", wait=0)
    return anna


def has_invoice(telegram: Telegram) -> tuple[Person, Message]:
    """Somebody with an invoice for ten credits."""
    anna = agreed(telegram, "Anna")
    anna.writes("/buy")
    anna.taps("10 credits")
    return anna, anna.sees_invoice()


def documents(person: Person) -> list[str]:
    return [each.document["file_name"] for each in person.chat() if each.from_bot and each.document]


def walk(*deaths: int) -> tuple[Bot, Document]:
    """A photo's whole walk, in which the bot dies after so many steps; at its end nothing is left to do."""
    with Telegram() as telegram, Bot(telegram) as bot:
        if deaths:
            bot.dies_after(*deaths)
        anna = asks(telegram)
        document = anna.gets_document()
        telegram.settle()
        assert bot.rows("SELECT * FROM inbox WHERE body IS NOT NULL") == []
        assert telegram.world.inbox.pending == []
        return bot, document


def test_a_photo_walk() -> None:
    bot, document = walk()
    assert (document.name, document.bytes) == ("holiday-clean.jpg", b"clean of a photo")
    assert len(bot.lives) == 1


def test_a_real_photo_is_recompressed_as_telegram_does(telegram: Telegram, bot: Bot) -> None:
    anna = telegram.person("Anna")
    anna.sends_photo(photos.encoded())
    anna.taps("I agree")
    anna.taps("Remove metadata")
    assert anna.gets_document().bytes.startswith(b"clean of \xff\xd8")


def test_whenever_it_dies_the_restarted_bot_delivers() -> None:
    whole = walk()[0].lives[0].steps
    for step in count(1):
        bot, document = walk(step)
        assert document.bytes == b"clean of a photo"
        lived = bot.lives[0].steps
        assert lived == whole[: len(lived)]
        if len(bot.lives) == 1:
            break
    assert step > 40
    assert len(lived) == len(whole)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=4))
def test_however_often_it_dies_the_restarted_bot_delivers(deaths: list[int]) -> None:
    _, document = walk(*deaths)
    assert document.bytes == b"clean of a photo"


def test_a_job_that_only_waits_has_not_been_tried_however_often_the_bot_is_killed(telegram: Telegram) -> None:
    with Bot(telegram, workers=1) as bot:
        bot.jail.seconds = 10_000
        anna = agreed(telegram, "Anna")
        for number in range(4):
            anna.sends_file(b"a photo", f"{number}.jpg")
            anna.taps("Remove metadata", wait=0)
            telegram.passes(10)
        for _ in range(3):
            bot.kill()
            bot.start()
            telegram.passes(10)
        attempts = [count for (count,) in bot.rows("SELECT attempts FROM inbox WHERE body IS NOT NULL ORDER BY 1")]
        assert len(attempts) == 4
        assert set(attempts) == {0, 3}, "those that began are tried each time, those that wait never"


def test_killed_between_delivery_and_done_it_delivers_again(telegram: Telegram, bot: Bot) -> None:
    anna = asks(telegram)
    telegram.wait_for(lambda: documents(anna) or None, 10, "Anna gets nothing", anna.id)
    bot.kill()
    assert len(bot.rows("SELECT * FROM inbox WHERE body IS NOT NULL")) == 1
    bot.start()
    telegram.settle()
    assert documents(anna) == ["holiday-clean.jpg"] * 2


def test_the_dead_have_no_effect(telegram: Telegram, bot: Bot) -> None:
    telegram.fault("file", "slow", seconds=10)
    anna = asks(telegram)
    anna.sees("Fetching your photo")
    dead = bot.running
    bot.kill()
    chat, requests = anna.chat(), len(telegram.requests())
    telegram.settle()
    anna.writes("/help")
    telegram.settle()
    assert (anna.chat()[:-1], len(telegram.requests())) == (chat, requests)
    rows = bot.rows("SELECT * FROM people")
    for work in (dead.services.users.people.agree(anna.id, 99), dead.application.bot.send_message(anna.id, "a ghost")):
        with pytest.raises(BaseException, match=r"^$") as error:
            telegram.run(work)
        assert error.typename == "Killed"
    assert bot.rows("SELECT * FROM people") == rows
    bot.start()
    telegram.settle()
    assert documents(anna) == ["holiday-clean.jpg"]
    anna.sees("choose a tool")


@pytest.mark.parametrize(("steps", "last"), [(2, "before a transaction"), (3, "after a transaction")])
def test_an_update_is_handled_once_whether_it_was_written_down_or_not(
    telegram: Telegram, bot: Bot, steps: int, last: str
) -> None:
    telegram.settle()
    bot.dies_after(steps)  # Telegram has given the update and not heard that it arrived
    anna = telegram.person("Anna")
    anna.writes("/help")
    telegram.settle()
    assert bot.lives[0].steps[-1] == last
    assert len([each for each in anna.chat() if each.from_bot]) == 1


def test_a_429_is_waited_for(telegram: Telegram, bot: Bot) -> None:
    telegram.fault("sendDocument", "flood", retry_after=40)
    anna = asks(telegram)
    telegram.settle()
    assert [each["ok"] for each in telegram.requests("sendDocument")] == [False, True]
    first, second = (each["time"] for each in telegram.requests("sendDocument"))
    assert second - first >= 40
    assert documents(anna) == ["holiday-clean.jpg"]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("error", {"code": 502, "count": 8}),
        ("drop", {"count": 8}),
        ("hang", {"seconds": 60, "count": 2}),
        ("flood", {"retry_after": 2, "count": 4}),
        ("flood", {"retry_after": 60}),
    ],
)
def test_telegrams_question_is_answered_through_trouble_that_lasts(
    telegram: Telegram, bot: Bot, kind: str, more: Json
) -> None:
    anna, invoice = has_invoice(telegram)
    telegram.fault("answerPreCheckoutQuery", kind, **more)
    assert [each["status"] for each in anna.pays(invoice)] == ["paid"]


@pytest.mark.parametrize("kind", ["error", "drop", "hang", "flood"])
def test_when_telegram_waits_no_more_the_answer_is_given_up(telegram: Telegram, bot: Bot, kind: str) -> None:
    anna, invoice = has_invoice(telegram)
    telegram.fault("answerPreCheckoutQuery", kind, count=1000, seconds=60)
    assert [each["status"] for each in anna.pays(invoice)] == ["timeout"]
    telegram.settle()
    tried = [each["time"] for each in telegram.requests("answerPreCheckoutQuery")]
    assert 6 < tried[-1] - tried[0] < 9
    assert len(tried) < 20


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", ["error", "hang", "drop"])
def test_a_lost_answer_may_deliver_twice_and_a_lost_call_once(
    telegram: Telegram, bot: Bot, kind: str, after: bool
) -> None:
    telegram.fault("sendDocument", kind, code=502, after=after)
    anna = asks(telegram)
    telegram.settle()
    assert documents(anna) == ["holiday-clean.jpg"] * (2 if after else 1)


@pytest.mark.parametrize("kind", ["error", "hang", "drop", "cut", "slow", "short", "long"])
def test_a_download_that_goes_wrong_is_tried_again(telegram: Telegram, bot: Bot, kind: str) -> None:
    telegram.fault("file", kind, seconds=5)
    assert asks(telegram).gets_document().bytes == b"clean of a photo"


@pytest.mark.parametrize("kind", ["short", "long"])
def test_a_file_that_never_comes_as_declared_is_not_worked_on(telegram: Telegram, bot: Bot, kind: str) -> None:
    anna = agreed(telegram, "Anna")
    telegram.fault("file", kind, count=99)
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.taps("Enhance")
    anna.taps("Medium")
    telegram.settle()
    alone = anna.sees(translate("error-not-delivered"))
    anna.sends_album([b"one", b"two"], compressed=False)
    telegram.settle()
    anna.taps("Enhance · 2 credits")
    anna.taps("Medium")
    telegram.settle()
    assert anna.sees(translate("error-not-delivered")).id != alone.id
    anna.writes("/balance")
    anna.sees(translate("balance", credits=3))
    assert documents(anna) == []


class _Transport:
    async def fetch(self, url: str, into: MemoryFile, limit: int) -> None:
        into.truncate(0)
        into.rewind()
        into.write(b"four")


@pytest.mark.parametrize(("message", "file"), [(4, 4), (0, 4), (4, None), (0, None), (5, 4), (4, 5), (0, 5), (3, None)])
async def test_each_size_that_telegram_declares_counts(message: int, file: int | None) -> None:
    found = AsyncMock(return_value=SimpleNamespace(file_path="", file_size=file))
    services = SimpleNamespace(settings=SimpleNamespace(max_input_mb=20), transport=_Transport())
    context: Any = SimpleNamespace(bot=SimpleNamespace(get_file=found), services=services)
    fits = {message, file} <= {0, None, 4}
    with (
        MemoryFile() as into,
        patch("asyncio.sleep", AsyncMock()),
        nullcontext() if fits else pytest.raises(NetworkError),
    ):
        await download(context, Photo("a", message), into)
        assert into.read(0, 9) == b"four"


def test_the_jail_fails_as_planned(telegram: Telegram, bot: Bot) -> None:
    bot.jail.plan = [Failed(Reason.CRASHED), None]
    anna = asks(telegram)
    telegram.settle()
    assert documents(anna) == []
    anna.taps("Remove metadata")
    anna.gets_document()


def test_jobs_run_when_the_story_says_so(telegram: Telegram, bot: Bot) -> None:
    asks(telegram)
    telegram.settle()
    telegram.passes(49 * 3600)
    assert bot.rows("SELECT count(*) FROM messages") != [(0,)]
    bot.runs_job("forget")
    assert bot.rows("SELECT count(*) FROM messages") == [(0,)]


def test_a_start_while_it_comes_back_by_itself_makes_no_second_bot(telegram: Telegram, bot: Bot) -> None:
    anna = asks(telegram)
    bot.dies_after(1, 4)  # the second time while it starts
    telegram.passes(0.01)
    assert bot.lives[-1].over
    bot.start()
    assert len(bot.lives) == 3
    anna.gets_document()
    bot.runs_job("forget")


def test_money_moves_while_the_story_goes_on(telegram: Telegram, bot: Bot) -> None:
    anna, ben = agreed(telegram, "Anna"), agreed(telegram, "Ben")
    for person in (anna, ben):
        person.writes("/buy")
        person.taps("10 credits")
        person.sees_invoice()
    payments = [telegram.begin("pay", person=person.id, times=2) for person in (anna, ben)]
    telegram.settle()
    assert [[each["status"] for each in payment.result()] for payment in payments] == [["paid", "refused"]] * 2
    bot.runs_job("reconcile")
    assert bot.rows("SELECT state FROM orders") == [("delivered",)] * 2


def test_a_paid_photo_comes_once_though_the_scheduler_comes_twice(telegram: Telegram, bot: Bot) -> None:
    anna = agreed(telegram, "Anna")
    anna.sends_file(b"a photo", "holiday.jpg")
    menu = anna.sees("What shall I do")
    anna.forges("pay:enhance:strength=medium", menu)
    invoice = anna.sees_invoice()
    bot.jail.seconds = 20
    payment = telegram.begin("pay", person=anna.id, chat=anna.id, message=invoice.id)
    telegram.passes(5)
    assert payment.result()[0]["status"] == "paid"
    again = [bot.begins_job("orders") for _ in range(2)]
    telegram.settle()
    assert all(job and job.done() for job in again)
    assert documents(anna) == ["holiday-enhance.jpg"]


def test_a_payment_that_no_update_told_of_is_found_behind_one_that_is_known(telegram: Telegram, bot: Bot) -> None:
    for tells in (True, False):
        person, invoice = has_invoice(telegram)
        person.pays(invoice, tells=tells)
        telegram.settle()
        bot.runs_job("reconcile")
        assert bot.rows("SELECT count(*) FROM orders WHERE state = 'delivered'") == [(1 if tells else 2,)]


def test_the_same_choices_make_the_same_history() -> None:
    first, second = walk(9, 20), walk(9, 20)
    assert [life.steps for life in first[0].lives] == [life.steps for life in second[0].lives]
    assert str(first[1].message) == str(second[1].message)


def test_what_never_comes_goes_wrong_or_never_ends_is_told(telegram: Telegram) -> None:
    with pytest.raises(AssertionError, match="Anna does not see"):
        telegram.person("Anna").sees("something")

    with pytest.raises(RuntimeError, match="never comes"):
        telegram.run(asyncio.Event().wait())

    telegram.loop.call_soon(lambda: 1 / 0)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        telegram.passes(1)
    telegram.loop.troubles.clear()

    def goes_on() -> None:
        telegram.loop.call_later(60, goes_on)

    goes_on()
    with pytest.raises(AssertionError, match="still goes on"):
        telegram.settle()
