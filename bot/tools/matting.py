"""From a coarse mask to an alpha channel that follows hair and fur, and to the subject's own colours at its edge.

Both are estimated on the picture made small, as maps that say how alpha and colours follow from a pixel; the full
picture is then worked on strip by strip. So 50 megapixels cost no more memory than a few strips.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from bot.tools.resample import Pixels, Size, resample
from bot.tools.segmentation import Mask

BASE_SIDE = 480  # pixels of the longest side at which the maps are estimated; 640 and 1024 are no better (measured)
STRIP = 128  # rows at work at once
_RADII = (1 / 80, 1 / 200)  # of the guided filter's two rounds, parts of the longest side
_SMOOTH = 1e-4  # its epsilon: how much contrast of the picture counts as an edge, squared
_REACH = (1 / 14, 1 / 80)  # how far colours are looked for, parts of the longest side
_TRIM = 0.05  # what is nearly clear or nearly opaque becomes so


class Matte(NamedTuple):
    """Maps at `BASE_SIDE`: alpha = red·maps[0] + green·maps[1] + blue·maps[2] + maps[3], colours as parts of 1."""

    alpha: Mask  # H×W×4
    inside: Mask  # H×W×3: the subject's colours, smooth
    outside: Mask  # H×W×3: what is behind it


class Strip(NamedTuple):
    """Some rows of the full picture: `alpha` H×W from 0 to 1, `colours` H×W×3 of the subject alone, 8 bits."""

    rows: slice
    alpha: Mask
    colours: Pixels


def estimate(pixels: Pixels, mask: Mask) -> Matte:
    """The maps of RGB `pixels` (H×W×3, 8 bits) whose subject is where `mask` (of any size) says."""
    size = base_size(pixels)
    small = resample(pixels, size).astype(np.float32) / 255
    alpha = np.clip(cv2.resize(mask, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    for part in _RADII:
        maps = _guided(small, alpha, _radius(part, size))
        alpha = _alpha(small, maps)
    return Matte(maps, *_colours(small, alpha))


def base_size(pixels: Pixels) -> Size:
    """(width, height) of the picture made small."""
    height, width = pixels.shape[:2]
    scale = min(1.0, BASE_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def strips(pixels: Pixels, matte: Matte) -> Iterator[Strip]:
    """The full picture. What is behind the subject is taken out of the colours where both share a pixel."""
    size = pixels.shape[1::-1]
    for rows in _rows(len(pixels)):
        strip = pixels[rows]
        alpha = _alpha(strip.astype(np.float32) * (1 / 255), enlarged(matte.alpha, size, rows))
        mixed = (alpha > 0) & (alpha < 1)
        colours = strip
        if mixed.any():
            colours = strip.copy()
            pure = _unmixed(strip, alpha, mixed, *(enlarged(maps, size, rows) for maps in matte[1:]))
            colours[mixed] = np.clip(pure * 255 + 0.5, 0, 255).astype(np.uint8)
        yield Strip(rows, alpha, colours)


def _rows(height: int) -> Iterator[slice]:
    for first in range(0, height, STRIP):
        yield slice(first, min(height, first + STRIP))


def _radius(part: float, size: Size) -> int:
    return max(2, round(part * max(size)))


def _box(values: Mask, radius: int) -> Mask:
    blurred: Mask = cv2.boxFilter(values, -1, (2 * radius + 1,) * 2, borderType=cv2.BORDER_REFLECT)
    return blurred


def _guided(picture: Mask, alpha: Mask, radius: int) -> Mask:
    """Coefficients of the guided filter with a colour guide (He, Sun and Tang 2010, eq. 14), H×W×4.

    They say how alpha follows from the colours nearby, so they serve at any size (He and Sun 2015).
    """
    mean, mean_alpha = _box(picture, radius), _box(alpha, radius)
    covariance = _box(picture * alpha[..., None], radius) - mean * mean_alpha[..., None]
    slope = _solved(_variances(picture, mean, radius), covariance)
    offset = mean_alpha - (slope * mean).sum(2)
    return _box(np.dstack([slope, offset]), radius)


def _variances(picture: Mask, mean: Mask, radius: int) -> dict[str, Mask]:
    """The six different ones of the 3×3 covariance matrix of the colours nearby, smoothed on the diagonal."""
    names = {"rr": (0, 0), "rg": (0, 1), "rb": (0, 2), "gg": (1, 1), "gb": (1, 2), "bb": (2, 2)}
    found = {}
    for name, (one, two) in names.items():
        found[name] = _box(picture[..., one] * picture[..., two], radius) - mean[..., one] * mean[..., two]
        if one == two:
            found[name] += _SMOOTH
    return found


def _solved(v: dict[str, Mask], right: Mask) -> Mask:
    """The symmetric 3×3 systems solved for each pixel, by cofactors."""
    rr = v["gg"] * v["bb"] - v["gb"] ** 2
    rg = v["gb"] * v["rb"] - v["rg"] * v["bb"]
    rb = v["rg"] * v["gb"] - v["gg"] * v["rb"]
    gg = v["rr"] * v["bb"] - v["rb"] ** 2
    gb = v["rb"] * v["rg"] - v["rr"] * v["gb"]
    bb = v["rr"] * v["gg"] - v["rg"] ** 2
    determinant = rr * v["rr"] + rg * v["rg"] + rb * v["rb"]
    r, g, b = right[..., 0], right[..., 1], right[..., 2]
    solution: Mask = np.dstack([rr * r + rg * g + rb * b, rg * r + gg * g + gb * b, rb * r + gb * g + bb * b])
    solution /= determinant[..., None]
    return solution


def alpha_of(picture: Mask, matte: Matte) -> Mask:
    """H×W from 0 to 1, of the picture made small: H×W×3, parts of 1."""
    return _alpha(picture, matte.alpha)


def _alpha(picture: Mask, maps: Mask) -> Mask:
    red, green, blue, followed = cv2.split(maps)  # planes: half the time of sums over a last axis of three
    for slope, colour in zip((red, green, blue), cv2.split(picture), strict=True):
        followed += cv2.multiply(slope, colour, dst=slope)
    followed -= _TRIM
    followed *= 1 / (1 - 2 * _TRIM)
    alpha: Mask = np.clip(followed, 0, 1, out=followed)
    return alpha


def _colours(picture: Mask, alpha: Mask) -> tuple[Mask, Mask]:
    """Smooth colours of the subject and of what is behind it, by blur fusion in two rounds (Forte 2021)."""
    share = alpha[..., None]
    inside = outside = picture
    for part in _REACH:
        radius = _radius(part / 2, picture.shape[1::-1])
        near = _box(alpha, radius)[..., None]
        smooth = _box(inside * share, radius) / (near + 1e-5)
        background_photo = _box(outside * (1 - share), radius) / (1 - near + 1e-5)
        inside = np.clip(smooth + share * (picture - share * smooth - (1 - share) * background_photo), 0, 1)
        outside = background_photo
    return smooth, background_photo


def _unmixed(strip: Pixels, alpha: Mask, mixed: Mask, inside: Mask, outside: Mask) -> Mask:
    """N×3 colours, parts of 1, of the subject alone in the pixels that it shares."""
    share, smooth, background_photo = alpha[mixed][:, None], inside[mixed], outside[mixed]
    seen = strip[mixed].astype(np.float32) / 255
    pure: Mask = smooth + share * (seen - share * smooth - (1 - share) * background_photo)
    return pure


def enlarged(maps: Mask, size: Size, rows: slice) -> Mask:
    """`rows` of `maps` (or of a small picture) at `size` = (width, height), each pixel's centre on its place."""
    across, down = maps.shape[1] / size[0], maps.shape[0] / size[1]
    place = np.array([[across, 0, across / 2 - 0.5], [0, down, (rows.start + 0.5) * down - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = (size[0], rows.stop - rows.start)
    return cv2.warpAffine(maps, place, strip, flags=flags, borderMode=cv2.BORDER_REPLICATE)
