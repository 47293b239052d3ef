"""Enhance: noise and a colour cast go, light and contrast come back, pale colours gain. A good photo hardly changes.

What to do is decided on the picture made small; the full one is worked on strip by strip, in place:

    strip ─> denoise.smooth ─> table: black, balance ─> product: white, lift, local contrast ─> vibrance ─> strip

All that makes a pixel lighter or darker is one product for its channels, found from the lightest of them: hues stay,
and nothing passes white.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import cv2
import numpy as np

from bot.domain.errors import UsageError
from bot.domain.values import Outcome, Preset, Report, Source, Stage, Tool
from bot.tools import denoise, picture
from bot.tools import tone as light
from bot.tools.denoise import Noise
from bot.tools.preview import before_and_after
from bot.tools.resample import Floats, Pixels, Size, resample

STRIP = 64  # rows at work at once: 3 MB of floats at 4000 pixels across, so that they stay in the cache
BASE_SIDE = 640  # pixels of the longest side, at most, at which the light is measured
SHOWN_SIDE = 960  # and at which before and after are shown
LUMA = np.array([[0.299, 0.587, 0.114]], np.float32)  # of JPEG's Y (ITU-R BT.601)
FINE_STEPS = 16  # between two levels, for what the filters left between them
FINE = np.arange(255 * FINE_STEPS + 1) / FINE_STEPS


@dataclass(frozen=True)
class Settings:
    """How far each step goes: parts of the full correction, and what shadows, contrast and pale colours gain."""

    balance: float
    tone: float
    shadows: float
    detail: float
    vibrance: float


STRENGTHS = {
    "low": Settings(0.4, 0.5, 0.15, 0.12, 0.06),
    "medium": Settings(0.65, 0.8, 0.35, 0.25, 0.14),
    "high": Settings(0.9, 1.0, 0.7, 0.45, 0.26),
}


class Recipe(NamedTuple):
    """All that is done to a pixel, whose channels are 0 to 1 behind the table."""

    noise: Noise
    table: Floats  # FINE values×channels: black and balance
    white: float
    gain: Floats  # at the small picture's size
    vibrance: float


def parse(settings: Mapping[str, str]) -> Settings:
    """Raises UsageError for a key or a strength that does not exist."""
    for key in settings:
        if key != "strength":
            raise UsageError("no-such-setting", setting=key)
    strength = settings.get("strength", "medium").lower()
    if strength not in STRENGTHS:
        raise UsageError("setting-choice", setting="strength", choices="medium, low, high")
    return STRENGTHS[strength]


def run(source: Source, settings: Settings) -> Outcome:
    """Raises Refused(BROKEN)."""
    read = picture.read(source)
    source.stage(Stage.WORKING)
    pixels = read.pixels if read.pixels.flags.writeable else read.pixels.copy()
    before = _small(pixels, SHOWN_SIDE)
    report: Report = dict(read.told)
    report |= enhance(pixels, settings)
    source.stage(Stage.SAVING)
    kind = picture.FINISHED_AS.get(source.format, source.format)
    data = picture.encode_pixels(pixels, read.icc, kind, picture.FINISHED_QUALITY.get(kind))
    preview = before_and_after(before, _small(pixels, SHOWN_SIDE), read.icc)
    return Outcome([data], kind, *read.size, *read.size, report, preview)


def enhance(pixels: Pixels, settings: Settings) -> Report:
    """Works on `pixels` (H×W or H×W×2..4) in place; alpha stays. Says what was done."""
    colours = _colours(pixels)
    recipe, report = _decide(pixels, settings)
    reach = 0 if recipe.noise.clean else denoise.REACH
    for rows, block, gain in _strips(colours, recipe.gain, reach):
        top = min(reach, rows.start)
        colours[rows] = _developed(block, recipe, gain, slice(top, top + len(gain)))
    return report


def _decide(pixels: Pixels, settings: Settings) -> tuple[Recipe, Report]:
    small = _seen(_small(pixels, BASE_SIDE))
    noise = denoise.estimate(pixels)
    sample = _opaque(resample(small, _within(256, small))).astype(np.float32)
    black = light.black_point(sample, settings.tone)  # first: what veils a photo is no part of its light
    sample = light.without_black(sample, black)
    gains = light.balance(sample, settings.balance)
    table = light.balanced(light.without_black(FINE[:, None], black), gains) / 255
    white = light.white_gain(light.balanced(sample, gains), black, settings.tone)
    recipe = Recipe(noise, table.astype(np.float32), white, np.ones(small.shape[:2], np.float32), settings.vibrance)
    plain = denoise.smooth(_colours(small), denoise.estimate(small))
    lift = light.lift(_lightest(_lit(plain, recipe, recipe.gain)), settings.tone, settings.shadows)
    lifted = _luma(_lit(plain, recipe, lift))
    gain = np.minimum(lift * light.local_contrast(lifted, settings.detail), light.MOST_LIFT / white)
    return recipe._replace(gain=gain), _told(gains, plain / 255, lifted, noise)


def _seen(small: Pixels) -> Pixels:
    """`small`, where it is clear in the mean of what can be seen, as if nothing were there."""
    if small.shape[2:] in {(2,), (4,)}:
        clear = small[..., -1] < 128
        small[clear, :-1] = _opaque(small).mean(0)
    return small


def _colours(pixels: Pixels) -> Pixels:
    """A view of `pixels` without alpha: H×W or H×W×3."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    return pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]


def _step(pixels: Pixels, side: int) -> int:
    """How many pixels of the picture one of a small one stands for, in each direction."""
    longest: int = max(pixels.shape[:2])
    return -(-longest // side)


def _small(pixels: Pixels, side: int) -> Pixels:
    """A copy whose longest side has at most `side` pixels, each of them the mean of a whole block."""
    step = _step(pixels, side)
    height, width = pixels.shape[:2]
    size = -(-width // step), -(-height // step)
    if step == 1:
        return pixels.copy()
    if pixels.shape[2:] in {(2,), (4,)}:
        return resample(pixels, size).copy()  # Pillow's own must not be written to
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)  # no copy at half the size on the way


def _within(side: int, pixels: Pixels) -> Size:
    height, width = pixels.shape[:2]
    scale = min(1, side / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _opaque(pixels: Pixels) -> Pixels:
    """N×3 (N×1 of greys): what of the picture can be seen."""
    sample = pixels.reshape(-1, pixels.shape[2] if pixels.ndim == 3 else 1)
    if sample.shape[1] in {1, 3}:
        return sample
    seen = sample[sample[:, -1] > 127]
    return (seen if len(seen) else sample)[:, :-1]


def _strips(colours: Pixels, gain: Floats, reach: int) -> Iterator[tuple[slice, Pixels, Floats]]:
    """Rows of the picture; these rows as they were, with `reach` more above and below; the gain at their size."""
    height, width = colours.shape[:2]
    step = _step(colours, BASE_SIDE)
    # each strip sees one row more of the map at both ends, so that no seam shows
    gain = cv2.copyMakeBorder(gain, 1, 1, 0, 0, cv2.BORDER_REPLICATE)
    rows = 2 * max(1, STRIP // step // 2)  # even, as colour is smoothed at half the size
    above = colours[:0].copy()
    for first in range(0, len(gain) - 2, rows):
        start, stop = first * step, min(height, (first + rows) * step)
        block = np.concatenate([above, colours[start : stop + reach]])
        above = block[: len(above) + stop - start][-reach:].copy() if reach else above
        piece = gain[first : first + rows + 2]
        yield slice(start, stop), block, cv2.resize(piece, (width, len(piece) * step))[step : step + stop - start]


def _developed(block: Pixels, recipe: Recipe, gain: Floats, inner: slice) -> Pixels:
    """`inner` of `block`, finished. What was not black or white before is neither now."""
    smooth = block if recipe.noise.clean else denoise.smooth(block, recipe.noise)
    planes = _vivid(_lit(smooth[inner], recipe, gain), recipe.vibrance)
    result = cv2.merge([cv2.convertScaleAbs(plane, alpha=255) for plane in planes]).reshape(block[inner].shape)
    return cv2.min(cv2.max(result, np.minimum(block[inner], 1)), np.maximum(block[inner], 254))


def _lit(values: Pixels, recipe: Recipe, gain: Floats) -> list[Floats]:
    """Values of 0 to 255, H×W or H×W×3, behind table and product: one plane a channel, of 0 to 1."""
    planes = [_looked_up(plane, recipe.table[:, channel]) for channel, plane in enumerate(cv2.split(values))]
    most = _lightest(planes)
    white = light.rolling(most, recipe.white, 4)
    ratio = white * light.rolling(most * white, gain)
    return [plane * ratio for plane in planes]


def _looked_up(plane: Pixels, table: Floats) -> Floats:
    if plane.dtype == np.uint8:
        return cv2.LUT(plane, table[::FINE_STEPS])
    return table[(plane * FINE_STEPS + 0.5).clip(0, len(table) - 1).astype(np.int32)]


def _lightest(planes: Sequence[Floats]) -> Floats:
    return reduce(cv2.max, planes)


def _luma(planes: Sequence[Floats]) -> Floats:
    return planes[0] if len(planes) == 1 else cv2.transform(cv2.merge(planes), LUMA)


def _vivid(planes: list[Floats], vibrance: float) -> list[Floats]:
    """Pale colours gain most, strong ones stay as they are, greys stay grey."""
    if len(planes) == 1:
        return planes
    most, grey = _lightest(planes), _luma(planes)
    pale = 1 - (most - reduce(cv2.min, planes))
    pale *= pale
    gain = vibrance * (pale * pale) * (1 - most)
    grey *= gain
    gain += 1
    return [plane * gain - grey for plane in planes]


def _told(gains: Floats, before: Floats, after: Floats, noise: Noise) -> Report:
    report: Report = {}
    if np.abs(gains - 1).max() > 0.02:
        report["cast"] = round(100 * float(np.abs(gains - 1).max()))
    if not noise.clean:
        report["calmed"] = True
    lighter = round(100 * (float(after.mean()) / max(0.004, float(before.mean())) - 1))
    if abs(lighter) >= 2:
        report["lighter" if lighter > 0 else "darker"] = abs(lighter)
    return report


PRESETS = (tuple(Preset(f"preset-{strength}", f"strength={strength}") for strength in ("medium", "low", "high")),)

TOOL = Tool("enhance", 2, parse, run, PRESETS)
