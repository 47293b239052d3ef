"""Usage in aggregate: how often, per day, tool, outcome and language. No ids, nobody is profiled."""

from datetime import UTC, datetime

from storage.db import Database


class Counters:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def count(self, name: str, tool: str = "", outcome: str = "", language: str = "") -> None:
        sql = (
            "INSERT INTO counters (day, name, tool, outcome, language, count) VALUES (?, ?, ?, ?, ?, 1) "
            "ON CONFLICT DO UPDATE SET count = count + 1"
        )
        row = (datetime.now(UTC).date().isoformat(), name, tool, outcome, language)
        await self._db.run(lambda connection: connection.execute(sql, row))
