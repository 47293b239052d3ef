"""What went wrong, by kind and place: how often, first and last time. Nothing of whom it happened to, or with what."""

import time
from dataclasses import dataclass

from storage.db import Connection, Database

KEEP_SECONDS = 90 * 24 * 3600  # after the last time

_KIND = "code, kind, place, tool, version"
_SEEN = f"{_KIND}, count, first_at, last_at"


@dataclass(frozen=True)
class Kind:
    """Fields in the order of `_KIND`."""

    code: str  # eight letters
    kind: str
    place: str  # module:function:line
    tool: str = ""
    version: int = 0  # of the tool


@dataclass(frozen=True)
class Seen(Kind):
    """Fields in the order of `_SEEN`; times are Unix times, UTC."""

    count: int = 0
    first_at: int = 0
    last_at: int = 0


class Errors:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, kind: Kind, times: int = 1) -> None:
        """It happened so many times more."""
        sql = (
            f"INSERT INTO errors ({_SEEN}) VALUES (:code, :kind, :place, :tool, :version, :times, :now, :now) "  # noqa: S608
            "ON CONFLICT DO UPDATE SET count = count + :times, last_at = :now"
        )
        row = {**vars(kind), "times": times, "now": int(time.time())}
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def find(self, code: str) -> Seen | None:
        found = await self._all("code = ?", code)
        return found[0] if found else None

    async def since(self, at: int) -> list[Seen]:
        """What happened after that time, the latest first."""
        return await self._all("last_at >= ? ORDER BY last_at DESC", at)

    async def untold(self) -> list[Seen]:
        return await self._all("NOT told ORDER BY first_at")

    async def told(self, code: str) -> None:
        """The operators have heard of this kind."""
        sql = "UPDATE errors SET told = 1 WHERE code = ?"
        await self._db.run(lambda connection: connection.execute(sql, (code,)))

    async def forget_old(self) -> None:
        before = int(time.time()) - KEEP_SECONDS
        await self._db.run(lambda connection: connection.execute("DELETE FROM errors WHERE last_at < ?", (before,)))

    async def _all(self, where: str, *values: str | int) -> list[Seen]:
        sql = f"SELECT {_SEEN} FROM errors WHERE {where}"  # noqa: S608  (our own words)

        def work(connection: Connection) -> list[Seen]:
            return [Seen(*row) for row in connection.execute(sql, values).fetchall()]

        return await self._db.read(work)
