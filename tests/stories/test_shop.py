"""The shop as people live it: credits, invoices, Telegram's question before a payment, and what a payment gives."""

import time
from collections.abc import Iterator

import pytest

from bot.payments.checkout import TERMS_VERSION
from bot.settings import Settings
from bot.texts import translator
from tests.conftest import agreed
from tests.harness.people import ImpossibleError, Person
from tests.harness.shopping import (
    Shop,
    balance_of,
    enhance,
    has_invoice,
    has_paid_pack,
    has_photo_invoice,
    is_refunded,
    menu_of,
    number_of,
    open_shop,
    pays,
    spend,
    texts,
    the_books_are_right,
    the_log_names_nobody,
    transactions,
    translate,
)
from tests.pictures import photos
from tests.stories.test_photo import menu_under

JOBS_PER_PERSON = Settings.model_fields["jobs_per_person"].default


@pytest.fixture(scope="module")
def shop(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(bot_api, tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def anna(shop: Shop) -> Iterator[Person]:
    yield agreed(shop.telegram, "Anna")
    shop.telegram.mend()


def test_a_newcomer_has_three_credits_and_the_price_is_on_the_button(anna: Person) -> None:
    menu = menu_of(anna)
    assert menu.buttons == ["Remove metadata", "Resize & convert", "Enhance · 1 credit", "Cut out · 1 credit"]
    assert balance_of(anna) == 3
    anna.taps("Enhance", on=menu)
    assert "This costs 1 credit; you have 3." in anna.sees("How strong?").text
    anna.taps("Medium", on=menu)
    anna.gets_document()
    assert balance_of(anna) == 2


def has_consented(shop: Shop, order: str) -> bool:
    """To the terms of today, a moment ago."""
    [(terms, at)] = shop.bot.rows("SELECT terms_version, consented_at FROM orders WHERE id = ?", order)
    return bool(terms == TERMS_VERSION and abs(time.time() - at) < 60)


def test_a_pack_is_bought_and_spent(shop: Shop, anna: Person) -> None:
    anna.writes("/buy")
    page = anna.sees("Credits pay for the tools")
    assert page.buttons == ["10 credits · 100 ⭐", "50 credits · 400 ⭐", "200 credits · 1200 ⭐"]
    for what in ("/terms", "at once", "14 days", "Telegram, not we, keeps the payment", "free for ever"):
        assert what in page.text
    order = has_paid_pack(anna, "50 credits")
    assert has_consented(shop, order)
    assert balance_of(anna) == 53
    anna.writes("/orders")
    assert f"{order} · 50 credits · 400 ⭐ · " in anna.sees("Your orders").text
    assert "delivered" in anna.sees("Your orders").text


def test_one_photo_is_paid_for_and_its_job_starts_by_itself(shop: Shop) -> None:
    ben = agreed(shop.telegram, "Ben")
    spend(ben, 3)
    photo = ben.sends_file(photos.encoded(), "garden.jpg")
    enhance(ben, menu_under(ben, photo))
    short = ben.sees("This costs 1 credit, and you have 0.")
    assert [label.split(" · ")[0] for label in short.buttons] == ["Pay for this photo", "Buy", "Back"]
    for what in ("15 Telegram Stars", "/terms", "starts by itself", "right to withdraw ends"):
        assert what in short.text
    ben.taps("Pay for this photo")
    invoice = ben.sees_invoice()
    assert invoice.reply_to
    assert invoice.reply_to.id == photo.id
    pays(ben, invoice)
    result = ben.gets_document()
    assert result.name == "garden-enhance.jpg"
    assert has_consented(shop, number_of(ben, invoice))
    ben.writes("/orders")
    assert "Enhance, one photo · 15 ⭐" in ben.sees("Your orders").text
    assert balance_of(ben) == 0


def test_whoever_is_short_may_buy_a_pack_or_go_back(anna: Person) -> None:
    spend(anna, 3)
    menu = enhance(anna)
    anna.sees("This costs 1 credit, and you have 0.")
    anna.taps("Buy", on=menu)
    pays(anna, (anna.taps("10 credits"), anna.sees_invoice())[1])
    anna.sees("10 credits are yours, you have 10 now")
    anna.taps("Back", on=menu)
    enhance(anna, menu)
    anna.gets_document()
    assert balance_of(anna) == 9


def test_no_photo_is_sold_to_whoever_did_not_agree(shop: Shop, anna: Person) -> None:
    menu = menu_of(anna)
    anna.blocks()  # who leaves is forgotten
    anna.unblocks()
    anna.forges("pay:enhance:strength=medium", menu)
    assert anna.sees("Nobody sees it").buttons == ["I agree"]
    assert not [each for each in anna.chat() if "invoice" in each.raw]


def test_a_job_that_fails_or_is_stopped_costs_nothing(shop: Shop, anna: Person) -> None:
    enhance(anna, menu_under(anna, anna.sends_file(photos.encoded()[:20_000], "broken.jpg")))
    anna.sees(translate("error-broken"))
    assert balance_of(anna) == 3
    shop.telegram.fault("file", "slow", seconds=20)
    enhance(anna)
    anna.sees(translate("stage-fetching"))
    assert balance_of(anna) == 2  # held
    anna.taps("Stop")
    anna.sees(translate("error-stopped"))
    assert balance_of(anna) == 3
    shop.telegram.fault("getFile", "error", code=400, text="Bad Request: file is temporarily unavailable")
    enhance(anna)
    anna.sees(translate("error-not-delivered"))
    assert balance_of(anna) == 3


def test_in_german(shop: Shop) -> None:
    dora = agreed(shop.telegram, "Dora", "de")
    sagt = translator("de")
    dora.writes("/buy")
    assert dora.sees("Mit Guthaben bezahlst du").buttons[0] == "10 Guthaben · 100 ⭐"
    dora.taps("10 Guthaben")
    invoice = dora.sees_invoice()
    assert invoice.raw["invoice"]["title"] == "10 Guthaben"
    assert invoice.raw["invoice"]["description"] == sagt("invoice-credits")
    shop.set_order(number_of(dora, invoice), "amount = amount + 1")
    assert dora.pays(invoice) == [{"status": "refused", "error": sagt("checkout-repriced")}]
    shop.set_order(number_of(dora, invoice), "amount = amount - 1")
    pays(dora, invoice)
    dora.sees("Danke: 10 Guthaben gehören dir, du hast jetzt 13.")
    pays(dora, invoice, asks=False)
    dora.sees(sagt("stray-paid-twice", price=sagt("stars", count=100)))
    assert has_photo_invoice(dora).raw["invoice"]["title"] == "Verbessern: ein Foto"


# Telegram's question: may this payment go on?


def test_the_question_is_answered_in_time_whatever_else_waits(shop: Shop, anna: Person) -> None:
    """Flood control in the chat, and a hundred photos whose downloads hang: Telegram itself waits ten seconds."""
    invoice = has_invoice(anna)
    shop.telegram.fault("file", "slow", seconds=60, count=1000)
    crowd = [agreed(shop.telegram, f"P{number}") for number in range(5)]
    with shop.sees_call("sendMessage", times=len(crowd) * (1 + JOBS_PER_PERSON)):
        for person in crowd:
            photo = person.sends_file(photos.encoded(), "a.jpg")
            for _ in range(JOBS_PER_PERSON):
                person.replies_to(photo, "50%")
    shop.telegram.fault("sendMessage", "flood", retry_after=12)
    with shop.sees_call("sendMessage"):
        anna.writes("/help")
    pays(anna, invoice)
    assert not texts(anna, "Thank you: 10 credits")
    for person in crowd:
        person.writes("/cancel")


def test_two_payments_at_once_are_one(anna: Person) -> None:
    invoice = has_invoice(anna)
    paid, refused = sorted(anna.pays(invoice, times=2), key=lambda payment: payment["status"])
    assert paid["status"] == "paid"
    assert refused["status"] == "refused"
    assert refused["error"] in (translate("checkout-under-way"), translate("checkout-paid-already"))
    anna.sees("Thank you: 10 credits")
    assert anna.pays(invoice) == [{"status": "refused", "error": translate("checkout-paid-already")}]
    assert balance_of(anna) == 13


REASONS = {
    "unknown": "DELETE FROM orders WHERE id = ?",
    "expired": "UPDATE orders SET opened_at = opened_at - 24 * 3600 - 1 WHERE id = ?",
    "repriced": "UPDATE orders SET amount = amount + 1 WHERE id = ?",  # not what the invoice says
}


@pytest.mark.parametrize("why", REASONS)
def test_a_payment_that_may_not_be_is_refused_with_the_reason(shop: Shop, anna: Person, why: str) -> None:
    for invoice in (has_invoice(anna), has_photo_invoice(anna)):
        shop.bot.rows(REASONS[why], number_of(anna, invoice))
        assert anna.pays(invoice) == [{"status": "refused", "error": translate(f"checkout-{why}")}]
    assert balance_of(anna) == 3


def test_what_costs_another_price_today_or_is_not_sold_any_more_is_not_paid(shop: Shop, anna: Person) -> None:
    refused = [{"status": "refused", "error": translate("checkout-repriced")}]
    for sold in (
        "credits = 50, amount = 400",  # but the invoice says 100
        "credits = 50",
        "credits = 11",
        "product = 'photo', tool = 'clean'",
        "product = 'photo', tool = 'gone'",
    ):
        invoice = has_invoice(anna)
        shop.set_order(number_of(anna, invoice), sold)
        assert anna.pays(invoice) == refused


def test_nobody_pays_somebody_elses_invoice(shop: Shop, anna: Person) -> None:
    ben = agreed(shop.telegram, "Ben")
    invoice = has_invoice(anna)
    assert ben.pays(invoice) == [{"status": "refused", "error": translate("checkout-not-yours")}]
    with pytest.raises(ImpossibleError):
        ben.pays(ben.forwards(invoice))
    ben.sees(translate("refuse-kind", kind="invoice"))
    pays(anna, invoice)
    assert balance_of(ben) == 3


def test_the_link_of_a_forwarded_invoice_leads_to_what_is_sold(shop: Shop, anna: Person) -> None:
    link = has_invoice(anna).raw["invoice"]["start_parameter"]
    ben = shop.telegram.person("Ben")
    ben.writes(f"/start {link}")
    ben.taps("I agree", on=ben.sees("Nobody sees it"))
    ben.sees(translate("agreed"))
    ben.writes(f"/start {link}")
    assert "10 credits · 100 ⭐" in ben.sees("Credits pay for the tools").buttons
    ben.writes("/start something-else")
    ben.sees(translate("start-again"))


def test_a_photo_is_not_paid_for_while_its_job_would_have_to_wait_for_ever(shop: Shop, anna: Person) -> None:
    invoice = has_photo_invoice(anna)
    shop.telegram.fault("file", "slow", seconds=60, count=1000)
    photo = anna.sends_file(photos.encoded(), "a.jpg")
    for _ in range(JOBS_PER_PERSON):
        anna.replies_to(photo, "50%")
    anna.writes("/status")
    anna.sees(f"{JOBS_PER_PERSON} jobs of yours are running")
    assert anna.pays(invoice) == [{"status": "refused", "error": translate("checkout-not-now")}]
    pays(anna, has_invoice(anna))  # credits need no room
    anna.writes("/cancel")
    anna.sees(translate("cancelled", count=JOBS_PER_PERSON))
    shop.telegram.mend()
    pays(anna, invoice)
    anna.gets_document()


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("flood", {"retry_after": 30}),
        ("error", {"code": 502, "text": "Bad Gateway"}),
        ("drop", {}),
        ("hang", {"seconds": 30}),
        ("drop", {"after": True}),
    ],
)
def test_an_answer_that_got_lost_is_given_again(shop: Shop, anna: Person, kind: str, more: dict[str, object]) -> None:
    invoice = has_invoice(anna)
    shop.telegram.fault("answerPreCheckoutQuery", kind, **more)
    pays(anna, invoice)
    anna.sees("Thank you: 10 credits")


# Payments that nobody was asked about


def test_a_second_payment_that_got_past_the_question_comes_back(anna: Person) -> None:
    invoice = has_invoice(anna)
    pays(anna, invoice)
    anna.sees("Thank you: 10 credits")
    pays(anna, invoice, asks=False)
    is_refunded(anna)
    anna.sees("You have 100 Telegram Stars back")
    assert len(texts(anna, translate("stray-paid-twice", price=translate("stars", count=100)))) == 1
    assert balance_of(anna) == 13
    anna.writes("/orders")
    listed = anna.sees("Your orders").text
    assert "10 credits · 100 ⭐" in listed
    assert "payment without an order · 100 ⭐" in listed
    assert "refunded" in listed


def test_a_payment_without_an_order_comes_back(shop: Shop, anna: Person) -> None:
    for payload in ("no-such-order", number_of(ben := agreed(shop.telegram, "Ben"), has_invoice(ben))):
        anna.is_charged(77, payload)
    is_refunded(anna, times=2)
    anna.sees("You have 77 Telegram Stars back")
    assert len(texts(anna, translate("stray-no-order", price=translate("stars", count=77)))) == 2
    assert balance_of(anna) == 3
    assert balance_of(ben) == 3


def test_a_payment_counts_however_late_it_comes(shop: Shop, anna: Person) -> None:
    invoice = has_invoice(anna)
    shop.set_order(number_of(anna, invoice), "opened_at = opened_at - 3 * 24 * 3600, state = 'expired'")
    pays(anna, invoice, asks=False)
    anna.sees("Thank you: 10 credits")
    assert balance_of(anna) == 13


def test_who_blocked_the_bot_has_their_credits_all_the_same(shop: Shop, anna: Person) -> None:
    invoice = has_invoice(anna)
    anna.blocks()
    pays(anna, invoice, asks=False)
    shop.waits_until(number_of(anna, invoice), "delivered")
    anna.unblocks()
    assert balance_of(anna) == 13
    assert not texts(anna, translate("error-unexpected"))


def test_a_declined_payment_may_be_tried_again(shop: Shop, anna: Person) -> None:
    invoice = has_invoice(anna)
    assert anna.pays(invoice, decline=True) == [{"status": "declined"}]
    assert anna.pays(invoice) == [{"status": "refused", "error": translate("checkout-under-way")}]
    shop.set_order(number_of(anna, invoice), "checkout_at = checkout_at - 30")
    pays(anna, invoice)


def test_nor_do_calls_that_hang_hold_back_an_answer(shop: Shop, anna: Person) -> None:
    """More of them than the bot has connections."""
    invoice = has_invoice(anna)
    shop.telegram.fault("sendMessage", "hang", seconds=5, count=1000)
    with shop.sees_call("sendMessage", times=64):
        for number in range(80):
            shop.telegram.person(f"P{number}").writes("/help")
    pays(anna, invoice, seconds=3)


def test_after_all_of_that_the_books_are_right_and_the_log_names_nobody(shop: Shop) -> None:
    assert len(transactions(shop.telegram)) > 20
    the_books_are_right(shop)
    the_log_names_nobody(shop)
