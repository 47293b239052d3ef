"""The scheduler: which jobs there are, what retention takes and what it leaves, and that operators see when it ran."""

import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock, patch

import pytest

from bot import scheduler
from bot.texts import moment
from storage.job_runs import JobRun
from tests.harness.inprocess import Bot
from tests.harness.people import Group, Person
from tests.harness.simulated_clock import Telegram

DAY, HOUR, MINUTE = 24 * 3600, 3600, 60


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def olga(telegram: Telegram) -> Person:
    return telegram.person("Olga")


@pytest.fixture
def group(telegram: Telegram, olga: Person) -> Group:
    return telegram.group("Operators", olga, forum=True)


@pytest.fixture
def bot(telegram: Telegram, group: Group) -> Iterator[Bot]:
    with Bot(telegram, operators_chat_id=group.id, keep_closed_tickets_days=30) as bot:
        yield bot


def test_what_the_scheduler_does_and_when() -> None:
    """Each soon after a start, so that what was missed while the bot was down is done then."""
    queue = MagicMock()
    scheduler.schedule(queue, MagicMock(), MagicMock(), MagicMock())
    assert [(call.kwargs["name"], call.args[1], call.kwargs["first"]) for call in queue.method_calls] == [
        ("orders", 30, 2),  # seconds: every, first
        ("support", 30, 3),
        ("mail", 30, 1),
        ("errors", 30, 4),
        ("reconcile", 600, 5),
        ("prints", 3600, 8),
        ("forget", 3600, 6),
        ("groups", 3600, 3600),  # the start has looked already
        ("ga4", 600, 7),
    ]


# What is kept too long by a second, and what is not: in each table two rows, told apart by their first number.

_AGED = {
    "messages": ("(chat_id, message_id, sent_at) VALUES (?1, 1, ?2)", 48 * HOUR),
    "inbox": ("(update_id, received_at) VALUES (?1, ?2)", 2 * DAY),
    "album_photos": (
        "(chat_id, album, message_id, size, compressed, arrived_at) VALUES (?1, 'a' || ?1, 1, 1, 1, ?2)",
        HOUR,
    ),
    "drafts": ("(user_id, subject, about, prompt_id, changed_at) VALUES (?1, 'other', '', 1, ?2)", HOUR),
    "wishes": (
        "(user_id, kind, tool, file_id, size, compressed, message_id, prompt_id, asked_at) "
        "VALUES (?1, 'photo', 'cutout', 'f', 1, 1, 1, 1, ?2)",
        15 * MINUTE,
    ),
    "tickets": (
        "(number, user_id, language, subject, about, opened_at, closed_at) VALUES (?1, 5, 'en', 'other', '', 1, ?2)",
        30 * DAY,
    ),
    "orders": (
        "(id, account, state, product, credits, amount, currency, language, opened_at) "
        "VALUES (?1, 7, 'expired', 'credits', 10, 100, 'XTR', 'en', ?2)",
        7 * DAY,
    ),
    "operator_actions": ("(operator_id, action, reference, at) VALUES (?1, 'ban', '', ?2)", 365 * DAY),
    "refund_paths": (None, 14 * DAY),
}
_FIRST = {
    "inbox": "update_id",
    "tickets": "number",
    "refund_paths": "account",
    "orders": "id",
    "operator_actions": "operator_id",
}


def _age(bot: Bot, table: str, number: int, since: float) -> None:
    values, _ = _AGED[table]
    if values:
        bot.rows(f"INSERT INTO {table} {values}", number, int(since))
        return
    bot.rows("INSERT INTO accounts VALUES (?, NULL)", number)
    bot.rows("INSERT INTO refund_paths VALUES (?, 5)", number)
    bot.rows(
        "INSERT INTO orders (id, account, state, product, credits, amount, currency, language, opened_at, paid_at, "
        "charge_id) VALUES ('P' || ?1, ?1, 'delivered', 'credits', 10, 100, 'XTR', 'en', ?2, ?2, 'c' || ?1)",
        number,
        int(since),
    )


def test_what_has_had_its_time_goes_and_nothing_else_does(telegram: Telegram, bot: Bot) -> None:
    telegram.settle()
    now = time.time()
    bot.rows("INSERT INTO accounts VALUES (7, 5)")
    for table, (_, seconds) in _AGED.items():
        for number, age in ((901, seconds + 5), (902, seconds - 5)):
            _age(bot, table, number, now - age)
    bot.runs_job("forget")
    left = {
        table: sorted(
            int(number) for (number,) in bot.rows(f"SELECT {column} FROM {table}") if str(number) in ("901", "902")
        )
        for table in _AGED
        for column in [_FIRST.get(table, "user_id" if table in ("drafts", "wishes") else "chat_id")]
    }
    assert left == {table: [902] for table in _AGED}


def test_what_is_not_over_yet_stays_however_old_it_is(telegram: Telegram, bot: Bot) -> None:
    """An update that is not handled, an open ticket, a paid order, a way of refund while one is under way."""
    telegram.settle()
    bot.kill()
    bot.rows("INSERT INTO inbox VALUES (901, 1, 29, '{}')")
    bot.rows(
        "INSERT INTO tickets (number, user_id, language, subject, about, opened_at) VALUES (1, 5, 'en', 'other', '', 1)"
    )
    _age(bot, "refund_paths", 901, 1)
    bot.rows("UPDATE orders SET state = 'refunding', next_at = 9000000000")
    with patch("bot.botapi.updates.UpdateQueue.replay", return_value=[]):
        bot.start()
    bot.runs_job("forget")
    assert bot.rows("SELECT count(*) FROM inbox WHERE body IS NOT NULL") == [(1,)]
    assert bot.rows("SELECT count(*) FROM tickets") == [(1,)]
    assert bot.rows("SELECT state FROM orders") == [("refunding",)]
    assert bot.rows("SELECT count(*) FROM refund_paths") == [(1,)]


def test_closed_tickets_are_kept_unless_a_setting_says_otherwise(telegram: Telegram) -> None:
    with Bot(telegram) as bot:
        _age(bot, "tickets", 901, 1)
        bot.runs_job("forget")
        assert bot.rows("SELECT count(*) FROM tickets") == [(1,)]


def test_a_closed_ticket_goes_with_its_words_and_its_topic(telegram: Telegram, bot: Bot) -> None:
    _age(bot, "tickets", 901, 1)
    bot.rows("UPDATE tickets SET chat_id = -100, thread_id = 3")
    bot.rows(
        "INSERT INTO ticket_messages (ticket, author, words, attached, sent_at) VALUES (901, 'person', 'Help', 0, 1)"
    )
    bot.runs_job("forget")
    assert bot.rows("SELECT * FROM ticket_messages") == []
    assert bot.rows("SELECT thread_id, ticket, subject FROM old_topics") == [(3, 901, "other")]


# When it ran


def _runs(telegram: Telegram, bot: Bot) -> dict[str, Any]:
    return {run.job: run for run in telegram.run(bot.services.ops.job_runs.all())}


def test_operators_see_when_each_job_last_ran_and_how_that_ended(
    telegram: Telegram, bot: Bot, group: Group, olga: Person
) -> None:
    def told(line: str) -> bool:
        olga.writes("/status", in_=group)
        telegram.settle()
        return line in group.chat()[-1].text

    telegram.settle()
    assert _runs(telegram, bot) == {}
    assert told("No job of the scheduler has run yet")
    bot.runs_job("forget")
    first = int(time.time())
    assert _runs(telegram, bot) == {"forget": JobRun("forget", first, "done", first)}
    assert told(f"• forget: {moment(first)}, done\n")
    samples = bot.services.ops.metrics.job_done.collect()[0].samples
    assert [(each.labels, int(each.value)) for each in samples] == [({"job": "forget"}, first)]
    telegram.passes(HOUR)
    with patch("storage.orders.Orders.forget_old", side_effect=ZeroDivisionError):
        bot.runs_job("forget")
    failed = int(time.time())
    assert _runs(telegram, bot)["forget"] == JobRun("forget", failed, "ZeroDivisionError", first)
    assert told(f"• forget: {moment(failed)}, ZeroDivisionError; last done {moment(first)}\n")
    bot.kill()
    bot.start()
    assert _runs(telegram, bot)["forget"].done_at == first


def test_what_was_missed_while_the_bot_was_down_is_caught_up(telegram: Telegram, bot: Bot) -> None:
    anna = telegram.person("Anna")
    anna.writes("/help")
    telegram.settle()
    assert bot.rows("SELECT count(*) FROM messages") == [(2,)]
    bot.kill()
    telegram.passes(50 * HOUR)
    bot.start()
    bot.runs_job("forget")
    assert bot.rows("SELECT count(*) FROM messages") == [(0,)]
    assert bot.rows("SELECT count(*) FROM inbox") == [(0,)]
