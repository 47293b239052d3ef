"""Whom the operators banned: no work, no sale, no requests. What they have a right to stays open."""

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from handlers.account import email
from handlers.callbacks import BUY_LINK, refuse
from handlers.context import Context
from storage.questions import Question


async def turn_away(update: Update, context: Context, stays_open: frozenset[str]) -> None:
    """One sentence, and no further. `stays_open`: commands, as "/name", and words of buttons.

    An e-mail address or code that was asked for is taken: people keep the right to their receipts.
    """
    if update.effective_chat is None or update.effective_chat.type != ChatType.PRIVATE:
        return
    if update.callback_query:
        closed = (update.callback_query.data or "").split(":")[0] not in stays_open
    else:
        closed = _is_closed(update, stays_open)
    if not closed or not await context.services.users.bans.has(update.effective_user.id):
        return
    if update.callback_query:
        await refuse(update, context, "banned")
    elif update.message and not await _answers_email(update, context):
        _, translate = await context.person(update)
        await context.say(update.message.chat_id, translate("banned"), reply_to=update.message.message_id)
    raise ApplicationHandlerStop


async def _answers_email(update: Update, context: Context) -> bool:
    questions = await context.services.users.questions.of(update.effective_user.id)
    return Question.EMAIL in questions and await email.take(update, context)


def _is_closed(update: Update, stays_open: frozenset[str]) -> bool:
    """True for what only people who are not banned may send. What tells of money that moved is never refused."""
    message = update.effective_message
    if message is None or message.successful_payment or not (message.text or message.effective_attachment):
        return False
    command, *rest = (message.text or "").split(maxsplit=1) or [""]
    return command.split("@")[0].lower() not in stays_open or rest == [BUY_LINK]
