"""PNG and APNG (PNG specification, third edition): chunks, and the same picture without metadata."""

import itertools
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from bot.domain.values import MIB
from bot.tools import colour
from bot.tools.colour import Colour, Primaries
from bot.tools.metadata import Findings, Stripped, broken, tiff

FRAMES = frozenset({b"acTL", b"fcTL", b"fdAT"})
CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_COLOUR = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"mDCV", b"cLLI"})
_PIXELS = frozenset({b"IDAT", b"fdAT"})
_PAINTED = frozenset({b"PLTE", b"tRNS", b"iCCP"}) | FRAMES | _PIXELS  # what Pillow needs to show it
_KEPT = _PAINTED | _COLOUR
_IEND = b"\0\0\0\0IEND\xaeB`\x82"


class Chunk(NamedTuple):
    name: bytes
    start: int  # of its length
    body: int
    end: int  # past its checksum

    @property
    def size(self) -> int:
        return self.end - self.body - 4


def chunks(data: memoryview) -> Iterator[Chunk]:
    """All chunks up to IEND, or to the one after the picture that is cut off.

    Raises Refused(BROKEN) where the picture reaches beyond the file or IHDR is not the first.
    """
    if bytes(data[8:16]) != b"\0\0\0\rIHDR":
        raise broken()
    at, painted = 8, False
    while at + 12 <= len(data) or not painted:
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            if painted and name != b"IDAT":
                return  # only the picture must be whole
            raise broken()
        painted = painted or name == b"IDAT"
        yield Chunk(name, at, at + 8, end)
        if name == b"IEND":
            return
        at = end


def size(data: memoryview) -> tuple[int, int]:
    """Width and height that IHDR tells."""
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def depth(data: memoryview) -> int:
    """Bits a sample."""
    return data[24]


def white(data: memoryview) -> int:
    """What decoders multiply a grey of fewer than 8 bits with, so that the largest is white."""
    return 255 // ((1 << depth(data)) - 1) if depth(data) < 8 else 1


def exif(data: memoryview) -> bytes:
    """EXIF by which viewers turn a picture: none that comes after it, nor ImageMagick's, which is a text."""
    found = next((chunk for chunk in _before_picture(data) if chunk.name == b"eXIf"), None)
    return bytes(data[found.body : found.end - 4]) if found else b""


def clear_colour(data: memoryview) -> tuple[int, ...] | None:
    """The one grey or RGB that is transparent, as it is stored; None where there is none, or alpha or a palette."""
    for chunk in _used_before_picture(data):
        if chunk.name == b"tRNS" and data[25] != 3:
            return struct.unpack_from(f">{chunk.size // 2}H", data, chunk.body)
    return None


def colour_of(data: memoryview) -> Colour | None:
    """What its numbers mean, None where its profile says it: cICP comes before iCCP, sRGB, gAMA (PNG 3, 4.3)."""
    found: dict[bytes, bytes] = {}
    for chunk in _before_picture(data):
        found.setdefault(chunk.name, bytes(data[chunk.body : chunk.end - 4]))
    primaries, transfer, _, full_range = found.get(b"cICP", b"").ljust(4, b"\0")[:4]
    if full_range and colour.are_known(primaries, transfer):
        return colour.of_code_points(primaries, transfer)
    if _profile(data):
        return None
    if b"sRGB" in found or len(found.get(b"gAMA", b"")) != 4:
        return colour.PLAIN
    xy = [number / 100_000 for (number,) in struct.iter_unpack(">I", found.get(b"cHRM", b""))]
    points = [(xy[at], xy[at + 1]) for at in range(0, 8, 2)] if len(xy) == 8 else None
    return colour.of_gamma(int.from_bytes(found[b"gAMA"], "big") / 100_000, Primaries(*points) if points else None)


def _before_picture(data: memoryview) -> Iterator[Chunk]:
    """What stands before the picture, with a right checksum: decoders pass over the rest."""
    before = itertools.takewhile(lambda chunk: chunk.name != b"IDAT", chunks(data))
    return (chunk for chunk in before if _checksum(data, chunk) == data[chunk.end - 4 : chunk.end])


def picture(data: memoryview) -> list[bytes | memoryview]:
    """The file without anything that a decoder of its pixels could stumble over; what is sound is not copied."""
    return [_header(data), *_runs(data, _PAINTED), _IEND]


def _header(data: memoryview) -> bytes:
    """Signature and IHDR."""
    return bytes(data[:29]) + zlib.crc32(data[12:29]).to_bytes(4, "big")


def _runs(data: memoryview, wanted: frozenset[bytes]) -> Iterator[bytes | memoryview]:
    """The wanted chunks between IHDR and IEND, in pieces as long as can be.

    A palette's wrong checksum is made right, any other chunk that has one is left out; that of pixels is not asked for.
    """
    start = stop = 0
    used = {chunk.start for chunk in _used_before_picture(data)}
    for chunk in chunks(data):
        if chunk.name in _COLOUR and chunk.start not in used:
            continue
        right = b"" if chunk.name in _PIXELS else _checksum(data, chunk)
        wrong = bool(right) and right != data[chunk.end - 4 : chunk.end]
        if chunk.name not in wanted or (wrong and chunk.name != b"PLTE"):
            continue
        if chunk.start != stop:
            yield data[start:stop]
            start = chunk.start
        stop = chunk.end
        if wrong:
            yield from (data[start : stop - 4], right)
            start = stop
    yield data[start:stop]


def _used_before_picture(data: memoryview) -> list[Chunk]:
    """What decoders read of transparency and colour: the first of each name, if they can read it."""
    first: dict[bytes, Chunk] = {}
    for chunk in _before_picture(data):
        first.setdefault(chunk.name, chunk)
    profile = _profile(data)
    return [
        chunk
        for chunk in first.values()
        if (chunk.name != b"iCCP" or chunk == profile) and (chunk.name != b"tRNS" or _is_readable(data, chunk))
    ]


def _is_readable(data: memoryview, clear: Chunk) -> bool:
    """Whether a tRNS has the size that its kind of picture asks for."""
    return clear.size in {0: range(2, 3), 2: range(6, 7), 3: range(1, 257)}.get(data[25], range(0))


def _profile(data: memoryview) -> Chunk | None:
    """The one iCCP that decoders read: the first, if it is packed in PNG's only way and holds a profile."""
    found = next((chunk for chunk in _before_picture(data) if chunk.name == b"iCCP"), None)
    if found is None or bytes(data[found.body : found.end - 4]).partition(b"\0")[2][:1] != b"\0":
        return None
    return found if inflated(data, found, 40)[36:] == b"acsp" else None


def _checksum(data: memoryview, chunk: Chunk) -> bytes:
    return zlib.crc32(data[chunk.start + 4 : chunk.end - 4]).to_bytes(4, "big")


def strip(data: memoryview) -> Stripped:
    """Keep picture, frames and colour; drop text, time, EXIF, C2PA, private chunks, and all that follows IEND."""
    findings, end, painted = Findings(), 8, False
    for chunk in chunks(data):
        end = chunk.end
        painted = painted or chunk.name == b"IDAT"
        if chunk.name not in _KEPT:
            _note(findings, data, chunk)
    if not painted:
        raise broken()
    findings.trailing = len(data) - end
    turn = tiff.orientation(exif(data))
    return Stripped([_header(data), *_exif(turn), *_runs(data, _KEPT), _IEND], *size(data), turn, findings)


def inflated(data: memoryview, chunk: Chunk, limit: int) -> bytes:
    """What a compressed text or profile holds, at most `limit` bytes of it; as it is where nothing is compressed."""
    body = bytes(data[chunk.body : chunk.end - 4])
    rest = body.partition(b"\0")[2]
    if chunk.name == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    else:
        packed, rest = chunk.name in (b"zTXt", b"iCCP"), rest[1:] if chunk.name != b"tEXt" else rest
    if not packed:
        return rest[:limit]
    try:
        return zlib.decompressobj().decompress(rest, limit)
    except zlib.error:
        return b""


def _exif(turn: int) -> list[bytes]:
    if turn == 1:
        return []
    body = b"eXIf" + tiff.orientation_only(turn)
    return [struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))]


def _note(findings: Findings, data: memoryview, chunk: Chunk) -> None:
    """Remember what a dropped chunk held."""
    if chunk.name == b"eXIf":
        findings.exif = bytes(data[chunk.body : chunk.end - 4])
    elif chunk.name == b"caBX":
        findings.c2pa = True
    elif chunk.name == b"tIME" and chunk.size == 7:
        year, month, day, hour, minute, second = struct.unpack_from(">HBBBBB", data, chunk.body)
        findings.texts.append(("time", f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
    elif chunk.name in (b"tEXt", b"zTXt", b"iTXt"):
        keyword = bytes(data[chunk.body : min(chunk.body + 80, chunk.end - 4)]).partition(b"\0")[0]
        _note_text(findings, keyword.decode("latin-1").lower(), inflated(data, chunk, MIB), chunk.name == b"iTXt")


def _note_text(findings: Findings, keyword: str, text: bytes, unicode: bool) -> None:
    if keyword == "xml:com.adobe.xmp":
        findings.xmp += text
    elif keyword.startswith("raw profile type "):  # ImageMagick's: name, length, then lines of hexadecimal digits
        profile = _from_hex(text)
        if keyword.endswith((" exif", " app1")) and not findings.exif:
            findings.exif = profile.removeprefix(b"Exif\0\0")
        elif keyword.endswith(" iptc"):
            findings.photoshop += profile
        elif keyword.endswith(" xmp"):
            findings.xmp += profile
    else:
        findings.texts.append((keyword, text[:2000].decode("utf-8" if unicode else "latin-1", "replace")))


def _from_hex(text: bytes) -> bytes:
    try:
        return bytes.fromhex(b"".join(text.split(b"\n")[3:]).decode("ascii"))
    except ValueError:
        return b""
