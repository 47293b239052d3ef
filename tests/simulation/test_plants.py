"""A planted bug at each step of an order's life is caught: this tree, with one line of it wrong, and who notifier."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Plant:
    step: str
    file: str
    right: str
    wrong: str
    judge: tuple[str, ...]  # arguments of Python: what is to notice


PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider")
HISTORIES = ("-m", "tests.simulation.test_histories", "stars", "300")  # the same each time; they end at the first fault
OF_PRINTS = ("-m", "tests.simulation.test_histories", "prints", "300")
RULES = (*PYTEST, "tests/unit/test_orders.py")
STORIES = (*PYTEST, "tests/stories/test_inprocess.py", "-k", "money_moves or comes_twice or no_update_told")
CHECKOUT = (
    *PYTEST,
    "tests/stories/test_shop.py",
    "-k",
    "two_payments_at_once or may_not_be_is_refused or costs_another_price",
)
PRINT_STORIES = (*PYTEST, "tests/stories/test_prints_chat.py", "tests/stories/test_prints_lab.py", "-k", "not button")
CARDS = (*PYTEST, "tests/stories/test_cards.py", "-k", "not others and not otherwise")  # those need npm
RECONCILIATION_STORIES = (*PYTEST, "tests/stories/test_stripe_reconciliation.py")
JUDGES = (HISTORIES, OF_PRINTS, RULES, STORIES, CHECKOUT, PRINT_STORIES, CARDS, RECONCILIATION_STORIES)

ORDERS, SHOP, SALES, JOB = (
    "storage/orders.py",
    "bot/payments/checkout.py",
    "handlers/shop/shop.py",
    "handlers/photos/job.py",
)
STARS, RECONCILE, INVOICE, QUEUE = (
    "bot/payments/stars_gateway.py",
    "bot/payments/stars_reconciliation.py",
    "handlers/shop/invoice.py",
    "bot/botapi/updates.py",
)
STRIPE, BOOKS, REFUNDS, TO_LAB = (
    "bot/payments/stripe_gateway.py",
    "bot/payments/stripe_reconciliation.py",
    "bot/payments/refunds.py",
    "handlers/prints/to_lab.py",
)
TRACKING, ON_PAPER = "storage/tracking.py", "bot/prints/fulfilment.py"

# fmt: off
# ruff: noqa: E501  (a table)
PLANTS = [
    Plant("open: as somebody else's", ORDERS, '_ALIKE = ("account", ', "_ALIKE = (", RULES),
    Plant("open: what is paid once more", ORDERS, "AND state IN ('open', 'invoiced') AND opened_at", "AND opened_at", RULES),
    Plant("invoice: of another order", INVOICE, "payload=order.id", "payload=order.id[::-1]", HISTORIES),
    Plant("invoice: takes what is paid back", ORDERS, "WHERE id = ? AND state = 'open'\"", 'WHERE id = ?"', RULES),
    Plant("checkout: by whom", SHOP, "if order.user_id != user_id:", "if False:", HISTORIES),
    Plant("checkout: too late", SHOP, "if order.state is OrderState.EXPIRED or", "if False and", CHECKOUT),
    Plant("checkout: once more", SHOP, "if order.state not in (OrderState.OPEN, OrderState.INVOICED):", "if False:", CHECKOUT),
    Plant("checkout: at that price", SHOP, "(amount, currency) != (goods + shipping, order.currency) or ", "", CHECKOUT),
    Plant("checkout: at today's price", SHOP, " or _price_now(order) != goods", "", CHECKOUT),
    Plant("checkout: two at once", SHOP, 'None if await self._orders.check_out(number, zone.name if zone else "", shipping) else "under-way"', "None", STORIES),
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
    Plant("returned: keeps the credits", ORDERS, "        _take_back(connection, order)\n        step(connection, order.id, OrderState.REFUNDED", "        step(connection, order.id, OrderState.REFUNDED", HISTORIES),
    Plant("reconcile: leaves payments alone", RECONCILE, "known is None and await self._is_older(line)", "True", HISTORIES),
    Plant("reconcile: leaves refunds alone", RECONCILE, "await self._refunds.note_returned(line.charge.id)", "pass", HISTORIES),
    Plant("reconcile: skips a line", RECONCILE, "page[1:] if seen", "page[2:] if seen", STORIES),
    Plant("expire: at once", ORDERS, "(now - PAYABLE_SECONDS,)", "(now + 1,)", RULES),
    Plant("expire: what is paid", ORDERS, "DELETE FROM orders WHERE state = 'expired' AND", "DELETE FROM orders WHERE", HISTORIES),
    Plant("prints, checkout: by whom", SHOP, "if order.user_id != user_id:", "if False:", OF_PRINTS),
    Plant("prints, checkout: another option", SHOP, "zone is None or zone.name != option", "zone is None", OF_PRINTS),
    Plant("prints, checkout: posted for less", SHOP, "(amount, currency) != (goods + shipping, order.currency) or ", "", PRINT_STORIES),
    Plant("prints, checkout: two at once", ORDERS, "AND coalesce(checkout_at, 0) <= :before ", "", PRINT_STORIES),
    Plant("prints, checkout: without posting", ORDERS, "amount = amount - shipping + :shipping, ", "", OF_PRINTS),
    Plant("prints, zone: costs nothing", SHOP, "zone.cents if zone else 0", "0", OF_PRINTS),
    Plant("prints, zone: unknown to the lab", ORDERS, "set_zone(connection, number, zone)", "pass", PRINT_STORIES),
    Plant("prints, pay: once more", ORDERS, "if order.state not in _UNPAID:", "if False:", OF_PRINTS),
    Plant("prints, pay: by whom, how much", ORDERS, "if order is None or not _fits(order, charge):", "if order is None:", OF_PRINTS),
    Plant("prints, pay: forgets where to", ORDERS, "set_address(connection, order.id, charge.address, charge.email)", "pass", PRINT_STORIES),
    Plant("prints, pay: not by which card", ORDERS, "provider_id IN (:charge, :intent)", "provider_id = :intent", OF_PRINTS),
    Plant("prints, door: lets the address in", QUEUE, "if seal_addresses(raw, self._lab_key):", "if False:", OF_PRINTS),
    Plant("prints, package: may have come before", TO_LAB, "if order.state is OrderState.DELIVERING:", "if False:", PRINT_STORIES),
    Plant("prints, package: never", SALES, "OrderState.DELIVERING) and order.product is not", "OrderState.DELIVERING) and False and order.product is not", PRINT_STORIES),
    Plant("prints, package: waits for a part", SALES, "if is_to_come and", "if is_to_come and order.returned == order.to_return and", PRINT_STORIES),
    Plant("prints, package: keeps the address", ORDERS, "    forget_address(connection, number)\n", "", PRINT_STORIES),
    Plant("prints, lab: is not stopped", REFUNDS, "in await self._shipments.cancelled():", "in ():", PRINT_STORIES),
    Plant("prints, lab: any step", TRACKING, "order.state not in FROM[state]", "False", PRINT_STORIES),
    Plant("prints, lab: nobody hears", ON_PAPER, "            await self._tell(taken.order)", "            pass", PRINT_STORIES),
    Plant("cards, refund: two at once", STRIPE, '{"idempotency_key": key}', "{}", CARDS),
    Plant("cards, refund: another beside a pending one", STRIPE, "payment.given_back >= amount or payment.coming_back", "payment.given_back >= amount", OF_PRINTS),
    Plant("cards, refund: once more after a 5xx", STRIPE, "amount - payment.given_back, f", "amount, f", OF_PRINTS),
    Plant("cards, refund: after it failed", STRIPE, "            if payment.failed:\n", "            if False:\n", CARDS),
    Plant("cards, refund: is never there", REFUNDS, "if payment.given_back > order.returned:", "if False:", OF_PRINTS),
    Plant("cards, refund: nobody knows that it failed", REFUNDS, "await self._refused(order, str(error))", "pass", PRINT_STORIES),
    Plant("cards, part: in place of the first", ORDERS, "SET to_return = to_return + ?,", "SET to_return = max(to_return, ?),", PRINT_STORIES),
    Plant("cards, part: of more than there is", ORDERS, "if not 0 < amount < order.amount - order.to_return:", "if False:", PRINT_STORIES),
    Plant("cards, came back: unseen", REFUNDS, "payment.given_back < order.returned and not payment.is_lost", "False", OF_PRINTS),
    Plant("cards, came back: what the bank has taken", REFUNDS, "order.returned and not payment.is_lost", "order.returned", OF_PRINTS),
    Plant("cards, dispute: lost", REFUNDS, "if payment.is_lost:", "if False:", PRINT_STORIES),
    Plant("cards, dispute: nobody hears", REFUNDS, "if order.dispute != status:", "if False:", PRINT_STORIES),
    Plant("cards, dispute: heard again and again", REFUNDS, "if order.dispute != status:", "if True:", PRINT_STORIES),
    Plant("cards, dispute: heard by nobody counts", REFUNDS, 'raise UntoldError("operators were not told")', "pass", PRINT_STORIES),
    Plant("cards, webhook: once more", BOOKS, " or await self._events.has(event.id)", "", RECONCILIATION_STORIES),
    Plant("cards, webhook: known before it is done", BOOKS, "await self._settle(event.charge)", "await self._events.add(event.id); await self._settle(event.charge)", RECONCILIATION_STORIES),
    Plant("cards, lists: leave all alone", BOOKS, "await self._settle_all({*charges, *await self._watched(told, now)})", "[], None", RECONCILIATION_STORIES),
    Plant("cards, lists: what is new alone", BOOKS, "{*charges, *await self._watched(told, now)}", "{*charges}", PRINT_STORIES),
    Plant("cards, lists: nobody hears of a stray", BOOKS, "each.paid and told < each.at <= ripe", "False", RECONCILIATION_STORIES),
]
# fmt: on


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, with the same weights."""
    copy = tmp_path_factory.mktemp("tree")
    (copy / ".models").symlink_to(ROOT / ".models")
    for package in ("bot", "handlers", "storage", "tests"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def judged(tree: Path, judge: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-B", *judge]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=600)


def test_every_plant_finds_its_place() -> None:
    """`make prove` plants them; here it is seen at once when code moved away from under one."""
    lost = [plant.step for plant in PLANTS if (ROOT / plant.file).read_text("utf-8").count(plant.right) != 1]
    assert lost == []


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
    unsound = [each for each in ("SyntaxError", "ImportError", "NameError") if each in told]
    assert not unsound, f"the plant itself is not sound\n{told}"
