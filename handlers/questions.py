"""The newest question has the first look at what a person types or sends; what answers it goes no further."""

from telegram import Message, Update
from telegram.ext import ApplicationHandlerStop

from bot.prints.fulfilment import WORD
from handlers.account import email
from handlers.context import Context
from handlers.photos import menu, pending_input
from handlers.support import take_edit, take_for_draft, take_for_ticket, take_reply
from storage.questions import Question

_TAKERS = {
    Question.PICTURE: pending_input.take,
    Question.EMAIL: email.take,
    Question.DRAFT: take_for_draft,
    Question.TICKET: take_for_ticket,
}
"""Each returns whether the message was an answer of its kind, right or wrong."""


async def answer(update: Update, context: Context) -> None:
    """A message that answers a question, or replies to the operators. An edit is for the operators alone."""
    try:
        taken = await (take_edit if update.edited_message else _take)(update, context)
    except Exception as error:  # no other handler may have it, either: it could take a photo for one to work on
        await context.application.process_error(update, error)
        taken = True
    if taken:
        raise ApplicationHandlerStop


async def _take(update: Update, context: Context) -> bool:
    message = update.effective_message
    if await take_reply(update, context):
        return True
    if _is_about_a_photo(message):
        return False
    for question in await context.services.users.questions.of(update.effective_user.id):
        if await _TAKERS[question](update, context):
            return True
    return False


def _is_about_a_photo(message: Message) -> bool:
    """A reply to a photo that says what to do with it: a size, a colour, or the wish for prints."""
    if not message.text or menu.photo_of(message.reply_to_message) is None:
        return False
    return bool(menu.in_words(message.text) or WORD.match(message.text))
