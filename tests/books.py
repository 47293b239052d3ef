"""What must hold of the money, at any moment and at rest: our books, and against Telegram's own list of payments."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from storage.db import Connection, Database

Json = dict[str, Any]

UNPAID = ("open", "invoiced", "expired")
BY_OTHERS = ("telegram", "operators")  # who may refund what was spent already

# What the ledger says of an order in this state, in the order of the alphabet.
ENTRIES = {
    **{(product, state): [""] for product in ("credits", "photo") for state in UNPAID},
    **{("unknown", state): [""] for state in ("paid", "refunding", "refunded")},
    ("credits", "delivered"): ["purchase"],
    ("photo", "paid"): ["hold purchase"],
    ("photo", "delivering"): ["hold purchase"],
    ("photo", "delivered"): ["hold purchase settle"],
    **{("credits", state): ["purchase refund"] for state in ("refunding", "refunded")},
    **{
        ("photo", state): ["hold purchase refund release", "hold purchase refund settle"]
        for state in ("refunding", "refunded")
    },
}


@dataclass(frozen=True)
class Books:
    orders: list[Json]
    ledger: list[Json]
    holds: list[Json]

    def of(self, reference: str) -> list[Json]:
        return [entry for entry in self.ledger if entry["reference"] == reference]

    def paid(self) -> dict[str, Json]:
        """Orders by the charge that paid them."""
        return {order["charge_id"]: order for order in self.orders if order["charge_id"]}

    def balances(self) -> dict[int, int]:
        balances = dict.fromkeys((entry["account"] for entry in self.ledger), 0)
        for entry in self.ledger:
            balances[entry["account"]] += entry["credits"]
        return balances


def read(connection: Connection) -> Books:
    orders = "SELECT id, account, state, product, credits, amount, charge_id, task, reason, opened_at FROM orders"
    ledger = "SELECT account, kind, credits, reference FROM ledger"
    return Books(
        _rows(connection, orders), _rows(connection, ledger), _rows(connection, "SELECT reference, credits FROM holds")
    )


async def check(db: Database, transactions: list[Json]) -> None:
    """At rest. Fails where an order hangs, a payment counts twice or not at all, or credits are there without one."""
    check_at_rest(await db.read(read), transactions, _refunded(transactions))


def check_at_rest(books: Books, transactions: list[Json], by_telegram: Collection[str]) -> None:
    """As `check`, where it is known which charges Telegram gave back by itself."""
    paid = {line["id"]: line["amount"] for line in transactions if "source" in line}
    refunded = _refunded(transactions)
    ours = books.paid()
    check_at_any_time(books, transactions, by_telegram)
    assert books.holds == [], "a job is over, and its credits are still held"
    assert set(ours) == set(paid), "every payment has its order, and every paid order its payment"
    assert len(refunded) == len(set(refunded)), "nothing is refunded twice"
    for charge, order in ours.items():
        assert order["state"] in ("delivered", "refunded"), f"an order hangs as {order['state']}"
        assert (order["state"] == "refunded") == (charge in refunded), "refunded here means refunded there"
        assert order["amount"] == paid[charge]
        assert order["task"] is None, "where the photo was is forgotten"
    income = sum(paid.values()) - sum(paid[charge] for charge in refunded)
    assert income == sum(order["amount"] for order in ours.values() if order["state"] == "delivered")


def check_at_any_time(books: Books, transactions: list[Json], by_telegram: Collection[str]) -> None:
    """Also while much is under way."""
    paid = {line["id"] for line in transactions if "source" in line}
    refunded = set(_refunded(transactions))
    ours = books.paid()
    assert len(ours) == sum(bool(order["charge_id"]) for order in books.orders), "a payment belongs to one order"
    assert set(ours) <= paid, "no order is paid without a payment"
    for charge, order in ours.items():
        assert order["state"] != "refunded" or charge in refunded, "refunded here, not there"
        assert order["state"] in ("refunding", "refunded") or charge not in refunded - set(by_telegram), (
            "the money goes back after what it gave"
        )
        assert order["reason"] != "telegram" or charge in by_telegram, "Telegram refunded this by itself"
    for order in books.orders:
        _check_entries(order, books.of(order["id"]))
    _check_jobs(books)
    _check_balances(books)


def _check_entries(order: Json, entries: list[Json]) -> None:
    kinds = " ".join(sorted(entry["kind"] for entry in entries))
    about = f"{order['product']} {order['state']}"
    assert kinds in ENTRIES[order["product"], order["state"]], f"the ledger says {kinds!r} of {about}"
    bought = [entry["credits"] for entry in entries if entry["kind"] == "purchase"]
    assert bought in ([], [order["credits"]]), "a payment gives what was sold"
    left = order["credits"] if order["product"] == "credits" and order["state"] == "delivered" else 0
    assert sum(entry["credits"] for entry in entries) == left, f"credits of {about}"


def _check_jobs(books: Books) -> None:
    """What is neither a present nor an order's is a job's: held, then settled or released, once."""
    known = {order["id"] for order in books.orders}
    held = {hold["reference"]: -hold["credits"] for hold in books.holds}
    jobs = {each["reference"] for each in books.ledger if each["kind"] not in ("newcomer", "grant")} - known
    assert set(held) <= jobs
    for reference in jobs:
        entries = {entry["kind"]: entry["credits"] for entry in books.of(reference)}
        hold = entries.pop("hold")
        if reference in held:
            assert (entries, held[reference]) == ({}, hold), "what is held"
        else:
            [(kind, back)] = entries.items()
            assert (kind == "settle" and back == 0) or (kind == "release" and 0 < back <= -hold), "how a job ended"


def _check_balances(books: Books) -> None:
    """Below zero only by what others refunded although it was spent."""
    for account, balance in books.balances().items():
        refunds = [order for order in books.orders if order["account"] == account and order["reason"] in BY_OTHERS]
        assert balance >= -sum(order["credits"] for order in refunds if order["product"] == "credits")


def _refunded(transactions: list[Json]) -> list[str]:
    return [line["id"] for line in transactions if "receiver" in line]


def _rows(connection: Connection, sql: str) -> list[Json]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
