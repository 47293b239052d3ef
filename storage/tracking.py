"""The way of prints through lab and post, step by step: each one transaction, with its mail."""

import time
from typing import NamedTuple

from bot.domain.values import Order, OrderState
from storage.db import Connection, Database
from storage.orders import confirm, get, step, under_way
from storage.outbox import take_back
from storage.parcel_steps import ParcelStep, mark_undone, newest, record, said_in
from storage.shipments import Shipment, find

FROM = {
    OrderState.SENT: (OrderState.DELIVERING,),
    OrderState.PRINTED: (OrderState.SENT,),
    OrderState.POSTED: (OrderState.SENT, OrderState.PRINTED, OrderState.RETURNED),
    OrderState.DELIVERED: (OrderState.POSTED,),
    OrderState.RETURNED: (OrderState.POSTED, OrderState.DELIVERED),
}
"""Which states a step may be taken from."""


class Taken(NamedTuple):
    """A step of the lab's: the order as it is then, and the step's number, None where it cannot be taken back."""

    order: Order
    step: int | None


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
        self,
        number: str,
        state: OrderState,
        carrier: str | None = None,
        tracking: str | None = None,
        said_in: int | None = None,
    ) -> Taken | None:
        """Printed, posted, delivered or returned, as a message of the lab's said; None where it cannot take that step.

        Posted again with another number corrects the number.
        """

        def work(connection: Connection) -> Taken | None:
            order, shipment = get(connection, number), find(connection, number)
            is_posted = state is OrderState.POSTED
            corrected = _corrects(connection, number, carrier, tracking) if is_posted else None
            after = corrected or _goes_on(connection, number, state)
            if order is None or after is None:
                return None
            if is_posted and not corrected:
                _track(connection, number, carrier, tracking)
            was = shipment and (shipment.carrier, shipment.tracking)
            return Taken(after, record(connection, order, state, was, said_in) if was else None)

        return await self._db.run(work)

    async def undo(self, number: str, step_number: int | None, undone_by: int) -> Order | None:
        """The newest step was wrong: order and parcel are as before it. None where it cannot be taken back any more.

        `step_number`: the step that is meant; None for whichever is the newest. `undone_by`: the message that says so.
        """

        def work(connection: Connection) -> Order | None:
            order, taken = get(connection, number), newest(connection, number)
            if order is None or taken is None or step_number not in (None, taken.id) or not taken.can_be_undone(order):
                return None
            mark_undone(connection, taken, undone_by)
            _set_state(connection, number, taken.before)
            _track(connection, number, taken.carrier, taken.tracking)
            take_back(connection, order.user_id, taken.state, number)
            confirm(connection, order, "corrected")
            return get(connection, number)

        return await self._db.run(work)

    async def said_in(self, number: str, message_id: int) -> ParcelStep | None:
        """The step of this order that a message of the lab's took, if it holds; or took back."""
        return await self._db.read(lambda connection: said_in(connection, number, message_id))

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
    _set_state(connection, number, state)
    confirm(connection, order, state)
    return get(connection, number)


def _set_state(connection: Connection, number: str, state: OrderState) -> None:
    """The lab has time from now on, and is reminded anew."""
    step(connection, number, state)
    sql = "UPDATE shipments SET changed_at = ?, reminded = 0 WHERE number = ?"
    connection.execute(sql, (int(time.time()), number))


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
