"""People: what they agreed to, and the language they chose."""

import time
from dataclasses import dataclass

from storage.db import Connection, Database


@dataclass(frozen=True)
class Person:
    user_id: int
    language: str | None = None
    policy_version: int | None = None
    hinted: bool = False


class People:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(self, user_id: int) -> Person:
        """Who they are to us; somebody unknown has agreed to nothing."""
        sql = "SELECT user_id, language, policy_version, hinted FROM people WHERE user_id = ?"
        row = await self._db.read(lambda connection: connection.execute(sql, (user_id,)).fetchone())
        return Person(row[0], row[1], row[2], bool(row[3])) if row else Person(user_id)

    async def agree(self, user_id: int, policy_version: int) -> None:
        await self._set(user_id, policy_version=policy_version, agreed_at=int(time.time()))

    async def choose_language(self, user_id: int, language: str) -> None:
        await self._set(user_id, language=language)

    async def hint(self, user_id: int) -> None:
        """We told them once how to send a photo as a file."""
        await self._set(user_id, hinted=1)

    async def withdraw_consent(self, user_id: int) -> None:
        """As if they had not agreed yet."""
        sql = "UPDATE people SET policy_version = NULL, agreed_at = NULL WHERE user_id = ?"
        await self._db.run(lambda connection: connection.execute(sql, (user_id,)))

    async def forget(self, user_id: int) -> None:
        """They left."""
        await self._db.run(lambda connection: connection.execute("DELETE FROM people WHERE user_id = ?", (user_id,)))

    async def _set(self, user_id: int, **values: int | str) -> None:
        names = ", ".join(values)  # our own keywords, never a person's words
        marks = ", ".join("?" * len(values))
        updates = ", ".join(f"{name} = excluded.{name}" for name in values)
        sql = f"INSERT INTO people (user_id, {names}) VALUES (?, {marks}) ON CONFLICT DO UPDATE SET {updates}"  # noqa: S608

        def work(connection: Connection) -> None:
            connection.execute(sql, (user_id, *values.values()))

        await self._db.run(work)
