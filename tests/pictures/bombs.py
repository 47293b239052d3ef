"""Small files that cost a careless decoder seconds, gigabytes or its life.

Each is made in well under a second: zeros are deflated once and the block repeated, sizes are patched into headers.
`BOMBS` says how each is made and what the header gate makes of it: a reason to refuse, or the format where the decoder
may go on because the cost is bounded.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from PIL import Image

from bot.domain.errors import Reason
from bot.domain.values import MIB

TOO_LARGE, TOO_COMPLEX, TOO_MUCH = Reason.TOO_MANY_PIXELS, Reason.TOO_COMPLEX, Reason.TOO_MUCH_METADATA


def make(folder: Path) -> dict[str, Path]:
    """Write all bombs; name → file."""
    paths = {name: folder / name for name in BOMBS}
    for name, (build, _) in BOMBS.items():
        paths[name].write_bytes(build())
    return paths


def zeros(count: int) -> bytes:
    """A zlib stream of `count` zero bytes, about a thousandth of that."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)  # after it the state is fresh: repeatable
    last = zlib.compressobj(9, wbits=-15)
    rest = last.compress(bytes(count % MIB)) + last.flush()
    return b"\x78\xda" + block * (count // MIB) + rest + struct.pack(">HH", count % 65521, 1)


# PNG


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int, height: int, depth: int = 8, colour: int = 2, extra: bytes = b"", idat: bytes | None = None
) -> bytes:
    """A black PNG, `extra` chunks before its data."""
    bits = {0: 1, 2: 3, 6: 4}[colour] * depth
    data = zeros(height * (1 + (width * bits + 7) // 8)) if idat is None else idat
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def texts(count: int) -> bytes:
    """`count` compressed texts of a megabyte each."""
    return b"".join(chunk(b"zTXt", b"K%03d\0\0" % number + zeros(MIB - 64)) for number in range(count))


def apng(side: int, frames: int) -> bytes:
    dot = zlib.compress(bytes(5), 9)
    parts = [chunk(b"acTL", struct.pack(">II", frames, 0))]
    parts.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, side, side, 0, 0, 1, 100, 0, 0)))
    later = []
    for number in range(1, 2 * frames - 1, 2):
        later.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, 1, 1, 0, 0, 1, 100, 1, 0)))
        later.append(chunk(b"fdAT", struct.pack(">I", number + 1) + dot))
    whole = png(side, side, 8, 6, b"".join(parts))
    return whole[:-12] + b"".join(later) + whole[-12:]


# GIF


def gif(side: int, frames: int, frame_side: int = 1) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    control = b"\x21\xf9\x04\x08\x01\0\0\0"
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, frame_side, frame_side, 0) + b"\x02\x02\x44\x01\0"
    return head + (control + image) * frames + b";"


# JPEG


@cache
def jpeg(width: int, height: int, progressive: bool = False) -> bytes:
    return encoded(Image.new("L", (width, height), 128), "JPEG", quality=50, progressive=progressive)


def sized(width: int, height: int) -> bytes:
    """A JPEG of a few bytes that says it is this large."""
    data = jpeg(16, 16)
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def scans(side: int, count: int) -> bytes:
    """A progressive JPEG whose last scan, nearly empty, comes again and again."""
    data = jpeg(side, side, progressive=True)
    last = data.rindex(b"\xff\xda")
    header = data[last : last + 2 + int.from_bytes(data[last + 2 : last + 4], "big")]
    return data[:-2] + (header + b"\0") * count + b"\xff\xd9"


def segments(marker: int, bodies: list[bytes]) -> bytes:
    """A small JPEG with these segments in front."""
    packed = b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body for body in bodies)
    data = jpeg(16, 16)
    return data[:2] + packed + data[2:]


def exif(rows: list[tuple[int, int, int, int]], following: int = 0, padding: int = 0) -> bytes:
    """A JPEG with these EXIF directory entries: tag, type, count, offset."""
    return segments(0xE1, [b"Exif\0\0" + tiff(rows, following, bytes(padding))])


# TIFF


def tiff(rows: list[tuple[int, int, int, int]], following: int = 0, data: bytes = b"") -> bytes:
    packed = b"".join(struct.pack("<HHII", *row) for row in sorted(rows))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + packed + struct.pack("<I", following) + data


def page(width: int, height: int, compression: int = 1, length: int = 400) -> list[tuple[int, int, int, int]]:
    rows = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, compression), (262, 3, 1, 1)]
    return [*rows, (273, 4, 1, 200), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, length)]


def deflated_tiff(side: int) -> bytes:
    data = zeros(side * side)
    return tiff(page(side, side, 8, len(data))).ljust(200, b"\0") + data


def directories(count: int) -> bytes:
    """A chain of directories with one entry each."""
    links = [8 + 18 * number for number in range(1, count)] + [0]
    return b"II*\0\x08\0\0\0" + b"".join(struct.pack("<HHHIII", 1, 256, 4, 1, 4, link) for link in links)


# WebP, AVIF, BMP


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def webp(width: int, height: int) -> bytes:
    """A lossless WebP of one colour; its pixels take no bits, so that the size in its header is free to choose."""
    data = encoded(Image.new("RGB", (8, 8)), "WEBP", lossless=True)
    at = data.index(b"VP8L") + 9
    rest = int.from_bytes(data[at : at + 4], "little") >> 28
    bits = width - 1 | height - 1 << 14 | rest << 28
    return data[:at] + struct.pack("<I", bits) + data[at + 4 :]


def moving(kind: str, side: int, frames: int, **options: object) -> bytes:
    pictures = [Image.new("RGB", (side, side), (number, 0, 0)) for number in range(frames)]
    return encoded(pictures[0], kind, save_all=True, append_images=pictures[1:], **options)


def announced_avif(side: int) -> bytes:
    """An AVIF whose boxes say that it is this large."""
    data = encoded(Image.new("RGB", (64, 64)), "AVIF", speed=10)
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", side, side) + data[at + 8 :]


def avif_grid(side: int) -> bytes:
    """An AVIF whose primary item is a grid; only the item's own data tells how large it gets."""
    grid = struct.pack(">BBBBII", 0, 1, 0, 0, side, side)
    infe = box(b"infe", b"\2\0\0\0" + struct.pack(">HH4sB", 1, 0, b"grid", 0))
    iloc = box(b"iloc", b"\1\0\0\0\x44\0" + struct.pack(">HHHHHII", 1, 1, 1, 0, 1, 0, len(grid)))
    ispe = box(b"iprp", box(b"ipco", box(b"ispe", bytes(4) + struct.pack(">II", 64, 64))))
    inner = [box(b"iinf", bytes(4) + struct.pack(">H", 1) + infe), iloc, ispe, box(b"idat", grid)]
    return box(b"ftyp", b"avif\0\0\0\0avifmif1") + box(b"meta", bytes(4) + b"".join(inner))


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def bmp(side: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 2, 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + 2, 0, 0, 54 + 1024) + header + bytes(1024) + b"\0\1"


def svg() -> bytes:
    """A billion laughs."""
    entities = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    root = '<svg xmlns="http://www.w3.org/2000/svg"><text>&j;</text></svg>'
    return f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "{"a" * 64}">{entities}]>{root}'.encode()


BOMBS: dict[str, tuple[Callable[[], bytes], Reason | str]] = {
    "png-1-bit-50000x50000.png": (lambda: png(50_000, 50_000, 1, 0), TOO_LARGE),
    "png-1-bit-13300x13300.png": (lambda: png(13_300, 13_300, 1, 0), TOO_LARGE),  # Pillow only warns
    "png-rgba-9400x9400.png": (lambda: png(9400, 9400, 8, 6), TOO_LARGE),
    "png-rgba-16-bit-9400x9400.png": (lambda: png(9400, 9400, 16, 6), TOO_LARGE),
    "png-rgba-16-bit-7000x7000.png": (lambda: png(7000, 7000, 16, 6), "PNG"),  # the largest that passes
    "png-header-2-31.png": (lambda: png(0x7FFFFFFF, 0x7FFFFFFF, 8, 6, idat=b"x"), TOO_LARGE),
    "png-1x1-of-1-gb.png": (lambda: png(1, 1, 8, 6, idat=zeros(1024 * MIB)), "PNG"),  # decoders stop after the rows
    "png-ztxt-1-gb.png": (lambda: png(8, 8, extra=chunk(b"zTXt", b"Comment\0\0" + zeros(1024 * MIB))), TOO_MUCH),
    "png-itxt-1-gb.png": (lambda: png(8, 8, extra=chunk(b"iTXt", b"C\0\1\0\0\0" + zeros(1024 * MIB))), TOO_MUCH),
    "png-iccp-1-gb.png": (lambda: png(8, 8, extra=chunk(b"iCCP", b"x\0\0" + zeros(1024 * MIB))), TOO_MUCH),
    "png-200-texts-of-1-mb.png": (lambda: png(8, 8, extra=texts(200)), TOO_MUCH),
    "png-60-texts-of-1-mb.png": (lambda: png(8, 8, extra=texts(60)), TOO_MUCH),
    "png-200000-texts.png": (lambda: png(8, 8, extra=chunk(b"tEXt", b"k\0v") * 200_000), TOO_COMPLEX),
    "png-million-empty-chunks.png": (lambda: png(8, 8, extra=chunk(b"quAd", b"") * 1_000_000), TOO_COMPLEX),
    "png-million-empty-idats.png": (lambda: png(8, 8, extra=chunk(b"IDAT", b"") * 1_000_000), TOO_COMPLEX),
    "apng-4000x4000-2000-frames.png": (lambda: apng(4000, 2000), "PNG"),
    "gif-65535x65535.gif": (lambda: gif(65535, 1), TOO_LARGE),
    "gif-9000x9000-5000-frames.gif": (lambda: gif(9000, 5000), TOO_LARGE),
    "gif-7000x7000-5000-frames.gif": (lambda: gif(7000, 5000), "GIF"),
    "gif-500000-frames.gif": (lambda: gif(100, 500_000), TOO_COMPLEX),
    "gif-frame-beyond-the-screen.gif": (lambda: gif(1, 1, 65535), TOO_LARGE),
    "gif-polyglot.gif": (lambda: b"GIF89a/*\0\0\0\0\0" + b"*/=1;alert(1)//<script>alert(1)</script>", Reason.BROKEN),
    "jpeg-65535x65535.jpg": (lambda: sized(65535, 65535), TOO_LARGE),
    "jpeg-9400x9400.jpg": (lambda: sized(9400, 9400), TOO_LARGE),
    "jpeg-7000x7000-without-data.jpg": (lambda: sized(7000, 7000), "JPEG"),
    "jpeg-8000x8000-1000-scans.jpg": (lambda: scans(8000, 1000), TOO_LARGE),
    "jpeg-2000x2000-5000-scans.jpg": (lambda: scans(2000, 5000), TOO_COMPLEX),
    "jpeg-7000x7000-54-scans.jpg": (lambda: scans(7000, 54), "JPEG"),  # with the ten of its own the most that passes
    "jpeg-16-mb-profile.jpg": (
        lambda: segments(0xE2, [b"ICC_PROFILE\0" + bytes([n + 1, 255]) + bytes(65517) for n in range(255)]),
        TOO_MUCH,
    ),
    "jpeg-300-exifs.jpg": (lambda: segments(0xE1, [b"Exif\0\0" + b"\xaa" * 65527] * 300), TOO_MUCH),
    "jpeg-100000-comments.jpg": (lambda: segments(0xFE, [b""] * 100_000), TOO_COMPLEX),
    "jpeg-exif-in-a-circle.jpg": (lambda: exif([(0x8769, 4, 1, 8)], 8), "JPEG"),
    "jpeg-exif-5000-huge-counts.jpg": (lambda: exif([(n + 1, 7, 0x7FFFFFFF, 8) for n in range(5000)]), "JPEG"),
    "jpeg-exif-5000-overlapping.jpg": (lambda: exif([(n + 1, 7, 60_000, 8) for n in range(5000)], 0, 100), "JPEG"),
    "jpeg-cut-in-half.jpg": (lambda: jpeg(3000, 2000)[:3000], "JPEG"),
    "jpeg-of-noise.jpg": (lambda: b"\xff\xd8\xff\xe0" + random.Random(4).randbytes(MIB), TOO_LARGE),
    "tiff-in-a-circle.tif": (lambda: tiff(page(4, 4), 8, bytes(400)), "TIFF"),  # its one page is sound
    "tiff-60000x60000.tif": (lambda: tiff(page(60_000, 60_000), 0, bytes(400)), TOO_LARGE),
    "tiff-deflated-9400x9400.tif": (lambda: deflated_tiff(9400), TOO_LARGE),
    "tiff-deflated-7000x7000.tif": (lambda: deflated_tiff(7000), "TIFF"),
    "tiff-200-huge-tags.tif": (
        lambda: tiff(page(4, 4) + [(700 + n, 1, 0x7FFFFFF0, 8) for n in range(200)], 0, bytes(30_000)),
        TOO_MUCH,
    ),
    "tiff-tile-60000x60000.tif": (
        lambda: tiff([*page(4, 4), (322, 4, 1, 60_000), (323, 4, 1, 60_000)], 0, bytes(400)),
        TOO_LARGE,
    ),
    "tiff-60000-directories.tif": (lambda: directories(60_000), TOO_COMPLEX),
    "webp-9400x9400.webp": (lambda: webp(9400, 9400), TOO_LARGE),
    "webp-16383x16383.webp": (lambda: webp(16383, 16383), TOO_LARGE),
    "webp-7000x7000.webp": (lambda: webp(7000, 7000), "WEBP"),
    "webp-2000x2000-20-frames.webp": (lambda: moving("WEBP", 2000, 20, quality=1, method=0), "WEBP"),
    "avif-8000x8000.avif": (lambda: encoded(Image.new("L", (8000, 8000)), "AVIF", quality=1, speed=10), TOO_LARGE),
    "avif-7000x7000.avif": (lambda: encoded(Image.new("L", (7000, 7000)), "AVIF", quality=1, speed=10), "AVIF"),
    "avif-announced-60000x60000.avif": (lambda: announced_avif(60_000), TOO_LARGE),
    "avif-grid-60000x60000.avif": (lambda: avif_grid(60_000), TOO_LARGE),
    "avif-500x500-60-frames.avif": (lambda: moving("AVIF", 500, 60, quality=1, speed=10), "AVIF"),
    "bmp-rle-9000x9000.bmp": (lambda: bmp(9000), TOO_LARGE),
    "bmp-rle-7000x7000.bmp": (lambda: bmp(7000), Reason.UNSUPPORTED),
    "ppm-9400x9400.ppm": (lambda: b"P6\n9400 9400\n255\n", Reason.NOT_A_PHOTO),
    "eps-with-a-shell.eps": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (r) file\n", Reason.NOT_A_PHOTO),
    "svg-billion-laughs.svg": (svg, Reason.NOT_A_PHOTO),
    "empty.jpg": (lambda: b"", Reason.NOT_A_PHOTO),
}
