"""TIFF directories, which are EXIF's, too (TIFF 6.0 section 2; BigTIFF as libtiff describes it)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

WIDTH, HEIGHT, TILE_WIDTH, TILE_HEIGHT, ORIENTATION = 256, 257, 322, 323, 274
REDUCED, BITS, COMPRESSION, PHOTOMETRIC, PLANAR, SUB_IMAGES, DNG_VERSION = 254, 258, 259, 262, 284, 330, 50706
_DETAIL, _COLOUR_SPACE, _INTEROPERABILITY, _UNCALIBRATED = 0x8769, 0xA001, 0xA005, 0xFFFF
LAYERS = frozenset({37724, 50255})  # Photoshop's, of many MB
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_PAIRS = {5: "I", 10: "i"}
_MAGIC = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}


class Entry(NamedTuple):
    kind: int
    values: int
    at: int  # where its value lies

    @property
    def size(self) -> int:
        return SIZES.get(self.kind, 1) * self.values


class Directory(NamedTuple):
    entries: dict[int, Entry]
    following: int  # offset of the next directory; 0 ends the chain


class Tiff:
    """Read-only view on a TIFF structure. Everything raises ValueError or struct.error where bytes make no sense."""

    def __init__(self, data: bytes | memoryview) -> None:
        self.data = data
        try:
            self.order, self.big = _MAGIC[bytes(data[:4])]
        except KeyError:
            raise ValueError("not a TIFF header") from None
        self.first: int = self._unpack("Q", 8)[0] if self.big else self._unpack("I", 4)[0]

    def directory(self, at: int) -> Directory:
        """The directory at an offset; a tag that comes twice counts once, the first wins."""
        head, row, inline = ("Q", "HHQ8s", 8) if self.big else ("H", "HHI4s", 4)
        count = self._unpack(head, at)[0]
        at += struct.calcsize("=" + head)
        row_size = struct.calcsize("=" + row)
        count = min(count, (len(self.data) - at) // row_size)  # damaged ones claim more than there is
        if count < 0:
            raise ValueError("directory beyond the end")
        end = at + count * row_size
        offset_code = "Q" if self.big else "I"
        entries: dict[int, Entry] = {}
        for number, (tag, kind, values, raw) in enumerate(struct.iter_unpack(self.order + row, self.data[at:end])):
            entry = Entry(kind, values, at + (number + 1) * row_size - inline)
            if entry.size > inline:
                entry = entry._replace(at=struct.unpack(self.order + offset_code, raw)[0])
            entries.setdefault(tag, entry)
        # The last directory of hasty writers ends the file before its link.
        following = self._unpack(offset_code, end)[0] if end + inline <= len(self.data) else 0
        return Directory(entries, following)

    def chain(self, limit: int) -> Iterator[Directory]:
        """The pages in order, at most `limit`; a chain that comes back to itself raises ValueError."""
        at, seen = self.first, set[int]()
        while at and len(seen) < limit:
            if at in seen:
                raise ValueError("directories in a circle")
            seen.add(at)
            directory = self.directory(at)
            yield directory
            at = directory.following

    def numbers(self, entry: Entry, limit: int = 64) -> tuple[float, ...]:
        """The numbers of an entry, at most `limit` of them; fractions with denominator 0 are 0."""
        count = min(entry.values, limit)
        if entry.kind in _PAIRS:
            flat = self._unpack(f"{2 * count}{_PAIRS[entry.kind]}", entry.at)
            return tuple(a / b if b else 0.0 for a, b in zip(flat[::2], flat[1::2], strict=True))
        return self._unpack(f"{count}{_CODES.get(entry.kind, 'B')}", entry.at)

    def bytes(self, entry: Entry, limit: int = 1 << 16) -> bytes:
        return bytes(self.data[entry.at : entry.at + min(entry.size, limit)])

    def _unpack(self, code: str, at: int) -> tuple[int, ...]:
        return struct.unpack_from(self.order + code, self.data, at)


def first_page(data: memoryview, tag: int) -> int | None:
    """The (first) number of a tag of the first page; None where it has none."""
    block = Tiff(data)
    entry = block.directory(block.first).entries.get(tag)
    return int(block.numbers(entry, 1)[0]) if entry else None


def bare_exif(found: bytes) -> bytes:
    """EXIF from its TIFF header on. Its name may stand before it, with a zero and a byte that is mostly a zero."""
    return found[6:] if found.startswith(b"Exif\0") else found


def is_adobe_rgb(exif: bytes | memoryview) -> bool:
    """Whether a camera says that its colours are Adobe RGB's (DCF 2.0, "optional file"; older ones: colour space 2)."""
    try:
        block = Tiff(exif)
        detail = block.directory(int(block.numbers(block.directory(block.first).entries[_DETAIL], 1)[0])).entries
        space = block.numbers(detail[_COLOUR_SPACE], 1)[0]
        if space != _UNCALIBRATED:
            return space == 2
        return block.bytes(block.directory(int(block.numbers(detail[_INTEROPERABILITY], 1)[0])).entries[1], 3) == b"R03"
    except (ValueError, KeyError, IndexError, OverflowError, struct.error):
        return False


def orientation(exif: bytes | memoryview) -> int:
    """How to turn the picture upright, 1 to 8 as EXIF counts; 1 where nothing readable says otherwise."""
    try:
        block = Tiff(exif)
        value = block.numbers(block.directory(block.first).entries[ORIENTATION], 1)[0]
    except (ValueError, KeyError, IndexError, OverflowError, struct.error):
        return 1
    return int(value) if value in range(1, 9) else 1


def orientation_only(value: int) -> bytes:
    """The smallest EXIF that tells an orientation and nothing else."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, value, 0, 0)
