"""HEIF and AVIF (ISO 14496-12, 23008-12): boxes, the sizes that they announce, and Content Credentials."""

import itertools
import math
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from bot.domain.errors import Reason, Refused
from bot.tools import colour
from bot.tools.colour import Colour
from bot.tools.metadata import Findings

_HEVC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}
_AV1 = {b"avif", b"avis"}
_ANY = {b"mif1", b"msf1", b"mif2"}
# Boxes that hold boxes, and the bytes of their own before the first one.
_CONTAINERS = {
    b"meta": 4,
    b"iprp": 0,
    b"ipco": 0,
    b"moov": 0,
    b"trak": 0,
    b"mdia": 0,
    b"minf": 0,
    b"stbl": 0,
    b"stsd": 8,
}
_CODED = {b"av01", b"hvc1", b"hev1"}
MAX_BOXES = 10_000
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


class Box(NamedTuple):
    name: bytes
    body: int
    end: int


class Item(NamedTuple):
    kind: bytes
    data: memoryview


def family(head: bytes) -> str:
    """HEIF or AVIF by the brands of `ftyp` (the file's beginning); empty for films and everything else."""
    if head[4:8] != b"ftyp":
        return ""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    major, *others = [head[8:12]] + [head[at : at + 4] for at in range(16, size - 3, 4)]
    if major in _AV1 or (major in _ANY and _AV1.intersection(others)):
        return "AVIF"
    return "HEIF" if major in _HEVC | _ANY else ""


def boxes(data: memoryview) -> Iterator[Box]:
    """Every box, those in containers after their container. Refused(TOO_COMPLEX) beyond MAX_BOXES."""
    waiting = [(0, len(data))]
    count = 0
    while waiting:
        at, end = waiting.pop()
        while at + 8 <= end:
            size, name = struct.unpack_from(">I4s", data, at)
            body = at + 8
            if size == 1:
                size, body = struct.unpack_from(">Q", data, body)[0], body + 8
            stop = end if size == 0 else at + size
            if stop > end or stop < body:
                break  # what follows cannot be found any more; the decoder will judge
            count += 1
            if count > MAX_BOXES:
                raise Refused(Reason.TOO_COMPLEX)
            yield Box(name, body, stop)
            if name in _CONTAINERS:
                waiting.append((body + _CONTAINERS[name], stop))
            at = stop


def sizes(data: memoryview) -> Iterator[tuple[int, int]]:
    """Width and height of every picture, track and grid that the boxes announce."""
    for name, body, end in boxes(data):
        if name == b"ispe":
            yield struct.unpack_from(">II", data, body + 4)
        elif name == b"tkhd":
            width, height = struct.unpack_from(">II", data, end - 8)
            yield width >> 16, height >> 16
        elif name in _CODED:
            yield struct.unpack_from(">HH", data, body + 24)
        elif name == b"meta":
            yield from _canvases(data, body + 4, end)


def findings(data: memoryview) -> Findings:
    """EXIF and XMP items and Content Credentials; what the pictures' decoder does not need."""
    found = Findings()
    for name, body, end in boxes(data):
        if name == b"uuid" and bytes(data[body : body + 16]) == _C2PA:
            found.c2pa = True
        elif name == b"meta":
            for item in _items(data, body + 4, end):
                if item.kind == b"Exif":  # begins with the distance to its TIFF header
                    found.exif = bytes(item.data[4 + int.from_bytes(item.data[:4], "big") :])
                elif item.kind == b"mime":
                    found.xmp += item.data
    return found


def whole(data: memoryview) -> memoryview:
    """The file without what stands behind its last box: decoders take it for a box cut short."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        size = int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else size
        if size == 0:  # the last one, up to the end
            return data
        if size < 8 or at + size > len(data):
            break
        at += size
    return data[:at] if at else data


def has_hevc(data: memoryview) -> bool:
    """Whether a picture of it is packed as HEVC, which is what our decoder knows."""
    kinds = {item.kind for box in boxes(data) if box.name == b"meta" for item in _items(data, box.body + 4, box.end)}
    return bool(kinds & _CODED) or any(box.name in _CODED for box in boxes(data))


def colour_of(data: memoryview) -> Colour | None:
    """What the picture's numbers mean, by its `nclx`; by that of a tile where it has none of its own."""
    for name, body, _ in (*_properties(data), *boxes(data)):
        if name == b"colr" and bytes(data[body : body + 4]) == b"nclx":
            return colour.of_code_points(*struct.unpack_from(">HH", data, body + 4))
    return None


def crop(data: memoryview, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The part of the stored picture that is to be seen: left, top, right, bottom (`clap`, ISO 14496-12, 12.1.4.1)."""
    for name, body, _ in _properties(data):
        if name == b"clap":
            numbers = struct.unpack_from(">IIIIiIiI", data, body)
            wide, high, right, down = (Fraction(*numbers[at : at + 2]) for at in range(0, 8, 2))
            (left, over), (top, under) = _span(size[0], wide, right), _span(size[1], high, down)
            return left, top, over, under
    return None


def _span(side: int, length: Fraction, shift: Fraction) -> tuple[int, int]:
    """From where to where a clean aperture reaches along a side. Raises ValueError where that is beside the picture."""
    start = math.floor(shift + (side - length) / 2 + Fraction(1, 2))
    first, last = max(start, 0), min(start + math.floor(length + Fraction(1, 2)), side)
    if first >= last:
        raise ValueError("a crop beside the picture")
    return first, last


def _properties(data: memoryview) -> Iterator[Box]:
    """The properties of the primary item, in order."""
    all_boxes = list(boxes(data))
    inside = {box.name: box for box in reversed(all_boxes)}
    if not {b"pitm", b"ipco"} <= inside.keys():
        return
    at, (_, start, end) = inside[b"pitm"].body, inside[b"ipco"]
    primary = int.from_bytes(data[at + 4 : at + (8 if data[at] else 6)], "big")
    known = list(boxes(data[start:end]))
    for ipma in (box for box in all_boxes if box.name == b"ipma"):
        for item, numbers in _associations(data, ipma):
            for number in numbers if item == primary else ():
                index = (number & (0x7FFF if data[ipma.body + 3] & 1 else 0x7F)) - 1  # the bit before: "essential"
                if 0 <= index < len(known):
                    name, body, stop = known[index]
                    yield Box(name, start + body, start + stop)


def _associations(data: memoryview, ipma: Box) -> Iterator[tuple[int, list[int]]]:
    """Each item of an `ipma` box and its properties as they are stored: a number from 1 on, and a bit before it."""
    read = _Reader(data[: ipma.end], ipma.body)
    head = read.number(4)
    for _ in range(min(read.number(4), MAX_BOXES)):
        item = read.number(4 if head >> 24 else 2)
        yield item, [read.number(1 + (head & 1)) for _ in range(read.number(1))]


def with_one_ipma(data: memoryview) -> memoryview | bytes:
    """The file with its `ipma` boxes of one kind as one, as libavif wants it; each other byte stays where it is."""
    twins = [box for box in boxes(data) if box.name == b"ipma"]
    heads = {bytes(data[box.body : box.body + 4]) for box in twins}
    adjacent = all(after.body - 8 == before.end for before, after in itertools.pairwise(twins))
    if len(twins) < 2 or len(heads) > 1 or not adjacent:
        return data
    rows: dict[int, list[int]] = {}
    for box in twins:
        for item, numbers in _associations(data, box):
            rows.setdefault(item, []).extend(numbers)
    start, end, head = twins[0].body, twins[-1].end, heads.pop()
    item_size, number_size = (4 if head[0] else 2), 1 + (head[3] & 1)
    body = head + len(rows).to_bytes(4, "big")
    for item, numbers in sorted(rows.items()):
        body += item.to_bytes(item_size, "big") + bytes([len(numbers)])
        body += b"".join(number.to_bytes(number_size, "big") for number in numbers)
    size = (end - start + 8).to_bytes(4, "big")
    return b"".join([data[: start - 8], size, b"ipma", body.ljust(end - start, b"\0"), data[end:]])


def _canvases(data: memoryview, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Sizes of the derived pictures (grid, overlay) of a `meta` box, which stand in their items' data."""
    for item in _items(data, at, end):
        before = {b"grid": 4, b"iovl": 10}.get(item.kind)
        if before is not None:
            yield struct.unpack_from(">II" if item.data[1] & 1 else ">HH", item.data, before)


def _items(data: memoryview, at: int, end: int) -> Iterator[Item]:
    """The items of a `meta` box between two offsets, with the first extent of their data."""
    meta = data[at:end]
    inside = {box.name: box for box in boxes(meta)}
    if b"iinf" not in inside or b"iloc" not in inside:
        return
    kinds = _item_kinds(meta, inside[b"iinf"])
    for number, in_idat, begin, length in _locations(meta, inside[b"iloc"]):
        source = meta[inside[b"idat"].body :] if in_idat else data
        yield Item(kinds.get(number, b""), source[begin : begin + length])


def _item_kinds(meta: memoryview, iinf: Box) -> dict[int, bytes]:
    """The type of each item by its number (`iinf`, `infe` from version 2 on)."""
    start = iinf.body + (6 if meta[iinf.body] == 0 else 8)
    kinds = {}
    for name, body, end in boxes(meta[start : iinf.end]):
        if name == b"infe" and end - body >= 12:
            code = ">I2x4s" if meta[start + body] >= 3 else ">H2x4s"
            item, kind = struct.unpack_from(code, meta, start + body + 4)
            kinds[item] = kind
    return kinds


def _locations(meta: memoryview, iloc: Box) -> Iterator[tuple[int, bool, int, int]]:
    """Number of each item, whether it lies in `idat` (else in the file), offset and length of its first extent."""
    read = _Reader(meta, iloc.body)
    version = read.number(4) >> 24
    sizes = read.number(2)
    base_size, index_size = sizes >> 4 & 15, sizes & 15 if version else 0
    for _ in range(min(read.number(4 if version == 2 else 2), MAX_BOXES)):
        item = read.number(4 if version == 2 else 2)
        method = read.number(2) & 15 if version else 0
        read.number(2)
        base, extents = read.number(base_size), []
        for _ in range(min(read.number(2), MAX_BOXES)):
            read.number(index_size)
            extents.append((base + read.number(sizes >> 12), read.number(sizes >> 8 & 15)))
        if extents:
            yield item, method == 1, *extents[0]


class _Reader:
    """Numbers of odd sizes, one after the other; IndexError beyond the end."""

    def __init__(self, data: memoryview, at: int) -> None:
        self.data, self.at = data, at

    def number(self, size: int) -> int:
        self.at += size
        if self.at > len(self.data):
            raise IndexError(self.at)
        return int.from_bytes(self.data[self.at - size : self.at], "big")
