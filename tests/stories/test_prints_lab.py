"""Prints at the lab and on their way: who may say what, what is late, what goes back, what is forgotten."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.values import Charge, OrderState
from bot.prints.fulfilment import LATE_SECONDS
from bot.texts import words
from storage import backup
from storage.shipments import KEEP_ENDED_SECONDS
from storage.tracking import FROM
from tests.harness.mail_server import text_of
from tests.harness.print_fixture import HERE, PrintFixture, open_print_fixture
from tests.pictures.photos import encoded

say = words("en")
DAY = 24 * 3600


@pytest.fixture
def press() -> Iterator[PrintFixture]:
    with open_print_fixture() as press:
        yield press


def answers(press: PrintFixture, text: str, number: str) -> str:
    """What the lab hears after replying with this to the order's package."""
    press.lena.replies_to(press.package(number), text)
    press.telegram.settle()
    return press.lab.chat()[-1].text


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("printed", "printed"),
        ("Printed.", "printed"),
        ("posted", "posted"),
        ("posted DHL 0034 0434 1614", "posted"),
        ("shipped 1Z999AA10123456784", "posted"),
        ("RR123456785DE", "posted"),
        ("ups 1Z999AA10123456784", "posted"),
    ],
)
def test_the_lab_answers_in_its_own_words(press: PrintFixture, said: str, state: str) -> None:
    number, _ = press.at_lab()
    assert answers(press, said, number) == say("lab-noted", order=number, state=state)
    assert press.state(number) == state


@pytest.mark.parametrize(
    "said",
    [
        "thanks!",
        "posted with love",
        "posted on 24 December",
        "printed tomorrow",
        "will be printed on Monday 30",
        "see you at 10",
        "2026-12-24",
        "delivered 12345678",
        "🙂",
    ],
)
def test_what_it_does_not_understand_it_says(press: PrintFixture, said: str) -> None:
    number, _ = press.at_lab()
    assert answers(press, said, number).startswith("Reply to an order's message with: printed")
    assert press.state(number) == "sent"


def test_other_talk_in_its_chat_is_none_of_the_bots(press: PrintFixture) -> None:
    press.at_lab()
    before = len(press.lab.chat())
    press.lena.writes("printed", in_=press.lab)
    mine = press.lena.writes("When do you come?", in_=press.lab)
    press.lena.replies_to(mine, "printed")
    press.telegram.settle()
    assert len([each for each in press.lab.chat() if each.from_bot]) + 3 == before + 3
    assert press.bot.rows("SELECT state FROM orders") == [("sent",)]


def test_a_step_that_cannot_be_taken_is_refused_and_a_number_can_be_corrected(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    assert answers(press, "delivered", number) == say("lab-not-now", order=number, state="sent", wanted="delivered")
    answers(press, "posted RR123456785DE", number)
    assert answers(press, "printed", number) == say("lab-not-now", order=number, state="posted", wanted="printed")
    assert answers(press, "posted RR123456785DE", number) == say(
        "lab-not-now", order=number, state="posted", wanted="posted"
    )
    assert answers(press, "posted RR999999999DE", number) == say("lab-noted", order=number, state="posted")
    press.anna.sees("RR999999999DE")
    answers(press, "delivered", number)
    assert answers(press, "returned", number) == say("lab-noted", order=number, state="returned")
    press.anna.sees(say("prints-returned", order=number))


def test_what_came_back_can_be_posted_again(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    for said in ("posted RR123456785DE", "returned", "posted RR999999999DE"):
        answers(press, said, number)
    assert press.state(number) == "posted"
    press.anna.sees("RR999999999DE")


def test_a_payment_that_comes_too_late_is_given_back_with_a_reason(press: PrintFixture) -> None:
    invoice = press.invoice()
    press.anna.pays(invoice, order=HERE, decline=True)
    number = press.number()
    press.bot.rows("UPDATE orders SET state = 'expired', task = NULL")
    charge = press.telegram.act("stripe_charge", account="print_fixture", amount=479)
    late = Charge("late", press.anna.id, 479, "EUR", number, provider_id=charge)

    async def comes() -> None:
        await press.bot.services.shop.checkout.paid(late)

    press.telegram.run(press.bot.lives[-1].does(comes()))
    press.bot.runs_job("orders")
    press.telegram.settle()
    press.anna.sees(say("paid-too-late", order=number, price="€4.79"))
    assert (press.state(number), press.at_stripe(number)["amount_refunded"]) == ("refunded", 479)


def test_ship_works_in_both_chats(press: PrintFixture) -> None:
    first, _ = press.at_lab()
    press.lena.writes(f"/ship {first} DHL 00340434161", in_=press.lab)
    press.telegram.settle()
    assert press.state(first) == "posted"
    second, _ = press.at_lab()
    press.olga.writes(f"/ship {second.lower()} RR123456785DE", in_=press.operators)
    press.telegram.settle()
    assert press.state(second) == "posted"
    for wrong in ("/ship", f"/ship {first}", f"/ship {first} soon"):
        press.olga.writes(wrong, in_=press.operators)
        press.telegram.settle()
        assert press.operators.chat()[-1].text.startswith("Reply to an order's message with")
    press.olga.writes("/ship NOORDER2 RR123456785DE", in_=press.operators)
    press.telegram.settle()
    assert press.operators.chat()[-1].text == say("lab-no-order", order="NOORDER2")


def test_an_order_that_is_none_of_prints_cannot_be_shipped(press: PrintFixture) -> None:
    press.anna.writes("/buy")
    press.anna.taps("10 credits")
    press.anna.taps("Without e-mail")
    press.anna.pays(press.anna.sees_invoice())
    press.telegram.settle()
    number = press.number()
    press.olga.writes(f"/ship {number} RR123456785DE", in_=press.operators)
    press.telegram.settle()
    assert press.operators.chat()[-1].text == say("lab-no-order", order=number)


def test_strangers_cannot_speak_for_the_lab(press: PrintFixture) -> None:
    number, package = press.at_lab()
    assert press.anna.forges(f"lab:{number}:printed", package)["text"] == say("tap-not-yours")
    press.anna.writes(f"/ship {number} RR123456785DE")
    press.telegram.settle()
    assert press.state(number) == "sent"
    assert press.lena.forges(f"lab:{number}:refunded", package) is not None
    assert press.state(number) == "sent"


def test_the_buttons_under_the_package_are_the_steps_that_are_left(press: PrintFixture) -> None:
    number, package = press.at_lab()
    assert package.buttons == ["Printed", "Posted, without a number"]
    press.lena.taps("Printed", in_=press.lab)
    press.telegram.settle()
    assert press.package(number).buttons == ["Posted, without a number"]
    press.lena.taps("Posted, without a number", in_=press.lab)
    press.telegram.settle()
    assert press.package(number).buttons == ["Delivered", "Came back"]
    assert press.hears_anna(say("prints-posted", order=number, trail="").rstrip())


@pytest.mark.parametrize("state", LATE_SECONDS)
def test_who_is_late_is_reminded_and_then_the_operators_hear(press: PrintFixture, state: OrderState) -> None:
    number, package = press.at_lab()
    for step in (OrderState.PRINTED, OrderState.POSTED):
        if state in (OrderState.PRINTED, OrderState.POSTED) and press.state(number) != state:
            answers(press, step, number)
    limit = LATE_SECONDS[state]

    def waits(seconds: int) -> tuple[int, int]:
        press.bot.rows("UPDATE shipments SET changed_at = changed_at - ?", seconds)
        for _ in range(2):  # each is told once
            press.bot.runs_job("prints")
            press.telegram.settle()
        return len(press.hears(press.lab, f"{number} has been")), len(
            press.hears(press.operators, f"{number} of prints")
        )

    assert waits(limit - 60) == (0, 0)
    assert waits(120) == (1, 0)
    reminder = next(each for each in press.lab.chat() if f"{number} has been" in each.text)
    assert reminder.reply_to
    assert reminder.reply_to.id == package.id
    assert waits(limit) == (1, 1)
    if state is OrderState.SENT:
        press.lena.replies_to(reminder, "printed")  # an answer to the reminder is one, too
        press.telegram.settle()
        assert press.state(number) == "printed"
        assert waits(0) == (1, 1)


def test_an_operator_refunds_all_of_it_and_the_lab_stops(press: PrintFixture) -> None:
    number, package = press.at_lab()
    press.olga.writes(f"/refund {number}", in_=press.operators)
    press.telegram.settle()
    question = press.operators.chat()[-1]
    assert question.text == say("operators-refund-print", order=number, price="€4.79", state="sent")
    press.olga.taps("Refund", in_=press.operators)
    press.telegram.settle()
    assert press.state(number) == "refunded"
    assert press.at_stripe(number)["amount_refunded"] == 479
    press.anna.sees(say("refunded", price="€4.79", order=number, credits=0))
    [stop] = [each for each in press.lab.chat() if each.text == say("lab-cancelled", order=number)]
    assert stop.reply_to
    assert stop.reply_to.id == package.id
    assert answers(press, "printed", number) == say("lab-not-now", order=number, state="refunded", wanted="printed")


def test_an_operator_refunds_a_part_and_the_order_goes_on(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    for part in ("2.50", "0.29"):
        press.olga.writes(f"/refund {number} {part}", in_=press.operators)
        press.telegram.settle()
        assert press.operators.chat()[-1].text == say("operators-refunded", order=number)
    assert press.at_stripe(number)["amount_refunded"] == 279
    press.anna.sees(say("refunded-part", price="€2.50", order=number))
    press.anna.sees(say("refunded-part", price="€0.29", order=number))
    assert press.state(number) == "sent"
    answers = {"That is no part of order": ("2.00", "0", "99999"), "Like this: /refund": ("-1", "1e3", "2.505", "half")}
    for answer, parts in answers.items():
        for part in parts:
            press.olga.writes(f"/refund {number} {part}", in_=press.operators)
            press.telegram.settle()
            assert press.operators.chat()[-1].text.startswith(answer), part
    press.bot.runs_job("mail")
    press.telegram.settle()
    mail = press.bot.mail.to(HERE["email"], "Part of your payment")[-1]
    assert "€2.79" in text_of(mail)
    press.operators_refund(number)
    assert (press.state(number), press.at_stripe(number)["amount_refunded"]) == ("refunded", 479)
    press.anna.sees(say("refunded", price="€2.00", order=number, credits=0))


@pytest.mark.parametrize("succeeds", [True, False])
def test_a_part_that_is_on_its_way_holds_up_no_prints(press: PrintFixture, succeeds: bool) -> None:
    number = press.paid_while_the_lab_is_away()
    press.telegram.act("stripe_pending", account="print_fixture")
    press.olga.writes(f"/refund {number} 1.00", in_=press.operators)
    press.telegram.settle()
    assert (press.state(number), press.at_stripe(number)["amount_refunded"]) == ("delivering", 100)
    if not succeeds:
        press.stripe("settle", number, succeeds=False)
    press.works_off()
    assert press.state(number) == "sent"
    if succeeds:
        press.stripe("settle", number, succeeds=True)
    press.works_off()
    assert len(press.hears_anna(say("refunded-part", price="€1.00", order=number))) == succeeds
    assert len(press.hears(press.operators, f"The refund of order {number} did not reach the card")) != succeeds


def days_later(press: PrintFixture) -> None:
    """And something newer has happened at Stripe, so that its lists are read on from there."""
    press.telegram.passes(3 * DAY)
    press.at_lab()
    press.reconciles()


def test_a_part_comes_on_top_of_what_somebody_gave_back_in_the_dashboard(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    press.stripe("refund", number, amount=200)  # of which we have not heard
    press.olga.writes(f"/refund {number} 1.00", in_=press.operators)
    press.telegram.settle()
    assert press.at_stripe(number)["amount_refunded"] == 300
    press.anna.sees(say("refunded-part", price="€2.00", order=number))
    press.anna.sees(say("refunded-part", price="€1.00", order=number))


def test_a_dispute_about_a_part_takes_a_part(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    press.stripe("dispute", number)
    next(iter(press.telegram.world.stripe["print_fixture"].disputes.values()))["amount"] = 300
    press.stripe("close", number, status="lost")
    press.reconciles()
    assert press.bot.rows("SELECT state, returned FROM orders WHERE id = ?", number) == [("sent", 300)]
    press.anna.sees(say("refunded-part", price="€3.00", order=number))


def test_stars_have_no_parts(press: PrintFixture) -> None:
    press.bot.rows("INSERT INTO addresses (user_id, declined) VALUES (?, 1)", press.anna.id)
    press.anna.writes("/buy")
    press.anna.taps("10 credits")
    press.anna.pays(press.anna.sees_invoice())
    press.telegram.settle()
    press.olga.writes(f"/refund {press.number()} 1", in_=press.operators)
    press.telegram.settle()
    assert "Only card payments have parts" in press.operators.chat()[-1].text


def test_a_dispute_comes_before_the_operators_with_what_there_is(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    answers(press, "posted RR123456785DE", number)
    press.stripe("dispute", number, reason="product_not_received")
    press.reconciles()
    press.reconciles()
    [told] = press.hears(press.operators, f"Dispute about order {number}")
    for part in ("€4.79", "product_not_received", "RR123456785DE", "posted", "version 2"):
        assert part in told
    assert press.state(number) == "posted"
    press.operators_refund(number)
    assert press.state(number) == "refunding", "the money is with the bank"
    assert press.at_stripe(number)["amount_refunded"] == 0
    days_later(press)
    press.stripe("close", number, status="lost")
    press.reconciles()
    assert len(press.hears(press.operators, f"The dispute about order {number} is lost")) == 1
    assert press.state(number) == "refunded"
    press.reconciles()
    assert press.state(number) == "refunded"


@pytest.mark.parametrize("code", [400, 502])
def test_what_operators_must_hear_they_hear_later_and_once(press: PrintFixture, code: int) -> None:
    """A dispute is lost by silence; a refund that a bank does not take is nobody's else."""
    number, _ = press.at_lab()
    press.telegram.act("stripe_pending", account="print_fixture")
    press.olga.writes(f"/refund {number} 1.00", in_=press.operators)
    press.telegram.settle()
    press.stripe("settle", number, succeeds=False)
    press.stripe("dispute", number)
    press.telegram.fault("sendMessage", "error", code=code, count=9)
    press.works_off()
    press.reconciles()
    told = (f"Dispute about order {number}", f"The refund of order {number} did not reach")
    assert [len(press.hears(press.operators, each)) for each in told] == [0, 0]
    press.telegram.mend()
    press.telegram.passes(DAY)
    for _ in range(2):
        press.works_off()
        press.reconciles()
        assert [len(press.hears(press.operators, each)) for each in told] == [1, 1]


def test_a_refund_that_a_bank_sends_back_days_later_is_found(press: PrintFixture) -> None:
    """No list of what is new tells of it; here no webhook does, either."""
    number, _ = press.at_lab()
    press.olga.writes(f"/refund {number} 1.00", in_=press.operators)
    press.telegram.settle()
    press.reconciles()
    days_later(press)
    press.stripe("settle", number, succeeds=False)
    press.telegram.passes(DAY)
    for _ in range(2):
        press.reconciles()
        assert press.bot.rows("SELECT returned, to_return FROM orders WHERE id = ?", number) == [(0, 100)]
        assert len(press.hears(press.operators, f"The refund of order {number} did not reach the card")) == 1


def test_what_happened_to_a_payment_before_telegram_told_of_it_is_found(press: PrintFixture) -> None:
    press.reconciles()
    press.anna.pays(press.invoice(), order=HERE, tells=False)
    [charge] = press.telegram.world.stripe["print_fixture"].charges
    press.telegram.act("stripe_refund", charge=charge, amount=100)
    days_later(press)
    chat = press.telegram.world.chat(press.anna.id)
    late = next(post for post in chat.posts.values() if "successful_payment" in post.content)
    press.telegram.world.inbox.push("message", press.telegram.world.message(late))
    press.telegram.settle()
    press.reconciles()
    assert press.bot.rows("SELECT state, returned FROM orders WHERE provider_id = ?", charge) == [("sent", 100)]


def test_a_bank_that_does_not_take_the_refund_is_put_before_people(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    press.telegram.act("stripe_pending", account="print_fixture")
    press.telegram.run(press.bot.services.shop.refunds.refund(number, "operators"))
    press.telegram.settle()
    assert press.state(number) == "refunding"
    press.stripe("settle", number, succeeds=False)
    for _ in range(2):
        press.works_off()
    assert len(press.hears(press.operators, f"The refund of order {number} did not reach the card")) == 1
    assert press.state(number) == "refunding"
    press.stripe("refund", number)  # an operator, in Stripe's dashboard
    press.works_off()
    assert press.state(number) == "refunded"


def test_what_is_kept_of_its_way_ends(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    answers(press, "posted RR123456785DE", number)
    answers(press, "delivered", number)

    def later(seconds: int) -> list[tuple[object, ...]]:
        press.bot.rows("UPDATE orders SET ended_at = ended_at - ?", seconds)
        press.bot.runs_job("forget")
        return press.bot.rows("SELECT email, tracking FROM shipments")

    assert later(2 * DAY) == [(HERE["email"], "RR123456785DE")]
    assert later(2 * DAY) == [(None, "RR123456785DE")]
    assert later(KEEP_ENDED_SECONDS) == []


def test_who_is_forgotten_gets_the_prints_and_nobody_knows_for_whom_they_are(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    press.anna.writes("/forget")
    press.anna.taps("Forget me")
    press.anna.taps("Forget me, leave the chat", wait=0)
    press.telegram.settle()
    assert press.bot.rows("SELECT email, tracking, address FROM shipments") == [(None, None, None)]
    assert press.bot.rows("SELECT user_id FROM accounts") == [(None,)]
    assert press.bot.rows("SELECT count(*) FROM refund_paths") == [(0,)]
    before = len(press.anna.chat())
    assert answers(press, "printed", number) == say("lab-noted", order=number, state="printed")
    assert len(press.anna.chat()) == before
    press.operators_refund(number)
    assert (press.state(number), press.at_stripe(number)["amount_refunded"]) == ("refunded", 479), (
        "a card needs no name"
    )


def test_who_is_forgotten_before_the_lab_has_it_gets_the_money(press: PrintFixture) -> None:
    number = press.paid_while_the_lab_is_away()
    press.anna.writes("/forget")
    press.anna.sees("one order that is paid and not begun or delivered")
    press.anna.taps("Forget me")
    press.anna.taps("Forget me, leave the chat", wait=0)
    press.telegram.settle()
    press.works_off()
    assert (press.state(number), press.at_stripe(number)["amount_refunded"]) == ("refunded", 479)
    assert press.bot.rows("SELECT address, email FROM shipments") == [(None, None)]


def test_after_a_restored_backup_the_lab_is_told_that_it_may_have_an_order(press: PrintFixture, tmp_path: Path) -> None:
    press.paid_while_the_lab_is_away()
    settings = press.bot.services.settings
    press.bot.stop()
    press.bot.rows("DROP TRIGGER orders_go_step_by_step")
    press.bot.rows("UPDATE orders SET state = 'paid', next_at = 0")
    backup.back_up(settings.database_path, settings.database_key_file, tmp_path / "backup")
    backup.restore(settings.database_path, settings.database_key_file, tmp_path / "backup")
    press.bot.start()
    press.bot.runs_job("orders")
    press.telegram.settle()
    assert say("lab-again") in press.package(press.number()).text


def test_a_picture_of_an_album_is_printed_by_a_reply(press: PrintFixture) -> None:
    press.anna.sends_album([encoded(), encoded("china")], compressed=False)
    press.anna.sees("Album of")
    press.anna.taps("Remove metadata", wait=0)
    press.anna.sees(say("album-prints"))
    result = press.anna.gets_document().message
    press.anna.replies_to(result, "Print!")
    proof = press.anna.gets_photo().message
    assert proof.reply_to
    assert proof.reply_to.id == result.id
    press.anna.taps("Order", wait=0)
    assert press.anna.sees_invoice()


def test_what_is_known_of_a_parcel_is_in_what_a_person_can_see(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    answers(press, "posted RR123456785DE", number)
    press.anna.writes("/mydata")
    assert say("mydata-shipments", shipments=1) in press.anna.sees("Everything held on you").text
    [row] = json.loads(press.anna.gets_document().bytes)["database"]["shipments"]["rows"]
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
    with open_print_fixture(lab_is="lena") as press:
        lena = press.lena
        lena.writes("/start")
        lena.taps("I agree")
        number = press.paid()
        package = next(each for each in lena.chat() if each.document)
        lena.replies_to(package, "printed")
        press.telegram.settle()
        assert press.state(number) == "printed"
        lena.taps("Posted, without a number", package)
        press.telegram.settle()
        assert press.state(number) == "posted"
        lena.replies_to(lena.sends_photo(encoded()), "100")
        lena.sees("4 × 3 pixels")


def test_where_lab_and_operators_share_a_chat_answers_reach_people() -> None:
    with open_print_fixture(lab_is="operators") as press:
        number = press.paid()
        package = next(each for each in press.operators.chat() if each.document)
        press.olga.replies_to(package, "printed")
        press.telegram.settle()
        assert press.state(number) == "printed"
        press.anna.writes("/paysupport")
        press.anna.taps(number)
        press.anna.taps("Something else")
        press.anna.writes("Where is it?")
        press.anna.taps("Send")
        press.telegram.settle()
        asked = next(each for each in press.operators.chat() if each.text == "Where is it?")
        press.olga.replies_to(asked, "On its way.")
        press.telegram.settle()
        press.anna.sees("On its way.")
        card = next(each for each in press.operators.chat() if each.text.startswith("Ticket 1"))
        press.olga.replies_to(card, "posted")
        press.telegram.settle()
        assert press.hears_anna("posted"), "in a ticket's topic all is for its person"


@pytest.mark.parametrize("steps", range(3, 12))
def test_a_death_at_any_step_of_a_part_refunds_it_once(press: PrintFixture, steps: int) -> None:
    number, _ = press.at_lab()
    press.bot.dies_after(steps)
    press.olga.writes(f"/refund {number} 1.00", in_=press.operators)
    press.telegram.settle()
    press.bot.runs_job("orders")
    press.telegram.settle()
    assert press.bot.rows("SELECT to_return, returned FROM orders") == [(100, 100)]
    assert press.at_stripe(number)["amount_refunded"] == 100


def test_operators_hear_of_what_is_late_where_the_lab_cannot_be_reached(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    press.bot.rows("UPDATE shipments SET changed_at = changed_at - ?", 2 * LATE_SECONDS[OrderState.SENT] + 60)
    press.telegram.fault("sendMessage", "error", code=403, count=1)
    press.bot.runs_job("prints")
    press.telegram.settle()
    assert press.hears(press.operators, f"{number} of prints")


@pytest.mark.parametrize("lacking", ["stripe_provider_token", "print_lab_public_key", "print_lab_chat_id"])
def test_what_is_not_sold_any_more_is_not_paid_for(press: PrintFixture, lacking: str) -> None:
    """The invoice is in the chat, and then the operators take the lab or the token away."""
    invoice = press.invoice()
    press.bot.stop()
    press.bot._settings = press.bot._settings.model_copy(update={lacking: None})
    press.bot.start()
    [payment] = press.anna.pays(invoice, order=HERE)
    assert (payment["status"], payment["error"]) == ("refused", say("prints-no-sale"))
    assert press.state(press.number()) == "invoiced"


@pytest.mark.parametrize("forgets", [False, True])
def test_what_may_have_reached_the_lab_is_cancelled_there_too(press: PrintFixture, forgets: bool) -> None:
    """The package is there, but the bot never heard so; then the money goes back."""
    invoice = press.invoice()
    press.telegram.fault("sendDocument", "error", code=403, after=True)
    press.anna.pays(invoice, order=HERE)
    press.telegram.settle()
    number = press.number()
    assert press.package(number)
    assert press.state(number) == "delivering"
    if forgets:
        press.anna.writes("/forget")
        press.anna.taps("Forget me")
        press.anna.taps("Forget me, leave the chat", wait=0)
    else:
        press.telegram.run(press.bot.services.shop.refunds.refund(number, "withdrawn", only_unspent=True))
    press.telegram.settle()
    press.works_off()
    assert press.state(number) == "refunded"
    assert press.hears(press.lab, say("lab-cancelled", order=number))


def test_a_package_whose_arrival_nobody_confirms_comes_again_and_says_so(press: PrintFixture) -> None:
    invoice = press.invoice()
    press.telegram.fault("sendDocument", "drop", after=True)
    press.anna.pays(invoice, order=HERE)
    press.telegram.settle()
    press.works_off()
    packages = [each.text for each in press.lab.chat() if each.document]
    assert [say("lab-again") in text for text in packages] == [False, True]


def test_what_nobody_ever_says_has_arrived_is_forgotten_too(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    answers(press, "posted RR123456785DE", number)
    press.bot.rows("UPDATE shipments SET changed_at = changed_at - ?", KEEP_ENDED_SECONDS - DAY)
    press.bot.runs_job("forget")
    assert press.bot.rows("SELECT email, tracking FROM shipments") == [(HERE["email"], "RR123456785DE")]
    press.bot.rows("UPDATE shipments SET changed_at = changed_at - ?", 2 * DAY)
    press.bot.runs_job("forget")
    assert press.bot.rows("SELECT * FROM shipments") == []
    assert answers(press, "delivered", number) == say("lab-noted", order=number, state="delivered")


def test_the_parcel_of_who_is_forgotten_leaves_no_number(press: PrintFixture) -> None:
    number, _ = press.at_lab()
    press.anna.writes("/forget")
    press.anna.sees(say("forget-prints", prints=1))
    press.anna.taps("Forget me")
    press.anna.taps("Forget me, leave the chat", wait=0)
    press.telegram.settle()
    answers(press, "posted RR123456785DE", number)
    assert press.state(number) == "posted"
    assert press.bot.rows("SELECT carrier, tracking FROM shipments") == [(None, None)]


@pytest.mark.parametrize("steps", range(4, 13))
def test_a_death_at_any_step_of_a_refund_tells_the_lab_to_stop(press: PrintFixture, steps: int) -> None:
    number, _ = press.at_lab()
    press.olga.writes(f"/refund {number}", in_=press.operators)
    press.telegram.settle()
    press.bot.dies_after(steps)
    press.olga.taps("Refund", in_=press.operators, wait=0)
    press.telegram.settle()
    for job in ("orders", "prints"):
        press.bot.runs_job(job)
        press.telegram.settle()
    assert press.state(number) == "refunded"
    assert 1 <= len(press.hears(press.lab, say("lab-cancelled", order=number))) <= 2


def test_what_an_order_is_for_is_known_when_it_is_not_sold_any_more(press: PrintFixture) -> None:
    """Choices and their defaults change; an order stays what it was."""
    press.at_lab()
    assert press.bot.rows("SELECT prints FROM orders") == [("format=10x15;fit=fill;cut=middle;paper=glossy;copies=1",)]
    press.bot.rows("UPDATE orders SET prints = replace(prints, 'copies=1', 'copies=7')")
    press.anna.writes("/orders")
    press.anna.sees("7 prints")
