"""Before and after in one small picture, to see at a glance what was done."""

import numpy as np

from bot.tools.picture import encode_pixels
from bot.tools.resample import Pixels, resample

SIDE = 1280  # pixels of the longest side at most: what Telegram shows without opening it
GAP = 6  # pixels of white between the two
NARROWEST = (
    1 / 8
)  # of the longer side; Telegram refuses photos that are much narrower, and nobody sees anything in them


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
