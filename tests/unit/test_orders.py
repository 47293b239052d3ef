"""Money at rest: the ledger that is only added to, the steps an order may take, and that everything counts once."""

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlcipher3
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import Short
from bot.domain.values import Charge, Order, OrderState, Photo, Product, Task
from storage.db import Connection, Database
from storage.inbox import Inbox
from storage.ledger import Ledger
from storage.orders import KEEP_UNPAID_SECONDS, PAYABLE_SECONDS, WITHDRAWAL_SECONDS, Orders

ANNA, BEN = 1001, 1002
TASK = Task(Photo("file", 1000, "garden.jpg"), 7, "strength=medium")

STEPS = {
    "open": {"invoiced", "paid", "expired"},
    "invoiced": {"paid", "expired"},
    "expired": {"paid"},
    "paid": {"delivering", "delivered", "refunding", "refunded"},
    "delivering": {"delivered", "sent", "refunding", "refunded"},
    "sent": {"printed", "posted", "refunding", "refunded"},
    "printed": {"posted", "refunding", "refunded"},
    "posted": {"delivered", "returned", "refunding", "refunded"},
    "delivered": {"returned", "refunding", "refunded"},
    "returned": {"posted", "refunding", "refunded"},
    "refunding": {"refunded"},
    "refunded": {"refunding"},
}


class Safe:
    """A database, and what the tests do with it."""

    def __init__(self, db: Database, free_credits: int = 3) -> None:
        self.db = db
        self.orders = Orders(db)
        self.ledger = Ledger(db, free_credits)
        self._charges = 0

    async def sql(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        return await self.db.run(lambda connection: list(connection.execute(sql, values).fetchall()))

    async def pack(self, person: int = ANNA, credits: int = 10) -> Order:
        return await self.orders.open(person, Product.CREDITS, credits, 100, "XTR", "en", 1)

    async def photo(self, person: int = ANNA) -> Order:
        return await self.orders.open(person, Product.PHOTO, 1, 15, "XTR", "en", 1, "enhance", TASK)

    def charge(self, order: Order) -> Charge:
        """A new payment of it."""
        self._charges += 1
        return Charge(f"charge{self._charges}", order.user_id, order.amount, order.currency, order.id)

    async def paid(self, order: Order) -> Order:
        paid, fresh = await self.orders.pay(self.charge(order))
        assert fresh
        return paid

    async def state(self, order: Order) -> str:
        found = await self.orders.find(order.id)
        assert found
        return found.state

    async def entries(self, order: Order) -> list[tuple[object, ...]]:
        return await self.sql("SELECT kind, credits FROM ledger WHERE reference = ? ORDER BY id", order.id)


@pytest.fixture
async def safe(tmp_path: Path) -> AsyncIterator[Safe]:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    yield Safe(db)
    await db.close()


# The ledger


@pytest.mark.parametrize(
    "sql", ["UPDATE ledger SET credits = 1000", "UPDATE ledger SET account = 1", "DELETE FROM ledger"]
)
async def test_the_ledger_is_neither_changed_nor_cut(safe: Safe, sql: str) -> None:
    assert await safe.ledger.balance(ANNA) == 3
    with pytest.raises(sqlcipher3.IntegrityError, match="the ledger is not"):
        await safe.sql(sql)
    assert await safe.ledger.balance(ANNA) == 3


@pytest.mark.parametrize(
    ("kind", "credits"),
    [
        ("newcomer", 0),
        ("grant", 0),
        ("purchase", -1),
        ("hold", 1),
        ("settle", 1),
        ("release", -1),
        ("refund", 1),
        ("present", 5),
    ],
)
async def test_an_entry_of_the_wrong_sign_or_kind_is_refused(safe: Safe, kind: str, credits: int) -> None:
    await safe.ledger.balance(ANNA)
    sql = "INSERT INTO ledger (account, day, kind, credits, reference) SELECT id, '', ?, ?, 'x' FROM accounts"
    with pytest.raises(sqlcipher3.IntegrityError):
        await safe.sql(sql, kind, credits)


async def test_a_newcomer_is_welcomed_once(safe: Safe) -> None:
    for _ in range(2):
        assert await safe.ledger.balance(ANNA) == 3
    [(account,)] = await safe.sql("SELECT account FROM ledger")
    assert account != ANNA  # a number of its own, which says nothing without its row
    sql = "INSERT INTO ledger (account, day, kind, credits, reference) VALUES (?, '', 'newcomer', 3, 'again')"
    with pytest.raises(sqlcipher3.IntegrityError):
        await safe.sql(sql, account)
    assert await Ledger(safe.db, 5).balance(ANNA) == 3  # the setting is for those who come
    assert await Ledger(safe.db, 5).balance(BEN) == 5
    assert await Ledger(safe.db, 0).balance(1003) == 0


async def test_a_grant_counts_once(safe: Safe) -> None:
    assert await safe.ledger.grant(ANNA, 5, "present") == 8
    assert await safe.ledger.grant(ANNA, 5, "present") == 8
    assert await safe.ledger.grant(ANNA, -2, "correction") == 6


@pytest.mark.parametrize(("ends", "left"), [(("settle", "release"), 2), (("release", "settle"), 3)])
async def test_a_jobs_credits_are_held_once_and_end_once(safe: Safe, ends: tuple[str, str], left: int) -> None:
    for _ in range(2):
        await safe.ledger.hold(ANNA, 77, 1)
        assert await safe.ledger.balance(ANNA) == 2
    for end in (*ends, *ends):
        await getattr(safe.ledger, end)(77)
        assert await safe.ledger.balance(ANNA) == left
    assert await safe.sql("SELECT count(*) FROM holds") == [(0,)]
    assert len(await safe.sql("SELECT 1 FROM ledger WHERE kind IN ('hold', 'settle', 'release')")) == 2


async def test_a_hold_has_one_end_whoever_books_it(safe: Safe) -> None:
    await safe.ledger.hold(ANNA, 77, 1)
    await safe.ledger.settle(77)
    sql = "INSERT INTO ledger (account, day, kind, credits, reference) "
    sql += "SELECT account, day, 'release', 1, reference FROM ledger WHERE kind = 'hold'"
    with pytest.raises(sqlcipher3.IntegrityError):
        await safe.sql(sql)


async def test_more_than_there_is_cannot_be_held(safe: Safe) -> None:
    await safe.ledger.hold(ANNA, 1, 2)
    with pytest.raises(Short) as short:
        await safe.ledger.hold(ANNA, 2, 2)
    assert (short.value.credits, short.value.balance) == (2, 1)
    assert await safe.ledger.balance(ANNA) == 1


async def test_many_jobs_at_once_do_not_spend_a_credit_twice(safe: Safe) -> None:
    held = await asyncio.gather(*(safe.ledger.hold(ANNA, tap, 1) for tap in range(10)), return_exceptions=True)
    assert sum(isinstance(each, Short) for each in held) == 7
    assert await safe.ledger.balance(ANNA) == 0


async def test_what_a_crash_left_held_comes_back_when_its_tap_is_over(safe: Safe) -> None:
    inbox = Inbox(safe.db)
    for tap in (1, 2):
        await inbox.add(tap, "{}")
    for tap in (1, 2, 3):  # of the third, nothing is known
        await safe.ledger.hold(ANNA, tap, 1)
    await inbox.done(2)
    assert await safe.ledger.release_left() == 2
    assert await safe.ledger.balance(ANNA) == 2
    assert await safe.ledger.release_left() == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["hold", "settle", "release"]), st.integers(1, 4)), max_size=20))
def test_whatever_the_order_a_balance_is_what_came_less_what_was_spent(acts: list[tuple[str, int]]) -> None:
    async def live(folder: Path) -> None:
        db = await Database.open(folder / "a.db", folder / "key")
        ledger, held, spent = Ledger(db, 3), set[int](), 0
        for act, tap in acts:
            if act != "hold":
                await getattr(ledger, act)(tap)
                spent += act == "settle" and tap in held
                held.discard(tap)
            elif tap not in held and 3 - spent - len(held) == 0:
                with pytest.raises(Short):
                    await ledger.hold(ANNA, tap, 1)
            else:
                await ledger.hold(ANNA, tap, 1)
                held.add(tap)
            assert await ledger.balance(ANNA) == 3 - spent - len(held)
        await db.close()

    with TemporaryDirectory(dir="/dev/shm") as folder:
        asyncio.run(live(Path(folder)))


# The steps


def test_every_state_is_in_the_table_of_steps() -> None:
    assert set(STEPS) == set(OrderState)


@pytest.mark.parametrize(("old", "new"), [pair for pair in product(STEPS, STEPS) if pair[0] != pair[1]])
async def test_an_order_takes_these_steps_and_no_other(safe: Safe, old: str, new: str) -> None:
    order = await safe.pack()
    columns = "account, credits, amount, currency, language, opened_at"
    names, values = f"id, state, charge_id, product, prints, {columns}", f"'other', ?, 'charge', 'print', '', {columns}"
    sql = f"INSERT INTO orders ({names}) SELECT {values} FROM orders"
    await safe.sql(f"{sql} WHERE id = ?", old, order.id)

    def step(connection: Connection) -> None:
        connection.execute("UPDATE orders SET state = ? WHERE id = 'other'", (new,))

    if new in STEPS[old]:
        await safe.db.run(step)
    else:
        with pytest.raises(sqlcipher3.IntegrityError, match="cannot take this step"):
            await safe.db.run(step)


@pytest.mark.parametrize(
    "wrong",
    [
        "state = 'lost'",
        "product = 'gold'",
        "amount = 0",
        "state = 'paid'",  # without a charge
        "state = 'expired'",  # its photo still known
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(safe: Safe, wrong: str) -> None:
    order = await safe.photo()
    with pytest.raises(sqlcipher3.IntegrityError):
        await safe.sql(f"UPDATE orders SET {wrong} WHERE id = ?", order.id)


# Paying


async def test_a_payment_counts_once(safe: Safe) -> None:
    charge = safe.charge(order := await safe.pack())
    assert (await safe.orders.pay(charge))[1]
    again, fresh = await safe.orders.pay(charge)
    assert (again.id, again.state, fresh) == (order.id, OrderState.DELIVERED, False)
    assert await safe.ledger.balance(ANNA) == 13
    assert await safe.entries(order) == [("purchase", 10)]


async def test_one_charge_pays_one_order(safe: Safe) -> None:
    first, second = await safe.pack(), await safe.pack(BEN)
    paid = await safe.paid(first)
    with pytest.raises(sqlcipher3.IntegrityError, match="UNIQUE"):
        await safe.sql("UPDATE orders SET charge_id = ? WHERE id = ?", paid.charge_id, second.id)


@pytest.mark.parametrize("stray", [OrderState.REFUNDING, OrderState.PAID])
async def test_a_payment_that_does_not_fit_becomes_an_order_of_its_own(safe: Safe, stray: OrderState) -> None:
    order = await safe.pack()
    wrong = [
        Charge("a", BEN, 100, "XTR", order.id),
        Charge("b", ANNA, 99, "XTR", order.id),
        Charge("c", ANNA, 100, "EUR", order.id),
        Charge("d", ANNA, 100, "XTR", "NOSUCHNO"),
        Charge("e", ANNA, 100, "XTR", ""),
    ]
    for charge in wrong:
        kept, fresh = await safe.orders.pay(charge, stray)
        assert (kept.product, kept.state, kept.reason, fresh) == (Product.UNKNOWN, stray, "no-order", True)
        assert (kept.user_id, kept.amount) == (charge.user_id, charge.amount)
        assert (await safe.orders.pay(charge, stray))[0].id == kept.id
    assert await safe.state(order) == "open"
    await safe.paid(order)
    kept, _ = await safe.orders.pay(safe.charge(order), stray)
    assert (kept.state, kept.reason) == (stray, "paid-twice")
    assert await safe.ledger.balance(ANNA) == 13
    assert await safe.ledger.balance(BEN) == 3
    assert await safe.orders.strays_since(int(time.time()) - 60) == len(wrong) + 1
    assert await safe.orders.strays_since(int(time.time()) + 60) == 0


async def test_who_asks_twice_for_the_same_has_one_order(safe: Safe) -> None:
    order = await safe.photo()
    assert (await safe.photo()).id == order.id
    assert (await safe.photo(BEN)).id != order.id
    assert (await safe.pack()).id != (await safe.pack(credits=50)).id
    await safe.paid(order)
    assert (await safe.photo()).id != order.id


async def test_other_terms_or_another_language_make_another_order(safe: Safe) -> None:
    about = (ANNA, Product.CREDITS, 10, 100, "XTR")
    orders = [await safe.orders.open(*about, *more) for more in (("en", 1), ("de", 1), ("en", 2), ("en", 1))]
    assert len({order.id for order in orders}) == 3
    assert orders[0].id == orders[3].id


@pytest.mark.parametrize("what", ["pack", "photo"])
async def test_an_order_knows_its_terms_and_the_newest_consent(safe: Safe, what: str) -> None:
    order = await getattr(safe, what)()
    sql = "SELECT terms_version, consented_at FROM orders WHERE id = ?"
    [(terms, consented_at)] = await safe.sql(sql, order.id)
    assert terms == 1
    assert abs(consented_at - time.time()) < 60
    await safe.sql("UPDATE orders SET consented_at = consented_at - 600")
    assert (await getattr(safe, what)()).id == order.id
    assert await safe.sql(sql, order.id) >= [(1, consented_at)]


async def test_one_payment_at_a_time_is_let_through(safe: Safe) -> None:
    order = await safe.pack()
    assert await safe.orders.check_out(order.id)
    assert not await safe.orders.check_out(order.id)
    await safe.sql("UPDATE orders SET checkout_at = checkout_at - 60")
    assert await safe.orders.check_out(order.id)


async def test_an_invoice_that_is_paid_already_stays_paid(safe: Safe) -> None:
    order = await safe.pack()
    await safe.paid(order)
    await safe.orders.invoiced(order.id)
    assert await safe.state(order) == "delivered"


# Delivering and refunding


async def test_a_photos_credits_are_held_until_it_is_delivered(safe: Safe) -> None:
    order = await safe.paid(await safe.photo())
    assert (order.state, order.task) == (OrderState.PAID, TASK)
    assert await safe.orders.delivering(order.id, 55)
    assert await safe.ledger.balance(ANNA) == 3
    for _ in range(2):
        await safe.orders.delivered(order.id)
        found = await safe.orders.find(order.id)
        assert found
        assert (found.state, found.task, found.progress_id) == (OrderState.DELIVERED, None, None)
    assert await safe.entries(order) == [("purchase", 1), ("hold", -1), ("settle", 0)]
    assert not await safe.orders.delivering(order.id, 56)


@pytest.mark.parametrize("by", ["us", "telegram"])
@pytest.mark.parametrize("state", ["paid", "delivering", "delivered"])
async def test_a_photo_is_refunded_once_from_every_state(safe: Safe, state: str, by: str) -> None:
    order = await safe.paid(await safe.photo())
    if state != "paid":
        await safe.orders.delivering(order.id, 55)
    if state == "delivered":
        await safe.orders.delivered(order.id)
    if by == "us":
        was = await safe.orders.refunding(order.id, "operators")
        assert was
        assert was.progress_id == (55 if state == "delivering" else None)
        assert await safe.orders.refunding(order.id, "operators") is None
        assert await safe.state(order) == "refunding"
    assert not await safe.orders.delivering(order.id, 56) or by == "telegram"
    assert order.charge_id
    assert await safe.orders.record_refund(order.charge_id)
    assert await safe.orders.record_refund(order.charge_id) is None
    await safe.orders.delivered(order.id)  # too late
    found = await safe.orders.find(order.id)
    assert found
    assert (found.state, found.task, found.progress_id) == (OrderState.REFUNDED, None, None)
    assert found.reason == {"us": "operators", "telegram": "telegram"}[by]
    assert sum(int(str(credits)) for _, credits in await safe.entries(order)) == 0
    assert await safe.ledger.balance(ANNA) == 3


@pytest.mark.parametrize("by", ["us", "telegram"])
async def test_a_pack_is_refunded_once_spent_or_not(safe: Safe, by: str) -> None:
    order = await safe.paid(await safe.pack())
    await safe.ledger.hold(ANNA, 1, 5)
    await safe.ledger.settle(1)
    assert not await safe.orders.is_unspent(order.id)
    assert await safe.orders.refunding(order.id, "withdrawn", only_unspent=True) is None
    assert await safe.ledger.balance(ANNA) == 8
    if by == "us":
        assert await safe.orders.refunding(order.id, "operators")
        assert await safe.ledger.balance(ANNA) == -2  # before the money goes
    assert order.charge_id
    assert await safe.orders.record_refund(order.charge_id)
    assert await safe.orders.record_refund(order.charge_id) is None
    assert await safe.ledger.balance(ANNA) == -2
    with pytest.raises(Short):
        await safe.ledger.hold(ANNA, 2, 1)


async def test_credits_that_came_otherwise_may_be_spent_first(safe: Safe) -> None:
    order = await safe.paid(await safe.pack())
    await safe.ledger.hold(ANNA, 1, 3)
    assert await safe.orders.is_unspent(order.id)
    assert await safe.orders.refunding(order.id, "withdrawn", only_unspent=True)
    assert await safe.ledger.balance(ANNA) == 0


async def test_a_payment_without_an_order_is_refunded_and_takes_no_credits(safe: Safe) -> None:
    kept, _ = await safe.orders.pay(Charge("a", ANNA, 100, "XTR", "NOSUCHNO"), OrderState.PAID)
    assert await safe.orders.refunding(kept.id, "operators")
    assert await safe.orders.record_refund("a")
    assert await safe.orders.record_refund("never heard of") is None
    assert await safe.ledger.balance(ANNA) == 3
    assert await safe.entries(kept) == []


async def test_an_unpaid_order_is_not_refunded(safe: Safe) -> None:
    assert await safe.orders.refunding((await safe.pack()).id, "operators") is None
    assert await safe.orders.refunding("NOSUCHNO", "operators") is None


async def test_that_a_refund_is_refused_is_news_once(safe: Safe) -> None:
    order = await safe.paid(await safe.pack())
    assert await safe.orders.refused(order.id)
    assert not await safe.orders.refused(order.id)


# What is due, and what is forgotten


async def test_what_is_due(safe: Safe) -> None:
    pack, photo = await safe.paid(await safe.pack()), await safe.paid(await safe.photo())
    await safe.pack(BEN)
    stray, _ = await safe.orders.pay(Charge("a", ANNA, 1, "XTR", ""), OrderState.PAID)
    back, _ = await safe.orders.pay(Charge("b", ANNA, 1, "XTR", ""))
    assert {order.id for order in await safe.orders.due()} == {photo.id, back.id}  # not the stray: people look at it
    await safe.orders.postpone(photo.id, 30)
    await safe.orders.delivering(photo.id, 5)
    assert [order.id for order in await safe.orders.due()] == [back.id]
    await safe.sql("UPDATE orders SET next_at = next_at - 31 WHERE id = ?", photo.id)
    assert [(order.id, order.tries) for order in await safe.orders.due() if order.id == photo.id] == [(photo.id, 1)]
    assert await safe.orders.refundable() == 100 + 15 + 1 + 1
    await safe.sql("UPDATE orders SET paid_at = paid_at - ? WHERE id = ?", WITHDRAWAL_SECONDS + 1, pack.id)
    assert await safe.orders.refundable() == 15 + 1 + 1
    assert [order.id for order in await safe.orders.of(ANNA)][-1] == pack.id
    assert len(await safe.orders.of(ANNA)) == 4
    assert await safe.orders.of(BEN) == []
    assert stray.id not in {order.id for order in await safe.orders.due()}


async def test_what_is_not_paid_ends_and_is_forgotten(safe: Safe) -> None:
    old, kept, paid = await safe.photo(), await safe.photo(BEN), await safe.paid(await safe.pack())
    await safe.sql("UPDATE orders SET opened_at = opened_at - ? WHERE id <> ?", PAYABLE_SECONDS + 1, kept.id)
    await safe.orders.forget_old()
    assert [await safe.state(order) for order in (old, kept, paid)] == ["expired", "open", "delivered"]
    assert await safe.sql("SELECT task FROM orders WHERE id = ?", old.id) == [(None,)]
    await safe.sql("UPDATE orders SET opened_at = opened_at - ? WHERE id <> ?", KEEP_UNPAID_SECONDS, kept.id)
    await safe.orders.forget_old()
    assert await safe.orders.find(old.id) is None
    assert await safe.state(paid) == "delivered"


async def test_a_payment_counts_even_when_its_order_has_expired(safe: Safe) -> None:
    order = await safe.photo()
    await safe.sql("UPDATE orders SET opened_at = opened_at - ?", PAYABLE_SECONDS + 1)
    await safe.orders.forget_old()
    paid = await safe.paid(order)
    assert (paid.state, paid.task) == (OrderState.PAID, None)  # its photo is forgotten: to be refunded
