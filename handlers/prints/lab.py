"""The lab's chat: how far an order of prints is, by a tap, a reply to its message, or /ship from the operators, too."""

import re
from typing import NamedTuple

from telegram import Message, Update

from bot.domain.values import Order, OrderState, Product
from bot.prints import carriers
from bot.prints.carriers import CARRIERS, Parcel
from bot.texts import DEFAULT, translator
from handlers.callbacks import LabStep
from handlers.context import Context, best_effort, reply
from handlers.operators import operators
from handlers.prints import to_lab
from storage.parcel_steps import ParcelStep

_NUMBER = re.compile(r"\b[2-9A-HJ-NP-Z]{8}\b")
_WORDS = {
    "printed": OrderState.PRINTED,
    "posted": OrderState.POSTED,
    "shipped": OrderState.POSTED,
    "delivered": OrderState.DELIVERED,
    "returned": OrderState.RETURNED,
}

_translate = translator(DEFAULT)


class _Said(NamedTuple):
    """How far an order is, and with which parcel; `state` is None where the newest step is to be taken back."""

    state: OrderState | None
    parcel: Parcel | None = None


_UNDO = _Said(None)


async def step(update: Update, context: Context, callback: LabStep) -> None:
    await best_effort(update.callback_query.answer())
    if undone := to_lab.undone_step(callback):
        await _undo(update, context, callback.order, undone)
        await best_effort(update.effective_message.edit_reply_markup(None))
    elif state := _WORDS.get(callback.state):
        await _take(update, context, callback.order, _Said(state))


def order_in(message: Message | None) -> str:
    """The number of the order that a message of the bot's is about; nothing where it is about none."""
    if message is None or not message.from_user or message.from_user.id != message.get_bot().id:
        return ""
    found = _NUMBER.search(message.text or message.caption or "")
    return found.group() if found else ""


async def answered(update: Update, context: Context) -> None:
    """A reply to a message about an order, or its caption: a word, a number, or both. An edit is read as if new."""
    if await operators.is_in_ticket(update, context):  # its card names orders, too
        await operators.to_person(update, context)
        return
    message = update.effective_message
    number, said = order_in(message.reply_to_message), _read(message.text or message.caption or "")
    prints = context.services.shop.prints
    if update.edited_message and (taken := await prints.said_in(number, message.message_id)):
        await _edited(update, context, taken, said)
    elif said is None:
        await _explain(update, context)
    elif said == _UNDO:
        await _undo(update, context, number)
    else:
        await _take(update, context, number, said)


async def ship(update: Update, context: Context) -> None:
    """/ship ORDER [CARRIER] NUMBER, in the lab's chat or the operators'."""
    if len(context.args) < 2 or (parcel := carriers.read(" ".join(context.args[1:]))) is None:
        await _explain(update, context)
    else:
        await _take(update, context, context.args[0].upper(), _Said(OrderState.POSTED, parcel))


def _read(text: str) -> _Said | None:
    """None for all that is not exactly one of the lab's words, a number, or both, in one line."""
    if len(text.strip().splitlines()) != 1:
        return None
    first, _, rest = text.strip().partition(" ")
    word = first.lower().strip(".,:!")
    if word == "undo":
        return None if rest.strip() else _UNDO
    state = _WORDS.get(word)
    if state and not rest.strip():
        return _Said(state)
    parcel = carriers.read(rest if state else text)
    return _Said(OrderState.POSTED, parcel) if parcel and state in (None, OrderState.POSTED) else None


async def _take(update: Update, context: Context, number: str, said: _Said) -> None:
    order, prints = await _order(update, context, number), context.services.shop.prints
    if order is None or said.state is None:
        return
    if taken := await prints.goes_on(number, said.state, said.parcel, _written_in(update, context)):
        await _show(context, number, said.state)
        undo = to_lab.undo(number, taken.step) if taken.step else None
        await reply(update, context, _translate("lab-noted", order=number, state=said.state), undo)
        context.mail_soon()
    else:
        await reply(update, context, _translate("lab-not-now", order=number, state=order.state, wanted=said.state))


async def _undo(update: Update, context: Context, number: str, undone: int | None = None) -> None:
    """The newest step; or this one, if it is the newest."""
    order, prints = await _order(update, context, number), context.services.shop.prints
    if order is None:
        return
    if before := await prints.undo(number, undone, update.effective_message.message_id):
        await _show(context, number, before.state)
        await reply(update, context, _translate("lab-undone", order=number, state=before.state))
        context.mail_soon()
    else:
        await reply(update, context, _translate("lab-not-undone", order=number, state=order.state))


async def _edited(update: Update, context: Context, taken: ParcelStep, said: _Said | None) -> None:
    """What was taken holds. Where the edit means the same, as one of a full stop, nobody hears anything."""
    shop = context.services.shop
    order, shipment = await shop.orders.find(taken.number), await shop.shipments.find(taken.number)
    is_undo = taken.undone_by is not None
    parcel = (shipment.carrier, shipment.tracking) if shipment and shipment.tracking else None
    if said == (_UNDO if is_undo else _Said(taken.state, parcel if taken.state is OrderState.POSTED else None)):
        return
    undo = None if is_undo else to_lab.undo(taken.number, taken.id)
    await reply(update, context, _translate("lab-edited", order=taken.number, state=order.state), undo)


async def _order(update: Update, context: Context, number: str) -> Order | None:
    """An order of prints; None, and a sentence, where there is none."""
    order = await context.services.shop.orders.find(number)
    if order and order.product is Product.PRINT:
        return order
    await reply(update, context, _translate("lab-no-order", order=number))
    return None


def _written_in(update: Update, context: Context) -> int | None:
    """The lab's own message, which it may edit: not a tap, and not what operators write elsewhere."""
    message = update.effective_message
    is_labs = context.services.own_chats.lab.is_at(message.chat_id) and not update.callback_query
    return message.message_id if is_labs else None


async def _show(context: Context, number: str, state: OrderState) -> None:
    """The buttons under its package are those of the steps that are left."""
    shipment = await context.services.shop.shipments.find(number)
    if shipment and shipment.lab_id:
        chat = context.services.own_chats.lab.id
        buttons = to_lab.steps(number, state)
        await best_effort(context.bot.edit_message_reply_markup(chat, shipment.lab_id, reply_markup=buttons))


async def _explain(update: Update, context: Context) -> None:
    await reply(update, context, _translate("lab-how", carriers=", ".join(CARRIERS)))
