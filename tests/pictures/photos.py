"""Real photos, out of packages that ship them, as a camera would hand them over."""

import io
from functools import cache

import numpy as np
import skimage.data
from PIL import Image
from sklearn.datasets import load_sample_image

_ORIENTATION, _MAKE, _MODEL, _GPS, _EXIF, _TAKEN = 0x0112, 0x010F, 0x0110, 0x8825, 0x8769, 0x9003


@cache
def astronaut() -> Image.Image:
    """512 x 512, a portrait."""
    return Image.fromarray(skimage.data.astronaut())


@cache
def china() -> Image.Image:
    """640 x 427, a temple among trees."""
    return Image.fromarray(load_sample_image("china.jpg"))


@cache
def flower() -> Image.Image:
    """640 x 427, orange on deep green, almost without noise."""
    return Image.fromarray(load_sample_image("flower.jpg"))


@cache
def cat() -> Image.Image:
    """451 x 300, fur: fine detail that is no noise."""
    return Image.fromarray(skimage.data.chelsea())


@cache
def coffee() -> Image.Image:
    """600 x 400, under warm light."""
    return Image.fromarray(skimage.data.coffee())


@cache
def rocket() -> Image.Image:
    """640 x 427, a dark scene with lights."""
    return Image.fromarray(skimage.data.rocket())


@cache
def motorcycle() -> Image.Image:
    """741 x 500, a garage full of hard edges."""
    return Image.fromarray(skimage.data.stereo_motorcycle()[0])


def texture(name: str) -> Image.Image:
    """512 x 512, grey: grass, gravel or brick and nothing else."""
    return Image.fromarray(getattr(skimage.data, name)())


@cache
def large() -> Image.Image:
    """4000 x 3000, 12 MP, with the grain that makes a JPEG of it as heavy as a camera's."""
    pixels = np.asarray(china().resize((4000, 3000), Image.Resampling.LANCZOS), np.int16)
    grain = np.random.default_rng(7).normal(0, 4, pixels.shape[:2]).astype(np.int16)
    return Image.fromarray(np.clip(pixels + grain[..., None], 0, 255).astype(np.uint8))


@cache
def encoded(picture: str = "china", kind: str = "JPEG", tagged: bool = False, orientation: int = 1) -> bytes:
    """One of the above as a file; tagged: camera, time and place are in it."""
    image = {"astronaut": astronaut, "china": china, "large": large}[picture]()
    out = io.BytesIO()
    image.save(out, kind, exif=_tags(tagged, orientation), quality=92)
    return out.getvalue()


def _tags(tagged: bool, orientation: int) -> Image.Exif:
    exif = Image.Exif()
    if orientation != 1:
        exif[_ORIENTATION] = orientation
    if tagged:
        exif[_MAKE], exif[_MODEL] = "Nokia", "Lumia"
        exif.get_ifd(_EXIF)[_TAKEN] = "2026:07:14 09:30:00"
        exif.get_ifd(_GPS).update({1: "N", 2: (51.0, 20.0, 24.0), 3: "E", 4: (12.0, 22.0, 30.0)})
    return exif


def jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """What a viewer would show."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
