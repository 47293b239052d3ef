"""`enhance` mends light and colour by measure, hardly touches a good photo, and breaks nothing on the way."""

import colorsys

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from bot.errors import Usage
from bot.tools import enhance
from bot.tools.enhance import STRENGTHS
from tests.pictures import made, photos

Pixels = npt.NDArray[np.uint8]
PHOTOS = {"astronaut": photos.astronaut, "china": photos.china}


def enhanced(pixels: Pixels, strength: str = "medium") -> Pixels:
    result = pixels.copy()
    enhance.enhance(result, STRENGTHS[strength])
    return result


def photo(name: str) -> Pixels:
    return np.asarray(PHOTOS[name]())


def lit(pixels: Pixels, light: tuple[float, float, float]) -> Pixels:
    """The photo under light of another colour."""
    linear = (pixels / 255.0) ** 2.2 * light
    return (np.clip(linear, 0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)


def clipped(pixels: Pixels) -> float:
    return float(((pixels == 0) | (pixels == 255)).mean())


@pytest.mark.parametrize("light", [(1.25, 1, 0.65), (0.7, 1, 1.3), (0.9, 1.15, 0.85)])
@pytest.mark.parametrize("name", PHOTOS)
def test_a_cast_is_taken_out(name: str, light: tuple[float, float, float]) -> None:
    before = lit(photo(name), light)

    def cast(strange: Pixels, true: Pixels) -> float:
        ratio = strange.reshape(-1, 3).mean(0) / true.reshape(-1, 3).mean(0)
        return float(np.ptp(ratio / ratio.mean()))

    strengths = ("low", "medium", "high")
    casts = [cast(enhanced(before, strength), enhanced(photo(name), strength)) for strength in strengths]
    assert casts[1] < 0.75 * cast(before, photo(name))
    assert casts[0] > casts[1] > casts[2]


@pytest.mark.parametrize("name", PHOTOS)
def test_a_dark_photo_gets_lighter_and_a_foggy_one_deeper(name: str) -> None:
    dark = (photo(name) * 0.35).astype(np.uint8)
    assert enhanced(dark).mean() > 1.5 * dark.mean()
    fog = (photo(name) * 0.4 + 120).astype(np.uint8)
    low, medium, high = (float(enhanced(fog, strength).std()) for strength in ("low", "medium", "high"))
    assert fog.std() * 1.2 < low < medium < high


@pytest.mark.parametrize("name", PHOTOS)
def test_a_good_photo_hardly_changes(name: str) -> None:
    before = photo(name)
    assert np.abs(enhanced(before).astype(int) - before).mean() < 16
    assert clipped(enhanced(before)) < clipped(before) + 0.035


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("name", PHOTOS)
def test_no_steps_and_little_clipping(name: str, strength: str) -> None:
    fog = (photo(name) * 0.5 + 60).astype(np.uint8)
    after = enhanced(fog, strength)
    assert clipped(after) < (0.065 if strength == "high" else 0.005)
    ramp = np.linspace(80, 180, 1024).round().astype(np.uint8)[None].repeat(64, 0)
    steps = np.diff(enhanced(ramp, strength)[32].astype(int))
    assert steps.max() <= 4
    assert steps.min() >= -1


def test_greys_stay_grey() -> None:
    grey = np.asarray(photos.china().convert("L"))
    after = enhanced(np.dstack([grey] * 3).astype(np.uint8))
    assert np.ptp(after, axis=2).max() == 0
    assert np.abs(after[..., 0].astype(int) - enhanced(grey)).max() <= 1


def test_white_stays_white_under_a_cast() -> None:
    before = lit(photo("china"), (0.8, 1, 1.2))
    before[:40] = 255
    assert enhanced(before)[:30].min() > 245


def test_hues_stay() -> None:
    """Skin stays skin: with no cast to remove, no pixel of middling light and colour turns in hue."""
    colours = photo("astronaut")[::4, ::4]
    after = enhanced(photo("astronaut"))[::4, ::4]
    turned = []
    for old, new in zip(colours.reshape(-1, 3) / 255, after.reshape(-1, 3) / 255, strict=True):
        if 0.25 < max(old) < 0.9 and np.ptp(old) > 0.12:
            turn = abs(colorsys.rgb_to_hsv(*old)[0] - colorsys.rgb_to_hsv(*new)[0])
            turned.append(360 * min(turn, 1 - turn))
    assert np.median(turned) < 5
    assert np.percentile(turned, 95) < 14


def test_alpha_is_kept_and_what_it_hides_does_not_count() -> None:
    china = photo("china")
    alpha = np.full(china.shape[:2], 255, np.uint8)
    alpha[:300] = 0
    hidden = np.dstack([china, alpha])
    other = hidden.copy()
    other[:300, :, :3] = (255, 0, 0)
    one, two = enhanced(hidden), enhanced(other)
    assert np.array_equal(one[..., 3], alpha)
    assert np.abs(one[330:].astype(int) - two[330:]).mean() < 1
    alone = enhanced(china[300:])[30:]
    assert np.abs(one[330:, :, :3].astype(int) - alone).mean() < 4
    pair = np.dstack([china[..., 1], alpha])
    assert np.array_equal(enhanced(pair)[..., 1], alpha)


@pytest.mark.parametrize("shape", [(3000, 700), (700, 3000), (1601, 1203), (1, 1), (1, 900), (5, 3), (850, 2)])
def test_no_seam_at_any_size(shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    photo = np.asarray(photos.china().resize(shape[::-1]))
    whole = enhanced(photo)
    assert whole.shape == photo.shape
    monkeypatch.setattr(enhance, "STRIP", 10_000)
    assert np.abs(whole.astype(int) - enhanced(photo)).max() <= 1


@pytest.mark.parametrize(
    ("kind", "out"),
    [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("AVIF", "AVIF"), ("TIFF", "TIFF"), ("HEIF", "JPEG"),
     ("GIF", "PNG"), ("BMP", "PNG")],
)  # fmt: skip
def test_every_format_comes_back(kind: str, out: str) -> None:
    source = made.source(photos.astronaut(), kind)
    outcome = enhance.TOOL.run(source, enhance.parse({}))
    image = made.opened(b"".join(outcome.data))
    assert (image.format, outcome.format, image.size) == (out, out, (512, 512))
    assert (outcome.width, outcome.source_height) == (512, 512)
    assert [stage.name for stage in source.stages] == ["WORKING", "SAVING"]


def test_profiles_and_depth_come_along() -> None:
    icc = made.profile(made.ADOBE_RGB)
    for kind in ("JPEG", "PNG", "WEBP"):
        outcome = enhance.TOOL.run(made.source(photos.china(), kind, icc_profile=icc), enhance.parse({}))
        assert made.opened(b"".join(outcome.data)).info["icc_profile"] == icc
    deep = Image.fromarray(np.asarray(photos.china().convert("L")).astype(np.uint16) * 257)
    assert made.opened(b"".join(enhance.TOOL.run(made.source(deep, "PNG"), enhance.parse({})).data)).mode == "L"


def test_the_report_says_what_was_done() -> None:
    dark = Image.fromarray((lit(photo("china"), (1.3, 1, 0.6)) * 0.4).astype(np.uint8))
    report = enhance.TOOL.run(made.source(dark, "PNG"), enhance.parse({})).report
    assert report.keys() == {"cast", "lighter"}
    assert 15 <= int(report["cast"]) <= 40
    assert int(report["lighter"]) > 40


def test_settings() -> None:
    assert enhance.parse({}) == enhance.parse({"strength": "Medium"}) == STRENGTHS["medium"]
    assert enhance.PRESETS[0][0].settings == "strength=medium"
    for settings, key in (({"strength": "extreme"}, "setting-choice"), ({"power": "1"}, "no-such-setting")):
        with pytest.raises(Usage) as usage:
            enhance.parse(settings)
        assert usage.value.key == f"error-{key}"
