"""Pending inputs: the setting, colour or photo that a menu asks a person for. At most one each, for 15 minutes."""

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
        sql = f"INSERT INTO wishes ({_COLUMNS}, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608

        def work(connection: Connection) -> None:
            _withdraw(connection, pending.user_id)
            connection.execute(sql, row)

        await self._db.run(work)

    async def find(self, user_id: int, update_id: int) -> PendingInput | None:
        """What this update may answer: an open question, or the one that this same update answered before a crash."""
        sql = (
            f"SELECT {_COLUMNS} FROM wishes WHERE user_id = ? "  # noqa: S608
            "AND (update_id = ? OR (update_id IS NULL AND asked_at > ?)) ORDER BY update_id IS NULL"
        )
        values = (user_id, update_id, int(time.time()) - KEEP_SECONDS)
        return await self._db.read(lambda connection: _pending(connection.execute(sql, values).fetchone()))

    async def answer(self, user_id: int, update_id: int) -> None:
        """This update answers it. It is kept until the job has ended: a crash comes back to it."""
        sql = "UPDATE OR IGNORE wishes SET update_id = ? WHERE user_id = ? AND update_id IS NULL"
        await self._db.run(lambda connection: connection.execute(sql, (update_id, user_id)))

    async def withdraw(self, user_id: int) -> None:
        """Nobody waits for it any more. What is answered stays until its job has ended."""
        await self._db.run(lambda connection: _withdraw(connection, user_id))

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

    async def done(self, update_id: int) -> None:
        """The job of what this update answered has ended."""
        sql = "DELETE FROM wishes WHERE update_id = ?"
        await self._db.run(lambda connection: connection.execute(sql, (update_id,)))

    async def drop(self, user_id: int) -> None:
        await self._db.run(lambda connection: drop(connection, user_id))

    async def forget_old(self) -> None:
        """A job under way ends within the hour."""
        sql = "DELETE FROM wishes WHERE asked_at < ? AND (update_id IS NULL OR asked_at < ?)"
        now = int(time.time())
        values = (now - KEEP_SECONDS, now - 3600)
        await self._db.run(lambda connection: connection.execute(sql, values))


def _withdraw(connection: Connection, user_id: int) -> None:
    connection.execute("DELETE FROM wishes WHERE user_id = ? AND update_id IS NULL", (user_id,))


def drop(connection: Connection, user_id: int) -> None:
    connection.execute("DELETE FROM wishes WHERE user_id = ?", (user_id,))


def _pending(row: tuple[object, ...] | None) -> PendingInput | None:
    if row is None:
        return None
    user_id, kind, tool, file_id, size, name, compressed, message_id, prompt_id = row
    return PendingInput(user_id, kind, tool, Photo(file_id, size, name, bool(compressed)), message_id, prompt_id)  # type: ignore[arg-type]
