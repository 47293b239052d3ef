"""A photo that an edit replaces: what is still to be done to the old one is done to the new one.

The menu under a single photo needs nothing of this: a tap brings along what is in the chat by then.
"""

from telegram import Update

from handlers.context import Context, best_effort
from handlers.photos import album, menu


async def replace(update: Update, context: Context) -> None:
    """Of an album, or waiting for its colour or background. Another caption only is no change."""
    message, user_id = update.effective_message, update.effective_user.id
    pending = context.services.photos.pending
    if message.media_group_id:
        await album.replace(update, context)
    if photo := menu.photo_of(message):
        await pending.replace(user_id, message.message_id, photo)
    elif prompt_id := await pending.drop_photo(user_id, message.message_id):
        _, translate = await context.person(update)
        await best_effort(context.bot.edit_message_text(translate("photo-gone"), message.chat_id, prompt_id))
