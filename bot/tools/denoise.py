"""Noise: how much of it a photo has, and the photo without most of it. A clean photo is left as it is.

Noise in colour is smoothed more than noise in light: people see grain as texture, and coloured blotches as dirt.
"""

from typing import NamedTuple

import cv2
import numpy as np

from bot.tools.resample import Floats, Pixels

REACH = 10  # rows above and below that a filtered row depends on, at most; even
CLEAN = 0.9  # levels of 255: below it there is nothing to see, and nothing is done
LUMA_REACH = 2.2  # how many spreads of the noise two pixels may differ and still count as the same
CHROMA_REACH = 4.0
_MOST_SPACE = 2.5  # pixels, the spread of the strongest filter

TILE = 32  # pixels
MOST_TILES = 500
# The following were measured on the 24 Kodak photos and 41 of CID22, as they are, noisy, and as JPEGs.
FLATTEST = 0.1  # the part of the tiles that is taken for flat
ALIKE = 0.6  # the least that the flattest tiles' spread is of that of many, where it is noise
TEXTURE = 1.2  # the least variance of texture at half the size, of that at full size; of noise it is 0.25
COARSE = 2.5  # levels: where only half the size shows noise, less of it is more likely texture
CHROMA_TELLS = 0.5  # where texture hides the noise of light, that of colour still tells of it
CHROMA_OF_LUMA = 0.4  # at half the size, of a camera's noise; JPEG hides it from the measurement, not from the eye

# Edges leave nothing behind this mask, independent noise its own spread (Immerkær 1996, "Fast noise variance
# estimation"); the mean of a normal distribution's absolute values is sqrt(2 / pi) of its spread.
_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
_SPREAD = float(np.sqrt(np.pi / 2))


class Noise(NamedTuple):
    """Standard deviations in levels of 255: of light, and of colour at half the size."""

    luma: float
    chroma: float

    @property
    def clean(self) -> bool:
        return self.luma < CLEAN


def estimate(pixels: Pixels) -> Noise:
    """The noise of the flattest of many tiles, spread over `pixels` (H×W or H×W×2..4); what is clear does not count."""
    tiles = _tiles(pixels[..., None] if pixels.ndim == 2 else pixels)
    if len(tiles) < 4:  # too few to tell
        return Noise(0, 0)
    if tiles.shape[3] == 1:
        return Noise(_luma(tiles[..., 0].astype(np.float32)), 0)
    spaces = np.stack([cv2.cvtColor(tile, cv2.COLOR_RGB2YCrCb) for tile in tiles]).astype(np.float32)
    halves = _halved(spaces[..., 1:])
    chroma = max(_flattest(halves[..., 0]), _flattest(halves[..., 1]))
    luma = max(_luma(spaces[..., 0]), 2 * chroma if chroma > CHROMA_TELLS else 0.0)
    return Noise(luma, max(chroma, CHROMA_OF_LUMA * luma))


def _tiles(pixels: Pixels) -> Pixels:
    """At most MOST_TILES tiles, N×TILE×TILE×1 or 3, none of them clear, or clipped where noise would be."""
    height, width, channels = pixels.shape
    step = max(TILE, int((height * width / MOST_TILES) ** 0.5))
    places = [(y, x) for y in range(0, height - TILE + 1, step) for x in range(0, width - TILE + 1, step)]
    tiles = np.array([pixels[y : y + TILE, x : x + TILE] for y, x in places]).reshape(-1, TILE, TILE, channels)
    if channels in {2, 4}:
        tiles = tiles[tiles[..., -1].min((1, 2)) == 255][..., :-1]
    inside = (tiles > 3) & (tiles < 252)
    return np.ascontiguousarray(tiles[inside.mean((1, 2, 3)) > 0.95])


def _luma(tiles: Floats) -> float:
    """The spread of the noise in tiles, N×S×S, also of what JPEG left of it at half the size."""
    coarse = 2 * _flattest(_halved(tiles)) if _alike(_spreads(tiles)) else 0.0
    return max(_flattest(tiles), coarse if coarse > COARSE else 0.0)


def _flattest(tiles: Floats) -> float:
    """The spread of the independent noise in tiles, N×S×S; 0 where only some of them have any: then it is texture.

    The means of four pixels keep a quarter of its variance, but all and more of the texture of a photo, which is hardly
    ever sharp to the pixel. So the same at half the size tells how much of the spread is noise.
    """
    full, half = _spreads(tiles), _spreads(_halved(tiles))
    if not _alike(full):
        return 0.0
    flat = full <= np.quantile(full, FLATTEST)
    full, half = full[flat].mean() ** 2, half[flat].mean() ** 2
    return float(np.sqrt(max(0.0, TEXTURE * full - half) / (TEXTURE - 0.25)))


def _alike(spreads: Floats) -> bool:
    few, many = np.quantile(spreads, [0.02, 0.3])
    return bool(few > ALIKE * many)


def _spreads(tiles: Floats) -> Floats:
    side = tiles.shape[1] - 2
    rest = sum(_MASK[y, x] * tiles[:, y : y + side, x : x + side] for y in range(3) for x in range(3))
    spreads: Floats = np.abs(rest).mean((1, 2)) * _SPREAD
    return spreads


def _halved(tiles: Floats) -> Floats:
    """Means of 2×2 pixels, N×S×S or N×S×S×C."""
    rows = tiles[:, ::2] + tiles[:, 1::2]
    means: Floats = (rows[:, :, ::2] + rows[:, :, 1::2]) / 4
    return means


def smooth(colours: Pixels, noise: Noise) -> Pixels:
    """`colours` (H×W or H×W×3, 8 bits) as floats without most of `noise`; what stands out of it stays.

    Bilateral filters (Tomasi and Manduchi 1998): of light at full size, of colour at half of it, twice as wide.
    """
    values = colours.astype(np.float32)
    if noise.clean:
        return values
    if colours.ndim == 2:
        return _bilateral(values, noise.luma, LUMA_REACH)
    values = np.asarray(cv2.cvtColor(values, cv2.COLOR_RGB2YCrCb), np.float32)
    cv2.insertChannel(_bilateral(cv2.extractChannel(values, 0), noise.luma, LUMA_REACH), values, 0)
    for channel in (1, 2):
        cv2.insertChannel(_smooth_chroma(cv2.extractChannel(values, channel), noise.chroma), values, channel)
    return cv2.cvtColor(values, cv2.COLOR_YCrCb2RGB)


def _smooth_chroma(plane: Floats, sigma: float) -> Floats:
    height, width = plane.shape
    even = cv2.copyMakeBorder(plane, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    half = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
    whole = cv2.resize(_bilateral(half, sigma, CHROMA_REACH), even.shape[1::-1])
    return np.ascontiguousarray(whole[:height, :width])


def _bilateral(plane: Floats, sigma: float, reach: float) -> Floats:
    space = min(_MOST_SPACE, 1 + sigma / 6)
    diameter = 5 if space < 1.7 else 7 if space < 2.2 else 9
    return cv2.bilateralFilter(plane, diameter, reach * sigma, space)
