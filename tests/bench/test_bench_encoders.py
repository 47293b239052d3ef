"""The plain way to resize with Pillow, and encoders that take their time: what they cost and what that buys."""

import io
import os
from bisect import bisect_right
from functools import cache

os.environ.setdefault("RAYON_NUM_THREADS", "1")  # before oxipng starts: every peer has one core, as our tools have

import numpy as np
import oxipng
import pytest
import pyvips
from PIL import Image, ImageOps

from bot.tools import byte_limit, picture
from tests.bench.test_bench_tools import jpeg_12, one_core, resized, similarity
from tests.harness.bench import compare, row
from tests.pictures import made, photos

__all__ = ["one_core"]  # a fixture

pytestmark = pytest.mark.bench

QUALITY = picture.SAVING["JPEG"]["quality"]


def saved(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def plain() -> bytes:
    """As everybody writes it first."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(jpeg_12())))
    return saved(image.resize((2048, 1536), Image.Resampling.LANCZOS))


def thumbnail() -> bytes:
    """As Pillow's own shortcut does it: decoded smaller, in two steps."""
    image = Image.open(io.BytesIO(jpeg_12()))
    image.thumbnail((2048, 2048), Image.Resampling.LANCZOS)
    return saved(ImageOps.exif_transpose(image))


def test_resize_beside_pillow() -> None:
    told = compare({"ours": lambda: resized(jpeg_12(), longest=2048), "plain": plain, "thumbnail": thumbnail}, rounds=5)
    ours = similarity(resized(jpeg_12(), longest=2048))
    for name, peer, target in (("plain", plain, 0.35), ("thumbnail", thumbnail, 0.60)):
        quality = f"SSIM {ours:.3f} against {similarity(peer()):.3f}"
        row(f"1  12 MP to 2048 px / Pillow, {name}", told["ours"] / told[name], target, quality)


@cache
def photo() -> Image.Image:
    return photos.large().resize((2048, 1536), Image.Resampling.LANCZOS)


def mozjpeg(quality: int) -> bytes:
    """With all that it is known for: trellis quantisation, scans by trial, its own tables."""
    image = pyvips.Image.new_from_memory(np.asarray(photo()).tobytes(), *photo().size, 3, "uchar")
    image = image.copy(interpretation="srgb")
    slow = {"trellis_quant": True, "overshoot_deringing": True, "optimize_scans": True, "quant_table": 3}
    return bytes(image.jpegsave_buffer(Q=quality, interlace=True, keep="none", **slow))


@pytest.mark.parametrize("kb", [250, 400])
def test_jpeg_beside_mozjpeg_at_the_same_bytes(kb: int) -> None:
    ours = byte_limit.encode_within(photo(), "JPEG", kb * 1000, may_shrink=False)
    peer_quality = bisect_right(range(96), len(ours.data), key=lambda quality: len(mozjpeg(quality))) - 1
    peer = mozjpeg(peer_quality)
    told = compare(
        {
            "ours": lambda: byte_limit.encode_at(photo(), "JPEG", ours.quality),
            "mozjpeg": lambda: mozjpeg(peer_quality),
        },
        rounds=3,
    )
    row(
        f"8  one JPEG of {kb} KB / mozjpeg", told["ours"] / told["mozjpeg"], 0.10,
        f"SSIM {similarity(ours.data):.3f} ({len(ours.data) // 1000} KB) against "
        f"{similarity(peer):.3f} ({len(peer) // 1000} KB)",
    )  # fmt: skip


@pytest.mark.parametrize(("level", "target"), [(0, 2.0), (2, 0.35)])
def test_png_beside_oxipng(level: int, target: float) -> None:
    pixels = photo().tobytes()

    def peer() -> bytes:
        raw = oxipng.RawImage(pixels, *photo().size, color_type=oxipng.ColorType.rgb())
        return bytes(raw.create_optimized_png(level=level))

    def ours() -> bytes:
        return picture.encode(photo(), "PNG")

    assert np.array_equal(np.asarray(made.opened(peer())), np.asarray(made.opened(ours())))
    told = compare({"ours": ours, "oxipng": peer}, rounds=2)
    sizes = f"{len(ours()) / len(peer()):.2f} of its bytes, {len(ours()) // 1000} KB"
    row(f"8  a PNG / oxipng, level {level}", told["ours"] / told["oxipng"], target, sizes)
