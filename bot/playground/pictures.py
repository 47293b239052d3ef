"""Converts a picture as Telegram does for photos: upright, recompressed, without metadata, in several sizes."""

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

SIDES = (90, 320, 800, 1280, 2560)  # https://core.telegram.org/api/files#image-thumbnail-types: s, m, x, y, w
QUALITY = 87

Rendition = tuple[Path, int, int]


class NotAPictureError(ValueError):
    """Telegram would not accept this file as a photo."""


def open_upright(path: Path, side: int) -> Image.Image:
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (2 * side, 2 * side))
            upright = ImageOps.exif_transpose(picture)
            if "A" in upright.getbands() or "transparency" in upright.info:
                upright = upright.convert("RGBA")
                white = Image.new("RGBA", upright.size, "white")
                upright = Image.alpha_composite(white, upright)
            return upright.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPictureError from error


def size_of(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as picture:
            return picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPictureError from error


def renditions(path: Path, largest: int = 1280) -> list[Rendition]:
    """JPEG files beside `path`, smallest first. The last has a longest side of `largest` pixels at most."""
    picture = open_upright(path, largest)
    longest = min(largest, max(picture.size))
    return [rendition(picture, path, side) for side in (*(side for side in SIDES if side < longest), longest)]


def rendition(picture: Image.Image, path: Path, side: int) -> Rendition:
    small = picture.copy()
    small.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2)
    target = path.with_name(f"{path.name}.{side}")
    small.info.clear()
    small.save(target, "JPEG", quality=QUALITY)
    return target, *small.size
