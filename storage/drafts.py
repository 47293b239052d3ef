"""Drafts: what a person is about to send to the operators, one at a time, for an hour after its last change."""

import hashlib
import time
from dataclasses import astuple, dataclass, replace

from storage.db import Connection, Database

KEEP_SECONDS = 3600
MOST_MESSAGES = 10  # as many as an album has

_COLUMNS = "user_id, subject, about, about_at, ticket, answers, prompt_id"


@dataclass(frozen=True)
class DraftMessage:
    """A message of the person that goes with the draft. Of a file only its words are here."""

    message_id: int
    words: str
    attached: bool


@dataclass(frozen=True)
class Draft:
    """Fields in the order of `_COLUMNS`, then what was written."""

    user_id: int
    subject: str
    about: str
    about_at: int | None
    ticket: int | None  # goes on with this one
    answers: int | None  # a message of it
    prompt_id: int
    messages: tuple[DraftMessage, ...] = ()

    @property
    def mark(self) -> str:
        """What a button under it carries, so that it sends nothing but what is shown above it."""
        return hashlib.sha256(repr(replace(self, prompt_id=0)).encode()).hexdigest()[:16]


class Drafts:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def open(self, draft: Draft) -> None:
        """Begin it, in place of an older one."""

        def work(connection: Connection) -> None:
            _drop(connection, draft.user_id)
            marks = "?, ?, ?, ?, ?, ?, ?, ?"
            row = (*astuple(draft)[:-1], int(time.time()))
            connection.execute(f"INSERT INTO drafts ({_COLUMNS}, changed_at) VALUES ({marks})", row)  # noqa: S608

        await self._db.run(work)

    async def find(self, user_id: int) -> Draft | None:
        """The person's draft, if its hour is not over."""
        return await self._db.read(lambda connection: _find(connection, user_id))

    async def add(self, user_id: int, message: DraftMessage) -> bool:
        """Take one more message; the same one again takes its place. False where there are too many."""

        def work(connection: Connection) -> bool:
            sql = "SELECT count(*) FROM draft_messages WHERE user_id = ? AND message_id <> ?"
            (others,) = connection.execute(sql, (user_id, message.message_id)).fetchone()
            if others >= MOST_MESSAGES:
                return False
            sql = "INSERT OR REPLACE INTO draft_messages (user_id, message_id, words, attached) VALUES (?, ?, ?, ?)"
            connection.execute(sql, (user_id, *astuple(message)))
            _touch(connection, user_id)
            return True

        return await self._db.run(work)

    async def edit(self, user_id: int, message: DraftMessage) -> bool:
        """The person changed it; False where it is not of their draft."""
        sql = "UPDATE draft_messages SET words = ?, attached = ? WHERE user_id = ? AND message_id = ?"
        row = (message.words, message.attached, user_id, message.message_id)

        def work(connection: Connection) -> bool:
            changed = bool(connection.execute(sql, row).rowcount)
            if changed:
                _touch(connection, user_id)
            return changed

        return await self._db.run(work)

    async def remove(self, user_id: int, message_id: int | None = None) -> None:
        """Leave one message out, or all."""
        sql = "DELETE FROM draft_messages WHERE user_id = ? AND message_id = coalesce(?, message_id)"
        await self._db.run(lambda connection: connection.execute(sql, (user_id, message_id)))

    async def prompt(self, user_id: int, prompt_id: int) -> None:
        """Its buttons are on another message now."""
        sql = "UPDATE drafts SET prompt_id = ? WHERE user_id = ?"
        await self._db.run(lambda connection: connection.execute(sql, (prompt_id, user_id)))

    async def drop(self, user_id: int) -> Draft | None:
        """Forget it; what there was."""
        return await self._db.run(lambda connection: drop(connection, user_id))

    async def forget_old(self) -> None:
        sql = "DELETE FROM drafts WHERE changed_at < ?"
        before = int(time.time()) - KEEP_SECONDS
        await self._db.run(lambda connection: connection.execute(sql, (before,)))


def drop(connection: Connection, user_id: int) -> Draft | None:
    """Forget it; what there was."""
    draft = _find(connection, user_id)
    _drop(connection, user_id)
    return draft


def take(connection: Connection, user_id: int, mark: str) -> Draft | None:
    """The draft as its buttons have it, taken out of the table; None where it is another by now, or says nothing."""
    draft = _find(connection, user_id)
    if draft is None or draft.mark != mark or not draft.messages:
        return None
    _drop(connection, user_id)
    return draft


def _find(connection: Connection, user_id: int) -> Draft | None:
    sql = f"SELECT {_COLUMNS} FROM drafts WHERE user_id = ? AND changed_at >= ?"  # noqa: S608
    row = connection.execute(sql, (user_id, int(time.time()) - KEEP_SECONDS)).fetchone()
    if row is None:
        return None
    sql = "SELECT message_id, words, attached FROM draft_messages WHERE user_id = ? ORDER BY message_id"
    messages = connection.execute(sql, (user_id,)).fetchall()
    found = tuple(DraftMessage(number, words, bool(attached)) for number, words, attached in messages)
    return replace(Draft(*row), messages=found)


def _drop(connection: Connection, user_id: int) -> None:
    connection.execute("DELETE FROM drafts WHERE user_id = ?", (user_id,))


def _touch(connection: Connection, user_id: int) -> None:
    connection.execute("UPDATE drafts SET changed_at = ? WHERE user_id = ?", (int(time.time()), user_id))
