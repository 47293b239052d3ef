"""The print fixture: a bot that sells prints, its lab, its operators and one buyer, in one process."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bot.sealing import new_key
from bot.texts import translator
from tests.harness.email_steps import SETTINGS
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Group, Json, Message, Person
from tests.harness.stripe_transport import URL as STRIPE_URL
from tests.pictures.photos import encoded

ACCOUNT = "print_fixture"
SECRET_KEY, PUBLIC_KEY = new_key()
HERE: Json = {
    "name": "Anna Anders-Canary",
    "email": "anna-canary@example.org",
    "shipping_address": {
        "country_code": "DE",
        "state": "",
        "city": "Lunebourg-Canary",
        "street_line1": "Tannenweg-Canary 7",
        "street_line2": "",
        "post_code": "21337",
    },
}
CANARIES = ("Anders-Canary", "Lunebourg-Canary", "Tannenweg-Canary")

translate = translator("en")


@dataclass
class PrintFixture:
    telegram: Telegram
    bot: Bot
    lab: Group
    lena: Person  # at the lab
    operators: Group
    olga: Person
    anna: Person

    def lives_in(self, country: str, **more: str) -> Json:
        return HERE | {"shipping_address": HERE["shipping_address"] | {"country_code": country} | more}

    def proof(self) -> Message:
        """Of Anna's newest result."""
        self.anna.sends_file(encoded(), "holiday.jpg")
        self.anna.taps("Remove metadata", wait=0)
        self.anna.gets_document()
        self.anna.taps("Post me prints", wait=0)
        return self.anna.gets_photo().message

    def invoice(self) -> Message:
        self.proof()
        self.anna.taps("Order", wait=0)
        return self.anna.sees_invoice()

    def paid(self, **how: Any) -> str:
        """The number of an order of Anna's that she paid."""
        invoice = self.invoice()
        [payment] = self.anna.pays(invoice, **{"order": HERE} | how)
        assert payment["status"] == "paid", payment
        self.telegram.settle()
        return self.number()

    def number(self) -> str:
        """Of the order that the newest invoice is for."""
        return str(self.telegram.requests("sendInvoice")[-1]["params"]["payload"])

    def paid_while_the_lab_is_away(self) -> str:
        """The number of an order that could not be sent; at the next try it can."""
        invoice = self.invoice()
        self.telegram.fault("sendDocument", "error", code=403, count=1)
        self.anna.pays(invoice, order=HERE)
        self.telegram.settle()
        assert self.state(self.number()) == "delivering"
        return self.number()

    def works_off(self) -> None:
        """The scheduler, as if all pauses were over."""
        self.bot.rows("UPDATE orders SET next_at = 0")
        self.bot.runs_job("orders")
        self.telegram.settle()

    def operators_refund(self, number: str) -> None:
        """All of it, though it is with the lab."""
        self.olga.writes(f"/refund {number}", in_=self.operators)
        self.telegram.settle()
        self.olga.taps("Refund", in_=self.operators)
        self.telegram.settle()

    def at_lab(self, **how: Any) -> tuple[str, Message]:
        """An order of Anna's, and its package in the lab's chat."""
        number = self.paid(**how)
        return number, self.package(number)

    def package(self, number: str) -> Message:
        [message] = [each for each in self.lab.chat() if each.document and number in each.text]
        return message

    def state(self, number: str) -> str:
        return str(self.bot.rows("SELECT state FROM orders WHERE id = ?", number)[0][0])

    def charge(self, number: str) -> str:
        """What Stripe calls its payment."""
        return str(self.bot.rows("SELECT provider_id FROM orders WHERE id = ?", number)[0][0])

    def stripe(self, act: str, number: str, **about: Any) -> Any:
        """Something happens to its payment at Stripe."""
        return self.telegram.act(f"stripe_{act}", charge=self.charge(number), **about)

    def at_stripe(self, number: str) -> Json:
        account = self.telegram.world.stripe[ACCOUNT]
        return account.paid(self.charge(number))

    def reconciles(self) -> None:
        self.bot.runs_job("reconcile")
        self.telegram.settle()

    def hears_anna(self, text: str) -> list[str]:
        return [each.text for each in self.anna.chat() if each.from_bot and each.text == text]

    def hears(self, group: Group, part: str) -> list[str]:
        return [each.text for each in group.chat() if each.from_bot and part in each.text]


@contextmanager
def open_print_fixture(mails: bool = True, lab_is: str = "", **settings: Any) -> Iterator[PrintFixture]:
    """`lab_is`: "lena", whose own chat it is; "operators", who have one chat with it; "plain", a group that moves."""
    with Telegram() as telegram:
        lena, olga, anna = (telegram.person(name) for name in ("Lena", "Olga", "Anna"))
        lab, operators = (
            telegram.group("Print lab", lena, plain=lab_is == "plain"),
            telegram.group("Operators", olga, forum=True),
        )
        about = {
            "operators_chat_id": operators.id,
            "stripe_provider_token": f"1234:TEST:{ACCOUNT}",
            "stripe_api_key": f"sk_test_{ACCOUNT}",
            "stripe_api_url": STRIPE_URL,
            "print_lab_chat_id": {"lena": lena, "operators": operators}.get(lab_is, lab).id,
            "print_lab_public_key": PUBLIC_KEY,
            **(SETTINGS if mails else {}),
            **settings,
        }
        with Bot(telegram, **about) as bot:
            anna.writes("/start")
            anna.taps("I agree")
            yield PrintFixture(telegram, bot, lab, lena, operators, olga, anna)


def numbers_in(text: str) -> list[str]:
    return re.findall(r"\b[2-9A-HJ-NP-Z]{8}\b", text)
