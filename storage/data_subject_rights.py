"""A person's rights: to see all that is kept on them, and to have it forgotten. Each table is here, or about nobody."""

import time
from collections.abc import Callable
from typing import Any

from storage.db import Connection, Database
from storage.operator_actions import forget_person
from storage.orders import WITHDRAWAL_SECONDS, call_off
from storage.topics_to_delete import cut_out

REFUND_SECONDS = WITHDRAWAL_SECONDS
"""How long we still refund what a forgotten person paid: nothing of ours refunds by itself after that."""

_ACCOUNTS = "SELECT id FROM accounts WHERE user_id = :user UNION SELECT account FROM refund_paths WHERE user_id = :user"
_TICKETS = "SELECT number FROM tickets WHERE user_id = :user"
_TO_THEIR_ORDERS = f"action = 'refund' AND reference IN (SELECT id FROM orders WHERE account IN ({_ACCOUNTS}))"  # noqa: S608

OF_A_PERSON = {
    "people": "user_id = :user",
    "inbox": (  # what they sent; who forwards a message of theirs sends something of their own
        "body IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(body) WHERE json_extract(value, '$.from.id') = :user)"
    ),
    "messages": "chat_id = :user",
    "album_photos": "chat_id = :user",
    "questions": "user_id = :user",
    "wishes": "user_id = :user",
    "accounts": f"id IN ({_ACCOUNTS})",
    "refund_paths": "user_id = :user",
    "ledger": f"account IN ({_ACCOUNTS})",
    "holds": f"account IN ({_ACCOUNTS})",
    "orders": f"account IN ({_ACCOUNTS})",
    "shipments": f"number IN (SELECT id FROM orders WHERE account IN ({_ACCOUNTS}))",  # noqa: S608
    "parcel_steps": f"number IN (SELECT id FROM orders WHERE account IN ({_ACCOUNTS}))",  # noqa: S608
    "tickets": "user_id = :user",
    "ticket_messages": f"ticket IN ({_TICKETS})",
    "drafts": "user_id = :user",
    "draft_messages": "user_id = :user",
    "addresses": "user_id = :user",
    "confirmations": "user_id = :user",
    "codes_sent": "mark = mark_of(:user)",
    "outbox": "user_id = :user",
    "bans": "user_id = :user",
    "operator_actions": f"operator_id = :user OR action <> 'refund' AND reference = :user OR {_TO_THEIR_ORDERS}",
    "forgotten": "mark = mark_of(:user)",
}
"""Table -> which of its rows are a person's."""

ABOUT_NOBODY = {"canned", "counters", "errors", "facts", "job_runs", "old_topics", "pause", "stripe_events"}

_GO_AT_ONCE = (
    "people",
    "messages",
    "album_photos",
    "questions",
    "wishes",
    "drafts",
    "bans",
    "addresses",
    "confirmations",
    "outbox",
)

_SECRET = {"salt", "code"}  # by these a code could be found without its mail: that they are there is all one may know

Rows = list[dict[str, Any]]


class DataSubjectRights:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def everything(self, user_id: int) -> dict[str, Rows]:
        """All rows on a person, by table, at one moment."""

        def work(connection: Connection) -> dict[str, Rows]:
            return {table: _rows(connection, table, where, user_id) for table, where in OF_A_PERSON.items()}

        return await self._db.run(work)

    async def forget(self, user_id: int, update_id: int) -> None:
        """All of it at once, but what the law and refunds oblige us to; `update_id` is the wish itself.

        What was paid and never came is on its way back with that.
        """
        await self._db.run(lambda connection: _forget(connection, user_id, update_id))

    async def drop_refund_paths(self) -> None:
        """Where nothing can be refunded any more, nobody needs to know whose it was."""
        sql = f"DELETE FROM refund_paths WHERE account NOT IN ({_REFUNDABLE})"  # noqa: S608
        await self._db.run(lambda connection: connection.execute(sql, _since()))


_REFUNDABLE = (
    "SELECT account FROM orders WHERE currency = 'XTR' AND "
    "(state IN ('paid', 'delivering', 'refunding') OR state = 'delivered' AND paid_at > :since)"
)


def _since() -> dict[str, int]:
    return {"since": int(time.time()) - REFUND_SECONDS}


def _rows(connection: Connection, table: str, where: str, user_id: int) -> Rows:
    cursor = connection.execute(f"SELECT * FROM {table} WHERE {where}", {"user": user_id})  # noqa: S608  (our own)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [{name: _shown(name, value, user_id) for name, value in row.items()} for row in rows]


def _shown(name: str, value: Any, user_id: int) -> Any:
    """Which operator it was is the operator's own."""
    is_hidden = name in _SECRET or (name == "operator_id" and value != user_id)
    return "(secret)" if is_hidden and value else value


def _forget(connection: Connection, user_id: int, update_id: int) -> None:
    def change(sql: str, **more: int) -> None:
        connection.execute(sql, {"user": user_id, **more})

    _keep_mark(change)
    for (account,) in connection.execute("SELECT id FROM accounts WHERE user_id = ?", (user_id,)).fetchall():
        call_off(connection, account)
        change(f"INSERT INTO refund_paths SELECT id, user_id FROM accounts WHERE id = :id AND id IN ({_REFUNDABLE})",  # noqa: S608
               id=account, **_since())  # fmt: skip
        change("UPDATE accounts SET user_id = NULL WHERE id = :id", id=account)
    numbers = connection.execute("SELECT number FROM tickets WHERE user_id = ?", (user_id,)).fetchall()
    cut_out(connection, [number for (number,) in numbers])
    forget_person(connection, user_id)
    for table in _GO_AT_ONCE:
        change(f"DELETE FROM {table} WHERE {OF_A_PERSON[table]}")  # noqa: S608
    # What waits for its turn will be handled, and what tells of money must never be lost.
    change(
        f"UPDATE inbox SET body = NULL WHERE {OF_A_PERSON['inbox']} "  # noqa: S608
        "AND (update_id = :update OR json_extract(body, '$.message.successful_payment') IS NULL)",
        update=update_id,
    )


def _keep_mark(change: Callable[..., None]) -> None:
    """That they were welcomed, and that they are banned: neither ends by being forgotten."""
    change(
        "INSERT INTO forgotten (mark, welcomed, banned_at) VALUES (mark_of(:user), "
        "EXISTS (SELECT 1 FROM ledger JOIN accounts ON accounts.id = account "
        "WHERE user_id = :user AND kind = 'newcomer'), (SELECT banned_at FROM bans WHERE user_id = :user)) "
        "ON CONFLICT DO UPDATE SET welcomed = max(welcomed, excluded.welcomed), "
        "banned_at = coalesce(banned_at, excluded.banned_at)"
    )


_NUMBERS = [  # each is one of a person whom the database knows
    "SELECT user_id AS person FROM accounts WHERE user_id IS NOT NULL",
    "SELECT operator_id FROM operator_actions WHERE operator_id IS NOT NULL",
    "SELECT CAST(reference AS INTEGER) FROM operator_actions WHERE action <> 'refund' AND reference <> ''",
    *(
        f"SELECT {where.removesuffix(' = :user')} FROM {table}"  # noqa: S608  (our own)
        for table, where in OF_A_PERSON.items()
        if where.endswith("_id = :user") and table != "refund_paths"  # which is kept of the forgotten
    ),
]
_KNOWN = " UNION ".join(_NUMBERS)


def forgotten(connection: Connection) -> dict[str, bool]:
    """Marks of all who were forgotten, and whether anything of theirs is here again."""
    sql = f"SELECT mark, mark IN (SELECT mark_of(person) FROM ({_KNOWN})) FROM forgotten"  # noqa: S608
    return {mark: bool(is_back) for mark, is_back in connection.execute(sql).fetchall()}


def forget_again(connection: Connection, later: dict[str, bool]) -> None:
    """In a database of before, forget those whom a later one has forgotten.

    Who was forgotten before that already, and is back in the later one, came back in between or since: they stay.
    """
    before = forgotten(connection)
    sql = f"SELECT person, mark_of(person) FROM ({_KNOWN})"  # noqa: S608
    people = connection.execute(sql).fetchall()
    connection.execute("BEGIN IMMEDIATE")
    for person, mark in people:
        if mark in later and not (mark in before and later[mark]):
            _forget(connection, person, 0)
    connection.execute("COMMIT")
