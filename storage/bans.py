"""Banned people: no jobs, no purchases, no requests to support. What they have a right to stays open."""

import time

from storage.db import Connection, Database
from storage.operator_actions import OperatorAction, note


class Bans:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def has(self, user_id: int) -> bool:
        return await self._db.read(lambda connection: _is_banned(connection, user_id))

    async def add(self, user_id: int, by: OperatorAction | None = None) -> bool:
        """False where they are banned already."""

        def work(connection: Connection) -> bool:
            if _is_banned(connection, user_id):
                return False
            sql = "INSERT INTO bans (user_id, banned_at) VALUES (?, ?)"
            connection.execute(sql, (user_id, int(time.time())))
            note(connection, by)
            return True

        return await self._db.run(work)

    async def remove(self, user_id: int, by: OperatorAction | None = None) -> bool:
        """False where they were not banned."""

        def work(connection: Connection) -> bool:
            banned = _is_banned(connection, user_id)
            connection.execute("DELETE FROM bans WHERE user_id = ?", (user_id,))
            connection.execute("UPDATE forgotten SET banned_at = NULL WHERE mark = mark_of(?)", (user_id,))
            note(connection, by if banned else None)
            return banned

        return await self._db.run(work)


def _is_banned(connection: Connection, user_id: int) -> bool:
    """Also whom we know by a mark alone, since they were forgotten."""
    sql = (
        "SELECT 1 FROM bans WHERE user_id = ? "
        "UNION ALL SELECT 1 FROM forgotten WHERE mark = mark_of(?) AND banned_at IS NOT NULL"
    )
    return bool(connection.execute(sql, (user_id, user_id)).fetchone())
