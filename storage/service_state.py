"""Numbers about the service itself, by name: when it first started, how far a list was read. None is about people."""

from storage.db import Database


class ServiceState:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, name: str, default: int = 0) -> int:
        sql = "SELECT value FROM facts WHERE name = ?"
        row = await self._db.read(lambda connection: connection.execute(sql, (name,)).fetchone())
        return int(row[0]) if row else default

    async def set(self, name: str, value: int) -> None:
        sql = "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        await self._db.run(lambda connection: connection.execute(sql, (name, value)))
