"""ICC profiles at work: which one a picture has, and its colours seen through it."""

import io
from contextlib import suppress
from typing import Any

from PIL import Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
MODES_OF_SPACE = {"RGB ": frozenset({"RGB", "RGBA"}), "GRAY": frozenset({"L", "LA"}), "CMYK": frozenset({"CMYK"})}


def usable(icc: object, mode: str) -> bytes:
    """A profile cut to its own length, or b"" where LittleCMS cannot read it for a picture of this mode."""
    if not isinstance(icc, bytes):
        return b""
    icc = icc[: int.from_bytes(icc[:4], "big")]  # what follows the profile in its container is not a profile
    return icc if mode in MODES_OF_SPACE.get(_space(icc), ()) else b""


def _space(icc: bytes) -> str:
    try:
        return str(ImageCms.ImageCmsProfile(io.BytesIO(icc)).profile.xcolor_space) if icc else ""
    except (OSError, ImageCms.PyCMSError):
        return ""


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
            return bare(through(image, io.BytesIO(icc)), b"")
    return bare(image.convert("RGB"), b"")


def told_by_values(image: Image.Image) -> Image.Image:
    """`image` in sRGB and without a profile, alpha kept: for formats that hold none."""
    if "icc_profile" not in image.info:
        return image
    opaque = image.convert(image.mode.rstrip("A"))
    opaque.info = image.info
    seen = to_srgb(opaque)
    if image.mode.endswith("A"):
        seen.putalpha(image.getchannel("A"))
    return seen


def through(image: Image.Image, profile: Any) -> Image.Image:
    """`image` in sRGB, seen through a profile or a file-like object that holds one. Raises PyCMSError."""
    seen = ImageCms.profileToProfile(
        image,
        profile,
        SRGB,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert seen is not None  # None comes only with inPlace
    return seen


def bare(image: Image.Image, icc: bytes) -> Image.Image:
    """`image` with nothing in `info` but `icc`."""
    image.info = {"icc_profile": icc} if icc else {}
    return image
