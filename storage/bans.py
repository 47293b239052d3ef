"""Bans: who gets no work done, sells nothing, and asks nothing any more. What they have a right to stays open."""

import time

from storage.db import Database


class Bans:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def has(self, user_id: int) -> bool:
        sql = "SELECT 1 FROM bans WHERE user_id = ?"
        return bool(await self._db.read(lambda connection: connection.execute(sql, (user_id,)).fetchone()))

    async def add(self, user_id: int) -> bool:
        """False where they are banned already."""
        sql = "INSERT OR IGNORE INTO bans (user_id, banned_at) VALUES (?, ?)"
        row = (user_id, int(time.time()))
        return bool(await self._db.run(lambda connection: connection.execute(sql, row).rowcount))

    async def remove(self, user_id: int) -> bool:
        """False where they were not banned."""
        sql = "DELETE FROM bans WHERE user_id = ?"
        return bool(await self._db.run(lambda connection: connection.execute(sql, (user_id,)).rowcount))
