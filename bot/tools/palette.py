"""Fewer colours, for files that keep each pixel as it is: a drawing has some, a scan has two.

Made smaller, such a picture gets shades between its own colours, and its file may even grow. So shades are merged, and
in the end each pixel takes the nearest of the colours that came.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PIL import Image

from bot.tools.picture import has_alpha

Colours = tuple[tuple[int, ...], ...]

MOST = 256
_STEPS = (MOST, 64, 16, 4)
_OPAQUE = 128  # alpha, from which on a pixel of a GIF is seen


class Way(NamedTuple):
    """To so many `colours`; 0: with all."""

    colours: int
    reduced: Callable[[Image.Image], Image.Image]


def colours_of(image: Image.Image) -> Colours:
    """All its colours where they are few, as RGB or RGBA; none where they are many."""
    found = image.convert("RGBA" if has_alpha(image) else "RGB").getcolors(MOST)
    return tuple(colour for _, colour in found or () if isinstance(colour, tuple))


def ways(image: Image.Image, format: str, came: Colours, exact: bool) -> list[Way]:  # noqa: A002
    """The mildest first. `came`: the picture's own colours, where they were few; `exact`: colours go before pixels.

    A palette is of RGB. Of a GIF one colour may be clear, and none half clear; of a TIFF none.
    """
    clear, colour = has_alpha(image), image.mode in {"RGB", "RGBA"}
    merging = [] if clear and format in {"GIF", "TIFF"} else [Way(n, partial(_merged, colours=n)) for n in _STEPS]
    found = [Way(0, lambda image: image)]
    if image.mode in {"L", "LA"} and image.info.get("icc_profile"):
        return found
    if came:
        found += [way for way in merging if way.colours > len(came)]
        if not clear or (format != "TIFF" and _is_seen_or_not(came)):
            found.append(Way(len(came), partial(_nearest, came=came)))
    elif colour and (exact or format == "PNG"):
        found += merging[:1]
    return found + [way for way in merging[1:] if exact and way.colours < (len(came) or MOST)]


def _is_seen_or_not(came: Colours) -> bool:
    return {alpha for *_, alpha in came} <= {0, 255} and len(_seen(came)) < MOST


def _seen(came: Colours) -> list[tuple[int, ...]]:
    return [colour[:3] for colour in came if colour[3:] != (0,)] or [(255, 255, 255)]


def _merged(image: Image.Image, colours: int) -> Image.Image:
    return image.convert("RGBA" if has_alpha(image) else "RGB").quantize(colours, Image.Quantize.FASTOCTREE)


def _nearest(image: Image.Image, came: Colours) -> Image.Image:
    if set(came) == {(0, 0, 0), (255, 255, 255)}:
        return image.convert("1", dither=Image.Dither.NONE)
    opaque, seen = image.convert("RGB"), _seen(came)
    if not has_alpha(image) and opaque.getcolors(len(came)):
        return opaque.quantize(len(came), Image.Quantize.MEDIANCUT)  # the one that changes none of so few
    paper = Image.new("P", (1, 1))
    paper.putpalette([part for colour in (seen + seen[:1])[:MOST] for part in colour])  # the last one may be clear
    mapped = opaque.quantize(palette=paper, dither=Image.Dither.NONE)
    if has_alpha(image):
        mapped.paste(len(seen), mask=image.getchannel("A").point(lambda alpha: 255 * (alpha < _OPAQUE)))
        mapped.info["transparency"] = len(seen)
    return mapped
