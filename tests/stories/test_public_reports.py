"""Reports about other bots and bot libraries, from a person's side: no words and no photos go astray."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.desk import Desk, asks, drafts, open_desk, preview, sends
from tests.harness.people import Message, Person
from tests.harness.shopping import has_paid_pack
from tests.pictures import photos
from tests.stories.test_photo import menu_under

translate = translator("en")

CONTACT = {"contact": {"phone_number": "+49301234567", "first_name": "Ben"}}
PLACE = {"location": {"latitude": 52.5, "longitude": 13.4}}
VENUE = {"venue": {"location": PLACE["location"], "title": "Lab", "address": "Street 1"}}
DICE = {"dice": {"emoji": "🎲", "value": 4}}
STORY = {"story": {"chat": {"id": -1001, "type": "channel", "title": "News"}, "id": 7}}
PAID_MEDIA = {"paid_media": {"star_count": 5, "paid_media": [{"type": "preview"}]}}
CHECKLIST = {"checklist": {"title": "Do this", "tasks": [{"id": 1, "text": "Make it brighter"}]}}
GAME = {"game": {"title": "Chess", "description": "A game", "photo": []}}
GIVEAWAY = {
    "giveaway": {
        "chats": [{"id": -1001, "type": "channel", "title": "News"}],
        "winners_selection_date": 2_000_000_000,
        "winner_count": 1,
    }
}
KINDS = (CONTACT, PLACE, VENUE, DICE, STORY, PAID_MEDIA, CHECKLIST, GAME, GIVEAWAY)


def kind_of(content: dict[str, Any]) -> str:
    return next(iter(content))


@pytest.fixture(scope="module")
def desk(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(bot_api, tmp_path_factory.mktemp("reports")) as desk:
        yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[Person]:
    yield agreed(desk.telegram, "Anna")
    desk.telegram.mend()


def texts(messages: list[Message]) -> list[str]:
    return [each.text for each in messages]


# Words that must not go astray


def test_a_blank_message_that_is_edited_into_words_belongs_to_the_draft(desk: Desk, anna: Person) -> None:
    """Support bots: a message that was refused at first is edited, and the better words are lost.

    Anna sends invisible characters, hears that they are no words, and writes words in their place: the draft has them.
    """
    anna.writes("/support")
    anna.taps("Something else")
    anna.sees("a file that you attach here")
    blank = anna.writes("\u200b\u2060")
    anna.sees(translate("draft-blank"))
    anna.edits(blank, "my camera is upside down")
    assert any("my camera is upside down" in text for text in texts(desk.said_to(anna, blank)))


def test_a_blank_message_that_is_edited_into_words_reaches_the_ticket(desk: Desk, anna: Person) -> None:
    """The same while a ticket is open: operators read the words, or Anna hears that they do not."""
    number = asks(anna, "my question")
    blank = anna.writes("\u200b\u2060")
    anna.sees(translate("draft-blank"))
    anna.edits(blank, "my camera is upside down")
    said = texts(desk.said_to(anna, blank))
    assert "my camera is upside down" in desk.texts(number) or said != [translate("draft-blank")]


@pytest.mark.parametrize("target", ["receipt", "photo"])
def test_a_reply_to_another_message_reaches_the_open_ticket(desk: Desk, anna: Person, target: str) -> None:
    """Support bots: replies to any message but the staff's own go nowhere.

    The bot promised: until the ticket is closed, what you write here goes to the operators. So do words that answer a
    receipt, or one's own photo, and are no size; or Anna hears that they did not go there.
    """
    if target == "receipt":
        answered = anna.sees(f"Order {has_paid_pack(anna)},")
    else:
        answered = anna.sends_file(b"just text", "me.jpg")
        menu_under(anna, answered)
    number = asks(anna, "my question")
    reply = anna.replies_to(answered, "this one is what I mean")
    said = " ".join(texts(desk.said_to(anna, reply)))
    assert "this one is what I mean" in desk.texts(number) or "operators" in said


def test_a_reply_that_quotes_another_chat_reaches_the_ticket(desk: Desk, anna: Person) -> None:
    """Bot libraries: replies to other chats, with a quote, have no reply_to_message, and handlers pass them over."""
    number = asks(anna, "my question")
    anna.sends(
        text="they say so, too",
        external_reply={
            "origin": {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "Ben"},
        },
        quote={"text": "it is broken", "position": 0},
    )
    desk.rests()
    assert desk.texts(number)[-1] == "they say so, too"


def test_very_long_words_in_any_script_arrive_as_they_are(desk: Desk, anna: Person) -> None:
    """Support bots: long words with emoji, right-to-left script or joined signs are cut, split or refused.

    Shown once more before they are sent, they arrive to the last sign; so does an answer of that kind.
    """
    family = "👨‍👩‍👧‍👦 שלום \u202bمرحبا\u202c e\u0301 "
    long = (family * 200)[:3500] + "the end"
    shown = drafts(anna, "Privacy", "first")
    said = anna.writes(long)
    shown = preview(anna, "the end")
    assert all(len(text.encode("utf-16-le")) <= 2 * 4096 for text in texts(desk.said_to(anna, said)))
    number = sends(anna, shown)
    desk.reads(number, "the end")
    assert desk.texts(number)[-1] == long
    desk.writes(number, long.replace("end", "very end"))
    assert anna.sees("the very end").text == long.replace("end", "very end")


@pytest.mark.parametrize("slip", ["/supprt", "size"])
def test_a_slip_that_is_corrected_by_an_edit_is_answered(desk: Desk, anna: Person, slip: str) -> None:
    """Bot libraries: people correct what they typed by an edit, as desktop clients invite them to, and nothing happens.

    Whoever heard that the bot did not understand, and corrects the message, hears something.
    """
    if slip == "size":
        photo = anna.sends_file(b"just text", "me.jpg")
        menu_under(anna, photo)
        typed, better = anna.replies_to(photo, "12OO pixel"), "1200"
    else:
        typed, better = anna.writes(slip), "/support"
    before = texts(desk.said_to(anna, typed))
    assert before in ([translate("say-size")], [translate("unknown-command")])
    anna.edits(typed, better)
    assert texts(desk.said_to(anna, typed)) != before, "nothing happens"


def test_an_edited_order_is_not_carried_out_again(desk: Desk, anna: Person) -> None:
    """Bot libraries: the edit of an old command runs it again, sometimes days later, and costs something.

    A size that was obeyed, and is edited, makes no second job.
    """
    photo = anna.sends_file(photos.encoded(), "me.jpg")
    menu_under(anna, photo)
    typed = anna.replies_to(photo, "300x300")
    anna.gets_document()
    anna.edits(typed, "300x300 ")
    assert len([each for each in desk.said_to(anna, typed) if each.document]) == 1


# Kinds of messages


@pytest.mark.parametrize("content", KINDS, ids=kind_of)
def test_every_kind_of_message_is_answered(desk: Desk, anna: Person, content: dict[str, Any]) -> None:
    """Bots of all kinds: contacts, places, dice, stories, lists and the like are dropped without a word."""
    sent = anna.sends(**content)
    kind = kind_of(content).replace("_", "-")
    own = kind in ("story", "paid-media")
    told = translate(f"refuse-{kind}") if own else translate("refuse-kind", kind=kind)
    assert told != translate("refuse-kind", kind="other")
    assert texts(desk.said_to(anna, sent)) == [told]


@pytest.mark.parametrize("content", KINDS, ids=kind_of)
def test_every_kind_of_message_in_a_draft_is_shown_or_refused(
    desk: Desk, anna: Person, content: dict[str, Any]
) -> None:
    """Support bots: what is no text and no photo vanishes from a request, and nobody is told.

    It is warned of as a file and operators get it; or it is refused, and the draft is still there.
    """
    drafts(anna, "Something else", "look here")
    sent = anna.sends(**content)
    assert desk.said_to(anna, sent)
    shown = preview(anna, "look here")
    number = sends(anna, shown)
    desk.reads(number, "look here")
    desk.rests()
    arrived = any(content.keys() & each.raw.keys() for each in desk.lines(number))
    assert arrived == (translate("draft-warning", count=1) in shown.text)
    assert arrived or content not in (CONTACT, PLACE, VENUE, DICE)


@pytest.mark.parametrize("content", [CONTACT, PLACE, DICE, CHECKLIST], ids=kind_of)
def test_what_is_no_text_in_an_open_ticket_is_said_not_to_go_there(
    desk: Desk, anna: Person, content: dict[str, Any]
) -> None:
    """Support bots: a place or a contact sent to the staff is lost, while its sender believes that it was seen.

    Operators get it, or Anna hears that they did not: to somebody who talks with operators, "Send me a photo" says
    nothing of the kind.
    """
    number = asks(anna, "where shall I send it?")
    sent = anna.sends(**content)
    said = " ".join(texts(desk.said_to(anna, sent)))
    arrived = any(content.keys() & each.raw.keys() for each in desk.lines(number))
    assert arrived or "operators" in said, said


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("IMG_0001.HEIC", "application/octet-stream"),
        ("IMG_0002.JPG", "application/octet-stream"),
        ("scan.JPE", ""),
        ("noname", "image/jpeg"),
    ],
)
def test_a_photo_that_is_sent_as_a_file_is_a_photo(desk: Desk, anna: Person, name: str, mime: str) -> None:
    """Photo bots: a phone's photo that is sent as a file, without a type or in capitals, is refused or ignored."""
    photo = anna.sends_file(photos.encoded(), name, mime)
    assert [text for text in texts(desk.said_to(anna, photo)) if text.startswith(translate("menu"))]


def test_spoilers_and_captions_change_nothing(desk: Desk, anna: Person) -> None:
    """Photo bots: a caption, a command in it, a spoiler or protected content make the photo invisible, or do harm.

    It gets its menu; the caption is no order.
    """
    for more in ({"caption": "/forget"}, {"caption": "webp"}, {"caption": "300x300"}):
        photo = anna.sends_photo(photos.encoded(), **more)
        assert [each.buttons[0] for each in desk.said_to(anna, photo)] == ["Remove metadata"]
    spoiler = {"has_media_spoiler": True, "has_protected_content": True, "show_caption_above_media": True}
    photo = anna.sends(photo=photo.raw["photo"], **spoiler)
    assert [each.buttons[0] for each in desk.said_to(anna, photo)] == ["Remove metadata"]


def test_metadata_without_end_does_not_cost_the_result(desk: Desk, anna: Person) -> None:
    """Bots that tell about files: what is in one makes the caption too long, or breaks its mark-up, and nothing comes.

    The photo comes back, and its caption tells what fits.
    """
    exif = Image.Exif()
    exif[0x013B] = "<b>&amp; Artem </i>_*" * 300  # Artist
    exif[0x010E] = "]](x) " * 2000  # ImageDescription
    content = io.BytesIO()
    photos.china().save(content, "JPEG", exif=exif)
    photo = anna.sends_file(content.getvalue(), "told.jpg")
    anna.taps("Remove metadata", on=menu_under(anna, photo))
    result = anna.gets_document()
    assert photos.opened(result.bytes).getexif() == {}
    assert len(result.caption) <= 1024
    assert "<b>&amp; Artem </i>_*" in result.caption


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.jpg", "a\u202egnp.jpg", "ф" * 250 + ".jpg", "two\nlines.jpg", ".jpg", "🤳🏽 \u200d.jpg"]
)
def test_whatever_a_file_is_called_it_comes_back(desk: Desk, anna: Person, name: str) -> None:
    """File bots: odd names break the upload, lead out of the folder, or come back disguised as another type."""
    photo = anna.sends_file(photos.encoded(), name)
    anna.taps("Remove metadata", on=menu_under(anna, photo))
    back = anna.gets_document().name
    assert back.endswith("-clean.jpg")
    assert not set(back) & {"/", "\\", "\n", "\u202e"}
