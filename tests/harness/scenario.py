"""A scenario: two buyers, the operators, Telegram and the bot in one process; what may happen, and what must hold then.

`tests/simulation/test_histories.py` makes histories of it. No method waits for work to end: the caller lets time
pass with `goes_on`. The scenario knows from outside what was paid, requested and delivered.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from unittest.mock import patch

from bot.domain.prices import PACKS, PHOTO_STARS, Pack
from bot.domain.values import STARS
from bot.mail.smtp import Greylisted, TryLater
from bot.playground.methods.payments import Goods, Invoice
from bot.playground.world import Post
from bot.texts import translator
from storage import db
from storage.orders import KEEP_UNPAID_SECONDS, PAYABLE_SECONDS
from tests.harness import account_checks
from tests.harness.email_steps import SETTINGS
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Json, Person

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600

_BEGINS = 2_000_000_000  # the same moment for each history: none depends on the real clock
_LONGEST_PAUSE = 7 * HOUR  # and a bit more, between two tries of the same
_POST_SECONDS = 30  # between two rounds of the post
_UNDER_WAY = 13  # seconds, and a bit more, in which a second payment of the same order is refused
_SETTINGS = "enhance:strength=medium"
_EXPECTED_ERRORS = {"NetworkError", "TimedOut", "RetryAfter", "BadRequest", "crashed", "took-too-long"}

translate = translator("en")


@dataclass
class Buyer:
    person: Person
    applied: int = 0  # taps for work that costs credits
    wished: set[str] = field(default_factory=set)  # the photos of these


@dataclass(frozen=True)
class Sale:
    """An invoice in a chat."""

    number: str
    owner: str
    amount: int
    since: float
    photo: str  # the photo's name; empty for credits


@dataclass
class Payment:
    """A payment that the bot is asked about, several times at once."""

    payer: str
    sale: Sale
    amount: int
    how: Json
    never: bool  # True if none of them may get through
    due: int | None  # how many should get through, if nothing else happens: 0 or 1; None where that is open
    task: "asyncio.Task[list[Json]]"


@dataclass(frozen=True)
class Charge:
    id: str
    payer: str
    number: str
    amount: int
    asked: bool = False
    told: bool = True

    def fits(self, sale: Sale) -> bool:
        return (self.payer, self.number, self.amount) == (sale.owner, sale.number, sale.amount)


class Scenario:
    is_fair = False  # True if neither the bot nor Telegram fails

    def __init__(self) -> None:
        self.bot_died = False  # then something may come twice
        self.telegram_failed = False  # then something may come twice or not at all
        self.may_have_sent_twice = False  # Telegram may have delivered a result and reported a failure
        self.may_have_given_up = False  # somebody stopped, blocked, wiped ..., or a photo failed
        self.sales: dict[str, Sale] = {}
        self.charges: list[Charge] = []
        self.by_telegram: set[str] = set()  # charges that it gave back by itself
        self.forgotten: set[str] = set()  # who asked to be forgotten: their unpaid orders are gone
        self._payments: list[Payment] = []
        self._asked_at: dict[str, float] = {}
        self._pause_changed = 0.0
        self._photos: dict[int, str] = {}  # what the photo in this message is called
        self._stack = ExitStack()
        numbers = count(1)
        for change in (
            patch("time.time", return_value=_BEGINS),
            patch("storage.orders.new_number", lambda: number_of(next(numbers))),
            patch.dict(PACKS),
            patch.dict(PHOTO_STARS),
        ):
            self._stack.enter_context(change)
        self.telegram: Telegram = self._stack.enter_context(Telegram())
        self.world = self.telegram.world
        self.olga = self.telegram.person("Olga")
        self.operators = self.telegram.group("Operators", self.olga, forum=True)
        more = self._settings()
        self.buyers = {name: Buyer(self.telegram.person(name)) for name in ("Anna", "Ben")}
        about = {"free_credits": 2, "operators_chat_id": self.operators.id, **SETTINGS, **more}
        self.bot = self._stack.enter_context(Bot(self.telegram, **about))
        settings = self.bot.services.settings
        connection = db.connect(settings.database_path, db.read_or_make_key(settings.database_key_file))
        self.database = self._stack.enter_context(closing(connection))
        for name, buyer in self.buyers.items():
            sql = "INSERT INTO addresses (user_id, address, confirmed_at, used_at) VALUES (?, ?, 0, 0)"
            self.database.execute(sql, (buyer.person.id, f"{name}@example.org"))
            buyer.person.writes("/start")
            self.goes_on(1)
            *_, promise = self.visible(name)
            self.taps(name, "agree", promise)
        self.goes_on(1)

    def close(self) -> None:
        self._stack.close()

    # What happens

    def goes_on(self, seconds: float) -> None:
        if self.is_dead and seconds >= DAY:
            self.may_have_given_up = True  # for no longer Telegram keeps updates
        self.telegram.passes(seconds)
        if seconds >= _POST_SECONDS:
            self.bot.begins_job("mail")
            self.telegram.passes(0.1)
        for name, buyer in self.buyers.items():
            for post in self.world.chat(buyer.person.id).posts.values():
                self._sees_invoice(name, post)
        self._is_sound()

    def taps(self, who: str, data: str, on: Post | None = None) -> None:
        """On a message, or on an old one of those that stay."""
        buyer = self.buyers[who]
        post = on or next(self.visible(who), None)
        if post is None:  # wiped away, and the bot's last word did not arrive
            return
        if data.startswith(("apply:enhance:", "apply:cutout:")):
            buyer.applied += 1
            if photo := self._photos.get(post.reply_to or 0):
                buyer.wished.add(photo)
        number = buyer.person.id
        self.telegram.act("forge", person=number, chat=number, message=post.id, data=data, wait=0)

    def gives_up(self, who: str, what: str) -> None:
        """`forget:wipe`, `forget:keep` or `consent:sure`."""
        self.may_have_given_up = True
        if what.startswith("forget"):
            self.forgotten.add(who)
            for payment in self._payments:
                payment.due = None
        self.taps(who, what)

    def asks_for_invoice(self, who: str, what: int | str) -> None:
        if isinstance(what, int):
            self.taps(who, f"pack:{what}")
        elif menu := self._menu(who):
            self.taps(who, f"pay:{_SETTINGS}", menu)

    def asks_for_work(self, who: str, times: int) -> None:
        """For credits, on the newest of their menus, or under a photo that they send now."""
        if menu := self._menu(who):
            for _ in range(times):
                self.taps(who, f"apply:{_SETTINGS}", menu)

    def sends_photo(self, who: str) -> None:
        name = f"photo{len(self._photos)}"
        sent = self.buyers[who].person.sends_file(name.encode(), f"{name}.jpg")
        self._photos[sent.id] = name

    def pays(self, who: str, invoice: Post, times: int, **how: Any) -> None:
        sale = self.sales[self.world.invoices[key_of(invoice)].goods.payload]
        self._begins_payment(who, sale, sale.amount, times, how, chat=invoice.chat.id, message=invoice.id)

    def pays_forged(self, who: str, sale: Sale, amount: int) -> None:
        """Of the right number, but at a price as only a thief of the token could ask for."""
        self.world.invoices["forged"] = Invoice(Goods("", "", sale.number, STARS, [{"label": "", "amount": amount}]))
        self._begins_payment(who, sale, amount, 1, {}, link="forged")

    def is_charged(self, who: str, amount: int, number: str, tells: bool) -> None:
        charge = self.buyers[who].person.is_charged(amount, number, tells)
        self.charges.append(Charge(charge, who, number, amount, told=tells))

    def operators_refund(self, number: str, sure: bool = True) -> None:
        asked = self.olga.writes(f"/refund {number}", in_=self.operators)
        if sure:
            about = {"chat": self.operators.id, "message": asked.id, "data": f"give-back:{number}"}
            self.telegram.act("forge", person=self.olga.id, wait=0, **about)

    def operators_pause(self, paused: bool) -> None:
        self._pause_changed = self.now
        for payment in self._payments:  # which the bot may be asked about before or after it reads this
            payment.due = None
        self.olga.writes("/pause" if paused else "/resume", in_=self.operators)

    def prices_change(self) -> None:
        for payment in self._payments:
            payment.due = None
        PACKS[10] = Pack(10, 220 - PACKS[10].stars)
        PHOTO_STARS[1] = 35 - PHOTO_STARS[1]

    def telegram_will_answer(self, method: str, after: bool, **fault: Any) -> None:
        if self.is_fair:
            return
        self.telegram_failed = True
        self.may_have_sent_twice |= after and method == "sendDocument"
        self.telegram.fault(method, after=after, **fault)

    def mail_server_will_answer(self, one: bool, took_it: bool, times: int) -> None:
        """With no, to one mail or to all of them; it may have taken them nevertheless."""
        self.bot.mail.plan = [(Greylisted if one else TryLater)("later")] * times
        self.bot.mail.echo = took_it

    def bot_will_die(self, *steps: int) -> None:
        """After so many steps, and in the lives that follow; it starts again by itself. 0: never."""
        if self.is_fair:
            return
        self.bot_died |= steps != (0,)
        self.bot.dies_after(*steps)

    def calms_down(self) -> None:
        """The bot is alive and Telegram well; the scheduler goes on until nothing can be left to do."""
        self.telegram.mend()
        self.bot.jail.plan, self.bot.jail.seconds = [], 0.1
        self.bot.mail.plan = []
        self.bot_will_die(0)
        self.bot.start()
        self.operators_pause(False)
        for _ in range(6):
            self.telegram.settle()
            for job in ("orders", "reconcile", "forget", "orders", "mail"):
                self.bot.runs_job(job)
                self.telegram.settle()
            for order in self.read_records().orders:
                if (order["product"], order["state"]) == ("unknown", "paid"):  # too many at once
                    self.operators_refund(order["id"])
            if not self._is_unsettled():
                break
            self.goes_on(_LONGEST_PAUSE)
        for _ in range(2):  # the second reads what the first gave back
            self.bot.runs_job("reconcile")
        self.goes_on(0)

    # What there is

    @property
    def is_dead(self) -> bool:
        return self.bot.lives[-1].over

    @property
    def now(self) -> float:
        return _BEGINS + self.telegram.loop.time()

    def visible(self, who: str) -> Iterator[Post]:
        return self.world.chat(self.buyers[who].person.id).visible()

    def invoices(self, who: str) -> list[Post]:
        """In Stars."""
        return [post for post in self.visible(who) if post.content.get("invoice", {}).get("currency") == STARS]

    def buttons(self, who: str, data: str = "") -> list[tuple[Post, str]]:
        """Those that are no Pay button, oldest first."""
        return [(post, each) for post in self.visible(who) for each in data_of(post) if each.startswith(data)]

    def refundable(self) -> list[str]:
        """Charges that are not given back."""
        back = {line["id"] for line in self.world.transactions if "receiver" in line}
        return [line["id"] for line in self.world.transactions if "source" in line and line["id"] not in back]

    def read_records(self) -> account_checks.Records:
        return account_checks.read(self.database)

    def __str__(self) -> str:
        found = self.read_records()
        chats = [f"{name}:\n{self.telegram.transcript(buyer.person.id)}" for name, buyer in self.buyers.items()]
        lines = [*found.orders, *found.ledger, *found.holds, *self.charges]
        return "\n".join([*chats, f"Operators:\n{self.telegram.transcript(self.operators.id)}", *map(str, lines)])

    # What must hold

    def _is_sound(self) -> None:
        """At any moment."""
        for payment in [each for each in self._payments if each.task.done()]:
            self._payments.remove(payment)
            self._payment_was_allowed(payment)
        found = self.read_records()
        account_checks.check_at_any_time(found, self.world.transactions, self.by_telegram)
        told = {mail["Subject"] for mail in self.bot.mail.caught}
        assert told <= self._may_be_mailed(found), "a mail tells of what did not happen"
        samples = [each for metric in self.bot.services.ops.metrics.errors.collect() for each in metric.samples]
        assert {each.labels["kind"] for each in samples} <= _EXPECTED_ERRORS, "an unexpected error"

    def tells_balance(self, who: str, within: float = 2) -> None:
        """What the bot says is what the ledger says, which may change meanwhile."""
        buyer, before = self.buyers[who], self._balance(who)
        asked = buyer.person.writes("/balance").id
        self.goes_on(within)
        told = {each.text for each in buyer.person.chat() if each.id > asked}
        first, last = sorted((before, self._balance(who)))
        may_be = {translate("balance", credits=credits) for credits in range(first, last + 1)}
        assert told & may_be or self.telegram_failed or self.bot_died

    def is_settled(self) -> None:
        """At rest."""
        found = self.read_records()
        account_checks.check_at_rest(found, self.world.transactions, self.by_telegram)
        self._payments_are_counted(found)
        self._photos_arrived(found)
        self._mails_arrived(found)
        self._nothing_is_left()
        self.bot_died = self.telegram_failed = False
        for who in self.buyers:
            self.tells_balance(who, within=100)  # longer than Telegram makes anybody wait

    def _payment_was_allowed(self, payment: Payment) -> None:
        results, sale = payment.task.result(), payment.sale
        paid = [each["charge"] for each in results if each["status"] == "paid"]
        asked, told = payment.how.get("asks", True), payment.how.get("tells", True)
        self.charges += [Charge(each, payment.payer, sale.number, payment.amount, asked, told) for each in paid]
        if asked:
            through = len([each for each in results if each["status"] in ("paid", "declined")])
            assert not payment.never or not through, f"{sale.number} must not be paid: {results}"
            assert self.bot_died or self.telegram_failed or payment.due in (None, through), f"{sale.number}: {results}"

    def _payments_are_counted(self, found: account_checks.Records) -> None:
        """A payment counts for its order however late it is; no second one gets past the question."""
        ours = {order["id"]: order for order in found.orders}
        for sale in self.sales.values():
            charges = [each for each in self.charges if each.fits(sale)]
            if sale.owner in self.forgotten and sale.number not in ours:
                continue
            if charges and self.now - sale.since < KEEP_UNPAID_SECONDS:
                assert ours[sale.number]["charge_id"] in {each.id for each in charges}, f"{sale.number} is not counted"
            if not self.bot_died and not self.telegram_failed and all(each.told for each in charges):
                assert sum(each.asked for each in charges) <= 1, f"{sale.number} is paid twice"

    def _photos_arrived(self, found: account_checks.Records) -> None:
        """At least once, what was paid for; exactly once, where nothing went wrong."""
        settled = [entry["reference"] for entry in found.ledger if entry["kind"] == "settle"]
        arrived = [name for who in self.buyers for name in self._results(who)]
        assert len(arrived) >= len(settled), "what was taken was delivered"
        for photo in self._photos.values():
            ordered = [number for number in settled if number in self.sales and self.sales[number].photo == photo]
            assert arrived.count(photo) >= len(ordered), f"{photo} was paid for, and did not arrive"
        for who, buyer in self.buyers.items():
            account = self._account(who)
            jobs = [each for each in found.ledger if each["kind"] == "settle" and each["account"] == account]
            jobs = [each for each in jobs if each["reference"] not in self.sales]
            assert len(jobs) <= buyer.applied, "a tap costs once"
        if not self.bot_died and not self.may_have_sent_twice:
            assert len(arrived) == len(settled), "what was delivered was taken"
        if not self.telegram_failed and not self.may_have_given_up:
            offers = {post.reply_to for who in self.buyers for post, _ in self.buttons(who, "pay:")}
            for number, photo in self._photos.items():
                wished = any(photo in buyer.wished for buyer in self.buyers.values())
                assert not wished or photo in arrived or number in offers, f"{photo} is forgotten"

    def _mails_arrived(self, found: account_checks.Records) -> None:
        """Each event is confirmed, with one Message-ID; not what was refused for three days, or is of the forgotten."""
        told: dict[str, set[str]] = {}
        for mail in self.bot.mail.caught:
            told.setdefault(mail["Subject"], set()).add(mail["Message-ID"])
        once = [numbers for subject, numbers in told.items() if not self._comes_again(subject)]
        assert all(len(numbers) == 1 for numbers in once), "one event has one Message-ID"
        known = {self._account(who) for who in self.buyers.keys() - self.forgotten}
        assert self._to_confirm(found, known) - set(told) <= self.bot.mail.refused_late, "an event is not confirmed"

    def _nothing_is_left(self) -> None:
        assert self.world.violations == []
        assert self.world.inbox.pending == []
        assert self.database.execute("SELECT count(*) FROM inbox WHERE body IS NOT NULL").fetchone() == (0,)
        heard = "\n".join(each.text for each in self.operators.chat() if each.from_bot)
        refused = [line for line in self.telegram.requests("refundStarPayment") if "not now" in line.get("error", "")]
        assert refused or "Telegram refuses to refund" not in heard
        assert "older than this database" not in heard
        read = self.telegram.requests("getStarTransactions")[-1]["params"]
        assert int(read.get("offset", 0)) == max(len(self.world.transactions) - 1, 0), "the list is read on, not anew"

    # Within

    def _settings(self) -> Json:
        """More than a bot has that sells for Stars; whom they name is made here, too."""
        return {}

    def _may_be_mailed(self, found: account_checks.Records) -> set[str]:
        return to_confirm(found.paid().values())

    def _to_confirm(self, found: account_checks.Records, accounts: set[int]) -> set[str]:
        return to_confirm(order for order in found.paid().values() if order["account"] in accounts)

    def _comes_again(self, subject: str) -> bool:
        """Whether there may be several events of this kind."""
        return False

    def _sees_invoice(self, who: str, post: Post) -> None:
        invoice = self.world.invoices.get(key_of(post))
        if invoice and invoice.goods.currency == STARS and invoice.goods.payload not in self.sales:
            photo = self._photos.get(post.reply_to or 0, "")
            sale = Sale(invoice.goods.payload, who, invoice.goods.total, post.date, photo)
            self.sales[sale.number] = sale

    def _begins_payment(self, who: str, sale: Sale, amount: int, times: int, how: Json, **invoice: Any) -> None:
        person = self.buyers[who].person.id
        never = (who, amount) != (sale.owner, sale.amount) or self.now - sale.since > PAYABLE_SECONDS
        due = 0 if never else self._due(sale)
        if how.get("asks", True):
            self._asked_at[sale.number] = self.now
        task = self.telegram.begin("pay", person=person, times=times, **how, **invoice)
        self._payments.append(Payment(who, sale, amount, how, never, due, task))

    def _due(self, sale: Sale) -> int | None:
        """How many of its owner's payments the bot should let through now. None: that is open."""
        if (
            self._is_pause_about()
            or any(each.sale == sale for each in self._payments)
            or self.now - self._asked_at.get(sale.number, 0) < _UNDER_WAY
        ):
            return None
        charges = [each for each in self.charges if each.fits(sale)]
        if sale.owner in self.forgotten:
            return None
        if not charges:
            return int(price_of(sale) == sale.amount)
        return 0 if any(each.told for each in charges) else None

    def _is_pause_about(self) -> bool:
        """Whether nothing may be sold, or that is about to change."""
        paused = self.database.execute("SELECT count(*) FROM pause").fetchone() != (0,)
        return paused or self.now - self._pause_changed < MINUTE

    def _menu(self, who: str) -> Post | None:
        menus = [post for post, data in self.buttons(who) if post.reply_to in self._photos]
        if not menus:
            self.sends_photo(who)
            self.goes_on(1)
            menus = [post for post, data in self.buttons(who) if post.reply_to in self._photos]
        return menus[-1] if menus else None

    def _results(self, who: str) -> list[str]:
        """The photos that came back better, with those that were wiped away again."""
        posts = self.world.chat(self.buyers[who].person.id).posts.values()
        names = [
            each.content["document"]["file_name"] for each in posts if each.from_bot and "document" in each.content
        ]
        paid = [re.fullmatch(r"(.+)-(?:enhance|cutout)\.jpg", name) for name in names]  # by credits or Stars
        return [name[1] for name in paid if name]

    def _account(self, who: str) -> int:
        row = self.database.execute(
            "SELECT id FROM accounts WHERE user_id = ?", (self.buyers[who].person.id,)
        ).fetchone()
        return int(row[0]) if row else 0

    def _balance(self, who: str) -> int:
        sql = "SELECT coalesce(sum(credits), 0) FROM accounts JOIN ledger ON account = accounts.id WHERE user_id = ?"
        return int(self.database.execute(sql, (self.buyers[who].person.id,)).fetchone()[0])

    def _is_unsettled(self) -> bool:
        sql = "SELECT id FROM orders WHERE state IN ('paid', 'delivering', 'refunding') UNION SELECT about FROM outbox"
        return not self._rests() >= {number for (number,) in self.database.execute(sql).fetchall()}

    def _rests(self) -> set[str]:
        """The orders that wait for others."""
        return set()


def to_confirm(orders: Iterable[Json]) -> set[str]:
    """The subjects of mails on what has happened to orders that were paid."""
    subjects = set()
    for order in orders:
        if order["product"] != "unknown":
            subjects.add(f"Payment confirmed · {order['id']}")
        if order["state"] == "refunded":
            subjects.add(f"Refund confirmed · {order['id']}")
        if order["reason"] == "withdrawn":
            subjects.add(f"Withdrawal confirmed · {order['id']}")
    return subjects


def number_of(count: int) -> str:
    """An order's number as people may write it: without what reads like something else."""
    return f"BUY{count:05o}".translate(str.maketrans("01234567", "23456789"))


def key_of(post: Post) -> str:
    return f"{post.chat.id}/{post.id}"


def data_of(post: Post) -> list[str]:
    rows = post.content.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["callback_data"] for row in rows for button in row if "callback_data" in button]


def price_of(sale: Sale) -> int:
    """What it costs now: packs are dearer than photos, and no photo's price is a pack's."""
    prices = {True: list(PHOTO_STARS.values())[:1], False: [pack.stars for pack in PACKS.values()]}[bool(sale.photo)]
    return sale.amount if sale.amount in prices else 0
