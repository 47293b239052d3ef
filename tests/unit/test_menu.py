"""What may be a photo, by all that Telegram tells before a download."""

import pytest

from handlers.photos.menu import _may_be_photo

OCTETS = "application/octet-stream"


@pytest.mark.parametrize(
    ("mime_type", "name"),
    [
        ("image/jpeg", None),
        ("image/jpeg", "contract.pdf"),
        ("image/x-what-comes-next", "x"),
        ("application/pdf", "holiday.JPG"),
        (OCTETS, "IMG_0001.HIF"),
        (OCTETS, "photo.jfif"),
        (OCTETS, "photo.jpg.tmp"),
        (OCTETS, None),
        (None, "IMG_2041"),
        (None, ""),
        (None, None),
        ("", "photo."),
        ("binary/octet-stream", "data:text/plain,IMG"),
    ],
)
def test_what_does_not_say_that_it_is_something_else_may_be_a_photo(mime_type: str | None, name: str | None) -> None:
    assert _may_be_photo(mime_type, name)


@pytest.mark.parametrize(
    ("mime_type", "name"),
    [
        ("application/pdf", None),
        ("application/pdf", "IMG_2041"),
        ("video/mp4", "IMG_2041"),
        ("audio/ogg", "a"),
        ("text/plain", "notes"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "letter"),
        (OCTETS, "contract.PDF"),
        (OCTETS, "film.mp4"),
        (OCTETS, "film.MKV"),
        (OCTETS, "song.flac"),
        (OCTETS, "photos.zip"),
        (OCTETS, "photos.rar"),
        (OCTETS, "photos.tar.gz"),
        (OCTETS, "letter.docx"),
        (OCTETS, "sheet.xlsx"),
        (OCTETS, "sheet.ods"),
        (OCTETS, "notes.txt"),
        (OCTETS, "notes.md"),
        (OCTETS, "game.apk"),
        (OCTETS, "setup.exe"),
        (None, "page.html"),
    ],
)
def test_what_says_that_it_is_something_else_is_none(mime_type: str | None, name: str | None) -> None:
    assert not _may_be_photo(mime_type, name)
