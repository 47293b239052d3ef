"""Telegram's pace: wait as it says, try again where nothing proves that it arrived, and never hold back an answer.

python-telegram-bot's AIORateLimiter pauses every call while one chat is in flood control, answers to payments and taps
included. Here a wait is the matter of one chat; answers that expire within seconds go straight through.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter, TimedOut
from telegram.ext import BaseRateLimiter

from bot.botapi.transport import PAYMENT_ANSWERS

_log = logging.getLogger(__name__)

_AT_ONCE = {"answerCallbackQuery", "getUpdates", "sendChatAction"}
_LONGEST_WAIT = 60  # seconds; beyond it the person hears that it failed, and a result does not sit in memory
_TRIES = 4
_SECONDS_FOR_AN_ANSWER, _LAST_TRY_SECONDS = 9, 1  # Telegram waits ten; the last try begins while there is time for it
_MOST_SECONDS_A_TRY = 3
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 1.0  # between tries at such an answer
_OVERALL_PER_SECOND = 30
_MESSAGES = ("send", "edit", "copy", "forward")  # what Telegram counts


class Pace(BaseRateLimiter[int]):
    """At most 30 messages a second begin; a 429 pauses its own chat; what was lost is tried again, at least once."""

    def __init__(self, moved: Callable[[int, int], Awaitable[None]] | None = None) -> None:
        """`moved` hears of the old and the new id of a group that an answer says has moved."""
        self._moved = moved
        self._resume_at: dict[object, float] = {}  # chat, or method without one -> loop time
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
        if endpoint in PAYMENT_ANSWERS:
            return await _insist(callback, args, kwargs)
        try:
            return await self._try(callback, args, kwargs, endpoint, data, rate_limit_args or _TRIES)
        except ChatMigrated as error:
            if self._moved:
                await self._moved(data["chat_id"], error.new_chat_id)
            if not _is_the_same_there(data):
                raise
            data["chat_id"] = error.new_chat_id
            return await self._try(callback, args, kwargs, endpoint, data, rate_limit_args or _TRIES)

    async def _try(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        tries: int,
    ) -> Any:
        chat = data.get("chat_id", endpoint)
        for attempt in range(1, tries + 1):
            await self._wait(chat, endpoint)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                if self._pause(chat, error) > _LONGEST_WAIT or attempt == tries:
                    raise
            except BadRequest:  # a NetworkError by birth
                raise
            except NetworkError as error:
                if attempt == tries:
                    raise
                _log.info("%s failed (%s), trying again", endpoint, type(error).__name__)
                await asyncio.sleep(0.5 * 2**attempt)
        raise AssertionError("unreachable")

    async def _wait(self, chat: object, endpoint: str) -> None:
        now = asyncio.get_running_loop().time()
        resume = self._resume_at.get(chat, 0.0)
        start = max(now, resume)
        if endpoint.startswith(_MESSAGES):
            start = max(start, self._next_start)
            self._next_start = max(self._next_start, now) + 1 / _OVERALL_PER_SECOND
        if resume > now:  # those who waited go on one a second, not all at once into the next 429
            self._resume_at[chat] = start + 1
        if start > now:
            await asyncio.sleep(start - now)

    def _pause(self, chat: object, error: RetryAfter) -> float:
        """The seconds that Telegram asks for."""
        now, seconds = asyncio.get_running_loop().time(), _seconds(error)
        self._resume_at = {key: at for key, at in self._resume_at.items() if at > now}
        self._resume_at[chat] = now + seconds + 0.1
        return seconds


def _is_the_same_there(data: dict[str, Any]) -> bool:
    """True if a call means the same in the supergroup that a group has become: messages have other numbers there."""
    data.pop("reply_parameters", None)
    return "message_id" not in data


async def _insist(callback: Callable[..., Coroutine[Any, Any, Any]], args: Any, kwargs: dict[str, Any]) -> Any:
    """As long as Telegram waits for the answer: a payment hangs on it. Each try is cut short."""
    clock = asyncio.get_running_loop().time
    deadline, pause = clock() + _SECONDS_FOR_AN_ANSWER, _FIRST_PAUSE
    while True:
        try:
            async with asyncio.timeout(min(_MOST_SECONDS_A_TRY, deadline - clock())):
                return await callback(*args, **kwargs)
        except BadRequest:
            raise
        except (RetryAfter, NetworkError, TimeoutError) as error:
            left = deadline - _LAST_TRY_SECONDS - clock()
            if left <= 0:
                raise TimedOut if isinstance(error, TimeoutError) else error from None
            await asyncio.sleep(min(_seconds(error) if isinstance(error, RetryAfter) else pause, left))
            pause = min(2 * pause, _LONGEST_PAUSE)


def _seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else after
