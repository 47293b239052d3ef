"""Shipments: what is known of the way of an order of prints, from the payment to the letter box.

Name and address are only here until the lab has them, and sealed: nobody but the lab can read them. The order's own
state says how far it is (see `storage/orders.py`); `storage/tracking.py` takes it further.
"""

import time
from dataclasses import dataclass, field

from storage.db import Connection, Database
from storage.outbox import KEEP_SECONDS
from storage.parcel_steps import forget_parcels

KEEP_ENDED_SECONDS = 183 * 24 * 3600  # a bank may ask for so long where the parcel is

_COLUMNS = "number, address, email, zone, lab_id, carrier, tracking, changed_at, reminded"
_CANCELLED = -1
_ENDED = "number IN (SELECT id FROM orders WHERE state IN ('delivered', 'returned', 'refunded') AND ended_at < ?)"
_SILENT = "number IN (SELECT id FROM orders WHERE ended_at IS NULL) AND changed_at < ?"


@dataclass(frozen=True)
class Shipment:
    """Fields in the order of `_COLUMNS`; times are Unix times, UTC."""

    number: str
    address: str | None = field(repr=False)  # sealed
    email: str | None = field(repr=False)
    zone: str
    lab_id: int | None
    carrier: str | None
    tracking: str | None = field(repr=False)
    changed_at: int
    reminded: int  # 0 nobody, 1 the lab, 2 the operators, too; -1: the lab is to hear that it is cancelled


class Shipments:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(self, number: str) -> Shipment | None:
        return await self._db.read(lambda connection: find(connection, number))

    async def mark_reminded(self, number: str, whom: int) -> None:
        sql = "UPDATE shipments SET reminded = ? WHERE number = ?"
        await self._db.run(lambda connection: connection.execute(sql, (whom, number)))

    async def cancelled(self) -> list[Shipment]:
        """Those of which the lab has not heard yet that nobody wants them any more."""
        sql = f"SELECT {_COLUMNS} FROM shipments WHERE reminded = {_CANCELLED}"  # noqa: S608
        return await self._db.read(lambda connection: [Shipment(*row) for row in connection.execute(sql).fetchall()])

    async def forget_old(self) -> None:
        """Where it has arrived, come back or been refunded: soon nobody is mailed, later nobody asks.

        Nor does anybody ask where the lab has told nothing new for so long.
        """
        now = int(time.time())

        def work(connection: Connection) -> None:
            connection.execute(f"UPDATE shipments SET email = NULL WHERE {_ENDED}", (now - KEEP_SECONDS,))  # noqa: S608
            connection.execute(f"DELETE FROM shipments WHERE {_ENDED}", (now - KEEP_ENDED_SECONDS,))  # noqa: S608
            connection.execute(f"DELETE FROM shipments WHERE {_SILENT}", (now - KEEP_ENDED_SECONDS,))  # noqa: S608

        await self._db.run(work)


def find(connection: Connection, number: str) -> Shipment | None:
    sql = f"SELECT {_COLUMNS} FROM shipments WHERE number = ?"  # noqa: S608
    row = connection.execute(sql, (number,)).fetchone()
    return Shipment(*row) if row else None


def set_zone(connection: Connection, number: str, zone: str) -> None:
    """Its payment begins, for this zone."""
    sql = (
        "INSERT INTO shipments (number, zone, changed_at) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET zone = excluded.zone, changed_at = excluded.changed_at"
    )
    connection.execute(sql, (number, zone, int(time.time())))


def set_address(connection: Connection, number: str, address: str | None, email: str | None) -> None:
    """It is paid, and comes with a sealed address."""
    sql = (
        "INSERT INTO shipments (number, zone, address, email, changed_at) VALUES (?, '', ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET address = excluded.address, email = excluded.email, changed_at = excluded.changed_at"
    )
    connection.execute(sql, (number, address, email, int(time.time())))


def forget_address(connection: Connection, number: str) -> None:
    """The lab has the address, or nobody needs it."""
    connection.execute("UPDATE shipments SET address = NULL WHERE number = ?", (number,))


def mark_cancelled(connection: Connection, number: str) -> None:
    """The money goes back, and the lab may have it, or begin with it."""
    connection.execute("UPDATE shipments SET reminded = ? WHERE number = ?", (_CANCELLED, number))


def forget_person(connection: Connection, account: int) -> None:
    """The person is forgotten: what is on its way arrives, but we know nothing about it."""
    sql = (
        "UPDATE shipments SET address = NULL, email = NULL, carrier = NULL, tracking = NULL "
        "WHERE number IN (SELECT id FROM orders WHERE account = ?)"
    )
    connection.execute(sql, (account,))
    forget_parcels(connection, account)


def mark_possibly_sent(connection: Connection) -> None:
    """In a database of before: what was about to be sent may be with the lab since, which is told so."""
    connection.execute("UPDATE orders SET state = 'delivering' WHERE product = 'print' AND state = 'paid'")
