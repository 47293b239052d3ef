"""`resize` sends back no more bytes than came unless more are asked for, and no other pixels where they fit already."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bot.domain.errors import Reason, Refused
from bot.domain.model import Outcome
from bot.domain.packing import unpacked
from bot.tools import clean, resize
from tests.pictures import made, photos
from tests.pictures.kinds import kinds
from tests.pictures.made import encoded

SCALED = ("longest=310", "percent=50")
FITTING = (
    "longest=2048",
    "percent=100",
    "about=2048;under_kb=2000",
    "percent=100;under_kb=2000",
    "width=500;height=500",
)
ANEW = ("avif", "heif")  # which cannot be cleaned in place


def resized(data: bytes, settings: str) -> Outcome:
    outcome = resize.TOOL.run(made.unlocked(data), resize.parse(unpacked(settings)))
    image = made.opened(joined(outcome))
    kept_turn = image.getexif().get(0x0112, 1) >= 5
    assert (image.size[::-1] if kept_turn else image.size) == (outcome.width, outcome.height)
    return outcome


def joined(outcome: Outcome) -> bytes:
    return b"".join(outcome.data)


@pytest.mark.parametrize("name", kinds())
def test_no_format_comes_back_larger(name: str) -> None:
    photo = kinds()[name]
    for settings in (*SCALED, *FITTING):
        outcome = resized(photo, settings)
        assert len(joined(outcome)) <= len(photo), settings
        wanted = {"longest=310": 310, "percent=50": 160}.get(settings, 320)
        assert outcome.width == wanted or "shrunk" in outcome.report


@pytest.mark.parametrize("name", [name for name in kinds() if not name.startswith((*ANEW, "tiff", "bmp"))])
def test_what_fits_is_only_cleaned(name: str) -> None:
    photo = kinds()[name]
    cleaned = clean.TOOL.run(made.unlocked(photo), None)
    for settings in FITTING:
        outcome = resized(photo, settings)
        assert joined(outcome) == joined(cleaned)
        assert outcome.report["untouched"] is True
        assert "first-only" not in outcome.report, "all frames are there"


@pytest.mark.parametrize("name", ["tiff-fax", "tiff-palette", "tiff-tiff_lzw", "bmp", "bmp-palette", "bmp-two-colours"])
def test_what_is_written_anew_has_the_same_pixels(name: str) -> None:
    outcome = resized(kinds()[name], "longest=2048")
    before, after = (np.asarray(made.opened(data).convert("RGB")) for data in (kinds()[name], joined(outcome)))
    assert np.array_equal(before, after)
    assert outcome.report["untouched"] is True


def test_what_fits_keeps_its_turn_and_tells_what_was_in_it() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x0110], exif[0x013B] = 6, "LEICA Q2", "Margarete"
    photo = encoded(photos.china(), "JPEG", exif=exif)
    outcome = resized(photo, "longest=2048")
    assert (outcome.width, outcome.height) == (427, 640)
    after = made.opened(joined(outcome))
    assert dict(after.getexif()) == {0x0112: 6}
    assert b"Margarete" not in joined(outcome)
    assert np.array_equal(np.asarray(after), np.asarray(made.opened(photo)))
    assert outcome.report["camera"] == "LEICA Q2"
    assert {"not-enlarged", "untouched"} < outcome.report.keys()
    assert "nothing" not in resized(joined(outcome), "longest=2048").report


def test_what_cannot_be_cleaned_in_place_is_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> Outcome:
        raise Refused(Reason.BROKEN)

    photo = encoded(photos.china(), "JPEG", quality=40)
    monkeypatch.setattr(clean, "TOOL", replace(clean.TOOL, run=refuses))
    outcome = resized(photo, "longest=2048")
    assert outcome.report.keys() == {"not-enlarged", "no-larger"}
    assert len(joined(outcome)) <= len(photo)


def test_metadata_may_be_what_is_too_much() -> None:
    photo = encoded(photos.china(), "JPEG", quality=40, comment=b"x" * 60_000)
    outcome = resized(photo, "percent=100;under_kb=50")
    assert len(photo) > 50_000 >= len(joined(outcome))
    assert outcome.report["untouched"] is True


def photo(width: int = 1050) -> Image.Image:
    return photos.china().resize((width, width * 2 // 3), Image.Resampling.LANCZOS)


@pytest.mark.parametrize("quality", [8, 20, 60])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_a_small_file_made_slightly_smaller_loses_quality_and_not_pixels(kind: str, quality: int) -> None:
    came = encoded(photo(), kind, quality=quality)
    outcome = resized(came, "longest=1024")
    assert (outcome.width, outcome.height) == (1024, 683)
    assert 0.9 * len(came) < len(joined(outcome)) <= len(came)
    assert 0 < int(outcome.report["no-larger"]) < quality + 20


def test_an_exact_side_costs_quality_or_colours_but_no_byte() -> None:
    for kind, settings in ("JPEG", "width=1040"), ("PNG", "height=690"), ("GIF", "width=1000;height=690;fit=stretch"):
        came = encoded(photo(), kind, **{"quality": 15} if kind == "JPEG" else {})
        outcome = resized(came, settings)
        assert len(joined(outcome)) <= len(came)
        assert "shrunk" not in outcome.report


def test_a_heic_is_no_larger_as_jpeg_unless_that_is_all_the_wish() -> None:
    came = encoded(photo(), "HEIF", quality=40)
    for settings in ("longest=2048", "percent=100", "percent=100;under_kb=1000", "longest=900;format=jpeg"):
        outcome = resized(came, settings)
        assert outcome.format == "JPEG"
        assert len(joined(outcome)) <= len(came), settings
    assert len(joined(resized(came, "percent=100;format=jpeg"))) > len(came)


@pytest.mark.parametrize(
    "settings", ["percent=200", "width=1400", "percent=100;format=png", "width=1300;height=1300;fit=crop"]
)
def test_what_needs_more_gets_more(settings: str) -> None:
    came = encoded(photo(), "JPEG", quality=20)
    outcome = resized(came, settings)
    assert len(joined(outcome)) > len(came)
    assert "untouched" not in outcome.report


def page() -> Image.Image:
    """Black on white, in no pattern."""
    paper = Image.new("1", (840, 560), 1)
    pen, random = ImageDraw.Draw(paper), np.random.default_rng(1)
    for _ in range(400):
        x, y = (int(random.integers(0, side)) for side in paper.size)
        pen.arc((x, y, x + 20, y + 30), int(random.integers(0, 360)), int(random.integers(0, 360)), fill=0, width=2)
    return paper


def drawing(clear: bool = False) -> Image.Image:
    picture = Image.new("RGBA" if clear else "RGB", (840, 560), (0, 0, 0, 0) if clear else (250, 250, 240))
    pen, random = ImageDraw.Draw(picture), np.random.default_rng(1)
    for number in range(40):
        x, y = (int(random.integers(100, side - 100)) for side in picture.size)
        pen.ellipse((x, y, x + 90, y + 60), fill=[(200, 30, 40), (30, 60, 180), (20, 140, 60)][number % 3])
    return picture


FEW: dict[str, Callable[[], bytes]] = {
    "page.png": lambda: encoded(page(), "PNG", optimize=True),
    "page.tif": lambda: encoded(page(), "TIFF", compression="group4"),
    "page.bmp": lambda: encoded(page(), "BMP"),
    "page.webp": lambda: encoded(page().convert("RGB"), "WEBP", lossless=True),
    "drawing.png": lambda: encoded(drawing().quantize(8), "PNG", optimize=True),
    "drawing.gif": lambda: encoded(drawing(), "GIF"),
    "clear.gif": lambda: encoded(drawing(clear=True), "GIF"),
    "clear.png": lambda: encoded(drawing(clear=True), "PNG", optimize=True),
}


@pytest.mark.parametrize("name", FEW)
def test_few_colours_stay_sharp(name: str) -> None:
    """An encoder that invents shades needs more bytes; one that smears them looks worse."""
    came = FEW[name]()
    for settings in ("percent=90", "percent=50", "longest=2048"):
        outcome = resized(came, settings)
        assert len(joined(outcome)) <= len(came)
        before, after = made.opened(came).convert("RGBA"), made.opened(joined(outcome)).convert("RGBA")
        wanted = np.asarray(before.resize(after.size, Image.Resampling.LANCZOS)).astype(int)
        seen = np.asarray(after).astype(int)
        assert outcome.width > 0.8 * before.width * (0.5 if settings == "percent=50" else 0.9)
        assert np.abs(wanted[..., 3] - seen[..., 3]).mean() < 3
        assert np.abs(wanted - seen)[wanted[..., 3] == 255].mean() < 20


def test_a_tiff_with_a_jpeg_inside_keeps_one() -> None:
    came = encoded(photo(), "TIFF", compression="jpeg")
    outcome = resized(came, "longest=1024")
    assert (outcome.width, len(joined(outcome)) <= len(came)) == (1024, True)
    assert made.opened(joined(outcome)).info["compression"] == "jpeg"
