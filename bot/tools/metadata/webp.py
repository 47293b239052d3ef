"""WebP (RFC 9649): chunks, and the same picture without metadata; animations, too."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from bot.tools.metadata import Findings, Stripped, broken, tiff

BITSTREAMS = frozenset({b"VP8 ", b"VP8L"})
_FRAME_PARTS = BITSTREAMS | {b"ALPH"}
PICTURE = _FRAME_PARTS | {b"VP8X", b"ANIM", b"ANMF"}
SIZED = BITSTREAMS | {b"VP8X", b"ANMF"}
_ICC, _ALPHA, _EXIF, _ANIMATION = 0x20, 0x10, 0x08, 0x02


class Chunk(NamedTuple):
    name: bytes
    start: int  # of its name
    body: int
    end: int  # past its body, before the padding


def chunks(data: memoryview, start: int = 12, end: int | None = None) -> Iterator[Chunk]:
    """The chunks of the file, or of a frame between start and end; Refused(BROKEN) where one reaches beyond."""
    end = picture_end(data) if end is None else end
    while start + 8 <= end:
        name, size = struct.unpack_from("<4sI", data, start)
        body = start + 8
        if body + size > end:
            raise broken()
        yield Chunk(name, start, body, body + size)
        start = body + size + (size & 1)


def frame_parts(data: memoryview, frame: Chunk) -> Iterator[Chunk]:
    """The chunks inside an ANMF."""
    return chunks(data, frame.body + 16, frame.end)


def picture_end(data: memoryview) -> int:
    return min(len(data), 8 + int.from_bytes(data[4:8], "little"))


def size(data: memoryview, chunk: Chunk) -> tuple[int, int]:
    """Width and height that a VP8X, ANMF, VP8 or VP8L chunk tells."""
    body = bytes(data[chunk.body : min(chunk.body + 16, chunk.end)])
    if len(body) < (5 if chunk.name == b"VP8L" else 10):
        raise broken()
    if chunk.name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk.name == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    at = 4 if chunk.name == b"VP8X" else 6
    return int.from_bytes(body[at : at + 3], "little") + 1, int.from_bytes(body[at + 3 : at + 6], "little") + 1


def strip(data: memoryview) -> Stripped:
    """Keep canvas, frames, alpha and ICC profile; drop EXIF, XMP, C2PA, the unknown, and what follows RIFF's end."""
    kept: list[bytes | memoryview] = []
    findings, canvas, first, profile = Findings(), None, None, b""
    for chunk in chunks(data):
        if chunk.name == b"VP8X":
            canvas = canvas or chunk
        elif chunk.name == b"ICCP" and canvas and data[canvas.body] & _ICC and not profile:
            profile = chunk.name
            kept += _whole(data, chunk)
        elif chunk.name == b"ANMF":
            kept += _frame(data, chunk)
        elif chunk.name in PICTURE:
            kept += _whole(data, chunk)
        else:
            _note(findings, data, chunk)
        first = first or (chunk if chunk.name in BITSTREAMS | {b"ANMF"} else None)
    if first is None:
        raise broken()
    findings.trailing = len(data) - picture_end(data)
    turn = tiff.orientation(findings.exif) if canvas else 1  # without VP8X, EXIF has no place and nobody reads it
    if turn != 1:
        kept += [struct.pack("<4sI", b"EXIF", 26), tiff.orientation_only(turn)]
    if canvas:
        kept[:0] = [_canvas(data, canvas, bool(profile), turn != 1)]
    length = sum(map(len, kept)) + 4
    header = struct.pack("<4sI4s", b"RIFF", length, b"WEBP")
    return Stripped([header, *kept], *size(data, canvas or first), turn, findings)


def _whole(data: memoryview, chunk: Chunk) -> list[bytes | memoryview]:
    odd = (chunk.end - chunk.body) & 1
    return [data[chunk.start : chunk.end], *([b"\0"] if odd else [])]


def _frame(data: memoryview, frame: Chunk) -> list[bytes | memoryview]:
    """An ANMF with its picture and alpha alone; other chunks may hide in there."""
    parts = [piece for part in frame_parts(data, frame) if part.name in _FRAME_PARTS for piece in _whole(data, part)]
    header = struct.pack("<4sI", b"ANMF", 16 + sum(map(len, parts)))
    return [header, data[frame.body : frame.body + 16], *parts]


def _canvas(data: memoryview, canvas: Chunk, profile: bool, exif: bool) -> bytes:
    flags = data[canvas.body] & (_ALPHA | _ANIMATION) | _ICC * profile | _EXIF * exif
    return struct.pack("<4sIB3x", b"VP8X", 10, flags) + data[canvas.body + 4 : canvas.body + 10]


def _note(findings: Findings, data: memoryview, chunk: Chunk) -> None:
    body = data[chunk.body : chunk.end]
    if chunk.name == b"EXIF":
        findings.exif = tiff.bare_exif(bytes(body))
    elif chunk.name == b"XMP ":
        findings.xmp += body
    elif chunk.name == b"C2PA":
        findings.c2pa = True
