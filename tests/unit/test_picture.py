"""Photos come in upright with their colours right, and go out with nothing but pixels and a profile."""

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.domain.errors import Reason, Refused
from bot.tools import decode, picture
from tests.pictures import made, photos, tagged
from tests.unit.test_clean import left_tags

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")

ARROW = Image.fromarray(np.kron(np.arange(6, dtype=np.uint8).reshape(2, 3) * 40 + 20, np.ones((16, 16), np.uint8)))


def lying(turn: int) -> Image.Image:
    """ARROW stored so that `turn` makes it upright: the inverse of EXIF's table."""
    inverse = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
    return ARROW.transpose(decode.TRANSPOSE[inverse[turn]]) if turn > 1 else ARROW


def oriented(turn: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = turn
    return exif


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_every_orientation_comes_upright(kind: str, turn: int) -> None:
    stored = lying(turn).convert("RGB")
    stored.info["exif"] = oriented(turn).tobytes()  # pillow_heif writes irot and imir of it, as phones do
    image = picture.open_upright(made.source(stored, kind, quality=95, exif=stored.info["exif"]))
    assert image.size == ARROW.size
    assert np.abs(np.asarray(image.convert("L")).astype(int) - np.asarray(ARROW)).max() < 16


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_scaled_jpeg_comes_upright_at_the_size_asked(mode: str, turn: int) -> None:
    big = lying(turn).resize([side * 40 for side in lying(turn).size], Image.Resampling.NEAREST).convert(mode)
    read = picture.read(made.source(big, "JPEG", quality=95, exif=oriented(turn)), lambda size: (481, 320))
    assert read.size == (1920, 1280)
    height, width = read.pixels.shape[:2]
    assert (width, height) == (481, 320)
    shown = Image.fromarray(read.pixels).convert("L").resize(ARROW.size)
    assert np.abs(np.asarray(shown).astype(int) - np.asarray(ARROW)).mean() < 4


def test_broken_exif_does_not_refuse_a_good_photo() -> None:
    for exif in (b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0nonsense"):
        assert picture.open_upright(made.source(ARROW, "JPEG", exif=exif)).size == ARROW.size


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("colorants", [made.DISPLAY_P3, made.ADOBE_RGB])
def test_wide_colours_stay_what_they_are(kind: str, colorants: tuple[tuple[float, ...], ...]) -> None:
    icc = made.profile(colorants)
    wide = made.converted(made.patches(), icc)
    assert made.colour_distance(made.patches(), Image.fromarray(np.asarray(wide))) > 2, "the control"
    image = picture.open_upright(made.source(wide, kind, quality=95, icc_profile=icc))
    assert image.info == {"icc_profile": icc}
    assert made.colour_distance(made.patches(), image) < 1
    for out in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF"):
        again = made.opened(picture.encode(image, out, 95 if out != "TIFF" else None))
        assert again.info["icc_profile"] == icc
        assert made.colour_distance(made.patches(), again) < 1.5, out


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_become_srgb_through_their_profile(kind: str) -> None:
    lab = {(0, 0, 0, 0): (95, 0, 0), (1, 0, 0, 0): (60, -30, -40), (0, 1, 0, 0): (50, 65, 0), (0, 0, 1, 0): (85, 0, 80)}
    icc = made.ink_profile(lab)
    inks = np.array([corner for corner in lab for _ in range(2)], np.uint8)[None] * 255
    tiles = Image.fromarray(inks[:, ::2].repeat(32, 0).repeat(32, 1), "CMYK")
    image = picture.open_upright(made.source(tiles, kind, icc_profile=icc))
    assert (image.mode, image.info) == ("RGB", {})
    shown = np.asarray(image)[16, 16::32]
    assert np.all(shown[0] > 235)  # paper white, and not black: nothing was inverted
    plain = np.asarray(picture.open_upright(made.source(tiles, kind)))[16, 16::32]
    assert np.abs(plain[1].astype(int) - [0, 255, 255]).max() < 6  # without a profile, the plain formula
    assert np.abs(shown[1].astype(int) - [0, 160, 217]).max() < 25  # Lab (60, -30, -40)
    assert np.abs(shown[3].astype(int) - [239, 210, 26]).max() < 25  # Lab (85, 0, 80)


def test_inks_mean_the_same_with_adobes_marker_and_without() -> None:
    inks = Image.new("CMYK", (32, 32), (200, 30, 60, 10))
    adobe = made.encoded(inks, "JPEG", quality=95)
    start = adobe.index(b"\xff\xee")
    for data in (adobe, adobe[:start] + adobe[start + 16 :]):
        seen = np.asarray(picture.open_upright(made.source(data, "JPEG")))[16, 16].astype(int)
        assert np.abs(seen - np.asarray(inks.convert("RGB"))[16, 16]).max() < 6


def test_lab_becomes_srgb() -> None:
    lab = ImageCms.profileToProfile(made.patches(), made.SRGB, made.LAB, outputMode="LAB")
    assert made.colour_distance(made.patches(), picture.open_upright(made.source(lab, "TIFF"))) < 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_deep_greys_are_scaled_and_not_clipped(kind: str) -> None:
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16)[None].repeat(4, 0)
    image = picture.open_upright(made.source(Image.fromarray(ramp), kind))
    assert image.mode == "L"
    assert np.abs(np.asarray(image)[0].astype(int) - np.arange(256)).max() <= 1


def test_floats_and_long_integers_are_scaled_by_the_range_that_holds_them() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None].repeat(4, 0)
    for pixels in (ramp, ramp * 255, ramp * 65535, (ramp * 65535).astype(np.int32)):
        image = picture.open_upright(made.source(Image.fromarray(pixels), "TIFF"))
        assert np.abs(np.asarray(image)[0].astype(int) - np.arange(256)).max() <= 1


def test_every_mode_becomes_one_of_four() -> None:
    base = photos.astronaut().resize((64, 48))
    clear = base.convert("RGBA")
    clear.putalpha(base.convert("L"))
    cases = {
        "RGB": [base, base.quantize(16), base.convert("RGB")],
        "RGBA": [clear, clear.quantize(16)],
        "L": [base.convert("L"), base.convert("1")],
        "LA": [clear.convert("LA")],
    }
    for mode, images in cases.items():
        for image in images:
            assert picture.open_upright(made.source(image, "PNG")).mode == mode, (mode, image.mode)
    assert picture.open_upright(made.source(base.convert("L"), "PNG", transparency=7)).mode == "LA"


def test_odd_profiles_are_dropped() -> None:
    base = photos.astronaut().resize((64, 48))
    p3, grey = made.profile(made.DISPLAY_P3), made.grey_profile()
    deep = Image.fromarray(np.full((8, 8), 30000, np.uint16))
    for image, icc in ((base, b"rubbish"), (base, p3[:100]), (base, grey), (base.convert("L"), p3), (deep, p3)):
        assert picture.open_upright(made.source(image, "PNG", icc_profile=icc)).info == {}
    for image, icc in ((base, p3), (base.convert("L"), grey), (deep, grey), (base.quantize(9), p3)):
        assert picture.open_upright(made.source(image, "PNG", icc_profile=icc)).info == {"icc_profile": icc}


def test_nothing_hides_behind_a_profile() -> None:
    icc = made.profile(made.DISPLAY_P3)
    image = picture.open_upright(made.source(ARROW.convert("RGB"), "JPEG", icc_profile=icc + b"GPS 48.85, 2.29"))
    assert image.info == {"icc_profile": icc}


def test_only_the_profile_is_left_by_exiftools_account(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir(), after.mkdir()
    kinds = {"jpg": "JPEG", "tif": "TIFF", "heic": "HEIF"}
    for name, path in tagged.make(before).items():
        kind = kinds.get(path.suffix[1:], path.suffix[1:].upper())
        read = picture.open_upright(made.source(path.read_bytes(), kind))
        for out in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"):
            data = picture.encode(read, out)
            assert tagged.SECRET.encode() not in data, (name, out)
            (after / f"{name}.{out}").write_bytes(data)
    left = left_tags(after)
    assert len(left) > 100
    assert {name: tags for name, tags in left.items() if tags} == {}


def test_a_large_profile_is_cut_into_numbered_segments() -> None:
    icc = made.profile(made.DISPLAY_P3)
    large = (len(icc) + 200_000).to_bytes(4, "big") + icc[4:] + bytes(200_000)
    for pixels in (np.asarray(photos.astronaut()), np.asarray(photos.astronaut().convert("L"))):
        image = made.opened(picture.encode_pixels(pixels, large, "JPEG"))
        assert image.info["icc_profile"] == large
        assert np.abs(np.asarray(image).astype(int) - pixels).mean() < 4


def test_alpha_lands_on_white_where_the_format_has_none() -> None:
    clear = Image.new("RGBA", (32, 32), (200, 0, 0, 0))
    clear.paste((0, 0, 200, 255), (0, 0, 16, 32))
    for kind in ("JPEG", "BMP"):
        shown = np.asarray(made.opened(picture.encode(clear, kind)).convert("RGB")).astype(int)
        assert np.abs(shown[16, 28] - 255).max() < 6
        assert np.abs(shown[16, 4] - [0, 0, 200]).max() < 12
    for kind in ("PNG", "WEBP", "AVIF", "TIFF", "GIF"):
        alpha = np.asarray(made.opened(picture.encode(clear, kind)).convert("RGBA"))[..., 3]
        assert (alpha[16, 28], alpha[16, 4]) == (0, 255), kind
    grey = made.opened(picture.encode(clear.convert("LA"), "JPEG"))
    assert grey.mode == "L"
    assert np.asarray(grey)[16, 28] > 250


@pytest.mark.parametrize("kind", FORMATS)
def test_truncated_photos_are_refused_as_broken(kind: str) -> None:
    data = made.encoded(photos.china(), kind)
    assert picture.open_upright(made.source(data, kind)).size == (640, 427)
    for part in (0.05, 0.5, 0.9):
        with pytest.raises(Refused) as refused:
            picture.open_upright(made.source(data[: int(len(data) * part)], kind))
        assert refused.value.reason is Reason.BROKEN


SMALL = {kind: made.encoded(photos.astronaut().resize((40, 30)), kind) for kind in FORMATS}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged_photos_open_or_are_refused(kind: str, damage: list[tuple[float, int]]) -> None:
    data = bytearray(SMALL[kind])
    for place, value in damage:
        data[int(place * len(data))] = value
    with suppress(Refused):
        assert picture.open_upright(made.source(bytes(data), kind)).mode in {"L", "LA", "RGB", "RGBA"}


def test_a_bomb_is_refused_and_memory_is_our_own_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(Refused):
        picture.open_upright(made.source(Image.new("RGB", (40, 40)), "PNG"))
    monkeypatch.setattr(decode, "_load", lambda *_: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(MemoryError):
        picture.open_upright(made.source(Image.new("RGB", (4, 4)), "PNG"))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
def test_of_several_frames_the_first_is_taken(kind: str) -> None:
    red, blue = Image.new("RGB", (32, 32), (200, 0, 0)), Image.new("RGB", (32, 32), (0, 0, 200))
    read = picture.read(made.source(red, kind, save_all=True, append_images=[blue]))
    assert read.told == {"first-only": True}
    assert np.abs(read.pixels[16, 16, :3].astype(int) - [200, 0, 0]).max() < 12
    assert picture.read(made.source(red, kind)).told == {}


@pytest.mark.parametrize("pieces", [[b"0123456789"], [b"012", b"", b"3456", b"789"]])
def test_the_photo_is_not_copied_to_be_read(pieces: list[bytes]) -> None:
    file = decode._File([memoryview(piece) for piece in pieces])
    read = (file.read(3), file.tell(), file.seek(-8, io.SEEK_END), file.read(5), file.read(), file.read(4))
    assert read == (b"012", 3, 2, b"23456", b"789", b"")
    assert (file.seek(0), file.read()) == (0, b"0123456789")


def test_large_pictures_are_saved_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    image = photos.astronaut()
    fast = {kind: picture.encode(image, kind, **options) for kind, options in picture.SAVING_LARGE.items()}
    assert all(picture.encode(image, kind) != data for kind, data in fast.items())
    monkeypatch.setattr(picture, "LARGE", 1000)
    assert {kind: picture.encode(image, kind) for kind in fast} == fast
