"""E-mail in the chat, over the wire to a real mail server: the address, its code, receipts, what goes wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.texts import words
from tests.conftest import agreed
from tests.people import Person
from tests.postbox import Postbox, open_postbox, text_of
from tests.shopping import Shop, number_of, open_shop, pays, withdraws

say = words("en")


@dataclass(frozen=True)
class Mailing:
    shop: Shop
    box: Postbox


@pytest.fixture(scope="module")
def mailing(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailing]:
    folder = tmp_path_factory.mktemp("mail")
    with open_postbox(folder) as box:
        settings = {"SMTP_URL": box.url, "MAIL_FROM": "Darkroom <bot@example.org>", "SSL_CERT_FILE": box.certificate}
        with open_shop(bot_api, folder / "bot", SELLER_NAME="Dark & Room <GmbH>", **settings) as shop:
            yield Mailing(shop, box)


@pytest.fixture
def anna(mailing: Mailing) -> Iterator[Person]:
    yield agreed(mailing.shop.telegram, "Anna")
    mailing.shop.telegram.mend()
    mailing.box.answers.clear()


def address_of(person: Person) -> str:
    return f"anna{person.id}@example.org"


def confirms(mailing: Mailing, person: Person, address: str = "") -> str:
    address = address or address_of(person)
    person.writes(address)
    person.sees(say("email-code-sent", address=address, minutes=15))
    person.writes(mailing.box.code_to(address))
    person.sees(say("email-confirmed"))
    return address


def test_the_whole_walk(mailing: Mailing, anna: Person) -> None:
    anna.writes("/buy")
    anna.taps("10 credits")
    asked = anna.sees(say("email-ask"))
    assert asked.buttons == ["Without e-mail"]
    address = confirms(mailing, anna)
    invoice = anna.sees_invoice()
    pays(anna, invoice)
    number = number_of(anna, invoice)
    mail = mailing.box.gets_to(address, number)
    assert mail["Subject"] == f"Payment confirmed · {number}"
    text = text_of(mail)
    for part in (number, "10 credits", "100 Telegram Stars", "Dark & Room <GmbH>", "Terms, version 1", "at once"):
        assert part in text
    withdraws(anna, number)
    mailing.box.gets_to(address, f"Withdrawal confirmed · {number}")
    mailing.box.gets_to(address, f"Refund confirmed · {number}")
