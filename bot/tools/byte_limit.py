"""A picture under N bytes with the best quality that fits, in two or three full encodes.

Lossy formats: a small mosaic of the picture tells how size falls with quality; one full encode corrects the level of
that curve, the next one hits. Lossless formats, and lossy ones that would fall under STARVED, shrink.
"""

import io
import math
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from bot.domain.errors import Reason, Refused
from bot.tools import palette
from bot.tools.palette import Colours, Way
from bot.tools.picture import as_image, encode
from bot.tools.resample import Pixels, resample

LOSSY = frozenset({"JPEG", "WEBP", "AVIF"})
QUALITIES = (1, 10, 20, 35, 50, 65, 80, 90, 95)
_FINE = np.linspace(1, 95, 941)
STARVED = 35  # below this, fewer pixels look better than worse ones (SSIMULACRA2 at the same size)
AIMS = (0.975, 0.975, 0.96, 0.93, 0.88, 0.8, 0.65)  # parts of the limit to aim at, more careful with every miss
ENOUGH = 0.95  # of the limit: nothing better is looked for
MOST_ENCODES = 3  # at full size, unless still nothing fits
SMALLEST = 16  # pixels of the longest side that a picture may shrink to
NEARLY = 1.1  # times the limit: it is missed by so little that a few pixels less are milder than fewer colours
HOPELESS = 1.3  # times the limit by the sample, which is wrong by less
TILES = 5
_THOROUGH: dict[tuple[str, str], dict[str, Any]] = {  # by format and mode
    ("TIFF", "1"): {"compression": "group4"},
    ("TIFF", ""): {"compression": "tiff_adobe_deflate"},
    ("WEBP", ""): {"lossless": True},
}
_LARGE = 4_000_000  # pixels, from which on the last per cent of a PNG takes seconds


class Fitted(NamedTuple):
    """A file within the limit; `quality` is 0 where the format has none, `colours` where they are not counted."""

    data: bytes
    width: int
    height: int
    quality: int
    colours: int


def encode_within(
    image: Image.Image,
    format: str,  # noqa: A002
    limit: int,
    may_shrink: bool,
    *,
    came: Colours = (),
    jpeg_inside: bool = False,
) -> Fitted:
    """`image` as a file of at most `limit` bytes. Raises `Refused(TOO_SMALL_A_TARGET)`.

    Lossy formats, and a TIFF with a JPEG inside: fewer pixels rather than starved ones.
    The others, and a WebP of few colours, which `came` tells: without loss.
    """
    if not (jpeg_inside or _is_lossy(format, came)):
        return _lossless(image, format, limit, may_shrink, came)
    curve = _Curve(image, format)
    while may_shrink and curve.quality(limit * AIMS[0]) < STARVED and max(image.size) > SMALLEST:
        # aims above the floor, for fewer pixels cost more bits each
        image = _shrunk(image, min(0.9, (limit / curve.bytes(STARVED + 10)) ** 0.5))
        curve = _Curve(image, format)
    return _lossy(image, format, limit, curve, QUALITIES[-1])


def encode_near(
    image: Image.Image,
    format: str,  # noqa: A002
    limit: int,
    *,
    best: float,
    least: float,
    otherwise: float,
    came: Colours = (),
    jpeg_inside: bool = False,
) -> Fitted:
    """`image` with all its pixels, and in `limit` bytes where that is possible: no better than `best` or worse than
    `least`, or without more loss than a palette. Where it is not: at quality `otherwise`, or as small as it gets.
    """
    if not (jpeg_inside or _is_lossy(format, came)):
        return _smallest(image, format, limit, came)
    curve = _Curve(image, format)
    if curve.bytes(least) <= HOPELESS * limit:
        with suppress(Refused):
            fitted = _lossy(image, format, limit, curve, best)
            if fitted.quality >= least:
                return fitted
    return Fitted(encode_at(image, format, otherwise), *image.size, round(otherwise), 0)


def _is_lossy(format: str, came: Colours) -> bool:  # noqa: A002
    return format in LOSSY and not (came and format == "WEBP")


def _lossy(image: Image.Image, format: str, limit: int, curve: "_Curve", best: float) -> Fitted:  # noqa: A002
    continuous = format not in {"AVIF", "TIFF"}
    quality, data = _search(lambda quality: encode_at(image, format, quality), curve, limit, best, continuous)
    return Fitted(data, *image.size, round(quality), 0)


def _lossless(image: Image.Image, format: str, limit: int, may_shrink: bool, came: Colours) -> Fitted:  # noqa: A002
    for way in _ways(image, format, limit, came, exact=not may_shrink):
        packed = _packed(way, image, format)
        if len(packed.data) <= limit:
            return packed
        if may_shrink and len(packed.data) <= NEARLY * limit and not came:
            break
    if not may_shrink:
        raise Refused(Reason.TOO_SMALL_A_TARGET)
    return _scaled_to(image, format, limit, way, len(packed.data))


def _smallest(image: Image.Image, format: str, limit: int, came: Colours) -> Fitted:  # noqa: A002
    """The mildest within the limit; where none is, the smallest."""
    tried = []
    for way in _ways(image, format, limit, came, exact=False):
        tried.append(_packed(way, image, format))
        if len(tried[-1].data) <= limit:
            return tried[-1]
    return min(tried, key=lambda packed: len(packed.data))


def _ways(image: Image.Image, format: str, limit: int, came: Colours, exact: bool) -> list[Way]:  # noqa: A002
    """Those to try, the mildest first."""
    ways = palette.ways(image, format, came, exact)
    if len(ways) > 1 and _Sample(image).bytes(lambda tiles: encode(tiles, format)) > HOPELESS * limit:
        del ways[0]
    return ways


def _packed(way: Way, image: Image.Image, format: str) -> Fitted:  # noqa: A002
    return Fitted(_thorough(way.reduced(image), format), *image.size, 0, way.colours)


def _thorough(image: Image.Image, format: str) -> bytes:  # noqa: A002
    """Without loss, and as small as an encoder can do it in time."""
    options = _THOROUGH.get((format, image.mode)) or _THOROUGH.get((format, ""), {})
    if format == "PNG" and image.width * image.height < _LARGE:
        options = {"compress_level": 9}
    return encode(image, format, **options)


def _scaled_to(image: Image.Image, format: str, limit: int, way: Way, size: int) -> Fitted:  # noqa: A002
    """Shrunk until it fits; `size` is the file's at full size. Bytes grow with about the 1.8th power of the sides."""
    scale, best = 1.0, None
    for aim in AIMS:
        scale *= (limit * aim / size) ** (1 / 1.8)
        packed = _packed(way, _shrunk(image, scale), format)
        size = len(packed.data)
        if size <= limit and (best is None or size > len(best.data)):
            best = packed
        if (best and len(best.data) >= ENOUGH * limit) or max(packed.width, packed.height) <= SMALLEST:
            break
    if best is None:
        raise Refused(Reason.TOO_SMALL_A_TARGET)
    return best


def _search(
    encode_to: Callable[[float], bytes], curve: "_Curve", limit: int, best: float, continuous: bool
) -> tuple[float, bytes]:
    """The best quality up to `best` whose file fits, and the file. Every file that was made corrects the curve."""
    fits, too_big = (0.0, b""), math.inf
    for attempt, aim in enumerate(AIMS):
        quality = min(curve.quality(limit * aim), best)
        if not continuous:
            quality = float(min(max(round(quality), int(fits[0]) + 1), too_big - 1, best))
        data = encode_to(quality)
        curve.correct(quality, len(data))
        if len(data) > limit:
            too_big = min(too_big, quality)
        elif len(data) > len(fits[1]):
            fits = quality, data
        enough = len(fits[1]) >= ENOUGH * limit or (fits[1] and attempt >= MOST_ENCODES - 1)
        if enough or fits[0] >= best or _nothing_between(fits[0], too_big, continuous):
            break
    if not fits[1]:
        raise Refused(Reason.TOO_SMALL_A_TARGET)
    return fits


def _nothing_between(fits: float, too_big: float, continuous: bool) -> bool:
    return too_big <= QUALITIES[0] or too_big - fits <= (0.05 if continuous else 1)


class _Sample:
    """A mosaic of a picture that tells the size of the whole file: the content by area, the header once."""

    def __init__(self, image: Image.Image) -> None:
        icc = image.info.get("icc_profile", b"")
        tiles = _mosaic(np.asarray(image))
        self._tiles, self._blank = as_image(tiles, icc), as_image(np.zeros_like(tiles[:8, :8]), icc)
        self._area = image.width * image.height / (self._tiles.width * self._tiles.height)

    def bytes(self, encode_tiles: Callable[[Image.Image], bytes]) -> float:
        header = len(encode_tiles(self._blank))
        return header + max(1, len(encode_tiles(self._tiles)) - header) * self._area


class _Curve:
    """How many bytes a picture has at which quality of 1 to 95, both ways. A sample tells, whole files correct."""

    def __init__(self, image: Image.Image, format: str) -> None:  # noqa: A002
        sample = _Sample(image)
        logs = [math.log(sample.bytes(partial(encode_at, format=format, quality=at))) for at in QUALITIES]
        self._sampled = np.interp(_FINE, QUALITIES, logs)
        self._whole: dict[float, float] = {}  # quality → logarithm of what the sample was wrong by

    def correct(self, quality: float, size: int) -> None:
        self._whole[quality] = math.log(size) - float(np.interp(quality, _FINE, self._sampled))

    def bytes(self, quality: float) -> float:
        return math.exp(np.interp(quality, _FINE, self._logs()))

    def quality(self, size: float) -> float:
        return float(np.interp(math.log(size), np.maximum.accumulate(self._logs()), _FINE))

    def _logs(self) -> npt.NDArray[np.float64]:
        if not self._whole:
            return self._sampled
        at = sorted(self._whole)
        return self._sampled + np.interp(_FINE, at, [self._whole[quality] for quality in at])


def encode_at(image: Image.Image, format: str, quality: float) -> bytes:  # noqa: A002
    """`image` at any quality of 1 to 95, not only the whole ones where the format can."""
    if format == "JPEG":
        return encode(image, format, -1, qtables=_tables(quality), optimize=True)
    if format == "TIFF":
        return encode(image, format, round(quality), compression="jpeg")
    return encode(image, format, round(quality) if format == "AVIF" else quality)


def _tables(quality: float) -> list[list[int]]:
    """The JPEG standard's tables scaled as libjpeg does (jcparam.c), only not in whole steps of quality."""
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    return [[min(255, max(1, int((step * percent + 50) / 100))) for step in table] for table in _STANDARD_TABLES]


def _standard_tables() -> list[list[int]]:
    """Annex K's tables, as libjpeg writes them at quality 50."""
    written = encode(Image.new("RGB", (8, 8)), "JPEG", 50)
    with Image.open(io.BytesIO(written)) as image:
        return list(image.quantization.values())  # type: ignore[attr-defined]


_STANDARD_TABLES = _standard_tables()


def _mosaic(pixels: Pixels) -> Pixels:
    """TILES × TILES tiles, evenly spread: a quarter of the picture at most, or all of a tiny one."""
    height, width = pixels.shape[:2]
    tile = min(64, min(height, width) // (2 * TILES) // 8 * 8)
    if tile == 0:
        return pixels
    rows, columns = (np.linspace(0, side - tile, TILES).astype(int) for side in (height, width))
    return np.vstack([np.hstack([pixels[y : y + tile, x : x + tile] for x in columns]) for y in rows])


def _shrunk(image: Image.Image, scale: float) -> Image.Image:
    width, height = (max(1, round(side * scale)) for side in image.size)
    return as_image(resample(np.asarray(image), (width, height)), image.info.get("icc_profile", b""))
