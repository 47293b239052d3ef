"""Prints by post in the chat: the proof, the payment, the lab, and what Anna hears of it."""

from collections.abc import Iterator

import pytest

from bot.texts import words
from tests.press import HERE, Press, open_press

say = words("en")


@pytest.fixture
def press() -> Iterator[Press]:
    with open_press() as press:
        yield press


def test_the_whole_walk(press: Press) -> None:
    anna = press.anna
    proof = press.proof()
    assert "cut off: 20 %" in proof.text
    assert proof.buttons[0] == "Order · €1.89 and posting"
    anna.taps("➕")
    anna.taps("On matte paper")
    anna.taps("Order", wait=0)
    invoice = anna.sees_invoice()
    assert invoice.raw["invoice"]["title"] == "2 prints, 10 × 15 cm, matte"
    [payment] = anna.pays(invoice, order=HERE)
    assert payment["status"] == "paid"
    press.telegram.settle()
    [(number, state, amount, shipping)] = press.bot.rows("SELECT id, state, amount, shipping FROM orders")
    assert (state, amount, shipping) == ("sent", 150 + 2 * 44 + 290, 290)
    package = press.package(number)
    assert package.document
    assert "2 prints, 10 × 15 cm, matte" in package.text
    anna.sees(say("prints-sent", order=number))
    press.lena.taps("Printed", in_=press.lab)
    anna.sees(say("prints-printed", order=number))
    press.lena.replies_to(package, "posted DHL 0034 0434 1614")
    anna.sees("DHL 003404341614 https://www.dhl.com")
    press.lena.taps("Delivered", in_=press.lab)
    anna.sees(say("prints-delivered", order=number))
    press.telegram.settle()
    assert [mail["Subject"] for mail in press.bot.mail.caught] == []


def test_debug(press: Press) -> None:
    number = press.paid()
    print(press.telegram.transcript(press.anna.id))
    print(press.telegram.transcript(press.lab.id))
    print(press.bot.rows("SELECT * FROM errors"))
    print("LOG", "\n".join(press.bot._ear.lines)[-3000:])
    assert 0
