"""The checkout: the bot gives its shipping options, accepts the order, then the money moves.

The bot has ten seconds for each answer (https://core.telegram.org/bots/payments).
"""

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Any

from bot.playground import order_info
from bot.playground.actions import ImpossibleError
from bot.playground.methods.payments import MONTH_SECONDS, STARS, Goods, Invoice
from bot.playground.stripe import random_id
from bot.playground.world import Json, World

ANSWER_SECONDS = 10.0
DECLINED, DISPUTED = "4000000000000002", "4000000000000259"  # https://docs.stripe.com/testing
DISPUTE_SECONDS = 1.0


@dataclass(frozen=True)
class Form:
    """The OrderInfo that a person typed for an invoice, and the bot's shipping options."""

    invoice: str
    person: int
    info: Json
    options: list[Json]

    def chosen_option(self, option: str) -> Json | None:
        """The ShippingOption with this id, or the first if the id is empty. None if the invoice ships nothing."""
        if not self.options:
            return None
        found = [each for each in self.options if option in ("", each["id"])]
        if not found:
            raise ImpossibleError(f"the bot offers no shipping option {option!r}")
        return found[0]


class UnpaidError(Exception):
    """There was no payment. `outcome` says why: {"status": refused, declined or timeout, "error" of the bot}."""

    def __init__(self, status: str, **more: str) -> None:
        super().__init__(status)
        self.outcome: Json = {"status": status} | more


async def validate(
    world: World, person: int, key: str, order: Json | None = None, seconds: float = ANSWER_SECONDS
) -> Form:
    """Check `order`, the OrderInfo that a person typed. For a flexible invoice, ask the bot for its shipping options.

    Raises ImpossibleError if Telegram refuses the order, UnpaidError if the bot does.
    """
    goods: Goods = world.invoices[key].goods
    info, options = order_info.checked(goods, order or {}), []
    if goods.ships:
        fields = {"invoice_payload": goods.payload, "shipping_address": info["shipping_address"]}
        options = (await ask_bot(world, person, "shipping", fields, seconds))["options"]
    return Form(key, person, info, options)


async def pay(
    world: World,
    form: Form,
    *,
    option: str = "",
    card: str = "",
    seconds: float = ANSWER_SECONDS,
    asks: bool = True,
    tells: bool = True,
) -> Json:
    """Pay the form's invoice, shipped by `option`. Raises UnpaidError.

    Returns {"status": paid, "charge": Telegram's id, "provider_charge": the id at Stripe}. The bank refuses the card
    DECLINED, and no update tells the bot; it takes the money of the card DISPUTED back after DISPUTE_SECONDS.
    Without `asks` the bot is not asked first; without `tells` the bot gets no update.
    """
    invoice: Invoice = world.invoices[form.invoice]
    shipping, account = form.chosen_option(option), world.stripe.paid_by(invoice.goods.provider_token)
    query = invoice_query(invoice.goods, form.info, shipping)
    if asks:
        await ask_bot(world, form.person, "pre_checkout", query, seconds)
    if card == DECLINED:
        if account:
            account.charge(query["total_amount"], query["currency"], declined=True)
        raise UnpaidError("declined")
    payment = complete_payment(world, form.person, invoice, query, tells=tells)
    charge, provider_charge = payment["telegram_payment_charge_id"], payment["provider_payment_charge_id"]
    world.receipts[charge] = {"shipping": shipping, "card": card[-4:]}
    if card == DISPUTED and account:
        asyncio.get_running_loop().call_later(DISPUTE_SECONDS, account.dispute, provider_charge)
    return {"status": "paid", "charge": charge, "provider_charge": provider_charge}


def charge_without_invoice(world: World, person: int, amount: int, payload: str, tells: bool, age: float) -> str:
    """Make a payment in Stars without an invoice. Returns its charge id."""
    invoice = Invoice(Goods("", "", payload, STARS, [{"label": "", "amount": amount}]))
    payment = complete_payment(world, person, invoice, invoice_query(invoice.goods), tells=tells, age=age)
    return str(payment["telegram_payment_charge_id"])


def invoice_query(goods: Goods, info: Json | None = None, shipping: Json | None = None) -> Json:
    fields: Json = {"currency": goods.currency, "total_amount": goods.total, "invoice_payload": goods.payload}
    if info:
        fields["order_info"] = info
    if shipping:
        fields["shipping_option_id"] = shipping["id"]
        fields["total_amount"] += sum(price["amount"] for price in shipping["prices"])
    return fields


async def ask_bot(world: World, person: int, kind: str, fields: Json, seconds: float) -> Json:
    """Ask the bot and return its positive answer. Raises UnpaidError if it refuses or does not answer in time."""
    query = world.ask(kind, person, seconds)
    world.inbox.push(f"{kind}_query", {"id": query.id, "from": world.people[person], **fields})
    done, _ = await asyncio.wait([query.answer], timeout=seconds)
    if not done:
        raise UnpaidError("timeout")
    answer = query.answer.result()
    if not answer["ok"]:
        raise UnpaidError("refused", error=answer["error"])
    return answer


def complete_payment(
    world: World, person: int, invoice: Invoice, query: Json, renews: str = "", tells: bool = True, age: float = 0
) -> Json:
    """Move the money and, with `tells`, send the bot an update. Returns the SuccessfulPayment."""
    stars = query["currency"] == STARS
    charge = ("stx" if stars else "") + secrets.token_urlsafe(24)
    provider = (
        f"{person}_{len(world.transactions)}" if stars else charge_card(world, invoice.goods.provider_token, query)
    )
    payment = query | {"telegram_payment_charge_id": charge, "provider_payment_charge_id": provider}
    if stars:
        partner: Json = {"type": "user", "transaction_type": "invoice_payment", "user": world.people[person]}
        partner["invoice_payload"] = query["invoice_payload"]
        if invoice.subscription_period:
            partner["subscription_period"] = invoice.subscription_period
        world.add_transaction(charge, query["total_amount"], age, source=partner)
    if invoice.subscription_period:
        payment |= subscription(world, person, charge, invoice, renews)
    post = world.add(world.chat(person), world.people[person], {"successful_payment": payment})
    if tells:
        world.inbox.push("message", world.message(post))
    return payment


def charge_card(world: World, provider_token: str, query: Json) -> str:
    """Charge the card in the Stripe account of the token. Returns the charge's id."""
    account = world.stripe.paid_by(provider_token)
    return str(account.charge(query["total_amount"], query["currency"])["id"]) if account else random_id("ch")


def subscription(world: World, person: int, charge: str, invoice: Invoice, renews: str) -> dict[str, Any]:
    if not renews:
        world.subscriptions[charge] = {"user_id": person, "invoice": invoice, "canceled": False}
    first = {} if renews else {"is_first_recurring": True}
    return {"is_recurring": True, "subscription_expiration_date": int(time.time()) + MONTH_SECONDS} | first


def renew(world: World, person: int, charge: str) -> str | None:
    """Make the next month's payment without asking the bot. Returns its charge, or None if it is cancelled."""
    known = world.subscriptions[charge]
    if known["canceled"]:
        return None
    payment = complete_payment(world, person, known["invoice"], invoice_query(known["invoice"].goods), renews=charge)
    return str(payment["telegram_payment_charge_id"])
