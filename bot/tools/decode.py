"""A file becomes the pixels that people see: the first frame, cropped and upright, clear where it is, colours right.

Pillow, simplejpeg and OpenCV decode. What viewers know and they do not is done here, out of the container's own words:
orientation, crop, transparent colours of deep PNGs, colours told by numbers, HDR.
"""

import bisect
import io
import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import cv2
import numpy as np
import pillow_heif
import simplejpeg
from PIL import AvifImagePlugin, Image, ImageChops, ImageCms, PngImagePlugin, UnidentifiedImageError

from bot.domain.errors import Reason, Refused
from bot.domain.values import Report, Source
from bot.tools import colour, profiles
from bot.tools.colour import Colour
from bot.tools.metadata import bmp, gif, heif, jpeg, png, tiff
from bot.tools.resample import Pixels, Size, resample

# One job is one core: more threads would only take from the job beside it.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)

WORTH_SCALING = 2_000_000  # pixels; smaller photos are decoded in full, which is a little better
ANIMATED = frozenset({"GIF", "PNG", "WEBP", "AVIF", "TIFF"})  # a JPEG's or HEIC's further pictures are no frames
PngImagePlugin.MAX_TEXT_CHUNK = 4 << 20  # of a profile, which the header check has bounded by then
_OF_MANY_KINDS = frozenset({"TIFF", "BMP"})  # a sound one that does not open is of a kind that Pillow does not know
_TIFF_COMPRESSIONS = frozenset({1, 2, 3, 4, 5, 7, 8, 32773, 32946, 34925, 50000})  # that Pillow's libtiff knows
GREYS = frozenset({"1", "L", "I", "F", "I;16", "I;16L", "I;16B", "I;16N"})
TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Plan = Callable[[Size], Size]


class Decoded(NamedTuple):
    """`size` is what the header says, (width, height) upright; `told` what people should hear of how it was read."""

    pixels: Image.Image | Pixels
    icc: bytes
    size: Size
    told: Report


def decode(source: Source, plan: Plan) -> Decoded:
    """8 bits a channel in mode L, LA, RGB or RGBA. Only a JPEG comes at the size that `plan` makes of the upright one.

    Raises Refused: BROKEN, UNSUPPORTED, and what `plan` raises.
    """
    with _broken_is_refused(), _opened(source, pieces := _pieces(source)) as image:
        exif = _exif(source, image)
        if source.format == "JPEG" and image.mode in {"L", "RGB"}:
            turn = tiff.orientation(exif)
            size = image.size[::-1] if turn >= 5 else image.size
            pixels = _decode_jpeg(pieces[0], image, plan(size)[::-1] if turn >= 5 else plan(size))
            if pixels is not None:
                return Decoded(_turned(pixels, turn), _colours(source, image, exif)[0], size, {})
        return _load(source, image, exif)


def _decode_jpeg(data: memoryview | bytes, header: Image.Image, size: Size) -> Pixels | None:
    """The pixels as they are stored, at `size`; None where libjpeg complains: then Pillow's tolerance judges.

    libjpeg itself decodes to M/8 of a large photo, rounded up: its last pixels may show less than a whole one.
    """
    large = header.width * header.height > WORTH_SCALING
    width, height = size if large else header.size
    space = "GRAY" if header.mode == "L" else "RGB"
    try:
        pixels = simplejpeg.decode_jpeg(data, space, min_width=width, min_height=height, strict=True)
    except ValueError:
        return None
    pixels = pixels[..., 0] if header.mode == "L" else pixels
    part = min(8 * shown // stored for shown, stored in zip(pixels.shape[1::-1], header.size, strict=True)) / 8
    return resample(pixels, size, (header.width * part, header.height * part), in_place=True)


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    """EXIF's orientation 1-8 applied: 5 and 7 mirror along a diagonal, the even ones of the rest rotate or mirror."""
    turned: dict[int, Any] = {
        2: lambda: cv2.flip(pixels, 1),
        3: lambda: cv2.rotate(pixels, cv2.ROTATE_180),
        4: lambda: cv2.flip(pixels, 0),
        5: lambda: cv2.transpose(pixels),
        6: lambda: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
        7: lambda: cv2.flip(cv2.transpose(pixels), -1),
        8: lambda: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
    }
    return turned[orientation]() if orientation in turned else pixels


def _load(source: Source, image: Image.Image, exif: bytes) -> Decoded:
    told: Report = {}
    if source.format in ANIMATED and getattr(image, "is_animated", False):
        told["first-only"] = True
        if getattr(image, "default_image", False):
            image.seek(1)  # an APNG's picture for viewers without animation, which nobody has any more
    _read_pixels(source, image)
    icc, hdr = _colours(source, image, exif)
    seen = _eight_bits(_device_to_srgb(_with_clear_colour(source, image), icc))
    if source.format == "TIFF":
        seen = seen.copy()  # Pillow's TIFF writer would take tags along from what its reader made
        if image.mode.startswith("I;16") and tiff.first_page(source.data, tiff.PHOTOMETRIC) == 0:
            seen = ImageChops.invert(seen)  # white is 0, which Pillow heeds in 8 bits only
    if source.format == "GIF":
        seen = _clear_around(seen, gif.first_image(source.data))
    if source.format == "AVIF" and (crop := heif.crop(source.data, image.size)):
        seen = seen.crop(crop)  # libheif crops by itself, libavif leaves it to its callers
    turn = tiff.orientation(exif)
    if turn in TRANSPOSE:
        seen = seen.transpose(TRANSPOSE[turn])
    if hdr:
        seen = _from_hdr(seen, hdr)
        told["from-hdr"] = True
    icc = profiles.usable(icc, seen.mode)  # not the one of inks, which are sRGB now
    return Decoded(profiles.bare(seen, icc), icc, seen.size, told)


def _read_pixels(source: Source, image: Image.Image) -> None:
    """Raises Refused(UNSUPPORTED) where a sound file is packed in a way that is not known, or wrongly read."""
    if source.format == "TIFF" and _is_read_wrongly(source.data):
        raise Refused(Reason.UNSUPPORTED)
    try:
        image.load()
    except (OSError, SyntaxError, EOFError, RuntimeError, ValueError):
        if not _is_packed_as_we_know(source):
            raise Refused(Reason.UNSUPPORTED) from None
        raise


def _is_read_wrongly(data: memoryview) -> bool:
    """16 bits a colour, each colour in a plane of its own: Pillow 13 takes one plane for all."""
    return tiff.first_page(data, tiff.PLANAR) == 2 and tiff.first_page(data, tiff.BITS) == 16


def _is_packed_as_we_know(source: Source) -> bool:
    if source.format == "TIFF":
        return (tiff.first_page(source.data, tiff.COMPRESSION) or 1) in _TIFF_COMPRESSIONS
    return source.format != "HEIF" or heif.has_hevc(source.data)


def _exif(source: Source, image: Image.Image) -> bytes:
    """EXIF from its TIFF header on; b"" where the decoder has turned the picture by itself."""
    if source.format == "JPEG":
        return jpeg.exif(source.data)
    if source.format == "PNG":
        return png.exif(source.data)
    if source.format in {"TIFF", "HEIF"}:
        return b""
    return tiff.bare_exif(image.info.get("exif", b""))


def _colours(source: Source, image: Image.Image, exif: bytes) -> tuple[bytes, str]:
    """The profile that says which colours the pixels mean, b"" for sRGB; and the kind of HDR, "" for none."""
    mode = _mode_to_be(image)
    icc = profiles.usable(_stored_profile(source, image), mode)
    told = _numbers(source, has_profile=bool(icc))
    if told is None and not icc and tiff.is_adobe_rgb(exif):
        told = colour.ADOBE_RGB
    if told is None or mode not in {"L", "LA", "RGB", "RGBA"}:  # inks
        return icc, ""
    return colour.profile(told, grey=mode in {"L", "LA"}), told.hdr


def _stored_profile(source: Source, image: Image.Image) -> object:
    """Of JPEG also one that comes late, of BMP the one that Pillow does not look for."""
    if source.format == "JPEG":
        return jpeg.profile(source.data)
    return bmp.profile(source.data) if source.format == "BMP" else image.info.get("icc_profile")


def _numbers(source: Source, has_profile: bool) -> Colour | None:
    """What the container says by numbers, unless its profile comes before them: then None."""
    if source.format == "PNG":
        return png.colour_of(source.data)
    if source.format in {"AVIF", "HEIF"} and not has_profile:
        return heif.colour_of(source.data)
    return None


def _mode_to_be(image: Image.Image) -> str:
    """The mode that `image` will have: without palette and with 8 bits."""
    if image.mode in {"P", "PA"}:
        return "RGB"
    return "L" if image.mode in GREYS else image.mode


def _with_clear_colour(source: Source, image: Image.Image) -> Image.Image:
    """A PNG of few or many bits with the one colour that it calls clear made so; Pillow compares in 8 bits only."""
    if source.format != "PNG" or (key := png.clear_colour(source.data)) is None or png.depth(source.data) == 8:
        return image
    if len(key) == 3:
        deep: Any = cv2.imdecode(np.frombuffer(b"".join(png.picture(source.data)), np.uint8), cv2.IMREAD_UNCHANGED)
        return Image.fromarray(cv2.cvtColor((deep >> 8).astype(np.uint8), cv2.COLOR_BGRA2RGBA))
    clear = np.asarray(image).astype(np.int64) == key[0] * png.white(source.data)
    grey = _eight_bits(_without_transparency(image))
    grey.putalpha(Image.fromarray(np.where(clear, 0, 255).astype(np.uint8)))
    return grey


def _clear_around(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """A GIF with what its first frame does not cover clear, as viewers show it."""
    if box[0] <= 0 and box[1] <= 0 and box[2] >= image.width and box[3] >= image.height:
        return image
    covered = Image.new("L", image.size)
    covered.paste(255, box)
    clear = image.convert("LA" if image.mode in {"L", "LA"} else "RGBA")
    clear.putalpha(ImageChops.multiply(clear.getchannel("A"), covered))
    return clear


def _without_transparency(image: Image.Image) -> Image.Image:
    image.info.pop("transparency", None)
    return image


def _device_to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """CMYK and LAB as sRGB, through the profile where there is one; any other image as it is.

    A JPEG's inks are taken for inverted ones, as Adobe writes them, with Adobe's marker or without: so do all viewers.
    """
    if image.mode == "CMYK":
        return profiles.through(image, io.BytesIO(icc)) if icc else image.convert("RGB")
    if image.mode == "LAB":
        return profiles.through(image, ImageCms.createProfile("LAB"))
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """`image` in mode L, LA, RGB or RGBA: palettes looked up, deep greys scaled and not clipped."""
    if image.mode in GREYS - {"1", "L"}:
        return _grey_of_deep(image)
    transparent = image.has_transparency_data
    if image.mode in {"1", "L", "LA", "La"}:
        wanted = "LA" if transparent else "L"
    else:
        wanted = "RGBA" if transparent else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _grey_of_deep(image: Image.Image) -> Image.Image:
    """16 bits by their full range; 32-bit integers and floats by the smallest usual range that holds them."""
    pixels = np.nan_to_num(np.asarray(image).astype(np.float32))
    peak = float(pixels.max(initial=0))
    if image.mode.startswith("I;16") or peak > 255:
        white = max(65535.0, peak)
    else:
        white = 1.0 if image.mode == "F" and peak <= 1 else 255.0
    return Image.fromarray(np.clip(pixels * (255 / white) + 0.5, 0, 255).astype(np.uint8))


def _from_hdr(image: Image.Image, hdr: str) -> Image.Image:
    """`image` in SDR; one pixel in a thousand may be brighter than what counts as its brightest."""
    colours = len(image.mode.rstrip("A"))
    levels = np.reshape(image.histogram(), (-1, 256))[:colours].cumsum(axis=1)
    brightest = int((levels < 0.999 * levels[:, -1:]).sum(axis=1).max())
    curve = colour.tone_curve(hdr, brightest).tolist()
    return image.point(curve * colours + list(range(256)) * (len(image.mode) - colours))


@contextmanager
def _opened(source: Source, pieces: Sequence[memoryview | bytes]) -> Iterator[Image.Image]:
    try:
        image = Image.open(_File(pieces), formats=[source.format])  # type: ignore[arg-type]
    except (UnidentifiedImageError, OSError, KeyError, NotImplementedError):
        raise Refused(Reason.UNSUPPORTED if _of_unknown_kind(source) else Reason.BROKEN) from None
    with image:
        yield image


def _pieces(source: Source) -> Sequence[memoryview | bytes]:
    """The file as decoders want it: a PNG without all that is no picture, a JPEG with its end, an AVIF in order."""
    if source.format == "PNG":
        return png.picture(source.data)
    if source.format == "JPEG" and not jpeg.has_end(source.data):
        ended = bytes(source.data) + jpeg.END
        return [ended if _is_whole(ended) else source.data]
    if source.format == "AVIF":
        return [heif.with_one_ipma(heif.whole(source.data))]
    if source.format == "HEIF":
        return [heif.whole(source.data)]
    return [source.data]


def _is_whole(data: bytes) -> bool:
    """True if libjpeg finds all of a JPEG's picture and nothing to complain of."""
    try:
        space = {1: "GRAY", 4: "CMYK"}.get(jpeg.components(memoryview(data)), "RGB")
        simplejpeg.decode_jpeg(data, space, min_width=1, min_height=1, strict=True)
    except ValueError:
        return False
    return True


def _of_unknown_kind(source: Source) -> bool:
    """Whether a file that does not open is sound, and only of a kind that is not supported."""
    if source.format == "JPEG":
        return jpeg.precision(source.data) != 8
    return source.format in _OF_MANY_KINDS or not _is_packed_as_we_know(source)


@contextmanager
def _broken_is_refused() -> Iterator[None]:
    """Whatever a decoder raises on a file is the file's fault. Running out of memory is not, nor what did not load."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of broken EXIF in good photos, too
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (MemoryError, Refused, ImportError):
        raise
    except Exception as broken:
        if type(broken) is LookupError:  # a codec; IndexError and KeyError are LookupErrors, too
            raise
        raise Refused(Reason.BROKEN) from broken


class _File(io.RawIOBase):
    """Memoryviews, one after the other, as a file that is read piece by piece: `BytesIO` would copy the photo first."""

    def __init__(self, pieces: Sequence[memoryview | bytes]) -> None:
        self._pieces = pieces
        self._ends = list(itertools.accumulate(map(len, pieces)))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._ends[-1]}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = self._ends[-1] if size is None or size < 0 else min(self._at + size, self._ends[-1])
        read = b"".join(self._between(self._at, end))
        self._at += len(read)
        return read

    def _between(self, at: int, end: int) -> Iterator[memoryview | bytes]:
        for number in range(bisect.bisect_right(self._ends, at), len(self._pieces)):
            piece = self._pieces[number]
            start = self._ends[number] - len(piece)
            if start >= end:
                return
            yield piece[max(at - start, 0) : end - start]
