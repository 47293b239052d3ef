"""Albums: which photos of a chat belong together, and which message has their menu. For one hour."""

import time
from dataclasses import dataclass

from bot.domain.values import Photo
from storage.db import Connection, Database

KEEP_SECONDS = 3600


@dataclass(frozen=True)
class Album:
    """What came of it so far, in the order in which it is in the chat."""

    photos: tuple[Photo, ...]
    message_ids: tuple[int, ...]  # of the photos
    others: int  # what came with them and cannot be taken
    first_id: int  # of all its messages
    newest_id: int
    age: float  # seconds since the first came
    menu_id: int | None  # the message with its menu; None before it hangs, and from when it is used


class Albums:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, chat_id: int, album: str, message_id: int, photo: Photo | None) -> None:
        """One message of it, None for one that is no photo or too large. Again it changes nothing."""
        columns = "chat_id, album, message_id, file_id, size, name, compressed, arrived_at"
        sql = f"INSERT OR IGNORE INTO album_photos ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        row = (chat_id, album, message_id, *_columns(photo), time.time())
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def replace(self, chat_id: int, message_id: int, photo: Photo | None) -> None:
        """An edit put this in the place of what was in the message; None for what is no photo, or too large."""
        sql = (
            "UPDATE album_photos SET file_id = ?, size = ?, name = ?, compressed = ? "
            "WHERE chat_id = ? AND message_id = ?"
        )
        values = (*_columns(photo), chat_id, message_id)
        await self._db.run(lambda connection: connection.execute(sql, values))

    async def find(self, chat_id: int, album: str | None) -> Album | None:
        """What is known of it; None where nothing is (any more)."""
        sql = (
            "SELECT message_id, file_id, size, name, compressed, menu_id, arrived_at FROM album_photos "
            "WHERE chat_id = ? AND album = ? ORDER BY message_id"
        )
        values = (chat_id, album)
        rows = await self._db.read(lambda connection: connection.execute(sql, values).fetchall())
        age = time.time() - min((row[6] for row in rows), default=0)
        if age >= KEEP_SECONDS:
            return None
        photos = [row for row in rows if row[1] is not None]
        return Album(
            photos=tuple(Photo(row[1], row[2], row[3], bool(row[4])) for row in photos),
            message_ids=tuple(row[0] for row in photos),
            others=len(rows) - len(photos),
            first_id=rows[0][0],
            newest_id=max(rows, key=lambda row: (row[6], row[0]))[0],
            age=age,
            menu_id=max((row[5] for row in rows if row[5] is not None), default=None),
        )

    async def hung(self, chat_id: int, album: str, menu_id: int) -> None:
        """Its menu is this message."""
        sql = "UPDATE album_photos SET menu_id = ? WHERE chat_id = ? AND album = ?"
        await self._db.run(lambda connection: connection.execute(sql, (menu_id, chat_id, album)))

    async def used(self, chat_id: int, menu_id: int) -> None:
        """This message is no menu any more: it tells how a job goes. A photo that comes later gets its own menu."""
        sql = "UPDATE album_photos SET menu_id = NULL WHERE chat_id = ? AND menu_id = ?"
        await self._db.run(lambda connection: connection.execute(sql, (chat_id, menu_id)))

    async def forget(self, chat_id: int) -> None:
        sql = "DELETE FROM album_photos WHERE chat_id = ?"
        await self._db.run(lambda connection: connection.execute(sql, (chat_id,)))

    async def forget_old(self) -> None:
        """Whole albums, when the hour of their first message is over: no part of one is worth anything."""
        sql = (
            "DELETE FROM album_photos WHERE (chat_id, album) IN "
            "(SELECT chat_id, album FROM album_photos WHERE arrived_at < ?)"
        )
        before = time.time() - KEEP_SECONDS

        def work(connection: Connection) -> None:
            connection.execute(sql, (before,))

        await self._db.run(work)


def _columns(photo: Photo | None) -> tuple[str | None, int, str | None, bool]:
    return (photo.file_id, photo.size, photo.name, photo.compressed) if photo else (None, 0, None, False)
