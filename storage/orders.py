"""Orders: a state machine, each step one transaction, in which the ledger takes part. The table refuses wrong steps.

open -> invoiced -> paid -> delivering -> delivered                    an unpaid one ends as expired
     prints:                delivering -> sent -> printed -> posted -> delivered or returned
                      any paid state -> refunding -> refunded          what others give back skips `refunding`
"""

import json
import secrets
import time
from dataclasses import asdict
from typing import Any

from bot.domain.errors import Busy
from bot.domain.values import STARS, Charge, Order, OrderState, Photo, Product, Task
from storage.db import Connection, Database
from storage.ledger import account_of, balance_of, book
from storage.operator_actions import OperatorAction, note
from storage.outbox import post
from storage.shipments import forget_address, forget_person, mark_cancelled, set_address, set_zone

PAYABLE_SECONDS = 24 * 3600  # an invoice older than this is not paid any more
KEEP_UNPAID_SECONDS = 7 * 24 * 3600

_SAME_SECONDS = 3600
MOST_UNPAID, MOST_UNPAID_IN_ALL = 10, 2000  # opened within an hour
_CHECKOUT_SECONDS = 12  # Telegram waits ten for our answer, then the money moves
_NUMBER = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that reads like something else
_COLUMNS = (
    "orders.id, coalesce(accounts.user_id, refund_paths.user_id, 0), state, product, credits, amount, currency, "
    "language, opened_at, paid_at, ended_at, charge_id, reason, tool, task, progress_id, tries, "
    "terms_version, consented_at, provider_id, shipping, to_return, returned, dispute, prints"
)
_SELECT = (
    f"SELECT {_COLUMNS} FROM orders JOIN accounts ON accounts.id = orders.account "  # noqa: S608
    "LEFT JOIN refund_paths ON refund_paths.account = orders.account"
)
_THEIRS = "SELECT id FROM accounts WHERE user_id = ?1 UNION ALL SELECT account FROM refund_paths WHERE user_id = ?1"
_UNPAID = (OrderState.OPEN, OrderState.INVOICED, OrderState.EXPIRED)
_ENDS = (OrderState.DELIVERED, OrderState.RETURNED, OrderState.REFUNDED)
_NOT_BEGUN = (OrderState.PAID, OrderState.DELIVERING)
_MAY_BE_PRINTED = (OrderState.DELIVERING, OrderState.SENT, OrderState.PRINTED)
_NOTHING_TO_REFUND = {OrderState.REFUNDING, OrderState.REFUNDED, *_UNPAID}


class Orders:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def open(
        self,
        user_id: int,
        product: Product,
        credits: int,
        amount: int,
        currency: str,
        language: str,
        terms_version: int,
        tool: str | None = None,
        task: Task | None = None,
        prints: str | None = None,
    ) -> Order:
        """An order of a person who consented just now. Who asks twice for the same on the same terms has one order.

        Raises Busy where too many orders wait to be paid.
        """
        number, now = new_number(), int(time.time())

        def work(connection: Connection) -> Order:
            values: dict[str, object] = {
                "id": number,
                "account": account_of(connection, user_id),
                "state": OrderState.OPEN,
                "product": product,
                "credits": credits,
                "amount": amount,
                "currency": currency,
                "language": language,
                "terms_version": terms_version,
                "consented_at": now,
                "opened_at": now,
                "tool": tool,
                "prints": prints,
                "task": json.dumps(asdict(task)) if task else None,
            }
            if same := _find(connection, *_same(values)):
                connection.execute("UPDATE orders SET consented_at = ? WHERE id = ?", (now, same.id))
                return same
            _bound(connection, values["account"])
            _insert(connection, values)
            return _get(connection, number)

        return await self._db.run(work)

    async def invoiced(self, number: str) -> None:
        """Its invoice is in the chat. It may be paid by now."""
        sql = "UPDATE orders SET state = 'invoiced' WHERE id = ? AND state = 'open'"
        await self._db.run(lambda connection: connection.execute(sql, (number,)))

    async def find(self, number: str) -> Order | None:
        return await self._db.read(lambda connection: get(connection, number))

    async def of_charge(self, charge_id: str) -> Order | None:
        return await self._db.read(lambda connection: _find(connection, "charge_id = ?", charge_id))

    async def of_card(self, charge_id: str, intent_id: str | None) -> Order | None:
        """By either of the numbers that the card company knows a payment by."""
        values = {"charge": charge_id, "intent": intent_id}
        where = "provider_id IN (:charge, :intent)"
        return await self._db.read(lambda connection: _find(connection, where, values))

    async def of(self, user_id: int) -> list[Order]:
        """All that a person paid, the newest first."""
        where = f"orders.account IN ({_THEIRS}) AND charge_id IS NOT NULL ORDER BY paid_at DESC"
        return await self._db.read(lambda connection: _all(connection, where, user_id))

    async def check_out(self, number: str, zone: str = "", shipping: int = 0) -> bool:
        """Reserve it for one payment, of prints with what posting them costs; False while another one is under way."""
        sql = (
            "UPDATE orders SET checkout_at = :now, amount = amount - shipping + :shipping, shipping = :shipping "
            "WHERE id = :id AND coalesce(checkout_at, 0) <= :before AND state IN ('open', 'invoiced')"
        )
        now = int(time.time())
        row = {"now": now, "shipping": shipping, "id": number, "before": now - _CHECKOUT_SECONDS}

        def work(connection: Connection) -> bool:
            reserved = bool(connection.execute(sql, row).rowcount)
            if reserved and zone:
                set_zone(connection, number, zone)
            return reserved

        return await self._db.run(work)

    async def pay(self, charge: Charge, stray: OrderState = OrderState.REFUNDING) -> tuple[Order, bool]:
        """Count a payment, once: (its order, whether this call counted it). Credits are there with it.

        A payment that belongs to no order, or to one that is paid already, gets an order of its own: product `unknown`,
        in the state `stray`: `refunding`, or `paid` where a person has to look at it.
        """

        def work(connection: Connection) -> tuple[Order, bool]:
            if known := _find(connection, "charge_id = ?", charge.id):
                return known, False
            order = get(connection, charge.payload)
            if order is None or not _fits(order, charge):
                return _keep_stray(connection, charge, stray, "no-order"), True
            if order.state not in _UNPAID:
                return _keep_stray(connection, charge, stray, "paid-twice"), True
            _count(connection, order, charge)
            return _get(connection, order.id), True

        return await self._db.run(work)

    async def delivering(self, number: str, progress_id: int) -> bool:
        """Its photo is about to be worked on; False where it was refunded meanwhile."""
        sql = "UPDATE orders SET state = 'delivering', progress_id = ? WHERE id = ? AND state IN ('paid', 'delivering')"
        return bool(await self._db.run(lambda connection: connection.execute(sql, (progress_id, number)).rowcount))

    async def delivered(self, number: str) -> None:
        """Its result is in the chat; nothing of the photo is kept."""

        def work(connection: Connection) -> None:
            order = _get(connection, number)
            if order.state is not OrderState.DELIVERING:
                return
            book(connection, _account(connection, number), "settle", 0, number)
            step(connection, number, OrderState.DELIVERED)

        await self._db.note(work)

    async def refunding(
        self, number: str, reason: str, only_unspent: bool = False, by: OperatorAction | None = None
    ) -> Order | None:
        """Take back what it gave, before the money goes. The order as it was; None where nothing is there to refund."""

        def work(connection: Connection) -> Order | None:
            order = get(connection, number)
            if order is None or not is_refundable(order):
                return None
            if only_unspent and not _is_unspent(connection, order):
                return None
            _take_back(connection, order)
            step(connection, number, OrderState.REFUNDING, reason)
            if reason == "withdrawn":
                confirm(connection, order, "withdrawn")
            note(connection, by)
            return order

        return await self._db.run(work)

    async def record_refund(self, charge_id: str, reason: str = "telegram") -> Order | None:
        """The money is back with the person. The order when this call is the first to say so; credits go with it."""

        def work(connection: Connection) -> Order | None:
            order = _find(connection, "charge_id = ?", charge_id)
            if order is None or order.state is OrderState.REFUNDED:
                return None
            connection.execute("UPDATE orders SET to_return = amount, returned = amount WHERE id = ?", (order.id,))
            _end_refund(connection, order, reason)
            return order

        return await self._db.run(work)

    async def refund_part(
        self, number: str, amount: int, update_id: int, by: OperatorAction | None = None
    ) -> Order | None:
        """So much more of it shall be back, and the order goes on. None where no such part is left to be refunded.

        The update that asked for it is handled with that: again it would be refunded again.
        """

        def work(connection: Connection) -> Order | None:
            order = get(connection, number)
            if order is None or not is_refundable(order) or order.currency == STARS:
                return None
            if not 0 < amount < order.amount - order.to_return:
                return None
            sql = "UPDATE orders SET to_return = to_return + ?, refused_at = NULL, tries = 0, next_at = 0 WHERE id = ?"
            connection.execute(sql, (amount, number))
            connection.execute("UPDATE inbox SET body = NULL WHERE update_id = ?", (update_id,))
            note(connection, by)
            return _get(connection, number)

        return await self._db.run(work)

    async def record_returned(self, number: str, amount: int, reason: str) -> Order | None:
        """So much of it is back, says the card company. The order as it was, when this call is the first to say so."""

        def work(connection: Connection) -> Order | None:
            order = _get(connection, number)
            if not order.returned < amount <= order.amount:
                return None
            sql = "UPDATE orders SET returned = :back, to_return = max(to_return, :back) WHERE id = :id"
            connection.execute(sql, {"back": amount, "id": number})
            if amount == order.amount:
                _end_refund(connection, order, reason)
            else:
                confirm(connection, order, "refunded-part")
            return order

        return await self._db.run(work)

    async def came_back(self, number: str, amount: int) -> bool:
        """A bank did not take a refund, so that only so much is with the person. Whether that is news."""

        def work(connection: Connection) -> bool:
            order = _get(connection, number)
            if amount >= order.returned:
                return False
            connection.execute("UPDATE orders SET returned = ?, refused_at = NULL WHERE id = ?", (amount, number))
            if order.state is OrderState.REFUNDED:
                step(connection, number, OrderState.REFUNDING)
            return True

        return await self._db.run(work)

    async def disputed(self, number: str, dispute: str) -> None:
        """The bank warns of fraud, or asks for the money, or has decided; operators know."""
        sql = "UPDATE orders SET dispute = ? WHERE id = ?"
        await self._db.run(lambda connection: connection.execute(sql, (dispute, number)))

    async def watched(self, counted_since: int, given_back_since: int) -> list[str]:
        """The card payments of whose changes no list of what is new tells. Moments are Unix times.

        What was counted lately may have changed before we knew it; a dispute gets decided; and a bank may send back
        what was given back of a payment.
        """
        sql = (
            "SELECT provider_id FROM orders WHERE currency != ? "
            "AND (paid_at > ? OR dispute = 'open' OR returned > 0 AND paid_at > ?)"
        )
        row = (STARS, counted_since, given_back_since)
        return await self._db.read(lambda connection: [charge for (charge,) in connection.execute(sql, row) if charge])

    async def refused(self, number: str, is_told: bool = True) -> bool:
        """The money is not given back. Whether that is news; it stays news where operators could not be told."""
        sql = "UPDATE orders SET refused_at = ? WHERE id = ? AND (refused_at IS NULL) = ?"
        row = (int(time.time()) if is_told else None, number, is_told)
        return bool(await self._db.run(lambda connection: connection.execute(sql, row).rowcount))

    async def is_unspent(self, number: str) -> bool:
        """Whether a refund takes nothing away that was used: credits all there, or a photo that never came."""
        return await self._db.read(lambda connection: _is_unspent(connection, _get(connection, number)))

    async def due_now(self) -> None:
        """The clock jumped: what was postponed is not postponed by the size of the jump as well."""
        sql = "UPDATE orders SET next_at = 0 WHERE next_at > 0"
        await self._db.note(lambda connection: connection.execute(sql))

    async def postpone(self, number: str, seconds: int) -> None:
        """Delivery or refund failed; try again later."""
        sql = "UPDATE orders SET tries = tries + 1, next_at = ? WHERE id = ?"
        await self._db.run(lambda connection: connection.execute(sql, (int(time.time()) + seconds, number)))

    async def due(self) -> list[Order]:
        """What is paid and not delivered, or not refunded yet, and has waited long enough."""
        where = (
            "(state IN ('delivering', 'refunding') OR state = 'paid' AND product IN ('photo', 'print') "
            "OR returned < to_return) AND next_at <= ? ORDER BY next_at"
        )
        return await self._db.read(lambda connection: _all(connection, where, int(time.time())))

    async def refundable(self) -> int:
        """How much could be asked back by `withdrawal`, or is on its way back, in Stars."""
        sql = (
            "SELECT coalesce(sum(amount), 0) FROM orders WHERE currency = 'XTR' AND ("
            "state IN ('paid', 'delivering', 'refunding') "
            "OR state = 'delivered' AND product = 'credits' AND paid_at > ?)"
        )
        since = int(time.time()) - WITHDRAWAL_SECONDS
        return int(await self._db.read(lambda connection: connection.execute(sql, (since,)).fetchone()[0]))

    async def strays_since(self, moment: int) -> int:
        """How many payments without an order were refunded since then (Unix time)."""
        sql = "SELECT count(*) FROM orders WHERE product = 'unknown' AND opened_at >= ?"
        return int(await self._db.read(lambda connection: connection.execute(sql, (moment,)).fetchone()[0]))

    async def forget_old(self) -> None:
        """What was not paid in time ends, and is gone some days later."""
        now = int(time.time())

        def work(connection: Connection) -> None:
            sql = (
                "UPDATE orders SET state = 'expired', task = NULL WHERE state IN ('open', 'invoiced') AND opened_at < ?"
            )
            connection.execute(sql, (now - PAYABLE_SECONDS,))
            sql = "DELETE FROM orders WHERE state = 'expired' AND opened_at < ?"
            connection.execute(sql, (now - KEEP_UNPAID_SECONDS,))

        await self._db.run(work)


WITHDRAWAL_SECONDS = 14 * 24 * 3600  # EU: Directive 2011/83/EU, article 9


def _bound(connection: Connection, account: object) -> None:
    """Raises Busy where this account, or all together, have opened as many orders within an hour as may wait."""
    sql = (
        "SELECT count(*), count(*) FILTER (WHERE account = ?) FROM orders "
        "WHERE state IN ('open', 'invoiced') AND opened_at > ?"
    )
    in_all, theirs = connection.execute(sql, (account, int(time.time()) - 3600)).fetchone()
    if theirs >= MOST_UNPAID or in_all >= MOST_UNPAID_IN_ALL:
        raise Busy("busy-orders")


def call_off(connection: Connection, account: int) -> None:
    """The person is forgotten: what was paid and never came is on its way back, what was not paid is gone.

    What is with the lab is posted all the same.
    """
    where = "orders.account = ? AND product IN ('photo', 'print') AND state IN ('paid', 'delivering')"
    for order in _all(connection, where, account):
        _take_back(connection, order)
        step(connection, order.id, OrderState.REFUNDING, "forgotten")
    forget_person(connection, account)
    sql = "DELETE FROM orders WHERE account = ? AND state IN ('open', 'invoiced', 'expired')"
    connection.execute(sql, (account,))


def new_number() -> str:
    """Eight letters and digits, not to be guessed."""
    return "".join(secrets.choice(_NUMBER) for _ in range(8))


_ALIKE = ("account", "product", "credits", "amount", "currency", "language", "terms_version", "tool", "task", "prints")


def _same(values: dict[str, object]) -> tuple[str, dict[str, object]]:
    where = " AND ".join(f"orders.{name} IS :{name}" for name in _ALIKE)
    where += " AND state IN ('open', 'invoiced') AND opened_at > :opened_at - :fresh"
    return where, values | {"fresh": _SAME_SECONDS}


def _fits(order: Order, charge: Charge) -> bool:
    return (order.user_id, order.amount, order.currency) == (charge.user_id, charge.amount, charge.currency)


def _count(connection: Connection, order: Order, charge: Charge) -> None:
    """The order is paid. Credits are delivered with that; a photo's are held until it arrives."""
    sql = "UPDATE orders SET state = 'paid', charge_id = ?, provider_id = ?, paid_at = ?, next_at = 0 WHERE id = ?"
    connection.execute(sql, (charge.id, charge.provider_id, int(time.time()), order.id))
    account = _account(connection, order.id)
    if order.credits:
        book(connection, account, "purchase", order.credits, order.id)
    if order.product is Product.CREDITS:
        step(connection, order.id, OrderState.DELIVERED)
    elif order.product is Product.PHOTO:
        book(connection, account, "hold", -order.credits, order.id)
    else:
        set_address(connection, order.id, charge.address, charge.email)
    confirm(connection, order, "paid")


def confirm(connection: Connection, order: Order, what: str) -> None:
    """By mail, in the same transaction: no confirmation without the event, and no event without its confirmation."""
    post(connection, order.user_id, what, order.id, order.language)


def _keep_stray(connection: Connection, charge: Charge, state: OrderState, reason: str) -> Order:
    number, now = new_number(), int(time.time())
    values = {
        "id": number,
        "account": account_of(connection, charge.user_id),
        "state": state,
        "product": Product.UNKNOWN,
        "credits": 0,
        "amount": charge.amount,
        "currency": charge.currency,
        "language": charge.language,
        "opened_at": now,
        "paid_at": now,
        "charge_id": charge.id,
        "provider_id": charge.provider_id,
        "to_return": charge.amount if state is OrderState.REFUNDING else 0,
        "reason": reason,
    }
    _insert(connection, values)
    return _get(connection, number)


def _take_back(connection: Connection, order: Order) -> None:
    """What the order gave, and no job of its own used up; a lab that may have it is to hear so."""
    if order.product is Product.PRINT and order.state in _MAY_BE_PRINTED:
        mark_cancelled(connection, order.id)
    if not order.credits:
        return
    account = _account(connection, order.id)
    undelivered_photo = order.product is Product.PHOTO and order.state is not OrderState.DELIVERED
    if undelivered_photo:
        book(connection, account, "release", order.credits, order.id)
    gave = order.product is Product.CREDITS or undelivered_photo
    book(connection, account, "refund", -order.credits if gave else 0, order.id)


def _end_refund(connection: Connection, order: Order, reason: str) -> None:
    """All of it is back: as we wanted it, or by another's doing, for this reason."""
    if order.state is OrderState.REFUNDING:
        step(connection, order.id, OrderState.REFUNDED)
    else:
        _take_back(connection, order)
        step(connection, order.id, OrderState.REFUNDED, reason)
    confirm(connection, order, "refunded")


def is_refundable(order: Order) -> bool:
    """Whether there is something left to refund. For Stars, Telegram must know whom to give them back."""
    return order.state not in _NOTHING_TO_REFUND and bool(order.user_id or order.currency != STARS)


def _is_unspent(connection: Connection, order: Order) -> bool:
    if order.product is not Product.CREDITS:
        return order.state in _NOT_BEGUN
    return balance_of(connection, _account(connection, order.id)) >= order.credits


def step(connection: Connection, number: str, state: OrderState, reason: str | None = None) -> None:
    """Into this state: what was needed to get here is blanked."""
    ended = int(time.time()) if state in _ENDS else None
    sql = (
        "UPDATE orders SET state = :state, reason = coalesce(:reason, reason), ended_at = :ended, task = NULL, "
        "progress_id = NULL, tries = 0, next_at = 0, "
        "to_return = CASE :state WHEN 'refunding' THEN amount ELSE to_return END WHERE id = :id"
    )
    connection.execute(sql, {"state": state, "reason": reason, "ended": ended, "id": number})
    forget_address(connection, number)


def _insert(connection: Connection, values: dict[str, object]) -> None:
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)  # our own names
    connection.execute(f"INSERT INTO orders ({names}) VALUES ({marks})", values)  # noqa: S608


def _account(connection: Connection, number: str) -> int:
    return int(connection.execute("SELECT account FROM orders WHERE id = ?", (number,)).fetchone()[0])


def get(connection: Connection, number: str) -> Order | None:
    return _find(connection, "orders.id = ?", number)


def under_way(connection: Connection, states: tuple[OrderState, ...]) -> list[Order]:
    marks = ", ".join(f":{state}" for state in states)
    return _all(connection, f"state IN ({marks})", {str(state): state for state in states})


def _get(connection: Connection, number: str) -> Order:
    order = get(connection, number)
    assert order
    return order


def _find(connection: Connection, where: str, value: object) -> Order | None:
    return next(iter(_all(connection, where, value)), None)


def _all(connection: Connection, where: str, value: object) -> list[Order]:
    """`value`: what the one mark in `where` stands for, or a dictionary of what its names stand for."""
    values: Any = value if isinstance(value, dict) else (value,)
    return [_order(row) for row in connection.execute(f"{_SELECT} WHERE {where}", values).fetchall()]


def _order(row: tuple[Any, ...]) -> Order:
    values = dict(zip(Order.__dataclass_fields__, row, strict=True))
    values |= {"state": OrderState(values["state"]), "product": Product(values["product"])}
    values["task"] = _task(values["task"])
    return Order(**values)


def _task(text: object) -> Task | None:
    if not isinstance(text, str):
        return None
    about = json.loads(text)
    return Task(**about | {"photo": Photo(**about["photo"])})
