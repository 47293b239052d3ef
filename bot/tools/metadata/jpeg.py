"""JPEG (ITU-T T.81, annex B): its segments, and the same picture without metadata. Nothing is decoded."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bot.tools import colour
from bot.tools.metadata import Findings, Stripped, broken, tiff

SOI, EOI, SOS, APP0, COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xFE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DECODING = FRAMES | {0xC4, 0xCC, 0xDB, 0xDD, SOS}  # and Huffman, arithmetic, quantisation tables, restart interval

END = bytes([0xFF, EOI])

# EXIF's name ends in two zeros, but for cameras that pad with something else: six bytes stand before its TIFF header.
EXIF, XMP, XMP_EXTENDED = b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
ICC, MPF, PHOTOSHOP, ADOBE, JFIF = b"ICC_PROFILE\0", b"MPF\0", b"Photoshop 3.0\0", b"Adobe", b"JFIF\0"


class Segment(NamedTuple):
    marker: int
    start: int  # of its 0xFF
    body: int  # after marker and length
    end: int  # past its body and, for SOS, past the coded data that follows


def segments(data: memoryview) -> Iterator[Segment]:
    """All segments from SOI's successor to EOI, which is yielded, too, where there is one.

    A fault after the first scan ends the picture there, as decoders do; before it, it is Refused(BROKEN).
    """
    scanned, start = False, _next_marker(data, 2)
    while start >= 0:
        marker = data[start + 1]
        if marker == EOI:
            yield Segment(marker, start, start + 2, start + 2)
            return
        end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if marker >= APP0:
            end = max(end, start + 4)  # decoders take a length below 2 for an empty segment
        if marker == SOI or end < start + 4 or end > len(data):
            break
        following = _next_marker(data, end)
        if marker == SOS:
            scanned, end = True, following if following >= 0 else len(data)
        yield Segment(marker, start, start + 4, end)
        start = following
    if not scanned:
        raise broken()


def _next_marker(data: memoryview, at: int) -> int:
    """Where the next segment's 0xFF is, or -1.

    Stuffed zeros, fill bytes, restart markers and the reserved ones below 0xC0 are none: decoders pass over them.
    Whole blocks are sieved at once (0xFF with a successor from 0xC0 on leaves 0xFF), three times as fast as `re`.
    """
    if at + 1 < len(data) and data[at] == 0xFF and 0xC0 <= data[at + 1] < 0xFF and data[at + 1] & 0xF8 != 0xD0:
        return at
    values, size = np.frombuffer(data, np.uint8), 1 << 18
    block = bytearray(min(size, len(data)))
    sieve = np.frombuffer(block, np.uint8)
    for begin in range(at, len(data) - 1, size):
        end = min(begin + size, len(data) - 1)
        here, after, out = values[begin:end], values[begin + 1 : end + 1], sieve[: end - begin]
        np.bitwise_or(after, 0x3F, out=out)
        np.bitwise_and(out, here, out=out)
        if block.find(b"\xff", 0, end - begin) >= 0:
            hits = np.flatnonzero(out == 0xFF)
            hits = hits[((after[hits] < 0xD0) | (after[hits] > 0xD7)) & (after[hits] != 0xFF)]
            if len(hits):
                return begin + int(hits[0])
    return -1


def exif(data: memoryview) -> bytes:
    """EXIF from its TIFF header on; one larger than 64 KB goes on in the next segment."""
    found = b""
    for segment in segments(data):
        if segment.marker == SOS:
            break
        if segment.marker == 0xE1 and begins(data, segment, EXIF):
            found += tiff.bare_exif(bytes(data[segment.body : segment.end]))
    return found


def profile(data: memoryview) -> bytes:
    """The ICC profile of the segments before the picture, in order of their numbers."""
    pieces: dict[int, bytes] = {}
    for segment in segments(data):
        if segment.marker == SOS:
            break
        if segment.marker == 0xE2 and begins(data, segment, ICC) and segment.end - segment.body > 14:
            pieces.setdefault(data[segment.body + 12], bytes(data[segment.body + 14 : segment.end]))
    return b"".join(piece for _, piece in sorted(pieces.items()))


def has_end(data: memoryview) -> bool:
    """Whether an end is marked; some writers, and a break of the last moment, leave it out."""
    return data[-2:] == END or any(segment.marker == EOI for segment in segments(data))


def precision(data: memoryview) -> int:
    """Bits a sample."""
    return data[_frame(data).body]


def components(data: memoryview) -> int:
    """Colours: 1 grey, 3 colours, 4 inks."""
    return data[_frame(data).body + 5]


def _frame(data: memoryview) -> Segment:
    for segment in segments(data):
        if segment.marker in FRAMES:
            return segment
    raise broken()


def frame_size(data: memoryview, segment: Segment) -> tuple[int, int]:
    """Width and height that a frame header tells."""
    height, width = struct.unpack_from(">HH", data, segment.body + 1)
    return width, height


def strip(data: memoryview) -> Stripped:
    """Keep what decoding needs, colours and orientation; drop all else, and all that follows the picture."""
    kept: list[bytes | memoryview] = []
    run_start = run_end = 0  # what is kept side by side stays one piece
    size, end, findings, profiled = (0, 0), 0, Findings(), False
    for segment in segments(data):
        marker, start, _, end = segment
        if marker in FRAMES:
            size = size if any(size) else frame_size(data, segment)
        is_profile = marker == 0xE2 and begins(data, segment, ICC)
        profiled = profiled or is_profile
        if marker in _DECODING or is_profile:
            if start != run_end:
                kept.append(data[run_start:run_end])
                run_start = start
            run_end = end
        elif piece := _reduced(data, segment):
            kept += [data[run_start:run_end], piece]
            run_start = run_end = end
            findings.thumbnail += end - start - len(piece)
        else:
            _note(findings, data, segment)
    kept.append(data[run_start:run_end])
    findings.trailing = len(data) - end
    turn = tiff.orientation(exif(data))  # not what stands behind the picture: no viewer turns it by that
    profile = [] if profiled else _told_profile(findings, data)
    pieces = [b"\xff\xd8", _exif(turn), *profile, *kept, END]
    return Stripped([piece for piece in pieces if len(piece)], *size, turn, findings)


def profile_segments(icc: bytes) -> list[bytes]:
    """A profile in APP2 segments of at most 64 KB, numbered (ICC.1:2022, B.4)."""
    room = 65_519
    pieces = [icc[start : start + room] for start in range(0, len(icc), room)]
    return [
        b"\xff\xe2" + struct.pack(">H", len(piece) + 16) + ICC + bytes([number, len(pieces)]) + piece
        for number, piece in enumerate(pieces, 1)
    ]


def _told_profile(findings: Findings, data: memoryview) -> list[bytes]:
    """What stands for EXIF's word that the colours are Adobe RGB, where no profile says which they are."""
    if not tiff.is_adobe_rgb(findings.exif) or components(data) == 4:
        return []
    return profile_segments(colour.profile(colour.ADOBE_RGB, grey=components(data) == 1))


def begins(data: memoryview, segment: Segment, name: bytes) -> bool:
    return data[segment.body : min(segment.body + len(name), segment.end)] == name


def _reduced(data: memoryview, segment: Segment) -> bytes:
    """JFIF's and Adobe's headers without what may hang at their ends; empty for everything else."""
    if segment.marker == APP0 and begins(data, segment, JFIF) and segment.end - segment.body >= 14:
        return b"\xff\xe0\0\x10" + data[segment.body : segment.body + 12] + b"\0\0"
    if segment.marker == 0xEE and begins(data, segment, ADOBE) and segment.end - segment.body >= 12:
        return b"\xff\xee\0\x0e" + data[segment.body : segment.body + 12]
    return b""


def _exif(turn: int) -> bytes:
    if turn == 1:
        return b""
    body = b"Exif\0\0" + tiff.orientation_only(turn)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _note(findings: Findings, data: memoryview, segment: Segment) -> None:
    """Remember what a dropped segment held."""
    marker, body, end = segment.marker, segment.body, segment.end
    if marker == COM:
        findings.texts.append(("comment", bytes(data[body : min(end, body + 500)]).decode("utf-8", "replace")))
    elif marker == 0xE1 and begins(data, segment, EXIF):
        findings.exif = bytes(findings.exif) + tiff.bare_exif(bytes(data[body:end]))
    elif marker == 0xE1 and begins(data, segment, XMP):
        findings.xmp += data[body + len(XMP) : end]
    elif marker == 0xE1 and begins(data, segment, XMP_EXTENDED):
        findings.xmp += data[body + len(XMP_EXTENDED) + 40 : end]  # after a digest, length and offset
    elif marker == 0xE2 and begins(data, segment, MPF):
        findings.extra_pictures += _pictures(data[body + len(MPF) : end])
    elif marker == 0xED and begins(data, segment, PHOTOSHOP):
        findings.photoshop += data[body + len(PHOTOSHOP) : end]
    elif marker == 0xEB and begins(data, segment, b"JP"):
        findings.c2pa = findings.c2pa or b"c2pa" in bytes(data[body:end])
    elif marker == APP0:
        findings.thumbnail += end - body


def _pictures(index: memoryview) -> int:
    """How many further pictures a multi-picture index lists (CIPA DC-007, tag 0xB001)."""
    try:
        block = tiff.Tiff(index)
        return max(0, int(block.numbers(block.directory(block.first).entries[0xB001], 1)[0]) - 1)
    except (ValueError, KeyError, IndexError, OverflowError, struct.error):
        return 0
