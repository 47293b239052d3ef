"""Resize & convert: by the longest side, exact pixels or percent, into another format, or under N KB."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.errors import Reason, Refused, Usage
from bot.model import Outcome, Preset, Report, Source, Stage, Tool
from bot.tools import picture
from bot.tools.budget import encode_within
from bot.tools.picture import Picture
from bot.tools.resample import Size

FORMATS = {"same": None, "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF"}
RANGES = {
    "longest": (1, 20_000),
    "about": (64, 20_000),
    "width": (1, 20_000),
    "height": (1, 20_000),
    "percent": (1, 400),
    "under_kb": (5, 20_000),
}
MEGAPIXELS = 50
KB = 1000  # a form that counts 1024 is content with it, too
ABOUT = 0.10  # how far from `about` a size may be that JPEG decoding yields by itself


@dataclass(frozen=True)
class Settings:
    """At most one of: longest; about (the longest side, within a tenth); width, height or both; percent."""

    longest: int | None = None
    about: int | None = None
    width: int | None = None
    height: int | None = None
    percent: int | None = None
    under_kb: int | None = None
    format: str | None = None  # Pillow's spelling; None: as it came


def parse(settings: Mapping[str, str]) -> Settings:
    """Raises Usage for a key that does not exist, a value out of range, or two ways to say one size."""
    values: dict[str, Any] = {}
    for key, text in settings.items():
        if key == "format":
            values[key] = _format(text)
        elif key in RANGES:
            values[key] = _number(key, text)
        else:
            raise Usage("no-such-setting", setting=key)
    ways = [key for key in ("longest", "about", "percent", "width", "height") if key in values]
    if len(ways) > 1 and ways != ["width", "height"]:
        raise Usage("settings-conflict", first=ways[0], second=ways[1])
    if values.get("width", 1) * values.get("height", 1) > MEGAPIXELS * 1_000_000:
        raise Usage("setting-too-many-pixels", limit=MEGAPIXELS)
    return Settings(**values) if ways else Settings(longest=2048, **values)


def _format(text: str) -> str | None:
    if text.lower() not in FORMATS:
        raise Usage("setting-choice", setting="format", choices=", ".join(FORMATS))
    return FORMATS[text.lower()]


def _number(key: str, text: str) -> int:
    low, high = RANGES[key]
    number = int(text) if text.isdecimal() and len(text) <= 9 else -1
    if not low <= number <= high:
        raise Usage("setting-range", setting=key, low=low, high=high)
    return number


def target(settings: Settings, size: Size, source_format: str) -> Size:
    """The result's (width, height) for a photo of `size`."""
    width, height = size
    if settings.about:
        size = _about(settings.about, size, source_format)
    elif settings.longest:
        size = _times(size, min(1, settings.longest / max(size)))
    elif settings.percent:
        size = _times(size, settings.percent / 100)
    else:
        size = (
            settings.width or _side(width * settings.height / height),  # type: ignore[operator]
            settings.height or _side(height * settings.width / width),  # type: ignore[operator]
        )
    return size


def _about(wanted: int, size: Size, source_format: str) -> Size:
    """The half, quarter or eighth that libjpeg decodes to at no cost, where it is near; else exactly `wanted`."""
    if source_format == "JPEG":
        for part in (1, 2, 4, 8):
            offered = -(-size[0] // part), -(-size[1] // part)
            if abs(max(offered) / wanted - 1) <= ABOUT:
                return offered
    return _times(size, min(1, wanted / max(size)))


def _times(size: Size, scale: float) -> Size:
    return _side(size[0] * scale), _side(size[1] * scale)


def _side(length: float) -> int:
    return max(1, int(length + 0.5))  # halves go up, as in libjpeg: the half of an odd side needs no second step


def run(source: Source, settings: Settings) -> Outcome:
    """Raises Refused: BROKEN, RESULT_TOO_MANY_PIXELS, TOO_SMALL_A_TARGET."""
    kind = settings.format or ("JPEG" if source.format == "HEIF" else source.format)
    read = picture.read(source, lambda size: _possible(target(settings, size, source.format), kind))
    source.stage(Stage.WORKING)
    report = _report(settings, read)
    if read.pixels.shape[2:] in {(2,), (4,)} and kind not in picture.WITH_ALPHA:
        report |= {"flattened": True} if read.pixels[..., -1].min() < 255 else {}
    source.stage(Stage.SAVING)
    if settings.under_kb:
        return _within(settings, read, kind, report)
    height, width = read.pixels.shape[:2]
    return Outcome([picture.encode_pixels(read.pixels, read.icc, kind)], kind, width, height, *read.size, report)


def _possible(size: Size, kind: str) -> Size:
    if size[0] * size[1] > MEGAPIXELS * 1_000_000 or max(size) > picture.LONGEST_SIDE.get(kind, max(size)):
        raise Refused(Reason.RESULT_TOO_MANY_PIXELS, size[0] * size[1] // 1_000_000)
    return size


def _report(settings: Settings, read: Picture) -> Report:
    report: Report = {"first-only": True} if read.animated else {}
    height, width = read.pixels.shape[:2]
    if width > read.size[0] or height > read.size[1]:
        report["enlarged"] = True
    if max(settings.longest or 0, settings.about or 0) > max(read.size) == max(width, height):
        report["not-enlarged"] = True
    return report


def _within(settings: Settings, read: Picture, kind: str, report: Report) -> Outcome:
    image = picture.as_image(read.pixels, read.icc)
    if picture.has_alpha(image) and kind not in picture.WITH_ALPHA:
        image = picture.flatten(image)
    exact = settings.width is not None or settings.height is not None
    fitted = encode_within(image, kind, (settings.under_kb or 0) * KB, may_shrink=not exact)
    if fitted.quality:
        report["quality"] = fitted.quality
    if fitted.palette:
        report["colours"] = 256
    if (fitted.width, fitted.height) != image.size:
        report["shrunk"] = f"{fitted.width} × {fitted.height}"
    return Outcome([fitted.data], kind, fitted.width, fitted.height, *read.size, report)


PRESETS = (
    tuple(Preset("preset-longest", f"longest={side}", {"pixels": side}) for side in (2048, 1280, 800)),
    (Preset("preset-half", "percent=50"), Preset("preset-e-mail", "about=2048;under_kb=1000")),
    (
        Preset("preset-under", "percent=100;under_kb=1000", {"size": "1 MB"}),
        Preset("preset-under", "under_kb=200", {"size": "200 KB"}),
    ),
    tuple(
        Preset("preset-format", f"percent=100;format={format_}", {"format": label})
        for format_, label in (("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WebP"), ("avif", "AVIF"))
    ),
)

TOOL = Tool("resize", 1, parse, run, PRESETS)
