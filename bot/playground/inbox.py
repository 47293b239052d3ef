"""Delivers updates to the bot by getUpdates or webhook, and keeps each until its offset is confirmed."""

import asyncio
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import aiohttp

NOT_BY_DEFAULT = {
    "chat_member",
    "message_reaction",
    "message_reaction_count",
}  # https://core.telegram.org/bots/api#getupdates
RETRY_SECONDS = (0.2, 0.5, 1, 2, 5)  # Telegram's own pauses are longer; tests need short ones
KEPT_SECONDS = 24 * 3600

Update = dict[str, Any]


class Inbox:
    def __init__(self) -> None:
        self.allowed: set[str] = set()  # empty: all but NOT_BY_DEFAULT
        self._ids = count(100001)
        self._updates: list[tuple[float, Update]] = []
        self._arrived = asyncio.Event()
        self._evict: asyncio.Event | None = None

    def push(self, kind: str, payload: Any) -> None:
        if kind in self.allowed or (not self.allowed and kind not in NOT_BY_DEFAULT):
            self._updates.append((time.time(), {"update_id": next(self._ids), kind: payload}))
            self._arrived.set()

    @property
    def pending(self) -> list[Update]:
        limit = time.time() - KEPT_SECONDS
        self._updates = [(when, update) for when, update in self._updates if when > limit]
        return [update for _, update in self._updates]

    def confirm(self, offset: int) -> None:
        """Forget updates before `offset`. A negative offset counts from the end, as in getUpdates."""
        if offset < 0:
            self._updates = self._updates[offset:]
        elif offset > 0:
            self._updates = [(when, update) for when, update in self._updates if update["update_id"] >= offset]

    def drop(self) -> None:
        self._updates.clear()

    def evict(self) -> None:
        """End the poll that is waiting, if any."""
        if self._evict:
            self._evict.set()

    async def wait(self, seconds: float) -> None:
        if not self.pending:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), seconds)
            except TimeoutError:
                return

    async def poll(self, limit: int, seconds: float) -> list[Update] | None:
        """The result of getUpdates, or None if another poll replaced this one."""
        self.evict()
        evicted = self._evict = asyncio.Event()
        waits = [asyncio.create_task(self.wait(seconds)), asyncio.create_task(evicted.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            if self._evict is evicted:
                self._evict = None
        return None if evicted.is_set() else self.pending[:limit]


class Webhook:
    """Posts the updates of the inbox, one after the other, to the URL of setWebhook."""

    def __init__(self, inbox: Inbox) -> None:
        self.url = ""
        self.secret = ""
        self.info: dict[str, Any] = {}
        self.check: Callable[[Update], None] = lambda update: None
        self._inbox = inbox
        self._task: asyncio.Task[None] | None = None

    async def start(self, url: str, secret: str) -> None:
        await self.stop()
        self.url, self.secret, self.info = url, secret, {}
        self._task = asyncio.create_task(self._deliver())

    async def stop(self) -> None:
        self.url = ""
        task, self._task = self._task, None
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _deliver(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            failures = 0
            while True:
                await self._inbox.wait(3600)
                for update in self._inbox.pending[:1]:
                    problem = await self._post(session, update)
                    if not problem:
                        failures = 0
                        self._inbox.confirm(update["update_id"] + 1)
                        continue
                    self.info = {"last_error_date": int(time.time()), "last_error_message": problem}
                    await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                    failures += 1

    async def _post(self, session: aiohttp.ClientSession, update: Update) -> str:
        """Post one update. Returns an empty string if the bot accepted it, else the problem in Telegram's wording."""
        self.check(update)
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        try:
            how: Any = {"headers": headers, "ssl": False, "allow_redirects": False}
            async with session.post(self.url, json=update, **how) as answer:
                return (
                    "" if answer.status < 300 else f"Wrong response from the webhook: {answer.status} {answer.reason}"
                )
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except (aiohttp.ClientError, TimeoutError):
            return "Connection closed"
