"""Expired tickets are deleted here; their topics are listed until they are deleted in Telegram, too."""

import time
from dataclasses import dataclass

from storage.db import Connection, Database


@dataclass(frozen=True)
class Topic:
    """Of a ticket that is gone here. Where it had no topic, `thread_id` is its card's message, below zero."""

    chat_id: int
    thread_id: int
    ticket: int
    subject: str

    @property
    def is_one(self) -> bool:
        return self.thread_id > 0


class Topics:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def left(self) -> list[Topic]:
        sql = "SELECT chat_id, thread_id, ticket, subject FROM old_topics"
        rows = await self._db.read(lambda connection: connection.execute(sql).fetchall())
        return [Topic(*row) for row in rows]

    async def gone(self, topic: Topic) -> None:
        """It is deleted there, or operators were told to do it."""
        sql = "DELETE FROM old_topics WHERE chat_id = ? AND thread_id = ?"
        row = (topic.chat_id, topic.thread_id)
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def forget_closed(self, days: int) -> None:
        """Tickets that were closed so many days ago go, here and there."""
        before = int(time.time()) - days * 24 * 3600

        def work(connection: Connection) -> None:
            rows = connection.execute("SELECT number FROM tickets WHERE closed_at < ?", (before,)).fetchall()
            cut_out(connection, [number for (number,) in rows])

        await self._db.run(work)


def cut_out(connection: Connection, numbers: list[int]) -> None:
    """These tickets, with every word. Their topics are next; their numbers are not given again."""
    for number in numbers:
        for sql in (
            "INSERT OR IGNORE INTO old_topics (chat_id, thread_id, ticket, subject) "
            "SELECT chat_id, CASE thread_id WHEN 0 THEN -coalesce(card_id, 0) ELSE thread_id END, number, subject "
            "FROM tickets WHERE number = :number AND thread_id IS NOT NULL",
            "INSERT INTO facts (name, value) VALUES ('last_ticket', :number) "
            "ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
            "DELETE FROM drafts WHERE ticket = :number",
            "DELETE FROM ticket_messages WHERE ticket = :number",
            "DELETE FROM tickets WHERE number = :number",
        ):
            connection.execute(sql, {"number": number})
