"""What is wrong with a group that the operators or the lab use: Telegram is asked about the group and the bot in it."""

from enum import StrEnum

from telegram import ChatMember
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

_PATIENCE_SECONDS = 5  # for one answer


class Trouble(StrEnum):
    """The value names the sentence (`group-...`)."""

    AWAY = "away"
    PUBLIC = "public"
    LINKED = "linked"
    NEARBY = "nearby"
    NO_TOPICS = "no-topics"
    NO_RIGHT = "no-right"

    @property
    def lets_strangers_in(self) -> bool:
        return self in (Trouble.PUBLIC, Trouble.LINKED, Trouble.NEARBY)


async def look(bot: ExtBot[None] | ExtBot[int], chat_id: int, needs_topics: bool) -> Trouble | None:
    """The worst that Telegram tells. Raises TelegramError where it does not answer.

    Of invite links it tells nothing: the one in its answer is the bot's own, which it makes for that answer, and those
    of other administrators a bot cannot see.
    """
    try:
        chat = await bot.get_chat(chat_id, read_timeout=_PATIENCE_SECONDS)
        if chat.type == ChatType.PRIVATE:
            return Trouble.NO_TOPICS if needs_topics else None
        me = await bot.get_chat_member(chat_id, bot.id, read_timeout=_PATIENCE_SECONDS)
    except (BadRequest, Forbidden) as error:
        if isinstance(error, BadRequest) and "not found" not in error.message.lower():
            raise
        return Trouble.AWAY
    if me.status in (ChatMember.LEFT, ChatMember.BANNED):
        return Trouble.AWAY
    if chat.username or chat.active_usernames:
        return Trouble.PUBLIC
    if chat.linked_chat_id:
        return Trouble.LINKED
    if chat.location:
        return Trouble.NEARBY
    if needs_topics and not chat.is_forum:
        return Trouble.NO_TOPICS
    return Trouble.NO_RIGHT if needs_topics and not getattr(me, "can_manage_topics", False) else None
