"""Who of the operators refunded, granted, banned: said where it is done, kept for a year, and in nobody's name."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.texts import translator
from tests.harness.print_fixture import PrintFixture, open_print_fixture

translate = translator("en")

BY_OLGA = translate("operators-done-by", name="Olga")
ANONYMOUSLY = translate("operators-done-anonymously")


@pytest.fixture
def print_shop() -> Iterator[PrintFixture]:
    with open_print_fixture(mails=False) as print_shop:
        yield print_shop


def kept(print_shop: PrintFixture) -> list[tuple[Any, ...]]:
    return print_shop.bot.rows("SELECT operator_id, action, reference FROM operator_actions ORDER BY id")


def orders(print_shop: PrintFixture, text: str, **how: str) -> str:
    """Olga writes a command; what the bot says to it."""
    print_shop.olga.writes(text, in_=print_shop.operators, **how)
    print_shop.telegram.settle()
    return print_shop.operators.chat()[-1].text


def test_who_did_it_is_said_and_kept_once(print_shop: PrintFixture) -> None:
    anna, olga, group = print_shop.anna, print_shop.olga, print_shop.operators
    for text in (f"/grant {anna.id} 2", f"/ban {anna.id}", f"/ban {anna.id}", f"/unban {anna.id}", f"/unban {anna.id}"):
        told = orders(print_shop, text)
        assert told.endswith(BY_OLGA) != ("already" in told or "is not banned." in told)
    number, _ = print_shop.at_lab()
    assert orders(print_shop, f"/refund {number} 0.50").endswith(BY_OLGA)
    orders(print_shop, f"/refund {number}")
    question = group.chat()[-1]
    for _ in range(2):
        olga.forges(f"give-back:{number}", question)
        print_shop.telegram.settle()
    assert next(each for each in group.chat() if each.id == question.id).history[1].endswith(BY_OLGA)
    done = [("grant", anna.id), ("ban", anna.id), ("unban", anna.id), ("refund", number), ("refund", number)]
    assert kept(print_shop) == [(olga.id, action, str(reference)) for action, reference in done]
    tables = [name for (name,) in print_shop.bot.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert "Olga" not in str([print_shop.bot.rows(f"SELECT * FROM {table}") for table in tables])


def test_an_anonymous_administrator_stays_one(print_shop: PrintFixture) -> None:
    told = orders(print_shop, f"/ban {print_shop.anna.id}", speaks_as="group")
    assert told.endswith(ANONYMOUSLY)
    assert kept(print_shop) == [(None, "ban", str(print_shop.anna.id))]


def test_what_people_do_themselves_is_no_operators_doing(print_shop: PrintFixture) -> None:
    print_shop.anna.writes("/buy")
    print_shop.anna.taps("10 credits")
    print_shop.anna.pays(print_shop.anna.sees_invoice())
    print_shop.anna.writes("/withdraw")
    which = print_shop.anna.sees(translate("withdraw-which"))
    print_shop.anna.taps(which.buttons[0], on=which)
    print_shop.telegram.settle()
    print_shop.anna.taps("Withdraw")
    print_shop.telegram.settle()
    assert print_shop.bot.rows("SELECT state FROM orders") == [("refunded",)]
    assert kept(print_shop) == []


def test_each_sees_what_is_theirs_of_it_and_takes_it_along(print_shop: PrintFixture) -> None:
    """The person: what was done, and not by whom. The operator: what they did."""
    anna, olga = print_shop.anna, print_shop.olga
    orders(print_shop, f"/grant {anna.id} 2")

    def shown(person: Any) -> list[Any]:
        person.writes("/mydata")
        rows = json.loads(person.gets_document().bytes)["database"]["operator_actions"]["rows"]
        return [(row["operator_id"], row["action"], row["reference"]) for row in rows]

    olga.writes("/start")
    assert shown(anna) == [("(secret)", "grant", str(anna.id))]
    assert shown(olga) == [(olga.id, "grant", str(anna.id))]
    for person, left in ((anna, (olga.id, "grant", "")), (olga, (None, "grant", ""))):
        person.writes("/forget")
        person.taps("Forget me")
        person.taps("Forget me, leave the chat")
        print_shop.telegram.settle()
        assert kept(print_shop) == [left]
