"""HEIF and AVIF (ISO 14496-12, 23008-12): boxes, the sizes that they announce, and Content Credentials."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from bot.errors import Reason, Refused
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
                return  # what follows cannot be found any more; the decoder will judge
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
