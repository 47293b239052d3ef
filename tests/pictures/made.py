"""Colour profiles, patches and files made by code, for what no photo at hand shows."""

import io
import struct
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms
from skimage.color import deltaE_ciede2000

from bot.domain.values import Limits, Stage
from bot.sandbox import header_check

# Columns of the matrix to XYZ under D50, as in the profiles themselves: (red, green, blue) × (X, Y, Z).
DISPLAY_P3 = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
D50 = (0.9642, 1.0, 0.8249)

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
LAB = ImageCms.createProfile("LAB")


@dataclass
class Source:
    """A photo as a tool finds it, without a jail."""

    data: memoryview
    format: str
    limits: Limits = field(default_factory=Limits)
    stages: list[Stage] = field(default_factory=list)
    background_photo: "Source | None" = None

    def stage(self, stage: Stage) -> None:
        self.stages.append(stage)


def source(image: Image.Image | bytes, kind: str, **options: object) -> Source:
    """`image` as a file of `kind`; bytes as they are."""
    return Source(memoryview(image if isinstance(image, bytes) else encoded(image, kind, **options)), kind)


def unlocked(data: bytes) -> Source:
    """A file as the jail would hand it to a tool, its format told by the gate."""
    return Source(memoryview(data), header_check.check(memoryview(data), Limits()))


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def slow() -> bytes:
    """A JPEG of 20 megapixels of noise: some seconds of work for "Enhance"."""
    return encoded(Image.effect_noise((5000, 4000), 60).convert("RGB"), "JPEG", quality=60)


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def profile(colorants: tuple[tuple[float, ...], ...], gamma: float = 2.2) -> bytes:
    """A version 2 matrix profile (ICC.1:2001, 6.3.1.2)."""
    tags = [(b"wtpt", _xyz(D50)), (b"cprt", b"text\0\0\0\0CC0\0")]
    tags += [(name, _xyz(colour)) for name, colour in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)]
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256))
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_profile(gamma: float = 1.8) -> bytes:
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256))
    return _profile(b"mntr", b"GRAY", b"XYZ ", [(b"wtpt", _xyz(D50)), (b"kTRC", curve)])


def ink_profile(inks: dict[tuple[int, int, int, int], tuple[int, int, int]]) -> bytes:
    """A CMYK profile whose corners (0 or 1 of each ink) have the given Lab colours; all others are black."""
    corners = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    cells = b"".join(bytes(_lab8(inks.get(corner, (0, 0, 0)))) for corner in corners)
    ramp = bytes(range(256))
    identity = b"".join(struct.pack(">i", 65536 * (place % 4 == 0)) for place in range(9))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + ramp * 4 + cells + ramp * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", [(b"wtpt", _xyz(D50)), (b"A2B0", table)])


def _lab8(lab: tuple[int, int, int]) -> tuple[int, int, int]:
    return round(lab[0] * 2.55), lab[1] + 128, lab[2] + 128


def _xyz(colour: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(part * 65536)) for part in colour)


def _profile(kind: bytes, space: bytes, connection: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    tags = [(b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"made\0" + b"\0" * 78), *tags]
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    head = struct.pack(">I4s4s4s4s4s12s4s", 132 + 12 * len(tags) + len(body) - 4 + 4, b"", b"\2\x10\0\0", kind, space,
                       connection, b"\7\xea\0\1\0\1\0\0\0\0\0\0", b"acsp")  # fmt: skip
    head = head.ljust(68, b"\0") + b"".join(struct.pack(">i", round(part * 65536)) for part in D50)
    return head.ljust(128, b"\0") + table + body


def patches() -> Image.Image:
    """24 sRGB colours that every wide gamut holds, in tiles of 32 pixels that chroma subsampling cannot mix up."""
    colours = np.random.default_rng(3).integers(20, 236, (4, 6, 3), np.uint8)
    return Image.fromarray(colours.repeat(32, 0).repeat(32, 1))


def converted(image: Image.Image, icc: bytes, mode: str = "RGB") -> Image.Image:
    """An sRGB image in the space of `icc`, its profile embedded."""
    space = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    result = ImageCms.profileToProfile(image, SRGB, space, outputMode=mode)
    assert result is not None
    result.info["icc_profile"] = icc
    return result


def colour_distance(one: Image.Image, other: Image.Image) -> float:
    """The mean CIEDE2000 between the middles of two pictures' tiles, each seen through its own profile."""
    return float(np.mean(deltaE_ciede2000(_middles(one), _middles(other))))


def _middles(image: Image.Image) -> npt.NDArray[np.float64]:
    icc = image.info.get("icc_profile")
    opaque = image if image.mode in {"L", "RGB"} else image.convert("RGB")
    space = ImageCms.ImageCmsProfile(io.BytesIO(icc)) if icc else SRGB
    if opaque.mode == "L" and not icc:
        opaque = opaque.convert("RGB")
    lab = ImageCms.profileToProfile(opaque, space, LAB, outputMode="LAB")
    assert lab is not None
    planes = np.asarray(lab).astype(float)
    tile = image.width // 6
    middles = planes[tile // 2 :: tile, tile // 2 :: tile]
    return np.stack(
        [middles[..., 0] / 2.55, (middles[..., 1] + 128) % 256 - 128, (middles[..., 2] + 128) % 256 - 128], -1
    )
