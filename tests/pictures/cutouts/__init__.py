"""Composites whose alpha and colours are known, and how far a cut-out is from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import skimage.data
from PIL import Image
from sklearn.datasets import load_sample_image

from bot.tools import matting

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

NAMES = ("astronaut", "cat", "flower", "coffee")
_FOLDER = Path(__file__).parent


class Composite(NamedTuple):
    """`pixels` H×W×3, 8 bits, made of `colours` (0 to 255) by `alpha` (0 to 1) over something else."""

    name: str
    pixels: Pixels
    alpha: Floats
    colours: Floats


def composites(scale: float = 1.5) -> Iterator[Composite]:
    """Each subject before calm backgrounds: nothing in them is a subject itself."""
    backgrounds = (skimage.data.grass, skimage.data.brick, _sky, _temple)
    for name in NAMES:
        alpha, colours = _cut_out(name, scale)
        for background in backgrounds:
            yield _composed(name, alpha, colours, background())


def strands(seed: int = 5) -> Composite:
    """A head of a thousand hairs, each one to three pixels wide, before a temple."""
    random = np.random.default_rng(seed)
    side, fine = 900, 2
    alpha = np.zeros((side * fine, side * fine), np.uint8)
    centre = side * fine // 2
    cv2.circle(alpha, (centre, centre), 260 * fine, 255, -1, cv2.LINE_AA)
    for angle in random.uniform(0, 2 * np.pi, 1000):
        length, bend = random.uniform(280, 330) * fine, random.normal(0, 0.06)
        radii = np.linspace(200 * fine, length, 12)
        angles = angle + bend * np.linspace(0, 1, 12) ** 2
        line = np.stack([centre + radii * np.cos(angles), centre + radii * np.sin(angles)], 1).round().astype(np.int32)
        cv2.polylines(alpha, [line], False, 255, int(random.integers(1, 4)), cv2.LINE_AA)
    share = cv2.resize(alpha, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    colours = np.full((side, side, 3), (92, 60, 38), np.float32)
    colours += random.normal(0, 9, colours.shape[:2])[..., None]
    return _composed("strands", share, np.clip(colours, 0, 255).astype(np.float32), _temple())


def usual(pixels: Pixels, mask: Floats) -> tuple[Floats, Floats]:
    """Alpha and colours as rembg makes them of the same mask (bg.py, `naive_cutout`): enlarged, and pasted by it."""
    image = Image.fromarray(pixels)
    enlarged = Image.fromarray((mask * 255).astype(np.uint8)).resize(image.size, Image.Resampling.LANCZOS)
    out = np.asarray(Image.composite(image, Image.new("RGBA", image.size, 0), enlarged)).astype(np.float32)
    return out[..., 3] / 255, out[..., :3]


def matted(pixels: Pixels, mask: Floats) -> tuple[Floats, Floats]:
    """Alpha and colours as `cutout` makes them."""
    alpha, colours = np.empty(pixels.shape[:2], np.float32), np.empty(pixels.shape, np.float32)
    for strip in matting.strips(pixels, matting.estimate(pixels, mask)):
        alpha[strip.rows], colours[strip.rows] = strip.alpha, strip.colours
    return alpha, colours


def errors(alpha: Floats, colours: Floats, truth: Composite) -> tuple[float, float]:
    """Mean absolute errors along the true edge: of alpha, and of the subject's colours where both see it (0 to 255).

    What the mask itself gets grossly wrong, both ways alike, is left out: it says nothing about an edge.
    """
    near = _grown((truth.alpha > 0.02) & (truth.alpha < 0.98), max(truth.alpha.shape) // 250)
    wrong = np.abs(alpha - truth.alpha)
    gross = cv2.erode((wrong > 0.5).astype(np.uint8), np.ones((15, 15))) > 0
    near &= ~_grown(gross, 20)
    weight = np.minimum(alpha, truth.alpha)[near]
    fringe = np.abs(colours - truth.colours)[near].mean(1)
    return float(wrong[near].mean()), float((fringe * weight).sum() / max(float(weight.sum()), 1e-6))


def _grown(mask: npt.NDArray[np.bool_], radius: int) -> npt.NDArray[np.bool_]:
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * radius + 1,) * 2)) > 0


def _cut_out(name: str, scale: float) -> tuple[Floats, Floats]:
    image = Image.open(_FOLDER / f"{name}.webp")
    pixels = np.asarray(image.resize((round(image.width * scale), round(image.height * scale)), Image.BICUBIC))
    return pixels[..., 3].astype(np.float32) / 255, pixels[..., :3].astype(np.float32)


def _composed(name: str, alpha: Floats, colours: Floats, background: Pixels) -> Composite:
    behind = cv2.resize(background, alpha.shape[1::-1], interpolation=cv2.INTER_CUBIC).astype(np.float32)
    behind = np.dstack([behind] * 3) if behind.ndim == 2 else behind
    share = alpha[..., None]
    pixels = (colours * share + behind * (1 - share)).round().clip(0, 255).astype(np.uint8)
    return Composite(name, pixels, alpha, colours)


def _temple() -> Pixels:
    return load_sample_image("china.jpg")[:300]


def _sky() -> Pixels:
    return skimage.data.rocket()[:250, :200]
