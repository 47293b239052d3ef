"""What a subject may stand before. Each gives its rows at the picture's size, so that it need not be there in full."""

from typing import Protocol

import cv2
import numpy as np
from PIL import Image, ImageOps

from bot.domain.values import Source
from bot.tools import picture, profiles
from bot.tools.matting import Matte, alpha_of, base_size, enlarged
from bot.tools.resample import Pixels, Size, resample
from bot.tools.segmentation import Mask

BLUR = 1 / 40  # standard deviation, part of the longest side: about a portrait lens wide open
BOKEH_GAMMA = 2.2  # lights are blurred as light: they glow, where blurred as numbers they would fade


class Background(Protocol):
    """Rows of RGB, 8 bits, that broadcast to rows×W×3."""

    def rows(self, rows: slice) -> Pixels: ...


class Plain:
    """One colour."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        self._colour = np.array(colour, np.uint8)

    def rows(self, rows: slice) -> Pixels:
        return self._colour


class Blurred:
    """What was behind the subject, out of focus, with no shine of the subject around it."""

    def __init__(self, pixels: Pixels, matte: Matte) -> None:
        self._size = pixels.shape[1::-1]
        small = resample(pixels, base_size(pixels)).astype(np.float32) / 255
        weight = 1 - alpha_of(small, matte)[..., None] + 1e-4
        sigma = BLUR * max(small.shape)
        light: Mask = cv2.GaussianBlur(small**BOKEH_GAMMA * weight, (0, 0), sigma)
        light = light / cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
        self._small = (np.clip(light, 0, 1) ** (1 / BOKEH_GAMMA) * 255 + 0.5).astype(np.uint8)

    def rows(self, rows: slice) -> Pixels:
        return enlarged(self._small, self._size, rows)


class Photo:
    """Another photo, as large as the picture."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels

    def rows(self, rows: slice) -> Pixels:
        return self._pixels[rows]


def before(source: Source, size: Size, icc: bytes) -> Photo:
    """The photo scaled to cover `size` and cut around its middle, in the colour space that `icc` describes.

    Raises Refused(BROKEN).
    """

    def cover(own: Size) -> Size:
        scale = max(size[0] / own[0], size[1] / own[1])
        return max(size[0], round(own[0] * scale)), max(size[1], round(own[1] * scale))

    read = picture.read(source, cover)
    image = picture.as_image(read.pixels, read.icc)
    flat = picture.flatten(image) if picture.has_alpha(image) else image
    return Photo(np.asarray(ImageOps.fit(profiles.converted(flat, icc), size, Image.Resampling.BICUBIC)))
