"""Albums as people send them: one menu, one progress, one bill, and the results together."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest.mock import patch

import pytest
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.domain.values import Photo
from bot.photos.photo_jobs import Frame, Job
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed
from bot.sandbox.wire import About
from bot.texts import translator
from bot.tools.shelf import SHELF
from handlers.photos.album_job import _document
from storage.albums import Albums
from storage.db import Database
from storage.ledger import Ledger
from tests.conftest import agreed
from tests.harness import simulated_clock
from tests.harness.darkroom import Darkroom, running
from tests.harness.inprocess import Bot
from tests.harness.people import Content, Document, Json, Message, Person, Telegram
from tests.pictures import photos
from tests.stories.test_photo import menu_under

translate = translator("en")
_KEPT = "SELECT count(*) FROM album_photos WHERE chat_id = ?"
_UNHANDLED = "SELECT count(*) FROM inbox WHERE body IS NOT NULL"


def pictures(count: int) -> list[Content]:
    """Each of another size, so that they can be told apart."""
    return [photos.jpeg(photos.china().resize((100 + 10 * number, 80))) for number in range(count)]


def widths(documents: list[Document]) -> list[int]:
    return [photos.opened(each.bytes).width for each in documents]


def menus(person: Person) -> list[Message]:
    return [each for each in person.chat() if each.from_bot and each.text.startswith("Album of")]


def gets(person: Person, count: int) -> list[Document]:
    return [person.gets_document() for _ in range(count)]


def balance(person: Person) -> str:
    person.writes("/balance")
    return person.sees("You have").text


def test_an_album_gets_one_menu_and_comes_back_as_one_album(darkroom: Darkroom, anna: Person) -> None:
    album = anna.sends_album(pictures(5), compressed=False)
    menu = menu_under(anna, album[0])
    assert menu.text == translate("album-menu", photos=5)
    assert "Enhance · 5 credits" in menu.buttons
    anna.taps("Remove metadata", on=menu)
    summary = anna.sees(translate("album-done", done=5, photos=5))
    assert summary.id == menu.id
    assert summary.buttons == ["Another tool", "Wipe this chat", translate("rate-good"), translate("rate-not-good")]
    documents = gets(anna, 5)
    assert [each.name for each in documents] == [f"photo{number}-clean.jpg" for number in range(5)]
    assert widths(documents) == [100, 110, 120, 130, 140]
    assert len({each.message.raw["media_group_id"] for each in documents}) == 1
    assert documents[0].message.reply_to
    assert documents[0].message.reply_to.id == album[0].id
    assert documents[3].caption.startswith(translate("done-clean"))
    assert menus(anna) == []
    [sent] = [
        each for each in darkroom.telegram.requests("sendMediaGroup") if int(each["params"]["chat_id"]) == anna.id
    ]
    assert len(sent["files"]) == 5


def test_photos_that_fit_are_only_cleaned_and_say_so(anna: Person) -> None:
    """Although there is much more to say, and room for little under a photo of an album."""
    menu = menu_under(anna, anna.sends_album([photos.encoded(tagged=True)] * 2, compressed=False)[0])
    anna.taps("Resize & convert", on=menu)
    anna.taps("2048 px", on=menu)
    for document in gets(anna, 2):
        assert translate("report-untouched") in document.caption
        assert "Lumia" in document.caption
        assert photos.opened(document.bytes).tobytes() == photos.opened(photos.encoded()).tobytes()


def test_compressed_photos_without_names_are_numbered_and_the_hint_comes_once(anna: Person) -> None:
    album = anna.sends_album(pictures(3))
    menu = menu_under(anna, album[0])
    assert menu.text == translate("album-menu", photos=3) + "\n\n" + translate("hint-compressed")
    anna.taps("Resize & convert", on=menu)
    anna.taps("PNG", on=menu)
    documents = gets(anna, 3)
    assert [each.name for each in documents] == [f"photo-{number}-resize.png" for number in (1, 2, 3)]
    assert widths(documents) == [100, 110, 120]
    anna.sees(translate("album-done", done=3, photos=3))
    anna.taps("Another setting")
    anna.taps("WebP")
    assert gets(anna, 3)[2].name == "photo-3-resize.webp"
    anna.sees(translate("album-done", done=3, photos=3))
    anna.taps("Another tool")
    anna.taps("Resize")
    anna.taps("Back")
    anna.taps("Remove metadata")
    assert gets(anna, 3)[0].name == "photo-1-clean.jpg"


def test_ten_photos_tell_which_one_is_at_work(darkroom: Darkroom, anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(10), compressed=False)[0])
    assert menu.text == translate("album-menu", photos=10)
    darkroom.telegram.fault("file", "slow", seconds=3, skip=2)
    anna.taps("Remove metadata", on=menu)
    anna.sees(translate("stage-photo", photo=3, photos=10))
    assert widths(gets(anna, 10)) == [100 + 10 * number for number in range(10)]


def test_one_bad_photo_does_not_spoil_the_rest_and_is_not_charged(darkroom: Darkroom) -> None:
    anna = agreed(darkroom.telegram, "Anna")  # with three credits
    album = pictures(3)
    album[1] = b"\xff\xd8\xff\xe0 not really"
    menu = menu_under(anna, anna.sends_album(album, compressed=False)[0])
    anna.taps("Enhance", on=menu)
    anna.sees(translate("costs", credits=3, balance=3))
    anna.taps("Medium", on=menu)
    broken = translate("album-failed", photo=2, why=translate("error-broken"))
    summary = anna.sees(translate("album-done", done=2, photos=3))
    assert summary.text == translate("album-done", done=2, photos=3) + "\n" + broken
    documents = gets(anna, 2)
    assert [each.name for each in documents] == ["photo0-enhance.jpg", "photo2-enhance.jpg"]
    assert widths(documents) == [100, 120]
    assert balance(anna) == translate("balance", credits=1)


def test_of_two_one_is_left_and_comes_alone(anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album([*pictures(1), b"no photo"], compressed=False)[0])
    anna.taps("Remove metadata", on=menu)
    summary = anna.sees(translate("album-done", done=1, photos=2))
    assert translate("error-not-a-photo") in summary.text
    assert anna.gets_document().name == "photo0-clean.jpg"


def test_where_all_are_bad_nothing_is_charged_and_the_menu_stays(anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album([b"no photo", b"nor this"], compressed=False)[0])
    anna.taps("Enhance", on=menu)
    anna.taps("Low", on=menu)
    told = anna.sees(translate("error-not-a-photo"))
    assert told.id == menu.id
    assert "Enhance · 2 credits" in told.buttons
    assert balance(anna) == translate("balance", credits=3)


def test_a_photo_that_cannot_be_fetched_is_told(darkroom: Darkroom, anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(3), compressed=False)[0])
    darkroom.telegram.fault("getFile", "error", code=400, text="Bad Request: file is temporarily unavailable", count=1)
    anna.taps("Remove metadata", on=menu)
    summary = anna.sees(translate("album-done", done=2, photos=3))
    assert translate("album-failed", photo=1, why=translate("error-not-delivered")) in summary.text
    assert widths(gets(anna, 2)) == [110, 120]


def test_a_newcomer_is_asked_once_and_the_album_goes_on(darkroom: Darkroom) -> None:
    ben = darkroom.telegram.person("Ben")
    album = ben.sends_album(pictures(4), compressed=False, caption="look!")
    promise = menu_under(ben, album[0])
    assert promise.buttons == ["I agree"]
    ben.taps("I agree")
    menu = ben.sees(translate("album-menu", photos=4))
    assert len([each for each in ben.chat() if "Nobody sees it" in each.history[0]]) == 1
    ben.taps("Remove metadata", on=menu)
    assert len(gets(ben, 4)) == 4


def test_stop_stops_all_and_nothing_is_charged(darkroom: Darkroom, anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(3), compressed=False)[0])
    darkroom.telegram.fault("file", "slow", seconds=60, skip=2)
    anna.taps("Enhance", on=menu)
    anna.taps("Medium", on=menu)
    anna.sees(translate("stage-photo", photo=3, photos=3))
    answer = anna.forges("apply-all:clean:", menu)
    assert answer
    assert answer["text"] == translate("already-working")
    anna.taps("Stop")
    stopped = anna.sees(translate("error-stopped"))
    assert "Enhance · 3 credits" in stopped.buttons
    assert balance(anna) == translate("balance", credits=3)
    assert not [each for each in anna.chat() if each.document and each.from_bot]
    darkroom.telegram.mend()
    anna.taps("Remove metadata", on=stopped)
    assert len(gets(anna, 3)) == 3


def test_short_of_credits_the_total_is_told(anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(4), compressed=False)[0])
    anna.taps("Enhance", on=menu)
    anna.taps("Medium", on=menu)
    short = anna.sees(translate("error-short", credits=4, balance=3))
    assert short.buttons == ["Buy", "Back"]
    anna.taps("Back", on=short)
    assert anna.sees(translate("album-menu", photos=4)).id == menu.id


def test_after_an_hour_one_photo_is_left(darkroom: Darkroom, anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(2), compressed=False)[0])
    darkroom.rows("UPDATE album_photos SET arrived_at = arrived_at - 3601 WHERE chat_id = ?", anna.id)
    anna.taps("Enhance", on=menu)
    told = anna.sees(translate("album-too-old"))
    assert "Enhance · 1 credit" in told.buttons
    anna.taps("Remove metadata", on=told)
    assert anna.gets_document().name == "photo0-clean.jpg"


def test_wiping_the_chat_and_blocking_the_bot_forget_albums(darkroom: Darkroom) -> None:
    for leaves in (False, True):
        anna = agreed(darkroom.telegram, "Anna")
        menu = menu_under(anna, anna.sends_album(pictures(2), compressed=False)[0])
        assert darkroom.rows(_KEPT, anna.id) == [(2,)]
        if leaves:
            anna.blocks()
        else:
            anna.forges("wipe", menu)
            anna.sees("Wiped")
        gone = lambda anna=anna: darkroom.rows(_KEPT, anna.id) == [(0,)] or None  # noqa: E731
        darkroom.telegram.wait_for(gone, 10, "the album is still there", anna.id)


def test_somebody_else_may_not_tap(darkroom: Darkroom, anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(2), compressed=False)[0])
    mallory = agreed(darkroom.telegram, "Mallory")
    for data in ("apply-all:clean:", "menu-all", "pick-all:resize"):
        answer = mallory.forges(data, menu)
        assert answer
        assert answer["text"] == translate("tap-not-yours")
    assert not [each for each in mallory.chat() if each.document]


@pytest.mark.parametrize("data", ["apply-all", "apply-all:teleport:", "pick-all:teleport", "menu-all:1"])
def test_a_button_that_we_never_made_is_answered(anna: Person, data: str) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(2), compressed=False)[0])
    answer = anna.forges(data, menu)
    assert answer
    assert answer["text"] in (translate("tap-too-old"), translate("tap-not-yours"))


@pytest.mark.prove  # as one photo does in test_photo.py
def test_telegram_in_trouble_is_waited_for(darkroom: Darkroom, anna: Person) -> None:
    for kind, more in (("flood", {"retry_after": 1}), ("error", {"code": 502, "text": "Bad Gateway"}), ("drop", {})):
        darkroom.telegram.fault("sendMediaGroup", kind, **more)
        menu = menu_under(anna, anna.sends_album(pictures(3), compressed=False)[0])
        anna.taps("Remove metadata", on=menu)
        assert widths(gets(anna, 3)) == [100, 110, 120]
        darkroom.telegram.mend()


def test_telegram_out_of_order_costs_nothing(darkroom: Darkroom, anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(2), compressed=False)[0])
    darkroom.telegram.fault("sendMediaGroup", "error", code=400, text="Bad Request: not now")
    anna.taps("Enhance", on=menu)
    anna.taps("Medium", on=menu)
    told = anna.sees(translate("error-not-delivered"))
    darkroom.telegram.mend()
    assert "Enhance · 2 credits" in told.buttons
    assert balance(anna) == translate("balance", credits=3)


def test_who_blocked_the_bot_meanwhile_is_met_with_silence(darkroom: Darkroom, anna: Person) -> None:
    menu = menu_under(anna, anna.sends_album(pictures(2), compressed=False)[0])
    darkroom.telegram.fault("sendMediaGroup", "error", code=403, text="Forbidden: bot was blocked by the user")
    anna.taps("Enhance", on=menu)
    anna.taps("Medium", on=menu)
    refused = lambda: any("blocked" in each.get("error", "") for each in sent(darkroom)) or None  # noqa: E731
    darkroom.telegram.wait_for(refused, 10, "no album was refused", anna.id)
    darkroom.telegram.mend()
    assert balance(anna) == translate("balance", credits=3)
    assert "error-unexpected" not in darkroom.log


def sent(bot: Darkroom) -> list[Json]:
    return bot.telegram.requests("sendMediaGroup")


def send_mixed(person: Person, kinds: list[str]) -> list[Message]:
    """Telegram sends no album of these together, but forwards may look so."""
    items: list[Json] = []
    for kind in kinds:
        name, mime = ("a.mp4", "video/mp4") if kind == "video" else ("a.jpg", "image/jpeg")
        items.append({"file": person.telegram.upload(pictures(1)[0], name, mime)})
    return [Message(raw) for raw in person._act("send", album=items)]


def test_what_is_no_photo_in_an_album_is_told_once(anna: Person) -> None:
    album = send_mixed(anna, ["video", "photo", "video", "photo"])
    menu = menu_under(anna, album[1])
    assert menu.text == translate("album-menu", photos=2) + "\n\n" + translate("album-others", limit=20)
    anna.taps("Remove metadata", on=menu)
    assert len(gets(anna, 2)) == 2
    album = send_mixed(anna, ["video", "photo"])
    menu = menu_under(anna, album[1])
    assert menu.text == translate("menu") + "\n\n" + translate("album-others", limit=20)
    anna.taps("Remove metadata", on=menu)
    assert anna.gets_document().name == "a-clean.jpg"
    album = send_mixed(anna, ["video"] * 5)
    assert menu_under(anna, album[0]).text == translate("album-no-photos", limit=20)
    assert len([each for each in anna.chat() if each.id > album[0].id and each.from_bot]) == 1


@pytest.mark.prove  # the same in process, between any two steps, is below
def test_killed_before_the_menu_the_next_start_hangs_one(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path) as bot:
        anna = agreed(telegram, "Anna")
        telegram.fault("sendMessage", "hang", seconds=60)
        before = len(telegram.requests("sendMessage"))
        album = anna.sends_album(pictures(3), compressed=False)
        tried = lambda: len(telegram.requests("sendMessage")) > before or None  # noqa: E731
        telegram.wait_for(tried, 10, "no menu is tried", anna.id)
        bot.kill()
        telegram.mend()
        assert bot.rows(_UNHANDLED) > [(0,)]
        bot.start()
        menu = menu_under(anna, album[0])
        anna.taps("Remove metadata", on=menu)
        assert len(gets(anna, 3)) == 3
        bot.kill()  # and nothing is hung anew
        bot.start()
        assert [each.id for each in anna.chat() if each.reply_to and each.from_bot and not each.document] == [menu.id]


def test_killed_at_work_it_is_done_after_the_next_start_and_paid_once(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path) as bot:
        anna = agreed(telegram, "Anna")
        menu = menu_under(anna, anna.sends_album(pictures(3), compressed=False)[0])
        telegram.fault("sendMediaGroup", "hang", seconds=60)
        anna.taps("Enhance", on=menu)
        anna.taps("Medium", on=menu)
        asked = lambda: telegram.requests("sendMediaGroup") or None  # noqa: E731
        telegram.wait_for(asked, 20, "nothing is sent", anna.id)
        bot.kill()
        telegram.mend()
        bot.start()
        anna.sees(translate("album-done", done=3, photos=3))
        assert widths(gets(anna, 3)) == [100, 110, 120]
        assert balance(anna) == translate("balance", credits=0)
        assert bot.rows("SELECT kind, credits FROM ledger ORDER BY id") == [
            ("newcomer", 3),
            ("hold", -3),
            ("settle", 0),
        ]


# -- killed between any two steps --


def walk(*deaths: int) -> tuple[Bot, list[str], int]:
    """An album's whole walk, in which the bot dies after so many steps: names of what arrived, and menus hung."""
    with simulated_clock.Telegram() as telegram, Bot(telegram, free_credits=3) as bot:
        anna = telegram.person("Anna")
        anna.writes("/start")
        anna.taps("I agree")
        telegram.settle()
        begun = len(bot.lives[0].steps)
        if deaths:
            bot.dies_after(*deaths)
        anna.sends_album([b"one", b"two", b"three"], compressed=False)
        telegram.settle()
        hung = len([each for each in anna.chat() if "Album of 3" in each.text])
        bot.dies_after(0)
        anna.taps("Enhance")
        anna.taps("Medium")
        telegram.settle()
        assert bot.rows(_UNHANDLED) == [(0,)]
        names = [each.document["file_name"] for each in anna.chat() if each.from_bot and each.document]
        entries = bot.rows("SELECT kind, credits FROM ledger ORDER BY id")
        assert entries == [("newcomer", 3), ("hold", -3), ("settle", 0)]
        bot.lives[0].steps[:begun] = []
        return bot, names, hung


def test_whenever_it_dies_there_is_a_menu_and_never_two_but_for_one_moment() -> None:
    """The moment: Telegram has the message, and its number is not written down yet."""
    twice = []
    for step in count(1):
        bot, names, hung = walk(step)
        assert names == [f"photo{number}-enhance.jpg" for number in range(3)]
        if hung > 1:
            twice.append(bot.lives[0].steps[-1])
        if len(bot.lives) == 1:
            break
    assert hung == 1
    assert step > 20
    assert set(twice) <= {"after sendMessage", "before a transaction", "after a transaction"}
    assert len(twice) <= 4


def test_whenever_it_dies_at_work_all_photos_arrive_in_order_and_are_paid_once() -> None:
    for step in count(1):
        with simulated_clock.Telegram() as telegram, Bot(telegram, free_credits=3) as bot:
            anna = telegram.person("Anna")
            anna.sends_album([b"one", b"two", b"three"], compressed=False)
            anna.taps("I agree")
            anna.taps("Enhance")
            bot.dies_after(step)
            anna.taps("Medium", wait=0)
            telegram.settle()
            names = [each.document["file_name"] for each in anna.chat() if each.from_bot and each.document]
            once = [f"photo{number}-enhance.jpg" for number in range(3)]
            assert names in (once, once * 2)
            entries = bot.rows("SELECT kind, credits FROM ledger ORDER BY id")
            assert entries == [("newcomer", 3), ("hold", -3), ("settle", 0)]
            if len(bot.lives) == 1:
                anna.sees(translate("album-done", done=3, photos=3))
                break
    assert step > 30


# -- one ahead, and results too large for one message --


def enhances(anna: Person) -> None:
    anna.sends_album([b"one", b"two", b"three"], compressed=False)
    anna.taps("I agree")
    anna.taps("Enhance")
    anna.taps("Medium", wait=0)


def arrived(anna: Person) -> list[str]:
    return [each.document["file_name"] for each in anna.chat() if each.from_bot and each.document]


@pytest.mark.parametrize(("room", "at_work", "fetched"), [(99, 1, 2), (2, 1, 1), (99, 2, 3), (17, 2, 2)])
def test_while_one_photo_is_at_work_the_next_comes_where_there_is_room(room: int, at_work: int, fetched: int) -> None:
    """A photo is three to five bytes, a result fourteen."""
    with simulated_clock.Telegram() as telegram, Bot(telegram) as bot, patch("bot.photos.photo_jobs.MOST_BYTES", room):
        bot.jail.seconds = 10
        anna = telegram.person("Anna")
        enhances(anna)
        anna.sees(translate("stage-photo", photo=at_work, photos=3))
        assert len(telegram.requests("getFile")) == fetched
        telegram.settle()
        assert arrived(anna) == [f"photo{number}-enhance.jpg" for number in range(3)]


def test_results_too_large_for_one_message_come_in_several_in_order() -> None:
    with simulated_clock.Telegram() as telegram, Bot(telegram) as bot, patch("bot.photos.photo_jobs.MOST_BYTES", 30):
        anna = telegram.person("Anna")
        enhances(anna)
        telegram.settle()
        assert arrived(anna) == [f"photo{number}-enhance.jpg" for number in range(3)]
        assert [len(each["files"]) for each in telegram.requests("sendMediaGroup")] == [2]
        assert len(telegram.requests("sendDocument")) == 1
        assert bot.rows("SELECT kind, credits FROM ledger ORDER BY id")[-1] == ("settle", 0)


def test_what_arrived_before_a_stop_counts_and_the_rest_comes_back() -> None:
    with simulated_clock.Telegram() as telegram, Bot(telegram) as bot, patch("bot.photos.photo_jobs.MOST_BYTES", 20):
        anna = telegram.person("Anna")
        telegram.fault("file", "slow", seconds=60, skip=2)
        enhances(anna)
        anna.sees(translate("stage-photo", photo=3, photos=3))
        assert arrived(anna) == ["photo0-enhance.jpg"]
        anna.taps("Stop")
        telegram.settle()
        assert arrived(anna) == ["photo0-enhance.jpg"]
        anna.sees(translate("album-done", done=1, photos=3))
        assert bot.rows("SELECT kind, credits FROM ledger ORDER BY id")[-2:] == [("hold", -3), ("release", 2)]
        assert bot.rows(_UNHANDLED) == [(0,)]


# -- as they come --


@contextmanager
def in_process() -> Iterator[tuple[simulated_clock.Telegram, Person, Callable[[int], None]]]:
    """Anna, and what sends more photos of always the same album."""
    with simulated_clock.Telegram() as telegram, Bot(telegram):
        anna = telegram.person("Anna")
        anna.writes("/start")
        anna.taps("I agree")
        telegram.settle()
        new_id = telegram.world.new_id
        same = lambda kind: 777 if kind == "album" else new_id(kind)  # noqa: E731
        with patch.object(telegram.world, "new_id", same):
            yield telegram, anna, lambda photos: anna.sends_album([b"a photo"] * photos, compressed=False) and None


def edits(telegram: Telegram) -> int:
    return len(telegram.requests("editMessageText"))


def test_the_menu_hangs_once_all_are_there() -> None:
    with in_process() as (telegram, anna, sends):
        before = edits(telegram)
        for _ in range(3):
            sends(2)
            telegram.passes(0.6)
        assert menus(anna) == []
        telegram.settle()
        assert [each.text for each in menus(anna)] == [translate("album-menu", photos=6)]
        assert edits(telegram) == before


def test_who_comes_late_is_taken_in() -> None:
    with in_process() as (telegram, anna, sends):
        sends(2)
        telegram.passes(2)
        sends(2)
        telegram.fault("file", "slow", seconds=20)
        telegram.passes(2)
        [menu] = menus(anna)
        assert menu.history == [translate("album-menu", photos=2), translate("album-menu", photos=4)]
        anna.taps("Remove metadata", on=menu)
        sends(3)  # while that is at work
        telegram.settle()
        assert len([each for each in anna.chat() if each.from_bot and each.document]) == 4
        [menu] = menus(anna)
        assert menu.text == translate("album-menu", photos=7)


def test_who_comes_after_the_menu_was_used_gets_one_below_the_summary() -> None:
    with in_process() as (telegram, anna, sends):
        sends(2)
        anna.taps("Remove metadata")
        telegram.settle()
        summary = anna.sees(translate("album-done", done=2, photos=2))
        sends(2)
        telegram.settle()
        [menu] = menus(anna)
        assert menu.text == translate("album-menu", photos=4)
        assert menu.id > summary.id
        assert anna.sees(translate("album-done", done=2, photos=2)).id == summary.id
        anna.taps("Remove metadata", on=menu)
        telegram.settle()
        anna.sees(translate("album-done", done=4, photos=4))


def test_a_menu_on_its_way_anew_does_not_come_over_the_job_that_is_chosen_meanwhile() -> None:
    with in_process() as (telegram, anna, sends):
        sends(2)
        telegram.settle()
        telegram.fault("editMessageText", "error", code=502, text="Bad Gateway")  # tried again a second later
        sends(1)
        telegram.passes(1.1)
        anna.taps("Remove metadata")
        telegram.settle()
        assert menus(anna) == []
        anna.sees(translate("album-done", done=3, photos=3))


def test_who_comes_after_the_menu_was_deleted_gets_another() -> None:
    with in_process() as (telegram, anna, sends):
        sends(2)
        telegram.settle()
        [menu] = menus(anna)
        anna.deletes(menu)
        sends(1)
        telegram.settle()
        [menu] = menus(anna)
        assert menu.text == translate("album-menu", photos=3)


def test_a_slow_album_is_not_waited_for_without_end() -> None:
    with in_process() as (telegram, anna, sends):
        for _ in range(5):
            sends(2)
            telegram.passes(0.9)
        assert len(menus(anna)) == 1
        telegram.settle()
        [menu] = menus(anna)
        assert menu.text == translate("album-menu", photos=10)


def test_two_that_come_while_the_menu_is_on_its_way_hang_no_second_one() -> None:
    with in_process() as (telegram, anna, sends):
        telegram.fault("sendMessage", "flood", retry_after=5)
        sends(2)
        telegram.passes(2)
        sends(2)
        telegram.settle()
        [menu] = menus(anna)
        assert menu.text == translate("album-menu", photos=4)


# -- what is kept --


async def test_albums_are_kept_in_order_and_for_an_hour(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    albums = Albums(db)
    assert await albums.find(1, "x") is None
    await albums.add(1, "x", 12, Photo("b", 20, "b.jpg"))
    await albums.add(1, "x", 11, Photo("a", 10, None, compressed=True))
    await albums.add(1, "x", 10, None)
    await albums.add(1, "x", 12, Photo("again", 1))
    await albums.add(2, "x", 11, Photo("of somebody else", 1))
    album = await albums.find(1, "x")
    assert album
    assert album.photos == (Photo("a", 10, None, compressed=True), Photo("b", 20, "b.jpg"))
    assert (album.message_ids, album.others, album.first_id, album.menu_id) == ((11, 12), 1, 10, None)
    await albums.hung(1, "x", 99)
    album = await albums.find(1, "x")
    assert album
    assert album.menu_id == 99
    await db.run(lambda connection: connection.execute("UPDATE album_photos SET arrived_at = arrived_at - 3601"))
    assert await albums.find(1, "x") is None
    await albums.add(3, "y", 1, Photo("young", 1))
    await albums.forget_old()
    rows = await db.run(lambda connection: connection.execute("SELECT chat_id FROM album_photos").fetchall())
    assert rows == [(3,)]
    await albums.forget(3)
    assert await albums.find(3, "y") is None
    await db.close()


async def test_results_do_not_pass_the_bots_own_memory() -> None:
    about = About("JPEG", "JPEG", 1, 1, 1, 1, {})
    job = Job((1, 1), 1, "en", SHELF["clean"], {}, Photo("id", 1))
    with MemoryFile() as file:
        file.write(b"a result")
        media = [
            _document(job, Frame(number, job.photo, Developed(file, about, 0, 0), 0), translate)
            for number in range(1, 3)
        ]
        data = RequestData([RequestParameter.from_input("media", media)])
        assert [content for _, content, _ in data.multipart_data.values()] == [file, file]
        assert [name for name, _, _ in data.multipart_data.values()] == ["photo-1-clean.jpg", "photo-2-clean.jpg"]


async def test_a_part_of_what_was_held_comes_back(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    ledger = Ledger(db, free_credits=10)
    for update_id, back in ((1, 0), (2, 2), (3, 99)):
        await ledger.hold(5, update_id, 3)
        await ledger.settle(update_id, back)
        await ledger.settle(update_id, back)  # again it changes nothing
        await ledger.release(update_id)
    sql = "SELECT kind, credits FROM ledger WHERE kind <> 'newcomer' ORDER BY id"
    entries = await db.run(lambda connection: connection.execute(sql).fetchall())
    held = ("hold", -3)
    assert entries == [held, ("settle", 0), held, ("release", 2), held, ("release", 3)]
    assert await ledger.balance(5) == 10 - 3 - 1
    await db.close()
