"""The money's way back: who takes a purchase back, what Telegram gives back, and the paid photo that cannot be done."""

import re
from collections.abc import Iterator

import pytest

from tests.conftest import agreed
from tests.harness.people import Message, Person
from tests.harness.shopping import (
    Shop,
    balance_of,
    enhance,
    has_invoice,
    has_paid_pack,
    has_photo_invoice,
    is_refunded,
    loses_its_jail,
    number_of,
    open_shop,
    pays,
    refunds,
    spend,
    texts,
    the_books_are_right,
    the_log_names_nobody,
    translate,
    withdraws,
)
from tests.pictures import photos
from tests.pictures.made import slow


@pytest.fixture(scope="module")
def shop(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(bot_api, tmp_path_factory.mktemp("shop"), FREE_CREDITS="0") as shop:
        yield shop


@pytest.fixture
def anna(shop: Shop) -> Iterator[Person]:
    yield agreed(shop.telegram, "Anna")
    shop.telegram.mend()


def pays_for_what_hangs(shop: Shop, person: Person, invoice: Message) -> str:
    """The charge; the job is under way, and its download will not end."""
    shop.telegram.fault("file", "slow", seconds=60)
    with shop.sees_call("getFile"):
        return pays(person, invoice)


# By the person


def test_withdrawal_has_two_steps_and_a_receipt_with_its_time(anna: Person) -> None:
    assert balance_of(anna) == 0  # FREE_CREDITS=0
    number = has_paid_pack(anna)
    assert balance_of(anna) == 10
    anna.writes("/withdraw")
    page = anna.sees("Which purchase do you withdraw from?")
    assert [label.split(" · ")[:3] for label in page.buttons] == [[f"Withdraw: {number}", "10 credits", "100 ⭐"]]
    anna.taps("Withdraw: ", on=page)
    sure = anna.sees("You withdraw from this purchase")
    assert number in sure.text
    assert not refunds(anna)  # one step takes nothing back
    anna.taps("Withdraw", on=page)
    receipt = anna.sees("Confirmed on ")
    assert receipt.id == page.id
    assert re.search(r"Confirmed on \d{4}-\d\d-\d\d \d\d:\d\d UTC: ", receipt.text)
    assert f"order {number} is taken back, and 100 Telegram Stars" in receipt.text
    assert receipt.buttons == []
    is_refunded(anna)
    anna.sees(translate("refunded", price=translate("stars", count=100), order=number, credits=10))
    assert balance_of(anna) == 0
    anna.writes("/withdraw")
    anna.sees(translate("withdraw-none"))


def test_a_double_tap_takes_back_once_and_leaves_the_receipt(anna: Person) -> None:
    number = has_paid_pack(anna)
    page = withdraws(anna, number)
    receipt = anna.sees("Confirmed on ")
    for data in (f"withdraw:{number}:sure", f"refund:{number}:not-wanted", f"withdraw:{number}:ask"):
        anna.forges(data, page)
    is_refunded(anna)
    anna.sees("You have 100 Telegram Stars back")
    assert anna.sees("Confirmed on ").text == receipt.text
    assert len(texts(anna, "Telegram Stars back (order")) == 1
    assert balance_of(anna) == 0


def test_the_plain_case_of_paysupport_ends_with_a_tap(anna: Person) -> None:
    anna.writes("/paysupport")
    assert anna.sees(translate("paysupport-none")).buttons == [translate("paysupport-other")]
    number = has_paid_pack(anna)
    anna.writes("/paysupport")
    page = anna.sees(translate("paysupport"))
    assert page.buttons[0].startswith(f"{number} · 10 credits · 100 ⭐ · ")
    anna.taps(number, on=page)
    assert anna.sees(translate("what-is-wrong")).buttons == [translate("reason-not-wanted"), translate("reason-other")]
    anna.taps(translate("reason-not-wanted"), on=page)
    assert f"order {number} is taken back" in anna.sees("Confirmed on ").text
    is_refunded(anna)
    assert balance_of(anna) == 0


@pytest.mark.parametrize("why", ["spent", "delivered", "too old"])
def test_what_is_not_plain_goes_to_the_operators(shop: Shop, anna: Person, why: str) -> None:
    if why == "delivered":
        number = number_of(anna, invoice := has_photo_invoice(anna))
        pays(anna, invoice)
        anna.gets_document()
    else:
        number = has_paid_pack(anna)
    if why == "spent":
        spend(anna, 1)
    if why == "too old":
        shop.set_order(number, "paid_at = paid_at - 14 * 24 * 3600 - 1")
    anna.writes("/withdraw")
    anna.sees(translate("withdraw-none"))
    anna.writes("/paysupport")
    anna.taps(number)
    page = anna.sees(translate("what-is-wrong"))
    assert page.buttons == [translate("reason-other")]
    for data in (f"refund:{number}:not-wanted", f"refund:{number}:not-arrived", f"withdraw:{number}:sure"):
        anna.forges(data, page)
        assert anna.sees(translate("refund-not-plain")).buttons == [translate("reason-other")]
    assert not refunds(anna)


def test_two_packs_and_a_spent_credit_leave_one_to_take_back(anna: Person) -> None:
    first, second = has_paid_pack(anna), has_paid_pack(anna)
    spend(anna, 1)
    withdraws(anna, second)
    is_refunded(anna)
    assert balance_of(anna) == 9
    anna.forges(f"withdraw:{first}:sure", anna.sees("Confirmed on "))
    anna.sees(translate("refund-not-plain"))
    assert balance_of(anna) == 9


def test_an_order_is_no_business_of_others(shop: Shop, anna: Person) -> None:
    number = has_paid_pack(anna)
    mallory = agreed(shop.telegram, "Mallory")
    mallory.writes("/paysupport")
    hers, annas = mallory.sees(translate("paysupport-none")), anna.sees("Thank you")
    for data in (f"trouble:{number}", f"refund:{number}:not-wanted", f"withdraw:{number}:sure"):
        for message in (hers, annas):
            answer = mallory.forges(data, message)
            assert answer
            assert answer["text"] == translate("tap-not-yours")
        answer = mallory.forges(data.replace(number, "NOSUCHNO"), hers)
        assert answer
        assert answer["text"] == translate("tap-too-old")
    assert shop.state_of(number) == "delivered"
    assert balance_of(anna) == 10


# Telegram in trouble


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("flood", {"retry_after": 1}),
        ("error", {"code": 502, "text": "Bad Gateway"}),
        ("error", {"code": 502, "text": "Bad Gateway", "after": True}),
        ("drop", {}),
        ("drop", {"after": True}),
        ("error", {"text": "Bad Request: CHARGE_ALREADY_REFUNDED", "code": 400}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.values())),
)
def test_a_refund_gets_through_once(shop: Shop, anna: Person, kind: str, more: dict[str, object]) -> None:
    number = has_paid_pack(anna)
    shop.telegram.fault("refundStarPayment", kind, **more)
    if "ALREADY" in str(more.get("text")):
        shop.telegram.refunds(shop.charge_of(number), tells=False)
    withdraws(anna, number)
    shop.waits_until(number, "refunded")
    anna.sees(translate("refunded", price=translate("stars", count=100), order=number, credits=10))
    assert len(refunds(anna)) == 1
    assert len(texts(anna, "Telegram Stars back (order")) == 1
    assert balance_of(anna) == 0


# By Telegram


def test_telegram_gives_a_pack_back(shop: Shop, anna: Person) -> None:
    pays_now = has_invoice(anna)
    charge, number = pays(anna, pays_now), number_of(anna, pays_now)
    anna.sees("Thank you: 10 credits")
    spend(anna, 1)
    shop.telegram.refunds(charge)
    anna.sees(translate("refunded-by-telegram", price=translate("stars", count=100), order=number, credits=10))
    assert balance_of(anna) == -1
    enhance(anna)
    anna.sees("This costs 1 credit, and you have -1.")
    pays(anna, has_invoice(anna))
    anna.sees("you have 9 now")
    assert len(texts(anna, "has given you")) == 1


def test_telegram_gives_a_photo_back_that_is_being_done(shop: Shop, anna: Person) -> None:
    invoice = has_photo_invoice(anna)
    charge = pays_for_what_hangs(shop, anna, invoice)
    progress = anna.sees(translate("stage-fetching"))
    shop.telegram.refunds(charge)
    anna.sees(
        translate("refunded-by-telegram", price=translate("stars", count=15), order=number_of(anna, invoice), credits=0)
    )
    assert anna.sees(translate("error-stopped")).id == progress.id
    anna.writes("/status")
    anna.sees("You have no job running")
    assert shop.state_of(number_of(anna, invoice)) == "refunded"
    assert not [each for each in anna.chat() if each.from_bot and each.document]


def test_telegram_gives_a_photo_back_before_its_job_begins(shop: Shop, anna: Person) -> None:
    invoice = has_photo_invoice(anna)
    shop.telegram.fault("sendMessage", "hang", seconds=1)  # what tells how it goes
    with shop.sees_call("sendMessage"):
        charge = pays(anna, invoice)
    shop.telegram.refunds(charge)
    shop.waits_until(number_of(anna, invoice), "refunded")
    anna.sees(translate("error-stopped"))
    assert not [each for each in anna.chat() if each.from_bot and each.document]


# One photo that cannot be done


def test_a_photo_that_is_refused_is_not_paid(shop: Shop, anna: Person) -> None:
    for photo, why in ((b"just text", "error-not-a-photo"), (photos.encoded()[:20_000], "error-broken")):
        before = len(refunds(anna))
        invoice = has_photo_invoice(anna, photo)
        pays(anna, invoice)
        told = anna.sees(translate(why))
        assert (
            translate("refund-coming", price=translate("stars", count=15), order=number_of(anna, invoice)) in told.text
        )
        assert "Remove metadata" in told.buttons
        is_refunded(anna, before + 1)
    assert balance_of(anna) == 0


def test_a_paid_photo_may_be_stopped(shop: Shop, anna: Person) -> None:
    invoice = has_photo_invoice(anna)
    pays_for_what_hangs(shop, anna, invoice)
    anna.taps("Stop")
    assert (
        translate("refund-coming", price=translate("stars", count=15), order=number_of(anna, invoice))
        in anna.sees(translate("error-stopped")).text
    )
    is_refunded(anna)
    anna.sees(translate("refunded", price=translate("stars", count=15), order=number_of(anna, invoice), credits=0))


def test_withdrawal_stops_the_photo_that_is_being_done(shop: Shop, anna: Person) -> None:
    number = number_of(anna, invoice := has_photo_invoice(anna))
    pays_for_what_hangs(shop, anna, invoice)
    withdraws(anna, number)
    is_refunded(anna)
    assert f"order {number} is taken back" in anna.sees("Confirmed on ").text
    anna.sees(translate("error-stopped"))
    assert not [each for each in anna.chat() if each.from_bot and each.document]


def test_a_photo_whose_jail_dies_is_not_paid(shop: Shop, anna: Person) -> None:
    invoice = has_photo_invoice(anna, slow(), "slow.jpg")
    pays(anna, invoice)
    loses_its_jail(shop.bot, anna)
    assert (
        translate("refund-coming", price=translate("stars", count=15), order=number_of(anna, invoice))
        in anna.sees(translate("error-crashed")).text
    )
    is_refunded(anna)


def test_a_photo_deleted_from_the_chat_still_arrives(anna: Person) -> None:
    invoice = has_photo_invoice(anna, name="kept.jpg")
    anna.deletes(next(each for each in anna.chat() if each.document))
    pays(anna, invoice)
    assert anna.gets_document().name == "kept-enhance.jpg"


def test_who_blocks_the_bot_gets_their_stars_back(shop: Shop, anna: Person) -> None:
    first, second = has_photo_invoice(anna), has_photo_invoice(anna)
    pays_for_what_hangs(shop, anna, first)
    anna.blocks()
    is_refunded(anna)
    pays(anna, second, asks=False)
    is_refunded(anna, 2)
    shop.waits_until(number_of(anna, second), "refunded")


# What did not work is tried again


def test_what_hangs_goes_on_at_the_next_start(shop: Shop) -> None:
    telegram = shop.telegram
    names = ("Anna", "Ben", "Cleo", "Dora", "Emil", "Fay")
    anna, ben, cleo, dora, emil, fay = (agreed(telegram, name) for name in names)
    # Anna: Telegram does not know her payment
    annas = has_paid_pack(anna)
    telegram.fault("refundStarPayment", "error", code=400, text="Bad Request: CHARGE_NOT_FOUND")
    withdraws(anna, annas)
    shop.operators_hear("operators-refund-refused", order=annas, why="CHARGE_NOT_FOUND")
    assert shop.state_of(annas) == "refunding"
    # Ben: the photo cannot be fetched right now; Cleo: the same, but for the last time
    bens, cleos = has_photo_invoice(ben, name="ben.jpg"), has_photo_invoice(cleo)
    shop.set_order(number_of(cleo, cleos), "tries = 3")
    telegram.fault("getFile", "error", code=400, text="Bad Request: file is temporarily unavailable", count=2)
    for person, invoice in ((ben, bens), (cleo, cleos)):
        pays(person, invoice)
        shop.waits_while("SELECT 1 FROM orders WHERE id = ? AND next_at = 0", number_of(person, invoice))
    assert shop.state_of(number_of(ben, bens)) == shop.state_of(number_of(cleo, cleos)) == "delivering"
    # Fay: the result cannot be sent right now
    fays = has_photo_invoice(fay, name="fay.jpg")
    telegram.fault("sendDocument", "error", code=400, text="Bad Request: not today")
    pays(fay, fays)
    shop.waits_while("SELECT 1 FROM orders WHERE id = ? AND next_at = 0", number_of(fay, fays))
    # Dora and Emil: cut off by a crash, one with a photo that she paid for, one with a credit
    doras = has_photo_invoice(dora, name="dora.jpg")
    has_paid_pack(emil)
    telegram.fault("file", "slow", seconds=60, count=2)
    pays(dora, doras)
    dora.sees(translate("stage-fetching"))
    enhance(emil)
    emil.sees(translate("stage-fetching"))
    shop.bot.kill()
    telegram.mend()
    shop.bot.rows("UPDATE orders SET next_at = 0")
    shop.set_order(number_of(cleo, cleos), "task = json_set(task, '$.photo.file_id', 'gone')")
    telegram.fault("file", "slow", seconds=3, count=10)  # so long that the scheduler finds Dora's still under way
    shop.bot.start()
    assert ben.gets_document().name == "ben-enhance.jpg"
    assert dora.gets_document().name == "dora-enhance.jpg"
    assert fay.gets_document().name == "fay-enhance.jpg"
    emil.gets_document()
    assert balance_of(emil) == 9
    is_refunded(anna)
    anna.sees("You have 100 Telegram Stars back")
    shop.operators_hear("operators-refund-refused", order=annas, why="CHARGE_NOT_FOUND")
    is_refunded(cleo)
    told = cleo.sees(translate("error-not-delivered")).text
    assert translate("refund-coming", price=translate("stars", count=15), order=number_of(cleo, cleos)) in told
    for person, invoice in ((ben, bens), (dora, doras), (fay, fays)):
        shop.waits_until(number_of(person, invoice), "delivered")
        assert len([each for each in person.chat() if each.from_bot and each.document]) == 1


def test_after_all_of_that_the_books_are_right_and_the_log_names_nobody(shop: Shop) -> None:
    the_books_are_right(shop)
    the_log_names_nobody(shop)
