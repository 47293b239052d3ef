"""Cutting out in the chat: the quick look and its cells, a colour of one's own, another photo behind."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.texts import translator
from storage.pending_inputs import KEEP_SECONDS
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom, running
from tests.harness.people import Document, Message, Person, Telegram
from tests.pictures import photos

translate = translator("en")


@pytest.fixture(scope="module")
def darkroom(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    with Telegram(bot_api) as telegram, running(telegram, tmp_path_factory.mktemp("bot"), FREE_CREDITS="5") as bot:
        yield bot
        assert telegram.violations() == []


def picks(person: Person, *labels: str) -> Message:
    photo = person.sends_file(photos.encoded("astronaut"), "me.jpg")
    for label in ("Cut out", *labels):
        person.taps(label)
    return photo


def corner(document: Document) -> tuple[int, ...]:
    return photos.opened(document.bytes).convert("RGBA").getpixel((320, 8))


def balance(person: Person) -> str:
    person.writes("/balance")
    return person.sees("You have").text


def test_only_first_buttons_lead_to_a_transparent_picture(anna: Person) -> None:
    photo = picks(anna, "Transparent")
    preview, result = anna.gets_photo(), anna.gets_document()
    assert result.name == "me-cutout.png"
    assert corner(result) == (0, 0, 0, 0)
    assert preview.message.text == translate("preview-cutout")
    assert preview.message.buttons == [translate("mend")]
    assert preview.message.reply_to
    assert preview.message.reply_to.id == photo.id


# A colour of one's own


def test_a_colour_is_asked_for_and_typed(anna: Person) -> None:
    photo = picks(anna, translate("preset-other-colour"))
    prompt = anna.sees(translate("wish-colour"))
    anna.writes("nice one")
    anna.sees(translate("wish-no-colour"))
    anna.writes("Light Blue")
    result = anna.gets_document()
    assert result.name == "me-cutout.jpg"
    assert np.abs(np.subtract(corner(result)[:3], (173, 216, 230))).max() <= 3
    assert result.message.reply_to
    assert result.message.reply_to.id == photo.id
    anna.sees_no_more(prompt)
    anna.writes("red")
    anna.sees(translate("send-a-photo"))  # it was asked for once


def test_a_reply_with_a_colour_needs_no_button(anna: Person) -> None:
    photo = anna.sends_file(photos.encoded("astronaut"), "me.jpg")
    anna.replies_to(photo, "#ffcc00")
    assert np.abs(np.subtract(corner(anna.gets_document())[:3], (255, 204, 0))).max() <= 3


# Another photo


def test_the_next_photo_goes_behind(anna: Person) -> None:
    photo = picks(anna, translate("preset-other-photo"))
    anna.sees(translate("wish-photo"))
    behind = anna.sends_photo(photos.encoded())
    result = anna.gets_document()
    assert result.name == "me-cutout.jpg"
    wanted = photos.china().resize((767, 512)).getpixel((127 + 320, 8))
    assert np.abs(np.subtract(corner(result)[:3], wanted)).max() < 40
    assert result.message.reply_to
    assert result.message.reply_to.id == photo.id
    assert not [each for each in anna.chat() if each.from_bot and each.reply_to and each.reply_to.id == behind.id]
    assert not anna.gets_photo().message.buttons  # done anew without the other photo it would be another picture
    later = anna.sends_photo(photos.encoded())
    anna.telegram.wait_for(lambda: _menu_under(anna, later), 10, "no menu comes", anna.id)


def _menu_under(person: Person, photo: Message) -> Message | None:
    replies = [each for each in person.chat() if each.from_bot and each.reply_to and each.reply_to.id == photo.id]
    return next((each for each in replies if translate("menu") in each.text), None)


@pytest.mark.parametrize("how", ["/cancel", "too late"])
def test_a_photo_that_is_not_waited_for_gets_its_menu(darkroom: Darkroom, anna: Person, how: str) -> None:
    picks(anna, translate("preset-other-photo"))
    anna.sees(translate("wish-photo"))
    if how == "/cancel":
        anna.writes("/cancel")
        anna.sees("nothing to stop")
    else:
        darkroom.rows("UPDATE wishes SET asked_at = asked_at - ? WHERE user_id = ?", KEEP_SECONDS + 1, anna.id)
    photo = anna.sends_photo(photos.encoded())
    assert anna.telegram.wait_for(lambda: _menu_under(anna, photo), 10, "no menu comes", anna.id)


def test_a_second_photo_that_is_none_is_refused_and_costs_nothing(anna: Person) -> None:
    picks(anna, translate("preset-other-photo"))
    anna.sees(translate("wish-photo"))
    before = balance(anna)
    anna.sends_file(b"\xff\xd8\xff\xe0 not really", "beach.jpg")
    anna.sees(translate("error-broken"))
    assert balance(anna) == before


def test_a_wish_is_blank_afterwards(darkroom: Darkroom, anna: Person) -> None:
    picks(anna, translate("preset-other-colour"))
    anna.sees(translate("wish-colour"))
    asked = lambda: darkroom.rows("SELECT kind FROM wishes WHERE user_id = ?", anna.id) == [("colour",)] or None  # noqa: E731
    anna.telegram.wait_for(asked, 10, "no wish", anna.id)
    anna.writes("#00ff00")
    anna.gets_document()
    gone = lambda: not darkroom.rows("SELECT 1 FROM wishes WHERE user_id = ?", anna.id) or None  # noqa: E731
    anna.telegram.wait_for(gone, 10, "the wish stays", anna.id)


def test_who_cannot_pay_hears_so_before_sending_a_photo(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path, FREE_CREDITS="0"):
        ben = agreed(telegram, "Ben")
        picks(ben, translate("preset-other-photo"))
        assert ben.sees(translate("error-short", credits=1, balance=0)).buttons == ["Buy", "Back"]


@pytest.mark.prove  # the histories die at any step, in process
def test_a_crash_between_wish_and_result_loses_neither(telegram: Telegram, tmp_path: Path) -> None:
    bot = Darkroom(telegram, tmp_path)
    bot.start()
    anna = agreed(telegram, "Anna")
    picks(anna, translate("preset-other-photo"))
    anna.sees(translate("wish-photo"))
    telegram.fault("file", "slow", seconds=20, count=2)
    anna.sends_photo(photos.encoded())
    anna.sees(translate("stage-fetching"))
    bot.kill()
    telegram.mend()
    bot.start()
    try:
        assert anna.gets_document(timeout=60).name == "me-cutout.jpg"
    finally:
        bot.stop()


# Cells


def test_cells_are_named_and_it_is_done_anew_for_nothing(anna: Person) -> None:
    picks(anna, "White")
    preview = anna.gets_photo().message
    anna.gets_document()
    before = balance(anna)
    anna.taps(translate("mend"), on=preview)
    anna.taps("C", on=preview)
    anna.taps("D", on=preview)
    anna.taps("➕", on=preview)  # the first of them once more: too much there
    labels = anna.buttons(preview)
    assert labels[:6] == ["A", "B", "➖", "➕", "E", "F"]
    anna.taps(translate("mend-go"), on=preview)
    again = anna.gets_document()
    assert again.name == "me-cutout.jpg"
    assert corner(again)[:3] == (255, 255, 255)
    assert balance(anna) == before
    assert anna.buttons(preview) == [translate("mend")]


def test_every_cell_can_be_named_at_once(anna: Person) -> None:
    picks(anna, "🟦")
    preview = anna.gets_photo().message
    anna.taps(translate("mend"), on=preview)
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXY":
        anna.taps(letter, on=preview)
    assert anna.buttons(preview)[:25] == ["➕"] * 25
    anna.taps("Cancel", on=preview)
    assert anna.buttons(preview) == [translate("mend")]


@pytest.mark.parametrize("data", ["mend:background=white;keep=a:go", "mend::go", "mend:x", "wish:cutout:wine"])
def test_what_was_not_offered_is_refused(anna: Person, data: str) -> None:
    picks(anna, "White")
    preview = anna.gets_photo().message
    anna.gets_document()
    answer = anna.forges(data, preview)
    assert answer
    assert answer["text"] == translate("tap-too-old")


def test_somebody_elses_cells_and_wishes_are_not_ones_own(darkroom: Darkroom, anna: Person) -> None:
    mallory = agreed(darkroom.telegram, "Mallory")
    picks(anna, "White")
    preview = anna.gets_photo().message
    for data in ("mend:background=white:on", "wish:cutout:photo"):
        answer = mallory.forges(data, preview)
        assert answer
        assert answer["text"] == translate("tap-not-yours")
