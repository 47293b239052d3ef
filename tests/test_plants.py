"""A planted bug at each step of an order's life is caught: this tree, with one line of it wrong, and who notices."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Plant:
    step: str
    file: str
    right: str
    wrong: str
    judge: tuple[str, ...]  # arguments of Python: what is to notice


PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider")
HISTORIES = ("-m", "tests.test_histories", "300")  # the same each time; they end at the first fault
RULES = (*PYTEST, "tests/test_orders.py")
STORIES = (*PYTEST, "tests/test_inprocess.py", "-k", "money_moves or comes_twice or no_update_told")
CHECKOUT = (*PYTEST, "tests/test_shop.py", "-k", "two_payments_at_once or may_not_be_is_refused or costs_another_price")
JUDGES = (HISTORIES, RULES, STORIES, CHECKOUT)

ORDERS, SHOP, SALES, JOB = "storage/orders.py", "bot/shop.py", "handlers/shop.py", "handlers/job.py"
STARS, RECONCILE = "bot/gateways.py", "bot/reconcile.py"

# fmt: off
# ruff: noqa: E501  (a table)
PLANTS = [
    Plant("open: as somebody else's", ORDERS, '_ALIKE = ("account", ', "_ALIKE = (", RULES),
    Plant("open: what is paid once more", ORDERS, "AND state IN ('open', 'invoiced') AND opened_at", "AND opened_at", RULES),
    Plant("invoice: of another order", SALES, "payload=order.id", "payload=order.id[::-1]", HISTORIES),
    Plant("invoice: takes what is paid back", ORDERS, "WHERE id = ? AND state = 'open'\"", 'WHERE id = ?"', RULES),
    Plant("checkout: by whom", SHOP, "if order.user_id != user_id:", "if False:", HISTORIES),
    Plant("checkout: too late", SHOP, "if order.state is OrderState.EXPIRED or", "if False and", CHECKOUT),
    Plant("checkout: once more", SHOP, "if order.state not in (OrderState.OPEN, OrderState.INVOICED):", "if False:", CHECKOUT),
    Plant("checkout: at that price", SHOP, "(amount, currency) != (order.amount, order.currency) or ", "", CHECKOUT),
    Plant("checkout: at today's price", SHOP, " or _price_now(order) != order.amount", "", CHECKOUT),
    Plant("checkout: two at once", SHOP, 'None if await self._orders.check_out(number) else "under-way"', "None", STORIES),
    Plant("pay: an update that comes again", ORDERS, "return known, False", "return known, True", RULES),
    Plant("pay: by whom, how much", ORDERS, "if order is None or not _fits(order, charge):", "if order is None:", HISTORIES),
    Plant("pay: nothing for it", ORDERS, 'book(connection, account, "purchase", order.credits, order.id)', "pass", HISTORIES),
    Plant("pay: spent elsewhere", ORDERS, 'book(connection, account, "hold", -order.credits, order.id)', "pass", HISTORIES),
    Plant("deliver: after a crash", SHOP, "order.state in (OrderState.PAID, OrderState.DELIVERING) else", "False else", HISTORIES),
    Plant("deliver: what was refunded", ORDERS, "WHERE id = ? AND state IN ('paid', 'delivering')", "WHERE id = ?", RULES),
    Plant("deliver: twice at once", SHOP, "if number in self._at_work:", "if False:", STORIES),
    Plant("settle: not at all", JOB, "await settle()", "pass", HISTORIES),
    Plant("settle: not in the ledger", ORDERS, 'book(connection, _account(connection, number), "settle", 0, number)', "pass", HISTORIES),
    Plant("refund: keeps the credits", ORDERS, "-order.credits if gave else 0", "0", HISTORIES),
    Plant("refund: what was spent", ORDERS, "if only_unspent and not", "if False and not", RULES),
    Plant("refund: no money", STARS, "await self._bot.refund_star_payment(user_id, charge_id)", "pass", HISTORIES),
    Plant("returned: twice", ORDERS, "if order is None or order.state is OrderState.REFUNDED:", "if order is None:", HISTORIES),
    Plant("returned: keeps the credits", ORDERS, "                _take_back(connection, order)\n", "", HISTORIES),
    Plant("reconcile: leaves payments alone", RECONCILE, "known is None and line.at < first_start", "True", HISTORIES),
    Plant("reconcile: leaves refunds alone", RECONCILE, "await self._shop.returned(line.charge.id)", "pass", HISTORIES),
    Plant("reconcile: skips a line", RECONCILE, "page[1:] if seen", "page[2:] if seen", STORIES),
    Plant("expire: at once", ORDERS, "(now - PAYABLE_SECONDS,)", "(now + 1,)", RULES),
    Plant("expire: what is paid", ORDERS, "DELETE FROM orders WHERE state = 'expired' AND", "DELETE FROM orders WHERE", HISTORIES),
]
# fmt: on


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources."""
    copy = tmp_path_factory.mktemp("tree")
    for package in ("bot", "handlers", "storage", "tests"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def judged(tree: Path, judge: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-B", *judge]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=600)


@pytest.mark.prove
@pytest.mark.parametrize("judge", JUDGES, ids=[judge[-1] for judge in JUDGES])
def test_without_a_plant_there_is_nothing_to_catch(tree: Path, judge: tuple[str, ...]) -> None:
    done = judged(tree, judge)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.prove
@pytest.mark.parametrize("plant", PLANTS, ids=[plant.step for plant in PLANTS])
def test_a_planted_bug_is_caught(tree: Path, plant: Plant) -> None:
    file = tree / plant.file
    source = file.read_text("utf-8")
    assert source.count(plant.right) == 1, "the source has changed: plant it anew"
    file.write_text(source.replace(plant.right, plant.wrong), "utf-8")
    try:
        done = judged(tree, plant.judge)
    finally:
        file.write_text(source, "utf-8")
    told = done.stdout + done.stderr
    assert done.returncode == 1, f"nobody notices: {plant.step}\n{told}"
    assert "Error" in told
    assert not any(each in told for each in ("SyntaxError", "ImportError", "NameError")), (
        told
    )  # the plant itself is sound
