"""`enhance` mends light and colour by measure, hardly touches a good photo, and breaks nothing on the way."""

import colorsys
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from bot.domain.errors import UsageError
from bot.tools import enhance, preview
from bot.tools.enhance import STRENGTHS
from tests.pictures import made, photos

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
PHOTOS = {
    each.__name__: each
    for each in (
        photos.astronaut, photos.china, photos.flower, photos.cat, photos.coffee, photos.rocket, photos.motorcycle,
    )
}  # fmt: skip
FACE = (slice(85, 170), slice(187, 255))  # the astronaut's


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


def noisy(pixels: Pixels, spread: float) -> Pixels:
    noise = np.random.default_rng(5).normal(0, spread, pixels.shape)
    return np.clip(pixels + noise, 0, 255).round().astype(np.uint8)


def as_jpeg(pixels: Pixels, quality: int) -> Pixels:
    return np.asarray(made.opened(made.encoded(Image.fromarray(pixels), "JPEG", quality=quality)))


def dark(pixels: Pixels) -> Pixels:
    """As with an eighth of the light."""
    return lit(pixels, (0.125, 0.125, 0.125))


def foggy(pixels: Pixels) -> Pixels:
    return (pixels * 0.5 + 60).astype(np.uint8)


def light_and_colour(pixels: Pixels) -> Floats:
    """H×W×3: luma, Cr, Cb."""
    return cv2.cvtColor(pixels.astype(np.float32), cv2.COLOR_RGB2YCrCb)


def fine(pixels: Pixels) -> Floats:
    """What is finer than 3 pixels, where both noise and detail are."""
    planes = light_and_colour(pixels)
    return planes - cv2.GaussianBlur(planes, (0, 0), 3)


def flat_places(clean: Pixels) -> list[tuple[slice, slice]]:
    """Where a photo has least detail of its own, and is neither black nor white."""
    planes, found = light_and_colour(clean), []
    for y in range(0, clean.shape[0] - 16, 16):
        for x in range(0, clean.shape[1] - 16, 16):
            place = slice(y, y + 16), slice(x, x + 16)
            if 30 < planes[place][..., 0].mean() < 225:
                found.append((float(planes[place].std((0, 1)).sum()), place))
    return [place for _, place in sorted(found, key=lambda each: each[0])[:24]]


def noise_in(pixels: Pixels, places: list[tuple[slice, slice]]) -> tuple[float, float]:
    """Of light and of colour."""
    rest = fine(pixels)
    luma, red, blue = np.median([rest[place].std((0, 1)) for place in places], axis=0)
    return float(luma), float(max(red, blue))


@pytest.mark.parametrize("light", [(1.25, 1, 0.65), (0.7, 1, 1.3), (0.9, 1.15, 0.85)])
@pytest.mark.parametrize("name", ["astronaut", "china", "motorcycle"])
def test_a_cast_is_taken_out(name: str, light: tuple[float, float, float]) -> None:
    before = lit(photo(name), light)

    def cast(strange: Pixels, true: Pixels) -> float:
        ratio = strange.reshape(-1, 3).mean(0) / true.reshape(-1, 3).mean(0)
        return float(np.ptp(ratio / ratio.mean()))

    strengths = ("low", "medium", "high")
    casts = [cast(enhanced(before, strength), enhanced(photo(name), strength)) for strength in strengths]
    assert casts[1] < 0.75 * cast(before, photo(name))
    assert casts[0] > casts[1] > casts[2]


@pytest.mark.parametrize("name", ["astronaut", "china", "flower", "cat", "coffee", "motorcycle"])
def test_a_dark_photo_gets_lighter_and_a_foggy_one_deeper(name: str) -> None:
    before = dark(photo(name))
    low, medium, high = (float(enhanced(before, strength).mean()) for strength in STRENGTHS)
    assert before.mean() * 1.3 < low < medium < high
    fog = foggy(photo(name))
    low, medium, high = (float(enhanced(fog, strength).std()) for strength in STRENGTHS)
    assert fog.std() * 1.2 < low < medium < high


@pytest.mark.parametrize("name", sorted(PHOTOS.keys() - {"cat"}))  # its contrast is poor
def test_a_good_photo_hardly_changes(name: str) -> None:
    before = photo(name)
    change = [float(np.abs(enhanced(before, strength).astype(int) - before).mean()) for strength in STRENGTHS]
    assert change[1] < 11
    assert change[0] < change[1] < change[2] < 18


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("name", PHOTOS)
def test_nothing_is_clipped_that_was_not(name: str, strength: str) -> None:
    """No channel of any pixel comes to an end of the range, and few come close: they roll off."""
    for spoil in (np.array, foggy, dark, lambda pixels: lit(pixels, (1.25, 1, 0.65)), lambda pixels: noisy(pixels, 8)):
        before = spoil(photo(name))
        after = enhanced(before, strength)
        assert not (after[before > 0] == 0).any()
        assert not (after[before < 255] == 255).any()
        ends = [float(((pixels <= 2) | (pixels >= 253)).mean()) for pixels in (before, after)]
        assert ends[1] < ends[0] + 0.03


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("ends", [(0, 255), (80, 180), (5, 60), (170, 250)])
def test_smooth_ramps_get_no_steps(ends: tuple[int, int], strength: str) -> None:
    ramp = np.linspace(*ends, 1024).round().astype(np.uint8)[None].repeat(64, 0)
    after = enhanced(ramp, strength)[32].astype(int)
    steps = np.diff(after)
    assert steps.max() <= 4
    assert steps.min() >= -1
    assert len(np.unique(after)) > 0.9 * len(np.unique(ramp))


@pytest.mark.parametrize("strength", STRENGTHS)
def test_a_lifted_ramp_keeps_the_levels_between_two(strength: str) -> None:
    """Where noise is smoothed away, what is left between two levels is not rounded before it is lifted."""
    ramp = np.linspace(8, 48, 1024)[None].repeat(256, 0)[..., None].repeat(3, 2)
    after = enhanced(noisy(ramp.astype(np.float32), 3), strength).astype(int)
    used = np.unique(after[..., 1])
    assert np.diff(used[5:-5]).max() <= 1


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("spread", [2, 4, 8, 16])
@pytest.mark.parametrize("name", PHOTOS)
def test_noise_is_less_afterwards(name: str, spread: int, strength: str) -> None:
    """In colour more so than in light."""
    places = flat_places(photo(name))
    before = noisy(photo(name), spread)
    (luma, chroma), (luma_after, chroma_after) = (
        noise_in(each, places) for each in (before, enhanced(before, strength))
    )
    assert luma_after < (0.9 if spread == 2 else 0.65) * luma
    assert chroma_after / chroma < (1 if spread == 2 else 0.75) * luma_after / luma


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("name", ["astronaut", "cat", "motorcycle"])
def test_noise_that_went_through_a_jpeg_is_found(name: str, strength: str) -> None:
    places = flat_places(photo(name))
    before = as_jpeg(noisy(photo(name), 10), 85)
    luma, luma_after = noise_in(before, places)[0], noise_in(enhanced(before, strength), places)[0]
    assert luma_after < 0.8 * luma


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("name", ["astronaut", "china", "cat", "coffee", "motorcycle"])
def test_a_lifted_photo_is_not_noisier_than_its_lift(name: str, strength: str) -> None:
    before = noisy(dark(photo(name)), 4)
    after = enhanced(before, strength)
    places = [place for place in flat_places(photo(name)) if before[place].min() > 0]
    lift = float(np.median([after[place].mean() / before[place].mean() for place in places]))
    (luma, chroma), (luma_after, chroma_after) = noise_in(before, places), noise_in(after, places)
    assert lift > 1.15
    assert luma_after < 0.7 * lift * luma
    assert chroma_after < 0.6 * lift * chroma


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("name", PHOTOS)
def test_a_clean_photo_is_not_smoothed(name: str, strength: str) -> None:
    for before in (photo(name), as_jpeg(photo(name), 80)):
        kept = float(fine(enhanced(before, strength))[..., 0].std() / fine(before)[..., 0].std())
        assert kept > 0.97


@pytest.mark.parametrize("name", sorted(PHOTOS.keys() - {"astronaut"}))  # which has grain
def test_only_noise_is_taken_for_noise(name: str) -> None:
    """Neither fur, foliage nor what JPEG makes of them; but grain that is hardly seen is."""
    for clean in (photo(name), as_jpeg(photo(name), 80), foggy(photo(name)), photo(name)[:150, :300]):
        assert "calmed" not in enhance.enhance(clean.copy(), STRENGTHS["medium"])
    assert "calmed" in enhance.enhance(noisy(photo(name), 4), STRENGTHS["medium"])


@pytest.mark.parametrize("name", ["grass", "gravel", "brick"])
def test_what_is_texture_all_over_is_not_taken_for_noise(name: str) -> None:
    texture = photos.texture(name)
    assert "calmed" not in enhance.enhance(np.array(texture), STRENGTHS["medium"])
    assert "calmed" in enhance.enhance(
        noisy(np.asarray(texture.resize((256, 256)).resize((1024, 1024))), 8), STRENGTHS["medium"]
    )


@pytest.mark.parametrize("strength", STRENGTHS)
def test_edges_stay_sharp_in_noise(strength: str) -> None:
    """Contrast and width of an edge, and a line of one pixel."""
    edge = np.full((256, 256, 3), 70, np.uint8)
    edge[:, 128:] = 170
    edge[60:200, 40] = 170
    after = light_and_colour(enhanced(noisy(edge, 8), strength))[..., 0]
    low, high = after[:, 60:110].mean(), after[:, 150:220].mean()
    across = (after[:, 124:132].mean(0) - low) / (high - low)
    assert high - low > 95
    assert across[3] < 0.1
    assert across[4] > 0.9
    assert (after[60:200, 40].mean() - low) / (high - low) > 0.85


@pytest.mark.parametrize("strength", STRENGTHS)
def test_no_halos_along_edges(strength: str) -> None:
    scene = np.full((600, 800, 3), 60, np.uint8)
    scene[:300] = 190
    after = enhanced(scene, strength)[..., 0].astype(int)[:, 400]
    assert np.ptp(after[20:300]) <= 6
    assert np.ptp(after[300:580]) <= 6


@pytest.mark.parametrize("strength", STRENGTHS)
def test_shadows_are_lifted_and_highlights_kept(strength: str) -> None:
    """A room in the dark with a window in it."""
    scene = dark(photo("motorcycle"))
    window = (slice(0, 200), slice(0, 300))
    scene[window] = photo("china")[100:300, 200:500] // 2 + 120
    after = enhanced(scene, strength)
    room = np.ones(scene.shape[:2], bool)
    room[:230, :330] = False
    assert after[room].mean() > 1.15 * scene[room].mean()
    assert 0.95 < after[window].mean() / scene[window].mean() < 1.1
    assert after[window].std() > 0.9 * scene[window].std()


def test_greys_stay_grey() -> None:
    grey = np.asarray(photos.china().convert("L"))
    after = enhanced(np.dstack([grey] * 3).astype(np.uint8))
    assert np.ptp(after, axis=2).max() == 0
    assert np.abs(after[..., 0].astype(int) - enhanced(grey)).max() <= 1


def test_white_stays_white_under_a_cast() -> None:
    before = lit(photo("china"), (0.8, 1, 1.2))
    before[:40] = 255
    assert enhanced(before)[:30].min() > 245


@pytest.mark.parametrize("name", ["china", "coffee", "motorcycle"])
def test_local_contrast_rises_with_the_strength(name: str) -> None:
    """What is larger than grain and smaller than a shape stands out more."""

    def middling(pixels: Pixels) -> float:
        luma = light_and_colour(pixels)[..., 0]
        return float((cv2.GaussianBlur(luma, (0, 0), 2) - cv2.GaussianBlur(luma, (0, 0), 10)).std())

    before = middling(photo(name))
    low, medium, high = (middling(enhanced(photo(name), strength)) for strength in STRENGTHS)
    assert before * 1.01 < low < medium < high < before * 1.3


def test_pale_colours_gain_and_vivid_ones_stay() -> None:
    patches = np.array([[[150, 140, 130], [130, 140, 150], [230, 60, 40], [120, 120, 120]]], np.float32) / 255
    planes = enhance._vivid(list(cv2.split(patches)), STRENGTHS["high"].vibrance)
    gain = np.ptp(np.dstack(planes), axis=2)[0, :3] / np.ptp(patches, axis=2)[0, :3]
    assert (gain[:2] > 1.04).all()
    assert 1 <= gain[2] < 1.01
    assert np.ptp(np.dstack(planes)[0, 3]) < 1e-6


def turned(before: Pixels, after: Pixels) -> Floats:
    """Degrees by which the hue of each pixel of middling light and colour turned; positive: towards green."""
    turns = []
    for old, new in zip(before.reshape(-1, 3) / 255, after.reshape(-1, 3) / 255, strict=True):
        if max(old) < 0.95 and max(new) > 0.25 and np.ptp(old) > 0.13 * max(old):
            turn = 360 * (colorsys.rgb_to_hsv(*new)[0] - colorsys.rgb_to_hsv(*old)[0])
            turns.append((turn + 180) % 360 - 180)
    return np.array(turns, np.float32)


@pytest.mark.parametrize("strength", STRENGTHS)
def test_hues_stay(strength: str) -> None:
    """With hardly a cast to remove, no pixel of middling light and colour turns in hue."""
    for before in (photo("astronaut"), foggy(photo("astronaut"))):
        turns = np.abs(turned(before[::4, ::4], enhanced(before, strength)[::4, ::4]))
        assert np.median(turns) < 5
        assert np.percentile(turns, 95) < 12


@pytest.mark.parametrize("strength", STRENGTHS)
def test_light_alone_turns_no_hue_and_pales_no_colour(strength: str) -> None:
    """One product for all channels: without a white balance, skin that is lifted out of the dark is the same skin."""
    before = dark(photo("astronaut"))
    after = before.copy()
    enhance.enhance(after, replace(STRENGTHS[strength], balance=0))
    was, now = (cv2.GaussianBlur(each[FACE], (0, 0), 2) for each in (before, after))
    depth = [float((np.ptp(each, axis=2) / each.max(2).clip(1)).mean()) for each in (was, now)]
    assert np.percentile(np.abs(turned(was, now)), 95) < 4
    assert 0.96 < depth[1] / depth[0] < 1.15


@pytest.mark.parametrize("strength", STRENGTHS)
def test_skin_stays_skin(strength: str) -> None:
    """Lifted, foggy or noisy: a face keeps its hue, and is neither paler nor redder than it was by much."""
    face = photo("astronaut")[FACE]
    for spoil in (np.array, foggy, dark, lambda pixels: noisy(pixels, 6)):
        before = spoil(photo("astronaut"))
        after = enhanced(before, strength)[FACE]
        was = cv2.GaussianBlur(before[FACE], (0, 0), 2)
        turns = turned(was, cv2.GaussianBlur(after, (0, 0), 2))
        depth = [float((np.ptp(each, axis=2) / each.max(2).clip(1)).mean()) for each in (face, was, after)]
        assert len(turns) > 500
        assert abs(np.median(turns)) < 6
        assert np.percentile(np.abs(turns), 95) < 10
        assert 0.8 * min(depth[:2]) < depth[2] < 1.25 * max(depth[:2])


def test_a_large_picture_may_be_clear() -> None:
    large = cv2.resize(photo("china"), (2600, 1736))
    clear = np.dstack([large, np.full(large.shape[:2], 100, np.uint8)])
    assert np.array_equal(enhanced(clear)[..., 3], clear[..., 3])


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
@pytest.mark.parametrize("spread", [0, 12])
def test_no_seam_at_any_size(shape: tuple[int, int], spread: int, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = noisy(np.asarray(photos.china().resize(shape[::-1])), spread)
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


@pytest.mark.parametrize(
    ("size", "shown"), [((1500, 1000), (750, 1006)), ((1000, 1500), (1006, 750)), ((40, 40), (86, 40))]
)
def test_the_preview_shows_before_and_after(size: tuple[int, int], shown: tuple[int, int]) -> None:
    before = Image.fromarray(dark(np.asarray(photos.china().resize(size))))
    icc = made.profile(made.ADOBE_RGB)
    outcome = enhance.TOOL.run(made.source(before, "JPEG", icc_profile=icc, quality=95), enhance.parse({}))
    preview = made.opened(outcome.preview)
    assert (preview.format, preview.size, preview.info["icc_profile"]) == ("JPEG", shown, icc)
    assert not preview.getexif()
    after = made.opened(b"".join(outcome.data))
    wide = shown[0] < shown[1]
    half = (shown[0], (shown[1] - 6) // 2) if wide else ((shown[0] - 6) // 2, shown[1])
    first = preview.crop((0, 0, *half))
    second = preview.crop((shown[0] - half[0], shown[1] - half[1], *shown))
    for part, whole in ((first, before), (second, after)):
        expected = np.asarray(whole.resize(half, Image.Resampling.LANCZOS)).astype(int)
        assert np.abs(np.asarray(part) - expected).mean() < 6


def test_a_preview_is_small_and_only_of_what_can_be_seen_in_it() -> None:
    for size in ((4000, 3000), (3000, 4000), (900, 901)):
        picture = np.asarray(photos.china().resize(size))
        shown = made.opened(preview.before_and_after(picture, picture, b""))
        assert max(shown.size) <= 1280
        assert max(shown.size) > 1200
    panorama = np.asarray(photos.china().resize((2000, 100)))
    assert preview.before_and_after(panorama, panorama, b"") == b""
    clear = np.dstack([photo("china"), np.zeros((427, 640), np.uint8)])
    assert made.opened(preview.before_and_after(clear, clear, b"")).getpixel((9, 9)) == (255, 255, 255)
    grey = photo("china")[..., 1]
    assert made.opened(preview.before_and_after(grey, grey, b"")).mode == "L"


def test_settings() -> None:
    assert enhance.parse({}) == enhance.parse({"strength": "Medium"}) == STRENGTHS["medium"]
    assert enhance.PRESETS[0][0].settings == "strength=medium"
    for settings, key in (({"strength": "extreme"}, "setting-choice"), ({"power": "1"}, "no-such-setting")):
        with pytest.raises(UsageError) as usage:
            enhance.parse(settings)
        assert usage.value.key == f"error-{key}"
