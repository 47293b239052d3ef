"""Updates are stored before Telegram hears that they came, and handled in order per person; a crash replays them."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from telegram import Bot, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import BaseUpdateProcessor

from bot.botapi.client import read_update, seal_addresses
from storage.db import reason_of
from storage.inbox import Inbox

_log = logging.getLogger(__name__)

# Crashes while the same update was under way, after which it is given up. High: a machine that kills the bot again and
# again hits innocent updates, while one that really ends the process is hardly thinkable, with all pixels in the jail.
_MOST_ATTEMPTS = 30
_AT_ONCE = 10_000

Shed = Callable[[Update], Awaitable[None]]
Failed = Callable[[object, Exception], Awaitable[object]]

_attempt: ContextVar[Callable[[int], Awaitable[None]] | None] = ContextVar("attempt", default=None)
_after_turn: ContextVar[list[Awaitable[None]]] = ContextVar("afterwards")


class UpdateQueue(asyncio.Queue[object]):
    """python-telegram-bot awaits `put` before it confirms an update to Telegram; so `put` writes it down first."""

    def __init__(self, inbox: Inbox, lab_key: str | None = None) -> None:
        super().__init__()
        self._inbox = inbox
        self._lab_key = lab_key
        self.replayed: set[int] = set()  # what this start found unfinished and has not begun yet

    async def put(self, item: object) -> None:
        if isinstance(item, Update) and not is_question(item):
            raw = item.to_dict()
            if seal_addresses(raw, self._lab_key):
                item = read_update(raw, item.get_bot())
            try:
                fresh = await self._inbox.add(item.update_id, json.dumps(raw))
            except Exception as error:
                _log.error("the inbox did not take an update: %s", reason_of(error))
                # The one kind of error after which the updater asks Telegram for the same updates again.
                raise TelegramError("the inbox is not available") from None
            if not fresh:
                return
        await super().put(item)

    async def push_out(self) -> None:
        """python-telegram-bot keeps a reference to the last update; an empty one replaces it."""
        await super().put(None)

    async def replay(self, bot: Bot) -> list[Update]:
        """Queue what a crash left unfinished. Returns what is given up, for it crashed us again and again."""
        given_up = []
        for update_id, attempts, body in await self._inbox.unfinished():
            update = read_update(json.loads(body), bot)
            if attempts >= _MOST_ATTEMPTS:
                _log.error("an update was given up after %d attempts", attempts)
                await self._inbox.done(update_id)
                given_up.append(update)
            else:
                self.replayed.add(update_id)
                await super().put(update)
        return given_up


def is_question(update: Update) -> bool:
    """Telegram asks and waits ten seconds: such an update waits for no turn, and nothing of it is worth keeping."""
    return bool(update.pre_checkout_query or update.shipping_query)


def tells_of_money(update: Update) -> bool:
    """That some has moved: whatever else goes wrong, this is counted."""
    message = update.message
    return bool(message and (message.successful_payment or message.refunded_payment))


class PerUserProcessor(BaseUpdateProcessor):
    """One update at a time a person, any number of people at once; long work follows the turn, see `after_turn`."""

    def __init__(self, inbox: Inbox, queue: UpdateQueue, most_waiting: int, shed: Shed, failed: Failed) -> None:
        """Of one person so many may wait at most; what comes on top is left out, and `shed` says so, once a flood.

        `failed` hears of errors in work after a turn; those in the turn itself are the application's.
        """
        super().__init__(_AT_ONCE)
        self._inbox = inbox
        self._queue = queue
        self._most_waiting = most_waiting
        self._shed = shed
        self._failed = failed
        self._locks: dict[int, tuple[asyncio.Lock, list[None]]] = {}
        self._flooding: set[int] = set()  # people who were told

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        if isinstance(update, Update) and is_question(update):
            await coroutine
            return
        if isinstance(update, Update) and self._is_too_much(update):
            await self._leave_out(update, coroutine)
            return
        later: list[Awaitable[None]] = []
        _after_turn.set(later)
        try:
            async with self._turn(update):
                await self._count_attempt(update)
                await coroutine
            for work in later:
                await work
        except asyncio.CancelledError:
            raise  # the bot ends: the update stays for the next start
        except Exception as error:
            await self._failed(update, error)
        await self._done(update)

    def _is_too_much(self, update: Update) -> bool:
        """Never what tells of money, nor what operators write in their group."""
        chat = update.effective_chat
        if chat is None or chat.type != ChatType.PRIVATE or update.my_chat_member or tells_of_money(update):
            return False
        _, waiting = self._locks.get(chat.id, (None, ()))
        return len(waiting) >= self._most_waiting

    async def _leave_out(self, update: Update, coroutine: Awaitable[Any]) -> None:
        if isinstance(coroutine, Coroutine):
            coroutine.close()
        person = update.effective_chat.id if update.effective_chat else 0
        await self._done(update)
        if person not in self._flooding:
            self._flooding.add(person)
            await self._shed(update)

    async def _count_attempt(self, update: object) -> None:
        if isinstance(update, Update) and update.update_id in self._queue.replayed:
            self._queue.replayed.discard(update.update_id)
            count = partial(self._inbox.attempt, update.update_id)
            _attempt.set(count)
            await count(1)

    async def _done(self, update: object) -> None:
        if isinstance(update, Update):
            await self._inbox.done(update.update_id)

    @asynccontextmanager
    async def _turn(self, update: object) -> AsyncIterator[None]:
        user = update.effective_user if isinstance(update, Update) else None
        person = user.id if user else 0
        lock, waiting = self._locks.setdefault(person, (asyncio.Lock(), []))
        waiting.append(None)
        try:
            async with lock:
                yield
        finally:
            waiting.pop()
            if not waiting:
                del self._locks[person]
                self._flooding.discard(person)


@asynccontextmanager
async def not_begun() -> AsyncIterator[None]:
    """Inside, an update's work waits for its slot: a bot that ends meanwhile has not tried it."""
    count = _attempt.get()
    if count:
        await count(-1)
    yield
    if count:
        await count(1)


def after_turn(work: Awaitable[None]) -> None:
    """Do this when the person's turn is over, as part of the same update: it counts as handled only after it."""
    _after_turn.get().append(work)
