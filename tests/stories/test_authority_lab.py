"""Who is obeyed in the lab's chat, or in one that it shares with the operators; and for how long membership holds."""

from collections.abc import Iterator

import pytest

from bot.botapi.members import REMEMBERED_SECONDS
from bot.texts import translator
from tests.harness.people import Message
from tests.harness.print_fixture import PrintFixture, open_print_fixture

translate = translator("en")


@pytest.fixture
def print_shop() -> Iterator[PrintFixture]:
    with open_print_fixture() as print_shop:
        yield print_shop


def lab_hears(print_shop: PrintFixture, package: Message) -> list[str]:
    """What the bot said in the lab's chat after an order's package."""
    return [each.text for each in print_shop.lab.chat() if each.from_bot and each.id > package.id]


def test_who_leaves_is_obeyed_for_a_minute_at_most(print_shop: PrintFixture) -> None:
    print_shop.olga.becomes("administrator", in_=print_shop.operators)

    def looks() -> int:
        """How often Telegram was asked who Olga is."""
        asked = print_shop.telegram.requests("getChatMember")
        return len([each for each in asked if str(each["params"]["user_id"]) == str(print_shop.olga.id)])

    def grants() -> int:
        print_shop.olga.writes(f"/grant {print_shop.anna.id} 1", in_=print_shop.operators)
        print_shop.telegram.settle()
        return int(print_shop.bot.rows("SELECT count(*) FROM ledger WHERE kind = 'grant'")[0][0])

    assert [grants() for _ in range(3)] == [1, 2, 3]
    assert looks() == 1
    print_shop.olga.becomes("left", in_=print_shop.operators)
    print_shop.telegram.passes(REMEMBERED_SECONDS)
    assert grants() == 3
    assert grants() == 3
    assert looks() == 2
    print_shop.olga.becomes("member", in_=print_shop.operators)
    print_shop.telegram.passes(REMEMBERED_SECONDS)
    assert grants() == 4


def test_who_has_left_changes_no_answer(print_shop: PrintFixture) -> None:
    print_shop.anna.writes("/support")
    print_shop.anna.taps("Something else")
    print_shop.anna.writes("Where is it?")
    print_shop.anna.taps("Send")
    print_shop.telegram.settle()
    question = next(each for each in print_shop.operators.chat() if each.text == "Where is it?")
    answer = print_shop.olga.replies_to(question, "On its way.")
    print_shop.telegram.settle()
    print_shop.anna.sees("On its way.")
    print_shop.olga.becomes("left", in_=print_shop.operators)
    print_shop.telegram.passes(REMEMBERED_SECONDS)
    print_shop.olga.edits(answer, "You will never get it.")
    print_shop.telegram.settle()
    print_shop.anna.sees("On its way.")
    assert print_shop.bot.rows("SELECT words FROM ticket_messages WHERE author = 'operator'") == [("On its way.",)]
    print_shop.olga.becomes("member", in_=print_shop.operators)
    print_shop.telegram.passes(REMEMBERED_SECONDS)
    print_shop.olga.edits(answer, "It is there.")
    print_shop.telegram.settle()
    print_shop.anna.sees("It is there.")


@pytest.mark.parametrize("way", ["stranger", "left", "channel", "linked channel"])
def test_whoever_is_no_member_does_not_speak_for_the_lab(print_shop: PrintFixture, way: str) -> None:
    number, package = print_shop.at_lab()
    ship, mallory = f"/ship {number} RR123456785DE", print_shop.telegram.person("Mallory")
    if way == "linked channel":
        print_shop.lab.publishes(ship)
    else:
        if way == "left":
            mallory.becomes("member", in_=print_shop.lab)
            mallory.becomes("left", in_=print_shop.lab)
        how = {"speaks_as": "channel"} if way == "channel" else {}
        mallory.replies_to(package, "posted", **how)
        mallory.replies_to(package, "nonsense", **how)
        mallory.writes(ship, in_=print_shop.lab, **how)
        mallory.writes("/ship", in_=print_shop.lab, **how)
    print_shop.telegram.settle()
    assert print_shop.state(number) == "sent"
    assert lab_hears(print_shop, package) == []


@pytest.mark.parametrize("is_lena", [True, False])
def test_the_lab_says_itself_what_it_says(is_lena: bool) -> None:
    """Also where it is the chat of one person."""
    with open_print_fixture(lab_is="lena" if is_lena else "") as print_shop:
        print_shop.lena.writes("/start")
        number = print_shop.paid()
        where = None if is_lena else print_shop.lab
        chat = print_shop.lena.chat if is_lena else print_shop.lab.chat
        package = next(each for each in chat() if each.document)
        elsewhere = print_shop.telegram.group("Elsewhere", print_shop.olga, bot="left")
        print_shop.lena.forwards(print_shop.olga.writes(f"/ship {number} RR123456785DE", in_=elsewhere), in_=where)
        print_shop.lena.writes(f"/ship {number} RR123456785DE", in_=where, via_bot="gif")
        print_shop.lena.replies_to(package, "posted", via_bot="gif")
        print_shop.telegram.settle()
        assert print_shop.state(number) == "sent"
        told = [each.text for each in chat() if each.from_bot and each.id > package.id]
        assert told == [translate("only-typed")] * 3
        print_shop.lena.replies_to(package, "posted")
        print_shop.telegram.settle()
        assert print_shop.state(number) == "posted"


def test_an_anonymous_administrator_speaks_for_the_lab(print_shop: PrintFixture) -> None:
    number, package = print_shop.at_lab()
    print_shop.lena.replies_to(package, "printed", speaks_as="group")
    print_shop.telegram.settle()
    assert print_shop.state(number) == "printed"


def test_a_lab_that_cannot_be_checked_hears_so(print_shop: PrintFixture) -> None:
    number, package = print_shop.at_lab()
    print_shop.telegram.fault("getChatMember", "hang", count=100)
    print_shop.lena.replies_to(package, "posted")
    print_shop.telegram.settle()
    assert print_shop.lena.forges(f"lab:{number}:posted", package, wait=100)["text"] == translate("not-checked")
    assert print_shop.state(number) == "sent"
    assert lab_hears(print_shop, package) == [translate("not-checked")]


def test_a_stranger_does_not_speak_in_a_chat_of_lab_and_operators() -> None:
    with open_print_fixture(lab_is="operators") as print_shop:
        number = print_shop.paid()
        package = next(each for each in print_shop.operators.chat() if each.document)
        mallory = print_shop.telegram.person("Mallory")
        mallory.replies_to(package, "posted")
        mallory.writes(f"/ship {number} RR123456785DE", in_=print_shop.operators)
        mallory.writes(f"/refund {number}", in_=print_shop.operators)
        print_shop.operators.publishes(f"/refund {number}")
        print_shop.telegram.settle()
        assert print_shop.state(number) == "sent"
        assert not [each for each in print_shop.operators.chat() if each.from_bot and each.id > package.id]
