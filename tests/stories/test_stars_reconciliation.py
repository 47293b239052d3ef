"""Telegram's own list of payments against our books: what came while the bot was down is put right at its start."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.payments.stars_gateway import MOST_UNREADABLE, PAGE, Transaction
from bot.payments.stars_reconciliation import STRAYS_AN_HOUR
from tests.conftest import agreed
from tests.harness.people import Json, Person
from tests.harness.print_fixture import PrintFixture, open_print_fixture
from tests.harness.shopping import (
    Shop,
    balance,
    balance_of,
    has_invoice,
    has_paid_pack,
    has_photo_invoice,
    is_refunded,
    open_shop,
    pays,
    refunds,
    texts,
    the_log_names_nobody,
    transactions,
    translate,
    withdraws,
)

GIFT = {"type": "user", "transaction_type": "gift_purchase", "user": {"id": 1, "is_bot": False, "first_name": "Gil"}}
NO_PAYMENTS: list[Json] = [
    {"receiver": GIFT},
    {"receiver": {"type": "telegram_ads"}},
    {"receiver": {"type": "telegram_api", "request_count": 7}},
    {"source": {"type": "fragment"}},
    {"source": {"type": "other"}},
]
PAYER = {"id": 4711, "is_bot": False, "first_name": "Pia"}
PAYMENT = {"type": "user", "transaction_type": "invoice_payment", "invoice_payload": "X"}
UNREADABLE: list[Json] = [
    {"amount": 0, "nanostar_amount": 500_000_000, "source": PAYMENT | {"user": PAYER}},
    {"amount": 5, "source": PAYMENT},
    {"amount": 5, "source": {"type": "user", "user": PAYER}},  # which the library does not read at all
]
OLDER = 30 * 24 * 3600.0  # seconds: before the first start


@dataclass(frozen=True)
class Night:
    """Who paid before it, and what came in it."""

    shop: Shop
    anna: Person  # paid a pack, and no update said so
    ben: Person  # paid for one photo, the same
    cleo: Person  # was charged without an order
    dora: Person  # got a pack back from Telegram, and no update said so
    emil: Person  # the same, and we had tried in vain
    gina: Person  # was charged without an order and told so, but is not refunded yet
    olga: Person  # paid long ago, to an earlier database


@pytest.fixture(scope="module")
def night(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """The bot is down while more comes in than fits on one page; then it starts again."""
    with open_shop(bot_api, tmp_path_factory.mktemp("shop"), FREE_CREDITS="0") as shop:
        telegram = shop.telegram
        names = ("Anna", "Ben", "Cleo", "Dora", "Emil", "Gina", "Olga")
        anna, ben, cleo, dora, emil, gina, olga = (agreed(telegram, name) for name in names)
        annas, bens = has_invoice(anna), has_photo_invoice(ben, name="ben.jpg")
        doras, emils = has_paid_pack(dora), has_paid_pack(emil)
        telegram.fault("refundStarPayment", "error", code=400, text="Bad Request: CHARGE_NOT_FOUND", count=99)
        withdraws(emil, emils)
        emil.sees("Confirmed on ")
        gina.is_charged(33)
        shop.waits_while("SELECT 1 WHERE (SELECT count(*) FROM orders WHERE next_at > 0) < 2")
        assert shop.bot.stop() == 0
        telegram.mend()
        shop.bot.rows("UPDATE orders SET next_at = next_at + 24 * 3600 WHERE next_at > 0")  # the list alone can tell
        for _ in range(3):
            olga.is_charged(500, "an order of an earlier database", tells=False, age=OLDER)
        for about in NO_PAYMENTS:
            telegram.enters_transaction(1, count=(PAGE - 10) // len(NO_PAYMENTS), **about)
        telegram.enters_transaction(1, count=PAGE - 1 - len(transactions(telegram)), receiver={"type": "telegram_ads"})
        cleo.is_charged(77, "no such order", tells=False)  # the last line of a page
        pays(anna, annas, asks=False, tells=False)  # the first one of the next
        pays(ben, bens, asks=False, tells=False)
        for number in (doras, emils):
            telegram.refunds(shop.charge_of(number), tells=False)
        withdrawn = balance(telegram) - 77 - 60  # all but Cleo's, which go back, and a few
        telegram.enters_transaction(withdrawn, receiver={"type": "fragment"})
        shop.bot.start()
        yield Night(shop, anna, ben, cleo, dora, emil, gina, olga)


def test_a_pack_that_no_update_told_of_is_honoured(night: Night) -> None:
    night.anna.sees("Thank you: 10 credits are yours, you have 10 now.")
    assert balance_of(night.anna) == 10


def test_a_photo_that_no_update_told_of_arrives(night: Night) -> None:
    assert night.ben.gets_document().name == "ben-enhance.jpg"


def test_a_payment_without_an_order_comes_back(night: Night) -> None:
    night.cleo.sees(translate("stray-no-order", price=translate("stars", count=77)))
    is_refunded(night.cleo)
    night.cleo.sees("You have 77 Telegram Stars back")


def test_what_telegram_gave_back_is_taken_from_the_credits(night: Night) -> None:
    night.dora.sees("Telegram has given you 100 Telegram Stars back")
    assert balance_of(night.dora) == 0
    night.dora.writes("/orders")
    assert "refunded" in night.dora.sees("Your orders").text


def test_a_refund_that_nobody_told_us_of_is_done(night: Night) -> None:
    night.emil.sees("You have 100 Telegram Stars back")
    assert balance_of(night.emil) == 0


def test_what_an_update_told_of_is_not_told_again(night: Night) -> None:
    night.anna.sees("Thank you: ")  # the list is read
    assert len(texts(night.gina, translate("stray-no-order", price=translate("stars", count=33)))) == 1


def test_what_is_older_than_the_database_is_left_alone_and_told_in_one_line(night: Night) -> None:
    night.shop.operators_hear("operators-older-payments", count=3)
    assert not refunds(night.olga)
    assert not night.shop.bot.rows("SELECT 1 FROM orders WHERE amount = 500")


def test_gifts_and_withdrawals_are_no_payments(night: Night) -> None:
    """There were more of them than fit on a page, and payments behind them."""
    [(seen,)] = night.shop.bot.rows("SELECT value FROM facts WHERE name = 'stars_seen'")
    assert seen > PAGE
    ours = night.shop.bot.rows("SELECT amount FROM orders WHERE charge_id IS NOT NULL ORDER BY amount")
    assert ours == [(15,), (33,), (77,), (100,), (100,), (100,)]


def test_the_operators_hear_that_the_balance_is_low(night: Night) -> None:
    """Anna may withdraw, Ben's photo was not delivered yet, and Gina still waits."""
    night.shop.operators_hear("operators-balance", balance=60, needed=148)


def test_where_the_list_is_another_bots_all_of_it_is_read_and_counts_once(night: Night) -> None:
    """In it more payments without an order than look normal: those are put before the operators."""
    shop, fay = night.shop, agreed(night.shop.telegram, "Fay")
    assert shop.bot.stop() == 0  # what is under way is over, and told
    said = [len(person.chat()) for person in (night.anna, night.ben, night.cleo, night.dora, night.emil)]
    shop.bot.rows("UPDATE orders SET next_at = 0")
    shop.telegram.fault("refundStarPayment", "error", code=400, text="Bad Request: CHARGE_NOT_FOUND")
    with shop.sees_call("refundStarPayment"):  # Gina's again
        shop.bot.start()
    assert shop.bot.stop() == 0
    shop.bot.rows("UPDATE facts SET value = 5000 WHERE name = 'stars_seen'")
    for stars in range(1, STRAYS_AN_HOUR + 1):  # two were Cleo's and Gina's
        fay.is_charged(stars, tells=False)
    shop.bot.start()
    is_refunded(fay, STRAYS_AN_HOUR - 2)
    for stars in (STRAYS_AN_HOUR - 1, STRAYS_AN_HOUR):
        shop.waits_while("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM orders WHERE amount = ?)", stars)
        [(order, state)] = shop.bot.rows("SELECT id, state FROM orders WHERE amount = ?", stars)
        assert state == "paid"
        shop.operators_hear("operators-stray", order=order, price=translate("stars", count=stars), user=fay.id)
    assert len(refunds(fay)) == STRAYS_AN_HOUR - 2
    assert said == [len(person.chat()) for person in (night.anna, night.ben, night.cleo, night.dora, night.emil)]
    assert len([each for each in shop.operators.chat() if "could be asked back" in each.text]) == 1  # once a day
    assert balance_of(night.anna) == 10


def test_a_server_without_such_a_list_harms_nothing(night: Night) -> None:
    shop = night.shop
    assert shop.bot.stop() == 0
    shop.bot.rows("UPDATE orders SET next_at = 0")
    lines = len(shop.bot.log.splitlines())
    shop.telegram.fault("getStarTransactions", "error", code=404, text="Not Found: method not found", count=100)
    shop.telegram.fault("getMyStarBalance", "error", code=404, text="Not Found: method not found", count=100)
    with shop.sees_call("getStarTransactions"):
        shop.bot.start()
    is_refunded(night.gina)
    has_paid_pack(night.dora)
    assert balance_of(night.dora) == 10
    assert "Traceback" not in (log := "\n".join(shop.bot.log.splitlines()[lines:]))
    assert " ERROR " not in log
    shop.telegram.mend()


def test_the_operators_hear_once_of_a_refund_that_is_refused_again_and_again(night: Night) -> None:
    refused = night.shop.bot.rows("SELECT id FROM orders WHERE refused_at IS NOT NULL")
    assert len(refused) == 2  # Emil's and Gina's
    for (order,) in refused:
        night.shop.operators_hear("operators-refund-refused", order=order, why="CHARGE_NOT_FOUND")


def test_after_all_of_that_the_books_are_right_and_the_log_names_nobody(night: Night) -> None:
    the_log_names_nobody(night.shop)


@pytest.fixture
def print_shop() -> Iterator[PrintFixture]:
    with open_print_fixture(mails=False) as print_shop:
        yield print_shop


def loses_a_payment(print_shop: PrintFixture) -> None:
    """Anna pays ten credits, and no update says so."""
    print_shop.anna.writes("/buy")
    print_shop.anna.taps("10 credits")
    print_shop.anna.pays(print_shop.anna.sees_invoice(), asks=False, tells=False)


def unreadable(print_shop: PrintFixture) -> list[str]:
    return print_shop.hears(print_shop.operators, "cannot be booked")


@pytest.mark.parametrize("lines", [*([line] for line in UNREADABLE), UNREADABLE])
def test_a_line_that_cannot_be_read_is_told_once_and_holds_up_nothing(
    print_shop: PrintFixture, lines: list[Json]
) -> None:
    for turn in (1, 2):
        for line in lines:
            print_shop.telegram.enters_transaction(**line)
        loses_a_payment(print_shop)
        for _ in range(2):
            print_shop.reconciles()
            assert len(unreadable(print_shop)) == turn * len(lines)
        assert balance_of(print_shop.anna) == 3 + turn * 10


def test_operators_who_cannot_be_told_of_a_line_hear_of_it_later(print_shop: PrintFixture) -> None:
    print_shop.telegram.enters_transaction(**UNREADABLE[0])
    loses_a_payment(print_shop)
    print_shop.telegram.fault("sendMessage", "error", code=403, count=99)
    print_shop.reconciles()
    print_shop.telegram.mend()
    assert balance_of(print_shop.anna) == 13
    assert unreadable(print_shop) == []
    for _ in range(2):
        print_shop.reconciles()
        assert len(unreadable(print_shop)) == 1
    assert balance_of(print_shop.anna) == 13


def test_a_line_is_told_once_where_reading_breaks_off_behind_it(
    print_shop: PrintFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(line: Transaction) -> bool:
        raise RuntimeError

    print_shop.telegram.enters_transaction(**UNREADABLE[0])
    loses_a_payment(print_shop)
    with monkeypatch.context() as patch:
        patch.setattr(print_shop.bot.services.shop.stars_reconciliation, "_settle", breaks)
        print_shop.reconciles()
    assert balance_of(print_shop.anna) == 3
    print_shop.reconciles()
    assert len(unreadable(print_shop)) == 1
    assert balance_of(print_shop.anna) == 13


def test_a_line_older_than_the_database_is_left_alone(print_shop: PrintFixture) -> None:
    print_shop.telegram.enters_transaction(age=OLDER, **UNREADABLE[0])
    print_shop.reconciles()
    assert unreadable(print_shop) == []
    assert print_shop.hears(print_shop.operators, translate("operators-older-payments", count=1))


def test_where_many_lines_cannot_be_read_none_is_passed_over(print_shop: PrintFixture) -> None:
    """Then it is the library that is wrong."""
    print_shop.telegram.enters_transaction(count=MOST_UNREADABLE + 1, **UNREADABLE[2])
    loses_a_payment(print_shop)
    print_shop.reconciles()
    assert unreadable(print_shop) == []
    assert print_shop.bot.rows("SELECT value FROM facts WHERE name = 'stars_seen'") in ([], [(0,)])
    print_shop.telegram.world.transactions[:-1] = []
    print_shop.reconciles()
    assert balance_of(print_shop.anna) == 13
