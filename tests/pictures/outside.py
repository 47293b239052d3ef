"""Photos as others write them, by ways that no encoder at hand takes: each is one small picture, made by code."""

import struct
import zlib
from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import Image

from bot.tools.metadata import heif
from tests.pictures.made import encoded

SIZE = (96, 64)
Chunks = Iterable[tuple[bytes, bytes]]


def scene() -> Image.Image:
    """Colours and greys in large flat fields, no two alike, so that a turn, a crop or a wrong curve shows."""
    rng = np.random.default_rng(12)
    fields = rng.integers(30, 226, (4, 6, 3), np.uint8)
    fields[0, :, :] = np.linspace(20, 235, 6, dtype=np.uint8)[:, None]
    return Image.fromarray(fields.repeat(16, 0).repeat(16, 1))


# -- PNG --


def chunk(name: bytes, body: bytes, wrong: bool = False) -> bytes:
    """With a checksum, a wrong one if asked for."""
    checksum = zlib.crc32(name + body) ^ wrong
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def png(
    pixels: npt.NDArray[Any] | None = None,
    before: bytes = b"",
    after: bytes = b"",
    depth: int = 8,
    kind: int = 2,
    end: bytes = chunk(b"IEND", b""),
    wrong_header: bool = False,
) -> bytes:
    """`pixels` of H×W or H×W×channels in the numbers of that depth; `before` and `after` are chunks around IDAT."""
    pixels = np.asarray(scene()) if pixels is None else pixels
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    if depth == 16:
        packed = rows.astype(">u2").view(np.uint8)
    elif depth == 8:
        packed = rows.astype(np.uint8)
    else:
        bits = np.unpackbits(rows.astype(np.uint8)[..., None], axis=-1)[..., 8 - depth :]
        packed = np.packbits(bits.reshape(height, -1), axis=-1)
    raw = b"".join(b"\0" + row.tobytes() for row in packed)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0), wrong_header)
    return b"\x89PNG\r\n\x1a\n" + header + before + chunk(b"IDAT", zlib.compress(raw)) + after + end


def cicp(primaries: int, transfer: int) -> bytes:
    return chunk(b"cICP", bytes([primaries, transfer, 0, 1]))


def gama(gamma: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))


def chrm(*numbers: float) -> bytes:
    """White, red, green, blue: x and y of each."""
    return chunk(b"cHRM", struct.pack(">8I", *(round(number * 100_000) for number in numbers)))


def exif(turn: int, begin: bytes = b"") -> bytes:
    return begin + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, turn, 0, 0)


def exif_of_texts(texts: dict[int, bytes], order: str) -> bytes:
    """EXIF that holds these bytes (Windows' tags 0x9C9B on in its first directory), in a byte order of struct's."""
    at = 8 + 2 + 12 * len(texts) + 4
    rows, body = b"", b""
    for tag, text in sorted(texts.items()):
        rows += struct.pack(f"{order}HHII", tag, 1 if tag >= 0x9C9B else 7, len(text), at + len(body))
        body += text
    head = struct.pack(f"{order}2sHIH", b"II" if order == "<" else b"MM", 42, 8, len(texts))
    return head + rows + bytes(4) + body


def imagemagicks_exif(turn: int) -> bytes:
    """EXIF as a text of hexadecimal digits."""
    body = exif(turn, b"Exif\0\0")
    return chunk(b"tEXt", b"Raw profile type exif\0\nexif\n%8d\n" % len(body) + body.hex().encode() + b"\n")


def apng_behind_a_cover(cover: Image.Image, *frames: Image.Image) -> bytes:
    """An animation whose IDAT is no frame of it: only viewers without animation would show it."""
    control = b"".join(
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 2 * number, *frame.size, 0, 0, 1, 10, 0, 0))
        + chunk(b"fdAT", struct.pack(">I", 2 * number + 1) + _rows(frame))
        for number, frame in enumerate(frames)
    )
    return png(np.asarray(cover), before=chunk(b"acTL", struct.pack(">II", len(frames), 0)), after=control)


def _rows(image: Image.Image) -> bytes:
    return zlib.compress(b"".join(b"\0" + row.tobytes() for row in np.asarray(image)))


# -- JPEG --


def jpeg(image: Image.Image | None = None, segments: bytes = b"", **options: Any) -> bytes:
    """`segments` stand right after SOI."""
    data = encoded(image or scene(), "JPEG", quality=95, subsampling=0, **options)
    return data[:2] + segments + data[2:]


def app1(exif_body: bytes, name: bytes = b"Exif\0\0") -> bytes:
    return b"\xff\xe1" + struct.pack(">H", len(name + exif_body) + 2) + name + exif_body


def without_adobe(data: bytes) -> bytes:
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]


def dcf(colour_space: int, index: bytes = b"R03\0") -> bytes:
    """EXIF with a colour space, and DCF's interoperability index where there is one."""
    detail, interoperability = 26, 26 + 2 + 2 * 12 + 4
    rows = [(0xA001, 3, 1, colour_space << 16)]
    if index:
        rows.append((0xA005, 4, 1, interoperability))
    head = struct.pack(">2sHIHHHII", b"MM", 42, 8, 1, 0x8769, 4, 1, detail) + bytes(4)
    body = struct.pack(">H", len(rows)) + b"".join(struct.pack(">HHII", *row) for row in rows) + bytes(4)
    body = body.ljust(interoperability - detail, b"\0")
    return head + body + struct.pack(">HHHI4sI", 1, 1, 2, 4, index or b"\0\0\0\0", 0)


# -- HEIF and AVIF --


def avif(image: Image.Image | None = None, **options: Any) -> bytes:
    return encoded(image or scene(), "AVIF", quality=95, subsampling="4:4:4", **options)


def heic(image: Image.Image | None = None, **options: Any) -> bytes:
    pillow_heif.register_heif_opener()
    return encoded(image or scene(), "HEIF", quality=95, chroma=444, **options)


def with_nclx(data: bytes, primaries: int, transfer: int) -> bytes:
    """With these numbers in place of its own."""
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def with_clap(data: bytes, wide: int, high: int, right: float = 0, down: float = 0) -> bytes:
    """Cropped to its middle, moved by so many pixels (halves are possible)."""
    numbers = (wide, 1, high, 1, round(right * 2), 2, round(down * 2), 2)
    return _with_property(data, _box(b"clap", struct.pack(">IIIIiIiI", *numbers)))


def with_two_ipma(data: bytes, same_item: bool = False) -> bytes:
    """With the properties of its items in two boxes of one kind: a box an item, or the last property by itself."""
    [(ipma, rows)] = _ipma(data)
    if same_item:
        item, numbers = rows[0]
        rows = [(item, numbers[:-1]), *rows[1:], (item, numbers[-1:])]
    first, second = rows[:1] if not same_item else rows[:-1], rows[1:] if not same_item else rows[-1:]
    return _grown(data, ipma, _packed(first) + _packed(second))


def _with_property(data: bytes, box: bytes) -> bytes:
    """With one more property of its first item, put before the ones that turn it, which come last."""
    [(ipma, rows)] = _ipma(data)
    ipco = next(found for found in heif.boxes(memoryview(data)) if found.name == b"ipco")
    number = len(list(heif.boxes(memoryview(data)[ipco.body : ipco.end]))) + 1
    item, numbers = rows[0]
    still = [each for each in numbers if _name(data, each) not in {b"irot", b"imir"}]
    rows[0] = item, [*still, 0x80 | number, *numbers[len(still) :]]
    data = _grown(data, ipma, _packed(rows))
    return _grown(data, heif.Box(b"ipco", ipco.end + 8, ipco.end), box)


def _name(data: bytes, number: int) -> bytes:
    ipco = next(found for found in heif.boxes(memoryview(data)) if found.name == b"ipco")
    return list(heif.boxes(memoryview(data)[ipco.body : ipco.end]))[(number & 0x7F) - 1].name


def _ipma(data: bytes) -> list[tuple[heif.Box, list[tuple[int, list[int]]]]]:
    view = memoryview(data)
    return [(box, list(heif._associations(view, box))) for box in heif.boxes(view) if box.name == b"ipma"]


def _packed(rows: list[tuple[int, list[int]]]) -> bytes:
    body = b"".join(struct.pack(">HB", item, len(numbers)) + bytes(numbers) for item, numbers in rows)
    return _box(b"ipma", bytes(4) + struct.pack(">I", len(rows)) + body)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


def _grown(data: bytes, box: heif.Box, new: bytes) -> bytes:
    """With `new` in place of a box in `meta`: the boxes around it grow, what lies behind moves, `iloc` follows."""
    start, growth = box.body - 8, len(new) - (box.end - box.body + 8)
    out = bytearray(data[:start] + new + data[box.end :])
    for around in heif.boxes(memoryview(data)):
        if around.name in {b"meta", b"iprp", b"ipco"} and around.body - 8 < start and around.end >= box.end:
            size = int.from_bytes(data[around.body - 8 : around.body - 4], "big")
            out[around.body - 8 : around.body - 4] = (size + growth).to_bytes(4, "big")
    for place in _offsets(data):
        offset = int.from_bytes(data[place : place + 4], "big")
        if offset >= box.end:
            out[place : place + 4] = (offset + growth).to_bytes(4, "big")
    return bytes(out)


def _offsets(data: bytes) -> list[int]:
    """Where offsets stand, of items and of their extents (`iloc` of version 0 or 1, all numbers of 4 bytes)."""
    box = next(found for found in heif.boxes(memoryview(data)) if found.name == b"iloc")
    version, sizes, base = data[box.body], data[box.body + 4], data[box.body + 5] >> 4
    assert version < 2, "an iloc of another kind"
    assert sizes == 0x44, "an iloc of another kind"
    at, places = box.body + 8, []
    for _ in range(int.from_bytes(data[box.body + 6 : box.body + 8], "big")):
        at += (6 if version else 4) + base
        places += [at - base] if base else []
        for extent in range(int.from_bytes(data[at : at + 2], "big")):
            places.append(at + 2 + 8 * extent)
        at += 2 + 8 * int.from_bytes(data[at : at + 2], "big")
    return places


# -- TIFF and BMP --


def float_tiff() -> bytes:
    """RGB in floating point, as HDR and scientific programs write it."""
    return cv2.imencode(".tiff", np.asarray(scene()).astype(np.float32) / 255)[1].tobytes()


def bmp_444() -> bytes:
    """16 bits a pixel, four of them for each colour."""
    red, green, blue = (np.asarray(scene())[::-1, :, channel].astype(np.uint16) >> 4 for channel in range(3))
    rows = (red << 8 | green << 4 | blue).astype("<u2").tobytes()
    head = struct.pack("<IiiHHIIiiII3I", 40, *SIZE, 1, 16, 3, len(rows), 0, 0, 0, 0, 0xF00, 0xF0, 0xF)
    return struct.pack("<2sIHHI", b"BM", 14 + len(head) + len(rows), 0, 0, 14 + len(head)) + head + rows


def bmp_with_profile(icc: bytes) -> bytes:
    """BITMAPV5HEADER with an embedded profile behind the pixels."""
    rows = np.asarray(scene())[::-1, :, ::-1].tobytes()
    head = struct.pack("<IiiHHIIiiII", 124, *SIZE, 1, 24, 0, len(rows), 2835, 2835, 0, 0) + bytes(16)
    head += b"DEBM" + bytes(48) + struct.pack("<IIII", 4, 124 + len(rows), len(icc), 0)
    return struct.pack("<2sIHHI", b"BM", 138 + len(rows) + len(icc), 0, 0, 138) + head + rows + icc


# -- GIF --


def gif_on_a_larger_screen() -> bytes:
    """A frame of 20 x 20 at (10, 10) of a screen of 64 x 48."""
    data = bytearray(encoded(scene().crop((0, 0, 20, 20)).quantize(16), "GIF"))
    struct.pack_into("<HH", data, 6, 64, 48)
    frame = data.index(b",", 13 + (3 << (data[10] & 7) + 1))
    struct.pack_into("<HH", data, frame + 1, 10, 10)
    return bytes(data)
