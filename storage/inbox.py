"""The update inbox: what Telegram gave us and we have not finished, so that a crash loses nothing."""

import time

from storage.db import Database

KEEP_SECONDS = 2 * 24 * 3600  # Telegram redelivers for 24 hours; twice that to tell a repeat from news


class Inbox:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, update_id: int, body: str) -> bool:
        """Keep an update before it counts as received. False when it is known already: then it is not handled again."""
        sql = "INSERT OR IGNORE INTO inbox (update_id, received_at, body) VALUES (?, ?, ?)"
        row = (update_id, int(time.time()), body)
        return bool(await self._db.run(lambda connection: connection.execute(sql, row).rowcount))

    async def done(self, update_id: int) -> None:
        """Blank it: the number stays for two days, the content goes now."""
        sql = "UPDATE inbox SET body = NULL WHERE update_id = ?"
        await self._db.note(lambda connection: connection.execute(sql, (update_id,)))

    async def unfinished(self) -> list[tuple[int, int, str]]:
        """What a crash left: (update_id, attempts after the crash so far, body), oldest first."""
        sql = "SELECT update_id, attempts, body FROM inbox WHERE body IS NOT NULL ORDER BY update_id"
        return await self._db.read(lambda connection: list(connection.execute(sql).fetchall()))

    async def attempt(self, update_id: int, more: int = 1) -> None:
        """An update that a crash left is about to be tried again; -1: its work waits, and nothing of it is tried."""
        sql = "UPDATE inbox SET attempts = attempts + ? WHERE update_id = ?"
        await self._db.note(lambda connection: connection.execute(sql, (more, update_id)))

    async def forget_old(self) -> None:
        sql = "DELETE FROM inbox WHERE body IS NULL AND received_at < ?"
        before = int(time.time()) - KEEP_SECONDS
        await self._db.run(lambda connection: connection.execute(sql, (before,)))
