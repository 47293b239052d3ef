"""Who is a member of the operators' or the lab's chat: Telegram is asked, and its answer holds for a minute.

The answers are in memory only. Those about strangers are kept, too: so a flood of messages makes no flood of requests.
"""

import asyncio

from telegram import ChatMember
from telegram.error import BadRequest
from telegram.ext import ExtBot

REMEMBERED_SECONDS = 60
_PATIENCE_SECONDS = 5  # for one answer; somebody waits
_TRIES = 2

# What Telegram says of people whom the chat has never seen. Other refusals leave open who is a member.
_NOBODY = ("user not found", "member not found", "participant_id_invalid", "user_id_invalid", "invalid user_id")


class Members:
    def __init__(self, bot: ExtBot[int]) -> None:
        self._bot = bot
        self._known: dict[tuple[int, int], tuple[bool, float]] = {}  # chat and user -> the answer, and until when

    async def has(self, chat_id: int, user_id: int) -> bool:
        """Raises TelegramError where Telegram does not say."""
        if chat_id > 0:  # a person's own chat
            return user_id == chat_id
        now = asyncio.get_running_loop().time()
        self._known = {key: (answer, end) for key, (answer, end) in self._known.items() if end > now}
        if (chat_id, user_id) not in self._known:
            self._known[chat_id, user_id] = await self._ask(chat_id, user_id), now + REMEMBERED_SECONDS
        return self._known[chat_id, user_id][0]

    async def _ask(self, chat_id: int, user_id: int) -> bool:
        try:
            member = await self._bot.get_chat_member(
                chat_id, user_id, read_timeout=_PATIENCE_SECONDS, rate_limit_args=_TRIES
            )
        except BadRequest as error:
            if error.message.lower().startswith(_NOBODY):
                return False
            raise
        return member.status not in (ChatMember.LEFT, ChatMember.BANNED) and getattr(member, "is_member", True)
