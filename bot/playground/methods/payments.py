"""Invoices, refunds and Telegram Stars (https://core.telegram.org/bots/payments-stars)."""

import secrets
from dataclasses import dataclass, field

from bot.playground import keyboards
from bot.playground.entities import utf16_length
from bot.playground.methods.messages import Delivery, deliver
from bot.playground.world import ApiError, Json, Post, World

__all__ = [
    "answer_pre_checkout_query",
    "answer_shipping_query",
    "create_invoice_link",
    "edit_user_star_subscription",
    "get_my_star_balance",
    "get_star_transactions",
    "refund_star_payment",
    "send_invoice",
]

STARS = "XTR"
MONTH_SECONDS = 2592000
MOST_STARS = 10000
ORDER_INFO = ("name", "phone_number", "email", "shipping_address")
CURRENCIES = {STARS, "USD", "EUR", "GBP", "CHF", "PLN", "CZK", "SEK", "NOK", "DKK", "JPY", "CAD", "AUD"}


@dataclass(frozen=True)
class Goods:
    """The parameters that sendInvoice and createInvoiceLink share."""

    title: str
    description: str
    payload: str
    currency: str
    prices: list[Json]
    provider_token: str = ""
    max_tip_amount: int = 0
    suggested_tip_amounts: list[int] = field(default_factory=list)
    provider_data: str = ""
    photo_url: str = ""
    photo_size: int = 0
    photo_width: int = 0
    photo_height: int = 0
    need_name: bool = False
    need_phone_number: bool = False
    need_email: bool = False
    need_shipping_address: bool = False
    send_phone_number_to_provider: bool = False
    send_email_to_provider: bool = False
    is_flexible: bool = False

    @property
    def total(self) -> int:
        return sum(price["amount"] for price in self.prices)

    @property
    def needs(self) -> list[str]:
        """The fields of OrderInfo that it asks for. For Stars, Telegram ignores what the bot needs."""
        return [need for need in ORDER_INFO if self.currency != STARS and getattr(self, f"need_{need}")]

    @property
    def ships(self) -> bool:
        """True if the bot is asked for shipping options."""
        return self.is_flexible and "shipping_address" in self.needs

    def check(self) -> None:
        for problem, broken in (
            ("INVOICE_TITLE_INVALID", not 1 <= utf16_length(self.title) <= 32),
            ("INVOICE_DESCRIPTION_INVALID", not 1 <= utf16_length(self.description) <= 255),
            ("INVOICE_PAYLOAD_INVALID", not 1 <= len(self.payload.encode()) <= 128),
            ("CURRENCY_INVALID", self.currency not in CURRENCIES),
            ("there must be at least one price", not self.prices),
            ("can't parse labeled price", any(price.keys() != {"label", "amount"} for price in self.prices)),
            ("STARS_INVOICE_INVALID", self.currency == STARS and (self.provider_token != "" or len(self.prices) != 1)),
            ("PAYMENT_PROVIDER_INVALID", self.currency != STARS and not self.provider_token),
        ):
            if broken:
                raise ApiError(problem)
        if self.total <= 0 or (self.currency == STARS and self.total > 100000):
            raise ApiError("CURRENCY_TOTAL_AMOUNT_INVALID")


@dataclass(frozen=True)
class Invoice:
    """A payable invoice: `goods`, and for a subscription its period in seconds."""

    goods: Goods
    subscription_period: int = 0


async def send_invoice(
    world: World, to: Delivery, goods: Goods, start_parameter: str = "", reply_markup: Json | None = None
) -> Json:
    goods.check()
    world.writable_chat(to.chat_id)
    amount = f"{goods.total} ⭐️" if goods.currency == STARS else f"{goods.total / 100:.2f} {goods.currency}"
    markup = reply_markup or {"inline_keyboard": [[{"text": f"Pay {amount}", "pay": True}]]}
    keyboard = keyboards.checked(markup, pay_allowed=True)
    if not markup["inline_keyboard"][0][0].get("pay"):
        raise ApiError("REPLY_MARKUP_BUY_EMPTY")
    fields: Json = {"title": goods.title, "description": goods.description, "start_parameter": start_parameter}
    fields |= {"currency": goods.currency, "total_amount": goods.total}
    post = deliver(world, to, {"invoice": fields} | keyboard)
    world.invoices[invoice_key(post)] = Invoice(goods)
    return world.message(post)


def invoice_key(post: Post) -> str:
    return f"{post.chat.id}/{post.id}"


async def create_invoice_link(world: World, goods: Goods, subscription_period: int = 0) -> str:
    goods.check()
    if subscription_period not in (0, MONTH_SECONDS) or (subscription_period and goods.currency != STARS):
        raise ApiError("SUBSCRIPTION_PERIOD_INVALID")
    if subscription_period and goods.total > MOST_STARS:
        raise ApiError("STARS_INVOICE_INVALID")
    link = "https://t.me/$" + secrets.token_urlsafe(12)
    world.invoices[link] = Invoice(goods, subscription_period)
    return link


async def answer_shipping_query(
    world: World, shipping_query_id: str, ok: bool, shipping_options: list[Json] | None = None, error_message: str = ""
) -> bool:
    if ok and not shipping_options:
        raise ApiError("there must be at least one shipping option")
    if not ok and not error_message:
        raise ApiError("error message must be non-empty")
    world.answer(shipping_query_id, "shipping", {"ok": ok, "options": shipping_options, "error": error_message})
    return True


async def answer_pre_checkout_query(
    world: World, pre_checkout_query_id: str, ok: bool, error_message: str = ""
) -> bool:
    if not ok and not error_message:
        raise ApiError("error message must be non-empty")
    world.answer(pre_checkout_query_id, "pre_checkout", {"ok": ok, "error": error_message})
    return True


async def refund_star_payment(world: World, user_id: int, telegram_payment_charge_id: str) -> bool:
    same = [entry for entry in world.transactions if entry["id"] == telegram_payment_charge_id]
    if not same or same[0].get("source", {}).get("user", {}).get("id") != user_id:
        raise ApiError("CHARGE_NOT_FOUND" if user_id in world.people else "USER_ID_INVALID")
    if len(same) > 1:
        raise ApiError("CHARGE_ALREADY_REFUNDED")
    refund_stars(world, same[0])
    return True


def refund_stars(world: World, paid: Json, tells: bool = True) -> None:
    """Return Stars to their payer. Without `tells`, the bot gets no update."""
    payer = paid["source"]["user"]
    world.add_transaction(paid["id"], paid["amount"], receiver=paid["source"])
    payment = {"currency": STARS, "total_amount": paid["amount"], "telegram_payment_charge_id": paid["id"]}
    payment["invoice_payload"] = paid["source"]["invoice_payload"]
    post = world.add(world.chat(payer["id"]), payer, {"refunded_payment": payment})
    if tells:
        world.inbox.push("message", world.message(post))


async def get_star_transactions(world: World, offset: int = 0, limit: int = 100) -> Json:
    if not 1 <= limit <= 100 or offset < 0:
        raise ApiError("invalid value of parameter limit or offset specified")
    return {"transactions": world.transactions[offset : offset + limit]}


async def get_my_star_balance(world: World) -> Json:
    return {"amount": sum(entry["amount"] * (1 if "source" in entry else -1) for entry in world.transactions)}


async def edit_user_star_subscription(
    world: World, user_id: int, telegram_payment_charge_id: str, is_canceled: bool
) -> bool:
    if world.subscriptions.get(telegram_payment_charge_id, {}).get("user_id") != user_id:
        raise ApiError("SUBSCRIPTION_ID_INVALID")
    world.subscriptions[telegram_payment_charge_id]["canceled"] = is_canceled
    return True
