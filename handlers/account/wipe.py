"""Deleting what a bot may delete of a private chat: the messages of the last 48 hours, theirs and ours."""

from telegram import Message
from telegram.error import BadRequest

from handlers.context import Context

_MOST_IDS = 100  # a deleteMessages call


async def wipe(context: Context, message: Message) -> tuple[int, int]:
    """All messages of this one's chat whose numbers are known: how many are gone, how many Telegram did not delete."""
    ids = set(await context.services.users.messages.of(message.chat_id)) | {message.message_id}
    if photo := message.reply_to_message:
        ids.add(photo.message_id)
    kept = await _delete(context, message.chat_id, sorted(ids))
    await context.services.users.messages.forget(message.chat_id)
    return len(ids) - kept, kept


async def _delete(context: Context, chat_id: int, ids: list[int]) -> int:
    """Delete in batches; where a batch is refused, one by one. Returns how many stayed."""
    kept = 0
    for batch in (ids[n : n + _MOST_IDS] for n in range(0, len(ids), _MOST_IDS)):
        try:
            await context.bot.delete_messages(chat_id, batch)
        except BadRequest:
            kept += sum([not await _delete_one(context, chat_id, message_id) for message_id in batch])
    return kept


async def _delete_one(context: Context, chat_id: int, message_id: int) -> bool:
    try:
        await context.bot.delete_message(chat_id, message_id)
    except BadRequest as error:
        return "not found" in error.message
    return True
