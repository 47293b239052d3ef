"""The database takes nothing more: what is delivered stays delivered, and is written down when there is room again."""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.ops.error_reports import kind_of
from bot.texts import translator
from storage.db import Database
from storage.inbox import Inbox
from storage.messages import Messages
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom
from tests.harness.inprocess import Bot
from tests.harness.people import Group, Person
from tests.harness.people import Telegram as RealTelegram
from tests.harness.simulated_clock import Telegram

translate = translator("en")


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def group(telegram: Telegram) -> Group:
    return telegram.group("Operators", telegram.person("Olga"), forum=True)


@pytest.fixture
def bot(telegram: Telegram, group: Group) -> Iterator[Bot]:
    with Bot(telegram, operators_chat_id=group.id) as bot:
        yield bot


@pytest.fixture
def anna(telegram: Telegram, bot: Bot) -> Person:
    return agreed(telegram, "Anna")


def takes_nothing(bot: Bot, really: bool) -> None:
    bot.lives[-1].connection.execute(f"PRAGMA query_only = {'ON' if really else 'OFF'}")


def in_the_jail(bot: Bot, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """While a photo is worked on, this happens."""
    develop = bot.jail.develop

    async def and_act(*about: Any) -> Any:
        act()
        return await develop(*about)

    monkeypatch.setattr(bot.jail, "develop", and_act)


@pytest.mark.parametrize(("tool", "left"), [("Remove metadata", 3), ("Cut out", 2)])
def test_a_delivery_stands_whatever_the_books_do(
    telegram: Telegram, bot: Bot, anna: Person, monkeypatch: pytest.MonkeyPatch, tool: str, left: int
) -> None:
    bot.jail.previews = True
    in_the_jail(bot, monkeypatch, lambda: takes_nothing(bot, really=True))
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.taps(tool)
    if tool == "Cut out":
        anna.taps("Transparent")
    telegram.settle()
    takes_nothing(bot, really=False)
    said = [each for each in anna.chat() if each.from_bot]
    assert len([each for each in said if each.document]) == 1
    assert not [each.text for each in said if translate("error-unexpected") in each.text or each.text.startswith("…")]
    anna.writes("/balance")
    telegram.settle()
    assert str(left) in anna.chat()[-1].text
    assert bot.rows("SELECT * FROM holds") == []
    assert bot.rows("SELECT outcome, count FROM counters WHERE name = 'job'") == [("delivered", 1)]
    result = next(each for each in said if each.document)
    assert bot.rows("SELECT 1 FROM messages WHERE message_id = ?", result.id), "so that /wipe finds it"
    bot.kill()
    bot.start()
    telegram.settle()
    assert len([each for each in anna.chat() if each.document and each.from_bot]) == 1, "its update counts as handled"


def test_a_job_of_the_scheduler_that_writes_nothing_goes_on_and_operators_read_one_sentence(
    telegram: Telegram, bot: Bot, group: Group
) -> None:
    takes_nothing(bot, really=True)
    for _ in range(3):
        for name in ("support", "forget", "prints", "errors"):
            bot.runs_job(name)
    takes_nothing(bot, really=False)
    bot.runs_job("errors")
    assert [each.text for each in group.chat() if "SQLITE" in each.text] == []
    runs = dict(bot.rows("SELECT job, outcome FROM job_runs"))
    assert (runs["support"], runs["forget"]) == ("done", "OperationalError")
    assert "OperationalError SQLITE_READONLY" in {kind for (kind,) in bot.rows("SELECT kind FROM errors")}


async def test_what_is_owed_is_written_first_and_in_its_order(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    messages, inbox = Messages(db), Inbox(db)
    await inbox.add(1, "body")
    await _fill(db)
    with pytest.raises(Exception, match="full") as full:
        await inbox.add(2, "x" * 100_000)
    assert kind_of(full.value).kind == "OperationalError SQLITE_FULL"
    await db.read(lambda connection: connection.execute("PRAGMA query_only = ON"))
    await messages.add(5, 6)
    await db.note(lambda connection: connection.execute("INSERT INTO facts VALUES ('a', 1)"))
    await db.note(lambda connection: connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'a'"))
    await db.read(lambda connection: connection.execute("PRAGMA query_only = OFF"))
    assert await messages.of(5) == []
    await messages.forget(5)  # of somebody who leaves: it must not come back later
    assert await messages.of(5) == []
    rows = await db.read(lambda connection: connection.execute("SELECT value FROM facts WHERE name = 'a'").fetchall())
    assert rows == [(2,)]
    with pytest.raises(Exception, match="no such table"):
        await db.note(lambda connection: connection.execute("INSERT INTO nowhere VALUES (1)"))
    await db.close()


async def _fill(db: Database) -> None:
    """No page more than there are."""

    def work(connection: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    await db.read(work)


def test_the_bot_ends_well_on_a_full_disk(telegram_: RealTelegram, tmp_path: Path) -> None:
    bot = Darkroom(telegram_, tmp_path).start()
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (1 << 15, resource.RLIM_INFINITY))
    assert bot.stop() == 0, bot.log
    assert "the database closes as it is" in bot.log
    assert bot.rows("PRAGMA quick_check") == [("ok",)]


@pytest.fixture
def telegram_(bot_api: str) -> Iterator[RealTelegram]:
    with RealTelegram(bot_api) as telegram:
        yield telegram
