"""Who is a member of the operators' or the lab's chat: Telegram is asked, and its answer holds for a minute.

The answers are in memory only. Those about strangers are kept, too: so a flood of messages makes no flood of requests.
"""

import asyncio
from enum import IntEnum

from telegram import ChatMember
from telegram.error import BadRequest
from telegram.ext import ExtBot

REMEMBERED_SECONDS = 60
_PATIENCE_SECONDS = 5  # for one answer; somebody waits
_TRIES = 2

# What Telegram says of people whom the chat has never seen. Other refusals leave open who is a member.
_NOBODY = ("user not found", "member not found", "participant_id_invalid", "user_id_invalid", "invalid user_id")


class Rank(IntEnum):
    STRANGER = 0
    MEMBER = 1
    ADMINISTRATOR = 2


class Members:
    def __init__(self, bot: ExtBot[int]) -> None:
        self._bot = bot
        self._known: dict[tuple[int, int], tuple[Rank, float]] = {}  # chat and user -> the answer, and until when

    async def rank(self, chat_id: int, user_id: int) -> Rank:
        """Raises TelegramError where Telegram does not say."""
        if chat_id > 0:  # a person's own chat
            return Rank.ADMINISTRATOR if user_id == chat_id else Rank.STRANGER
        now = asyncio.get_running_loop().time()
        self._known = {key: (answer, end) for key, (answer, end) in self._known.items() if end > now}
        if (chat_id, user_id) not in self._known:
            self._known[chat_id, user_id] = await self._ask(chat_id, user_id), now + REMEMBERED_SECONDS
        return self._known[chat_id, user_id][0]

    async def _ask(self, chat_id: int, user_id: int) -> Rank:
        try:
            member = await self._bot.get_chat_member(
                chat_id, user_id, read_timeout=_PATIENCE_SECONDS, rate_limit_args=_TRIES
            )
        except BadRequest as error:
            if error.message.lower().startswith(_NOBODY):
                return Rank.STRANGER
            raise
        if member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR):
            return Rank.ADMINISTRATOR
        is_inside = member.status not in (ChatMember.LEFT, ChatMember.BANNED) and getattr(member, "is_member", True)
        return Rank.MEMBER if is_inside else Rank.STRANGER
