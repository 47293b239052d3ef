"""Draws figures of a span of days as one picture that is readable on a phone. It knows numbers and words, no people."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from PIL import Image, ImageDraw, ImageFont

INK, PALE, GRID, PAPER = "#1f2328", "#6b6f76", "#e4e1d9", "#fbfaf7"
BLUE, RED, AMBER, GREEN, VIOLET = "#2f6f9f", "#c8452e", "#b7791f", "#2e7d4f", "#6f4f9f"

_WIDTH, _MARGIN, _AXIS = 1080, 48, 84  # pixels; the axis' numbers stand left of the bars
_HEADING, _TITLE, _PLOT, _DAYS, _GAP = 100, 56, 150, 40, 36  # heights
_ROW = 54  # of a share
_WIDEST = 72  # a bar
_LARGE, _NORMAL, _SMALL = 44, 32, 26


@dataclass(frozen=True)
class Panel:
    """Bars, one a day. `bars` are as many rows as `notes` has colours; a day's values are stacked. None: no value."""

    title: str
    notes: Sequence[tuple[str, str]]  # words and colour, right of the title
    bars: Sequence[Sequence[float | None]]
    empty: str  # what it says where there is nothing


@dataclass(frozen=True)
class Share:
    """A part of a whole: `label` left of its bar, `note` right of it."""

    label: str
    part: int
    whole: int
    note: str


def draw(heading: str, days: Sequence[str], panels: Sequence[Panel], title: str, shares: Sequence[Share]) -> bytes:
    """A PNG. `days` are words for the first, the middle and the last day; `title` is that of the shares."""
    height = _HEADING + len(panels) * (_TITLE + _PLOT + _DAYS + _GAP)
    height += _TITLE + len(shares) * _ROW + _MARGIN if shares else 0
    picture = Image.new("RGB", (_WIDTH, height), PAPER)
    pen = ImageDraw.Draw(picture)
    _write(pen, (_MARGIN, _HEADING // 2), heading, INK, _LARGE, "lm")
    top = _HEADING
    for panel in panels:
        _draw_panel(pen, top, panel, days)
        top += _TITLE + _PLOT + _DAYS + _GAP
    if shares:
        _draw_shares(pen, top, title, shares)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _draw_panel(pen: ImageDraw.ImageDraw, top: int, panel: Panel, days: Sequence[str]) -> None:
    _write(pen, (_MARGIN, top + _NORMAL // 2), panel.title, INK, _NORMAL, "lm")
    right = float(_WIDTH - _MARGIN)
    for words, colour in reversed(panel.notes):
        _write(pen, (right, top + _NORMAL // 2), words, colour, _NORMAL, "rm")
        right -= pen.textlength(words, _font(_NORMAL)) + 28
    left, top, right, bottom = _MARGIN + _AXIS, top + _TITLE, _WIDTH - _MARGIN, top + _TITLE + _PLOT
    stacks = [sum(value or 0 for value in values) for values in zip(*panel.bars, strict=True)]
    if any(stacks):
        most = _round_up(max(stacks))
        for value in (most, most / 2):
            height = bottom - _PLOT * value / most
            pen.line((left, height, right, height), GRID, 2)
            _write(pen, (left - 14, height), f"{value:g}", PALE, _SMALL, "rm")
        _draw_bars(pen, (left, right), bottom, most, panel)
    else:
        _write(pen, ((left + right) / 2, (top + bottom) / 2), panel.empty, PALE, _NORMAL, "mm")
    pen.line((left, bottom, right, bottom), PALE, 2)
    for words, at, anchor in zip(days, (left, (left + right) / 2, right), ("la", "ma", "ra"), strict=True):
        _write(pen, (at, bottom + 8), words, PALE, _SMALL, anchor)


def _draw_bars(pen: ImageDraw.ImageDraw, across: tuple[int, int], bottom: int, most: float, panel: Panel) -> None:
    left, right = across
    step = (right - left) / len(panel.bars[0])
    for day, values in enumerate(zip(*panel.bars, strict=True)):
        ends = accumulate((value or 0 for value in values), initial=0.0)
        heights = [bottom - _PLOT * end / most for end in ends]
        middle, half = left + (day + 0.5) * step, min(step * 0.38, _WIDEST / 2)
        begin, end = middle - half, middle + half
        for (_, colour), low, high in zip(panel.notes, heights, heights[1:], strict=False):
            if low - high >= 0.5:
                pen.rectangle((begin, min(high, low - 2), max(end, begin + 1), low), colour)


def _draw_shares(pen: ImageDraw.ImageDraw, top: int, title: str, shares: Sequence[Share]) -> None:
    _write(pen, (_MARGIN, top + _TITLE // 2), title, INK, _NORMAL, "lm")
    labels = max(pen.textlength(share.label, _font(_SMALL)) for share in shares)
    notes = max(pen.textlength(share.note, _font(_SMALL)) for share in shares)
    left, right = _MARGIN + labels + 20, _WIDTH - _MARGIN - notes - 20
    for row, share in enumerate(shares):
        middle = top + _TITLE + row * _ROW + _ROW // 2
        _write(pen, (_MARGIN, middle), share.label, INK, _SMALL, "lm")
        end = left + (right - left) * share.part / share.whole
        pen.rectangle((left, middle - 13, right, middle + 13), GRID)
        if share.part:
            pen.rectangle((left, middle - 13, end, middle + 13), GREEN)
        _write(pen, (_WIDTH - _MARGIN, middle), share.note, INK, _SMALL, "rm")


def _write(pen: ImageDraw.ImageDraw, at: tuple[float, float], words: str, colour: str, size: int, anchor: str) -> None:
    pen.text(at, words, colour, _font(size), anchor)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _round_up(value: float) -> float:
    """The next number that reads well and has a half that does: 2, 4, 6, 8, 10, 12, 16, 20, 40 ..."""
    scale = 1.0
    while scale * 10 < value:
        scale *= 10
    return next(scale * step for step in (2, 4, 6, 8, 10, 12, 16, 20) if scale * step >= value)
