"""The lab's chat: how far an order of prints is, by a tap, a reply to its message, or /ship from the operators, too."""

import re

from telegram import Message, Update

from bot.domain.values import OrderState, Product
from bot.prints import carriers
from bot.prints.carriers import CARRIERS
from bot.texts import DEFAULT, translator
from handlers.callbacks import LabStep
from handlers.context import Context, best_effort, reply
from handlers.operators import operators
from handlers.prints import to_lab

_NUMBER = re.compile(r"\b[2-9A-HJ-NP-Z]{8}\b")
_WORDS = {
    "printed": OrderState.PRINTED,
    "posted": OrderState.POSTED,
    "shipped": OrderState.POSTED,
    "delivered": OrderState.DELIVERED,
    "returned": OrderState.RETURNED,
}

_translate = translator(DEFAULT)


async def step(update: Update, context: Context, callback: LabStep) -> None:
    state = _WORDS.get(callback.state)
    await best_effort(update.callback_query.answer())
    if state:
        await _take(update, context, callback.order, state, None)


def order_in(message: Message | None) -> str:
    """The number of the order that a message of the bot's is about; nothing where it is about none."""
    if message is None or not message.from_user or message.from_user.id != message.get_bot().id:
        return ""
    found = _NUMBER.search(message.text or message.caption or "")
    return found.group() if found else ""


async def answered(update: Update, context: Context) -> None:
    """A reply to a message about an order: a word, a number, or both."""
    if await operators.is_in_ticket(update, context):  # its card names orders, too
        await operators.to_person(update, context)
        return
    message = update.effective_message
    said = _read(message.text)
    if said is None:
        await _explain(update, context)
    else:
        await _take(update, context, order_in(message.reply_to_message), *said)


async def ship(update: Update, context: Context) -> None:
    """/ship ORDER [CARRIER] NUMBER, in the lab's chat or the operators'."""
    if len(context.args) < 2 or (parcel := carriers.read(" ".join(context.args[1:]))) is None:
        await _explain(update, context)
    else:
        await _take(update, context, context.args[0].upper(), OrderState.POSTED, parcel)


def _read(text: str) -> tuple[OrderState, tuple[str | None, str] | None] | None:
    first, _, rest = text.strip().partition(" ")
    state = _WORDS.get(first.lower().strip(".,:!"))
    if state is None:
        parcel = carriers.read(text)
        return (OrderState.POSTED, parcel) if parcel else None
    if not rest.strip():
        return state, None
    parcel = carriers.read(rest) if state is OrderState.POSTED else None
    return (state, parcel) if parcel else None


async def _take(
    update: Update, context: Context, number: str, state: OrderState, parcel: tuple[str | None, str] | None
) -> None:
    order = await context.services.shop.orders.find(number)
    if order is None or order.product is not Product.PRINT:
        await reply(update, context, _translate("lab-no-order", order=number))
    elif await context.services.shop.prints.goes_on(number, state, parcel):
        await _show(context, number, state)
        await reply(update, context, _translate("lab-noted", order=number, state=state))
        context.mail_soon()
    else:
        await reply(update, context, _translate("lab-not-now", order=number, state=order.state, wanted=state))


async def _show(context: Context, number: str, state: OrderState) -> None:
    """The buttons under its package are those of the steps that are left."""
    shipment = await context.services.shop.shipments.find(number)
    if shipment and shipment.lab_id:
        chat = context.services.own_chats.lab.id
        buttons = to_lab.steps(number, state)
        await best_effort(context.bot.edit_message_reply_markup(chat, shipment.lab_id, reply_markup=buttons))


async def _explain(update: Update, context: Context) -> None:
    await reply(update, context, _translate("lab-how", carriers=", ".join(CARRIERS)))
