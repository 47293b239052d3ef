"""People who buy: what they do over and over in the stories about money, and a bot whose operators have a group."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.texts import translator
from storage.db import Database
from tests.harness import account_checks
from tests.harness.darkroom import Darkroom, children, running
from tests.harness.people import HTTP, Group, Json, Message, Person, Telegram
from tests.pictures import photos
from tests.stories.test_photo import menu_under

translate = translator("en")


@dataclass(frozen=True)
class Shop:
    """The running bot and the group of its operators."""

    bot: Darkroom
    operators: Group

    @property
    def telegram(self) -> Telegram:
        return self.bot.telegram

    def operators_hear(self, key: str, **values: object) -> None:
        """This sentence, exactly once."""
        wanted = translate(key, **values)
        heard = lambda: [each for each in self.operators.chat() if each.text == wanted] or None  # noqa: E731
        wish = f"the operators do not hear {wanted!r}"
        assert len(self.telegram.wait_for(heard, 20, wish, self.operators.id)) == 1

    def set_order(self, number: str, values: str) -> None:
        """As if time had passed: `values` is the SET of an UPDATE."""
        self.bot.rows(f"UPDATE orders SET {values} WHERE id = ?", number)

    def charge_of(self, number: str) -> str:
        return str(self.bot.rows("SELECT charge_id FROM orders WHERE id = ?", number)[0][0])

    def state_of(self, number: str) -> str:
        return str(self.bot.rows("SELECT state FROM orders WHERE id = ?", number)[0][0])

    def waits_until(self, number: str, state: str) -> None:
        """Until the order is in this state."""
        self.waits_while("SELECT id, state FROM orders WHERE id = ? AND state <> ?", number, state)

    def waits_while(self, sql: str, *values: object) -> None:
        """While the database holds any such row."""
        deadline = time.monotonic() + 30
        while rows := self.bot.rows(sql, *values):
            assert time.monotonic() < deadline, f"still in the database: {rows}"
            time.sleep(0.05)

    @contextmanager
    def sees_call(self, method: str, times: int = 1) -> Iterator[None]:
        """Waits after what is inside until the bot has called this method so many times more."""
        calls, deadline = len(self.telegram.requests(method)), time.monotonic() + 30
        yield
        while len(self.telegram.requests(method)) < calls + times:
            assert time.monotonic() < deadline, f"the bot does not call {method}"
            time.sleep(0.05)


@contextmanager
def open_shop(bot_api: str, folder: Path, **settings: str) -> Iterator[Shop]:
    with Telegram(bot_api) as telegram:
        operators = telegram.group("Operators", telegram.person("Olga"), forum=True)
        settings = {"OPERATORS_CHAT_ID": str(operators.id), "LOG_LEVEL": "DEBUG", **settings}
        with running(telegram, folder, **settings) as bot:
            yield Shop(bot, operators)
        assert telegram.violations() == []


def menu_of(person: Person) -> Message:
    """The menu under a new photo of theirs."""
    return menu_under(person, person.sends_photo(photos.encoded()))


def enhance(person: Person, menu: Message | None = None) -> Message:
    """Ask for what costs a credit; the menu it was asked on."""
    menu = menu or menu_of(person)
    person.taps("Enhance", on=menu)
    person.taps("Medium", on=menu)
    return menu


def spend(person: Person, credits: int) -> None:
    for _ in range(credits):
        enhance(person)
        person.gets_document()


def has_invoice(person: Person, label: str = "10 credits") -> Message:
    person.writes("/buy")
    person.taps(label)
    return person.sees_invoice()


def has_photo_invoice(person: Person, photo: bytes = b"", name: str = "photo.jpg") -> Message:
    """For one photo; whatever their balance is, as from an old message."""
    menu = menu_under(person, person.sends_file(photo or photos.encoded(), name))
    person.forges("pay:enhance:strength=medium", menu)
    return person.sees_invoice()


def loses_its_jail(bot: Darkroom, person: Person) -> None:
    """The job of this person dies in the middle of its work, and with it everything around it."""
    person.sees(translate("stage-working"))
    for child in children(bot.zygote()):
        os.kill(child, signal.SIGSTOP)  # it is at work, and never ends
    os.kill(bot.zygote(), signal.SIGKILL)


def number_of(person: Person, invoice: Message) -> str:
    """The order of this invoice, which is its payload; no person sees that."""
    sent = [each["params"] for each in person.telegram.requests("sendInvoice") if each["ok"]]
    mine = [params["payload"] for params in sent if int(params["chat_id"]) == person.id]
    return str(mine[[each.id for each in person.chat() if "invoice" in each.raw].index(invoice.id)])


def pays(person: Person, invoice: Message, **how: Any) -> str:
    """The charge."""
    (payment,) = person.pays(invoice, **how)
    assert payment["status"] == "paid", payment
    return str(payment["charge"])


def has_paid_pack(person: Person, label: str = "10 credits") -> str:
    """The number of the order."""
    invoice = has_invoice(person, label)
    pays(person, invoice)
    number = number_of(person, invoice)
    person.sees(f"Order {number},")
    return number


def withdraws(person: Person, number: str) -> Message:
    """In two steps; the message that is the receipt then."""
    person.writes("/withdraw")
    page = person.sees("Which purchase do you withdraw from?")
    person.taps(f"Withdraw: {number}", on=page)
    person.sees("You withdraw from this purchase")
    person.taps("Withdraw", on=page)
    return page


def balance_of(person: Person) -> int:
    """As /balance says it now."""
    asked = person.writes("/balance").id

    def look() -> int | None:
        told = (re.match(r"You have (-?\d+) credit", each.text) for each in person.chat() if each.id > asked)
        return next((int(found[1]) for found in told if found), None)

    found = person.telegram.wait_for(look, 30, f"{person.name} hears no balance", person.id)
    return int(found)


def texts(person: Person, part: str) -> list[str]:
    """The bot's messages that contain it."""
    return [each.text for each in person.chat() if each.from_bot and part in each.text]


def is_refunded(person: Person, times: int = 1) -> None:
    """Waits until Telegram shows this many refunds."""
    wish = f"{person.name} is not refunded"
    person.telegram.wait_for(lambda: len(refunds(person)) == times or None, 30, wish, person.id)


def refunds(person: Person) -> list[Json]:
    return [each.raw["refunded_payment"] for each in person.chat() if "refunded_payment" in each.raw]


def transactions(telegram: Telegram) -> list[Json]:
    """Telegram's own list, as far as one call goes."""
    answer = HTTP.get(f"{telegram.url}/bot{telegram.token}/getStarTransactions").json()
    found: list[Json] = answer["result"]["transactions"]
    return found


def balance(telegram: Telegram) -> int:
    """The bot's Stars."""
    answer = HTTP.get(f"{telegram.url}/bot{telegram.token}/getMyStarBalance").json()
    return int(answer["result"]["amount"])


def the_log_names_nobody(shop: Shop) -> None:
    """No person, no order, no charge in the bot's log, at the level that says most."""
    people = [about["id"] for about in shop.telegram.read("overview")["people"]]
    orders = [number for (number,) in shop.bot.rows("SELECT id FROM orders")]
    charges = [line["id"] for line in transactions(shop.telegram)]
    assert people
    assert orders
    assert charges
    words_of_the_log = set(re.findall(r"[\w-]+", shop.bot.log))
    assert "serving" in words_of_the_log
    assert not words_of_the_log & {str(each) for each in (*people, *orders, *charges)}


def the_books_are_right(shop: Shop) -> None:
    """As soon as every payment has its order, and nothing is under way any more."""
    paid = sum("source" in each for each in transactions(shop.telegram))
    shop.waits_while("SELECT 1 WHERE (SELECT count(*) FROM orders WHERE charge_id IS NOT NULL) < ?", paid)
    shop.waits_while("SELECT id, state FROM orders WHERE state IN ('paid', 'delivering', 'refunding')")
    asyncio.run(_check_the_books(shop))


async def _check_the_books(shop: Shop) -> None:
    folder = shop.bot.folder
    db = await Database.open(folder / "darkroom.db", folder / "key" / "database.key")
    await account_checks.check(db, transactions(shop.telegram))
    await db.close()
