"""A photo that an edit replaces: whatever is chosen afterwards is done to the new one."""

from collections.abc import Iterator

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Json, Message, Person

translate = translator("en")


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def bot(telegram: Telegram) -> Iterator[Bot]:
    with Bot(telegram, free_credits=9) as bot:
        yield bot


@pytest.fixture
def anna(telegram: Telegram, bot: Bot) -> Person:
    return agreed(telegram, "Anna")


def replaces(person: Person, message: Message, content: bytes = b"the new one", **how: str) -> None:
    """Another file in its place; `mime` says which kind."""
    upload = person.telegram.upload(content, how.get("name", "new.jpg"), how.get("mime", "image/jpeg"))
    person._act("edit", chat=message.chat, message=message.id, file=upload)
    person.telegram.settle()


def results(person: Person) -> list[bytes]:
    """What came back, oldest first; the harness's jail tells the tool and the photo."""
    person.telegram.settle()
    found = [each.document for each in person.chat() if each.from_bot and each.document]
    return [person.telegram.download(document["file_id"]) for document in found]


def test_the_menu_under_a_photo_is_for_the_new_one(anna: Person) -> None:
    photo = anna.sends_file(b"the old one", "old.jpg")
    anna.sees(translate("menu"))
    replaces(anna, photo)
    anna.taps("Remove metadata")
    assert results(anna) == [b"clean of the new one"]


def test_a_photo_of_an_album_gives_way_to_the_new_one(anna: Person) -> None:
    album = anna.sends_album([b"one", b"two", b"three"], compressed=False)
    anna.sees(translate("album-menu", photos=3))
    replaces(anna, album[1])
    anna.taps("Remove metadata")
    assert results(anna) == [b"clean of one", b"clean of the new one", b"clean of three"]


def test_an_edit_before_the_menu_hangs_counts_too(anna: Person) -> None:
    album = anna.sends_album([b"one", b"two"], compressed=False)
    upload = anna.telegram.upload(b"the new one", "new.jpg", "image/jpeg")
    anna._act("edit", chat=album[0].chat, message=album[0].id, file=upload)
    anna.taps("Remove metadata")
    assert results(anna) == [b"clean of the new one", b"clean of two"]


def test_another_caption_leaves_the_album_and_its_menu_alone(telegram: Telegram, anna: Person) -> None:
    album = anna.sends_album([b"one", b"two"], compressed=False)
    anna.sees(translate("album-menu", photos=2))
    anna.taps("Enhance")
    choice = anna.sees(translate("choose-enhance"))
    anna.edits(album[0], "the beach")
    telegram.settle()
    assert anna.sees(translate("choose-enhance")).id == choice.id
    anna.taps("Medium")
    assert results(anna) == [b"enhance of one", b"enhance of two"]


def test_what_is_no_photo_any_more_leaves_the_album(anna: Person) -> None:
    album = anna.sends_album([b"one", b"two", b"three"], compressed=False)
    menu = anna.sees(translate("album-menu", photos=3))
    replaces(anna, album[2], b"%PDF-1.7", name="contract.pdf", mime="application/pdf")
    assert anna.sees(translate("album-menu", photos=2)).id == menu.id
    anna.taps("Remove metadata", on=menu)
    assert results(anna) == [b"clean of one", b"clean of two"]


def test_a_photo_too_large_by_an_edit_leaves_the_album(anna: Person) -> None:
    album = anna.sends_album([b"one", b"two", b"three"], compressed=False)
    anna.sees(translate("album-menu", photos=3))
    replaces(anna, album[0], bytes((20 << 20) + 1))
    anna.sees(translate("album-menu", photos=2))


def waits(person: Person, label: str) -> Message:
    """A photo whose colour or background is asked for."""
    photo = person.sends_file(b"the old one", "old.jpg")
    person.telegram.settle()
    person.taps("Cut out")
    person.taps(translate(label))
    person.telegram.settle()
    return photo


def test_the_photo_that_waits_for_its_colour_is_the_new_one(anna: Person) -> None:
    photo = waits(anna, "preset-other-colour")
    replaces(anna, photo)
    anna.writes("light blue")
    assert results(anna) == [b"cutout of the new one"]


def test_the_photo_that_waits_for_its_background_is_the_new_one(anna: Person) -> None:
    photo = waits(anna, "preset-other-photo")
    replaces(anna, photo)
    anna.sends_file(b"a beach", "beach.jpg")
    assert results(anna) == [b"cutout of the new one"]


def test_a_photo_that_was_replaced_by_something_else_waits_no_more(anna: Person) -> None:
    photo = waits(anna, "preset-other-colour")
    question = anna.sees(translate("wish-colour"))
    replaces(anna, photo, b"%PDF-1.7", name="contract.pdf", mime="application/pdf")
    gone = anna.sees(translate("photo-gone"))
    assert (gone.id, gone.buttons) == (question.id, [])
    anna.writes("light blue")
    anna.sees(translate("send-a-photo"))
    assert results(anna) == []


def test_another_photo_edited_meanwhile_is_none_of_its_business(anna: Person) -> None:
    other = anna.sends_file(b"another one", "other.jpg")
    waits(anna, "preset-other-colour")
    replaces(anna, other)
    anna.writes("light blue")
    assert results(anna) == [b"cutout of the old one"]


def test_a_touch_up_is_free_for_the_photo_that_was_paid_and_no_other(bot: Bot, anna: Person) -> None:
    """Else one cut-out pays for any number of photos."""
    bot.jail.previews = True
    photo = anna.sends_file(b"the old one", "old.jpg")
    anna.taps("Cut out")
    anna.taps("White")
    preview = anna.gets_photo().message
    anna.taps(translate("mend"), on=preview)
    anna.taps("A", on=preview)
    anna.telegram.passes(60)
    replaces(anna, photo)
    answer: Json | None = anna.taps(translate("mend-go"), on=preview)
    assert answer
    assert answer["text"] == translate("photo-replaced")
    assert results(anna) == [b"cutout of the old one"]
