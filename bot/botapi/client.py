"""The Bot API client: python-telegram-bot's, forgiving where a single bad answer would stop it for good."""

import datetime as dtm
import logging
from typing import Any

from telegram import Bot, Update
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import ExtBot

from bot.botapi.contact import Contact
from bot.botapi.transport import READ_SECONDS
from bot.sealing import seal

_log = logging.getLogger(__name__)


class Client(ExtBot[int]):
    """A method that the server lacks, or one answer 401 in passing, must end neither the start nor the polling."""

    def __init__(self, *args: Any, contact: Contact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._contact = contact or Contact()

    async def delete_webhook(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return await super().delete_webhook(*args, **kwargs)
        except InvalidToken:  # how the library reads any 404
            return False

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:
        """As the library's, but it parses update by update, and a refused token is a network error: try again later."""
        wait = kwargs.get("timeout") or 0
        seconds = wait.total_seconds() if isinstance(wait, dtm.timedelta) else wait
        names = ("offset", "limit", "timeout", "allowed_updates")
        wanted = {name: kwargs[name] for name in names if kwargs.get(name) is not None}
        try:
            found: Any = await self._post("getUpdates", wanted, read_timeout=READ_SECONDS + seconds)
        except InvalidToken as error:
            self._contact.failed(error)
            raise NetworkError("Telegram refused the token") from None
        except TelegramError as error:
            self._contact.failed(error)
            raise
        self._contact.heard()
        return tuple(read_update(raw, self) for raw in found)


def read_update(raw: dict[str, Any], bot: Bot) -> Update:
    """Never raises: an update that the library cannot read is empty, so that it is confirmed and the next ones come."""
    try:
        return Update.de_json(raw, bot)
    except Exception as error:
        _log.error("an update could not be read: %s", type(error).__name__)
        return Update(int(raw.get("update_id", 0)))


def seal_addresses(part: object, lab_key: str | None) -> bool:
    """Whether there was an OrderInfo in this part of an update: it is sealed for the lab, in place.

    Wherever it is: the message that a reply answers comes along. So no plain address is ever written down. The e-mail
    address stays, for mails about the order; without a key nothing else does.
    """
    if isinstance(part, list):
        return sum(seal_addresses(each, lab_key) for each in part) > 0  # all of them, not the first alone
    if not isinstance(part, dict):
        return False
    info = part.get("order_info")
    if not isinstance(info, dict) or "sealed" in info:
        return seal_addresses(list(part.values()), lab_key)
    part["order_info"] = {"email": info["email"]} if "email" in info else {}
    if lab_key:
        part["order_info"]["sealed"] = seal(info, lab_key)
    return True
