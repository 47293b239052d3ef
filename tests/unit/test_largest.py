"""The largest pictures that are taken: every format at the limit comes through the jail, and what that costs."""

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from bot.domain.errors import Reason, Refused
from bot.domain.values import Limits
from tests.harness import bench
from tests.pictures import photos
from tests.unit.test_sandbox import _LARGE, LIGHT, SHELF, Measured, _make, _worst, bomb_files, sandbox

__all__ = ["bomb_files", "sandbox"]  # fixtures

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SIZE = (8164, 6120)


def sharp() -> Image.Image:
    return photos.large().resize(_SIZE, Image.Resampling.BICUBIC)


def coarse(mode: str = "RGB") -> Image.Image:
    """One that lossless formats keep below 20 MB."""
    small = photos.large().resize((480, 360)).convert(mode)
    return small.resize(_SIZE, Image.Resampling.NEAREST)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def clear() -> bytes:
    """16 bits a channel, and glass."""
    deep = np.asarray(coarse())[..., ::-1].astype(np.uint16) * 257
    glass = np.full(deep.shape[:2], 40_000, np.uint16)
    return cv2.imencode(".png", np.dstack([deep, glass]), [cv2.IMWRITE_PNG_COMPRESSION, 3])[1].tobytes()


KINDS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: saved(sharp(), "JPEG", quality=88),
    "jpeg-cmyk": lambda: saved(sharp().convert("CMYK"), "JPEG", quality=70),
    "png-16-alpha": clear,
    "webp": lambda: saved(sharp(), "WEBP", method=0),
    "avif": lambda: saved(sharp(), "AVIF", speed=10, quality=50),
    "heif": lambda: saved(coarse(), "HEIF", quality=30),
    "gif": lambda: saved(coarse().quantize(32), "GIF"),
    "tiff": lambda: saved(coarse(), "TIFF", compression="tiff_adobe_deflate"),
    "bmp": lambda: saved(coarse("1"), "BMP"),
}


@pytest.mark.prove
@pytest.mark.parametrize("kind", KINDS)
async def test_every_format_is_developed_at_the_limit(sandbox: Measured, kind: str) -> None:
    photo = KINDS[kind]()
    assert len(photo) < 20 << 20
    jobs: list[tuple[str, dict[str, str]]] = [(slug, {}) for slug in LIGHT]
    jobs += [("resize", {"percent": "100", "format": format_}) for format_ in ("webp", "avif")]
    for slug, settings in jobs:
        try:
            result, made = await _make(sandbox, SHELF[slug], photo, **settings)
        except Refused as refused:
            if (kind, refused.reason) != ("tiff", Reason.RESULT_TOO_LARGE):  # LZW packs what was enhanced badly
                raise
            continue
        print(f"{kind} {slug} {settings}: {made.cpu_seconds:.1f} s, {made.peak_kib >> 10} MB")
        assert result


@pytest.mark.bench
async def test_what_the_worst_files_cost(sandbox: Measured, bomb_files: dict[str, bytes]) -> None:
    """Figure 8, and beside it how near to the jail's limits an honest picture of the largest size comes."""
    large = {name: photo for name, photo in bomb_files.items() if name.startswith(tuple(_LARGE))}
    bombs = {name: photo for name, photo in bomb_files.items() if name not in large}
    honest = {**large, **{kind: KINDS[kind]() for kind in ("jpeg", "png-16-alpha", "avif")}}
    limits = Limits()
    for name, files, seconds, megabytes in (
        ("bomb", bombs, 2, 512),
        ("honest picture", honest, limits.cpu_seconds, limits.memory_mb),
    ):
        costs = [await _worst(sandbox, slug, files) for slug in LIGHT]
        cpu, peak = max(cost[0] for cost in costs), max(cost[1] for cost in costs)
        bench.row(f"figure 8, the worst {name}: CPU / {seconds} s", cpu / seconds, 1, f"{cpu:.2f} s")
        bench.row(f"figure 8, the worst {name}: memory / {megabytes} MB", peak / megabytes, 1, f"{peak:.0f} MB")
