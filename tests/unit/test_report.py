"""The line under a result: Telegram's HTML, in which nothing of a photo can become mark-up, and within its limit."""

from bot.playground.entities import parse_html, utf16_length
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed
from bot.sandbox.wire import About
from bot.texts import translator
from bot.tools.shelf import SHELF
from handlers.photos import report


def shown(**told: str | float) -> tuple[str, list[dict[str, object]]]:
    """The caption as Telegram reads it, and its entities."""
    developed = Developed(MemoryFile(), About("JPEG", "JPEG", 4, 3, 4, 3, told), 0.001, 1)
    return parse_html(report.caption(translator("en"), SHELF["clean"], developed, 0.2))


def test_the_address_of_a_map_is_behind_the_place() -> None:
    plain, [link] = shown(latitude=51.34, longitude=12.37)
    place = "Place: 51.34, 12.37"
    assert plain == f"Metadata removed.\n• {place}\nHeld 0.20 s in memory, gone."
    address = "https://www.openstreetmap.org/?mlat=51.34&mlon=12.37#map=16/51.34/12.37"
    assert link == {"type": "text_link", "offset": plain.index(place), "length": len(place), "url": address}


def test_what_a_photo_says_of_itself_stays_text() -> None:
    trap = '</a><a href="https://example.org">&amp;</a>'
    plain, entities = shown(camera=trap, comment="1 < 2", latitude='"><b>', longitude=trap)
    assert f"Camera: {trap}\n" in plain
    assert f'Place: "><b>, {trap}\n' in plain
    assert [entity["type"] for entity in entities] == ["text_link"]


def test_there_is_no_more_of_it_than_telegram_takes() -> None:
    keys = ("camera", "lens", "taken", "changed", "author", "copyright", "description", "comment", "software", "city")
    plain, _ = shown(**dict.fromkeys(keys, '<&"😀' * 20))
    assert 900 < utf16_length(plain) <= 1024
    assert plain.endswith("\n…\nHeld 0.20 s in memory, gone.")
    least, _ = shown(**dict.fromkeys(keys[:7], "<&>" * 40), latitude=51.34, longitude=12.37)
    assert "…" not in least  # mark-up does not count
