"""What nobody expected: a sentence and a code for the person, once a word to operators, and no text to anybody."""

import asyncio
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer, TestClient
from telegram.error import BadRequest, Forbidden

from bot.domain.errors import Failed, Reason
from bot.http_server import answering
from bot.ops.error_reports import CODE, code_of, kind_of
from bot.ops.logs import _Redacted
from bot.texts import translator
from bot.tools.shelf import SHELF
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Group, Message, Person

SECRET = "a-word-of-annas"

translate = translator("en")


@dataclass
class House:
    """The bot, its operators, and somebody who has agreed."""

    telegram: Telegram
    bot: Bot
    group: Group
    olga: Person
    anna: Person

    def says(self, text: str) -> Message:
        """Olga writes a command in the operators' group: the bot's answer."""
        asked = self.olga.writes(text, in_=self.group)
        self.telegram.settle()
        return next(each for each in self.group.chat() if each.reply_to and each.reply_to.id == asked.id)

    def told(self) -> list[str]:
        """What the operators were told without asking."""
        self.bot.runs_job("errors")
        return [each.text for each in self.group.chat() if each.from_bot and "new kind" in each.text]

    def breaks(self, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
        """From now on /status ends in this error."""

        def jobs_of(_: int) -> int:
            raise error

        monkeypatch.setattr(self.bot.services.photos.jobs, "jobs_of", jobs_of)


@pytest.fixture
def house() -> Iterator[House]:
    with Telegram() as telegram:
        olga = telegram.person("Olga")
        group = telegram.group("Operators", olga, forum=True)
        with Bot(telegram, operators_chat_id=group.id) as bot:
            yield House(telegram, bot, group, olga, agreed(telegram, "Anna"))


def code_in(message: Message) -> str:
    found = re.search(translate("error-code", code="([A-Z]{8})"), message.text)
    assert found, message.text
    return found[1]


def test_a_person_gets_a_code_that_leads_operators_to_the_kind(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.breaks(monkeypatch, ValueError(SECRET))
    house.anna.writes("/status")
    sentence = house.anna.sees(translate("error-unexpected"))
    [told] = house.told()
    assert code_in(sentence) in told
    answer = house.says(f"/error {code_in(sentence)}").text
    assert "ValueError at handlers.account.chat:status:" in answer
    assert "Once" in answer
    assert SECRET not in str(house.bot.rows("SELECT * FROM errors"))
    assert SECRET not in "".join(each.text for each in house.group.chat())


def test_operators_hear_of_a_kind_once_and_can_ask_how_often(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.breaks(monkeypatch, ValueError(SECRET))
    for _ in range(3):
        house.anna.writes("/status")
        house.telegram.settle()
    assert len(house.told()) == len(house.told()) == 1
    code = code_in(house.anna.sees(translate("error-unexpected")))
    assert "3 times" in house.says(f"/error {code.lower()}").text
    assert f"{code} · ValueError" in house.says("/status").text
    house.breaks(monkeypatch, KeyError(SECRET))
    house.anna.writes("/status")
    house.telegram.settle()
    assert len(house.told()) == 2


def test_operators_hear_of_it_although_telegram_fails_at_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.breaks(monkeypatch, ValueError(SECRET))
    house.anna.writes("/status")
    house.telegram.settle()
    house.telegram.fault("sendMessage", "error", code=400, text="Bad Request: not now")
    assert house.told() == []
    assert len(house.told()) == 1


@pytest.mark.parametrize("text", ["/error", "/error ABC", "/error ABCDEFGH more", "/error ABCDEFGH"])
def test_a_code_that_leads_nowhere_is_answered(house: House, text: str) -> None:
    key = "operators-no-error" if text.endswith("ABCDEFGH") else "operators-how-error"
    assert house.says(text).text == translate(key, code="ABCDEFGH")


def test_a_failed_job_has_a_code_too_and_the_ticket_brings_it(house: House) -> None:
    house.bot.jail.plan = [Failed(Reason.CRASHED)]
    house.anna.sends_file(b"a photo", "holiday.jpg")
    house.anna.taps("Remove metadata")
    code = code_in(house.anna.sees(translate("error-crashed")))
    [told] = house.told()
    assert "crashed at " in told
    assert "clean 1" in told
    house.anna.taps("Ask for help")
    house.anna.writes("it did not work")
    house.anna.taps("Send")
    house.telegram.settle()
    card = next(each.text for each in house.group.chat() if each.text.startswith("Ticket"))
    assert f"clean, crashed {code}" in card


def test_support_about_the_last_job_brings_its_code(house: House) -> None:
    house.telegram.fault("sendDocument", "error", code=400, text="Bad Request: no")
    house.anna.sends_file(b"a photo", "holiday.jpg")
    house.anna.taps("Remove metadata")
    code = code_in(house.anna.sees(translate("error-not-delivered")))
    house.anna.writes("/support")
    house.anna.taps("A photo")
    house.anna.writes("where is it?")
    house.anna.taps("Send")
    house.telegram.settle()
    card = next(each.text for each in house.group.chat() if each.text.startswith("Ticket"))
    assert f"clean, not-delivered {code}" in card
    assert "BadRequest at handlers.photos.job:_send:" in house.says(f"/error {code}").text


def test_a_code_on_a_forged_button_is_no_way_to_write_to_operators(house: House) -> None:
    house.anna.sends_file(b"a photo", "holiday.jpg")
    menu = house.anna.sees(translate("menu"))
    for forged in ("ask:photo:clean.crashed call me", "ask:photo:clean.crashed ABCDEFGHI"):
        answer = house.anna.forges(forged, menu)
        assert answer
        assert answer["text"] == translate("tap-not-yours")


def test_what_fails_in_the_scheduler_is_told_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def bring() -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(house.bot.services.support.relay, "work_off", bring)
    house.bot.runs_job("support")
    house.telegram.settle()
    [told] = house.told()
    assert "ValueError at bot.scheduler:" in told


def test_what_fails_after_the_turn_is_told_to_its_person(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def find(*_: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(house.bot.services.photos.albums, "find", find)
    house.anna.sends_album([b"one", b"two"], compressed=False)
    code = code_in(house.anna.sees(translate("error-unexpected")))
    assert "ValueError at handlers.photos.album:_gather:" in house.says(f"/error {code}").text
    assert house.bot.rows("SELECT * FROM inbox WHERE body IS NOT NULL") == []


async def test_what_fails_behind_a_door_is_noted_and_not_shown() -> None:
    noted: list[Exception] = []

    async def note(error: Exception) -> None:
        noted.append(error)

    async def broken(_: web.Request) -> web.Response:
        raise ValueError(SECRET)

    services: Any = SimpleNamespace(ops=SimpleNamespace(error_reports=SimpleNamespace(note=note)))
    async with TestClient(RawTestServer(answering(services, {("GET", "/broken"): broken}))) as client:
        answer = await client.get("/broken")
        assert (answer.status, await answer.text()) == (500, "")
        assert (await client.get("/elsewhere")).status == 404
    assert [str(error) for error in noted] == [SECRET]


def test_with_the_database_down_there_is_a_sentence_and_no_second_error(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes down when the update is in the inbox; before that, Telegram keeps it."""
    db, before = house.bot.services.db, len(house.anna.chat())
    works, run = [True], db.run

    async def down(*_: object) -> Any:
        raise OSError(SECRET)

    async def run_once(work: Any) -> Any:
        return await (run(work) if works and works.pop() else down())

    with monkeypatch.context() as patched:
        patched.setattr(db, "run", run_once)
        patched.setattr(db, "read", down)
        house.anna.writes("/status")
        house.telegram.settle()
    new = [each for each in house.anna.chat()[before:] if each.from_bot]
    assert len(new) == 1
    assert CODE.fullmatch(code_in(new[0]))
    assert house.bot.rows("SELECT * FROM errors") == []
    told = house.told()
    assert any(code_in(new[0]) in each for each in told)
    assert house.told() == told
    assert "Once" in house.says(f"/error {code_in(new[0])}").text, "the code leads there, now that the database is back"


def test_an_operator_whose_command_fails_hears_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr(house.bot.services.ops.job_runs, "all", broken)
    answer = house.says("/status")
    assert translate("error-unexpected") in answer.text
    assert "ValueError at" in house.says(f"/error {code_in(answer)}").text


def test_a_blocked_bot_is_no_error(house: House) -> None:
    house.telegram.run(house.bot.services.ops.error_reports.note(Forbidden("blocked")))
    assert house.bot.rows("SELECT * FROM errors") == []


def test_what_happened_long_ago_is_forgotten(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for age, left in ((89, 1), (2, 0)):
        house.telegram.run(house.bot.services.ops.error_reports.note(ValueError())) if left else None
        house.telegram.passes(age * 24 * 3600)
        house.bot.runs_job("forget")
        assert len(house.bot.rows("SELECT * FROM errors")) == left


# Kinds


def raised(error: Exception) -> Exception:
    try:
        asyncio.run(_raise(error))
    except Exception as caught:
        return caught
    raise AssertionError


async def _raise(error: Exception) -> None:
    raise error


def test_a_kind_is_the_class_the_place_and_the_tool_and_never_the_text() -> None:
    first, second = kind_of(raised(ValueError("one"))), kind_of(raised(ValueError("two")))
    assert first == second
    assert first.place == "elsewhere"  # in none of our modules
    others = {
        code_of(raised(KeyError("one"))),
        code_of(raised(ValueError("one")), SHELF["clean"]),
        code_of(raised(BadRequest("one")), SHELF["clean"]),
    }
    assert len(others | {first.code}) == 4
    assert CODE.fullmatch(first.code)


def test_the_log_shows_class_and_places_and_never_the_text() -> None:
    try:
        raise ValueError(SECRET) from KeyError(SECRET)
    except ValueError as error:
        record = logging.LogRecord("bot", logging.ERROR, "", 0, "it failed", (), (ValueError, error, None))
        text = _Redacted().format(record)
    assert SECRET not in text
    assert "ValueError at" in text
    assert "test_error_reports.py" in text


@pytest.mark.parametrize("thread", [True, False])
def test_what_nobody_caught_is_logged_without_its_text(thread: bool) -> None:
    fails = f"def fails(): raise ValueError({SECRET!r})\n"
    how = "import threading; t = threading.Thread(target=fails); t.start(); t.join()" if thread else "fails()"
    code = f"from bot.ops import logs; logs.configure('DEBUG')\n{fails}{how}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert SECRET not in done.stderr
    assert "CRITICAL bot.ops.logs: nobody caught this" in done.stderr
    assert "ValueError at" in done.stderr
