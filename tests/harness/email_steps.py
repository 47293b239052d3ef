"""Steps of stories about e-mail: a person with a confirmed address, orders, and the mails about them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.mail_server import text_of
from tests.harness.people import Message, Person

translate = translator("en")
SETTINGS = {"smtp_url": "smtp://127.0.0.1:1", "mail_from": "Darkroom <bot@example.org>", "seller_name": "Dark Room"}
ADDRESS = "anna@example.org"


@contextmanager
def mailing(**settings: object) -> Iterator[tuple[Telegram, Bot, Person]]:
    with Telegram() as telegram, Bot(telegram, **{**SETTINGS, **settings}) as bot:
        yield telegram, bot, agreed(telegram, "Anna")


def posts(telegram: Telegram, bot: Bot) -> None:
    """All that is due goes to the mail server."""
    telegram.settle()
    bot.runs_job("mail")
    telegram.settle()


def code_of(mail: EmailMessage) -> str:
    return re.search(r"\b\d{6}\b", text_of(mail))[0]


def types_address(telegram: Telegram, bot: Bot, anna: Person, address: str = ADDRESS) -> str:
    """Up to the code that arrives there."""
    before = len(bot.mail.to(address, "code"))
    anna.writes(address)
    posts(telegram, bot)
    assert len(bot.mail.to(address, "code")) == before + 1, telegram.transcript(anna.id)
    return code_of(bot.mail.to(address, "code")[-1])


def confirms(telegram: Telegram, bot: Bot, anna: Person, address: str = ADDRESS) -> None:
    anna.writes(types_address(telegram, bot, anna, address))
    anna.sees(translate("email-confirmed"))
    telegram.settle()


def has_address(telegram: Telegram, bot: Bot, anna: Person, address: str = ADDRESS) -> None:
    anna.writes("/email")
    anna.sees(translate("email-ask"))
    confirms(telegram, bot, anna, address)


def asks_for_pack(anna: Person, label: str = "10 credits") -> None:
    anna.writes("/buy")
    anna.taps(label)


def buys(telegram: Telegram, anna: Person, label: str = "10 credits") -> str:
    """The order's number."""
    asks_for_pack(anna, label)
    invoice = anna.sees_invoice()
    return pays(telegram, anna, invoice)


def pays(telegram: Telegram, anna: Person, invoice: Message) -> str:
    [payment] = anna.pays(invoice)
    assert payment["status"] == "paid"
    telegram.settle()
    return str(telegram.requests("sendInvoice")[-1]["params"]["payload"])


def texts(person: Person, part: str) -> list[str]:
    return [each.text for each in person.chat() if each.from_bot and part in each.text]
