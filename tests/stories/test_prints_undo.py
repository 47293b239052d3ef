"""The lab makes mistakes: a wrong step is taken back, a reply is mended by an edit, a slip comes as a photo."""

from collections.abc import Iterator

import pytest

from bot.prints.carriers import CARRIERS
from bot.texts import translator
from tests.harness.mail_server import text_of
from tests.harness.people import Message
from tests.harness.print_fixture import HERE, PrintFixture, open_print_fixture
from tests.pictures.photos import encoded

translate = translator("en")
HOW = translate("lab-how", carriers=", ".join(CARRIERS))
ONE, OTHER = "RR123456785DE", "RR999999995DE"


@pytest.fixture
def print_shop() -> Iterator[PrintFixture]:
    with open_print_fixture() as print_shop:
        yield print_shop


def says(print_shop: PrintFixture, text: str, number: str) -> Message:
    """The lab replies with this to the order's package."""
    reply = print_shop.lena.replies_to(print_shop.package(number), text)
    print_shop.telegram.settle()
    return reply


def edits(print_shop: PrintFixture, message: Message, text: str) -> None:
    print_shop.lena.edits(message, text)
    print_shop.telegram.settle()


def taps_undo(print_shop: PrintFixture, on: Message | None = None) -> None:
    print_shop.lena.taps("Undo", on=on, in_=print_shop.lab)
    print_shop.telegram.settle()


def heard(print_shop: PrintFixture) -> Message:
    """What the bot said last in the lab's chat."""
    return [each for each in print_shop.lab.chat() if each.from_bot][-1]


def parcel(print_shop: PrintFixture) -> tuple[object, ...]:
    return print_shop.bot.rows("SELECT state, carrier, tracking FROM orders JOIN shipments ON number = id")[0]


def corrected(number: str, state: str, trail: str = "", language: str = "en") -> str:
    return translator(language)("prints-corrected", order=number, state=state, trail=trail).strip()


def test_a_wrong_step_is_taken_back_and_the_person_hears_so(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    print_shop.bot.rows("UPDATE orders SET language = 'de'")
    says(print_shop, "printed", number)
    says(print_shop, f"posted {ONE}", number)
    assert heard(print_shop).buttons == ["Undo"]
    taps_undo(print_shop)
    assert heard(print_shop).text == translate("lab-undone", order=number, state="printed")
    assert parcel(print_shop) == ("printed", None, None)
    assert print_shop.package(number).buttons == ["Posted, without a number"]
    assert print_shop.hears_anna(corrected(number, "printed", language="de"))
    print_shop.bot.runs_job("mail")
    print_shop.telegram.settle()
    [mail] = print_shop.bot.mail.to(HERE["email"], "Eine Korrektur")
    assert "Deine Abzüge sind gedruckt und noch nicht in der Post." in text_of(mail)
    assert ONE not in text_of(mail)
    noted = next(each for each in print_shop.lab.chat() if each.text.startswith(f"Order {number}: posted"))
    assert noted.buttons == []
    says(print_shop, f"posted {OTHER}", number)
    assert parcel(print_shop) == ("posted", "deutschepost", OTHER)


def test_a_mail_that_was_wrong_and_is_not_sent_yet_is_not_sent(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    print_shop.bot.mail.is_down = True
    says(print_shop, f"posted {ONE}", number)
    says(print_shop, "undo", number)
    assert {kind for (kind,) in print_shop.bot.rows("SELECT kind FROM outbox")} >= {"corrected"}
    assert not print_shop.bot.rows("SELECT 1 FROM outbox WHERE kind = 'posted'")


def test_only_the_newest_step_is_taken_back_and_once(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    says(print_shop, "undo", number)
    assert heard(print_shop).text == translate("lab-not-undone", order=number, state="sent")
    says(print_shop, "printed", number)
    printed = heard(print_shop)
    says(print_shop, f"posted {ONE}", number)
    taps_undo(print_shop, on=printed)
    assert heard(print_shop).text == translate("lab-not-undone", order=number, state="posted")
    says(print_shop, f"posted {OTHER}", number)
    says(print_shop, "Undo.", number)
    assert parcel(print_shop) == ("posted", "deutschepost", ONE), "a corrected number, too"
    trail = translator("en")("prints-trail", number=f"DEUTSCHEPOST {ONE}", link="")
    assert [each for each in print_shop.anna.chat() if trail.strip() in each.text and "A correction" in each.text]
    for _ in range(2):
        says(print_shop, "undo", number)
        assert heard(print_shop).text == translate("lab-not-undone", order=number, state="posted")
    says(print_shop, "returned", number)
    says(print_shop, "undo", number)
    assert parcel(print_shop) == ("posted", "deutschepost", ONE)
    assert print_shop.bot.rows("SELECT ended_at FROM orders") == [(None,)]
    assert print_shop.package(number).buttons == ["Delivered", "Came back"]
    says(print_shop, "undo NOW", number)
    assert heard(print_shop).text == HOW


@pytest.mark.parametrize("part", [True, False])
def test_after_a_refund_nothing_is_taken_back(print_shop: PrintFixture, part: bool) -> None:
    number, _ = print_shop.at_lab()
    says(print_shop, "printed", number)
    noted = heard(print_shop)
    if part:
        print_shop.olga.writes(f"/refund {number} 1.00", in_=print_shop.operators)
        print_shop.telegram.settle()
    else:
        print_shop.operators_refund(number)
    state = "printed" if part else "refunded"
    taps_undo(print_shop, on=noted)
    says(print_shop, "undo", number)
    refused = translate("lab-not-undone", order=number, state=state)
    assert len(print_shop.hears(print_shop.lab, refused)) == 2
    assert print_shop.state(number) == state


def test_strangers_take_nothing_back(print_shop: PrintFixture) -> None:
    number, package = print_shop.at_lab()
    says(print_shop, "printed", number)
    noted = heard(print_shop)
    [step] = print_shop.bot.rows("SELECT id FROM parcel_steps")[0]
    mallory = print_shop.telegram.person("Mallory")
    assert mallory.forges(f"lab:{number}:undo-{step}", noted)["text"] == translate("tap-not-yours")
    mallory.replies_to(package, "undo")
    for forged in ("undo-", "undo-x", f"undo-{step + 1}", "undo-" + "9" * 40):
        print_shop.lena.forges(f"lab:{number}:{forged}", noted)
    print_shop.telegram.settle()
    assert print_shop.state(number) == "printed"


def test_of_who_is_forgotten_no_earlier_number_is_kept(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    says(print_shop, f"posted {ONE}", number)
    says(print_shop, f"posted {OTHER}", number)
    print_shop.anna.writes("/forget")
    print_shop.anna.taps("Forget me")
    print_shop.anna.taps("Forget me, leave the chat", wait=0)
    print_shop.telegram.settle()
    assert set(print_shop.bot.rows("SELECT carrier, tracking FROM parcel_steps")) == {(None, None)}
    said = len(print_shop.anna.chat())
    says(print_shop, "undo", number)
    assert parcel(print_shop) == ("posted", None, None)
    assert len(print_shop.anna.chat()) == said


def test_what_is_forgotten_of_its_way_cannot_be_taken_back(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    says(print_shop, "printed", number)
    print_shop.bot.rows("DELETE FROM shipments")
    assert print_shop.bot.rows("SELECT * FROM parcel_steps") == []
    says(print_shop, "posted", number)
    assert heard(print_shop).text == translate("lab-noted", order=number, state="posted")
    assert heard(print_shop).buttons == []


def test_a_reply_is_mended_by_an_edit(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    reply = says(print_shop, "prnted", number)
    assert heard(print_shop).text == HOW
    edits(print_shop, reply, "printed")
    assert print_shop.state(number) == "printed"
    before = len(print_shop.lab.chat())
    edits(print_shop, reply, "Printed!")  # says the same
    assert len(print_shop.lab.chat()) == before
    for other in ("posted", f"posted {ONE}", "nonsense", "undo"):
        edits(print_shop, reply, other)
        assert heard(print_shop).text == translate("lab-edited", order=number, state="printed"), other
        assert parcel(print_shop) == ("printed", None, None), other
    taps_undo(print_shop)
    assert print_shop.state(number) == "sent"
    edits(print_shop, reply, f"posted {ONE}")
    assert parcel(print_shop) == ("posted", "deutschepost", ONE), "what does not hold any more is read anew"
    edits(print_shop, reply, ONE)
    assert heard(print_shop).text == translate("lab-noted", order=number, state="posted"), "the same in other words"
    edits(print_shop, reply, OTHER)
    assert parcel(print_shop) == ("posted", "deutschepost", ONE)
    assert heard(print_shop).text == translate("lab-edited", order=number, state="posted")


def test_an_edit_takes_nothing_back_twice(print_shop: PrintFixture) -> None:
    number, _ = print_shop.at_lab()
    says(print_shop, "printed", number)
    reply = says(print_shop, "undoo", number)
    edits(print_shop, reply, "undo")
    assert print_shop.state(number) == "sent"
    says(print_shop, "printed", number)
    edits(print_shop, reply, "undo!")
    assert print_shop.state(number) == "printed"
    edits(print_shop, reply, "posted")
    assert heard(print_shop).text == translate("lab-edited", order=number, state="printed")
    assert heard(print_shop).buttons == []
    assert print_shop.state(number) == "printed"


def test_a_photo_of_the_slip_is_read_by_its_caption(print_shop: PrintFixture) -> None:
    number, package = print_shop.at_lab()
    where = {"in_": print_shop.lab, "reply_to": package.id}
    for slip in ({"photo": encoded()}, {"photo": encoded(), "caption": "the slip"}):
        print_shop.lena.sends_photo(slip.pop("photo"), **slip, **where)
        print_shop.telegram.settle()
        assert heard(print_shop).text == HOW
    print_shop.lena.sends_file(b"a scan", "slip.pdf", **where)
    print_shop.lena._sends(message={"dice": {"emoji": "🎲", "value": 4}}, **where)
    print_shop.telegram.settle()
    assert len(print_shop.hears(print_shop.lab, HOW)) == 4
    assert print_shop.state(number) == "sent"
    slip = print_shop.lena.sends_photo(encoded(), caption="posted", **where)
    print_shop.telegram.settle()
    assert parcel(print_shop) == ("posted", None, None)
    edits(print_shop, slip, f"posted {ONE}")
    assert heard(print_shop).text == translate("lab-edited", order=number, state="posted")
    says(print_shop, "undo", number)
    edits(print_shop, slip, f"DHL {ONE}")
    assert parcel(print_shop) == ("posted", "dhl", ONE)


def test_a_lab_that_is_one_person_mends_its_replies_too() -> None:
    with open_print_fixture(lab_is="lena") as print_shop:
        lena = print_shop.lena
        lena.writes("/start")
        lena.taps("I agree")
        number = print_shop.paid()
        package = next(each for each in lena.chat() if each.document)
        reply = lena.replies_to(package, "prnted")
        lena.sees(HOW)
        lena.edits(reply, "printed")
        print_shop.telegram.settle()
        assert print_shop.state(number) == "printed"
        lena.taps("Undo")
        print_shop.telegram.settle()
        assert print_shop.state(number) == "sent"
        slip = lena.sends_photo(encoded(), caption="printed", reply_to=package.id)
        print_shop.telegram.settle()
        assert print_shop.state(number) == "printed"
        assert not [
            each for each in lena.chat() if each.reply_to and each.reply_to.id == slip.id and "shall" in each.text
        ]
