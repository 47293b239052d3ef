"""What the lab said of its orders, step by step. The newest step of an order can be taken back, once."""

from dataclasses import dataclass, field

from bot.domain.values import Order, OrderState
from storage.db import Connection

_COLUMNS = "id, number, state, before, carrier, tracking, to_return, message_id, undone_by"


@dataclass(frozen=True)
class ParcelStep:
    """Fields in the order of `_COLUMNS`: what was said, then all that it was before."""

    id: int
    number: str
    state: OrderState
    before: OrderState
    carrier: str | None
    tracking: str | None = field(repr=False)
    to_return: int
    message_id: int | None  # in the lab's chat
    undone_by: int | None  # the message that took it back

    def can_be_undone(self, order: Order) -> bool:
        """True if nothing has happened to the order since; a refund is for good."""
        return self.undone_by is None and (order.state, order.to_return) == (self.state, self.to_return)


def record(
    connection: Connection, order: Order, state: OrderState, parcel: tuple[str | None, str | None], said_in: int | None
) -> int:
    """The lab takes `order` to this state; order and parcel as they are before that. Returns the step's number."""
    sql = (
        "INSERT INTO parcel_steps (number, state, before, carrier, tracking, to_return, message_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"
    )
    row = (order.id, state, order.state, *parcel, order.to_return, said_in)
    return int(connection.execute(sql, row).fetchone()[0])


def newest(connection: Connection, number: str) -> ParcelStep | None:
    return _find(connection, "number = ? ORDER BY id DESC LIMIT 1", number)


def said_in(connection: Connection, number: str, message_id: int) -> ParcelStep | None:
    """The step that this message of the lab's took, if it holds; or took back."""
    where = "number = ? AND (undone_by = ? OR message_id = ? AND undone_by IS NULL)"
    return _find(connection, where, number, message_id, message_id)


def mark_undone(connection: Connection, step: ParcelStep, undone_by: int) -> None:
    connection.execute("UPDATE parcel_steps SET undone_by = ? WHERE id = ?", (undone_by, step.id))


def forget_parcels(connection: Connection, account: int) -> None:
    """By its number a parcel leads to a person who is forgotten."""
    sql = (
        "UPDATE parcel_steps SET carrier = NULL, tracking = NULL "
        "WHERE number IN (SELECT id FROM orders WHERE account = ?)"
    )
    connection.execute(sql, (account,))


def _find(connection: Connection, where: str, *values: object) -> ParcelStep | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM parcel_steps WHERE {where}", values).fetchone()  # noqa: S608
    if row is None:
        return None
    number, of, state, before, *rest = row
    return ParcelStep(number, of, OrderState(state), OrderState(before), *rest)
