"""The same small photo in every format and every way of writing it that takes a decoder another path."""

import io
from functools import cache
from typing import Any

import cv2
import numpy as np
import pillow_heif
import pyvips
from PIL import Image, ImageCms

from tests.pictures.photos import astronaut, china

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@cache
def kinds() -> dict[str, bytes]:
    """By name; the name begins with the format."""
    return {**_jpeg(), **_png(), **_webp(), **_gif(), **_bmp(), **_tiff(), **_heif(), **_avif()}


def _jpeg() -> dict[str, bytes]:
    return {
        "jpeg": _pillow("RGB", "JPEG", icc_profile=_SRGB),
        "jpeg-progressive": _pillow("RGB", "JPEG", progressive=True),
        "jpeg-grey": _pillow("L", "JPEG"),
        "jpeg-444": _pillow("RGB", "JPEG", subsampling=0),
        "jpeg-restarts": _pillow("RGB", "JPEG", restart_marker_rows=2),
        "jpeg-cmyk": _pillow("CMYK", "JPEG"),
        "jpeg-cmyk-profile": _vips(".jpg", _photo().icc_transform("cmyk", input_profile="srgb")),
    }


def _png() -> dict[str, bytes]:
    frames = [_mode("RGB"), _mode("RGB").rotate(90)]
    return {
        "png": _pillow("RGB", "PNG", icc_profile=_SRGB),
        "png-alpha": _pillow("RGBA", "PNG"),
        "png-grey": _pillow("L", "PNG"),
        "png-grey-alpha": _pillow("LA", "PNG"),
        "png-palette": _pillow("P", "PNG", transparency=3),
        "png-two-colours": _pillow("1", "PNG"),
        "png-16": cv2.imencode(".png", _deep())[1].tobytes(),
        "png-16-grey": cv2.imencode(".png", _deep()[..., 0])[1].tobytes(),
        "png-interlaced": _vips(".png", interlace=True),
        "png-animated": _pillow("RGB", "PNG", save_all=True, append_images=frames),
    }


def _webp() -> dict[str, bytes]:
    return {
        "webp": _pillow("RGB", "WEBP", icc_profile=_SRGB),
        "webp-alpha": _pillow("RGBA", "WEBP"),
        "webp-lossless": _pillow("RGB", "WEBP", lossless=True),
        "webp-animated": _pillow("RGB", "WEBP", save_all=True, append_images=[_mode("RGB").rotate(90)]),
    }


def _gif() -> dict[str, bytes]:
    return {
        "gif": _pillow("P", "GIF"),
        "gif-grey": _pillow("L", "GIF"),
        "gif-transparent": _pillow("RGBA", "GIF"),
        "gif-interlaced": _pillow("P", "GIF", interlace=True),
        "gif-animated": _pillow("P", "GIF", save_all=True, append_images=[_mode("P").rotate(90)]),
    }


def _bmp() -> dict[str, bytes]:
    return {
        "bmp": _pillow("RGB", "BMP"),
        "bmp-palette": _pillow("P", "BMP"),
        "bmp-grey": _pillow("L", "BMP"),
        "bmp-two-colours": _pillow("1", "BMP"),
        "bmp-32": _pillow("RGBA", "BMP"),
    }


def _tiff() -> dict[str, bytes]:
    packed = {
        f"tiff-{name}": _pillow("RGB", "TIFF", compression=name)
        for name in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    }
    return packed | {
        "tiff": _pillow("RGB", "TIFF", icc_profile=_SRGB),
        "tiff-big": _pillow("RGB", "TIFF", big_tiff=True),
        "tiff-fax": _pillow("1", "TIFF", compression="group4"),
        "tiff-lab": _pillow("LAB", "TIFF"),
        "tiff-cmyk": _pillow("CMYK", "TIFF"),
        "tiff-alpha": _pillow("RGBA", "TIFF"),
        "tiff-palette": _pillow("P", "TIFF"),
        "tiff-16": cv2.imencode(".tif", _deep()[..., 0])[1].tobytes(),
        "tiff-float": _pillow("F", "TIFF"),
        "tiff-tiled": _vips(".tif", tile=True, compression="lzw", bigtiff=True),
        "tiff-tiled-jpeg": _vips(".tif", tile=True, compression="jpeg"),
        "tiff-pages": _pillow("RGB", "TIFF", save_all=True, append_images=[_mode("RGB").rotate(90)]),
    }


def _heif() -> dict[str, bytes]:
    deep = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (_deep().shape[1], _deep().shape[0]), _deep().tobytes()).save(deep)
    return {
        "heif": _pillow("RGB", "HEIF", icc_profile=_SRGB),
        "heif-alpha": _pillow("RGBA", "HEIF"),
        "heif-grey": _pillow("L", "HEIF"),
        "heif-10": deep.getvalue(),
        "heif-many": _pillow("RGB", "HEIF", save_all=True, append_images=[_mode("RGB").rotate(90)]),
    }


def _avif() -> dict[str, bytes]:
    return {
        "avif": _pillow("RGB", "AVIF", icc_profile=_SRGB),
        "avif-alpha": _pillow("RGBA", "AVIF"),
        "avif-444": _pillow("RGB", "AVIF", subsampling="4:4:4"),
        "avif-10": _vips(".avif", bitdepth=10),
        "avif-animated": _pillow("RGB", "AVIF", save_all=True, append_images=[_mode("RGB").rotate(90)]),
    }


def _mode(mode: str) -> Image.Image:
    image = china().resize((320, 214))
    if mode == "LAB":
        lab = ImageCms.profileToProfile(
            image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
        assert lab
        return lab
    if mode.endswith("A"):
        image.putalpha(astronaut().convert("L").resize(image.size))
    return image.convert(mode)


def _pillow(mode: str, kind: str, **options: Any) -> bytes:
    pillow_heif.register_heif_opener()
    out = io.BytesIO()
    _mode(mode).save(out, kind, **options)
    return out.getvalue()


def _deep() -> Any:
    """16 bits a channel, all of them in use."""
    return np.asarray(_mode("RGB")).astype(np.uint16) * 257


def _photo() -> Any:
    return pyvips.Image.new_from_array(np.asarray(_mode("RGB"))).copy(interpretation="srgb")


def _vips(suffix: str, image: Any = None, **options: Any) -> bytes:
    return bytes((image or _photo()).write_to_buffer(suffix, **options))
