"""The header gate: what a file is, and whether it is safe to decode, told from its structure alone.

It runs in the jail before any decoder. Bounds, each from a bomb that passed plain Pillow: bytes, pixels, scans,
chunks, and metadata (counted inflated, for a zTXt of 1 MB can hold 1 GB).
"""

import struct
from collections.abc import Callable
from contextlib import suppress
from mmap import mmap

from bot.domain.errors import Reason, Refused
from bot.domain.values import MIB, Limits
from bot.tools.metadata import gif, heif, jpeg, png, tiff, webp

MAX_SCANS = 64  # each costs a pass over all coefficients; encoders write 10 to 20
MAX_PARTS = 50_000  # segments, chunks: 20 MB in the 4 KB chunks of the thriftiest encoders are 5,000
MAX_ANCILLARY = 500
MAX_PAGES = 1_000
MAX_METADATA = 4 * MIB


def check(data: memoryview | mmap, limits: Limits) -> str:
    """The format by content, in Pillow's spelling (an MPO is a JPEG).

    Raises Refused, and nothing else, for what is no photo, too large, too intricate or broken beyond reading.
    """
    view = memoryview(data)
    if len(view) > limits.megabytes * MIB:
        raise Refused(Reason.TOO_MANY_BYTES, limits.megabytes)
    kind = _sniff(bytes(view[:256]))
    try:
        _CHECKS[kind](view, limits)
    except (struct.error, ValueError, IndexError, KeyError, OverflowError):
        raise Refused(Reason.BROKEN) from None
    return kind


def _sniff(head: bytes) -> str:
    for begins, kind in _SIGNATURES.items():
        if head.startswith(begins):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if kind := heif.family(head):
        return kind
    raise Refused(Reason.NOT_A_PHOTO)


def _pixels(width: int, height: int, limits: Limits) -> None:
    """Refuse a picture without area, and one beyond the limit of megapixels."""
    if width <= 0 or height <= 0:
        raise Refused(Reason.BROKEN)
    if width * height > limits.megapixels * 1_000_000:
        raise Refused(Reason.TOO_MANY_PIXELS, min(-(-width * height // 1_000_000), 999_999))


def _bound(amount: int, most: int, reason: Reason) -> None:
    if amount > most:
        raise Refused(reason)


def _jpeg(data: memoryview, limits: Limits) -> None:
    scans = metadata = frames = 0
    for number, segment in enumerate(jpeg.segments(data)):
        _bound(number, MAX_PARTS, Reason.TOO_COMPLEX)
        if segment.marker in jpeg.FRAMES:
            frames += 1
            _pixels(*jpeg.frame_size(data, segment), limits)
        elif segment.marker == jpeg.SOS:
            scans += 1
            _bound(scans, MAX_SCANS, Reason.TOO_COMPLEX)
        # Extended XMP holds depth maps of several MB, and no decoder gathers it.
        elif segment.marker >= jpeg.APP0 and not jpeg.begins(data, segment, jpeg.XMP_EXTENDED):
            metadata += segment.end - segment.start
            _bound(metadata, MAX_METADATA, Reason.TOO_MUCH_METADATA)
    if not frames or not scans:
        raise Refused(Reason.BROKEN)


def _png(data: memoryview, limits: Limits) -> None:
    _pixels(*png.size(data), limits)
    ancillary = metadata = 0
    painted = False
    for number, chunk in enumerate(png.chunks(data)):
        _bound(number, MAX_PARTS, Reason.TOO_COMPLEX)
        painted = painted or chunk.name == b"IDAT"
        if chunk.name in png.CRITICAL | png.FRAMES:
            continue
        ancillary += 1
        _bound(ancillary, MAX_ANCILLARY, Reason.TOO_COMPLEX)
        metadata += max(chunk.size, len(png.inflated(data, chunk, MAX_METADATA + 1)) if chunk.name in _PACKED else 0)
        _bound(metadata, MAX_METADATA, Reason.TOO_MUCH_METADATA)
    if not painted:
        raise Refused(Reason.BROKEN)


def _webp(data: memoryview, limits: Limits) -> None:
    metadata, frames = 0, False
    for number, chunk in enumerate(webp.chunks(data)):
        _bound(number, MAX_PARTS, Reason.TOO_COMPLEX)
        parts = [chunk, *webp.frame_parts(data, chunk)] if chunk.name == b"ANMF" else [chunk]
        for part in parts:
            if part.name in webp.SIZED:
                _pixels(*webp.size(data, part), limits)
            frames = frames or part.name in webp.BITSTREAMS
        if chunk.name not in webp.PICTURE:
            metadata += chunk.end - chunk.start
            _bound(metadata, MAX_METADATA, Reason.TOO_MUCH_METADATA)
    if not frames:
        raise Refused(Reason.BROKEN)


def _gif(data: memoryview, limits: Limits) -> None:
    width, height = gif.screen(data)
    metadata, images = 0, 0
    for block in gif.blocks(data):
        if block.kind == gif.IMAGE:
            right, bottom = gif.extent(data, block)
            _pixels(max(width, right), max(height, bottom), limits)
            images += 1
        else:
            metadata += block.end - block.start if block.kind != gif.CONTROL else 0
            _bound(metadata, MAX_METADATA, Reason.TOO_MUCH_METADATA)
    if not images:
        raise Refused(Reason.BROKEN)


def _heif(data: memoryview, limits: Limits) -> None:
    seen = False
    for width, height in heif.sizes(data):
        if width and height:  # tracks of sound have none
            _pixels(width, height, limits)
            seen = True
    if not seen:
        raise Refused(Reason.BROKEN)


def _bmp(data: memoryview, limits: Limits) -> None:
    core = data[14] == 12
    width, height = struct.unpack_from("<HH" if core else "<ii", data, 18)
    _pixels(width, abs(height), limits)
    if data[14] >= 40 and struct.unpack_from("<I", data, 30)[0] in _RUN_LENGTHS:
        raise Refused(Reason.UNSUPPORTED)


def _tiff(data: memoryview, limits: Limits) -> None:
    block = tiff.Tiff(data)
    page = block.directory(block.first).entries
    with suppress(ValueError, struct.error):  # further pages may be damaged: only the first one is shown
        _bound(sum(1 for _ in block.chain(MAX_PAGES + 1)), MAX_PAGES, Reason.TOO_COMPLEX)
    reduced = tiff.REDUCED in page and int(block.numbers(page[tiff.REDUCED])[0]) & 1
    if tiff.DNG_VERSION in page or (reduced and tiff.SUB_IMAGES in page):
        raise Refused(Reason.NOT_A_PHOTO)  # a camera's raw file: the first page is a preview, the photo is elsewhere
    _pixels(*_pair(block, page, tiff.WIDTH, tiff.HEIGHT), limits)
    if tiff.TILE_WIDTH in page:
        _pixels(*_pair(block, page, tiff.TILE_WIDTH, tiff.TILE_HEIGHT), limits)
    tags = [entry for tag, entry in page.items() if tag not in tiff.LAYERS and entry.size > 8]
    there = sum(min(entry.size, max(0, len(data) - entry.at)) for entry in tags)  # and not what a damaged one claims
    _bound(there, MAX_METADATA, Reason.TOO_MUCH_METADATA)


def _pair(block: tiff.Tiff, page: dict[int, tiff.Entry], across: int, down: int) -> tuple[int, int]:
    width, height = (int(block.numbers(page[tag], 1)[0]) for tag in (across, down))
    return width, height


_PACKED = frozenset({b"zTXt", b"iTXt", b"iCCP"})
_RUN_LENGTHS = frozenset({1, 2})  # Pillow decodes them in Python, and no photo is stored so: 50 megapixels cost 14 s
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_CHECKS: dict[str, Callable[[memoryview, Limits], None]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "WEBP": _webp,
    "GIF": _gif,
    "HEIF": _heif,
    "AVIF": _heif,
    "BMP": _bmp,
    "TIFF": _tiff,
}
