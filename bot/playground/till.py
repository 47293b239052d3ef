"""How people pay: the bot is asked first, within ten seconds, then the money moves (https://core.telegram.org/bots/payments)."""

import asyncio
import secrets
import time
from typing import Any

from bot.playground.methods.payments import MONTH_SECONDS, STARS, Goods, Invoice
from bot.playground.stripe import made_up
from bot.playground.world import Json, World

ANSWER_SECONDS = 10.0


async def pay(
    world: World,
    person: int,
    key: str,
    *,
    decline: bool = False,
    order: Json | None = None,
    seconds: float = ANSWER_SECONDS,
    asks: bool = True,
    tells: bool = True,
) -> Json:
    """Pay the invoice `key` names. {"status": paid, refused, declined or timeout, "error" of the bot, "charge" id,
    "provider_charge": its id where the money is}.

    `order` is the OrderInfo that the person typed. With `decline` the bank refuses, which no update tells the bot.
    Without `asks` the bot is not asked, as where it said yes long ago; without `tells` the update is lost.
    """
    invoice: Invoice = world.invoices[key]
    goods, query = invoice.goods, invoice_query(world, person, invoice.goods, order)
    if not asks:
        return paid(settle(world, person, invoice, query, tells=tells))
    if goods.is_flexible:
        address = {"invoice_payload": goods.payload, "shipping_address": (order or {}).get("shipping_address", {})}
        answer = await ask(world, person, "shipping", address, seconds)
        if not answer.get("ok"):
            return refused(answer)
        option = answer["options"][0]
        query |= {"shipping_option_id": option["id"]}
        query["total_amount"] += sum(price["amount"] for price in option["prices"])
    answer = await ask(world, person, "pre_checkout", query, seconds)
    if not answer.get("ok"):
        return refused(answer)
    if decline:
        if account := world.stripe.paid_by(goods.provider_token):
            account.charge(query["total_amount"], query["currency"], declined=True)
        return {"status": "declined"}
    return paid(settle(world, person, invoice, query, tells=tells))


def paid(payment: Json) -> Json:
    charges = payment["telegram_payment_charge_id"], payment["provider_payment_charge_id"]
    return {"status": "paid", "charge": charges[0], "provider_charge": charges[1]}


def charge(world: World, person: int, amount: int, payload: str, tells: bool, age: float) -> str:
    """A payment in Stars that no invoice of this server's asked for; its id."""
    invoice = Invoice(Goods("", "", payload, STARS, [{"label": "", "amount": amount}]))
    query = invoice_query(world, person, invoice.goods, None)
    return str(settle(world, person, invoice, query, tells=tells, age=age)["telegram_payment_charge_id"])


def invoice_query(world: World, person: int, goods: Goods, order: Json | None) -> Json:
    about: Json = {"currency": goods.currency, "total_amount": goods.total, "invoice_payload": goods.payload}
    wanted = goods.need_name, goods.need_phone_number, goods.need_email, goods.need_shipping_address
    if order and any(wanted) and goods.currency != STARS:  # for Stars Telegram ignores what the bot needs
        about["order_info"] = order
    return about


async def ask(world: World, person: int, kind: str, about: Json, seconds: float) -> Json:
    query = world.ask(kind, person, seconds)
    world.inbox.push(f"{kind}_query", {"id": query.id, "from": world.people[person], **about})
    done, _ = await asyncio.wait([query.answer], timeout=seconds)
    return query.answer.result() if done else {"timeout": True}


def refused(answer: Json) -> Json:
    return {"status": "timeout"} if "timeout" in answer else {"status": "refused", "error": answer["error"]}


def settle(
    world: World, person: int, invoice: Invoice, query: Json, renews: str = "", tells: bool = True, age: float = 0
) -> Json:
    """The money moves and, if the update is not lost, the bot hears of it; the SuccessfulPayment."""
    stars = query["currency"] == STARS
    charge = ("stx" if stars else "") + secrets.token_urlsafe(24)
    provider = f"{person}_{len(world.transactions)}" if stars else by_card(world, invoice.goods.provider_token, query)
    payment = query | {"telegram_payment_charge_id": charge, "provider_payment_charge_id": provider}
    if stars:
        partner: Json = {"type": "user", "transaction_type": "invoice_payment", "user": world.people[person]}
        partner["invoice_payload"] = query["invoice_payload"]
        if invoice.subscription_period:
            partner["subscription_period"] = invoice.subscription_period
        world.book(charge, query["total_amount"], age, source=partner)
    if invoice.subscription_period:
        payment |= subscription(world, person, charge, invoice, renews)
    post = world.add(world.chat(person), world.people[person], {"successful_payment": payment})
    if tells:
        world.inbox.push("message", world.message(post))
    return payment


def by_card(world: World, provider_token: str, query: Json) -> str:
    """Stripe's charge, in the account where the token leads."""
    account = world.stripe.paid_by(provider_token)
    return str(account.charge(query["total_amount"], query["currency"])["id"]) if account else made_up("ch")


def subscription(world: World, person: int, charge: str, invoice: Invoice, renews: str) -> dict[str, Any]:
    if not renews:
        world.subscriptions[charge] = {"user_id": person, "invoice": invoice, "canceled": False}
    first = {} if renews else {"is_first_recurring": True}
    return {"is_recurring": True, "subscription_expiration_date": int(time.time()) + MONTH_SECONDS} | first


def renew(world: World, person: int, charge: str) -> str | None:
    """The next month's payment; the bot is not asked. None when the subscription was cancelled."""
    about = world.subscriptions[charge]
    if about["canceled"]:
        return None
    query = invoice_query(world, person, about["invoice"].goods, None)
    return str(settle(world, person, about["invoice"], query, renews=charge)["telegram_payment_charge_id"])
