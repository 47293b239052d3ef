"""Being forgotten: what is lost in figures, what stays and why, then a tap that means it."""

import asyncio

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.error import TelegramError

from bot.botapi.updates import after_turn
from bot.domain.values import OrderState
from bot.texts import Translate
from handlers.account.wipe import wipe
from handlers.callbacks import Forget, Withdrawals, button, refuse
from handlers.context import Context, best_effort

_UNDER_WAY = (OrderState.PAID, OrderState.DELIVERING)
_WITH_THE_LAB = (OrderState.SENT, OrderState.PRINTED, OrderState.POSTED)
_BACKUP_SECONDS = 30  # until we look again whether it has ended


async def forget(update: Update, context: Context) -> None:
    """The first of two steps. Where something can still be given back, that is offered before."""
    _, translate = await context.person(update)
    user_id, refunds = update.effective_user.id, context.services.shop.refunds
    orders = await context.services.shop.orders.of(user_id)
    rows = [[button(translate("forget-me"), Forget("ask"))], [button(translate("cancel"), Forget("no"))]]
    if any([await refunds.is_plain(order) for order in orders]):
        rows.insert(0, [button(translate("withdraw"), Withdrawals())])
    loss = {
        "credits": max(await context.services.shop.ledger.balance(user_id), 0),
        "orders": sum(order.state in _UNDER_WAY for order in orders),
        "tickets": len(await context.services.support.tickets.all_of(user_id)),
    }
    text = translate("forget", **loss)
    if prints := sum(order.state in _WITH_THE_LAB for order in orders):
        text += "\n\n" + translate("forget-prints", prints=prints)
    await context.say(update.effective_chat.id, text, InlineKeyboardMarkup(rows))


async def step(update: Update, context: Context, callback: Forget) -> None:
    """The second step, and what follows it."""
    _, translate = await context.person(update)
    message = update.effective_message
    if callback.step in ("wipe", "keep"):
        await best_effort(update.callback_query.answer())
        await _forget(update, context, translate, wiped=callback.step == "wipe")
    elif callback.step == "ask":
        await best_effort(update.callback_query.answer())
        ways = (("forget-and-wipe", "wipe"), ("forget-and-keep", "keep"), ("cancel", "no"))
        rows = [[button(translate(label), Forget(way))] for label, way in ways]
        await context.show(message, translate("forget-sure"), InlineKeyboardMarkup(rows))
    elif callback.step == "no":
        await best_effort(update.callback_query.answer())
        await context.show(message, translate("forget-not"))
    else:
        await refuse(update, context, "tap-too-old")


async def _forget(update: Update, context: Context, translate: Translate, wiped: bool) -> None:
    """All or nothing, in one transaction. The last word is a message whose number is not kept."""
    services, user_id, message = context.services, update.effective_user.id, update.effective_message
    await services.photos.jobs.stop_all(user_id)
    if wiped:
        await wipe(context, message)
    async with services.support.relay.at_rest(await services.support.tickets.all_of(user_id)):
        await services.users.rights.forget(user_id, update.update_id)
    await services.shop.refunds.stop_lab()
    services.photos.last_results.forget(user_id)
    await services.db.renew()
    if wiped:
        await best_effort(context.bot.send_message(user_id, translate("forgotten-wiped")))
    else:
        await _say_last(context, message, translate("forgotten"))
    after_turn(_clear_up(context))


async def _say_last(context: Context, message: Message, text: str) -> None:
    """In place of the question; below it where that is gone."""
    try:
        await message.edit_text(text)
    except TelegramError:
        await best_effort(context.bot.send_message(message.chat_id, text))


async def _clear_up(context: Context) -> None:
    """What need not be done before they hear that it is done. A backup that reads keeps the log from being emptied."""
    await context.services.support.old_topics.remove()
    await context.services.updates.push_out()
    while not await context.services.db.renew():  # noqa: ASYNC110  (nothing tells when a reader ends)
        await asyncio.sleep(_BACKUP_SECONDS)
