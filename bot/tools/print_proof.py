"""The proof of a print, to be looked at before it is ordered: what the paper cuts off, or the white that it leaves."""

import cv2
import numpy as np
from PIL import Image

from bot.domain.values import Outcome, Report, Source, Stage, Tool
from bot.tools import prints
from bot.tools.picture import encode_pixels
from bot.tools.prints import Fit, Print
from bot.tools.resample import Pixels, Size

SIDE = 1280  # pixels of the longest side: what Telegram shows without opening it
COARSE = 150  # pixels of the photo's own for an inch of paper, below which people see that there are too few
NARROWEST = 1 / 4  # of the longest side; a narrower photo is laid on the table, or nobody could look at it
_MARGIN = 56  # pixels of table around a sheet
_TABLE = (226, 224, 221)
_SHADE, _SPREAD, _FALL = 0.30, 14.0, 6  # of the sheet's shadow: how dark, how soft, how far below
_EDGE = (196, 194, 190)
_LEFT_LIGHT, _LEFT_GREY = 0.38, 0.6  # of what is cut off: its light that stays, its colour that goes
_QUALITY = 88


def run(source: Source, what: Print) -> Outcome:
    """A JPEG in sRGB, and in its report `dpi`, `cut` in percent, and `coarse` where it is. Raises Refused."""
    image, size = prints.opened(source, lambda size: min(1.0, SIDE / max(size)))
    source.stage(Stage.WORKING)
    fit = what.of(size)
    pixels = _with_frame(image, size, fit) if what.fit == "fill" else _on_table(_sheet(image, fit))
    height, width = pixels.shape[:2]
    return Outcome([encode_pixels(pixels, b"", "JPEG", _QUALITY)], "JPEG", width, height, *size, _report(size, fit))


def _report(size: Size, fit: Fit) -> Report:
    report: Report = {"dpi": fit.dpi, "cut": round(100 - 100 * fit.width * fit.height / (size[0] * size[1]))}
    return report | ({"coarse": True} if fit.dpi < COARSE else {})


def _with_frame(image: Image.Image, size: Size, fit: Fit) -> Pixels:
    """The whole photo, what is cut off darker and greyer, and a thin white line around what stays."""
    narrow = min(size) < NARROWEST * max(size)
    scale = (SIDE - 2 * _MARGIN * narrow) / max(size)
    small = image.resize((prints.side(size[0] * scale), prints.side(size[1] * scale)), Image.Resampling.LANCZOS)
    pixels = np.asarray(small)
    left, top = round(fit.left * scale), round(fit.top * scale)
    right, bottom = round((fit.left + fit.width) * scale), round((fit.top + fit.height) * scale)
    shown = _faded(pixels)
    shown[top:bottom, left:right] = pixels[top:bottom, left:right]
    cv2.rectangle(shown, (left - 1, top - 1), (right, bottom), (40, 40, 40), 1)  # or it were lost on white
    cv2.rectangle(shown, (left + 1, top + 1), (right - 2, bottom - 2), (255, 255, 255), 3)
    return _on_table(shown) if narrow else shown


def _faded(pixels: Pixels) -> Pixels:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None]
    mixed = pixels * (1 - _LEFT_GREY) + grey * _LEFT_GREY
    return np.asarray(mixed * _LEFT_LIGHT + 0.5, np.uint8)


def _sheet(image: Image.Image, fit: Fit) -> Pixels:
    """The sheet as small as a proof is, with a thin edge: white paper ends somewhere."""
    scale = (SIDE - 2 * _MARGIN) / max(fit.sheet)
    size, inner = (
        (prints.side(across * scale), prints.side(down * scale)) for across, down in (fit.sheet, fit.on_sheet)
    )
    sheet = Image.new("RGB", size, (255, 255, 255))
    sheet.paste(image.resize(inner, Image.Resampling.LANCZOS), prints.middle(size, inner))
    pixels = np.array(sheet)
    cv2.rectangle(pixels, (0, 0), (size[0] - 1, size[1] - 1), _EDGE, 1)
    return pixels


def _on_table(sheet: Pixels) -> Pixels:
    """It lies on a table, with its shadow."""
    height, width = sheet.shape[:2]
    least = round(NARROWEST * max(width, height))
    table = max(height, least) + 2 * _MARGIN, max(width, least) + 2 * _MARGIN
    top, left = (table[0] - height) // 2, (table[1] - width) // 2
    shadow = np.zeros(table, np.float32)
    shadow[top + _FALL : top + _FALL + height, left : left + width] = _SHADE
    shadow = cv2.GaussianBlur(shadow, (0, 0), _SPREAD)[..., None]
    pixels = np.asarray(np.array(_TABLE, np.float32) * (1 - shadow) + 0.5, np.uint8)
    pixels[top : top + height, left : left + width] = sheet
    return pixels


LOOK = Tool("print-look", 1, prints.parse_print, run)
