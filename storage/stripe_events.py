"""Which of Stripe's events our books agree with already."""

import time

from storage.db import Database

KEEP_SECONDS = 30 * 24 * 3600  # Stripe sends one again for three days, and people by hand for thirty


class StripeEvents:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def has(self, event: str) -> bool:
        sql = "SELECT 1 FROM stripe_events WHERE id = ?"
        return await self._db.read(lambda connection: connection.execute(sql, (event,)).fetchone()) is not None

    async def add(self, event: str) -> None:
        sql, row = "INSERT OR IGNORE INTO stripe_events (id, at) VALUES (?, ?)", (event, int(time.time()))
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def forget_old(self) -> None:
        sql, before = "DELETE FROM stripe_events WHERE at < ?", int(time.time()) - KEEP_SECONDS
        await self._db.run(lambda connection: connection.execute(sql, (before,)))
