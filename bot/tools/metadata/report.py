"""What a photo told beside its picture, in a few readable lines.

A fault in one part of the metadata costs that part's lines, never the cleaning: sizes are noted before anything is
parsed. XMP is searched with bounded patterns and not parsed, so that no entity is ever expanded.
"""

import html
import math
import re
import struct
from collections.abc import Callable, Iterable, Iterator

from bot.domain.values import Report
from bot.tools.metadata import Findings
from bot.tools.metadata.tiff import ORIENTATION, Entry, Tiff

FAULTS = (ValueError, KeyError, IndexError, OverflowError, TypeError, struct.error)
_LONGEST = 120  # characters of a line
_READ = 1 << 19  # bytes of XMP or IPTC that are looked through

_EXIF, _GPS, _XMP, _IPTC, _PHOTOSHOP = 0x8769, 0x8825, 700, 33723, 34377
_MAKER_NOTE, _USER_COMMENT, _TAKEN, _OFFSET, _CHANGED = 0x927C, 0x9286, 0x9003, 0x9011, 306
_THUMBNAIL_SIZE = 0x0202
_SERIALS = frozenset({0xA431, 0xA435, 50735})
_TEXTS = {305: "software", 315: "author", 0xA430: "author", 33432: "copyright", 270: "description", 0xA434: "lens"}
_WINDOWS_TEXTS = {40091: "description", 40092: "comment", 40093: "author"}  # UTF-16

_PNG_TEXTS = {"author": "author", "artist": "author", "copyright": "copyright", "software": "software"}
_PNG_TEXTS |= {"description": "description", "title": "description", "creation time": "taken", "time": "changed"}

_IPTC_TEXTS = {80: "author", 116: "copyright", 120: "description", 105: "description", 90: "city"}
_XMP_LISTS = {"author": "dc:creator", "copyright": "dc:rights", "description": "dc:description"}
_XMP_VALUES = {"software": "xmp:CreatorTool", "city": "photoshop:City", "taken": "photoshop:DateCreated"}


def read(findings: Findings, removed: int = 0) -> Report:
    """Lines by the ends of their Fluent keys (`report-<key>`): texts of at most 120 printable characters, or numbers.

    `removed` is how many bytes shorter the file became; 0 where that says nothing.
    """
    told: Report = {}
    for part in (_exif, _texts, _photoshop, _xmp, _rest):
        try:
            part(findings, told)
        except FAULTS:
            continue
    if removed > 0:
        told["removed-bytes"] = removed
    if not told:
        return {"nothing": True}
    return dict(sorted(told.items(), key=lambda line: not isinstance(line[1], str)))  # what was told before sizes


def _exif(found: Findings, told: Report) -> None:
    """EXIF and, of a TIFF, everything else that its tags hold."""
    if not found.exif:
        return
    whole_file = isinstance(found.exif, memoryview)
    try:
        block = Tiff(found.exif)
        page = block.directory(block.first)
    except FAULTS:
        told["exif"] = len(found.exif)
        raise
    if not whole_file and set(page.entries) - {ORIENTATION}:
        told["exif"] = len(found.exif)
    detail = _linked(block, page.entries, _EXIF)
    for read_part in (_sizes, _camera, _told_texts, _taken):
        _tolerate(read_part, block, page.entries | detail, told)
    _tolerate(_position, block, _linked(block, page.entries, _GPS), told)
    if not whole_file and page.following:
        _tolerate(_thumbnail, block, block.directory(page.following).entries, told)
    for tag, name in ((_XMP, "xmp"), (_PHOTOSHOP, "photoshop"), (_IPTC, "iptc")):
        if tag in page.entries:
            getattr(found, name).extend(block.bytes(page.entries[tag], _READ))


_Tags = dict[int, Entry]


def _tolerate(part: Callable[[Tiff, _Tags, Report], None], block: Tiff, tags: _Tags, told: Report) -> None:
    try:
        part(block, tags, told)
    except FAULTS:
        return


def _linked(block: Tiff, tags: _Tags, tag: int) -> _Tags:
    try:
        return block.directory(int(block.numbers(tags[tag], 1)[0])).entries
    except FAULTS:
        return {}


def _sizes(block: Tiff, tags: _Tags, told: Report) -> None:
    if _MAKER_NOTE in tags:
        told["maker-note"] = tags[_MAKER_NOTE].size
    if _SERIALS.intersection(tags):
        told["serial"] = True


def _thumbnail(block: Tiff, tags: _Tags, told: Report) -> None:
    told["thumbnail"] = int(block.numbers(tags[_THUMBNAIL_SIZE], 1)[0])


def _camera(block: Tiff, tags: _Tags, told: Report) -> None:
    make, model = (_plain(block.bytes(tags[tag])) if tag in tags else "" for tag in (271, 272))
    _tell(told, "camera", model if model.lower().startswith(make.lower()) else f"{make} {model}")


def _told_texts(block: Tiff, tags: _Tags, told: Report) -> None:
    for tag, key in _TEXTS.items():
        if tag in tags:
            _tell(told, key, _plain(block.bytes(tags[tag])))
    for tag, key in _WINDOWS_TEXTS.items():
        if tag in tags:
            _tell(told, key, block.bytes(tags[tag]).decode("utf-16-le", "replace"))
    if _USER_COMMENT in tags:  # begins with the name of its encoding, in eight bytes
        raw = block.bytes(tags[_USER_COMMENT])
        utf16 = "utf-16-le" if block.order == "<" else "utf-16-be"
        _tell(told, "comment", raw[8:].decode(utf16, "replace") if raw.startswith(b"UNICODE") else _plain(raw[8:]))


def _taken(block: Tiff, tags: _Tags, told: Report) -> None:
    for tag, key in ((_TAKEN, "taken"), (_CHANGED, "changed")):
        if tag in tags:
            date, _, time = _plain(block.bytes(tags[tag])).partition(" ")
            zone = " " + _plain(block.bytes(tags[_OFFSET])) if key == "taken" and _OFFSET in tags else ""
            _tell(told, key, f"{date.replace(':', '-')} {time}{zone}")


def _position(block: Tiff, tags: _Tags, told: Report) -> None:
    for key, tag, negative in (("latitude", 2, b"S"), ("longitude", 4, b"W")):
        parts = (*block.numbers(tags[tag], 3), 0.0, 0.0)
        degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
        if math.isfinite(degrees) and abs(degrees) <= 180:
            told[key] = round(-degrees if block.bytes(tags[tag - 1])[:1].upper() == negative else degrees, 5)
    altitude = block.numbers(tags[6], 1)[0]
    if math.isfinite(altitude):
        told["altitude"] = round(-altitude if block.bytes(tags[5])[:1] == b"\1" else altitude)


def _texts(found: Findings, told: Report) -> None:
    for keyword, text in found.texts[:500]:
        key = _PNG_TEXTS.get(keyword, "comment")
        _tell(told, key, text if key != "comment" or keyword == "comment" else f"{keyword}: {text}")


def _photoshop(found: Findings, told: Report) -> None:
    """IPTC (IIM 4.2, application record), bare or in Photoshop's resource 0x0404."""
    records = bytes(found.iptc) + b"".join(_resources(bytes(found.photoshop[:_READ])))
    if records:
        told["iptc"] = len(records)
    for number, text in _records(records[:_READ]):
        if key := _IPTC_TEXTS.get(number):
            _tell(told, key, _plain(text))


def _resources(blocks: bytes) -> Iterator[bytes]:
    at = blocks.find(b"8BIM")
    while at >= 0 and at + 12 <= len(blocks) and blocks[at : at + 4] == b"8BIM":
        kind, name = struct.unpack_from(">HB", blocks, at + 4)
        at += 6 + (name + 2 & ~1)
        size = int.from_bytes(blocks[at : at + 4], "big")
        if kind == 0x0404:
            yield blocks[at + 4 : at + 4 + size]
        at += 4 + size + (size & 1)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(1000):
        if data[at : at + 1] != b"\x1c" or at + 5 > len(data):
            return
        record, number, size = struct.unpack_from(">BBH", data, at + 1)
        if record == 2:
            yield number, data[at + 5 : at + 5 + size]
        at += 5 + size


def _xmp(found: Findings, told: Report) -> None:
    if not found.xmp:
        return
    told["xmp"] = len(found.xmp)
    text = found.xmp[:_READ].decode("utf-8", "replace")
    for key, name in _XMP_LISTS.items():
        if match := re.search(rf"<{name}>.{{0,200}}?<rdf:li[^<>]{{0,60}}>([^<]{{1,500}})", text, re.DOTALL):
            _tell(told, key, html.unescape(match[1]))
    for key, name in _XMP_VALUES.items():
        if match := re.search(rf"{name}(?:=[\"']|>)([^<\"']{{1,500}})", text):
            _tell(told, key, html.unescape(match[1]))
    _count(told, "edits", re.finditer(r"stEvt:action[=>]", text))
    _count(told, "faces", re.finditer(r"mwg-rs:Type(?:=[\"']|>)Face|MPReg:Rectangle[=>]", text))
    if "latitude" not in told:
        _xmp_position(text, told)


def _xmp_position(text: str, told: Report) -> None:
    """XMP's `48,51.5N` or `48,51,30N` (XMP specification part 2, GPSCoordinate)."""
    for key, name in (("latitude", "exif:GPSLatitude"), ("longitude", "exif:GPSLongitude")):
        if match := re.search(
            rf"{name}(?:=[\"']|>)(\d{{1,3}}),(\d{{1,2}}(?:\.\d{{1,9}})?)(?:,(\d{{1,2}}))?([NSEW])", text
        ):
            degrees = int(match[1]) + float(match[2]) / 60 + int(match[3] or 0) / 3600
            told[key] = round(-degrees if match[4] in "SW" else degrees, 5)


def _rest(found: Findings, told: Report) -> None:
    if found.c2pa:
        told["c2pa"] = True
    sizes = {"thumbnail": found.thumbnail, "extra-pictures": found.extra_pictures, "trailing": found.trailing}
    for key, size in sizes.items():
        if size and key not in told:
            told[key] = size


def _count(told: Report, key: str, matches: Iterable[object]) -> None:
    if number := sum(1 for _ in matches):
        told[key] = number


def _plain(raw: bytes) -> str:
    """Text of unknown encoding, up to its first zero: UTF-8 where it is, else Latin-1."""
    raw = raw.partition(b"\0")[0]
    try:
        return raw.decode().strip()
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip()


def _tell(told: Report, key: str, text: str) -> None:
    """The first source that says something wins; nothing unprintable goes on to a screen."""
    words = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST]).split())
    if words and key not in told:
        told[key] = words[:_LONGEST]
