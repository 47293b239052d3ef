"""Canned answers: what operators write often, by name. `name.de` is for people who read German."""

from storage.db import Database


class SavedReplies:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def names(self) -> list[str]:
        sql = "SELECT name FROM canned ORDER BY name"
        return await self._db.read(lambda connection: [row[0] for row in connection.execute(sql).fetchall()])

    async def find(self, name: str, language: str = "") -> str | None:
        """Its words, in this language where there are some."""
        sql = "SELECT words FROM canned WHERE name IN (?, ?) ORDER BY length(name) DESC LIMIT 1"
        values = (name, f"{name}.{language}")
        row = await self._db.read(lambda connection: connection.execute(sql, values).fetchone())
        return str(row[0]) if row else None

    async def write(self, name: str, words: str) -> None:
        """A new one, or other words for it."""
        sql = "INSERT OR REPLACE INTO canned (name, words) VALUES (?, ?)"
        await self._db.run(lambda connection: connection.execute(sql, (name, words)))

    async def remove(self, name: str) -> bool:
        """False where there is none of that name."""
        sql = "DELETE FROM canned WHERE name = ?"
        return bool(await self._db.run(lambda connection: connection.execute(sql, (name,)).rowcount))
