"""Telegram's pace: wait as it says, try again where nothing proves that it arrived, and never hold back an answer.

python-telegram-bot's AIORateLimiter pauses every call while one chat is in flood control, answers to payments and taps
included. Here a wait is the matter of one chat; answers that expire within seconds go straight through.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

_log = logging.getLogger(__name__)

_AT_ONCE = {"answerPreCheckoutQuery", "answerShippingQuery", "answerCallbackQuery", "getUpdates", "sendChatAction"}
os.environ.setdefault("PTB_TIMEDELTA", "1")  # waits as timedelta, as the library's next version gives them
_TRIES = 4
_OVERALL_PER_SECOND = 30


class Pacing(BaseRateLimiter[int]):
    """At most 30 calls a second begin; a 429 pauses its own chat; lost connections are tried again, at least once."""

    def __init__(self) -> None:
        self._resume_at: dict[object, float] = {}  # chat -> loop time
        self._next_start = 0.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """`rate_limit_args`: how often to try, if not the usual number. A last failure is raised as it is."""
        if endpoint in _AT_ONCE:
            return await callback(*args, **kwargs)
        chat, tries = data.get("chat_id"), rate_limit_args or _TRIES
        for attempt in range(1, tries + 1):
            await self._wait(chat)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                self._pause(chat, error)
                if attempt == tries:
                    raise
            except NetworkError as error:
                if attempt == tries or type(error).__name__ == "BadRequest":  # BadRequest is a NetworkError by birth
                    raise
                _log.info("%s failed (%s), trying again", endpoint, type(error).__name__)
                await asyncio.sleep(0.5 * 2**attempt)
        raise AssertionError("unreachable")

    async def _wait(self, chat: object) -> None:
        now = asyncio.get_running_loop().time()
        start = max(now, self._next_start, self._resume_at.get(chat, 0.0))
        self._next_start = max(self._next_start, now) + 1 / _OVERALL_PER_SECOND
        if start > now:
            await asyncio.sleep(start - now)

    def _pause(self, chat: object, error: RetryAfter) -> None:
        now = asyncio.get_running_loop().time()
        assert isinstance(error.retry_after, timedelta)
        self._resume_at = {key: at for key, at in self._resume_at.items() if at > now}
        self._resume_at[chat] = now + error.retry_after.total_seconds() + 0.1
