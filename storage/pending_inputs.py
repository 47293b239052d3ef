"""Pending inputs: the colour or photo that a person was asked for. At most one each, for 15 minutes."""

import time
from dataclasses import dataclass

from bot.domain.values import Photo
from storage.db import Connection, Database

KEEP_SECONDS = 15 * 60

_COLUMNS = "user_id, kind, tool, file_id, size, name, compressed, message_id, prompt_id"


@dataclass(frozen=True)
class PendingInput:
    """`message_id` is the photo's own message, `prompt_id` the one that asks."""

    user_id: int
    kind: str
    tool: str
    photo: Photo
    message_id: int
    prompt_id: int


class PendingInputs:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def make(self, pending: PendingInput) -> None:
        """In place of an older one."""
        photo = pending.photo
        about = (photo.file_id, photo.size, photo.name, photo.compressed)
        row = (
            pending.user_id,
            pending.kind,
            pending.tool,
            *about,
            pending.message_id,
            pending.prompt_id,
            int(time.time()),
        )
        sql = f"INSERT OR REPLACE INTO wishes ({_COLUMNS}, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def waits(self, user_id: int, kind: str) -> bool:
        """Whether such a message is waited for: its time is not over, and nothing came yet."""
        sql = "SELECT 1 FROM wishes WHERE user_id = ? AND kind = ? AND asked_at > ? AND update_id IS NULL"
        values = (user_id, kind, int(time.time()) - KEEP_SECONDS)
        return bool(await self._db.read(lambda connection: connection.execute(sql, values).fetchone()))

    async def take(self, user_id: int, kind: str, update_id: int) -> PendingInput | None:
        """The wish that this update fulfils; for the same update again, until it is dropped: a crash comes back."""

        def work(connection: Connection) -> PendingInput | None:
            sql = (
                "UPDATE wishes SET update_id = ? WHERE user_id = ? AND kind = ? "  # noqa: S608
                f"AND (update_id = ? OR (update_id IS NULL AND asked_at > ?)) RETURNING {_COLUMNS}"
            )
            values = (update_id, user_id, kind, update_id, int(time.time()) - KEEP_SECONDS)
            rows = connection.execute(sql, values).fetchall()
            return _pending(rows[0] if rows else None)

        return await self._db.run(work)

    async def replace(self, user_id: int, message_id: int, photo: Photo) -> None:
        """An edit put another photo into this message: if it is the one that waits, the new one does."""
        sql = (
            "UPDATE wishes SET file_id = ?, size = ?, name = ?, compressed = ? "
            "WHERE user_id = ? AND message_id = ? AND update_id IS NULL"
        )
        values = (photo.file_id, photo.size, photo.name, photo.compressed, user_id, message_id)
        await self._db.run(lambda connection: connection.execute(sql, values))

    async def drop_photo(self, user_id: int, message_id: int) -> int | None:
        """There is no photo in this message any more: the message that asks for more, if that was for this one."""
        sql = "DELETE FROM wishes WHERE user_id = ? AND message_id = ? AND update_id IS NULL RETURNING prompt_id"
        values = (user_id, message_id)
        rows = await self._db.run(lambda connection: connection.execute(sql, values).fetchall())
        return int(rows[0][0]) if rows else None

    async def drop(self, user_id: int) -> None:
        await self._db.run(lambda connection: connection.execute("DELETE FROM wishes WHERE user_id = ?", (user_id,)))

    async def forget_old(self) -> None:
        """A job under way ends within the hour."""
        sql = "DELETE FROM wishes WHERE asked_at < ? AND (update_id IS NULL OR asked_at < ?)"
        now = int(time.time())
        values = (now - KEEP_SECONDS, now - 3600)
        await self._db.run(lambda connection: connection.execute(sql, values))


def _pending(row: tuple[object, ...] | None) -> PendingInput | None:
    if row is None:
        return None
    user_id, kind, tool, file_id, size, name, compressed, message_id, prompt_id = row
    return PendingInput(user_id, kind, tool, Photo(file_id, size, name, bool(compressed)), message_id, prompt_id)  # type: ignore[arg-type]
