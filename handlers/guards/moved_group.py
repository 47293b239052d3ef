"""The operators' or the lab's group has become a supergroup, which Telegram gives another id: the bot goes along."""

from telegram import Update
from telegram.error import BadRequest, Forbidden

from handlers.context import Context


async def follow(update: Update, context: Context) -> None:
    """Both groups say so in a service message, which nobody can write. Of other groups it is not news."""
    message = update.effective_message
    old_id = message.migrate_from_chat_id or message.chat_id
    new_id = message.migrate_to_chat_id or message.chat_id
    await context.services.ops.notifier.moved(old_id, new_id)


async def is_ours(update: Update, context: Context) -> bool:
    """True if this group is one of ours that has moved, also before we have heard of it.

    Telegram is asked about the id that we know: where that group has moved, `bot/botapi/pace.py` follows it. Raises
    TelegramError where Telegram does not say.
    """
    own_chats = context.services.own_chats
    for chat in (own_chats.operators, own_chats.lab):
        if chat.may_move:
            try:
                await context.bot.get_chat(chat.id)
            except (BadRequest, Forbidden):
                continue  # nobody's group now
    return own_chats.has(update.effective_chat.id)
