"""Reports about support bots, from the operators' side: what they do in a ticket's topic is never lost in silence."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.desk import Desk, asks, open_desk
from tests.harness.people import Message, Person
from tests.harness.shopping import balance_of
from tests.pictures import photos

translate = translator("en")

CONTACT = {"contact": {"phone_number": "+49301234567", "first_name": "Repair"}}
PLACE = {"location": {"latitude": 52.5, "longitude": 13.4}}
DICE = {"dice": {"emoji": "🎲", "value": 4}}
POLL = {
    "poll": {
        "id": "1",
        "question": "Better now?",
        "options": [
            {"persistent_id": "0", "text": "Yes", "voter_count": 0},
            {"persistent_id": "1", "text": "No", "voter_count": 0},
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
    }
}
CHECKLIST = {"checklist": {"title": "Do this", "tasks": [{"id": 1, "text": "Send it again, as a file"}]}}


@pytest.fixture(scope="module")
def desk(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(bot_api, tmp_path_factory.mktemp("operators")) as desk:
        yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[Person]:
    yield agreed(desk.telegram, "Anna")
    desk.telegram.mend()


def heard(desk: Desk, person: Person) -> list[Message]:
    """What this person has from the bot, once it has nothing left to bring."""
    desk.rests()
    return [each for each in person.chat() if each.from_bot]


def told(desk: Desk, since: Message) -> list[str]:
    """What the bot has said to the operators since this message, once it has nothing left to say."""
    desk.rests()
    return [each.text for each in desk.group.chat() if each.from_bot and each.id > since.id]


def sends(desk: Desk, number: int, content: dict[str, Any]) -> Message:
    """Olga sends this into the ticket's topic."""
    return desk.olga._sends(message=content, in_=desk.group, thread=desk.topic(number))


def ticket(desk: Desk, person: Person) -> int:
    number = asks(person, "my question")
    desk.reads(number, "my question")
    return number


@pytest.mark.parametrize("content", [CONTACT, PLACE, DICE, POLL, CHECKLIST], ids=lambda content: next(iter(content)))
def test_whatever_operators_send_arrives_or_they_hear_so(desk: Desk, anna: Person, content: dict[str, Any]) -> None:
    """Support bots: kinds of messages that nobody thought of vanish between staff and customer, without a word.

    What Olga puts into the topic is in Anna's chat, or Olga reads that it is not.
    """
    number = ticket(desk, anna)
    sent = sends(desk, number, content)
    arrived = [each for each in heard(desk, anna) if content.keys() & each.raw.keys()]
    assert arrived or told(desk, sent), "neither arrived nor told"


def test_an_album_of_operators_arrives_whole_and_in_order(desk: Desk, anna: Person) -> None:
    """Support bots: of an album that staff sends, the customer gets the first photo, or none with its words."""
    number = ticket(desk, anna)
    files = [
        desk.telegram.upload(photos.encoded(name), f"{name}.jpg", "image/jpeg") for name in ("china", "astronaut") * 2
    ]
    album = [{"file": file} for file in files]
    album[0]["caption"] = "all of them"
    desk.olga._act("send", chat=desk.group.id, thread=desk.topic(number), album=album)
    got = [each for each in heard(desk, anna) if each.document]
    assert [each.document["file_name"] for each in got] == ["china.jpg", "astronaut.jpg"] * 2
    assert [each.text for each in got] == ["all of them", "", "", ""]


# Edits


def test_a_mistyped_command_that_is_corrected_is_obeyed_or_told(desk: Desk, anna: Person) -> None:
    """Bot libraries: a command that becomes right by an edit does nothing, and whoever wrote it believes it did.

    Olga mistypes /close, reads that it is no command, and corrects it in place: the ticket is closed, or she hears
    that it is not.
    """
    number = ticket(desk, anna)
    typed = desk.writes(number, "/clsoe")
    assert told(desk, typed) == [translate("card-help")]
    desk.olga.edits(typed, "/close")
    closed = [each for each in heard(desk, anna) if each.text == translate("ticket-closed", ticket=number)]
    assert closed or told(desk, typed)[1:], "neither closed nor told"


def test_a_command_that_is_edited_into_an_answer_arrives_or_they_hear_so(desk: Desk, anna: Person) -> None:
    """Support bots: an edit of what was not relayed is not relayed either.

    Olga's answer began as a command by accident. She takes the slash away: Anna reads it, or Olga hears that she does
    not.
    """
    number = ticket(desk, anna)
    typed = desk.writes(number, "/etc is the folder")
    assert told(desk, typed) == [translate("card-help")]
    desk.olga.edits(typed, "the folder is called etc")
    arrived = [each for each in heard(desk, anna) if each.text == "the folder is called etc"]
    assert arrived or told(desk, typed)[1:], "neither arrived nor told"


def test_an_answer_that_is_edited_into_a_command_is_obeyed_or_told(desk: Desk, anna: Person) -> None:
    """Support bots: staff forgets the slash of an internal note, corrects it, and the customer keeps the note.

    Anna's copy changes, or Olga hears that it does not.
    """
    number = ticket(desk, anna)
    typed = desk.writes(number, "note she is rude")
    anna.sees("note she is rude")
    desk.olga.edits(typed, "/note she is rude")
    kept = [each for each in heard(desk, anna) if each.text == "note she is rude"]
    assert not kept or told(desk, typed), "Anna still reads it, and nobody is told"


def test_an_edited_order_is_not_carried_out_twice(desk: Desk, anna: Person) -> None:
    """Bot libraries: an edit of an old command runs it again.

    Olga grants two credits and then mends the text: nobody gets more than two.
    """
    number = ticket(desk, anna)
    granted = desk.writes(number, "/grant 2")
    anna.sees("The operators gave you 2 credits")
    desk.olga.edits(granted, "/grant 2 ")
    assert told(desk, granted)[1:] == [translate("operators-edited-command")]
    assert balance_of(anna) == 5


# What cannot be copied


def test_a_file_of_operators_that_cannot_be_copied_is_told_to_them(desk: Desk, anna: Person) -> None:
    """Support bots: in a group with protected content nothing may be copied, and files of staff get lost.

    Anna reads the words that came with the photo; that the photo did not come, Olga hears.
    """
    number = ticket(desk, anna)
    desk.telegram.fault("copyMessage", "error", code=400, text="Bad Request: message can't be copied")
    there = {"in_": desk.group, "thread": desk.topic(number)}
    sent = desk.olga.sends_photo(photos.encoded(), caption="the label is here", **there)
    assert anna.sees("the label is here")
    assert told(desk, sent), "the photo is lost, and nobody is told"


def test_a_file_of_a_person_that_cannot_be_copied_is_told_to_the_operators(desk: Desk, anna: Person) -> None:
    """Support bots: what customers may not have copied (a quiz, paid media) reaches staff as nothing at all.

    The operators read the words, and that a file belongs to them.
    """
    number = ticket(desk, anna)
    photo = anna.sends_photo(photos.encoded(), caption="this corner", reply_to=anna.sees(f"This is ticket {number}").id)
    desk.telegram.fault("copyMessage", "error", code=400, text="Bad Request: message can't be copied")
    anna.taps("Send")
    line = desk.reads(number, "this corner")
    assert photo.raw["photo"]
    desk.rests()
    texts = [each.text for each in desk.lines(number) if each.id >= line.id]
    assert texts != ["this corner"], "nothing says that there was a file"


# The topic


def test_a_topic_that_operators_close_by_hand_loses_nothing(desk: Desk, anna: Person) -> None:
    """Support bots: staff closes a topic in the app; what the customer writes then is refused, and gone.

    As soon as the topic is open again, Olga reads all of it, in order.
    """
    number = ticket(desk, anna)
    sends(desk, number, {"forum_topic_closed": {}})
    for method in ("copyMessage", "sendMessage"):
        desk.telegram.fault(method, "error", code=400, text="Bad Request: TOPIC_CLOSED")
    anna.writes("while it is closed")
    desk.rests()
    sends(desk, number, {"forum_topic_reopened": {}})
    anna.writes("and after that")
    desk.rests()
    assert desk.texts(number)[-2:] == ["while it is closed", "and after that"]


def test_a_topic_that_operators_close_by_hand_closes_the_ticket_or_they_hear_so(desk: Desk, anna: Person) -> None:
    """Support bots: staff closes the topic in the app and believes the request closed; the customer goes on writing.

    The ticket is closed with it, or Olga hears how that is done.
    """
    number = ticket(desk, anna)
    closed = sends(desk, number, {"forum_topic_closed": {}})
    desk.rests()
    states = [each.text for each in heard(desk, anna) if each.text == translate("ticket-closed", ticket=number)]
    assert states or told(desk, closed), "neither closed nor told"


def test_service_messages_of_a_topic_are_nothing_for_the_person(desk: Desk, anna: Person) -> None:
    """Support bots: "pinned a message", a topic's new name and a video chat are relayed to customers."""
    number = ticket(desk, anna)
    before = len(heard(desk, anna))
    card = desk.lines(number)[0]
    for content in (
        {"pinned_message": card.raw | {"reply_to_message": None}},
        {"forum_topic_edited": {"name": "urgent"}},
        {"video_chat_started": {}},
    ):
        sends(desk, number, {key: _plain(value) for key, value in content.items()})
    assert len(heard(desk, anna)) == before


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """As the Bot API nests a message: without what people alone see."""
    return {key: each for key, each in value.items() if key not in ("history", "reactions", "reply_to_message")}


def test_a_command_for_another_bot_is_not_obeyed(desk: Desk, anna: Person) -> None:
    """Bot libraries: /close@another_bot is taken for /close.

    Olga reads what this bot would understand, and the ticket stays open.
    """
    number = ticket(desk, anna)
    typed = desk.writes(number, "/close@another_bot")
    assert told(desk, typed) == [translate("card-help")]
    anna.writes("still here")
    desk.reads(number, "still here")


def test_a_name_full_of_markup_hinders_no_ticket(desk: Desk) -> None:
    """Support bots: a customer is called "<3</a>", the card cannot be parsed, and the request never arrives."""
    ben = agreed(desk.telegram, "<3</a> & *_`")
    number = asks(ben, "<b>is it broken & gone?</i>")
    desk.reads(number, "<b>is it broken & gone?</i>")
    desk.writes(number, "</b> no & [not] at_all")
    assert ben.sees("</b> no & [not] at_all").reply_to


def test_an_answer_to_what_the_person_deleted_arrives(desk: Desk, anna: Person) -> None:
    """Support bots: the message that staff replies to was deleted by the customer, and the answer is refused."""
    number = ticket(desk, anna)
    anna.deletes(next(each for each in anna.chat() if each.text == "my question"))
    desk.olga.replies_to(desk.reads(number, "my question"), "the answer")
    assert anna.sees("the answer")
