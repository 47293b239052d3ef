"""PNG and APNG (PNG specification, third edition): chunks, and the same picture without metadata."""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from bot.model import MIB
from bot.tools.metadata import Findings, Stripped, broken, tiff

FRAMES = frozenset({b"acTL", b"fcTL", b"fdAT"})
CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_COLOUR = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"mDCV", b"cLLI"})
_KEPT = CRITICAL | FRAMES | _COLOUR
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
    """All chunks up to IEND; Refused(BROKEN) where one reaches beyond the file or IHDR is not the first."""
    if bytes(data[12:16]) != b"IHDR":
        raise broken()
    at = 8
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + size
        if end > len(data):
            raise broken()
        yield Chunk(name, at, at + 8, end)
        if name == b"IEND":
            return
        at = end


def size(data: memoryview) -> tuple[int, int]:
    """Width and height that IHDR tells."""
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def strip(data: memoryview) -> Stripped:
    """Keep picture, frames and colour; drop text, time, EXIF, C2PA, private chunks, and all that follows IEND."""
    kept: list[tuple[int, int]] = []
    findings, end, painted = Findings(), 8, False
    for chunk in chunks(data):
        end = chunk.end
        painted = painted or chunk.name == b"IDAT"
        if chunk.name not in _KEPT:
            _note(findings, data, chunk)
        elif chunk.name != b"IEND":
            if kept and kept[-1][1] == chunk.start:
                kept[-1] = kept[-1][0], end
            else:
                kept.append((chunk.start, end))
    if not painted:
        raise broken()
    findings.trailing = len(data) - end
    turn = tiff.orientation(findings.exif)
    header = 33  # signature and IHDR, which the walk made sure of
    rest = [data[max(start, header) : stop] for start, stop in kept if stop > header]
    return Stripped([data[:header], *_exif(turn), *rest, _IEND], *size(data), turn, findings)


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
