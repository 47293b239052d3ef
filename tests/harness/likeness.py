"""The zygote with one more tool on its shelf: does a result show what its photo shows? Judged by Pillow, in the jail.

python -m tests.harness.likeness SOCKET MISSING WEIGHTS      started by `Sandbox`
"""

import io
import socket
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import zip_longest

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageFile, ImageSequence

from bot.domain.errors import Refused
from bot.domain.values import Limits, Outcome, Report, Source, Tool
from bot.sandbox import zygote
from bot.tools import decode, picture, profiles
from bot.tools.shelf import ALL_TOOLS

BLOCK = 8  # pixels a side, of which the mean is compared: what an encoder does to single ones nobody sees
PRECISE, LOSSY = 3, 24  # of 255 that a block may be off: by rounding and another profile; by lossy encoders
DRIFT = 4  # of 255 that all blocks of a lossy picture may be off on average; what a lost profile does is more
_LOSSY = frozenset({"JPEG", "AVIF"})


def parse(settings: Mapping[str, str]) -> str:
    return settings.get("rewritten", "")


def run(source: Source, rewritten: str) -> Outcome:
    """Reports `unreadable` where the photo itself does not open, else `off`, or `differs` with what does.

    `rewritten` is the format that a result was encoded anew in, empty where its pixels have to be the photo's own.
    """
    assert source.background_photo
    ImageFile.LOAD_TRUNCATED_IMAGES = True  # a cut photo is compared as far as it goes; the process ends with the job
    Image.MAX_IMAGE_PIXELS = None  # the gate has looked
    report: Report
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            before = _before(source, rewritten)
        except Exception as error:
            report = {"unreadable": type(error).__name__}
        else:
            report = _compared(source, source.background_photo, before, rewritten)
    return Outcome([b"\0"], "PNG", 1, 1, 1, 1, report)


def _compared(photo: Source, result: Source, before: Image.Image, rewritten: str) -> Report:
    try:
        after = seen(result)
    except Exception as error:
        return {"differs": f"the result does not open: {type(error).__name__}"}
    if before.size != after.size:
        return {"differs": f"{before.size} became {after.size}"}
    if not rewritten and not all(old == new for old, new in zip_longest(frames(photo), frames(result))):
        return {"unreadable": "cut"} if _shows_nothing(photo) else {"differs": "stored pixels"}
    off, drift = distance(before, after)
    fine = off <= (LOSSY if rewritten in _LOSSY else PRECISE) and drift <= DRIFT
    return {"off": off} if fine else {"differs": f"a part is off by {off} of 255, all by {drift:.1f}"}


def _before(source: Source, rewritten: str) -> Image.Image:
    """As we open it; a cut photo that stays as it is, as Pillow opens it."""
    try:
        return opened(source)
    except Refused:
        if rewritten:
            raise
        return seen(source)


def opened(source: Source) -> Image.Image:
    """As we open it, in sRGB, RGBa: Pillow knows not all colours, crops and turns (`tests/unit/test_outside.py`)."""
    image = picture.open_upright(source)
    return _srgb(image, image.info.get("icc_profile")).convert("RGBA").convert("RGBa")


def seen(source: Source) -> Image.Image:
    """The first frame upright, in sRGB, its colours weighed by their opacity (RGBa)."""
    with _opened(source) as image:
        image.load()
        icc = image.info.get("icc_profile")
        turn = _orientation(image)
        plain = _srgb(image, icc).convert("RGBA").convert("RGBa")
    return plain.transpose(decode.TRANSPOSE[turn]) if turn in decode.TRANSPOSE else plain


def frames(source: Source) -> Iterator[tuple[bytes, object]]:
    """Every frame's pixels as they are stored, and how long it stays, up to where it is cut; of a JPEG the first."""
    with _opened(source) as image, suppress(Exception):
        for frame in ImageSequence.Iterator(image):
            shown = frame if frame.mode in {"CMYK", "LAB"} else frame.convert("RGBA")
            yield shown.tobytes(), frame.info.get("duration")
            if source.format == "JPEG":
                return


def distance(before: Image.Image, after: Image.Image) -> tuple[int, float]:
    """How far the colours of the worst block, and of all on average, are from what they were."""
    width, height = (side // BLOCK * BLOCK or side for side in before.size)  # a rest at the edge is no mean of many
    old, new = (np.asarray(each.crop((0, 0, width, height)).reduce(BLOCK)).astype(int) for each in (before, after))
    off = np.abs(old - new)
    return int(off.max()), float(off.mean((0, 1)).max())


def _opened(source: Source) -> Image.Image:
    return Image.open(io.BytesIO(source.data))


def _shows_nothing(source: Source) -> bool:
    """Of a progressive JPEG that is cut Pillow shows black; libjpeg and browsers show what has come."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with _opened(source) as image:
        if source.format == "JPEG" and "progressive" in image.info:
            try:
                image.load()
            except OSError:
                return True
    return False


def _orientation(image: Image.Image) -> int:
    for key in ("xmp", "XML:com.adobe.xmp", "Raw profile type exif"):  # Pillow would look there, too; viewers do not
        image.info.pop(key, None)
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        return 1


def _srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """By the profile where it can be used; LAB by its own, deep greys scaled instead of clipped."""
    if image.mode in decode.GREYS - {"1", "L"}:
        values = np.nan_to_num(np.asarray(image).astype(np.float64))
        peak = values.max(initial=0)
        white = 65535 if image.mode.startswith("I;16") or peak > 255 else 255 if peak > 1 else 1
        return Image.fromarray(np.clip(values * (255 / white) + 0.5, 0, 255).astype(np.uint8))
    if image.mode == "LAB":
        return _through(image, ImageCms.createProfile("LAB"))
    if image.mode in {"P", "PA"}:
        image = image.convert("RGBA")
    if icc and image.mode in {"L", "RGB", "CMYK", "RGBA"}:
        with suppress(ImageCms.PyCMSError, OSError):
            return _in_its_space(image, ImageCms.ImageCmsProfile(io.BytesIO(icc)))
    return image


def _in_its_space(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    if image.mode != "RGBA":
        return _through(image, profile)
    new = _through(image.convert("RGB"), profile)
    new.putalpha(image.getchannel("A"))
    return new


def _through(image: Image.Image, profile: object) -> Image.Image:
    black_point = ImageCms.Flags.BLACKPOINTCOMPENSATION
    new = ImageCms.profileToProfile(image, profile, profiles.SRGB, 1, "RGB", flags=black_point)  # type: ignore[arg-type]
    assert new is not None  # None comes only with inPlace
    return new


TOOL = Tool("likeness", 1, parse, run, limits=Limits(120, 100, 4096, 4096, megapixels=200, megabytes=64))


def main() -> None:
    """Have what Pillow loads lazily loaded, then serve."""
    Image.init()
    ALL_TOOLS[TOOL.slug] = TOOL
    zygote.main(socket.socket(fileno=int(sys.argv[1])), frozenset(filter(None, sys.argv[2].split(","))), sys.argv[3])


if __name__ == "__main__":
    main()
