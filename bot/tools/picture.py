"""Photos in and out of the jail's child: decoded upright, colours right; encoded as pixels and a profile, no more.

Source ──> read() ──> Picture (an array, for OpenCV) ──> as_image() ──┐
     └──> open_upright() ──> PIL image ──────────────────────────────>┴─> encode() ──> bytes
"""

import io
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import cv2
import numpy as np
import pillow_heif
import simplejpeg
from PIL import AvifImagePlugin, ExifTags, Image, ImageChops, ImageCms

from bot.errors import Reason, Refused
from bot.model import Source
from bot.tools.resample import Pixels, Size, resample

# One job is one core: more threads would only take from the job beside it.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)

SRGB = ImageCms.createProfile("sRGB")
WHITE = (255, 255, 255)
WORTH_SCALING = 2_000_000  # pixels; smaller photos are decoded in full, which is a little better
FINISHED_AS = {"HEIF": "JPEG", "GIF": "PNG", "BMP": "PNG"}  # a photo that was worked on; others keep their format
FINISHED_QUALITY = {"JPEG": 92}
LONGEST_SIDE = {"WEBP": 16_383}  # pixels
WITH_ALPHA = frozenset({"PNG", "WEBP", "AVIF", "TIFF", "GIF"})
ANIMATED = frozenset({"GIF", "PNG", "WEBP", "AVIF", "TIFF"})  # a JPEG's or HEIC's further pictures are no frames
WITH_PROFILE = frozenset({"JPEG", "PNG", "WEBP", "AVIF", "TIFF"})
MODES_OF_SPACE = {"RGB ": frozenset({"RGB", "RGBA"}), "GRAY": frozenset({"L", "LA"}), "CMYK": frozenset({"CMYK"})}

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


class Picture(NamedTuple):
    """An upright picture as an array, for OpenCV.

    `pixels` is H×W (grey) or H×W×2, 3 or 4 (grey+alpha, RGB, RGBA) of 8 bits; `icc` a profile or b""; `size` what the
    photo's header says, (width, height) upright; `animated` whether only the first of several frames is here.
    """

    pixels: Pixels
    icc: bytes
    size: Size
    animated: bool


def open_upright(source: Source) -> Image.Image:
    """The first frame of `source` as people see it: L, LA, RGB or RGBA of 8 bits; `info` holds at most `icc_profile`.

    Raises `Refused(BROKEN)`.
    """
    pixels, icc, _, _ = _decode(source, lambda size: size)
    return pixels if isinstance(pixels, Image.Image) else as_image(pixels, icc)


def read(source: Source, plan: Plan = lambda size: size) -> Picture:
    """What `open_upright` opens, as an array: of a JPEG no second copy is made on the way.

    `plan` says from the upright size at which size it shall come. Raises `Refused(BROKEN)`, and what `plan` raises.
    """
    image, icc, size, animated = _decode(source, plan)
    return Picture(resample(np.asarray(image), plan(size)), icc, size, animated)


def as_image(pixels: Pixels, icc: bytes = b"") -> Image.Image:
    return _bare(Image.fromarray(pixels), icc)


def encode(image: Image.Image, format: str, quality: float | None = None, **options: Any) -> bytes:  # noqa: A002
    """`image` as a file of `format` (Pillow's spelling) with no metadata but its ICC profile, where the format has one.

    `quality` is the encoder's own scale; without it, one at which people do not tell the difference. Alpha goes onto
    white where the format has none. `options` are Pillow's for that encoder and win over the ones chosen here.
    """
    if has_alpha(image) and format not in WITH_ALPHA:
        image = flatten(image)
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
    space, sampling = ("RGB", "420") if pixels.ndim == 3 else ("GRAY", "Gray")
    quality = round(quality or SAVING["JPEG"]["quality"])
    bare = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels).reshape(*pixels.shape[:2], -1), quality, space, sampling)
    head = 4 + int.from_bytes(bare[4:6], "big")  # SOI and the JFIF segment, which has to come first
    return b"".join([bare[:head], *_profile_segments(icc), bare[head:]])


def _profile_segments(icc: bytes) -> list[bytes]:
    """APP2 segments of at most 64 KB, numbered (ICC.1:2022, B.4)."""
    room = 65_519
    pieces = [icc[start : start + room] for start in range(0, len(icc), room)]
    return [
        b"\xff\xe2" + (len(piece) + 16).to_bytes(2, "big") + b"ICC_PROFILE\0" + bytes([number, len(pieces)]) + piece
        for number, piece in enumerate(pieces, 1)
    ]


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


def in_space(colour: tuple[int, int, int], icc: bytes) -> tuple[int, int, int]:
    """An sRGB colour as the same colour in the space that `icc` describes; b"" is sRGB."""
    red, green, blue = converted(Image.new("RGB", (1, 1), colour), icc).getpixel((0, 0))  # type: ignore[misc]
    return int(red), int(green), int(blue)


def converted(image: Image.Image, icc: bytes) -> Image.Image:
    """RGB of `image` (its own profile, else sRGB) in the space that `icc` describes; b"" is sRGB."""
    own = image.info.get("icc_profile", b"") if image.mode == "RGB" else b""
    image = image.convert("RGB")
    if own == icc:
        return image
    source, target = (ImageCms.ImageCmsProfile(io.BytesIO(each)) if each else SRGB for each in (own, icc))
    new = ImageCms.profileToProfile(image, source, target, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB")
    assert new is not None  # None comes only with inPlace
    return new


def to_srgb(image: Image.Image) -> Image.Image:
    """RGB of an opaque `image` in sRGB, through its own profile where it has one that can be used."""
    if icc := image.info.get("icc_profile"):
        with suppress(ImageCms.PyCMSError):
            return _bare(_through(image, io.BytesIO(icc)), b"")
    return _bare(image.convert("RGB"), b"")


def has_alpha(image: Image.Image) -> bool:
    return image.mode in {"LA", "RGBA"}


def flatten(image: Image.Image) -> Image.Image:
    """`image` on white, without alpha; its profile is kept."""
    colours = image.mode[:-1]
    paper = Image.new(colours, image.size, WHITE if colours == "RGB" else 255)
    paper.paste(image.convert(colours), mask=image.getchannel("A"))
    return _bare(paper, image.info.get("icc_profile", b""))


def _bare(image: Image.Image, icc: bytes) -> Image.Image:
    """`image` with nothing in `info` but `icc`."""
    image.info = {"icc_profile": icc} if icc else {}
    return image


def _decode(source: Source, plan: Plan) -> tuple[Image.Image | Pixels, bytes, Size, bool]:
    """Upright, with profile, upright size and whether it is animated; only a JPEG comes as `plan` wants it."""
    with _broken_is_refused(), Image.open(_File(source.data), formats=[source.format]) as image:  # type: ignore[arg-type]
        if source.format == "JPEG" and image.mode in {"L", "RGB"}:
            turn = _orientation(image)
            size = image.size[::-1] if turn >= 5 else image.size
            pixels = _decode_jpeg(source.data, image, plan(size)[::-1] if turn >= 5 else plan(size))
            if pixels is not None:
                return _turned(pixels, turn), _profile(image), size, False
        animated = source.format in ANIMATED and bool(getattr(image, "is_animated", False))
        loaded, icc = _load(image)
        return loaded, icc, loaded.size, animated


def _decode_jpeg(data: memoryview, header: Image.Image, size: Size) -> Pixels | None:
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


def _load(image: Image.Image) -> tuple[Image.Image, bytes]:
    image.load()
    icc = _profile(image)
    turn = _orientation(image)  # of HEIF, libheif has turned it, and pillow_heif says so
    image = _eight_bits(_device_to_srgb(image, icc))
    if image.format == "TIFF":
        image = image.copy()  # Pillow's TIFF writer would take tags along from what its reader made
    if turn in TRANSPOSE:
        image = image.transpose(TRANSPOSE[turn])
    icc = icc if image.mode in MODES_OF_SPACE.get(_space(icc), ()) else b""
    return _bare(image, icc), icc


def _orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 where there is none or EXIF is broken."""
    for key in ("xmp", "XML:com.adobe.xmp"):  # Pillow would look there, too; viewers do not
        image.info.pop(key, None)
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (SyntaxError, ValueError, OSError, KeyError, TypeError, struct.error):
        return 1
    return orientation if orientation in TRANSPOSE else 1


def _profile(image: Image.Image) -> bytes:
    """The image's ICC profile, or b"" where it has none that LittleCMS can read for an image of its kind."""
    icc = image.info.get("icc_profile")
    if not isinstance(icc, bytes):
        return b""
    icc = icc[: int.from_bytes(icc[:4], "big")]  # what follows the profile in its container is not a profile
    space = _space(icc)
    return icc if _kind(image) in MODES_OF_SPACE.get(space, ()) else b""


def _space(icc: bytes) -> str:
    try:
        return str(ImageCms.ImageCmsProfile(io.BytesIO(icc)).profile.xcolor_space) if icc else ""
    except (OSError, ImageCms.PyCMSError):
        return ""


def _kind(image: Image.Image) -> str:
    """The mode that `image` will have: without palette and with 8 bits."""
    if image.mode in {"P", "PA"}:
        return "RGB"
    return "L" if image.mode in GREYS else image.mode


def _device_to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """CMYK and LAB as sRGB, through the profile where there is one; any other image as it is."""
    if image.mode == "CMYK":
        if image.format == "JPEG" and "adobe" not in image.info:
            image = ImageChops.invert(image)  # only Adobe's files are inverted; Pillow takes every file for one
        return _through(image, io.BytesIO(icc)) if icc else image.convert("RGB")
    if image.mode == "LAB":
        return _through(image, ImageCms.createProfile("LAB"))
    return image


def _through(image: Image.Image, profile: Any) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image,
        profile,
        SRGB,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None  # None comes only with inPlace
    return converted


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


@contextmanager
def _broken_is_refused() -> Iterator[None]:
    """Whatever a decoder raises on a file is the file's fault. Running out of memory is not: it passes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of broken EXIF in good photos, too
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (MemoryError, Refused):
        raise
    except Exception as broken:
        raise Refused(Reason.BROKEN) from broken


class _File(io.RawIOBase):
    """A memoryview as a file, read piece by piece: `BytesIO` would copy the photo first."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._at = data, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = len(self._data) if size is None or size < 0 else self._at + size
        piece = bytes(self._data[self._at : end])
        self._at += len(piece)
        return piece
