"""The operators' pause: that there is one survives a restart."""

import time

from storage.db import Connection, Database


class Pause:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(self) -> str | None:
        """What operators say about the pause, which may be nothing; None where there is none."""
        sql = "SELECT words FROM pause"
        row = await self._db.read(lambda connection: connection.execute(sql).fetchone())
        return str(row[0]) if row else None

    async def begin(self, words: str) -> None:
        """Or go on with it, with other words."""
        sql = "INSERT INTO pause (only, words, since) VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET words = excluded.words"
        row = (words, int(time.time()))
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def end(self) -> bool:
        """False where there was none."""

        def work(connection: Connection) -> bool:
            return bool(connection.execute("DELETE FROM pause").rowcount)

        return await self._db.run(work)
