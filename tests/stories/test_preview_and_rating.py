"""What comes with a result: a picture to glance at before it, and two verdicts under it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.texts import translator
from bot.tools.shelf import SHELF
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom, needs_root
from tests.harness.people import Document, Person
from tests.pictures import photos

translate = translator("en")
VERDICTS = [translate("rate-good"), translate("rate-not-good")]


def enhanced(person: Person) -> Document:
    person.sends_file(photos.encoded(), "china.jpg")
    person.taps("Enhance")
    person.taps("Medium")
    return person.gets_document()


def cleaned(person: Person) -> Document:
    person.sends_file(photos.encoded(), "china.jpg")
    person.taps("Remove metadata")
    return person.gets_document()


def ratings(darkroom: Darkroom) -> dict[tuple[str, str, str], int]:
    """(tool, verdict, language) -> how often, over all of a test file."""
    rows = darkroom.rows("SELECT tool, outcome, language, count FROM counters WHERE name = 'rating'")
    return {tuple(key): count for *key, count in rows}


def memory_files(pid: int) -> list[str]:
    links = [link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    return [name for name in links if name.startswith("memfd:")]


def test_before_and_after_come_just_before_the_document(anna: Person) -> None:
    photo = anna.sends_file(photos.encoded(), "china.jpg")
    anna.taps("Enhance")
    anna.taps("Medium")
    preview, result = anna.gets_photo(), anna.gets_document()
    assert preview.message.text == translate("preview-enhance")
    assert preview.message.reply_to
    assert preview.message.reply_to.id == photo.id
    assert preview.message.id < result.message.id
    assert not preview.message.buttons
    shown = photos.opened(preview.bytes)
    assert (shown.format, shown.size) == ("JPEG", (640, 2 * 427 + 6))


def test_a_tool_that_has_nothing_to_show_sends_no_preview(darkroom: Darkroom, anna: Person) -> None:
    before = len(darkroom.telegram.requests("sendPhoto"))
    cleaned(anna)
    assert len(darkroom.telegram.requests("sendPhoto")) == before


def test_the_preview_is_captioned_in_the_persons_language(darkroom: Darkroom) -> None:
    dora = agreed(darkroom.telegram, "Dora", "de")
    dora.sends_photo(photos.encoded())
    dora.taps("Verbessern")
    dora.taps("Mittel")
    assert dora.gets_photo().message.text == translator("de")("preview-enhance")


@pytest.mark.parametrize(
    "fault",
    [{"kind": "error", "code": 400, "text": "Bad Request: PHOTO_INVALID_DIMENSIONS"}, {"kind": "drop", "count": 9}],
)
def test_a_preview_that_fails_costs_nobody_the_result(darkroom: Darkroom, anna: Person, fault: dict[str, Any]) -> None:
    darkroom.telegram.fault("sendPhoto", **fault)
    assert enhanced(anna).name == "china-enhance.jpg"
    assert not [each for each in anna.chat() if each.from_bot and "photo" in each.raw]


def test_wipe_takes_the_preview_along(anna: Person) -> None:
    enhanced(anna)
    preview = anna.gets_photo().message
    anna.taps("Wipe this chat")
    anna.sees_no_more(preview)
    anna.sees("older than 48 hours")


@needs_root
def test_no_memory_file_is_left_open(darkroom: Darkroom, anna: Person) -> None:
    for fault in (None, {"kind": "error", "code": 400}):
        if fault:
            darkroom.telegram.fault("sendPhoto", **fault)
        enhanced(anna)
        gone = lambda: memory_files(darkroom.pid) == [] or None  # noqa: E731
        darkroom.telegram.wait_for(gone, 10, "a memory file stays open", anna.id)


def test_a_verdict_is_counted_once_and_its_buttons_go(darkroom: Darkroom, anna: Person) -> None:
    before = ratings(darkroom)
    result = enhanced(anna)
    assert [each["text"] for each in result.message.rows[-1]] == VERDICTS
    answer = anna.taps(VERDICTS[0], on=result.message)
    assert answer
    assert answer["text"] == translate("rated")
    assert anna.buttons(result.message) == result.buttons[:-2]
    key = (f"enhance {SHELF['enhance'].version}", "good", "en")
    assert ratings(darkroom) == before | {key: before.get(key, 0) + 1}

    late = anna.forges(f"rate:enhance:{SHELF['enhance'].version}:not-good", result.message)
    assert late
    assert late["text"] == translate("rated")  # but not counted
    assert ratings(darkroom) == before | {key: before.get(key, 0) + 1}
    anna.taps("Another tool", on=result.message)
    anna.taps("Remove metadata")
    assert anna.gets_document().name == "china-clean.jpg"


def test_verdicts_are_counted_by_tool_verdict_and_language(darkroom: Darkroom) -> None:
    before = ratings(darkroom)
    dora = agreed(darkroom.telegram, "Dora", "de")
    dora.sends_file(photos.encoded(), "china.jpg")
    dora.taps("Metadaten entfernen")
    dora.gets_document()
    answer = dora.taps(translator("de")("rate-not-good"))
    assert answer
    assert answer["text"] == translator("de")("rated")
    key = (f"clean {SHELF['clean'].version}", "not-good", "de")
    assert ratings(darkroom) == before | {key: before.get(key, 0) + 1}


def test_two_taps_at_once_count_once(darkroom: Darkroom, anna: Person) -> None:
    before = sum(ratings(darkroom).values())
    result = cleaned(anna)
    with ThreadPoolExecutor(8) as fingers:
        taps = [
            fingers.submit(anna.forges, f"rate:clean:{SHELF['clean'].version}:{verdict}", result.message)
            for verdict in ("good", "not-good") * 4
        ]
        assert all(tap.result() for tap in taps)
    assert sum(ratings(darkroom).values()) == before + 1


def test_buttons_that_stay_count_nothing(darkroom: Darkroom, anna: Person) -> None:
    before = ratings(darkroom)
    result = cleaned(anna)
    text = "Bad Request: message is not modified"
    darkroom.telegram.fault("editMessageReplyMarkup", "error", code=400, text=text)
    anna.taps(VERDICTS[0], on=result.message)
    assert ratings(darkroom) == before


@pytest.mark.parametrize(
    "data", ["rate:clean:1:excellent", "rate:teleport:1:good", "rate:clean:9:good", "rate:clean:1", "rate", "rate:::"]
)
def test_verdicts_that_were_never_offered_are_refused(darkroom: Darkroom, anna: Person, data: str) -> None:
    before = ratings(darkroom)
    result = cleaned(anna)
    assert anna.forges(data, result.message)
    assert anna.buttons(result.message) == result.buttons
    assert ratings(darkroom) == before


def test_somebody_elses_verdict_does_nothing(darkroom: Darkroom, anna: Person) -> None:
    before = ratings(darkroom)
    result = cleaned(anna)
    mallory = agreed(darkroom.telegram, "Mallory")
    answer = mallory.forges(f"rate:clean:{SHELF['clean'].version}:not-good", result.message)
    assert answer
    assert answer["text"] == translate("tap-not-yours")
    assert anna.buttons(result.message) == result.buttons
    assert ratings(darkroom) == before


def test_the_counters_hold_nobodys_number(darkroom: Darkroom, anna: Person) -> None:
    result = enhanced(anna)
    anna.taps(VERDICTS[1], on=result.message)
    names = [row[1] for row in darkroom.rows("PRAGMA table_info(counters)")]
    assert names == ["day", "name", "tool", "outcome", "language", "count"]
    told = {
        str(value) for row in darkroom.rows("SELECT day, name, tool, outcome, language FROM counters") for value in row
    }
    assert not told & {str(anna.id), str(result.message.id)}
    assert not any(str(anna.id) in value for value in told)
