"""People correct what the bot did not understand by an edit: that is read as if it were written so at first."""

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from handlers.context import Context


async def mend(update: Update, context: Context) -> None:
    """An edit of what made no sense goes through the whole table as a new message. Other edits go on from here."""
    message = update.effective_message
    if context.services.slips.take(message.chat_id, message.message_id):
        await context.application.process_update(Update(update.update_id, message=message))
        raise ApplicationHandlerStop
