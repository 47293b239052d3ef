"""The operators' and the lab's group, looked at from time to time: one that strangers can enter is not used."""

import asyncio
import logging
import time

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.botapi.group_check import Trouble, look
from bot.botapi.notifier import Notifier
from bot.botapi.own_chats import OwnChat, OwnChats
from bot.texts import DEFAULT, translator
from storage.service_state import ServiceState
from storage.tickets import Tickets

_log = logging.getLogger(__name__)

_TOLD_AGAIN_SECONDS = 24 * 3600


class GroupWatch:
    def __init__(
        self, bot: ExtBot[int], own_chats: OwnChats, tickets: Tickets, state: ServiceState, notifier: Notifier
    ) -> None:
        self._bot = bot
        self._own_chats = own_chats
        self._tickets = tickets
        self._state = state
        self._notifier = notifier
        self._lock = asyncio.Lock()  # of two looks at once each would say what it found

    async def run(self, _: object) -> None:
        """For the scheduler."""
        await self.look()

    async def look(self) -> None:
        """Note what is wrong with them, and say so there once a day. What Telegram does not tell stays as it was."""
        operators, lab = self._own_chats.operators, self._own_chats.lab
        async with self._lock:
            await self._look_at(operators)
            if lab.id == operators.id:
                lab.trouble = operators.trouble
            else:
                await self._look_at(lab)

    async def _look_at(self, chat: OwnChat) -> None:
        if chat.id is None:
            return
        try:
            found = await look(self._bot, chat.id, needs_topics=chat is self._own_chats.operators)
        except TelegramError as error:
            _log.warning("Telegram tells nothing about the chat at %s: %s", chat.setting, type(error).__name__)
            return
        before, chat.trouble = chat.trouble, found
        if found:
            _log.error("the chat at %s: %s; `python -m bot check` says more", chat.setting, found)
            await self._tell_daily(chat, found)
        elif before:
            await self._write(chat, "group-well")

    async def _tell_daily(self, chat: OwnChat, trouble: Trouble) -> None:
        name, now = f"told of {trouble} at {chat.id}", int(time.time())
        if now - await self._state.get(name) < _TOLD_AGAIN_SECONDS:
            return
        waiting = len(await self._tickets.waiting()) if chat is self._own_chats.operators else 0
        if trouble is not Trouble.AWAY:
            is_told = await self._write(chat, f"group-{trouble}", tickets=waiting)
        else:  # there is nobody to tell but the others
            is_told = chat is self._own_chats.lab and await self._notifier.operators("group-away", setting=chat.setting)
        if is_told:
            await self._state.set(name, now)

    async def _write(self, chat: OwnChat, key: str, **values: object) -> bool:
        assert chat.id
        try:
            await self._bot.send_message(chat.id, translator(DEFAULT)(key, **values))
        except TelegramError as error:
            _log.error("a notice (%s) was not sent: %s", key, type(error).__name__)
            return False
        return True
