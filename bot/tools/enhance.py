"""Enhance: a colour cast goes, light and contrast come back, pale colours gain a little. A good photo hardly changes.

What to do is decided on the picture made small; the full one is worked on strip by strip, in place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from bot.errors import Usage
from bot.model import Outcome, Preset, Report, Source, Stage, Tool
from bot.tools import picture
from bot.tools.resample import Pixels, Size, resample

Floats = npt.NDArray[Any]  # of float32

GAMMA = 2.2  # near enough to every display's curve for estimating light
STRIP = 64  # rows at work at once: 1 MB of floats at 4000 pixels across, so that they stay in the cache
BASE_SIDE = 800  # pixels of the longest side at which local contrast is estimated
FORMATS = {"HEIF": "JPEG", "GIF": "PNG", "BMP": "PNG"}  # others keep theirs
QUALITY = {"JPEG": 92}


@dataclass(frozen=True)
class Settings:
    """How far each step goes: parts of the full correction, and what local contrast and pale colours gain."""

    balance: float
    tone: float
    detail: float
    vibrance: float


STRENGTHS = {
    "low": Settings(0.4, 0.5, 0.08, 0.06),
    "medium": Settings(0.65, 0.8, 0.18, 0.12),
    "high": Settings(0.9, 1.0, 0.35, 0.22),
}


def parse(settings: Mapping[str, str]) -> Settings:
    """Raises Usage for a key or a strength that does not exist."""
    for key in settings:
        if key != "strength":
            raise Usage("no-such-setting", setting=key)
    strength = settings.get("strength", "medium").lower()
    if strength not in STRENGTHS:
        raise Usage("setting-choice", setting="strength", choices="medium, low, high")
    return STRENGTHS[strength]


def run(source: Source, settings: Settings) -> Outcome:
    """Raises Refused(BROKEN)."""
    read = picture.read(source)
    source.stage(Stage.WORKING)
    pixels = read.pixels if read.pixels.flags.writeable else read.pixels.copy()
    report: Report = {"first-only": True} if read.animated else {}
    report |= enhance(pixels, settings)
    source.stage(Stage.SAVING)
    kind = FORMATS.get(source.format, source.format)
    data = picture.encode_pixels(pixels, read.icc, kind, QUALITY.get(kind))
    return Outcome([data], kind, *read.size, *read.size, report)


def enhance(pixels: Pixels, settings: Settings) -> Report:
    """Works on `pixels` (H×W or H×W×2..4) in place; alpha stays. Says what was done."""
    colours = _colours(pixels)
    small = _small(pixels)
    sample = _opaque(resample(small, _within(256, small)))
    gains = _balance(sample, settings.balance)
    balanced = _balanced(sample, gains)
    curve = _tone(balanced, settings.tone)
    # one table a channel does both: first the balance, then the curve
    table = _as_table(np.interp(_balanced(np.arange(256)[:, None], gains), np.arange(256), curve))
    vibrance = _vibrance_table(settings.vibrance)
    gain, offset = _local_contrast(cv2.LUT(_colours(small), table), settings.detail)
    for rows, gain_rows, offset_rows in _strips(colours, gain, offset):
        colours[rows] = _developed(colours[rows], table, gain_rows, offset_rows, vibrance)
    return _told(gains, balanced, curve)


def _colours(pixels: Pixels) -> Pixels:
    """A view of `pixels` without alpha: H×W or H×W×3."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    return pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]


def _step(pixels: Pixels) -> int:
    """How many pixels of the picture one of the small picture stands for, in each direction."""
    longest: int = max(pixels.shape[:2])
    return -(-longest // BASE_SIDE)


def _small(pixels: Pixels) -> Pixels:
    step = _step(pixels)
    height, width = pixels.shape[:2]
    return resample(pixels, (-(-width // step), -(-height // step)))


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


def _balance(sample: Pixels, strength: float) -> Floats:
    """Gains of the channels, in linear light, that bring the light to grey.

    Shades of grey (Finlayson and Trezzi 2004, p = 6) of what may be grey under coloured light: not clipped, not black,
    not vivid, or a red hat would make its wearer's face green. A cast below 4 % is left alone, and none is corrected by
    more than a third: a sunset stays one.
    """
    none: Floats = np.ones(sample.shape[1], np.float32)
    least, most = sample.min(1).astype(np.float32), sample.max(1).astype(np.float32)
    told = sample[(most < 251) & (least > 20) & (least > 0.55 * most)]
    if sample.shape[1] == 1 or len(told) < 0.05 * len(sample):
        return none
    light = (((told / 255) ** GAMMA) ** 6).mean(0) ** (1 / 6)
    gains = light.mean() / light
    if np.abs(gains - 1).max() < 0.04:
        return none
    limited: Floats = np.clip(1 + (gains - 1) * strength, 1 / 1.35, 1.35).astype(np.float32)
    return limited


def _balanced(values: Pixels, gains: Floats) -> Floats:
    """`gains` of linear light applied to 8-bit values, N×channels. White stays white."""
    hold = np.clip((255 - values) / 30, 0, 1)
    balanced: Floats = np.minimum(values * (1 + (gains ** (1 / GAMMA) - 1) * hold), 255)
    return balanced


def _tone(sample: Floats, strength: float) -> Floats:
    """256 values: levels stretched to the range, then a gamma that brings the median into the middle third.

    The ends come from the darkest and the lightest channel of each pixel, so that hardly any channel clips; a stretch
    of more than 2.2 would show steps.
    """
    low = min(60.0, float(np.percentile(sample.min(1), 0.1))) * strength
    high = 255 - (255 - max(170.0, float(np.percentile(sample.max(1), 99.9)))) * strength
    high = max(high, low + 255 / 2.2)
    levels = np.clip((np.arange(256) - low) / (high - low), 0, 1)
    middle = float(np.interp(np.median(sample.mean(1)), np.arange(256), levels))
    wanted = min(max(middle, 0.33), 0.6)
    gamma = np.log(wanted) / np.log(min(max(middle, 0.05), 0.95))
    gamma = min(max(1 + (gamma - 1) * strength, 0.55), 1.3)
    curve: Floats = 255 * levels**gamma
    return curve


def _local_contrast(small: Pixels, strength: float) -> tuple[Floats, Floats]:
    """Gain and offset of the luma at `small`'s size: what differs from a guided filter's base (He 2010) gains."""
    luma = _luma(small).astype(np.float32)
    radius = max(4, max(luma.shape) // 30)
    box = (2 * radius + 1,) * 2
    mean = cv2.boxFilter(luma, -1, box)
    variance = cv2.boxFilter(luma * luma, -1, box) - mean * mean
    edges = variance / (variance + 0.02 * 255**2)
    slope, base = cv2.boxFilter(edges, -1, box), cv2.boxFilter(mean - edges * mean, -1, box)
    middle = mean / 255
    room = strength * 4 * middle * (1 - middle)  # none in shadows and lights, where it would clip
    return 1 + room * (1 - slope), -room * base


def _luma(colours: Pixels) -> Pixels:
    return colours if colours.ndim == 2 else cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)


def _strips(colours: Pixels, gain: Floats, offset: Floats) -> Iterator[tuple[slice, Floats, Floats]]:
    """Rows of the picture, with gain and offset at its size."""
    height, width = colours.shape[:2]
    step = _step(colours)
    # each strip sees one row more of the maps at both ends, so that no seam shows
    maps = [cv2.copyMakeBorder(values, 1, 1, 0, 0, cv2.BORDER_REPLICATE) for values in (gain, offset)]
    rows = max(1, STRIP // step)
    for first in range(0, len(gain), rows):
        start, stop = first * step, min(height, (first + rows) * step)
        pieces = [values[first : first + rows + 2] for values in maps]
        whole = [cv2.resize(piece, (width, len(piece) * step))[step : step + stop - start] for piece in pieces]
        yield slice(start, stop), whole[0], whole[1]


def _developed(strip: Pixels, table: Pixels, gain: Floats, offset: Floats, vibrance: Pixels) -> Pixels:
    strip = cv2.LUT(np.ascontiguousarray(strip), table)
    if strip.ndim == 2:
        return _contrasted(strip, gain, offset)
    luma = _contrasted(cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY), gain, offset)
    strip = cv2.LUT(cv2.cvtColor(strip, cv2.COLOR_RGB2YCrCb), vibrance)
    cv2.insertChannel(luma, strip, 0)
    return cv2.cvtColor(strip, cv2.COLOR_YCrCb2RGB)


def _contrasted(luma: Pixels, gain: Floats, offset: Floats) -> Pixels:
    stronger = cv2.multiply(luma, gain, dtype=cv2.CV_32F)
    return cv2.add(stronger, offset, dtype=cv2.CV_8U)


def _vibrance_table(vibrance: float) -> Pixels:
    """Of Y, Cr and Cb: pale colours gain most, strong ones stay as they are, greys stay grey."""
    chroma = np.arange(256) - 128.0
    vivid = 128 + chroma * (1 + vibrance * np.exp(-np.abs(chroma) / 25))
    return _as_table(np.stack([np.arange(256), vivid, vivid], axis=1))


def _as_table(values: Floats) -> Pixels:
    """256×channels values as cv2.LUT takes them."""
    return values.round().clip(0, 255).astype(np.uint8).reshape(256, 1, -1)


def _told(gains: Floats, balanced: Floats, curve: Floats) -> Report:
    report: Report = {}
    if np.abs(gains - 1).max() > 0.02:
        report["cast"] = round(100 * float(np.abs(gains - 1).max()))
    before = max(1.0, float(balanced.mean()))
    lighter = round(100 * (float(np.interp(balanced, np.arange(256), curve).mean()) / before - 1))
    if abs(lighter) >= 2:
        report["lighter" if lighter > 0 else "darker"] = abs(lighter)
    return report


PRESETS = (tuple(Preset(f"preset-{strength}", f"strength={strength}") for strength in ("medium", "low", "high")),)

TOOL = Tool("enhance", 1, parse, run, PRESETS)
