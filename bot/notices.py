"""What the bot says without being asked: to a person about their order, to the operators about what needs them."""

import logging

from telegram.error import Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.texts import DEFAULT, words
from storage.messages import Messages

_log = logging.getLogger(__name__)


class Notices:
    def __init__(self, bot: ExtBot[int], messages: Messages, operators_chat: int | None) -> None:
        self._bot = bot
        self._messages = messages
        self._operators_chat = operators_chat

    async def tell(self, user_id: int, language: str, key: str, **values: object) -> bool:
        """A sentence to one person. That it could not be sent stops nothing: what it tells of has happened.

        False where it may be told later: Telegram did not take it.
        """
        if not user_id:
            return True  # they were forgotten
        try:
            message = await self._bot.send_message(user_id, words(language)(key, **values))
        except Forbidden:
            return True  # blocked: silence is the answer
        except TelegramError as error:
            _log.warning("a notice (%s) was not sent: %s", key, type(error).__name__)
            return False
        await self._messages.add(user_id, message.message_id)
        return True

    async def operators(self, key: str, **values: object) -> bool:
        """A sentence to the operators' chat; whether it is there. The log says at least that there is something."""
        _log.warning("for the operators: %s", key)
        if self._operators_chat is None:
            return False
        try:
            await self._bot.send_message(self._operators_chat, words(DEFAULT)(key, **values))
        except TelegramError as error:
            _log.error("the operators were not told: %s", type(error).__name__)
            return False
        return True
