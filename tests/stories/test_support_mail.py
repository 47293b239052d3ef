"""Support by mail: copies for who wants them, answers to who blocks the bot; and what operators write often."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.texts import translator
from storage.db import Database
from storage.tickets import Tickets
from tests.conftest import agreed
from tests.harness.desk import asks
from tests.harness.email_steps import ADDRESS, SETTINGS, confirms, has_address, posts, texts, translate
from tests.harness.inprocess import Bot, Telegram
from tests.harness.mail_server import text_of
from tests.harness.people import Group, Message, Person


@dataclass(frozen=True)
class Desk:
    telegram: Telegram
    bot: Bot
    group: Group
    olga: Person
    anna: Person

    def thread(self, number: int) -> int:
        self.telegram.settle()
        return next(each.thread for each in self.group.chat() if each.text.startswith(f"Ticket {number} "))

    def writes(self, number: int, text: str) -> Message:
        said = self.olga.writes(text, in_=self.group, thread=self.thread(number))
        self.telegram.settle()
        return said

    def posts(self) -> None:
        posts(self.telegram, self.bot)

    def answers(self) -> list[str]:
        return [text_of(mail) for mail in self.bot.mail.to(ADDRESS, "Answer to your ticket")]

    def heard(self, text: str) -> int:
        return [each.text for each in self.group.chat()].count(text)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Telegram() as telegram:
        olga = telegram.person("Olga")
        group = telegram.group("Operators", olga, forum=True)
        with Bot(telegram, **SETTINGS, operators_chat_id=group.id) as bot:
            yield Desk(telegram, bot, group, olga, agreed(telegram, "Anna"))


def test_copies_are_offered_once_and_come_when_wanted(desk: Desk) -> None:
    anna = desk.anna
    number = asks(anna, "one")
    offer = anna.sees(translate("email-ask-copies"))
    assert translate("email-why") in offer.text
    assert offer.buttons == [translate("email-yes"), translate("email-no")]
    anna.taps(translate("email-yes"))
    anna.sees(translate("email-ask"))
    confirms(desk.telegram, desk.bot, anna)
    anna.sees(translate("email-copies-on"))
    desk.writes(number, "two <b>three</b>\nfour")
    desk.posts()
    anna.sees("two <b>three</b>")
    [answer] = desk.answers()
    assert "two <b>three</b>\nfour" in answer
    [mail] = desk.bot.mail.to(ADDRESS, f"Answer to your ticket {number}")
    assert "two &lt;b&gt;three&lt;/b&gt;<br>" in text_of(mail, "html")
    desk.writes(number, "five")
    desk.posts()
    first, second = desk.bot.mail.to(ADDRESS, "Answer")
    assert first["References"] == first["In-Reply-To"] == second["References"], "one thread a ticket"
    assert first["Message-ID"] != second["Message-ID"]
    asks(anna, "another request")
    assert len(texts(anna, translate("email-ask-copies"))) == 1
    anna.writes("/email")
    anna.taps(translate("email-stop-copies"))
    anna.sees(translate("email-copies-off"))
    desk.writes(number, "six")
    desk.posts()
    assert len(desk.answers()) == 2


def test_no_is_remembered_and_nothing_is_mailed(desk: Desk) -> None:
    has_address(desk.telegram, desk.bot, desk.anna)
    number = asks(desk.anna, "one")
    assert desk.anna.sees(translate("email-ask-copies")).text == translate("email-ask-copies"), "why is known already"
    desk.anna.taps(translate("email-no"))
    desk.writes(number, "two")
    desk.posts()
    asks(desk.anna, "three")
    assert desk.answers() == []
    assert texts(desk.anna, translate("email-ask-copies")) == [], (
        "not asked again; the first question became its answer"
    )


def test_notes_and_commands_are_never_mailed(desk: Desk) -> None:
    has_address(desk.telegram, desk.bot, desk.anna)
    number = asks(desk.anna, "one")
    desk.anna.taps(translate("email-yes"))
    desk.writes(number, "/note between us")
    desk.writes(number, "/grant 1")
    desk.writes(number, "/close")
    desk.posts()
    assert desk.answers() == []


def test_an_answer_to_who_blocks_the_bot_goes_by_mail_and_the_operators_know(desk: Desk) -> None:
    has_address(desk.telegram, desk.bot, desk.anna)
    number = asks(desk.anna, "one")
    desk.anna.taps(translate("email-no"))
    desk.writes(number, "in the chat")
    desk.anna.blocks()
    desk.writes(number, "by mail")
    desk.writes(number, "and this one, too")
    desk.posts()
    assert ["by mail" in text or "and this one, too" in text for text in desk.answers()] == [True, True]
    assert desk.heard(translate("operators-by-mail")) >= 1
    assert desk.heard(translate("operators-not-delivered")) == 0
    desk.anna.unblocks()
    desk.telegram.settle()
    desk.anna.sees("and this one, too")
    desk.writes(number, "in the chat again")
    desk.posts()
    assert len(desk.answers()) == 2


def test_an_answer_that_finds_the_bot_blocked_goes_by_mail(desk: Desk) -> None:
    """Nobody told us: the first answer finds out."""
    has_address(desk.telegram, desk.bot, desk.anna)
    number = asks(desk.anna, "one")
    desk.thread(number)
    desk.telegram.fault("copyMessage", "error", code=403, text="Forbidden: bot was blocked by the user", count=9)
    desk.telegram.fault("sendMessage", "error", code=403, text="Forbidden: bot was blocked by the user", count=1)
    desk.writes(number, "by mail")
    desk.posts()
    assert len(desk.answers()) == 1


def test_who_has_no_address_gets_it_when_they_are_back(desk: Desk) -> None:
    number = asks(desk.anna, "one")
    desk.anna.blocks()
    desk.writes(number, "two")
    desk.posts()
    assert desk.bot.mail.caught == []
    assert desk.heard(translate("operators-not-delivered")) == 1


def test_a_file_stays_in_the_chat(desk: Desk) -> None:
    has_address(desk.telegram, desk.bot, desk.anna)
    number = asks(desk.anna, "one")
    desk.anna.taps(translate("email-yes"))
    upload = desk.telegram.upload(b"a file", "plan.pdf", "application/pdf")
    desk.olga._sends(file=upload, in_=desk.group, thread=desk.thread(number), caption="see the plan")
    desk.posts()
    [mail] = desk.bot.mail.to(ADDRESS, "Answer")
    assert "see the plan" in text_of(mail)
    assert translate("mail-answer-file") in text_of(mail)
    assert "plan.pdf" not in bytes(mail).decode()


# Canned answers


def test_canned_answers_are_kept_sent_and_removed_in_the_chat(desk: Desk) -> None:
    olga, group = desk.olga, desk.group
    olga.writes("/canned", in_=group)
    olga.sees(translate("operators-canned", names="–"), in_=group)
    olga.writes("/canned slow Sorry, it takes long today.\n\nYours", in_=group)
    olga.sees(translate("operators-canned-kept", name="slow"), in_=group)
    olga.writes("/canned slow.de Es dauert heute.", in_=group)
    olga.sees(translate("operators-canned-kept", name="slow.de"), in_=group)
    olga.writes("/canned", in_=group)
    olga.sees(translate("operators-canned", names="slow, slow.de"), in_=group)
    number = asks(desk.anna, "one")
    desk.writes(number, "/canned slow")
    desk.anna.sees("Sorry, it takes long today.\n\nYours")
    shown = [each.text for each in group.chat() if each.thread == desk.thread(number)]
    assert any("Sorry, it takes long today." in text for text in shown), "operators see what was sent"
    desk.writes(number, "/canned nothing")
    olga.sees(translate("operators-canned-none", name="nothing"), in_=group)
    olga.writes("/canned slow -", in_=group)
    olga.sees(translate("operators-canned-gone", name="slow"), in_=group)
    assert desk.bot.rows("SELECT name FROM canned") == [("slow.de",)]


def test_a_canned_answer_counts_and_may_begin_on_a_line_of_its_own(desk: Desk) -> None:
    desk.olga.writes("/canned\nslow Sorry,\nit takes long", in_=desk.group)
    desk.olga.sees(translate("operators-canned-kept", name="slow"), in_=desk.group)
    desk.writes(asks(desk.anna, "one"), "/canned slow")
    desk.anna.sees("Sorry,\nit takes long")
    assert desk.bot.rows("SELECT count FROM counters WHERE name = 'ticket' AND outcome = 'answered'") == [(1,)]


def test_a_canned_answer_speaks_the_persons_language(desk: Desk) -> None:
    desk.olga.writes("/canned slow Sorry", in_=desk.group)
    desk.olga.writes("/canned slow.de Es tut uns leid", in_=desk.group)
    ben = agreed(desk.telegram, "Ben", language="de")
    ben.writes("/support")
    ben.taps("Etwas anderes")
    ben.sees(translator("de")("draft-other"))
    ben.writes("Hilfe")
    ben.sees(translator("de")("draft-preview"))
    ben.taps("Abschicken")
    ben.sees("Das ist Anfrage 1")
    desk.writes(1, "/canned slow")
    ben.sees("Es tut uns leid")


# Time to the first answer


async def test_how_long_people_waited(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    tickets = Tickets(db)
    await db.read(
        lambda connection: connection.executescript(  # type: ignore[attr-defined]
            """
            INSERT INTO tickets (number, user_id, language, subject, about, opened_at) VALUES
                (1, 5, 'en', 'other', '', 1000), (2, 6, 'en', 'other', '', 90000), (3, 6, 'en', 'other', '', 90001);
            INSERT INTO ticket_messages (ticket, author, words, attached, sent_at) VALUES
                (1, 'person', 'a', 0, 1000), (1, 'operator', 'b', 0, 1060), (1, 'operator', 'c', 0, 9000),
                (2, 'note', 'd', 0, 90001), (2, 'operator', 'e', 0, 90100), (3, 'notice', 'f', 0, 90009);
            """
        )
    )
    assert await tickets.first_answer_times(0) == [("1970-01-01", 60), ("1970-01-02", 100)]
    assert await tickets.first_answer_times(50000) == [("1970-01-02", 100)]
    await db.close()
