"""E-mail in the chat, over the wire to a real mail server: the address, its code, receipts, what goes wrong."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.darkroom import ROOT
from tests.harness.mail_server import MailServer, open_mail_server, text_of
from tests.harness.people import Person
from tests.harness.shopping import Shop, has_paid_pack, number_of, open_shop, pays, withdraws

translate = translator("en")


@dataclass(frozen=True)
class Mailing:
    shop: Shop
    box: MailServer


@pytest.fixture(scope="module")
def mailing(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailing]:
    folder = tmp_path_factory.mktemp("mail")
    with open_mail_server(folder) as box:
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
    person.sees(translate("email-code-sent", address=address, minutes=15))
    person.writes(mailing.box.code_to(address))
    person.sees(translate("email-confirmed"))
    return address


def retries(mailing: Mailing) -> None:
    """As if the pause were over; the next event wakes the post."""
    mailing.shop.bot.rows("UPDATE outbox SET next_at = 0")
    other = agreed(mailing.shop.telegram, "Ben")
    other.is_charged(7)
    other.sees("you get 7 Telegram Stars back")


def with_address(mailing: Mailing, person: Person) -> str:
    person.writes("/email")
    person.sees(translate("email-ask"))
    return confirms(mailing, person)


def test_the_whole_walk_and_nothing_of_it_is_in_the_log(mailing: Mailing, anna: Person) -> None:
    anna.writes("/buy")
    anna.taps("10 credits")
    asked = anna.sees(translate("email-ask"))
    assert asked.buttons == ["Without e-mail"]
    address = confirms(mailing, anna)
    invoice = anna.sees_invoice()
    pays(anna, invoice)
    number = number_of(anna, invoice)
    mail = mailing.box.gets_to(address, number)
    assert mail["Subject"] == f"Payment confirmed · {number}"
    text = text_of(mail)
    for part in (number, "10 credits", "100 Telegram Stars", "Dark & Room <GmbH>", "Terms, version 2", "at once"):
        assert part in text
    withdraws(anna, number)
    mailing.box.gets_to(address, f"Withdrawal confirmed · {number}")
    mailing.box.gets_to(address, f"Refund confirmed · {number}")
    log = mailing.shop.bot.log
    code = mailing.box.code_to(address)
    assert "serving" in log
    for secret in (address, code, number, "Payment confirmed", mail["Message-ID"], "odd@signs", "odd%40signs"):
        assert secret not in log, secret


def test_greylisted_it_comes_later_with_its_message_id(mailing: Mailing, anna: Person) -> None:
    address = with_address(mailing, anna)
    mailing.box.answer("RCPT", "451 4.7.1 Greylisted, please try again")
    number = has_paid_pack(anna)
    mailing.shop.waits_while("SELECT 1 FROM outbox WHERE about = ? AND tries = 0", number)
    [(message_id,)] = mailing.shop.bot.rows("SELECT message_id FROM outbox WHERE about = ?", number)
    retries(mailing)
    assert mailing.box.gets_to(address, number)["Message-ID"] == f"<{message_id}@example.org>"
    assert "Greylisted" not in mailing.shop.bot.log


def test_taken_and_broken_off_it_comes_twice_with_one_message_id(mailing: Mailing, anna: Person) -> None:
    address = with_address(mailing, anna)
    mailing.box.answer("DATA", "drop after")
    number = has_paid_pack(anna)
    first = mailing.box.gets_to(address, number)
    mailing.shop.waits_while("SELECT 1 FROM outbox WHERE about = ? AND tries = 0", number)
    retries(mailing)
    second = mailing.box.gets(lambda mail: number in mail["Subject"] and mail is not first)
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.prove  # test_outbox.py dies at any step, in process
def test_killed_before_the_mail_is_out_it_goes_with_the_next_start(mailing: Mailing, anna: Person) -> None:
    address = with_address(mailing, anna)
    bot = mailing.shop.bot
    mailing.box.close()
    number = has_paid_pack(anna)
    bot.kill()
    assert bot.rows("SELECT kind, about FROM outbox WHERE about = ?", number) == [("paid", number)]
    mailing.box.open()
    bot.rows("UPDATE outbox SET next_at = 0")
    bot.start()
    mailing.box.gets_to(address, number)


def test_a_final_no_is_told_in_the_chat(mailing: Mailing, anna: Person) -> None:
    address = with_address(mailing, anna)
    mailing.box.answer("RCPT", "550 5.1.1 no such user")
    has_paid_pack(anna)
    anna.sees(translate("email-refused", address=address))
    anna.writes("/email")
    anna.sees(translate("email-fails"))
    assert address not in mailing.shop.bot.log


def test_check_says_whether_mail_can_be_sent(mailing: Mailing, tmp_path: Path) -> None:
    box = mailing.box
    right = {"SMTP_URL": box.url, "MAIL_FROM": "bot@example.org", "SSL_CERT_FILE": box.certificate}
    assert "ok       mail: the server takes the login" in check(tmp_path, right)
    wrong = check(tmp_path, right | {"SMTP_URL": box.url.replace("signs", "hunter2")})
    assert "missing  mail: the server does not take mail from us (SMTPAuthenticationError 535). Mend SMTP_URL" in wrong
    assert "hunter2" not in wrong


def check(folder: Path, settings: dict[str, str]) -> str:
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    paths = {"DATABASE_PATH": str(folder / "a.db"), "DATABASE_KEY_FILE": str(folder / "key" / "key")}
    command = [sys.executable, "-m", "bot", "check"]
    environment |= {**paths, **{name: value for name, value in settings.items() if value}}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True).stdout
