"""`resize` sends back no more bytes than came unless more are asked for, and no other pixels where they fit already."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bot.domain.errors import Reason, Refused
from bot.domain.settings_codec import unpacked
from bot.domain.values import Outcome
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
LARGER = {"larger", "larger-than-heic"}
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
        if name.startswith("heif"):
            allowed = bool({"under_kb"} & unpacked(settings).keys() or "larger-than-heic" in outcome.report)
        else:
            allowed = settings not in SCALED and "larger" in outcome.report
        assert len(joined(outcome)) <= len(photo) or allowed, settings
        assert outcome.width == {"longest=310": 310, "percent=50": 160}.get(settings, 320)


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
    assert outcome.report.keys() == {"not-enlarged", "larger"}
    assert outcome.width == 640


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


def test_a_heic_is_larger_as_jpeg_only_where_it_would_look_worse() -> None:
    came = encoded(photo(), "HEIF", quality=40)
    for settings in ("longest=2048", "percent=100", "longest=1000;format=jpeg"):
        outcome = resized(came, settings)
        assert outcome.format == "JPEG"
        assert outcome.width == min(1050, resize.parse(unpacked(settings)).longest or 1050)
        assert outcome.report["larger-than-heic"] is True
        assert len(joined(outcome)) > len(came), settings
    for settings in ("longest=600", "percent=50"):
        outcome = resized(came, settings)
        assert len(joined(outcome)) <= len(came), settings
        assert int(outcome.report.get("no-larger", 88)) >= 70
    assert "larger-than-heic" not in resized(came, "percent=100;format=jpeg").report, "that was all the wish"


def test_of_a_heic_the_limit_that_was_asked_is_the_only_one() -> None:
    came = encoded(photo(), "HEIF", quality=30)
    for settings in ("percent=100;under_kb=1000", "about=2048;under_kb=1000"):
        outcome = resized(came, settings)
        assert len(came) < len(joined(outcome)) <= 1_000_000
        assert (outcome.width, outcome.report) == (1050, outcome.report | {"quality": 95})
        assert not {"shrunk", *LARGER} & outcome.report.keys()


def flat(kind: str, mode: str = "RGB", size: tuple[int, int] = (301, 199), **options: object) -> bytes:
    image = Image.new(mode, size)
    image.paste(Image.linear_gradient("L").resize((40, 40)).convert(mode), (0, 0))
    return encoded(image, kind, **options)


BARE: dict[str, Callable[[], bytes]] = {
    "small.avif": lambda: flat("AVIF", quality=30, speed=0),
    "photo.avif": lambda: encoded(photo(), "AVIF", quality=60, speed=4),
    "jpeg.tif": lambda: encoded(photo(), "TIFF", compression="jpeg", quality=60),
    "dot.tif": lambda: encoded(Image.new("RGB", (1, 1)), "TIFF"),
}


@pytest.mark.parametrize("settings", ["percent=100", "longest=2048", "percent=100;under_kb=1000"])
@pytest.mark.parametrize("name", BARE)
def test_what_fits_and_has_only_a_picture_in_it_stays_as_it_is(name: str, settings: str) -> None:
    came = BARE[name]()
    outcome = resized(came, settings)
    assert joined(outcome) == came
    assert outcome.report["untouched"] is True


def with_trailer(data: bytes) -> bytes:
    return data + (40).to_bytes(4, "big") + b"uuid" + b"Margarete, at home".ljust(32, b".")


def exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x013B] = "Margarete"
    return exif


TELLING: dict[str, Callable[[], bytes]] = {
    "exif.avif": lambda: encoded(photo(), "AVIF", quality=40, exif=exif()),
    "xmp.avif": lambda: encoded(photo(), "AVIF", quality=40, xmp=b"<x>Margarete</x>"),
    "profile.avif": lambda: encoded(photo(), "AVIF", quality=40, icc_profile=made.profile(made.DISPLAY_P3)),
    "trailer.avif": lambda: with_trailer(encoded(photo(), "AVIF", quality=40)),
    "turned.avif": lambda: encoded(
        photo(), "AVIF", quality=40, exif=b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6" + bytes(6)
    ),
    "frames.avif": lambda: encoded(photo(), "AVIF", quality=40, save_all=True, append_images=[photo().rotate(9)]),
    "author.tif": lambda: encoded(photo(), "TIFF", compression="jpeg", quality=40, tiffinfo={315: "Margarete"}),
    "private.tif": lambda: encoded(photo(), "TIFF", compression="jpeg", quality=40, tiffinfo={65000: "Margarete"}),
    "pages.tif": lambda: encoded(
        photo(), "TIFF", compression="jpeg", quality=40, save_all=True, append_images=[photo()]
    ),
}


@pytest.mark.parametrize("name", TELLING)
def test_what_tells_more_is_written_anew_as_good_as_it_was(name: str) -> None:
    came = TELLING[name]()
    outcome = resized(came, "percent=100")
    assert b"Margarete" not in joined(outcome)
    assert joined(outcome) != came
    assert max(outcome.width, outcome.height) == 1050
    before, after = (np.asarray(made.opened(data).convert("L")).astype(int) for data in (came, joined(outcome)))
    assert "turned" in name or np.abs(before - after).mean() < 3
    assert len(joined(outcome)) <= len(came) or outcome.report["larger"] is True


PACKED: dict[str, Callable[[], bytes]] = {
    "small.avif": BARE["small.avif"],
    "dot.tif": BARE["dot.tif"],
    "dot.png": lambda: encoded(Image.new("RGBA", (1, 1)), "PNG"),
    "clear.png": lambda: flat("PNG", "RGBA", optimize=True),
    "lossless.webp": lambda: encoded(Image.new("RGB", (300, 200), (9, 99, 199)), "WEBP", lossless=True),
    "dither.gif": lambda: encoded(photos.china().resize((40, 30)).quantize(4), "GIF"),
    "dot.jpg": lambda: encoded(Image.new("L", (1, 1)), "JPEG", quality=5, optimize=True),
    "stripes.bmp": lambda: encoded(Image.fromarray(np.eye(9, dtype=bool)), "BMP"),
    "fax.tif": lambda: encoded(page(), "TIFF", compression="group4"),
}
WISHES = {
    "percent=50": lambda width, height: (max(1, int(width / 2 + 0.5)), max(1, int(height / 2 + 0.5))),
    "longest=290": None,
    "about=64": None,
    "width=33;height=31;fit=crop": lambda width, height: (33, 31),
    "width=7;height=5;fit=stretch": lambda width, height: (7, 5),
}


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("name", PACKED)
def test_a_small_file_is_never_refused_and_keeps_the_pixels_that_were_asked(name: str, wish: str) -> None:
    came = PACKED[name]()
    size = made.opened(came).size
    outcome = resized(came, wish)
    wanted = WISHES[wish] or (lambda *size: resize.target(resize.parse(unpacked(wish)), size, outcome.format))
    assert (outcome.width, outcome.height) == wanted(*size)
    assert len(joined(outcome)) <= len(came) or {"larger", "enlarged"} & outcome.report.keys()


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
        assert len(joined(outcome)) <= len(came) * (1.01 if "larger" in outcome.report else 1)
        before, after = made.opened(came).convert("RGBA"), made.opened(joined(outcome)).convert("RGBA")
        wanted = np.asarray(before.resize(after.size, Image.Resampling.LANCZOS)).astype(int)
        seen = np.asarray(after).astype(int)
        assert outcome.width == {"percent=90": 756, "percent=50": 420}.get(settings, 840)
        assert np.abs(wanted[..., 3] - seen[..., 3]).mean() < 3
        assert np.abs(wanted - seen)[wanted[..., 3] == 255].mean() < 20


def test_a_tiff_with_a_jpeg_inside_keeps_one() -> None:
    came = encoded(photo(), "TIFF", compression="jpeg")
    outcome = resized(came, "longest=1024")
    assert (outcome.width, len(joined(outcome)) <= len(came)) == (1024, True)
    assert made.opened(joined(outcome)).info["compression"] == "jpeg"
