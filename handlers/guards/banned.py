"""Whom the operators banned: no work, no sale, no requests. What they have a right to stays open."""

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from handlers.callbacks import (
    BUY_LINK,
    Consent,
    Email,
    Forget,
    Kept,
    Refund,
    Speak,
    Stop,
    Trouble,
    Wipe,
    Withdraw,
    Withdrawals,
    refuse,
)
from handlers.context import Context

_OPEN_COMMANDS = {
    "start",
    "help",
    "balance",
    "orders",
    "withdraw",
    "email",
    "paysupport",
    "privacy",
    "terms",
    "mydata",
    "forget",
    "language",
    "status",
    "cancel",
}
_ALLOWED_CALLBACKS = {
    callback.word
    for callback in (Stop, Wipe, Speak, Trouble, Refund, Withdraw, Withdrawals, Kept, Consent, Forget, Email)
}


async def turn_away(update: Update, context: Context) -> None:
    """Before all conversations of private chats but that about the address: one sentence, and no further."""
    if update.effective_chat is None or update.effective_chat.type != ChatType.PRIVATE:
        return
    if update.callback_query:
        closed = (update.callback_query.data or "").split(":")[0] not in _ALLOWED_CALLBACKS
    else:
        closed = _is_closed(update)
    if not closed or not await context.services.users.bans.has(update.effective_user.id):
        return
    if update.callback_query:
        await refuse(update, context, "banned")
    elif update.message:
        _, translate = await context.person(update)
        await context.say(update.message.chat_id, translate("banned"), reply_to=update.message.message_id)
    raise ApplicationHandlerStop


def _is_closed(update: Update) -> bool:
    """Whether only people who are not banned may send this. What tells of money that moved is never refused."""
    message = update.effective_message
    if message is None or message.successful_payment or not (message.text or message.effective_attachment):
        return False
    command, *rest = (message.text or "").split(maxsplit=1) or [""]
    is_open = command.startswith("/") and command[1:].split("@")[0].lower() in _OPEN_COMMANDS
    return not is_open or rest == [BUY_LINK]
