"""The numbers of the messages in a chat, for 48 hours: what "Wipe this chat" deletes. Never their content."""

import time

from storage.db import Database

KEEP_SECONDS = 48 * 3600  # Telegram lets a bot delete no older message


class Messages:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, chat_id: int, message_id: int) -> None:
        sql = "INSERT OR IGNORE INTO messages (chat_id, message_id, sent_at) VALUES (?, ?, ?)"
        row = (chat_id, message_id, int(time.time()))
        await self._db.note(lambda connection: connection.execute(sql, row))

    async def of(self, chat_id: int) -> list[int]:
        """All of a chat, oldest first."""
        sql = "SELECT message_id FROM messages WHERE chat_id = ? ORDER BY message_id"
        return await self._db.read(
            lambda connection: [row[0] for row in connection.execute(sql, (chat_id,)).fetchall()]
        )

    async def forget(self, chat_id: int) -> None:
        await self._db.run(lambda connection: connection.execute("DELETE FROM messages WHERE chat_id = ?", (chat_id,)))

    async def forget_old(self) -> None:
        before = int(time.time()) - KEEP_SECONDS
        await self._db.run(lambda connection: connection.execute("DELETE FROM messages WHERE sent_at < ?", (before,)))
