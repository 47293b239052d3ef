"""Remove metadata: the same picture without anything that tells about its maker, and a report of what was in it.

JPEG, PNG, WebP and GIF keep every pixel bit for bit: their containers are cut apart and put together again without
decoding. Only the ICC profile and the orientation may remain. The other formats are decoded and written anew.
"""

from collections.abc import Mapping
from typing import Any

from bot.domain.errors import UsageError
from bot.domain.values import Outcome, Source, Stage, Tool
from bot.tools import picture
from bot.tools.metadata import Findings, Stripped, gif, heif, jpeg, png, report, webp

_LOSSLESS = {"JPEG": jpeg.strip, "PNG": png.strip, "WEBP": webp.strip, "GIF": gif.strip}
_ANEW: dict[str, tuple[str, dict[str, Any]]] = {
    "HEIF": ("JPEG", {"quality": 95}),
    "AVIF": ("AVIF", {"quality": 90}),
    "TIFF": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "BMP": ("BMP", {}),
}
WITH_LOSS = frozenset({"HEIF", "AVIF"})  # written anew, they are worse


def parse(settings: Mapping[str, str]) -> None:
    """There is nothing to set."""
    for name in settings:
        raise UsageError("no-such-setting", setting=name)


def run(source: Source, settings: None) -> Outcome:
    """Raises Refused(BROKEN) where the picture cannot be read."""
    source.stage(Stage.WORKING)
    if strip := _LOSSLESS.get(source.format):
        return _stripped(source, strip(source.data))
    return _written_anew(source)


def _stripped(source: Source, new: Stripped) -> Outcome:
    width, height = (new.height, new.width) if new.orientation >= 5 else (new.width, new.height)
    told = report.read(new.findings, len(source.data) - sum(map(len, new.pieces)))
    return Outcome(new.pieces, source.format, width, height, width, height, told)


def _written_anew(source: Source) -> Outcome:
    kind, options = _ANEW[source.format]
    told = report.read(_findings(source))
    opened = picture.read(source)
    source.stage(Stage.SAVING)
    data = picture.encode(picture.as_image(opened.pixels, opened.icc), kind, **options)
    told["rewritten"] = kind
    told |= opened.told
    return Outcome([data], kind, *opened.size, *opened.size, told)


def _findings(source: Source) -> Findings:
    if source.format == "TIFF":
        return Findings(exif=source.data)
    if source.format == "BMP":
        return Findings()
    try:
        return heif.findings(source.data)
    except report.FAULTS:
        return Findings()


TOOL = Tool("clean", 1, parse, run)
