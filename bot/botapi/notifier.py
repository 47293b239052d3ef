"""What the bot says without being asked: to a person about their order, to operators and lab about what needs them."""

import logging

from telegram import ReplyParameters
from telegram.error import Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.botapi.own_chats import OwnChat, OwnChats
from bot.domain.values import Order
from bot.texts import DEFAULT, price, translator
from storage.messages import Messages

_log = logging.getLogger(__name__)


class Notifier:
    def __init__(self, bot: ExtBot[int], messages: Messages, own_chats: OwnChats) -> None:
        self._bot = bot
        self._messages = messages
        self._own_chats = own_chats

    async def tell(self, user_id: int, language: str, key: str, **values: object) -> bool:
        """A sentence to one person. That it could not be sent stops nothing: what it tells of has happened.

        False where it may be told later: Telegram did not take it.
        """
        if not user_id:
            return True  # they were forgotten
        try:
            # Without a preview: Telegram would fetch the page behind a parcel's link.
            text = translator(language)(key, **values)
            message = await self._bot.send_message(user_id, text, disable_web_page_preview=True)
        except Forbidden:
            return True  # blocked: silence is the answer
        except TelegramError as error:
            _log.warning("a notice (%s) was not sent: %s", key, type(error).__name__)
            return False
        await self._messages.add(user_id, message.message_id)
        return True

    async def about(self, order: Order, key: str, amount: int | None = None, **values: object) -> bool:
        """As `tell`, about an order: its number is in the sentence, and `amount`, or its price."""
        value = price(translator(order.language), order.amount if amount is None else amount, order.currency)
        return await self.tell(order.user_id, order.language, key, order=order.id, price=value, **values)

    async def operators(self, key: str, **values: object) -> bool:
        """A sentence to the operators' chat. False where it may be told later; the log says that there is something."""
        _log.warning("for the operators: %s", key)
        chat = self._own_chats.operators
        return chat.id is None or await self._write(chat, None, key, values)

    async def lab(self, key: str, about: int | None, **values: object) -> bool:
        """A sentence to the lab, as a reply to the message that it is about; whether it is there."""
        return await self._write(self._own_chats.lab, about, key, values)

    async def moved(self, old_id: int, new_id: int) -> None:
        """Follow a group of ours, and say there what the setting should be."""
        if moved := await self._own_chats.follow(old_id, new_id):
            _log.warning("a group has moved, set in .env: %s", ", ".join(chat.setting for chat in moved))
            await self._write(moved[0], None, "group-moved", {"settings": self._own_chats.lines(moved)})

    async def _write(self, chat: OwnChat, about: int | None, key: str, values: dict[str, object]) -> bool:
        if chat.id is None or chat.is_refused:
            return False
        reply = ReplyParameters(about, allow_sending_without_reply=True) if about else None
        try:
            await self._bot.send_message(chat.id, translator(DEFAULT)(key, **values), reply_parameters=reply)
        except TelegramError as error:
            _log.error("a notice (%s) was not sent: %s", key, type(error).__name__)
            return False
        return True
