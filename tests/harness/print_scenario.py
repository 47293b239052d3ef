"""A scenario whose bot also sells prints: Stripe's account, the lab's chat, and what must hold for cards and packages.

It knows from outside what Stripe took and refunded, what came into the lab's chat, and what the lab said.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.zones import zone_of
from bot.playground import checkout
from bot.playground.stripe import Account
from bot.playground.world import Post
from bot.texts import translator
from handlers.callbacks import LabStep
from storage.orders import PAYABLE_SECONDS
from tests.harness import account_checks
from tests.harness.people import ImpossibleError, Json, Person, Stripe
from tests.harness.print_fixture import PUBLIC_KEY
from tests.harness.scenario import DAY, MINUTE, Payment, Sale, Scenario, key_of, to_confirm
from tests.harness.stripe_transport import URL

ACCOUNT, SECRET = "scenario", "whsec_of_the_scenario"
STEPS = ("printed", "posted", "delivered", "returned")
TRACKING = "RR123456785DE"
CHEAPER: Json = {"id": "home", "title": "At home", "prices": [{"label": "At home", "amount": 1}]}

# What a person hears of an order of prints, each at most once.
_HEARD = ("paid-prints", "prints-sent", "prints-printed", "prints-delivered", "prints-returned")
_MAILED = ("sent", *STEPS)
_EVIDENCE = ("open", "won", "lost")

translate = translator("en")


@dataclass(frozen=True)
class Card:
    """A payment by card, as the payer sees it."""

    payer: str
    sale: Sale
    told: bool
    asked: bool


def lives_in(country: str) -> Json:
    address = {
        "street_line1": "Tannenweg 7",
        "street_line2": "",
        "city": "Lunebourg",
        "state": "",
        "post_code": "21337",
    }
    about = {"name": "Anna Anders", "email": "anna@example.org"}
    return about | {"shipping_address": address | {"country_code": country}}


def moves(form: checkout.Form) -> checkout.Form:
    """Change the country after the bot was asked, which no client allows."""
    there = {"country_code": "DE" if form.info["shipping_address"]["country_code"] != "DE" else "FR"}
    return replace(form, info=form.info | {"shipping_address": form.info["shipping_address"] | there})


def pays_less(form: checkout.Form) -> checkout.Form:
    return replace(form, options=[form.options[0] | {"prices": CHEAPER["prices"]}])


def has_another_option(form: checkout.Form) -> checkout.Form:
    other = "world" if form.options[0]["id"] != "world" else "home"
    return replace(form, options=[form.options[0] | {"id": other}])


TRICKS: dict[str, Callable[[checkout.Form], checkout.Form]] = {
    "moves": moves,
    "pays less": pays_less,
    "another option": has_another_option,
}


class PrintScenario(Scenario):
    def __init__(self) -> None:
        self.print_sales: dict[str, Sale] = {}
        self.cards: dict[str, Card] = {}  # by the charge at Stripe
        self.by_hand: set[str] = set()  # refunds of others than the bot
        self.failed = False  # a refund that had been there, or was pending
        self.lab_said: Counter[tuple[str, str]] = Counter()
        self.asked_back: Counter[str] = Counter()  # cents of parts, by order
        super().__init__()
        self.stripe = Stripe(self.telegram, ACCOUNT)
        self.bot.runs_job("reconcile")  # what was before is no business of ours

    def _settings(self) -> Json:
        self.lena: Person = self.telegram.person("Lena")
        self.lab = self.telegram.group("Print lab", self.lena)
        return {
            "stripe_provider_token": f"1234:TEST:{ACCOUNT}",
            "stripe_api_key": f"sk_test_{ACCOUNT}",
            "stripe_webhook_secret": SECRET,
            "stripe_api_url": URL,
            "print_lab_chat_id": self.lab.id,
            "print_lab_public_key": PUBLIC_KEY,
        }

    # What happens

    def asks_for_prints(self, who: str, choice: str) -> None:
        """Of their newest result, or of one that is made now."""
        if not self._results_of(who):
            self.sends_photo(who)
            self.goes_on(1)
            if menus := [post for post, _ in self.buttons(who) if post.reply_to in self._photos]:
                self.taps(who, "apply:clean:", menus[-1])
                self.goes_on(2)
        if results := self._results_of(who):
            self.taps(who, f"order-prints:{choice}", results[-1])

    def pays_for_prints(self, who: str, invoice: Post, country: str, trick: str, times: int, **how: Any) -> None:
        sale = self.print_sales[self.world.invoices[key_of(invoice)].goods.payload]
        never = who != sale.owner or trick in TRICKS or zone_of(country) is None
        never |= self.now - sale.since > PAYABLE_SECONDS
        due = 0 if never else self._due_by_card(sale)
        if how.get("asks", True):
            self._asked_at[sale.number] = self.now
        person = self.buyers[who].person.id
        work = (self._pays(person, key_of(invoice), country, trick, **how) for _ in range(times))
        task = self.telegram.loop.create_task(_all(work))
        self._payments.append(Payment(who, sale, sale.amount, how, never, due, task))

    async def _pays(self, person: int, key: str, country: str, trick: str, **how: Any) -> Json:
        card = checkout.DECLINED if how.pop("decline", False) else ""
        try:
            form = await checkout.validate(self.world, person, key, lives_in(country), how.get("seconds", 10))
            return await checkout.pay(self.world, TRICKS.get(trick, same)(form), card=card, **how)
        except checkout.UnpaidError as unpaid:
            return unpaid.outcome

    def lab_says(self, number: str, step: str, way: str) -> None:
        """By a button under its package, a reply to it, or `/ship`."""
        if not (packages := self.packages(number)):
            return
        self.lab_said[number, step] += 1
        if way == "ship" and step == "posted":
            self.lena.writes(f"/ship {number} {TRACKING}", in_=self.lab)
        elif way == "reply":
            self.lena._act("send", chat=self.lab.id, text=step, reply_to=packages[0].id)
        else:
            about = {"chat": self.lab.id, "message": packages[0].id, "data": LabStep(number, step).pack()}
            self.telegram.act("forge", person=self.lena.id, wait=0, **about)

    def operators_refund_part(self, number: str, part: str) -> None:
        self.asked_back[number] += round(100 * float(part))
        self.olga.writes(f"/refund {number} {part}", in_=self.operators)

    def at_stripe(self, act: str, charge: str, **about: Any) -> None:
        """Something happens to a payment in Stripe's account, if it can; a dispute once."""
        if act == "dispute" and any(each["charge"] == charge for each in self.account.disputes.values()):
            return
        try:
            told = self.telegram.act(f"stripe_{act}", charge=charge, **about)
        except ImpossibleError:
            return
        if act == "refund":
            self.by_hand.add(told)
        if act == "settle" and not about["succeeds"]:
            self.failed = True

    def webhook(self, what: str, place: int) -> None:
        """Events wait, come, come in another order and not all, or come again."""
        account = self.account
        if what == "waits":
            self.stripe.holds_events()
        elif what == "comes again" and account.events:
            self.stripe.replays(list(account.events)[-1 - place % len(account.events)])
        elif account.endpoint.held is not None:
            held = list(range(len(account.endpoint.held)))
            if what == "comes the other way round":
                held.reverse()
            elif what == "comes in part":
                held = held[place % 2 :: 2]
            self.stripe.releases_events(held)

    def stripe_will_answer(self, call: str, **fault: Any) -> None:
        self.stripe.fault(call, **fault)

    def calms_down(self) -> None:
        self.stripe.mend()
        super().calms_down()
        self.telegram.passes(DAY + MINUTE)  # by then strays are ripe, and what a bank sent back is seen
        for job in ("reconcile", "orders", "mail", "reconcile"):
            self.bot.runs_job(job)
            self.telegram.settle()

    # What there is

    @property
    def account(self) -> Account:
        return self.world.stripe[ACCOUNT]

    @property
    def charges_at_stripe(self) -> list[str]:
        return [charge["id"] for charge in self.account.charges.values() if charge["paid"]]

    def print_invoices(self, who: str) -> list[Post]:
        return [post for post in self.visible(who) if post.content.get("invoice", {}).get("currency") == "EUR"]

    def packages(self, number: str) -> list[Post]:
        return [
            post for post in self._lab_posts() if post.content.get("document", {}).get("file_name") == f"{number}.age"
        ]

    def __str__(self) -> str:
        account = self.account
        things = (account.charges, account.refunds, account.disputes, account.warnings)
        lines = [str(thing) for each in things for thing in each.values()]
        tries = [str(each) for each in account.endpoint.tries]
        lab = f"Lab:\n{self.telegram.transcript(self.lab.id)}"
        return "\n".join([super().__str__(), lab, "Stripe:", *lines, *tries])

    # What must hold

    def _is_sound(self) -> None:
        super()._is_sound()
        found = self.read_records()
        account_checks.check_cards(found, self.account, self.by_hand, self.failed)
        for charge, order in found.carded().items():
            by_others = sum(self.account.refunds[each]["amount"] for each in self._by_hand(charge))
            parts = self.asked_back[order["id"]] + by_others
            assert order["state"] in ("refunding", "refunded") or order["to_return"] <= parts, "more than was asked for"
        for table, column in (("inbox", "body"), ("shipments", "address")):
            sql = f"SELECT count(*) FROM {table} WHERE {column} LIKE '%Tannenweg%'"
            assert self.database.execute(sql).fetchone() == (0,), "where somebody lives is written down"

    def _payment_was_allowed(self, payment: Payment) -> None:
        super()._payment_was_allowed(payment)
        asked, told = payment.how.get("asks", True), payment.how.get("tells", True)
        for result in payment.task.result():
            if "provider_charge" in result and result["provider_charge"] in self.account.charges:
                self.cards[result["provider_charge"]] = Card(payment.payer, payment.sale, told, asked)

    def is_settled(self) -> None:
        self._cards_are_counted()
        self._packages_arrived()
        self._everybody_heard()
        super().is_settled()

    def _cards_are_counted(self) -> None:
        """Each has one order; where no update told of it, operators were."""
        found, heard = self.read_records(), self._heard_by_operators()
        assert set(self.cards) == set(self.charges_at_stripe)
        told = {charge for charge, card in self.cards.items() if card.told}
        assert set(found.carded()) == told, "each payment that Telegram told of has its order"
        account_checks.check_cards_at_rest(found, self.account, self._was_told)
        for charge in set(self.cards) - told:
            assert charge in heard or "payments since the last look" in heard, "a stray payment"
        for sale in self.print_sales.values():
            honest = [card for card in self.cards.values() if card.sale == sale and card.payer == sale.owner]
            if not self.bot_died and not self.telegram_failed and all(card.told for card in honest):
                asked = {charge for charge, card in self.cards.items() if card in honest and card.asked}
                assert len(asked) <= 1, f"{sale.number} is paid twice"
                numbers = {found.carded()[charge]["id"] for charge in asked}
                assert numbers <= {sale.number}, f"{sale.number} is not counted"

    def _was_told(self, number: str) -> bool:
        """Whether operators heard that its money does not go back, or whose it is now."""
        heard = self._heard_by_operators()
        return f"refund of order {number} did not reach" in heard or f"ispute about order {number}" in heard

    def _packages_arrived(self) -> None:
        for order in self.read_records().carded().values():
            packages = self.packages(order["id"])
            if order["state"] in account_checks.SENT:
                assert packages, f"{order['id']} is not at the lab"
            if order["product"] != "print":
                assert not packages
                continue
            if not self.bot_died and not self.telegram_failed:
                assert len(packages) <= 1, f"{order['id']} came twice"
            assert all(translate("lab-again") in each.content["caption"] for each in packages[1:]), "print it once"
            for each in packages if self.print_sales[order["id"]].photo else ():  # else the result was wiped away
                file = self.telegram.download(each.content["document"]["file_id"])
                assert file == b"print of " + self._result_for(order["id"]), "the lab prints another picture"
            gone_back = order["state"] in ("refunding", "refunded")
            if (
                packages
                and gone_back
                and (order["id"], "posted") not in self.lab_said
                and not self.telegram_failed
                and not self.bot_died
            ):
                assert translate("lab-cancelled", order=order["id"]) in self._heard(self._lab_posts()), (
                    "the lab is not stopped"
                )

    def _everybody_heard(self) -> None:
        """At most once of each event, where neither the bot nor Telegram failed; operators of each dispute."""
        heard = self._heard_by_operators()
        for charge, order in self.read_records().carded().items():
            number, disputes = (
                order["id"],
                [each for each in self.account.disputes.values() if each["charge"] == charge],
            )
            told = Counter(kind for kind in _EVIDENCE for _ in range(heard.count(_opening(kind, number))))
            assert not disputes or told, f"nobody heard of the dispute about {number}"
            assert disputes or not told
            if self.bot_died or self.telegram_failed:
                continue
            assert max(told.values(), default=0) <= 1, f"the dispute about {number} is told twice"
            for buyer in self.buyers.values():
                texts = [post.content.get("text", "") for post in self.world.chat(buyer.person.id).posts.values()]
                for key in _HEARD:
                    start, _, end = translate(key, order=number, price="\0", trail="\0").partition("\0")
                    found = [text for text in texts if text.startswith(start) and text.endswith(end)]
                    times = max(1, self.lab_said[number, key.removeprefix("prints-")])  # what came back is posted again
                    assert len(found) <= times, f"{key} of {number} is told twice"

    # Within

    def _sees_invoice(self, who: str, post: Post) -> None:
        super()._sees_invoice(who, post)
        invoice = self.world.invoices.get(key_of(post))
        if invoice and invoice.goods.currency == "EUR" and invoice.goods.payload not in self.print_sales:
            sale = Sale(invoice.goods.payload, who, invoice.goods.total, post.date, str(post.reply_to or ""))
            self.print_sales[sale.number] = sale

    def _due_by_card(self, sale: Sale) -> int | None:
        """As `_due`."""
        if (
            self._is_pause_about()
            or sale.owner in self.forgotten
            or any(each.sale == sale for each in self._payments)
            or self.now - self._asked_at.get(sale.number, 0) < 2 * MINUTE
        ):
            return None
        known = [card for card in self.cards.values() if card.sale == sale and card.payer == sale.owner]
        return None if known else 1

    def _results_of(self, who: str) -> list[Post]:
        return [post for post, _ in self.buttons(who, "prints:") if "document" in post.content]

    def _result_for(self, number: str) -> bytes:
        sale = self.print_sales[number]
        result = self.world.chat(self.buyers[sale.owner].person.id).posts[int(sale.photo)]
        return self.telegram.download(result.content["document"]["file_id"])

    def _by_hand(self, charge: str) -> list[str]:
        return [each for each in self.by_hand if self.account.refunds[each]["charge"] == charge]

    def _lab_posts(self) -> list[Post]:
        return list(self.world.chat(self.lab.id).posts.values())

    def _heard_by_operators(self) -> str:
        return self._heard(self.world.chat(self.operators.id).posts.values())

    @staticmethod
    def _heard(posts: Iterable[Post]) -> str:
        return "\n".join(post.content.get("text", "") for post in posts if post.from_bot)

    def _rests(self) -> set[str]:
        """What waits for a bank, or for operators."""
        return {
            order["id"]
            for charge, order in self.read_records().carded().items()
            if order["state"] == "refunding"
            and (account_checks.coming_back(self.account, charge) or self._was_told(order["id"]))
        }

    def _may_be_mailed(self, found: account_checks.Records) -> set[str]:
        subjects = super()._may_be_mailed(found)
        for order in found.carded().values():
            subjects |= to_confirm([order | {"state": "refunded"}])
            subjects.add(subject("refunded-part", order["id"]))
            subjects |= {subject("sent", order["id"])} if self.packages(order["id"]) else set()
        return subjects | {subject(step, number) for number, step in self.lab_said}

    def _to_confirm(self, found: account_checks.Records, accounts: set[int]) -> set[str]:
        subjects = super()._to_confirm(found, accounts)
        orders = [order for order in found.carded().values() if order["account"] in accounts]
        subjects |= to_confirm(orders)
        for order in orders:
            if order["state"] in account_checks.SENT:
                subjects.add(subject("sent", order["id"]))
            if order["state"] in STEPS:
                subjects.add(subject(order["state"], order["id"]))
        return subjects

    def _comes_again(self, subject: str) -> bool:
        """Parts; what came back and is posted again; and what a bank sent back may go back anew."""
        again = ("refunded-part", "posted", "delivered", "returned")
        return subject.startswith(tuple(translate(f"mail-{kind}-title") for kind in again)) or self.failed


async def _all(work: Iterable[Any]) -> list[Json]:
    return list(await asyncio.gather(*work))


def same(form: checkout.Form) -> checkout.Form:
    return form


def subject(kind: str, number: str) -> str:
    return translate("mail-subject", title=translate(f"mail-{kind}-title"), order=number)


def _opening(kind: str, number: str) -> str:
    return {"open": f"Dispute about order {number}"}.get(kind, f"The dispute about order {number} is {kind}")
