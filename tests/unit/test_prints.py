"""A photo on paper: exact to the pixel, cut where it was said, its colours right, and nothing in it but the picture."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.domain.errors import Reason, Refused, UsageError
from bot.domain.values import Outcome
from bot.tools import print_proof, prints
from bot.tools.resample import Size
from bot.tools.shelf import ALL_TOOLS, SHELF
from tests.pictures import made, photos, tagged
from tests.unit.test_clean import left_tags

UPRIGHT, LYING = (1181, 1772), (1772, 1181)  # 10x15 cm at 300 dpi


def printed(data: bytes, **chosen: str) -> Image.Image:
    return prints.drawn(made.unlocked(data), prints.parse_print(chosen))


def pixels(image: Image.Image) -> npt.NDArray[np.int64]:
    return np.asarray(image).astype(int)


def slope(size: Size) -> bytes:
    """Red tells how far across a pixel is, green how far down."""
    across, down = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 255, size[1]))
    return made.encoded(Image.fromarray(np.stack([across, down, 0 * down], -1).round().astype(np.uint8)), "PNG")


def look(data: bytes, **chosen: str) -> tuple[Image.Image, Outcome]:
    outcome = print_proof.LOOK.run(made.unlocked(data), print_proof.LOOK.parse(chosen))
    image = made.opened(b"".join(bytes(piece) for piece in outcome.data))
    assert image.format == outcome.format == "JPEG"
    assert image.size == (outcome.width, outcome.height)
    return image, outcome


# The sheet


@pytest.mark.parametrize("fit", ["fill", "whole"])
@pytest.mark.parametrize(
    ("size", "sheet"),
    [
        ((4000, 3000), LYING),
        ((3000, 4000), UPRIGHT),
        ((1000, 1000), UPRIGHT),
        ((300, 200), LYING),  # made larger
        ((1772, 1181), LYING),
        ((1773, 1181), LYING),
        ((9000, 500), LYING),
        ((590, 2000), UPRIGHT),
    ],
)
def test_a_sheet_is_exact_and_lies_as_the_photo_does(size: Size, sheet: Size, fit: str) -> None:
    assert printed(made.encoded(Image.new("L", size, 90), "PNG"), fit=fit).size == sheet


@pytest.mark.parametrize(
    ("cut", "across", "down"),
    [("middle", (42, 213), (0, 255)), ("start", (0, 170), (0, 255)), ("end", (85, 255), (0, 255))],
)
@pytest.mark.parametrize("size", [(3000, 2000), (900, 600), (700, 700)], ids=["smaller", "larger", "square"])
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_cut_off_is_where_it_was_said(size: Size, turned: bool, cut: str, across: Size, down: Size) -> None:
    """A photo twice as long as the paper, or a square one, loses a third."""
    if size[0] != size[1]:
        size = (2250 * size[0] // 3000, size[1] // 2)  # 9:4
    photo = slope(size[::-1] if turned else size)
    if size[0] == size[1]:
        photo, turned = slope(size), False
    sheet = pixels(printed(photo, cut=cut))
    edges = [sheet[:, 0, 0], sheet[:, -1, 0]], [sheet[0, :, 1], sheet[-1, :, 1]]
    ends = [[round(float(np.median(edge))) for edge in axis] for axis in edges]
    wanted = [list(across), list(down)]
    assert np.abs(np.array(ends) - (wanted[::-1] if turned else wanted)).max() <= 2


def test_a_photo_that_has_the_size_already_is_not_touched() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1181, 1772, 3), np.uint8)
    for fit in ("fill", "whole"):
        assert np.array_equal(np.asarray(printed(made.encoded(Image.fromarray(noise), "PNG"), fit=fit)), noise)
    wider = np.pad(noise, ((0, 0), (32, 31), (0, 0)))
    assert np.array_equal(np.asarray(printed(made.encoded(Image.fromarray(wider), "PNG"))), noise)


def test_the_whole_photo_lies_in_the_middle_of_white() -> None:
    sheet = pixels(printed(made.encoded(Image.new("RGB", (1000, 1000), (10, 60, 120)), "PNG"), fit="whole"))
    filled = (sheet != 255).any(2)
    rows, columns = np.flatnonzero(filled.any(1)), np.flatnonzero(filled.any(0))
    assert (columns[0], columns[-1]) == (0, 1180)
    assert (rows[0], rows[-1]) == (295, 295 + 1180)
    assert (sheet[295:1476] == (10, 60, 120)).all()
    assert (sheet[:295] == 255).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_that_lies_on_its_side_is_printed_upright(kind: str) -> None:
    upright = printed(photos.encoded("china", "PNG"))
    assert upright.size == LYING
    turned = photos.china().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    sheet = printed(made.encoded(turned, kind, exif=exif, quality=95))
    assert sheet.size == LYING
    assert np.abs(pixels(sheet) - pixels(upright)).mean() < 4


def test_colours_are_those_of_the_photo_in_srgb() -> None:
    def tiles(sheet: Image.Image) -> Image.Image:
        return sheet.resize((768, 512))

    patches = made.patches().resize((768, 512), Image.Resampling.NEAREST)
    for colorants in (made.DISPLAY_P3, made.ADOBE_RGB):
        icc = made.profile(colorants)
        sheet = printed(made.encoded(made.converted(patches, icc), "PNG", icc_profile=icc))
        profile = ImageCms.ImageCmsProfile(made.io.BytesIO(sheet.info["icc_profile"]))
        assert "sRGB" in ImageCms.getProfileDescription(profile)
        assert made.colour_distance(patches, tiles(sheet)) < 1
        wrong = printed(made.encoded(Image.fromarray(np.asarray(made.converted(patches, icc))), "PNG"))
        assert made.colour_distance(patches, tiles(wrong)) > 2, "the control"


def test_a_grey_photo_has_its_own_gamma() -> None:
    grey = Image.new("L", (600, 400), 100)
    plain = pixels(printed(made.encoded(grey, "PNG")))
    gamma = pixels(printed(made.encoded(grey, "PNG", icc_profile=made.grey_profile(1.0))))
    assert (plain == 100).all()
    assert abs(gamma[0, 0, 0] - 168) <= 2  # (100/255) of the light, as sRGB has it
    assert (gamma == gamma[0, 0, 0]).all()


def test_what_is_clear_is_white_paper() -> None:
    picture = Image.new("RGBA", (1500, 1000), (200, 0, 0, 0))
    picture.paste((0, 80, 160, 255), (750, 0, 1500, 1000))
    for fit in ("fill", "whole"):
        sheet = pixels(printed(made.encoded(picture, "PNG"), fit=fit))
        assert (sheet[:, :880] == 255).all()
        assert (sheet[:, -880:] == (0, 80, 160)).all()
        assert (sheet[:, :, 0] <= 255).all()
        assert not (sheet == (200, 0, 0)).all(2).any(), "red was never to be seen"


def test_of_an_animation_the_first_frame_is_printed() -> None:
    frames = [Image.new("RGB", (600, 400), colour) for colour in ("red", "green", "blue")]
    moving = made.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (pixels(printed(moving)) == (255, 0, 0)).all()


@given(
    st.tuples(st.integers(1, 20_000), st.integers(1, 20_000)),
    st.sampled_from(prints.FITS),
    st.sampled_from([*prints.CUTS]),
)
@settings(max_examples=300, deadline=None)
def test_any_photo_lies_within_its_sheet_in_its_own_proportions(size: Size, fit: str, cut: str) -> None:
    try:
        lies = prints.Print("10x15", fit, cut).of(size)
    except Refused:
        scales = [there / here for there, here in zip(sorted((1181, 1772)), sorted(size), strict=True)]
        assert (max if fit == "fill" else min)(scales) > 6  # 50 of 300 dpi
        return
    assert lies.sheet == (LYING if size[0] > size[1] else UPRIGHT)
    assert 0 <= lies.left <= lies.left + lies.width <= size[0] + 1e-6
    assert 0 <= lies.top <= lies.top + lies.height <= size[1] + 1e-6
    assert min(size[0] - lies.width, size[1] - lies.height) < 1e-6  # cut along one axis at most
    if fit == "fill":
        assert lies.on_sheet == lies.sheet
    else:
        assert (lies.width, lies.height) == size
        assert lies.on_sheet[0] <= lies.sheet[0]
        assert lies.on_sheet[1] <= lies.sheet[1]
        assert any(map(int.__eq__, lies.on_sheet, lies.sheet))
    assert lies.dpi >= prints.COARSEST


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (190, 250), (20_000, 1), (1, 9000)])
def test_what_is_too_small_is_refused_in_both(size: Size) -> None:
    photo = made.encoded(Image.new("L", size, 90), "PNG")
    with pytest.raises(Refused) as refused:
        printed(photo)
    assert refused.value.reason is Reason.TOO_SMALL_TO_PRINT
    with pytest.raises(Refused) as seen:
        look(photo)
    assert (seen.value.reason, seen.value.detail) == (refused.value.reason, refused.value.detail)


@pytest.mark.parametrize("size", [(20_000, 40), (40, 9000)])
def test_a_strip_is_printed_as_a_whole(size: Size) -> None:
    photo = made.encoded(Image.new("L", size, 90), "PNG")
    assert sorted(printed(photo, fit="whole").size) == [1181, 1772]
    assert max(look(photo, fit="whole")[0].size) == print_proof.SIDE


# What is asked for


@pytest.mark.parametrize(
    "wrong",
    [{"format": "9x13"}, {"fit": "stretch"}, {"cut": "left"}, {"paper": "matte"}, {"colour": "red"}, {"fit": ""}],
)
def test_what_a_proof_does_not_know_is_wrong_usage(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        print_proof.LOOK.parse(wrong)


def test_the_first_of_each_is_the_default() -> None:
    assert print_proof.LOOK.parse({}) == prints.Print("10x15", "fill", "middle")


def test_none_of_them_is_in_a_menu() -> None:
    assert ALL_TOOLS.keys() - SHELF.keys() == {"print", "print-look", "print-seal"}
    assert not any(ALL_TOOLS[slug].heavy for slug in ("print", "print-look", "print-seal"))


# The proof


@pytest.mark.parametrize("cut", [*prints.CUTS])
def test_a_proof_shows_what_is_printed_and_what_is_not(cut: str) -> None:
    photo = photos.encoded("astronaut", "PNG")
    shown, outcome = look(photo, cut=cut)
    assert outcome.report == {"dpi": 87, "cut": 33, "coarse": True}
    assert shown.size == (1280, 1280)
    begin = {"middle": 213, "start": 0, "end": 427}[cut]
    inside = shown.crop((begin + 6, 6, begin + 847, 1274))
    sheet = printed(photo, cut=cut).resize((853, 1280)).crop((6, 6, 847, 1274))
    assert np.abs(pixels(inside) - pixels(sheet)).mean() < 3
    whole = pixels(photos.astronaut().resize((1280, 1280)))
    light = pixels(shown).mean((0, 2)) / whole.mean((0, 2))
    outside = np.r_[0 : max(0, begin - 4), min(1280, begin + 858) : 1280]
    assert light[outside].max() < 0.45
    assert light[begin + 6 : begin + 847].min() > 0.9
    assert pixels(shown)[400, begin + 2].min() > 200, "the line around what stays"


def test_a_proof_of_the_whole_shows_the_paper() -> None:
    shown, outcome = look(photos.encoded("large"), fit="whole")
    assert outcome.report == {"dpi": 762, "cut": 0}
    assert shown.size == (1280, 890)
    assert pixels(shown)[445, 60].min() > 250, "paper"
    assert 200 < pixels(shown)[445, 10].mean() < 235, "the table"


def test_a_proof_never_grows_beyond_what_telegram_shows() -> None:
    shown, outcome = look(made.encoded(Image.new("RGB", (9000, 700), (90, 120, 30)), "PNG"))
    assert shown.size == (1280, 404)
    assert outcome.report == {"dpi": 178, "cut": 88}


# The file


def test_the_file_holds_the_picture_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prints, "COARSEST", 1)  # those with tags are small
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for name, source in tagged.make(tmp_path / "in").items():
        (tmp_path / "out" / f"{name}.jpg").write_bytes(prints.encoded(printed(source.read_bytes(), fit="whole")))
    assert any(left_tags(tmp_path / "in").values()), "the control"
    assert not any(left_tags(tmp_path / "out").values())


def test_the_file_is_as_a_lab_wants_it() -> None:
    data = prints.encoded(printed(photos.encoded("large")))
    file = made.opened(data)
    assert file.format == "JPEG"
    assert file.info["dpi"] == (300, 300)
    assert [layer[1:3] for layer in file.layer] == [(1, 1)] * 3, "4:4:4"
    assert data[6:11] == b"JFIF\0"
    assert file.info["icc_profile"][24:28] == b"\x07\xd0\0\1", "the profile is not of today"
    assert np.abs(pixels(file) - pixels(printed(photos.encoded("large")))).mean() < 2
