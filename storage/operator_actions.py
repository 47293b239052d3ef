"""Who of the operators gave or took something: refunds, grants, bans. Written in the transaction that does it."""

import time
from dataclasses import dataclass

from storage.db import Connection, Database

KEEP_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class OperatorAction:
    """`operator_id` is None for an anonymous administrator; `reference` is an order's number or a person's."""

    operator_id: int | None
    action: str  # refund, grant, ban, unban
    reference: str


class OperatorActions:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def forget_old(self) -> None:
        sql, before = "DELETE FROM operator_actions WHERE at < ?", int(time.time()) - KEEP_SECONDS
        await self._db.run(lambda connection: connection.execute(sql, (before,)))


def note(connection: Connection, action: OperatorAction | None) -> None:
    """Nothing where no operator did it."""
    if action:
        sql = "INSERT INTO operator_actions (operator_id, action, reference, at) VALUES (?, ?, ?, ?)"
        connection.execute(sql, (action.operator_id, action.action, action.reference, int(time.time())))


def forget_person(connection: Connection, user_id: int) -> None:
    """What was done stays; that it was by them, or to them, goes."""
    connection.execute("UPDATE operator_actions SET operator_id = NULL WHERE operator_id = ?", (user_id,))
    sql = "UPDATE operator_actions SET reference = '' WHERE reference = ? AND action <> 'refund'"
    connection.execute(sql, (str(user_id),))
