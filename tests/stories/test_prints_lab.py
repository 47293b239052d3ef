"""Prints at the lab and on their way: who may say what, what is late, what goes back, what is forgotten."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.values import Charge, OrderState
from bot.prints.fulfilment import LATE_SECONDS
from bot.texts import translator
from storage import backup
from storage.shipments import KEEP_ENDED_SECONDS
from storage.tracking import FROM
from tests.harness.mail_server import text_of
from tests.harness.print_fixture import HERE, PrintFixture, open_print_fixture
from tests.pictures.photos import encoded

translate = translator("en")
DAY = 24 * 3600


@pytest.fixture
def print_shop() -> Iterator[PrintFixture]:
    with open_print_fixture() as print_shop:
        yield print_shop


def answers(print_shop: PrintFixture, text: str, number: str) -> str:
    """What the lab hears after replying with this to the order's package."""
    print_shop.lena.replies_to(print_shop.package(number), text)
    print_shop.telegram.settle()
    return print_shop.lab.chat()[-1].text


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("printed", "printed"),
        ("Printed.", "printed"),
        ("posted", "posted"),
        ("posted DHL 0034 0434 1234 5678 9012", "posted"),
        ("shipped 1Z999AA10123456784", "posted"),
        ("RR123456785DE", "posted"),
        ("ups 1Z999AA10123456784", "posted"),
    ],
)
def test_the_lab_answers_in_its_own_words(print_shop: PrintFixture, said: str, state: str) -> None:
    number, _ = print_shop.at_lab()
    assert answers(print_shop, said, number) == translate("lab-noted", order=number, state=state)
    assert print_shop.state(number) == state


TALK = (
    "thanks!",
    "posted with love",
    "posted on 24 December",
    "printed tomorrow",
    "will be printed on Monday 30",
    "see you at 10",
    "2026-12-24",
    "call me on 0170 1234567",
    "posted 0170 1234567",
    "posted via DHL 0034 0434 1234 5678 9012",
    "posted DHL Paket 0034 0434 1234 5678 9012",
    "postd DHL",
    "posted DHL",
    "DHL tomorrow 8-10",
    "posted\nRR123456785DE",
    "RR123456785DE\nthanks",
    "posted RR123456786DE",
    "undo it",
    "delivered 12345678",
    "🙂",
)


def test_what_it_does_not_understand_it_says(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    for said in TALK:
        assert answers(print_shop, said, number).startswith("Reply to an order's message with: printed"), said
        assert print_shop.state(number) == "sent", said


def test_other_talk_in_its_chat_is_none_of_the_bots(print_shop: PrintFixture) -> None:
    print_shop.at_lab()
    before = len(print_shop.lab.chat())
    print_shop.lena.writes("printed", in_=print_shop.lab)
    mine = print_shop.lena.writes("When do you come?", in_=print_shop.lab)
    print_shop.lena.replies_to(mine, "printed")
    print_shop.telegram.settle()
    assert len([each for each in print_shop.lab.chat() if each.from_bot]) + 3 == before + 3
    assert print_shop.bot.rows("SELECT state FROM orders") == [("sent",)]


def test_a_step_that_cannot_be_taken_is_refused_and_a_number_can_be_corrected(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    assert answers(print_shop, "delivered", number) == translate(
        "lab-not-now", order=number, state="sent", wanted="delivered"
    )
    answers(print_shop, "posted RR123456785DE", number)
    assert answers(print_shop, "printed", number) == translate(
        "lab-not-now", order=number, state="posted", wanted="printed"
    )
    assert answers(print_shop, "posted RR123456785DE", number) == translate(
        "lab-not-now", order=number, state="posted", wanted="posted"
    )
    assert answers(print_shop, "posted RR999999995DE", number) == translate("lab-noted", order=number, state="posted")
    print_shop.anna.sees("RR999999995DE")
    answers(print_shop, "delivered", number)
    assert answers(print_shop, "returned", number) == translate("lab-noted", order=number, state="returned")
    print_shop.anna.sees(translate("prints-returned", order=number))


def test_what_came_back_can_be_posted_again(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    for said in ("posted RR123456785DE", "returned", "posted RR999999995DE"):
        answers(print_shop, said, number)
    assert print_shop.state(number) == "posted"
    print_shop.anna.sees("RR999999995DE")


def test_a_payment_that_comes_too_late_is_given_back_with_a_reason(print_shop: PrintFixture) -> None:
    invoice = print_shop.invoice()
    print_shop.anna.pays(invoice, order=HERE, decline=True)
    number = print_shop.number()
    print_shop.bot.rows("UPDATE orders SET state = 'expired', task = NULL")
    charge = print_shop.telegram.act("stripe_charge", account="print_fixture", amount=479)
    late = Charge("late", print_shop.anna.id, 479, "EUR", number, provider_id=charge)

    async def comes() -> None:
        await print_shop.bot.services.shop.checkout.paid(late)

    print_shop.telegram.run(print_shop.bot.lives[-1].does(comes()))
    print_shop.bot.runs_job("orders")
    print_shop.telegram.settle()
    print_shop.anna.sees(translate("paid-too-late", order=number, price="€4.79"))
    assert (print_shop.state(number), print_shop.at_stripe(number)["amount_refunded"]) == ("refunded", 479)


def test_ship_works_in_both_chats(print_shop: PrintFixture) -> None:
    first, _ = print_shop.at_lab()
    print_shop.lena.writes(f"/ship {first} DHL 00340434123456789012", in_=print_shop.lab)
    print_shop.telegram.settle()
    assert print_shop.state(first) == "posted"
    second, _ = print_shop.at_lab()
    print_shop.olga.writes(f"/ship {second.lower()} RR123456785DE", in_=print_shop.operators)
    print_shop.telegram.settle()
    assert print_shop.state(second) == "posted"
    for wrong in ("/ship", f"/ship {first}", f"/ship {first} soon"):
        print_shop.olga.writes(wrong, in_=print_shop.operators)
        print_shop.telegram.settle()
        assert print_shop.operators.chat()[-1].text.startswith("Reply to an order's message with")
    print_shop.olga.writes("/ship NOORDER2 RR123456785DE", in_=print_shop.operators)
    print_shop.telegram.settle()
    assert print_shop.operators.chat()[-1].text == translate("lab-no-order", order="NOORDER2")


def test_an_order_that_is_none_of_prints_cannot_be_shipped(print_shop: PrintFixture) -> None:
    print_shop.anna.writes("/buy")
    print_shop.anna.taps("10 credits")
    print_shop.anna.taps("Without e-mail")
    print_shop.anna.pays(print_shop.anna.sees_invoice())
    print_shop.telegram.settle()
    number = print_shop.number()
    print_shop.olga.writes(f"/ship {number} RR123456785DE", in_=print_shop.operators)
    print_shop.telegram.settle()
    assert print_shop.operators.chat()[-1].text == translate("lab-no-order", order=number)


def test_strangers_cannot_speak_for_the_lab(print_shop: PrintFixture) -> None:
    number, package = print_shop.at_lab()
    assert print_shop.anna.forges(f"lab:{number}:printed", package)["text"] == translate("tap-not-yours")
    print_shop.anna.writes(f"/ship {number} RR123456785DE")
    print_shop.telegram.settle()
    assert print_shop.state(number) == "sent"
    assert print_shop.lena.forges(f"lab:{number}:refunded", package) is not None
    assert print_shop.state(number) == "sent"


def test_the_buttons_under_the_package_are_the_steps_that_are_left(print_shop: PrintFixture) -> None:
    number, package = print_shop.at_lab()
    assert package.buttons == ["Printed", "Posted, without a number"]
    print_shop.lena.taps("Printed", in_=print_shop.lab)
    print_shop.telegram.settle()
    assert print_shop.package(number).buttons == ["Posted, without a number"]
    print_shop.lena.taps("Posted, without a number", in_=print_shop.lab)
    print_shop.telegram.settle()
    assert print_shop.package(number).buttons == ["Delivered", "Came back"]
    assert print_shop.hears_anna(translate("prints-posted", order=number, trail="").rstrip())


@pytest.mark.parametrize("state", LATE_SECONDS)
def test_who_is_late_is_reminded_and_then_the_operators_hear(print_shop: PrintFixture, state: OrderState) -> None:
    number, package = print_shop.at_lab()
    for step in (OrderState.PRINTED, OrderState.POSTED):
        if state in (OrderState.PRINTED, OrderState.POSTED) and print_shop.state(number) != state:
            answers(print_shop, step, number)
    limit = LATE_SECONDS[state]

    def waits(seconds: int) -> tuple[int, int]:
        print_shop.bot.rows("UPDATE shipments SET changed_at = changed_at - ?", seconds)
        for _ in range(2):  # each is told once
            print_shop.bot.runs_job("prints")
            print_shop.telegram.settle()
        return len(print_shop.hears(print_shop.lab, f"{number} has been")), len(
            print_shop.hears(print_shop.operators, f"{number} of prints")
        )

    assert waits(limit - 60) == (0, 0)
    assert waits(120) == (1, 0)
    reminder = next(each for each in print_shop.lab.chat() if f"{number} has been" in each.text)
    assert reminder.reply_to
    assert reminder.reply_to.id == package.id
    assert waits(limit) == (1, 1)
    if state is OrderState.SENT:
        print_shop.lena.replies_to(reminder, "printed")  # an answer to the reminder is one, too
        print_shop.telegram.settle()
        assert print_shop.state(number) == "printed"
        assert waits(0) == (1, 1)


def test_an_operator_refunds_all_of_it_and_the_lab_stops(print_shop: PrintFixture) -> None:
    number, package = print_shop.at_lab()
    print_shop.olga.writes(f"/refund {number}", in_=print_shop.operators)
    print_shop.telegram.settle()
    question = print_shop.operators.chat()[-1]
    assert question.text == translate("operators-refund-print", order=number, price="€4.79", state="sent")
    print_shop.olga.taps("Refund", in_=print_shop.operators)
    print_shop.telegram.settle()
    assert print_shop.state(number) == "refunded"
    assert print_shop.at_stripe(number)["amount_refunded"] == 479
    print_shop.anna.sees(translate("refunded", price="€4.79", order=number, credits=0))
    [stop] = [each for each in print_shop.lab.chat() if each.text == translate("lab-cancelled", order=number)]
    assert stop.reply_to
    assert stop.reply_to.id == package.id
    assert answers(print_shop, "printed", number) == translate(
        "lab-not-now", order=number, state="refunded", wanted="printed"
    )


def test_an_operator_refunds_a_part_and_the_order_goes_on(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    for part in ("2.50", "0.29"):
        print_shop.olga.writes(f"/refund {number} {part}", in_=print_shop.operators)
        print_shop.telegram.settle()
        assert print_shop.operators.chat()[-1].text == (
            f"{translate('operators-refunded', order=number)} {translate('operators-done-by', name='Olga')}"
        )
    assert print_shop.at_stripe(number)["amount_refunded"] == 279
    print_shop.anna.sees(translate("refunded-part", price="€2.50", order=number))
    print_shop.anna.sees(translate("refunded-part", price="€0.29", order=number))
    assert print_shop.state(number) == "sent"
    answers = {
        "That is no part of order": ("2.00", "0", "99999"),
        "Like this: /refund": ("-1", "1e3", "2.505", "half", "1,000.50", "٢.٥٠", "2.", "€1"),
    }
    for answer, parts in answers.items():
        for part in parts:
            print_shop.olga.writes(f"/refund {number} {part}", in_=print_shop.operators)
            print_shop.telegram.settle()
            assert print_shop.operators.chat()[-1].text.startswith(answer), part
    print_shop.bot.runs_job("mail")
    print_shop.telegram.settle()
    mail = print_shop.bot.mail.to(HERE["email"], "Part of your payment")[-1]
    assert "€2.79" in text_of(mail)
    print_shop.operators_refund(number)
    assert (print_shop.state(number), print_shop.at_stripe(number)["amount_refunded"]) == ("refunded", 479)
    print_shop.anna.sees(translate("refunded", price="€2.00", order=number, credits=0))


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_part_that_is_on_its_way_holds_up_no_prints(print_shop: PrintFixture, succeeds: bool) -> None:
    number = print_shop.paid_while_the_lab_is_away()
    print_shop.telegram.act("stripe_pending", account="print_fixture")
    print_shop.olga.writes(f"/refund {number} 1.00", in_=print_shop.operators)
    print_shop.telegram.settle()
    assert (print_shop.state(number), print_shop.at_stripe(number)["amount_refunded"]) == ("delivering", 100)
    if not succeeds:
        print_shop.stripe("settle", number, succeeds=False)
    print_shop.works_off()
    assert print_shop.state(number) == "sent"
    if succeeds:
        print_shop.stripe("settle", number, succeeds=True)
    print_shop.works_off()
    assert len(print_shop.hears_anna(translate("refunded-part", price="€1.00", order=number))) == succeeds
    assert (
        len(print_shop.hears(print_shop.operators, f"The refund of order {number} did not reach the card")) != succeeds
    )


def days_later(print_shop: PrintFixture) -> None:
    """And something newer has happened at Stripe, so that its lists are read on from there."""
    print_shop.telegram.passes(3 * DAY)
    print_shop.at_lab()
    print_shop.reconciles()


def test_a_part_comes_on_top_of_what_somebody_gave_back_in_the_dashboard(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    print_shop.stripe("refund", number, amount=200)  # of which we have not heard
    print_shop.olga.writes(f"/refund {number} 1.00", in_=print_shop.operators)
    print_shop.telegram.settle()
    assert print_shop.at_stripe(number)["amount_refunded"] == 300
    print_shop.anna.sees(translate("refunded-part", price="€2.00", order=number))
    print_shop.anna.sees(translate("refunded-part", price="€1.00", order=number))


def test_a_dispute_about_a_part_takes_a_part(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    print_shop.stripe("dispute", number)
    next(iter(print_shop.telegram.world.stripe["print_fixture"].disputes.values()))["amount"] = 300
    print_shop.stripe("close", number, status="lost")
    print_shop.reconciles()
    assert print_shop.bot.rows("SELECT state, returned FROM orders WHERE id = ?", number) == [("sent", 300)]
    print_shop.anna.sees(translate("refunded-part", price="€3.00", order=number))


def test_stars_have_no_parts(print_shop: PrintFixture) -> None:
    print_shop.bot.rows("INSERT INTO addresses (user_id, declined) VALUES (?, 1)", print_shop.anna.id)
    print_shop.anna.writes("/buy")
    print_shop.anna.taps("10 credits")
    print_shop.anna.pays(print_shop.anna.sees_invoice())
    print_shop.telegram.settle()
    print_shop.olga.writes(f"/refund {print_shop.number()} 1", in_=print_shop.operators)
    print_shop.telegram.settle()
    assert "Only card payments have parts" in print_shop.operators.chat()[-1].text


def test_a_dispute_comes_before_the_operators_with_what_there_is(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    answers(print_shop, "posted RR123456785DE", number)
    print_shop.stripe("dispute", number, reason="product_not_received")
    print_shop.reconciles()
    print_shop.reconciles()
    [told] = print_shop.hears(print_shop.operators, f"Dispute about order {number}")
    for part in ("€4.79", "product_not_received", "RR123456785DE", "posted", "version 2"):
        assert part in told
    assert print_shop.state(number) == "posted"
    print_shop.operators_refund(number)
    assert print_shop.state(number) == "refunding", "the money is with the bank"
    assert print_shop.at_stripe(number)["amount_refunded"] == 0
    days_later(print_shop)
    print_shop.stripe("close", number, status="lost")
    print_shop.reconciles()
    assert len(print_shop.hears(print_shop.operators, f"The dispute about order {number} is lost")) == 1
    assert print_shop.state(number) == "refunded"
    print_shop.reconciles()
    assert print_shop.state(number) == "refunded"


@pytest.mark.parametrize("code", [400, 502])
def test_what_operators_must_hear_they_hear_later_and_once(print_shop: PrintFixture, code: int) -> None:
    """A dispute is lost by silence; a refund that a bank does not take is nobody's else."""
    number, _ = print_shop.at_lab()
    print_shop.telegram.act("stripe_pending", account="print_fixture")
    print_shop.olga.writes(f"/refund {number} 1.00", in_=print_shop.operators)
    print_shop.telegram.settle()
    print_shop.stripe("settle", number, succeeds=False)
    print_shop.stripe("dispute", number)
    print_shop.telegram.fault("sendMessage", "error", code=code, count=9)
    print_shop.works_off()
    print_shop.reconciles()
    told = (f"Dispute about order {number}", f"The refund of order {number} did not reach")
    assert [len(print_shop.hears(print_shop.operators, each)) for each in told] == [0, 0]
    print_shop.telegram.mend()
    print_shop.telegram.passes(DAY)
    for _ in range(2):
        print_shop.works_off()
        print_shop.reconciles()
        assert [len(print_shop.hears(print_shop.operators, each)) for each in told] == [1, 1]


def test_a_refund_that_a_bank_sends_back_days_later_is_found(print_shop: PrintFixture) -> None:
    """No list of what is new tells of it; here no webhook does, either."""
    number, _ = print_shop.at_lab()
    print_shop.olga.writes(f"/refund {number} 1.00", in_=print_shop.operators)
    print_shop.telegram.settle()
    print_shop.reconciles()
    days_later(print_shop)
    print_shop.stripe("settle", number, succeeds=False)
    print_shop.telegram.passes(DAY)
    for _ in range(2):
        print_shop.reconciles()
        assert print_shop.bot.rows("SELECT returned, to_return FROM orders WHERE id = ?", number) == [(0, 100)]
        assert len(print_shop.hears(print_shop.operators, f"The refund of order {number} did not reach the card")) == 1


def test_what_happened_to_a_payment_before_telegram_told_of_it_is_found(print_shop: PrintFixture) -> None:
    print_shop.reconciles()
    print_shop.anna.pays(print_shop.invoice(), order=HERE, tells=False)
    [charge] = print_shop.telegram.world.stripe["print_fixture"].charges
    print_shop.telegram.act("stripe_refund", charge=charge, amount=100)
    days_later(print_shop)
    chat = print_shop.telegram.world.chat(print_shop.anna.id)
    late = next(post for post in chat.posts.values() if "successful_payment" in post.content)
    print_shop.telegram.world.inbox.push("message", print_shop.telegram.world.message(late))
    print_shop.telegram.settle()
    print_shop.reconciles()
    assert print_shop.bot.rows("SELECT state, returned FROM orders WHERE provider_id = ?", charge) == [("sent", 100)]


def test_a_bank_that_does_not_take_the_refund_is_put_before_people(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    print_shop.telegram.act("stripe_pending", account="print_fixture")
    print_shop.telegram.run(print_shop.bot.services.shop.refunds.refund(number, "operators"))
    print_shop.telegram.settle()
    assert print_shop.state(number) == "refunding"
    print_shop.stripe("settle", number, succeeds=False)
    for _ in range(2):
        print_shop.works_off()
    assert len(print_shop.hears(print_shop.operators, f"The refund of order {number} did not reach the card")) == 1
    assert print_shop.state(number) == "refunding"
    print_shop.stripe("refund", number)  # an operator, in Stripe's dashboard
    print_shop.works_off()
    assert print_shop.state(number) == "refunded"


def test_what_is_kept_of_its_way_ends(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    answers(print_shop, "posted RR123456785DE", number)
    answers(print_shop, "delivered", number)

    def later(seconds: int) -> list[tuple[object, ...]]:
        print_shop.bot.rows("UPDATE orders SET ended_at = ended_at - ?", seconds)
        print_shop.bot.runs_job("forget")
        return print_shop.bot.rows("SELECT email, tracking FROM shipments")

    assert later(2 * DAY) == [(HERE["email"], "RR123456785DE")]
    assert later(2 * DAY) == [(None, "RR123456785DE")]
    assert later(KEEP_ENDED_SECONDS) == []


def test_who_is_forgotten_gets_the_prints_and_nobody_knows_for_whom_they_are(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    print_shop.anna.writes("/forget")
    print_shop.anna.taps("Forget me")
    print_shop.anna.taps("Forget me, leave the chat", wait=0)
    print_shop.telegram.settle()
    assert print_shop.bot.rows("SELECT email, tracking, address FROM shipments") == [(None, None, None)]
    assert print_shop.bot.rows("SELECT user_id FROM accounts") == [(None,)]
    assert print_shop.bot.rows("SELECT count(*) FROM refund_paths") == [(0,)]
    before = len(print_shop.anna.chat())
    assert answers(print_shop, "printed", number) == translate("lab-noted", order=number, state="printed")
    assert len(print_shop.anna.chat()) == before
    print_shop.operators_refund(number)
    assert (print_shop.state(number), print_shop.at_stripe(number)["amount_refunded"]) == ("refunded", 479), (
        "a card needs no name"
    )


def test_who_is_forgotten_before_the_lab_has_it_gets_the_money(print_shop: PrintFixture) -> None:
    number = print_shop.paid_while_the_lab_is_away()
    print_shop.anna.writes("/forget")
    print_shop.anna.sees("one order that is paid and not begun or delivered")
    print_shop.anna.taps("Forget me")
    print_shop.anna.taps("Forget me, leave the chat", wait=0)
    print_shop.telegram.settle()
    print_shop.works_off()
    assert (print_shop.state(number), print_shop.at_stripe(number)["amount_refunded"]) == ("refunded", 479)
    assert print_shop.bot.rows("SELECT address, email FROM shipments") == [(None, None)]


def test_after_a_restored_backup_the_lab_is_told_that_it_may_have_an_order(
    print_shop: PrintFixture, tmp_path: Path
) -> None:
    print_shop.paid_while_the_lab_is_away()
    settings = print_shop.bot.services.settings
    print_shop.bot.stop()
    print_shop.bot.rows("DROP TRIGGER orders_go_step_by_step")
    print_shop.bot.rows("UPDATE orders SET state = 'paid', next_at = 0")
    backup.back_up(settings.database_path, settings.database_key_file, tmp_path / "backup")
    backup.restore(settings.database_path, settings.database_key_file, tmp_path / "backup")
    print_shop.bot.start()
    print_shop.bot.runs_job("orders")
    print_shop.telegram.settle()
    assert translate("lab-again") in print_shop.package(print_shop.number()).text


def test_a_picture_of_an_album_is_printed_by_a_reply(print_shop: PrintFixture) -> None:
    print_shop.anna.sends_album([encoded(), encoded("china")], compressed=False)
    print_shop.anna.sees("Album of")
    print_shop.anna.taps("Remove metadata", wait=0)
    print_shop.anna.sees(translate("album-prints"))
    result = print_shop.anna.gets_document().message
    print_shop.anna.replies_to(result, "Print!")
    proof = print_shop.anna.gets_photo().message
    assert proof.reply_to
    assert proof.reply_to.id == result.id
    print_shop.anna.taps("Order", wait=0)
    assert print_shop.anna.sees_invoice()


def test_what_is_known_of_a_parcel_is_in_what_a_person_can_see(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    answers(print_shop, "posted RR123456785DE", number)
    print_shop.anna.writes("/mydata")
    assert translate("mydata-shipments", shipments=1) in print_shop.anna.sees("Everything held on you").text
    [row] = json.loads(print_shop.anna.gets_document().bytes)["database"]["shipments"]["rows"]
    assert (row["tracking"], row["email"], row["address"]) == ("RR123456785DE", HERE["email"], None)


def test_every_step_of_the_lab_is_one_that_the_table_allows() -> None:
    assert set(FROM) == {
        OrderState.SENT,
        OrderState.PRINTED,
        OrderState.POSTED,
        OrderState.DELIVERED,
        OrderState.RETURNED,
    }


def test_a_lab_that_is_one_person_speaks_with_the_bot_as_everybody_does() -> None:
    with open_print_fixture(lab_is="lena") as print_shop:
        lena = print_shop.lena
        lena.writes("/start")
        lena.taps("I agree")
        number = print_shop.paid()
        package = next(each for each in lena.chat() if each.document)
        lena.replies_to(package, "printed")
        print_shop.telegram.settle()
        assert print_shop.state(number) == "printed"
        lena.taps("Posted, without a number", package)
        print_shop.telegram.settle()
        assert print_shop.state(number) == "posted"
        lena.replies_to(lena.sends_photo(encoded()), "100")
        lena.sees("4 × 3 pixels")


def test_where_lab_and_operators_share_a_chat_answers_reach_people() -> None:
    with open_print_fixture(lab_is="operators") as print_shop:
        number = print_shop.paid()
        package = next(each for each in print_shop.operators.chat() if each.document)
        print_shop.olga.replies_to(package, "printed")
        print_shop.telegram.settle()
        assert print_shop.state(number) == "printed"
        print_shop.anna.writes("/paysupport")
        print_shop.anna.taps(number)
        print_shop.anna.taps("Something else")
        print_shop.anna.writes("Where is it?")
        print_shop.anna.taps("Send")
        print_shop.telegram.settle()
        asked = next(each for each in print_shop.operators.chat() if each.text == "Where is it?")
        print_shop.olga.replies_to(asked, "On its way.")
        print_shop.telegram.settle()
        print_shop.anna.sees("On its way.")
        card = next(each for each in print_shop.operators.chat() if each.text.startswith("Ticket 1"))
        print_shop.olga.replies_to(card, "posted")
        print_shop.telegram.settle()
        assert print_shop.hears_anna("posted"), "in a ticket's topic all is for its person"


@pytest.mark.parametrize("steps", range(3, 12))
def test_a_death_at_any_step_of_a_part_refunds_it_once(print_shop: PrintFixture, steps: int) -> None:
    number, _ = print_shop.at_lab()
    print_shop.bot.dies_after(steps)
    print_shop.olga.writes(f"/refund {number} 1.00", in_=print_shop.operators)
    print_shop.telegram.settle()
    print_shop.bot.runs_job("orders")
    print_shop.telegram.settle()
    assert print_shop.bot.rows("SELECT to_return, returned FROM orders") == [(100, 100)]
    assert print_shop.at_stripe(number)["amount_refunded"] == 100


def test_operators_hear_of_what_is_late_where_the_lab_cannot_be_reached(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    print_shop.bot.rows("UPDATE shipments SET changed_at = changed_at - ?", 2 * LATE_SECONDS[OrderState.SENT] + 60)
    print_shop.telegram.fault("sendMessage", "error", code=403, count=1)
    print_shop.bot.runs_job("prints")
    print_shop.telegram.settle()
    assert print_shop.hears(print_shop.operators, f"{number} of prints")


@pytest.mark.parametrize("lacking", ["stripe_provider_token", "print_lab_public_key", "print_lab_chat_id"])
def test_what_is_not_sold_any_more_is_not_paid_for(print_shop: PrintFixture, lacking: str) -> None:
    """The invoice is in the chat, and then the operators take the lab or the token away."""
    invoice = print_shop.invoice()
    print_shop.bot.stop()
    print_shop.bot._settings = print_shop.bot._settings.model_copy(update={lacking: None})
    print_shop.bot.start()
    [payment] = print_shop.anna.pays(invoice, order=HERE)
    assert (payment["status"], payment["error"]) == ("refused", translate("prints-no-sale"))
    assert print_shop.state(print_shop.number()) == "invoiced"


@pytest.mark.parametrize("forgets", [False, True])
def test_what_may_have_reached_the_lab_is_cancelled_there_too(print_shop: PrintFixture, forgets: bool) -> None:
    """The package is there, but the bot never heard so; then the money goes back."""
    invoice = print_shop.invoice()
    print_shop.telegram.fault("sendDocument", "error", code=403, after=True)
    print_shop.anna.pays(invoice, order=HERE)
    print_shop.telegram.settle()
    number = print_shop.number()
    assert print_shop.package(number)
    assert print_shop.state(number) == "delivering"
    if forgets:
        print_shop.anna.writes("/forget")
        print_shop.anna.taps("Forget me")
        print_shop.anna.taps("Forget me, leave the chat", wait=0)
    else:
        print_shop.telegram.run(print_shop.bot.services.shop.refunds.refund(number, "withdrawn", only_unspent=True))
    print_shop.telegram.settle()
    print_shop.works_off()
    assert print_shop.state(number) == "refunded"
    assert print_shop.hears(print_shop.lab, translate("lab-cancelled", order=number))


def test_a_package_whose_arrival_nobody_confirms_comes_again_and_says_so(print_shop: PrintFixture) -> None:
    invoice = print_shop.invoice()
    print_shop.telegram.fault("sendDocument", "drop", after=True)
    print_shop.anna.pays(invoice, order=HERE)
    print_shop.telegram.settle()
    print_shop.works_off()
    packages = [each.text for each in print_shop.lab.chat() if each.document]
    assert [translate("lab-again") in text for text in packages] == [False, True]


def test_what_nobody_ever_says_has_arrived_is_forgotten_too(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    answers(print_shop, "posted RR123456785DE", number)
    print_shop.bot.rows("UPDATE shipments SET changed_at = changed_at - ?", KEEP_ENDED_SECONDS - DAY)
    print_shop.bot.runs_job("forget")
    assert print_shop.bot.rows("SELECT email, tracking FROM shipments") == [(HERE["email"], "RR123456785DE")]
    print_shop.bot.rows("UPDATE shipments SET changed_at = changed_at - ?", 2 * DAY)
    print_shop.bot.runs_job("forget")
    assert print_shop.bot.rows("SELECT * FROM shipments") == []
    assert answers(print_shop, "delivered", number) == translate("lab-noted", order=number, state="delivered")


def test_the_parcel_of_who_is_forgotten_leaves_no_number(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    print_shop.anna.writes("/forget")
    print_shop.anna.sees(translate("forget-prints", prints=1))
    print_shop.anna.taps("Forget me")
    print_shop.anna.taps("Forget me, leave the chat", wait=0)
    print_shop.telegram.settle()
    answers(print_shop, "posted RR123456785DE", number)
    assert print_shop.state(number) == "posted"
    assert print_shop.bot.rows("SELECT carrier, tracking FROM shipments") == [(None, None)]


@pytest.mark.parametrize("steps", range(4, 13))
def test_a_death_at_any_step_of_a_refund_tells_the_lab_to_stop(print_shop: PrintFixture, steps: int) -> None:
    number, _ = print_shop.at_lab()
    print_shop.olga.writes(f"/refund {number}", in_=print_shop.operators)
    print_shop.telegram.settle()
    print_shop.bot.dies_after(steps)
    print_shop.olga.taps("Refund", in_=print_shop.operators, wait=0)
    print_shop.telegram.settle()
    for job in ("orders", "prints"):
        print_shop.bot.runs_job(job)
        print_shop.telegram.settle()
    assert print_shop.state(number) == "refunded"
    assert 1 <= len(print_shop.hears(print_shop.lab, translate("lab-cancelled", order=number))) <= 2


def test_what_an_order_is_for_is_known_when_it_is_not_sold_any_more(print_shop: PrintFixture) -> None:
    """Choices and their defaults change; an order stays what it was."""
    print_shop.at_lab()
    assert print_shop.bot.rows("SELECT prints FROM orders") == [
        ("format=10x15;fit=fill;cut=middle;paper=glossy;copies=1",)
    ]
    print_shop.bot.rows("UPDATE orders SET prints = replace(prints, 'copies=1', 'copies=7')")
    print_shop.anna.writes("/orders")
    print_shop.anna.sees("7 prints")
