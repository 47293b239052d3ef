"""`cutout` against known cut-outs: edges, colours, backgrounds, hints; better than the usual way on the same mask."""

import io
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from bot.domain.errors import Reason, Refused, UsageError
from bot.domain.values import LARGEST_RESULT
from bot.tools import cutout, matting, segmentation, subject
from bot.tools.backgrounds import Blurred
from tests.pictures import cutouts, made, photos
from tests.pictures.cutouts import Composite

Floats = npt.NDArray[np.float32]
_SUBJECT = segmentation.subject


@pytest.fixture(autouse=True)
def one_core() -> None:
    cv2.setNumThreads(1)


@pytest.fixture(autouse=True)
def one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network, which takes most of the time, looks at the same pixels once; all else is done each time."""
    monkeypatch.setattr(segmentation, "subject", lambda pixels: _looked(pixels.tobytes(), pixels.shape).copy())


@cache
def _looked(pixels: bytes, shape: tuple[int, ...]) -> Floats:
    return _SUBJECT(np.frombuffer(pixels, np.uint8).reshape(shape))


@cache
def composites() -> tuple[Composite, ...]:
    return tuple(cutouts.composites())[::2]  # `make bench` has all of them


@cache
def mask_of(number: int) -> Floats:
    return segmentation.subject(composites()[number].pixels)


@cache
def ours(number: int) -> tuple[Floats, Floats]:
    return cutouts.matted(composites()[number].pixels, mask_of(number))


def cut(image: Image.Image, kind: str = "PNG", **settings: str) -> Image.Image:
    outcome = cutout.run(made.source(image, kind), cutout.parse(settings))
    return made.opened(b"".join(outcome.data))


# Edges and colours, beside the usual way on the same mask


def test_edges_and_their_colours_are_better_than_the_usual_ones() -> None:
    numbers = range(len(composites()))
    new = np.mean([cutouts.errors(*ours(n), composites()[n]) for n in numbers], axis=0)
    usual = np.mean(
        [cutouts.errors(*cutouts.usual(composites()[n].pixels, mask_of(n)), composites()[n]) for n in numbers], axis=0
    )
    print(f"alpha error {new[0]:.4f} against {usual[0]:.4f}, fringe {new[1]:.2f} against {usual[1]:.2f}")
    assert new[0] < 0.9 * usual[0]
    assert new[1] < 0.6 * usual[1]
    raw = np.mean([cutouts.errors(ours(n)[0], composites()[n].pixels, composites()[n])[1] for n in numbers])
    assert new[1] < 0.8 * raw  # the background's share is taken out of the colours


@pytest.mark.parametrize("name", cutouts.NAMES)
def test_each_subject_keeps_its_edge(name: str) -> None:
    numbers = [n for n, each in enumerate(composites()) if each.name == name]
    alpha, fringe = np.mean([cutouts.errors(*ours(n), composites()[n]) for n in numbers], axis=0)
    assert alpha < 0.16
    assert fringe < 12


def test_thin_structures_are_kept() -> None:
    """Strands thinner than a pixel of the network's mask: as much of them as the truth has, not a blurred halo."""
    composite = cutouts.strands()
    mask = cv2.resize(composite.alpha, (segmentation.SIDE,) * 2, interpolation=cv2.INTER_AREA)
    new = cutouts.errors(*cutouts.matted(composite.pixels, mask), composite)
    usual = cutouts.errors(*cutouts.usual(composite.pixels, mask), composite)
    print(f"strands: alpha {new[0]:.4f} against {usual[0]:.4f}, fringe {new[1]:.2f} against {usual[1]:.2f}")
    assert new[0] < 0.75 * usual[0]
    assert new[1] < 0.5 * usual[1]


def test_a_large_photo_has_the_same_edge_as_a_small_one() -> None:
    small = composites()[0]
    size = tuple(4 * side for side in small.alpha.shape[1::-1])
    large = cv2.resize(small.pixels, size, interpolation=cv2.INTER_CUBIC)
    alpha, _ = cutouts.matted(large, mask_of(0))
    back = cv2.resize(alpha, small.alpha.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(back - ours(0)[0]).mean() < 0.01


def test_strips_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels, mask = composites()[0].pixels, mask_of(0)
    whole, colours = cutouts.matted(pixels, mask)
    monkeypatch.setattr(matting, "STRIP", 7)
    again, same = cutouts.matted(pixels, mask)
    assert np.abs(whole - again).max() < 0.02
    assert np.abs(colours - same).max() <= 3


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (900, 3), (33, 21)])
def test_any_shape_is_worked_on(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (*size, 3), np.uint8)
    alpha, colours = cutouts.matted(pixels, np.full((segmentation.SIDE, segmentation.SIDE), 0.5, np.float32))
    assert alpha.shape == size
    assert colours.shape == (*size, 3)


# People


def test_shoulders_of_a_portrait_come_along() -> None:
    """The one network loses what the other is sure of."""
    person = np.zeros((segmentation.SIDE, segmentation.SIDE), np.float32)
    cv2.ellipse(person, (160, 330), (140, 150), 0, 0, 360, 1.0, -1)
    cv2.circle(person, (160, 120), 60, 1.0, -1)
    head = person.copy()
    head[190:] = 0
    both = fused(head, person)
    assert both[250, 160] == 1


def test_a_passer_by_and_a_guess_do_not_come_along() -> None:
    person = np.zeros((segmentation.SIDE, segmentation.SIDE), np.float32)
    cv2.circle(person, (160, 160), 80, 1.0, -1)
    other = person.copy()
    cv2.circle(other, (40, 40), 30, 1.0, -1)
    assert fused(person, other)[40, 40] == 0
    vague = person.copy()
    vague[240:] = 0.8
    assert fused(person, vague)[280, 160] == 0
    elsewhere = np.zeros_like(person)
    elsewhere[250:, 250:] = 1
    assert fused(person, elsewhere)[280, 280] == 0


def fused(mask: Floats, people: Floats) -> Floats:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmentation, "subject", lambda _: mask)
        patch.setattr(segmentation, "people", lambda _: people)
        return subject.find(np.zeros((64, 64, 3), np.uint8))


# Backgrounds


def test_transparent_hides_nothing_under_what_is_clear() -> None:
    pixels = np.asarray(cut(photos.astronaut()))
    clear = pixels[pixels[..., 3] == 0]
    assert len(clear) > 50_000
    assert not clear.any()
    assert (pixels[..., 3] == 255).mean() > 0.3


@pytest.mark.parametrize(("background", "colour"), [("white", (255, 255, 255)), ("#2f6fde", (0x2F, 0x6F, 0xDE))])
def test_a_colour_is_that_colour(background: str, colour: tuple[int, int, int]) -> None:
    pixels = np.asarray(cut(photos.astronaut(), background=background))
    assert (pixels[5, 300] == colour).all()
    assert np.abs(pixels[300, 200].astype(int) - np.asarray(photos.astronaut())[300, 200]).max() <= 1


def test_a_colour_is_the_same_in_another_space() -> None:
    icc = made.profile(made.ADOBE_RGB)
    outcome = cutout.run(
        made.source(photos.astronaut(), "PNG", icc_profile=icc), cutout.parse({"background": "#00b140"})
    )
    image = made.opened(b"".join(outcome.data))
    assert image.info["icc_profile"] == icc
    seen = ImageCms.profileToProfile(image, io.BytesIO(icc), ImageCms.createProfile("sRGB"))
    assert seen
    assert np.abs(np.array(seen.getpixel((300, 5))) - (0x00, 0xB1, 0x40)).max() <= 4


def test_blur_keeps_the_subject_and_takes_its_shine_out_of_the_background() -> None:
    image = composites()[0]
    pixels = np.asarray(cut(Image.fromarray(image.pixels), background="blur"))
    inside = image.alpha > 0.99
    assert np.abs(pixels[inside].astype(int) - image.pixels[inside]).mean() < 3
    outside = cv2.erode((image.alpha < 0.01).astype(np.uint8), np.ones((9, 9))) > 0
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    sharpness = np.abs(cv2.Laplacian(grey, cv2.CV_32F))[outside].mean()
    before = np.abs(cv2.Laplacian(cv2.cvtColor(image.pixels, cv2.COLOR_RGB2GRAY), cv2.CV_32F))[outside].mean()
    assert sharpness < 0.25 * before


def test_nothing_of_the_subject_shines_into_the_blur() -> None:
    pixels = np.random.default_rng(2).integers(110, 140, (400, 400, 1), np.uint8).repeat(3, 2)
    mask = np.zeros((400, 400), np.float32)
    cv2.circle(mask, (200, 200), 100, 1.0, -1)
    pixels[mask > 0] = (230, 20, 20)
    blurred = Blurred(pixels, matting.estimate(pixels, mask)).rows(slice(0, 400)).astype(int)
    ring = (cv2.dilate(mask, np.ones((25, 25))) > 0) & (cv2.dilate(mask, np.ones((9, 9))) == 0)
    assert np.abs(blurred[ring][:, 0] - blurred[ring][:, 1]).mean() < 12


def test_another_photo_covers_all_of_the_background() -> None:
    source = made.source(photos.astronaut(), "JPEG")
    source.background_photo = made.source(photos.china(), "JPEG")
    outcome = cutout.run(source, cutout.parse({"background": "photo"}))
    pixels = np.asarray(made.opened(b"".join(outcome.data))).astype(int)
    background_photo = np.asarray(photos.china().resize((767, 512)).crop((127, 0, 639, 512))).astype(int)
    assert outcome.format == "JPEG"
    assert np.abs(pixels[:60, 300:500] - background_photo[:60, 300:500]).mean() < 8


def test_another_photo_that_is_missing_is_told() -> None:
    assert refusal(photos.astronaut(), background="photo") is Reason.NO_SECOND_PHOTO


@pytest.mark.parametrize("kind", ["plain", "noise"])
def test_where_nothing_stands_out_it_says_so(kind: str) -> None:
    pixels = np.full((300, 400, 3), 130, np.uint8)
    if kind == "noise":
        pixels = np.random.default_rng(1).integers(0, 256, pixels.shape, np.uint8)
    assert refusal(Image.fromarray(pixels)) is Reason.NO_SUBJECT


def refusal(image: Image.Image, **settings: str) -> Reason:
    with pytest.raises(Refused) as refused:
        cut(image, **settings)
    return refused.value.reason


# Formats


@pytest.mark.parametrize(
    ("kind", "background", "out"),
    [("JPEG", "white", "JPEG"), ("HEIF", "blur", "JPEG"), ("WEBP", "white", "WEBP"), ("GIF", "white", "PNG"),
     ("JPEG", "transparent", "PNG"), ("TIFF", "transparent", "PNG"), ("AVIF", "white", "AVIF")],
)  # fmt: skip
def test_every_format_comes_back(kind: str, background: str, out: str) -> None:
    outcome = cutout.run(made.source(photos.astronaut(), kind), cutout.parse({"background": background}))
    image = made.opened(b"".join(outcome.data))
    assert (image.format, outcome.format, image.size) == (out, out, (512, 512))
    assert image.mode == ("RGBA" if background == "transparent" else "RGB")


def test_grey_and_transparent_photos_are_taken() -> None:
    assert cut(photos.astronaut().convert("L")).mode == "RGBA"
    image = photos.astronaut().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 255))
    image.paste((0, 0, 0, 0), (0, 300, 512, 512))
    pixels = np.asarray(cut(image))
    assert not pixels[310:, :, 3].any()
    assert pixels[250, 230, 3] == 255


def test_a_result_too_large_for_telegram_goes_as_webp_then_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    source = made.source(photos.astronaut(), "JPEG")
    monkeypatch.setattr(cutout, "LARGEST_RESULT", 120_000)
    as_webp = cutout.run(source, cutout.parse({}))
    assert (as_webp.format, as_webp.report) == ("WEBP", {"as-webp": True})
    assert len(as_webp.data[0]) <= 120_000
    monkeypatch.setattr(cutout, "LARGEST_RESULT", 12_000)
    smaller = cutout.run(source, cutout.parse({}))
    assert smaller.report["shrunk"] == f"{smaller.width} × {smaller.height}"
    assert len(smaller.data[0]) <= 12_000
    assert made.opened(smaller.data[0]).size == (smaller.width, smaller.height)
    assert LARGEST_RESULT == 50 << 20


def test_the_glance_shows_the_subject_on_squares() -> None:
    outcome = cutout.run(made.source(photos.astronaut(), "JPEG"), cutout.parse({}))
    image = np.asarray(made.opened(outcome.preview)).astype(int)
    assert len(outcome.preview) < 200_000
    assert np.ptp(image[60:100, 330:420].mean(2)) > 20  # squares, where there was a wall
    assert np.abs(image[300, 200] - np.asarray(photos.astronaut())[300, 200]).max() < 40


# Hints


def test_a_cell_to_keep_brings_back_what_was_lost() -> None:
    one = composites()[0]
    lost = one.alpha.copy()
    cell = subject.cells("i", one.alpha.shape[1::-1]) | subject.cells("n", one.alpha.shape[1::-1])
    lost[cell] = 0
    kept = hinted(one, lost, keep="in")
    assert np.abs(kept - one.alpha)[cell].mean() < 0.35 * np.abs(lost - one.alpha)[cell].mean()
    away = cv2.dilate(cell.astype(np.uint8), np.ones((9, 9))) == 0
    assert np.abs(kept - lost)[away].mean() < 0.01  # what was not named is not touched


def test_a_cell_to_erase_takes_away_what_was_too_much() -> None:
    one = composites()[0]
    wrong = one.alpha.copy()
    cell = subject.cells("e", one.alpha.shape[1::-1])
    wrong[cell] = 1
    erased = hinted(one, wrong, erase="e")
    assert np.abs(erased - one.alpha)[cell].mean() < 0.35 * np.abs(wrong - one.alpha)[cell].mean()


def hinted(composite: Composite, mask: Floats, **hints: str) -> Floats:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmentation, "subject", lambda _: mask)
        patch.setattr(segmentation, "people", lambda _: np.zeros_like(mask))
        found = subject.find(composite.pixels, **hints)
    return cv2.resize(found, mask.shape[1::-1])


def test_cells_are_named_row_by_row() -> None:
    assert np.argwhere(subject.cells("h", (5, 5))).tolist() == [[1, 2]]
    assert subject.cells("ay", (50, 100)).sum() == 2 * 10 * 20


# Settings


def test_settings() -> None:
    assert cutout.parse({}) == cutout.parse({"background": "Transparent"})
    assert cutout.parse({"background": "light blue"}).colour == (173, 216, 230)
    assert cutout.PRESETS[0][0].settings == "background=transparent"
    for settings, key in (
        ({"background": "bluish"}, "setting-choice"),
        ({"background": "#12"}, "setting-choice"),
        ({"keep": "z"}, "setting-choice"),
        ({"sharpness": "1"}, "no-such-setting"),
    ):
        with pytest.raises(UsageError) as usage:
            cutout.parse(settings)
        assert usage.value.key == f"error-{key}"
    assert cutout.colour_of("hsl(120, 100%, 50%)") == (0, 255, 0)
    assert cutout.colour_of("") is None


@pytest.mark.parametrize(
    "typed", ["rgb(999, 0, 0)", "hsl(0, 100%, 150%)", "hsv(0, 100%, 200%)", "#٢٢٢", "#ff", "no red"]
)
def test_what_is_no_colour_is_not_taken_for_one(typed: str) -> None:
    assert cutout.hex_of(typed) is None


@pytest.mark.parametrize(
    ("typed", "hex_"), [(" Light Blue", "#add8e6"), ("#F80", "#ff8800"), ("rgb(1, 2, 3)", "#010203")]
)
def test_a_typed_colour_is_carried_as_six_digits(typed: str, hex_: str) -> None:
    assert cutout.hex_of(typed) == hex_


def test_the_command_line_takes_a_file_as_background(tmp_path: Path) -> None:
    from bot.cli import develop

    background_photo = tmp_path / "beach.jpg"
    background_photo.write_bytes(photos.encoded())
    chosen = {"background": str(background_photo)}
    with develop.MemoryFile() as memory:
        develop._read_second(cutout.TOOL, chosen, memory, 20)
        assert memory.read(0, memory.size) == photos.encoded()
    assert chosen == {"background": "photo"}
