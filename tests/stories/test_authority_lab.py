"""Who is obeyed in the lab's chat, or in one that it shares with the operators; and for how long membership holds."""

from collections.abc import Iterator

import pytest

from bot.botapi.members import REMEMBERED_SECONDS
from bot.texts import words
from tests.harness.people import Message
from tests.harness.print_fixture import PrintFixture, open_print_fixture

say = words("en")


@pytest.fixture
def press() -> Iterator[PrintFixture]:
    with open_print_fixture() as press:
        yield press


def lab_hears(press: PrintFixture, package: Message) -> list[str]:
    """What the bot said in the lab's chat after an order's package."""
    return [each.text for each in press.lab.chat() if each.from_bot and each.id > package.id]


def test_who_leaves_is_obeyed_for_a_minute_at_most(press: PrintFixture) -> None:
    press.olga.becomes("administrator", in_=press.operators)

    def grants() -> int:
        press.olga.writes(f"/grant {press.anna.id} 1", in_=press.operators)
        press.telegram.settle()
        return int(press.bot.rows("SELECT count(*) FROM ledger WHERE kind = 'grant'")[0][0])

    assert [grants() for _ in range(3)] == [1, 2, 3]
    assert len(press.telegram.requests("getChatMember")) == 1
    press.olga.becomes("left", in_=press.operators)
    press.telegram.passes(REMEMBERED_SECONDS)
    assert grants() == 3
    assert grants() == 3
    assert len(press.telegram.requests("getChatMember")) == 2
    press.olga.becomes("member", in_=press.operators)
    press.telegram.passes(REMEMBERED_SECONDS)
    assert grants() == 4


def test_who_has_left_changes_no_answer(press: PrintFixture) -> None:
    press.anna.writes("/support")
    press.anna.taps("Something else")
    press.anna.writes("Where is it?")
    press.anna.taps("Send")
    press.telegram.settle()
    question = next(each for each in press.operators.chat() if each.text == "Where is it?")
    answer = press.olga.replies_to(question, "On its way.")
    press.telegram.settle()
    press.anna.sees("On its way.")
    press.olga.becomes("left", in_=press.operators)
    press.telegram.passes(REMEMBERED_SECONDS)
    press.olga.edits(answer, "You will never get it.")
    press.telegram.settle()
    press.anna.sees("On its way.")
    assert press.bot.rows("SELECT words FROM ticket_messages WHERE author = 'operator'") == [("On its way.",)]
    press.olga.becomes("member", in_=press.operators)
    press.telegram.passes(REMEMBERED_SECONDS)
    press.olga.edits(answer, "It is there.")
    press.telegram.settle()
    press.anna.sees("It is there.")


@pytest.mark.parametrize("way", ["stranger", "left", "channel", "linked channel"])
def test_whoever_is_no_member_does_not_speak_for_the_lab(press: PrintFixture, way: str) -> None:
    number, package = press.at_lab()
    ship, mallory = f"/ship {number} RR123456785DE", press.telegram.person("Mallory")
    if way == "linked channel":
        press.lab.publishes(ship)
    else:
        if way == "left":
            mallory.becomes("member", in_=press.lab)
            mallory.becomes("left", in_=press.lab)
        how = {"speaks_as": "channel"} if way == "channel" else {}
        mallory.replies_to(package, "posted", **how)
        mallory.replies_to(package, "nonsense", **how)
        mallory.writes(ship, in_=press.lab, **how)
        mallory.writes("/ship", in_=press.lab, **how)
    press.telegram.settle()
    assert press.state(number) == "sent"
    assert lab_hears(press, package) == []


@pytest.mark.parametrize("is_lena", [True, False])
def test_the_lab_says_itself_what_it_says(is_lena: bool) -> None:
    """Also where it is the chat of one person."""
    with open_print_fixture(lab_is="lena" if is_lena else "") as press:
        press.lena.writes("/start")
        number = press.paid()
        where = None if is_lena else press.lab
        chat = press.lena.chat if is_lena else press.lab.chat
        package = next(each for each in chat() if each.document)
        elsewhere = press.telegram.group("Elsewhere", press.olga, bot="left")
        press.lena.forwards(press.olga.writes(f"/ship {number} RR123456785DE", in_=elsewhere), in_=where)
        press.lena.writes(f"/ship {number} RR123456785DE", in_=where, via_bot="gif")
        press.lena.replies_to(package, "posted", via_bot="gif")
        press.telegram.settle()
        assert press.state(number) == "sent"
        told = [each.text for each in chat() if each.from_bot and each.id > package.id]
        assert told == [say("only-typed")] * 3
        press.lena.replies_to(package, "posted")
        press.telegram.settle()
        assert press.state(number) == "posted"


def test_an_anonymous_administrator_speaks_for_the_lab(press: PrintFixture) -> None:
    number, package = press.at_lab()
    press.lena.replies_to(package, "printed", speaks_as="group")
    press.telegram.settle()
    assert press.state(number) == "printed"


def test_a_lab_that_cannot_be_checked_hears_so(press: PrintFixture) -> None:
    number, package = press.at_lab()
    press.telegram.fault("getChatMember", "hang", count=100)
    press.lena.replies_to(package, "posted")
    press.telegram.settle()
    assert press.lena.forges(f"lab:{number}:posted", package, wait=100)["text"] == say("not-checked")
    assert press.state(number) == "sent"
    assert lab_hears(press, package) == [say("not-checked")]


def test_a_stranger_does_not_speak_in_a_chat_of_lab_and_operators() -> None:
    with open_print_fixture(lab_is="operators") as press:
        number = press.paid()
        package = next(each for each in press.operators.chat() if each.document)
        mallory = press.telegram.person("Mallory")
        mallory.replies_to(package, "posted")
        mallory.writes(f"/ship {number} RR123456785DE", in_=press.operators)
        mallory.writes(f"/refund {number}", in_=press.operators)
        press.operators.publishes(f"/refund {number}")
        press.telegram.settle()
        assert press.state(number) == "sent"
        assert not [each for each in press.operators.chat() if each.from_bot and each.id > package.id]
