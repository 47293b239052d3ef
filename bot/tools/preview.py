"""Small pictures to glance at in the chat, beside the file itself."""

import cv2
import numpy as np

from bot.tools import matting, subject
from bot.tools.matting import Matte
from bot.tools.picture import encode_pixels
from bot.tools.resample import Pixels, resample

SIDE = 1280  # pixels of the longest side at most: what Telegram shows without opening it
CHECKED_SIDE = 800  # of one picture alone: as large as a phone shows it
GAP = 6  # pixels of white between the two
NARROWEST = 1 / 8  # of the longer side: Telegram refuses photos much narrower, and nobody sees anything in them
_CHECK = 12  # pixels of a square
_LIGHT, _DARK = 246, 216
_LINE = (120, 120, 120)
_QUALITY = 80


def before_and_after(before: Pixels, after: Pixels, icc: bytes) -> bytes:
    """A JPEG of both, or b"" where they are too narrow to be looked at.

    They are of one shape, H×W or H×W×2..4. Wide pictures go one above the other, tall ones side by side: so both are
    as large as a phone can show them.
    """
    height, width = before.shape[:2]
    if min(height, width) < NARROWEST * max(height, width):
        return b""
    axis = 0 if width > height else 1
    pair = [height, width]
    pair[axis] = 2 * pair[axis] + GAP
    scale = min(1.0, SIDE / max(pair))
    size = max(1, int(width * scale - GAP / 2)), max(1, int(height * scale - GAP / 2))
    small = [resample(picture, size) if scale < 1 else picture for picture in (before, after)]
    gap_shape = list(small[0].shape)
    gap_shape[axis] = GAP
    return encode_pixels(np.concatenate([small[0], np.full(gap_shape, 255, np.uint8), small[1]], axis), icc, "JPEG")


def on_checks(pixels: Pixels, matte: Matte) -> bytes:
    """A JPEG of the subject on a chessboard, with the cells that a person may name (see `subject`) drawn thinly.

    b"" where it is too narrow to be looked at.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < NARROWEST * max(height, width):
        return b""
    scale = min(1.0, CHECKED_SIDE / max(width, height))
    small = resample(pixels, (max(1, round(width * scale)), max(1, round(height * scale)))).copy()
    for strip in matting.strips(small, matte):
        alpha = strip.alpha[..., None]
        small[strip.rows] = strip.colours * alpha + _checks(strip.rows, small.shape[1]) * (1 - alpha) + 0.5
    _draw_cells(small)
    return encode_pixels(small, b"", "JPEG", _QUALITY)


def _checks(rows: slice, width: int) -> Pixels:
    """rows×width×1 of a chessboard."""
    down, across = np.arange(rows.start, rows.stop) // _CHECK, np.arange(width) // _CHECK
    return np.where((down[:, None] + across) % 2, _DARK, _LIGHT).astype(np.uint8)[..., None]


def _draw_cells(picture: Pixels) -> None:
    height, width = picture.shape[:2]
    overlay = picture.copy()
    for number in range(1, subject.CELLS):
        x, y = number * width // subject.CELLS, number * height // subject.CELLS
        cv2.line(overlay, (x, 0), (x, height), _LINE, 1)
        cv2.line(overlay, (0, y), (width, y), _LINE, 1)
    cv2.addWeighted(overlay, 0.45, picture, 0.55, 0, dst=picture)
    for number, name in enumerate(subject.NAMES):
        x, y = number % subject.CELLS * width // subject.CELLS, number // subject.CELLS * height // subject.CELLS
        for colour, thickness in (((255, 255, 255), 3), ((70, 70, 70), 1)):
            cv2.putText(picture, name.upper(), (x + 5, y + 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, thickness,
                        cv2.LINE_AA)  # fmt: skip
