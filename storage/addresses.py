"""E-mail addresses: one a person, confirmed by a code (`storage/confirmations.py`), used until they remove it."""

import time
from dataclasses import dataclass, field

from storage.db import Connection, Database

_DAY = 24 * 3600
_COLUMNS = "user_id, address, confirmed_at, failed_at, declined, copies"


@dataclass(frozen=True)
class Address:
    """What is known of a person's mail. Fields in the order of `_COLUMNS`; times are Unix times, UTC."""

    user_id: int
    address: str | None = field(default=None, repr=False)
    confirmed_at: int | None = None
    failed_at: int | None = None
    declined: int = 0
    copies: int | None = None  # None: not asked yet

    @property
    def works(self) -> bool:
        return self.address is not None and self.failed_at is None


class Addresses:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(self, user_id: int) -> Address:
        """Somebody unknown has none, and was not asked."""
        return await self._db.read(lambda connection: find(connection, user_id))

    async def decline(self, user_id: int) -> None:
        """They want no receipts by mail; an address that is there stays."""
        await self._set(user_id, "declined", 1)

    async def copy_answers(self, user_id: int, copies: bool) -> None:
        """Whether answers of the operators come by mail, too."""
        await self._set(user_id, "copies", int(copies))

    async def remove(self, user_id: int) -> None:
        """The address and every mail to it that is still to be sent; and they are not asked again."""

        def work(connection: Connection) -> None:
            connection.execute("DELETE FROM outbox WHERE user_id = ?", (user_id,))
            connection.execute("DELETE FROM confirmations WHERE user_id = ?", (user_id,))
            theirs = "SELECT orders.id FROM orders JOIN accounts ON accounts.id = account WHERE user_id = ?"
            connection.execute(f"UPDATE shipments SET email = NULL WHERE number IN ({theirs})", (user_id,))  # noqa: S608
            sql = "INSERT OR REPLACE INTO addresses (user_id, declined) VALUES (?, 1)"
            connection.execute(sql, (user_id,))

        await self._db.run(work)

    async def fail(self, user_id: int, address: str) -> None:
        """Its server refuses this address for good: what is still to be sent to it is not sent, nor is anything new.

        What waits for a person who has another one by now goes there.
        """

        def work(connection: Connection) -> None:
            sql = "UPDATE addresses SET failed_at = ? WHERE user_id = ? AND address = ?"
            if connection.execute(sql, (int(time.time()), user_id, address)).rowcount:
                connection.execute("DELETE FROM outbox WHERE user_id = ? AND kind <> 'code'", (user_id,))
            connection.execute("UPDATE shipments SET email = NULL WHERE email = ?", (address,))

        await self._db.run(work)

    async def forget_old(self, days: int | None) -> None:
        """Those that were not used for so many days, and that no mail waits for; None: they are kept."""
        if days is not None:
            sql = "DELETE FROM addresses WHERE used_at < ? AND user_id NOT IN (SELECT user_id FROM outbox)"
            before = int(time.time()) - days * _DAY
            await self._db.run(lambda connection: connection.execute(sql, (before,)))

    async def _set(self, user_id: int, name: str, value: int) -> None:
        sql = (  # our own names
            f"INSERT INTO addresses (user_id, {name}) VALUES (?, ?) "  # noqa: S608
            f"ON CONFLICT DO UPDATE SET {name} = excluded.{name}"
        )
        await self._db.run(lambda connection: connection.execute(sql, (user_id, value)))


def find(connection: Connection, user_id: int) -> Address:
    sql = f"SELECT {_COLUMNS} FROM addresses WHERE user_id = ?"  # noqa: S608
    row = connection.execute(sql, (user_id,)).fetchone()
    return Address(*row) if row else Address(user_id)


def confirmed(connection: Connection, user_id: int, address: str) -> None:
    """It takes the place of an older one; what they said of copies stays."""
    sql = (
        "INSERT INTO addresses (user_id, address, confirmed_at, used_at) VALUES (:user_id, :address, :now, :now) "
        "ON CONFLICT DO UPDATE SET address = :address, confirmed_at = :now, used_at = :now, failed_at = NULL, "
        "declined = 0"
    )
    connection.execute(sql, {"user_id": user_id, "address": address, "now": int(time.time())})
