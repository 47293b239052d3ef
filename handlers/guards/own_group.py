"""What happens to the operators' and the lab's group: one that moves is followed, one that is mended is used again."""

from telegram import Update
from telegram.error import BadRequest, Forbidden

from bot.botapi.members import Rank
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


async def look_again(update: Update, context: Context) -> None:
    """An administrator writes in a group that is refused because strangers can enter it: it may be mended now."""
    message = update.effective_message
    if not context.services.own_chats.refuses(message.chat_id):
        return
    if message.sender_chat:
        is_administrator = message.sender_chat == message.chat
    else:
        rank = await context.services.support.members.rank(message.chat_id, message.from_user.id)
        is_administrator = rank is Rank.ADMINISTRATOR
    if is_administrator:
        await context.services.ops.group_watch.look()
