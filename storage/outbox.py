"""The outbox: mails that are still to be sent, each written down in the transaction of what it tells of.

A row names the event, not its content: what the mail says is read when it is sent, and so is the address.
"""

import secrets
import time
from dataclasses import dataclass, field

from storage.db import Connection, Database

KEEP_SECONDS = 3 * 24 * 3600

_COLUMNS = "user_id, kind, about, language, message_id, at, tries"
_ADDRESS = (
    "CASE kind WHEN 'code' THEN (SELECT address FROM confirmations WHERE user_id = outbox.user_id) "
    "ELSE coalesce((SELECT address FROM addresses WHERE user_id = outbox.user_id AND failed_at IS NULL), "
    "(SELECT email FROM shipments WHERE number = about)) END"
)


@dataclass(frozen=True)
class QueuedMail:
    """Fields in the order of `_COLUMNS`, then where it goes: None where that was taken back meanwhile."""

    user_id: int
    kind: str  # code, answer, or what happened to an order
    about: str  # an order's number, a ticket message's id, or nothing
    language: str
    message_id: str  # without the domain
    at: int  # when it happened (Unix time, UTC)
    tries: int
    address: str | None = field(repr=False)


class Outbox:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def due(self) -> QueuedMail | None:
        """What has waited longest, of all that has waited long enough. None: nothing is due."""
        # of one second, a payment comes before its refund
        order = "at, kind = 'refunded', kind, about LIMIT 1"
        sql = f"SELECT {_COLUMNS}, {_ADDRESS} FROM outbox WHERE next_at <= ? ORDER BY {order}"  # noqa: S608
        row = await self._db.read(lambda connection: connection.execute(sql, (int(time.time()),)).fetchone())
        return QueuedMail(*row) if row else None

    async def sent(self, queued: QueuedMail) -> None:
        """It is with the mail server, or nobody wants it any more."""

        def work(connection: Connection) -> None:
            _drop(connection, queued)
            sql = "UPDATE addresses SET used_at = ? WHERE user_id = ? AND address IS NOT NULL"
            connection.execute(sql, (int(time.time()), queued.user_id))

        await self._db.run(work)

    async def drop(self, queued: QueuedMail) -> None:
        await self._db.run(lambda connection: _drop(connection, queued))

    async def due_now(self) -> None:
        """The clock jumped: what was postponed is not postponed by the size of the jump as well."""
        await self._db.note(lambda connection: connection.execute("UPDATE outbox SET next_at = 0 WHERE next_at > 0"))

    async def postpone(self, queued: QueuedMail, seconds: int) -> None:
        """Sending failed; try again later."""
        sql = "UPDATE outbox SET tries = tries + 1, next_at = ? WHERE message_id = ?"
        row = (int(time.time()) + seconds, queued.message_id)
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def forget_old(self) -> None:
        """What nobody sent in time."""
        before = int(time.time()) - KEEP_SECONDS
        await self._db.run(lambda connection: connection.execute("DELETE FROM outbox WHERE at < ?", (before,)))


def post(connection: Connection, user_id: int, kind: str, about: str, language: str) -> None:
    """Part of the event's own transaction. It goes to their confirmed address, else to that of the payment's form.

    Whoever has neither, or one that failed, gets no mail.
    """
    sql = (
        f"INSERT INTO outbox ({_COLUMNS}) SELECT :user, :kind, :about, :language, :id, :now, 0 "  # noqa: S608
        "WHERE EXISTS (SELECT 1 FROM addresses WHERE user_id = :user AND address IS NOT NULL AND failed_at IS NULL) "
        "OR EXISTS (SELECT 1 FROM shipments WHERE number = :about AND email IS NOT NULL) ON CONFLICT DO NOTHING"
    )
    now = int(time.time())
    row = {"user": user_id, "kind": kind, "about": about, "language": language, "id": _message_id(), "now": now}
    connection.execute(sql, row)


def take_back(connection: Connection, user_id: int, kind: str, about: str) -> None:
    """It was a mistake: a mail that is not sent yet is not sent any more."""
    sql = "DELETE FROM outbox WHERE user_id = ? AND kind = ? AND about = ?"
    connection.execute(sql, (user_id, kind, about))


def post_code(connection: Connection, user_id: int, language: str) -> None:
    """In place of an older one: its address is not confirmed yet."""
    sql = f"INSERT OR REPLACE INTO outbox ({_COLUMNS}) VALUES (?, 'code', '', ?, ?, ?, 0)"  # noqa: S608
    connection.execute(sql, (user_id, language, _message_id(), int(time.time())))


def _message_id() -> str:
    return secrets.token_hex(16)


def _drop(connection: Connection, queued: QueuedMail) -> None:
    connection.execute("DELETE FROM outbox WHERE message_id = ?", (queued.message_id,))
