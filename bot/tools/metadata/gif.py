"""GIF (GIF89a specification): blocks, and the same picture without metadata; animations, too."""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from bot.domain.errors import Reason, Refused
from bot.tools.metadata import Findings, Stripped, broken

CONTROL, COMMENT, APPLICATION, IMAGE, TRAILER = 0xF9, 0xFE, 0xFF, 0x2C, 0x3B
_EXTENSION = 0x21
_INTRODUCER = re.compile(rb"[\x21\x2c\x3b]")  # decoders pass over whatever stands between blocks
MAX_SUB_BLOCKS = 200_000  # 20 MB in full sub-blocks are 80,000


class Block(NamedTuple):
    kind: int  # IMAGE, TRAILER, or the label of an extension
    start: int
    body: int  # of its first sub-block
    end: int


def blocks(data: memoryview) -> Iterator[Block]:
    """All blocks up to the trailer, which is yielded where there is one; a block that is cut off ends the picture.

    Raises Refused(TOO_COMPLEX) beyond MAX_SUB_BLOCKS.
    """
    at, budget = header_end(data), MAX_SUB_BLOCKS
    while found := _INTRODUCER.search(data, at):
        start = found.start()
        kind = data[start]
        if kind == TRAILER:
            yield Block(kind, start, start + 1, start + 1)
            return
        try:
            body = start + 2 if kind == _EXTENSION else start + 11 + _table(data[start + 9])
            kind = data[start + 1] if kind == _EXTENSION else kind
            at, budget = _past_sub_blocks(data, body, budget)
        except IndexError:
            return
        yield Block(kind, start, body, at)


def header_end(data: memoryview) -> int:
    """Past the logical screen and its colour table."""
    return 13 + _table(data[10])


def screen(data: memoryview) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def extent(data: memoryview, image: Block) -> tuple[int, int]:
    """How far right and down an image reaches; decoders widen the screen to it."""
    left, top, width, height = struct.unpack_from("<HHHH", data, image.start + 1)
    return left + width, top + height


def first_image(data: memoryview) -> tuple[int, int, int, int]:
    """Where on the screen it lies: left, top, right, bottom. Raises ValueError where there is none."""
    for block in blocks(data):
        if block.kind == IMAGE:
            left, top = struct.unpack_from("<HH", data, block.start + 1)
            return left, top, *extent(data, block)
    raise ValueError("no image")


def strip(data: memoryview) -> Stripped:
    """Keep images, their controls, loop count and ICC profile; drop comments, XMP and all that follows the trailer."""
    kept: list[bytes | memoryview] = [b"GIF89a", data[6 : header_end(data)]]
    findings, end, extensions, size = Findings(), 0, set[bytes](), (0, 0)
    for block in blocks(data):
        end = block.end
        if block.kind in (IMAGE, CONTROL):
            kept.append(data[block.start : block.end])
            if block.kind == IMAGE and not any(size):
                size = tuple(map(max, screen(data), extent(data, block)))  # type: ignore[assignment]
        elif block.kind == APPLICATION and (name := _application(data, block)) in (_LOOP, _PROFILE):
            if name not in extensions:
                kept.append(_loop(data, block) if name == _LOOP else data[block.start : block.end])
            extensions.add(name)
        else:
            _note(findings, data, block)
    if not any(size):
        raise broken()
    findings.trailing = len(data) - end
    return Stripped([*kept, b";"], *size, 1, findings)


_LOOP, _PROFILE, _XMP = b"NETSCAPE2.0", b"ICCRGBG1012", b"XMP DataXMP"


def _table(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _past_sub_blocks(data: memoryview, at: int, budget: int) -> tuple[int, int]:
    """The offset past the terminator and what is left of the budget; IndexError where the file ends before."""
    while size := data[at]:
        at += size + 1
        budget -= 1
        if budget < 0:
            raise Refused(Reason.TOO_COMPLEX)
    return at + 1, budget


def _application(data: memoryview, block: Block) -> bytes:
    return bytes(data[block.body + 1 : block.body + 12]) if data[block.body] == 11 else b""


def _loop(data: memoryview, block: Block) -> bytes:
    """The loop count alone; further sub-blocks may hang there."""
    found = bytes(data[block.body + 12 : block.body + 16])
    count = found[2:4] if found[:2] == b"\x03\x01" else b"\0\0"
    return b"\x21\xff\x0b" + _LOOP + b"\x03\x01" + count + b"\0"


def _note(findings: Findings, data: memoryview, block: Block) -> None:
    """Remember what a dropped block held."""
    if block.kind == COMMENT:
        findings.texts.append(
            ("comment", bytes(data[block.body + 1 : min(block.end, block.body + 256)]).decode("utf-8", "replace"))
        )
    elif block.kind == APPLICATION and _application(data, block) == _XMP:
        findings.xmp += data[block.body + 12 : block.end]
