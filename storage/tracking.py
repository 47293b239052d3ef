"""The way of prints through lab and post, step by step: each one transaction, with its mail."""

import time

from bot.domain.values import Order, OrderState
from storage.db import Connection, Database
from storage.orders import confirm, get, step, under_way
from storage.shipments import Shipment, find

FROM = {
    OrderState.SENT: (OrderState.DELIVERING,),
    OrderState.PRINTED: (OrderState.SENT,),
    OrderState.POSTED: (OrderState.SENT, OrderState.PRINTED, OrderState.RETURNED),
    OrderState.DELIVERED: (OrderState.POSTED,),
    OrderState.RETURNED: (OrderState.POSTED, OrderState.DELIVERED),
}
"""Which states a step may be taken from."""


class Tracking:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def sent(self, number: str, lab_id: int) -> Order | None:
        """The lab has it: sealed address and place of the picture are gone with that. None where it was refunded."""

        def work(connection: Connection) -> Order | None:
            order = _goes_on(connection, number, OrderState.SENT)
            if order:
                connection.execute("UPDATE shipments SET lab_id = ? WHERE number = ?", (lab_id, number))
            return order

        return await self._db.run(work)

    async def goes_on(
        self, number: str, state: OrderState, carrier: str | None = None, tracking: str | None = None
    ) -> Order | None:
        """Printed, posted, delivered or returned. The order as it is then; None where it cannot take that step.

        Posted again with another number corrects the number.
        """

        def work(connection: Connection) -> Order | None:
            if state is OrderState.POSTED and (corrected := _corrects(connection, number, carrier, tracking)):
                return corrected
            order = _goes_on(connection, number, state)
            if order and state is OrderState.POSTED:
                _track(connection, number, carrier, tracking)
            return order

        return await self._db.run(work)

    async def late(self, seconds: dict[OrderState, int], reminded: int) -> list[tuple[Order, Shipment]]:
        """What has stood still for longer than its state allows, and no more than `reminded` were told."""
        now = int(time.time())

        def work(connection: Connection) -> list[tuple[Order, Shipment]]:
            found = [(order, find(connection, order.id)) for order in under_way(connection, tuple(seconds))]
            return [
                (order, shipment)
                for order, shipment in found
                if shipment
                and shipment.reminded <= reminded
                and shipment.changed_at < now - seconds[order.state] * (reminded + 1)
            ]

        return await self._db.read(work)


def _goes_on(connection: Connection, number: str, state: OrderState) -> Order | None:
    order = get(connection, number)
    if order is None or order.state not in FROM[state]:
        return None
    step(connection, number, state)
    sql = "UPDATE shipments SET changed_at = ?, reminded = 0 WHERE number = ?"
    connection.execute(sql, (int(time.time()), number))
    confirm(connection, order, state)
    return get(connection, number)


def _corrects(connection: Connection, number: str, carrier: str | None, tracking: str | None) -> Order | None:
    order, shipment = get(connection, number), find(connection, number)
    if order is None or shipment is None or order.state is not OrderState.POSTED or tracking is None:
        return None
    if (shipment.carrier, shipment.tracking) == (carrier, tracking):
        return None
    _track(connection, number, carrier, tracking)
    confirm(connection, order, OrderState.POSTED)
    return order


def _track(connection: Connection, number: str, carrier: str | None, tracking: str | None) -> None:
    """By its number a parcel leads to a person: that of one who is forgotten is not kept."""
    sql = (
        "UPDATE shipments SET carrier = ?, tracking = ? WHERE number = ? AND number IN "
        "(SELECT orders.id FROM orders JOIN accounts ON accounts.id = account WHERE user_id IS NOT NULL)"
    )
    connection.execute(sql, (carrier, tracking, number))
