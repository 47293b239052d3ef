"""What must hold of the money at rest, whatever happened: our books, and against Telegram's own list of payments."""

from typing import Any

from storage.db import Connection, Database


async def check(db: Database, transactions: list[dict[str, Any]]) -> None:
    """Fails where an order hangs, a payment counts twice or not at all, or credits are there without payment."""
    orders = await db.read(_orders)
    ledger = await db.read(_ledger)
    holds = await db.read(lambda connection: connection.execute("SELECT count(*) FROM holds").fetchone()[0])
    paid = {line["id"]: line["amount"] for line in transactions if "source" in line}
    refunded = [line["id"] for line in transactions if "receiver" in line]
    ours = {order["charge_id"]: order for order in orders if order["charge_id"]}

    assert holds == 0, "a job is over, and its credits are still held"
    assert set(ours) == set(paid), "every payment has its order, and every paid order its payment"
    assert len(refunded) == len(set(refunded)), "nothing is refunded twice"
    for charge, order in ours.items():
        assert order["state"] in ("delivered", "refunded"), f"an order hangs as {order['state']}"
        assert (order["state"] == "refunded") == (charge in refunded), "refunded here means refunded there"
        assert order["amount"] == paid[charge]
        assert order["task"] is None, "where the photo was is forgotten"
    income = sum(paid.values()) - sum(paid[charge] for charge in refunded)
    assert income == sum(order["amount"] for order in ours.values() if order["state"] == "delivered")
    _check_ledger(orders, ledger)


def _check_ledger(orders: list[dict[str, Any]], ledger: list[dict[str, Any]]) -> None:
    for order in orders:
        gave = [entry for entry in ledger if entry["reference"] == order["id"]]
        bought = [entry["credits"] for entry in gave if entry["kind"] == "purchase"]
        counts = bool(order["charge_id"]) and order["product"] != "unknown"
        assert bought == ([order["credits"]] if counts else []), "each payment is in the ledger once"
        left = order["credits"] if order["product"] == "credits" and order["state"] == "delivered" else 0
        assert sum(entry["credits"] for entry in gave) == left
    known = {order["id"] for order in orders}
    for entry in ledger:
        assert entry["kind"] in ("newcomer", "grant") or entry["reference"] in known or _is_job(entry, ledger)
    for account in {entry["account"] for entry in ledger}:
        assert sum(entry["credits"] for entry in ledger if entry["account"] == account) >= 0


def _is_job(entry: dict[str, Any], ledger: list[dict[str, Any]]) -> bool:
    """A hold and its one end."""
    kinds = sorted(each["kind"] for each in ledger if each["reference"] == entry["reference"])
    return kinds in (["hold", "settle"], ["hold", "release"])


def _orders(connection: Connection) -> list[dict[str, Any]]:
    return _rows(connection, "SELECT id, account, state, product, credits, amount, charge_id, task FROM orders")


def _ledger(connection: Connection) -> list[dict[str, Any]]:
    return _rows(connection, "SELECT account, kind, credits, reference FROM ledger")


def _rows(connection: Connection, sql: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
