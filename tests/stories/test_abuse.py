"""What one person, or many together, could use up: codes by mail, tickets, words, unpaid orders. Each bound is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.texts import translator
from storage import confirmations, orders, tickets
from storage.confirmations import Confirmations
from storage.db import Database
from tests.conftest import agreed
from tests.harness.desk import drafts, preview, sends
from tests.harness.inprocess import Bot
from tests.harness.people import Message, Person
from tests.harness.simulated_clock import Telegram

translate = translator("en")


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


def said(telegram: Telegram, person: Person, since: Message) -> list[str]:
    telegram.settle()
    return [each.text for each in person.chat() if each.from_bot and each.id > since.id]


# Codes by mail


async def codes(folder: Path, *asked: tuple[int, str]) -> list[bool]:
    """Whether each of these people gets a code to this address."""
    db = await Database.open(folder / "darkroom.db", folder / "database.key")
    try:
        found = []
        for person, address in asked:
            await Confirmations(db).begin(person, "", "en")
            found.append(await Confirmations(db).send_code(person, address))
        return found
    finally:
        await db.close()


@pytest.mark.parametrize(
    "spellings",
    [
        ("anna.b@gmail.com", "annab@gmail.com", "a.n.n.a.b@googlemail.com", "AnnaB+x@gmail.com"),
        ("anna@example.org", "ANNA@example.org", "anna+1@example.org", "anna+2@Example.org"),
    ],
)
async def test_one_mailbox_gets_its_codes_however_it_is_spelled(tmp_path: Path, spellings: tuple[str, ...]) -> None:
    asked = tuple((1000 + number, address) for number, address in enumerate(spellings))
    assert await codes(tmp_path, *asked) == [True, True, True, False]


async def test_dots_tell_mailboxes_apart_elsewhere(tmp_path: Path) -> None:
    asked = tuple((1000 + number, f"{'.'.join('anna'[: number + 1])}@example.org") for number in range(4))
    assert await codes(tmp_path, *asked) == [True] * 4


@pytest.mark.parametrize("bound", ["MOST_CODES_A_DOMAIN", "MOST_CODES"])
async def test_a_domain_and_the_service_have_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(confirmations, bound, 2)
    same = "example.org" if bound == "MOST_CODES_A_DOMAIN" else "example.net"
    asked = (1, "a@example.org"), (2, f"b@{same}"), (3, "c@example.org"), (4, "d@other.example")
    assert await codes(tmp_path, *asked) == [True, True, False, bound == "MOST_CODES_A_DOMAIN"]


# Tickets


def test_open_tickets_of_one_person_are_few_and_the_draft_is_not_lost(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "MOST_OPEN", 2)
    group = telegram.group("Operators", telegram.person("Olga"), forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        anna = agreed(telegram, "Anna")
        for number in range(2):
            sends(anna, drafts(anna, "Privacy", f"request {number}"))
        third = drafts(anna, "Privacy", "request 2")
        anna.taps("Send", on=third, wait=0)
        assert said(telegram, anna, third) == [translate("error-busy-tickets", limit=2)]
        assert bot.rows("SELECT count(*) FROM tickets") == [(2,)]
        bot.rows("UPDATE tickets SET closed_at = 1 WHERE number = 1")
        assert sends(anna, preview(anna, "request 2")) == 3
        assert bot.rows("SELECT * FROM errors") == []


def test_more_words_than_anybody_reads_wait_for_an_hour(telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "MOST_CHARACTERS_AN_HOUR", 30)
    group = telegram.group("Operators", telegram.person("Olga"), forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        anna = agreed(telegram, "Anna")
        sends(anna, drafts(anna, "Privacy", "a" * 20))
        telegram.settle()
        much = anna.writes("b" * 11)
        assert said(telegram, anna, much) == [translate("error-busy-words")]
        assert bot.rows("SELECT words FROM ticket_messages WHERE author = 'person'") == [("a" * 20,)]
        telegram.passes(3601)
        anna.writes("c" * 30)
        telegram.settle()
        assert bot.rows("SELECT words FROM ticket_messages WHERE author = 'person'")[-1] == ("c" * 30,)


# Orders


@pytest.mark.parametrize("bound", ["MOST_UNPAID", "MOST_UNPAID_IN_ALL"])
def test_unpaid_orders_have_a_bound_a_person_and_in_all(
    telegram: Telegram, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(orders, bound, 1)
    with Bot(telegram) as bot:
        anna = agreed(telegram, "Anna")
        anna.writes("/buy")
        anna.taps("10 credits")
        anna.sees_invoice()
        last = anna.chat()[-1]
        anna.taps("50 credits", wait=0)
        assert said(telegram, anna, last) == [translate("error-busy-orders")]
        ben = agreed(telegram, "Ben")
        ben.writes("/buy")
        ben.taps("10 credits", wait=0)
        telegram.settle()
        assert bool([each for each in ben.chat() if each.raw.get("invoice")]) == (bound == "MOST_UNPAID")
        assert bot.rows("SELECT * FROM errors") == []
