"""Whether a TIFF or an AVIF holds one picture and nothing that could tell about its maker: then it may stay as it is.

Neither can be cleaned in place. So each part must be known to belong to the picture; what is unknown may tell.
"""

import struct
from contextlib import suppress

from bot.domain.errors import Refused
from bot.domain.values import Source
from bot.tools.metadata import heif, report, tiff

_LAYOUT = frozenset({256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 322, 323, 324, 325})
_RESOLUTION, _COLOURS, _JPEG = frozenset({282, 283, 296}), frozenset({320, 338, 339}), frozenset({347, 530, 531, 532})
_TAGS = _LAYOUT | _RESOLUTION | _COLOURS | _JPEG  # TIFF 6.0, without texts, dates and profiles
_BOXES = frozenset(
    {b"ftyp", b"meta", b"hdlr", b"pitm", b"iloc", b"iinf", b"iprp", b"ipco", b"ipma", b"mdat"}
    | {b"ispe", b"pixi", b"av1C", b"colr", b"pasp"}
)  # without turns, crops, further items and frames


def is_bare(source: Source) -> bool:
    """False where it cannot be told, too."""
    with suppress(Refused, *report.FAULTS):
        if source.format == "TIFF":
            return _is_bare_tiff(source.data)
        if source.format == "AVIF":
            return _is_bare_avif(source.data)
    return False


def _is_bare_tiff(data: memoryview) -> bool:
    block = tiff.Tiff(data)
    page = block.directory(block.first)
    return page.entries.keys() <= _TAGS and not page.following and tiff.orientation(data) == 1


def _is_bare_avif(data: memoryview) -> bool:
    found = list(heif.boxes(data))
    profiled = any(box.name == b"colr" and bytes(data[box.body : box.body + 4]) != b"nclx" for box in found)
    items = [struct.unpack_from(">B3xH", data, box.body) for box in found if box.name == b"iinf"]
    whole = max(box.end for box in found) == len(data)
    return whole and not profiled and items == [(0, 1)] and {box.name for box in found} <= _BOXES
