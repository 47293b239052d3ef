"""Photos in and out of the jail's child: decoded upright, colours right; encoded as pixels and a profile, no more.

Source ──> read() ──> Picture (an array, for OpenCV) ──> as_image() ──┐
     └──> open_upright() ──> PIL image ──────────────────────────────>┴─> encode() ──> bytes
"""

import io
from typing import Any, NamedTuple

import numpy as np
import simplejpeg
from PIL import Image

from bot.domain.errors import Reason, Refused
from bot.domain.values import Report, Source
from bot.tools import profiles
from bot.tools.decode import Plan, decode
from bot.tools.metadata import jpeg
from bot.tools.resample import Pixels, Size, resample

WHITE = (255, 255, 255)
FINISHED_AS = {"HEIF": "JPEG", "GIF": "PNG", "BMP": "PNG"}  # a photo that was worked on; others keep their format
FINISHED_QUALITY = {"JPEG": 92}
LONGEST_SIDE = {"JPEG": 65_500, "WEBP": 16_383, "AVIF": 32_768, "GIF": 65_535}  # pixels that encoders and viewers take
WITH_ALPHA = frozenset({"PNG", "WEBP", "AVIF", "TIFF", "GIF"})
WITH_PROFILE = frozenset({"JPEG", "PNG", "WEBP", "AVIF", "TIFF"})


class Picture(NamedTuple):
    """An upright picture as an array, for OpenCV.

    `pixels` is H×W (grey) or H×W×2, 3 or 4 (grey+alpha, RGB, RGBA) of 8 bits; `icc` a profile or b""; `size` what the
    photo's header says, (width, height) upright; `told` what people should hear of how it was read.
    """

    pixels: Pixels
    icc: bytes
    size: Size
    told: Report


def open_upright(source: Source) -> Image.Image:
    """The first frame of `source` as people see it: L, LA, RGB or RGBA of 8 bits; `info` holds at most `icc_profile`.

    Raises `Refused(BROKEN)`.
    """
    pixels, icc, _, _ = decode(source, lambda size: size)
    return pixels if isinstance(pixels, Image.Image) else as_image(pixels, icc)


def read(source: Source, plan: Plan = lambda size: size) -> Picture:
    """What `open_upright` opens, as an array: of a JPEG no second copy is made on the way.

    `plan` says from the upright size at which size it shall come. Raises `Refused(BROKEN)`, and what `plan` raises.
    """
    image, icc, size, told = decode(source, plan)
    return Picture(resample(np.asarray(image), plan(size)), icc, size, told)


def as_image(pixels: Pixels, icc: bytes = b"") -> Image.Image:
    return profiles.bare(Image.fromarray(pixels), icc)


def encode(image: Image.Image, format: str, quality: float | None = None, **options: Any) -> bytes:  # noqa: A002
    """`image` as a file of `format` (Pillow's spelling) with no metadata but its ICC profile, where the format has one.

    Raises Refused(SIDE_TOO_LONG).

    `quality` is the encoder's own scale; without it, one at which people do not tell the difference. Alpha goes onto
    white where the format has none. `options` are Pillow's for that encoder and win over the ones chosen here.
    """
    must_fit(format, image.size)
    if has_alpha(image) and format not in WITH_ALPHA:
        image = flatten(image)
    if format not in WITH_PROFILE:
        image = profiles.told_by_values(image)
    chosen: dict[str, Any] = dict(SAVING[format])
    if image.width * image.height > LARGE:
        chosen |= SAVING_LARGE.get(format, {})
    if quality is not None:
        chosen["quality"] = quality
    icc = image.info.get("icc_profile", b"")
    out = io.BytesIO()
    # Pillow would take what `info` holds by itself; an explicit profile, or an explicit None, decides.
    image.save(out, format, icc_profile=icc or None if format in WITH_PROFILE else None, **chosen | options)
    return out.getvalue()


def encode_pixels(pixels: Pixels, icc: bytes, format: str, quality: float | None = None) -> bytes:  # noqa: A002
    """`encode` for an array. An opaque JPEG is made straight from it: no second copy of a large picture."""
    if format != "JPEG" or pixels.shape[2:] in {(2,), (4,)}:
        return encode(as_image(pixels, icc), format, quality)
    must_fit(format, (pixels.shape[1], pixels.shape[0]))
    space, sampling = ("RGB", "420") if pixels.ndim == 3 else ("GRAY", "Gray")
    quality = round(quality or SAVING["JPEG"]["quality"])
    bare = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels).reshape(*pixels.shape[:2], -1), quality, space, sampling)
    head = 4 + int.from_bytes(bare[4:6], "big")  # SOI and the JFIF segment, which has to come first
    return b"".join([bare[:head], *jpeg.profile_segments(icc), bare[head:]])


def must_fit(format: str, size: Size) -> None:  # noqa: A002
    """Raises Refused(SIDE_TOO_LONG) for a side that the encoder does not take."""
    most = LONGEST_SIDE.get(format, max(size))
    if max(size) > most:
        raise Refused(Reason.SIDE_TOO_LONG, most)


SAVING: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 88, "subsampling": "4:2:0"},
    "PNG": {"compress_level": 3},
    "WEBP": {"quality": 85, "method": 3, "exact": False},
    "AVIF": {"quality": 75, "speed": 8, "max_threads": 1},
    "TIFF": {"compression": "tiff_lzw"},
    "BMP": {},
    "GIF": {},
}
LARGE = 16_000_000  # pixels, from which on an encoder's thoroughness takes longer than people wait
SAVING_LARGE = {  # at 50 megapixels, for 2 % more bytes: 1.4 s instead of 12.9; for as many: 4.0 s instead of 6.6
    "WEBP": {"method": 1},
    "AVIF": {"speed": 10},
}


def has_alpha(image: Image.Image) -> bool:
    return image.mode in {"LA", "RGBA"}


def flatten(image: Image.Image) -> Image.Image:
    """`image` on white, without alpha; its profile is kept."""
    colours = image.mode[:-1]
    paper = Image.new(colours, image.size, WHITE if colours == "RGB" else 255)
    paper.paste(image.convert(colours), mask=image.getchannel("A"))
    return profiles.bare(paper, image.info.get("icc_profile", b""))
