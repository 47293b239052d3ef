"""The header gate refuses bombs, lets good photos through, and raises nothing but Refused."""

import io
import struct
from collections.abc import Callable
from mmap import mmap
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.domain.errors import Reason, Refused
from bot.domain.values import MIB, Limits
from bot.sandbox import header_check
from bot.tools.metadata import jpeg
from tests.pictures import bombs, tagged

LIMITS = Limits()


def verdict(data: bytes, limits: Limits = LIMITS) -> Reason | str:
    try:
        return header_check.check(memoryview(data), limits)
    except Refused as refused:
        return refused.reason


@pytest.fixture(scope="session")
def bomb_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return bombs.make(tmp_path_factory.mktemp("bombs"))


@pytest.mark.parametrize("name", bombs.BOMBS)
def test_bombs_are_refused_or_bounded(bomb_files: dict[str, Path], name: str) -> None:
    assert verdict(bomb_files[name].read_bytes()) == bombs.BOMBS[name][1]


def encoded(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    return bombs.encoded(Image.new(mode, size), kind, **options)


def heic(size: tuple[int, int], **options: object) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", size, "teal")).save(out, quality=10, **options)
    return out.getvalue()


def phone_jpeg() -> bytes:
    """48 MP, 2 MB of EXIF with maker notes, 3 MB of depth map in extended XMP, a gain map and a film behind the end."""
    note = [b"Exif\0\0" + bytes(65_000)] * 31
    depth = [jpeg.XMP_EXTENDED + b"0" * 40 + bytes(65_000)] * 60
    data = bombs.sized(8064, 5952)
    extra = b"".join(tagged.segment(0xE1, body) for body in note + depth)
    return data[:2] + extra + data[2:] + bombs.jpeg(16, 16) + b"\0\0\0\x18ftypmp42" + bytes(2 * MIB)


def grid_48_mp() -> bytes:
    """The boxes of a telephone's HEIC of 8064x6048: a grid of tiles, its size in `ispe`, in a file of that brand."""
    return bombs.avif_grid(6048).replace(b"avif\0\0\0\0avifmif1", b"heic\0\0\0\0mif1heic")


GOOD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "progressive": ("JPEG", lambda: bombs.jpeg(4000, 3000, progressive=True)),
    "20 scans": ("JPEG", lambda: bombs.scans(64, 10)),
    "phone": ("JPEG", phone_jpeg),
    "png with many texts": ("PNG", lambda: bombs.png(8, 8, extra=tagged.chunk(b"tEXt", b"k\0value") * 400)),
    "png with large XMP": (
        "PNG",
        lambda: bombs.png(8, 8, extra=tagged.chunk(b"iTXt", b"k\0\0\0\0\0" + bytes(3 * MIB))),
    ),
    "deep png": ("PNG", lambda: encoded("PNG", mode="I;16")),
    "png in small pieces": ("PNG", lambda: bombs.png(8, 8, extra=tagged.chunk(b"IDAT", b"") * 5000)),
    "moving gif": ("GIF", lambda: bombs.gif(500, 1000)),
    "moving webp": ("WEBP", lambda: bombs.moving("WEBP", 64, 30)),
    "webp": ("WEBP", lambda: encoded("WEBP")),
    "deep tiff": ("TIFF", lambda: encoded("TIFF", mode="I;16")),
    "300 pages": ("TIFF", lambda: bombs.moving("TIFF", 8, 300)),
    "big tiff": ("TIFF", lambda: encoded("TIFF", big_tiff=True)),
    "bmp": ("BMP", lambda: encoded("BMP")),
    "heic": ("HEIF", lambda: heic((640, 480), thumbnails=[64])),
    "heic of tiles": ("HEIF", grid_48_mp),
    "avif": ("AVIF", lambda: encoded("AVIF", speed=10)),
    "avif of many brands": (
        "AVIF",
        lambda: bombs.box(b"ftyp", b"mif1" + bytes(4) + b"miaf" * 9 + b"avif") + grid_48_mp()[24:],
    ),
    "avif of brand mif1": ("AVIF", lambda: encoded("AVIF", speed=10).replace(b"ftypavif", b"ftypmif1", 1)),
    "moving avif": ("AVIF", lambda: bombs.moving("AVIF", 64, 5, speed=10)),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_photos_pass(name: str) -> None:
    kind, build = GOOD[name]
    assert verdict(build()) == kind


@pytest.mark.parametrize(
    "head",
    [
        b"8BPS\0\1" + bytes(40),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
        b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
        b"PK\x03\x04" + bytes(40),
        b"BM but a letter that begins like one",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\1\0\1\0",
    ],
)
def test_what_is_no_photo_is_named_so(head: bytes) -> None:
    assert verdict(head) == Reason.NOT_A_PHOTO


def test_a_camera_raw_is_no_tiff() -> None:
    preview = sorted([(254, 4, 1, 1), *bombs.page(160, 120), (330, 4, 1, 8)])
    assert verdict(bombs.tiff(preview, 0, bytes(400))) == Reason.NOT_A_PHOTO


@pytest.mark.parametrize(("compression", "said"), [(0, "BMP"), (1, Reason.UNSUPPORTED), (2, Reason.UNSUPPORTED)])
def test_run_lengths_of_a_bmp_are_not_supported(compression: int, said: Reason | str) -> None:
    """However small it is: nobody can tell before how long they take."""
    data = bytearray(bombs.bmp(16))
    data[30] = compression
    assert verdict(bytes(data)) == said


def test_a_map_is_read_as_well_as_a_view() -> None:
    with mmap(-1, 1 << 16) as shared:
        shared.write(encoded("PNG"))
        assert header_check.check(shared, LIMITS) == "PNG"


def test_limits_are_parameters_and_told() -> None:
    assert verdict(bombs.sized(3000, 2000), Limits(megapixels=6)) == "JPEG"
    with pytest.raises(Refused) as refused:
        header_check.check(memoryview(bombs.sized(3000, 2001)), Limits(megapixels=6))
    assert (refused.value.reason, refused.value.detail) == (Reason.TOO_MANY_PIXELS, 7)
    with pytest.raises(Refused) as refused:
        header_check.check(memoryview(bytes(2 * MIB + 1)), Limits(megabytes=2))
    assert (refused.value.reason, refused.value.detail) == (Reason.TOO_MANY_BYTES, 2)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    made = tagged.make(tmp_path_factory.mktemp("tagged"))
    return [path.read_bytes() for path in made.values()]


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_nothing_but_refused_is_raised(photos: list[bytes], data: st.DataObject) -> None:
    photo = bytearray(data.draw(st.sampled_from(photos)))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, min(len(photo), 1500)))
        patch = data.draw(st.binary(max_size=8) | st.sampled_from([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"]))
        photo[at : at + len(patch)] = patch
    cut = data.draw(st.integers(0, len(photo)) | st.just(len(photo)))
    assert verdict(bytes(photo[:cut]))


SIGNATURES = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\0", b"MM\0*", b"II+\0", b"BM" + bytes(12) + b"("]
SIGNATURES += [b"RIFF\xff\xff\0\0WEBP", b"\0\0\0\x10ftypavif\0\0\0\0", b"\0\0\0\x10ftypheic\0\0\0\0\0\0\0\x60meta"]


@settings(max_examples=400, deadline=None)
@given(begin=st.sampled_from(SIGNATURES), rest=st.binary(max_size=200))
def test_noise_behind_a_signature(begin: bytes, rest: bytes) -> None:
    assert verdict(begin + rest)


def scan_only(data: bytes) -> int:
    """The reference: where the next segment is, byte by byte."""
    for at in range(2, len(data) - 1):
        if data[at] == 0xFF and 0xC0 <= data[at + 1] < 0xFF and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
    return -1


@given(st.lists(st.sampled_from([b"\xff", b"\0", b"\xd0", b"\xd9", b"\xc0", b"\x3f", b"\xbf", b"a"]), max_size=40))
def test_the_sieve_finds_what_a_slow_walk_finds(parts: list[bytes]) -> None:
    data = b"\xff\xd8" + b"".join(parts)
    assert jpeg._next_marker(memoryview(data), 2) == scan_only(data)


@pytest.mark.parametrize("offset", [-2, -1, 0, 1])
def test_the_sieve_sees_across_its_blocks(offset: int) -> None:
    data = bytearray(3 << 18)
    at = (1 << 18) + 2 + offset
    data[at : at + 2] = b"\xff\xd9"
    assert jpeg._next_marker(memoryview(data), 2) == at
    struct.pack_into(">H", data, at, 0xFFD3)
    assert jpeg._next_marker(memoryview(data), 2) == -1
