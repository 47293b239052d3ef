"""After the payment: balance and orders, what is wrong with one, the way back, and the terms."""

from datetime import UTC, datetime

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot.domain.values import STARS, Order, OrderState, Product
from bot.mail.compose import what
from bot.payments.checkout import TERMS_VERSION
from bot.texts import Translate, price
from handlers.callbacks import Ask, Buy, Refund, Trouble, Withdraw, Withdrawals, button, refuse
from handlers.context import Context, best_effort

_MOST = 10  # orders in a list


async def balance(update: Update, context: Context) -> None:
    _, translate = await context.person(update)
    credits = await context.services.shop.ledger.balance(update.effective_user.id)
    buttons = InlineKeyboardMarkup([[button(translate("buy"), Buy())]])
    await context.say(update.effective_chat.id, translate("balance", credits=credits), buttons)


async def orders(update: Update, context: Context) -> None:
    """All that they paid, newest first, and how each stands."""
    _, translate = await context.person(update)
    found = (await context.services.shop.orders.of(update.effective_user.id))[:_MOST]
    lines = [f"• {_about(translate, order)}: {translate(f'order-{order.state}')}" for order in found]
    text = (
        "\n".join([translate("orders"), "", *lines, "", translate("orders-more")])
        if found
        else translate("orders-none")
    )
    await context.say(update.effective_chat.id, text)


async def terms(update: Update, context: Context) -> None:
    """The terms, with the seller's name and how to reach them."""
    _, translate = await context.person(update)
    settings = context.services.settings
    name = settings.seller_name or translate("seller-unnamed", bot=context.bot.username)
    contact = settings.seller_contact or translate("seller-here")
    values = {"version": TERMS_VERSION, "name": name, "contact": contact}
    prints = "yes" if settings.sells_prints else "no"
    await context.say(update.effective_chat.id, translate(f"terms-{TERMS_VERSION}", **values, prints=prints))


async def paysupport(update: Update, context: Context) -> None:
    """Which order is it about?"""
    _, translate = await context.person(update)
    found = (await context.services.shop.orders.of(update.effective_user.id))[:_MOST]
    rows = [[button(_about(translate, order), Trouble(order.id))] for order in found]
    rows.append([button(translate("paysupport-other"), Ask("payment", ""))])
    await context.say(
        update.effective_chat.id, translate("paysupport" if found else "paysupport-none"), _keyboard(rows)
    )


async def trouble(update: Update, context: Context, callback: Trouble) -> None:
    """What is wrong with it? The plain cases end here, with one tap."""
    _, translate = await context.person(update)
    order = await _own_order(update, context, callback.order)
    if order is None:
        return
    await best_effort(update.callback_query.answer())
    rows = []
    if await context.services.shop.refunds.is_plain(order):
        reason = "not-wanted" if order.product is Product.CREDITS else "not-arrived"
        rows.append([button(translate(f"reason-{reason}"), Refund(order.id, reason))])
    rows.append([button(translate("reason-other"), Ask("payment", order.id))])
    text = f"{_about(translate, order)}: {translate(f'order-{order.state}')}\n\n{translate('what-is-wrong')}"
    await context.show(update.effective_message, text, _keyboard(rows))


async def refund(update: Update, context: Context, callback: Refund) -> None:
    """The plain case: unspent credits, or a photo that never came."""
    _, translate = await context.person(update)
    if order := await _order_to_give_back(update, context, translate, callback.order):
        await _give_back(
            update, context, translate, order, "not-arrived" if callback.reason == "not-arrived" else "not-wanted"
        )


async def withdraw(update: Update, context: Context) -> None:
    """The first of two steps: which purchase."""
    _, translate = await context.person(update)
    found = await context.services.shop.orders.of(update.effective_user.id)
    plain = [order for order in found if await context.services.shop.refunds.is_plain(order)][:_MOST]
    rows = [
        [button(f"{translate('withdraw')}: {_about(translate, order)}", Withdraw(order.id, "ask"))] for order in plain
    ]
    await context.say(
        update.effective_chat.id, translate("withdraw-which" if rows else "withdraw-none"), _keyboard(rows)
    )


async def withdraw_by_button(update: Update, context: Context, callback: Withdrawals) -> None:
    await best_effort(update.callback_query.answer())
    await withdraw(update, context)


async def confirm_withdrawal(update: Update, context: Context, callback: Withdraw) -> None:
    """The second step; then the receipt, with its time."""
    _, translate = await context.person(update)
    order = await _order_to_give_back(update, context, translate, callback.order)
    if order is None:
        return
    if callback.step == "sure":
        await _give_back(update, context, translate, order, "withdrawn")
        return
    sure = button(translate("withdraw"), Withdraw(order.id, "sure"))
    text = translate("withdraw-sure", order=_about(translate, order))
    await context.show(update.effective_message, text, _keyboard([[sure]]))


async def _give_back(update: Update, context: Context, translate: Translate, order: Order, reason: str) -> None:
    plain = await context.services.shop.refunds.is_plain(order)
    given = plain and await context.services.shop.refunds.refund(order.id, reason, only_unspent=True)
    context.mail_soon()
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    value = price(translate, order.amount, order.currency)
    text = translate("refund-receipt" if given else "refund-not-plain", order=order.id, price=value, time=now)
    rows = [] if given else [[button(translate("reason-other"), Ask("payment", order.id))]]
    await context.show(update.effective_message, text, _keyboard(rows))


async def _order_to_give_back(update: Update, context: Context, translate: Translate, number: str) -> Order | None:
    """As `_own_order`. What is given back already is answered so; its receipt stays."""
    order = await _own_order(update, context, number)
    if order is None:
        return None
    given_back = order.state in (OrderState.REFUNDING, OrderState.REFUNDED)
    await best_effort(update.callback_query.answer(translate(f"order-{order.state}") if given_back else None))
    return None if given_back else order


async def _own_order(update: Update, context: Context, number: str) -> Order | None:
    """The order, if it is theirs; else they are told that it is not."""
    order = await context.services.shop.orders.find(number)
    if order and order.user_id == update.effective_user.id and order.state is not OrderState.EXPIRED:
        return order
    await refuse(update, context, "tap-not-yours" if order else "tap-too-old")
    return None


def _about(translate: Translate, order: Order) -> str:
    """One line: number, what, price, day."""
    day = datetime.fromtimestamp(order.paid_at or order.opened_at, UTC).date().isoformat()
    value = f"{order.amount} ⭐" if order.currency == STARS else price(translate, order.amount, order.currency)
    return f"{order.id} · {what(translate, order)} · {value} · {day}"


def _keyboard(rows: list[list[InlineKeyboardButton]]) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup(rows) if rows else None
