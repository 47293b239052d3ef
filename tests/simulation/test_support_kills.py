"""A ticket whenever the bot dies: its number is told, and every word arrives on the other side, in order."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import agreed
from tests.harness.desk import asks, drafts, preview, sends
from tests.harness.email_steps import ADDRESS, SETTINGS
from tests.harness.inprocess import Bot, Telegram
from tests.harness.mail_server import text_of


def firsts(found: list[str]) -> list[str]:
    """Each once: what was brought may be brought again."""
    return list(dict.fromkeys(found))


def talk(*deaths: int) -> Bot:
    """A ticket's whole life, in which the bot dies after so many steps; at its end nothing is left to do."""
    with Telegram() as telegram:
        olga = telegram.person("Olga")
        group = telegram.group("Operators", olga, forum=True)
        with Bot(telegram, **SETTINGS, operators_chat_id=group.id) as bot:
            anna = agreed(telegram, "Anna")
            sql = "INSERT INTO addresses (user_id, address, confirmed_at, copies) VALUES (?, ?, 1, 1)"
            bot.rows(sql, anna.id, ADDRESS)
            telegram.settle()
            if deaths:
                bot.dies_after(*deaths)
            anna.writes("/support")
            anna.taps("A photo")
            anna.sees("what went wrong")
            anna.writes("one")
            preview(anna, "one")
            anna.sends_file(b"a photo", "a.jpg", caption="two")
            number = sends(anna, preview(anna, "two"))
            anna.writes("three")
            olga.sees("three", in_=group)
            thread = next(each.thread for each in group.chat() if each.text.startswith(f"Ticket {number} "))
            olga.writes("four", in_=group, thread=thread)
            anna.sees("four")
            olga.writes("/grant 5", in_=group, thread=thread)
            olga.sees("Granted", in_=group)
            telegram.settle()
            for job in ("support", "mail", "mail"):  # the first may meet its death
                bot.runs_job(job)
                telegram.settle()
            topic = [each for each in group.chat() if each.thread and each.text]
            said = [each.text for each in topic if each.thread == thread or each.from_bot]
            assert firsts([text for text in said if text.isalpha()]) == ["one", "two", "three", "four"]
            assert len([each for each in anna.chat() if each.from_bot and each.text == "four"]) >= 1
            copies = bot.mail.to(ADDRESS, f"Answer to your ticket {number}")
            assert {"four" in text_of(mail) for mail in copies} == {True}
            assert len({mail["Message-ID"] for mail in copies}) == 1
            assert bot.rows("SELECT credits FROM ledger WHERE kind = 'grant'") == [(5,)]
            assert bot.rows("SELECT operator_id, action FROM operator_actions") == [(olga.id, "grant")]
            assert bot.rows("SELECT number FROM tickets") == [(number,)]
            assert bot.rows("SELECT words FROM ticket_messages") == [("one",), ("two",), ("three",), ("four",)]
            assert bot.rows("SELECT * FROM inbox WHERE body IS NOT NULL") == []
            assert bot.rows("SELECT * FROM drafts") == []
        return bot


@pytest.mark.parametrize("stride", [3, pytest.param(1, marks=pytest.mark.prove)])
def test_whenever_it_dies_nothing_is_lost(stride: int) -> None:
    whole = talk().lives[0].steps
    for step in count(1, stride):
        bot = talk(step)
        if len(bot.lives) == 1:
            break
    assert step > len(whole) // 2 > 40


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=4))
def test_however_often_it_dies_nothing_is_lost(deaths: list[int]) -> None:
    talk(*deaths)


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


def test_what_is_refused_too_often_is_brought_by_the_scheduler(telegram: Telegram) -> None:
    olga = telegram.person("Olga")
    group = telegram.group("Operators", olga, forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        anna = agreed(telegram, "Anna")
        telegram.fault("createForumTopic", "error", count=100)
        number = asks(anna, "are you there?")
        telegram.settle()
        assert group.topics() == []
        assert bot.rows("SELECT * FROM inbox WHERE body IS NOT NULL") == []
        bot.runs_job("support")
        assert group.topics() == []
        telegram.act("mend")
        telegram.fault("copyMessage", "flood", retry_after=100)  # longer than anybody waits in one go
        bot.runs_job("support")
        assert f"Ticket {number} " in olga.sees("Ticket", in_=group).text
        telegram.passes(100)
        bot.runs_job("support")
        olga.sees("are you there?", in_=group)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", ["flood", "error", "hang", "drop"])
def test_trouble_on_the_way_may_bring_it_twice_and_never_not_at_all(telegram: Telegram, kind: str, after: bool) -> None:
    olga = telegram.person("Olga")
    group = telegram.group("Operators", olga, forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        anna = agreed(telegram, "Anna")
        for method in ("createForumTopic", "copyMessage"):
            telegram.fault(method, kind, after=after, retry_after=20)
        number = asks(anna, "are you there?")  # while all that goes on
        telegram.settle()
        words = [each.text for each in group.chat() if each.text == "are you there?"]
        assert len(words) == (2 if after else 1)
        thread = olga.sees(f"Ticket {number} ", in_=group).thread
        telegram.fault("copyMessage", kind, after=after, retry_after=20)
        olga.writes("I am", in_=group, thread=thread)
        telegram.settle()
        assert len([each for each in anna.chat() if each.text == "I am"]) == (2 if after else 1)
        assert bot.rows("SELECT * FROM ticket_messages WHERE topic_id IS NULL OR person_id IS NULL") == []


def test_a_draft_is_forgotten_after_an_hour(telegram: Telegram) -> None:
    group = telegram.group("Operators", telegram.person("Olga"), forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        anna = agreed(telegram, "Anna")
        drafts(anna, "Privacy", "half a sentence")
        telegram.settle()
        bot.runs_job("forget")
        assert bot.rows("SELECT words FROM draft_messages") == [("half a sentence",)]
        telegram.passes(3601)
        bot.runs_job("forget")
        assert bot.rows("SELECT * FROM draft_messages") == []
        assert bot.rows("SELECT * FROM drafts") == []
