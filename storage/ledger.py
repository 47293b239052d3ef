"""The ledger of credits: entries are added, never changed or cut; a balance is their sum."""

import secrets
from datetime import UTC, datetime

from bot.domain.errors import Short
from storage.db import Connection, Database
from storage.operator_actions import OperatorAction, note

_ACCOUNTS = 1 << 53


class Ledger:
    """Credits come by welcome, grant and purchase. A job holds its price, then settles it or releases all or a part."""

    def __init__(self, db: Database, free_credits: int) -> None:
        self._db = db
        self._free_credits = free_credits

    async def balance(self, user_id: int) -> int:
        """Credits, the newcomer's included. Below zero only after a refund of what was spent already."""

        def work(connection: Connection) -> int:
            return balance_of(connection, self._welcomed(connection, user_id))

        return await self._db.run(work)

    async def hold(self, user_id: int, update_id: int, credits: int) -> None:
        """Set credits aside for the job of one tap; again for the same tap changes nothing. Raises Short."""

        def work(connection: Connection) -> None:
            if connection.execute("SELECT 1 FROM holds WHERE update_id = ?", (update_id,)).fetchone():
                return
            account = self._welcomed(connection, user_id)
            if (balance := balance_of(connection, account)) < credits:
                raise Short(credits, balance)
            reference = secrets.token_hex(8)
            book(connection, account, "hold", -credits, reference)
            sql = "INSERT INTO holds (update_id, account, reference, credits) VALUES (?, ?, ?, ?)"
            connection.execute(sql, (update_id, account, reference, credits))

        await self._db.run(work)

    async def settle(self, update_id: int, back: int = 0) -> None:
        """The job delivered: its credits are spent, but for those that come `back` for a part of it that failed.

        Its tap is handled with that: again it would cost again.
        """

        def work(connection: Connection) -> None:
            _end(connection, update_id, back)
            connection.execute("UPDATE inbox SET body = NULL WHERE update_id = ?", (update_id,))

        await self._db.note(work)

    async def release(self, update_id: int) -> None:
        """The job failed or was stopped: its credits come back."""
        await self._db.note(lambda connection: _end(connection, update_id))

    async def release_left(self) -> int:
        """Give back what is held for taps that are not being handled any more; how many there were."""

        def work(connection: Connection) -> int:
            sql = "SELECT update_id FROM holds LEFT JOIN inbox USING (update_id) WHERE inbox.body IS NULL"
            left = connection.execute(sql).fetchall()
            for (update_id,) in left:
                _end(connection, update_id)
            return len(left)

        return await self._db.run(work)

    async def grant(self, user_id: int, credits: int, reference: str, by: OperatorAction | None = None) -> int:
        """A present of the operators, or a correction; the same reference counts once. Returns the balance."""

        def work(connection: Connection) -> int:
            account = self._welcomed(connection, user_id)
            known = connection.execute(
                "SELECT 1 FROM ledger WHERE reference = ? AND kind = 'grant'", (reference,)
            ).fetchone()
            if not known:
                book(connection, account, "grant", credits, reference)
                note(connection, by)
            return balance_of(connection, account)

        return await self._db.run(work)

    def _welcomed(self, connection: Connection, user_id: int) -> int:
        """Their account; with the first look at it come the newcomer's credits, unless they once came before."""
        account = account_of(connection, user_id)
        sql = (
            "SELECT 1 FROM ledger WHERE account = ? AND kind = 'newcomer' "
            "UNION ALL SELECT 1 FROM forgotten WHERE mark = mark_of(?) AND welcomed"
        )
        if self._free_credits and not connection.execute(sql, (account, user_id)).fetchone():
            book(connection, account, "newcomer", self._free_credits, secrets.token_hex(8))
        return account


def account_of(connection: Connection, user_id: int) -> int:
    """A person's account number, made when there is none. Random, so that it says nothing without its row."""
    row = connection.execute("SELECT id FROM accounts WHERE user_id = ?", (user_id,)).fetchone()
    if row:
        return int(row[0])
    account = secrets.randbelow(_ACCOUNTS)
    connection.execute("INSERT INTO accounts (id, user_id) VALUES (?, ?)", (account, user_id))
    return account


def balance_of(connection: Connection, account: int) -> int:
    sql = "SELECT coalesce(sum(credits), 0) FROM ledger WHERE account = ?"
    return int(connection.execute(sql, (account,)).fetchone()[0])


def book(connection: Connection, account: int, kind: str, credits: int, reference: str) -> None:
    """Add an entry. The table refuses a second one of the same kind and reference, and a wrong sign."""
    sql = "INSERT INTO ledger (account, day, kind, credits, reference) VALUES (?, ?, ?, ?, ?)"
    connection.execute(sql, (account, datetime.now(UTC).date().isoformat(), kind, credits, reference))


def _end(connection: Connection, update_id: int, back: int | None = None) -> None:
    """End a hold: `back` of its credits come back, all of them where none are named."""
    sql = "DELETE FROM holds WHERE update_id = ? RETURNING account, reference, credits"
    for account, reference, credits in connection.execute(sql, (update_id,)).fetchall():
        returned = credits if back is None else min(back, credits)
        book(connection, account, "release" if returned else "settle", returned, reference)
