"""Whether Telegram gives the bot its updates: since when it does not, and why."""

import time

from telegram import Bot, WebhookInfo
from telegram.error import Conflict, InvalidToken, TelegramError

REASONS = SILENT, TOKEN, CONFLICT, UNREACHED = "silent", "token", "conflict", "unreached"

_PATIENCE_SECONDS = 90  # a poll without news takes 30; one lost answer, or one 409 at a restart, is no trouble yet
_LATELY_SECONDS = 120


class Contact:
    def __init__(self) -> None:
        self._heard_at = time.monotonic()
        self._why = SILENT

    def heard(self) -> None:
        """Telegram gave what it was asked for."""
        self._heard_at = time.monotonic()
        self._why = SILENT

    def failed(self, error: TelegramError) -> None:
        """It did not."""
        self._why = TOKEN if isinstance(error, InvalidToken) else CONFLICT if isinstance(error, Conflict) else SILENT

    async def ask(self, bot: Bot, url: str) -> None:
        """Where Telegram calls a webhook, nobody polls: ask whether it still calls ours, and gets through."""
        try:
            info = await bot.get_webhook_info()
        except TelegramError as error:
            self.failed(error)
            return
        if info.url != url:  # another program polls with this token, or has a webhook of its own
            self._why = CONFLICT
        elif _waits(info):
            self._why = UNREACHED
        else:
            self.heard()

    @property
    def trouble(self) -> str:
        """Why there has been nothing for a while; empty where all is well."""
        return self._why if time.monotonic() - self._heard_at > _PATIENCE_SECONDS else ""


def _waits(info: WebhookInfo) -> bool:
    """True if updates wait since our webhook did not answer Telegram's latest call."""
    failed_at = info.last_error_date.timestamp() if info.last_error_date else 0
    return info.pending_update_count > 0 and time.time() - failed_at < _LATELY_SECONDS
