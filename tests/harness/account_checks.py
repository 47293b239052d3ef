"""Checks of orders, ledger and holds, at any time and at rest, also against Telegram's and Stripe's payments."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from bot.domain.values import STARS
from bot.playground.stripe import Account
from storage.db import Connection, Database

Json = dict[str, Any]

UNPAID = ("open", "invoiced", "expired")
NOT_SENT, SENT = ("paid", "delivering"), ("sent", "printed", "posted", "delivered", "returned")  # prints
BY_OTHERS = ("telegram", "operators")  # they may refund what is already spent

# The kinds of ledger entries of an order in this state, sorted.
ENTRIES = {
    **{(product, state): [""] for product in ("credits", "photo") for state in UNPAID},
    **{("unknown", state): [""] for state in ("paid", "refunding", "refunded")},
    ("credits", "delivered"): ["purchase"],
    ("photo", "paid"): ["hold purchase"],
    ("photo", "delivering"): ["hold purchase"],
    ("photo", "delivered"): ["hold purchase settle"],
    **{("print", state): [""] for state in (*UNPAID, *NOT_SENT, *SENT, "refunding", "refunded")},
    **{("credits", state): ["purchase refund"] for state in ("refunding", "refunded")},
    **{
        ("photo", state): ["hold purchase refund release", "hold purchase refund settle"]
        for state in ("refunding", "refunded")
    },
}


@dataclass(frozen=True)
class Records:
    orders: list[Json]
    ledger: list[Json]
    holds: list[Json]

    def of(self, reference: str) -> list[Json]:
        return [entry for entry in self.ledger if entry["reference"] == reference]

    def paid(self) -> dict[str, Json]:
        """Orders by the charge in Stars that paid them."""
        return {order["charge_id"]: order for order in self.orders if order["charge_id"] and is_in_stars(order)}

    def carded(self) -> dict[str, Json]:
        """Orders by the charge at Stripe that paid them."""
        return {order["provider_id"]: order for order in self.orders if order["charge_id"] and not is_in_stars(order)}

    def balances(self) -> dict[int, int]:
        balances = dict.fromkeys((entry["account"] for entry in self.ledger), 0)
        for entry in self.ledger:
            balances[entry["account"]] += entry["credits"]
        return balances


def read(connection: Connection) -> Records:
    orders = (
        "SELECT id, account, state, product, credits, amount, currency, charge_id, provider_id, shipping, to_return, "
        "returned, dispute, task, reason, opened_at, address FROM orders LEFT JOIN shipments ON number = id"
    )
    ledger = "SELECT account, kind, credits, reference FROM ledger"
    return Records(
        _rows(connection, orders), _rows(connection, ledger), _rows(connection, "SELECT reference, credits FROM holds")
    )


async def check(db: Database, transactions: list[Json]) -> None:
    """Check at rest: fails if an order hangs, a payment counts twice or not at all, or credits have no payment."""
    check_at_rest(await db.read(read), transactions, _refunded(transactions))


def check_at_rest(records: Records, transactions: list[Json], by_telegram: Collection[str]) -> None:
    """As `check`, given the charges that Telegram refunded by itself."""
    paid = {line["id"]: line["amount"] for line in transactions if "source" in line}
    refunded = _refunded(transactions)
    ours = records.paid()
    check_at_any_time(records, transactions, by_telegram)
    assert records.holds == [], "a job is over, and its credits are still held"
    assert set(ours) == set(paid), "every payment has its order, and every paid order its payment"
    assert len(refunded) == len(set(refunded)), "nothing is refunded twice"
    for charge, order in ours.items():
        assert order["state"] in ("delivered", "refunded"), f"an order hangs as {order['state']}"
        assert (order["state"] == "refunded") == (charge in refunded), "refunded here means refunded there"
        assert order["amount"] == paid[charge]
        assert order["task"] is None, "where the photo was is forgotten"
    income = sum(paid.values()) - sum(paid[charge] for charge in refunded)
    assert income == sum(order["amount"] for order in ours.values() if order["state"] == "delivered")


def check_at_any_time(records: Records, transactions: list[Json], by_telegram: Collection[str]) -> None:
    """Checks that also hold while work is under way."""
    paid = {line["id"] for line in transactions if "source" in line}
    refunded = set(_refunded(transactions))
    ours = records.paid()
    assert len(ours) + len(records.carded()) == sum(bool(order["charge_id"]) for order in records.orders), (
        "a payment belongs to one order"
    )
    assert set(ours) <= paid, "no order is paid without a payment"
    for charge, order in ours.items():
        assert order["state"] != "refunded" or charge in refunded, "refunded here, not there"
        assert order["state"] in ("refunding", "refunded") or charge not in refunded - set(by_telegram), (
            "the money goes back after what it gave"
        )
        assert order["reason"] != "telegram" or charge in by_telegram, "Telegram refunded this by itself"
    for order in records.orders:
        _check_entries(order, records.of(order["id"]))
    _check_jobs(records)
    _check_balances(records)


def _check_entries(order: Json, entries: list[Json]) -> None:
    kinds = " ".join(sorted(entry["kind"] for entry in entries))
    about = f"{order['product']} {order['state']}"
    assert kinds in ENTRIES[order["product"], order["state"]], f"the ledger says {kinds!r} of {about}"
    bought = [entry["credits"] for entry in entries if entry["kind"] == "purchase"]
    assert bought in ([], [order["credits"]]), "a payment gives what was sold"
    left = order["credits"] if order["product"] == "credits" and order["state"] == "delivered" else 0
    assert sum(entry["credits"] for entry in entries) == left, f"credits of {about}"


def _check_jobs(records: Records) -> None:
    """What is neither a present nor an order's is a job's: held, then settled or released, once."""
    known = {order["id"] for order in records.orders}
    held = {hold["reference"]: -hold["credits"] for hold in records.holds}
    jobs = {each["reference"] for each in records.ledger if each["kind"] not in ("newcomer", "grant")} - known
    assert set(held) <= jobs
    for reference in jobs:
        entries = {entry["kind"]: entry["credits"] for entry in records.of(reference)}
        hold = entries.pop("hold")
        if reference in held:
            assert (entries, held[reference]) == ({}, hold), "what is held"
        else:
            [(kind, back)] = entries.items()
            assert (kind == "settle" and back == 0) or (kind == "release" and 0 < back <= -hold), "how a job ended"


def _check_balances(records: Records) -> None:
    """Below zero only by what others refunded although it was spent."""
    for account, balance in records.balances().items():
        refunds = [order for order in records.orders if order["account"] == account and order["reason"] in BY_OTHERS]
        assert balance >= -sum(order["credits"] for order in refunds if order["product"] == "credits")


def is_in_stars(order: Json) -> bool:
    return bool(order["currency"] == STARS)


def _refunded(transactions: list[Json]) -> list[str]:
    return [line["id"] for line in transactions if "receiver" in line]


def _rows(connection: Connection, sql: str) -> list[Json]:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def check_cards(records: Records, account: Account, by_hand: Collection[str], failed: bool) -> None:
    """Check our records against Stripe's at any time. `by_hand`: refunds by others; `failed`: some may have failed."""
    ours = records.carded()
    assert set(ours) <= set(account.charges), "no order is paid without a payment"
    for refund in account.refunds.values():
        if refund["id"] not in by_hand:
            assert refund["charge"] in ours, "a refund of nothing of ours"
    for charge, order in ours.items():
        assert order["amount"] == account.charges[charge]["amount"], "what was paid"
        ours_there = _sum(account, charge, "succeeded", "pending", but=by_hand)
        assert ours_there <= order["to_return"], f"more of {order['id']} is given back than was asked for"
        assert _sum(account, charge, "succeeded", "pending") <= order["amount"], "more than was paid"
        assert failed or is_lost(account, charge) or order["returned"] <= given_back(account, charge), (
            "returned here, not there"
        )
        assert order["state"] != "refunded" or order["returned"] == order["amount"]
        assert order["state"] in NOT_SENT or (order["task"], order["address"]) == (None, None), "what it needs no more"


def check_cards_at_rest(records: Records, account: Account, was_told: Callable[[str], bool]) -> None:
    for charge, order in records.carded().items():
        number, back, coming = order["id"], given_back(account, charge), coming_back(account, charge)
        assert order["state"] not in NOT_SENT, f"{number} hangs as {order['state']}"
        assert order["product"] == "print" or order["state"] in ("refunding", "refunded"), "a stray"
        assert order["returned"] == (order["amount"] if is_lost(account, charge) else back), f"what is back of {number}"
        assert (order["state"] == "refunded") == (order["returned"] == order["amount"]), f"{number}: all of it is back"
        if order["returned"] < order["to_return"]:
            assert coming or was_told(number), f"{number} is not given back, and nobody knows"


def is_lost(account: Account, charge: str) -> bool:
    """True if a dispute about the charge is lost."""
    return any(each["charge"] == charge and each["status"] == "lost" for each in account.disputes.values())


def given_back(account: Account, charge: str) -> int:
    return _sum(account, charge, "succeeded")


def coming_back(account: Account, charge: str) -> int:
    return _sum(account, charge, "pending")


def _sum(account: Account, charge: str, *states: str, but: Collection[str] = ()) -> int:
    refunds = [each for each in account.refunds.values() if each["charge"] == charge and each["id"] not in but]
    return sum(each["amount"] for each in refunds if each["status"] in states)
