"""What the tools cost beside their peers, and what quality that buys."""

import ctypes
import os
import subprocess
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

os.environ.setdefault("VIPS_CONCURRENCY", "1")  # before libvips starts: every peer has one core, as our tools have

import cv2
import numpy as np
import pytest
import pyvips
from PIL import Image, ImageFilter, ImageOps, ImageStat
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from bot.tools import byte_limit, clean, enhance, picture, resize
from tests.harness.bench import compare, compare_processes, peak_memory, row
from tests.pictures import made, photos

pytestmark = pytest.mark.bench

PIXELS_12, PIXELS_48 = 4000 * 3000, 8000 * 6000


@pytest.fixture(autouse=True)
def one_core() -> None:
    cv2.setNumThreads(1)


@cache
def jpeg_12(orientation: int = 1) -> bytes:
    return photos.encoded("large", orientation=orientation)


@cache
def jpeg_48() -> bytes:
    """The 12 MP photo four times: what is in it, and so what it costs, is the same."""
    return made.encoded(Image.fromarray(np.tile(np.asarray(photos.large()), (2, 2, 1))), "JPEG", quality=92)


def resized(data: bytes, **settings: object) -> bytes:
    typed = resize.parse({key: str(value) for key, value in settings.items()})
    return b"".join(resize.TOOL.run(made.source(data, "JPEG"), typed).data)


def thumbnail(side: int, quality: int) -> bytes:
    image = pyvips.Image.thumbnail_buffer(jpeg_12(), side, height=side)
    return bytes(image.jpegsave_buffer(Q=quality, keep="none"))


def similarity(data: bytes) -> float:
    """SSIM against the photo as it was before it was ever a file, at the result's size by Lanczos."""
    image = made.opened(data).convert("L")
    reference = photos.large().resize(image.size, Image.Resampling.LANCZOS).convert("L")
    return float(structural_similarity(np.asarray(image), np.asarray(reference)))


def test_fit_to_2048() -> None:
    quality = picture.SAVING["JPEG"]["quality"]
    exact, about = resized(jpeg_12(), longest=2048), resized(jpeg_12(), about=2048)
    peer = thumbnail(2048, quality)
    told = compare(
        {
            "exact": lambda: resized(jpeg_12(), longest=2048),
            "pyvips": lambda: thumbnail(2048, quality),
            "about": lambda: resized(jpeg_12(), about=2048),
        }
    )
    beside = f"pyvips {similarity(peer):.3f} ({len(peer) // 1000} KB)"
    row(
        "1  12 MP to 2048 px / pyvips",
        told["exact"] / told["pyvips"],
        1.10,
        f"SSIM {similarity(exact):.3f} ({len(exact) // 1000} KB), {beside}",
    )
    row(
        "1  12 MP to about 2048 px / pyvips",
        told["about"] / told["pyvips"],
        0.60,
        f"SSIM {similarity(about):.3f} at {made.opened(about).width} px",
    )


def test_memory_of_a_child() -> None:
    decoded = 3 * PIXELS_12
    upright, turned = made.source(jpeg_12(), "JPEG"), made.source(jpeg_12(6), "JPEG")
    fit = resize.parse({})
    row("5  memory, 12 MP to 2048 / decoded", peak_memory(lambda: resize.TOOL.run(upright, fit)) / decoded, 0.75)
    row("5  the same, turned by EXIF", peak_memory(lambda: resize.TOOL.run(turned, fit)) / decoded, 0.75)
    row(
        "5  memory, enhance 12 MP / decoded",
        peak_memory(lambda: enhance.TOOL.run(upright, enhance.parse({}))) / decoded,
        2.0,
    )
    large = made.source(jpeg_48(), "JPEG")
    ctypes.CDLL(None).malloc_trim(0)  # or the child would work in what making the photo left behind, and count nothing
    row(
        "5  memory, enhance 48 MP / decoded",
        peak_memory(lambda: enhance.TOOL.run(large, enhance.parse({}))) / (3 * PIXELS_48),
        2.0,
    )


def test_48_megapixels() -> None:
    small, large = jpeg_12(), jpeg_48()
    told = compare(
        {
            "fit 12": lambda: resized(small, longest=2048),
            "fit 48": lambda: resized(large, longest=2048),
            "same 12": lambda: resized(small, percent=99),
            "same 48": lambda: resized(large, percent=99),
        },
        rounds=5,
    )
    row("6  48 MP / 12 MP to 2048 px", told["fit 48"] / told["fit 12"], 2.5)
    row("6  48 MP / 12 MP at nearly full size", told["same 48"] / told["same 12"], 4.2)


def pillow_chain(image: Image.Image) -> Image.Image:
    """What `enhance` does, as it is written with Pillow alone: noise, white balance, levels, local contrast."""
    calm = image.filter(ImageFilter.MedianFilter(3))
    means = ImageStat.Stat(calm.reduce(8)).mean
    grey = sum(means) / 3
    gains = [grey / mean for mean in means]
    balanced = calm.point([min(255, round(value * gain)) for gain in gains for value in range(256)])
    levels = ImageOps.autocontrast(balanced, cutoff=0.2, preserve_tone=True)
    return levels.filter(ImageFilter.UnsharpMask(radius=60, percent=20, threshold=0))


def clahe(image: Image.Image) -> Image.Image:
    space = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2LAB)
    space[..., 0] = cv2.createCLAHE(2.0, (8, 8)).apply(space[..., 0])
    return Image.fromarray(cv2.cvtColor(space, cv2.COLOR_LAB2RGB))


def ours(image: Image.Image) -> Image.Image:
    pixels = np.array(image)
    enhance.enhance(pixels, enhance.STRENGTHS["medium"])
    return Image.fromarray(pixels)


ENHANCERS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "ours": ours,
    "Pillow": pillow_chain,
    "autocontrast": partial(ImageOps.autocontrast, cutoff=0.2),
    "CLAHE": clahe,
}


def spoilt(image: Image.Image) -> Image.Image:
    """Too little light, of a warm colour, and noise."""
    light = (np.asarray(image) / 255.0) ** 2.2 * (0.3, 0.24, 0.16)
    noise = np.random.default_rng(3).normal(0, 5, light.shape)
    return Image.fromarray(np.clip(light ** (1 / 2.2) * 255 + noise, 0, 255).astype(np.uint8))


def mending(work: Callable[[Image.Image], Image.Image]) -> str:
    """Six photos spoilt and mended: SSIM and error in dB against what they were, and what a good one has clipped."""
    good = [photos.astronaut(), photos.china(), photos.cat(), photos.coffee(), photos.flower(), photos.motorcycle()]
    likeness, error, clipped = [], [], []
    for image in good:
        was, now = np.asarray(image), np.asarray(work(spoilt(image)))
        likeness.append(structural_similarity(was, now, channel_axis=2))
        error.append(peak_signal_noise_ratio(was, now))
        after = np.asarray(work(image))
        clipped.append(((after % 255 == 0) & (was % 255 != 0)).mean())
    return f"SSIM {np.mean(likeness):.3f}, {np.mean(error):.1f} dB, clips {100 * np.mean(clipped):.2f} %"


def test_enhance() -> None:
    data, image = jpeg_12(), photos.large()
    source = made.source(data, "JPEG")

    def whole() -> bytes:
        return b"".join(enhance.TOOL.run(source, enhance.parse({})).data)

    def peer() -> bytes:
        return made.encoded(pillow_chain(made.opened(data)), "JPEG", quality=92)

    jobs = compare({"ours": whole, "Pillow": peer}, rounds=3)
    steps = compare({name: partial(work, image) for name, work in ENHANCERS.items()}, rounds=3)
    told = {name: f"ours {mending(ours)}; {name} {mending(work)}" for name, work in ENHANCERS.items() if name != "ours"}
    row("9  enhance 12 MP, file to file / Pillow", jobs["ours"] / jobs["Pillow"], 0.30, told["Pillow"])
    row("9  enhance 12 MP / ImageOps.autocontrast", steps["ours"] / steps["autocontrast"], 25.0, told["autocontrast"])
    row("9  enhance 12 MP / OpenCV's CLAHE on L", steps["ours"] / steps["CLAHE"], 5.0, told["CLAHE"])


def test_strip(tmp_path: Path) -> None:
    data = photos.encoded("large", tagged=True)
    file = tmp_path / "photo.jpg"
    file.write_bytes(data)
    source = made.source(data, "JPEG")

    def strip() -> bytes:
        return b"".join(clean.TOOL.run(source, None).data)

    def copy() -> bytes:
        return bytes(bytearray(data))

    def exiftool() -> None:
        command = ["exiftool", "-q", "-all=", "-o", "-", str(file)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    in_process = compare({"strip": lambda: [strip() for _ in range(20)], "copy": lambda: [copy() for _ in range(20)]})
    processes = compare_processes({"strip": lambda: [strip() for _ in range(20)], "exiftool": exiftool})
    same = np.array_equal(np.asarray(made.opened(strip())), np.asarray(made.opened(data)))
    row("7  strip / two copies of the file", in_process["strip"] / in_process["copy"], 2.0, f"same pixels: {same}")
    row("7  strip / exiftool's process", processes["strip"] / 20 / processes["exiftool"], 0.02)
    assert same


def bisected(image: Image.Image, kind: str, limit: int) -> bytes:
    """The best whole quality of 1 to 95 that fits, as everybody writes it; the same encoder."""
    low, high, best = 1, 95, b""
    while low <= high:
        middle = (low + high) // 2
        data = byte_limit.encode_at(image, kind, middle)
        if len(data) <= limit:
            low, best = middle + 1, data
        else:
            high = middle - 1
    return best


@pytest.mark.parametrize(("kind", "kb"), [("JPEG", 250), ("JPEG", 600), ("JPEG", 1200), ("WEBP", 400), ("AVIF", 300)])
def test_under_n_kb(kind: str, kb: int, monkeypatch: pytest.MonkeyPatch) -> None:
    image = photos.large().resize((2048, 1536), Image.Resampling.LANCZOS)
    whole: list[int] = []

    def counted(picture_: Image.Image, *args: object, **options: object) -> bytes:
        whole.append(picture_.width * picture_.height)
        return picture.encode(picture_, *args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(byte_limit, "encode", counted)
        fitted = byte_limit.encode_within(image, kind, kb * 1000, may_shrink=False)
    encodes = sum(pixels > 1_000_000 for pixels in whole)
    told = compare(
        {
            "ours": lambda: byte_limit.encode_within(image, kind, kb * 1000, may_shrink=False),
            "bisection": lambda: bisected(image, kind, kb * 1000),
        },
        rounds=5 if kind == "JPEG" else 2,
    )
    peer = bisected(image, kind, kb * 1000)
    full = len(fitted.data) / kb / 1000
    row(
        f"8  under {kb} KB, {kind} / bisection", told["ours"] / told["bisection"], 0.60,
        f"{full:.3f} of the limit in {encodes} encodes, SSIM {similarity(fitted.data):.3f}; "
        f"bisection {len(peer) / kb / 1000:.3f}, {similarity(peer):.3f}",
    )  # fmt: skip
    assert encodes <= 3
    assert full <= 1
    assert (
        full >= 0.95 or fitted.quality == 95 or len(byte_limit.encode_at(image, kind, fitted.quality + 1)) > kb * 1000
    )
