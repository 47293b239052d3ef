"""Resize & convert: by the longest side, a box, exact pixels or percent, into another format, or under N KB.

Nothing comes back larger than it came, unless what was asked for needs it; what fits already keeps its pixels. A limit
that a person asked for may cost quality and pixels; the size that a photo came in only quality, and within reason.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from PIL import Image

from bot.domain.errors import Reason, Refused, UsageError
from bot.domain.values import Outcome, Preset, Report, Source, Stage, Tool
from bot.tools import bare, clean, picture
from bot.tools.byte_limit import QUALITIES, Fitted, encode_near, encode_within
from bot.tools.metadata import tiff
from bot.tools.palette import Colours, colours_of
from bot.tools.picture import Picture
from bot.tools.resample import Pixels, Size, resample

FORMATS = {"same": None, "jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF"}
FITS = ("inside", "crop", "stretch")
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
_KEPT = 70  # quality that people hardly tell from the usual one
_BARELY = 2  # made smaller in its own format, a photo needs no better quality than it came in, whatever that was


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
    fit: str = "inside"  # of both, width and height: within them, cropped or stretched to fill them

    @property
    def exact(self) -> bool:
        """Whether each pixel of a side counts."""
        return self.fit != "inside" or (self.width is None) != (self.height is None)


def parse(settings: Mapping[str, str]) -> Settings:
    """Raises UsageError for a key that does not exist, a value out of range, or two ways to say one size."""
    values: dict[str, Any] = {}
    for key, text in settings.items():
        if key == "format":
            values[key] = FORMATS[_choice(key, text.lower(), tuple(FORMATS))]
        elif key == "fit":
            values[key] = _choice(key, text.lower(), FITS)
        elif key in RANGES:
            values[key] = _number(key, text)
        else:
            raise UsageError("no-such-setting", setting=key)
    ways = [key for key in ("longest", "about", "percent", "width", "height") if key in values]
    if len(ways) > 1 and ways != ["width", "height"]:
        raise UsageError("settings-conflict", first=ways[0], second=ways[1])
    if "fit" in values and ways != ["width", "height"]:
        raise UsageError("setting-missing", setting="height" if "width" in values else "width")
    if values.get("width", 1) * values.get("height", 1) > MEGAPIXELS * 1_000_000:
        raise UsageError("setting-too-many-pixels", limit=MEGAPIXELS)
    return Settings(**values) if ways else Settings(longest=2048, **values)


def _choice(key: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise UsageError("setting-choice", setting=key, choices=", ".join(choices))
    return text


def _number(key: str, text: str) -> int:
    low, high = RANGES[key]
    number = int(text) if text.isdecimal() and len(text) <= 9 else -1
    if not low <= number <= high:
        raise UsageError("setting-range", setting=key, low=low, high=high)
    return number


def target(settings: Settings, size: Size, source_format: str) -> Size:
    """The result's (width, height) for a photo of `size`."""
    width, height = size
    if settings.about:
        return _about(settings.about, size, source_format)
    if settings.percent:
        return _times(size, settings.percent / 100)
    if room := _room(settings, size):
        return _times(size, min(1, room))
    return (
        settings.width or _side(width * settings.height / height),  # type: ignore[operator]
        settings.height or _side(height * settings.width / width),  # type: ignore[operator]
    )


def _room(settings: Settings, size: Size) -> float | None:
    """By how much the photo may grow to fill what it is to fit inside; None where that is not the wish."""
    if longest := settings.longest or settings.about:
        return longest / max(size)
    if settings.width and settings.height and settings.fit == "inside":
        return min(settings.width / size[0], settings.height / size[1])
    return None


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


class _Work(NamedTuple):
    """A photo read at the size of its result, and what it is to become."""

    source: Source
    settings: Settings
    read: Picture
    kind: str

    @property
    def size(self) -> Size:
        height, width = self.read.pixels.shape[:2]
        return width, height

    @property
    def enlarges(self) -> bool:
        return self.size[0] > self.read.size[0] or self.size[1] > self.read.size[1]

    @property
    def fits(self) -> bool:
        """Whether it is to become what it is already."""
        return self.kind == self.source.format and self.size == self.read.size

    @property
    def converts(self) -> bool:
        """Whether another format is asked for. A HEIC becomes a JPEG anyway: to name that is a wish where it is all."""
        if self.kind == self.source.format:
            return False
        named = self.settings.percent == 100 and self.settings.format is not None
        return self.kind != _usual(self.source) or named

    @property
    def asked(self) -> int | None:
        """Bytes that the result must not exceed."""
        return self.settings.under_kb * KB if self.settings.under_kb else None

    @property
    def came(self) -> int | None:
        """Bytes that it had, and is not to exceed unless more pixels or another format are asked for.

        A HEIC has fewer than any JPEG of it, so that it is measured by what was asked alone.
        """
        asked_alone = self.source.format == "HEIF" and self.asked
        return None if self.converts or self.enlarges or asked_alone else len(self.source.data)

    def outcome(self, data: bytes | memoryview, report: Report, size: Size | None = None) -> Outcome:
        return Outcome([data], self.kind, *(size or self.size), *self.read.size, report)


def run(source: Source, settings: Settings) -> Outcome:
    """Raises Refused: BROKEN, UNSUPPORTED, RESULT_TOO_MANY_PIXELS, SIDE_TOO_LONG, TOO_SMALL_A_TARGET."""
    kind = settings.format or _usual(source)
    read = picture.read(source, lambda size: _decoded(settings, size, source.format, kind))
    source.stage(Stage.WORKING)
    if settings.fit == "crop":
        read = read._replace(pixels=_cropped(read.pixels, target(settings, read.size, source.format)))
    work = _Work(source, settings, read, kind)
    return _as_it_came(work) or _saved(work)


def _usual(source: Source) -> str:
    """The format that it comes back in where no other is asked for."""
    return "JPEG" if source.format == "HEIF" else source.format


def _decoded(settings: Settings, size: Size, source_format: str, kind: str) -> Size:
    """The size at which it is decoded: the result's; for a crop one that covers it, if the photo does."""
    wanted = target(settings, size, source_format)
    picture.must_fit(kind, wanted)
    if wanted[0] * wanted[1] > MEGAPIXELS * 1_000_000:
        raise Refused(Reason.RESULT_TOO_MANY_PIXELS, wanted[0] * wanted[1] // 1_000_000)
    if settings.fit == "crop":
        return _times(size, min(1, max(wanted[0] / size[0], wanted[1] / size[1])))
    return wanted


def _cropped(pixels: Pixels, size: Size) -> Pixels:
    """The middle, as much of it as has the ratio of `size`, at that size."""
    height, width = pixels.shape[:2]
    scale = min(width / size[0], height / size[1])
    across, down = min(width, _side(size[0] * scale)), min(height, _side(size[1] * scale))
    left, top = (width - across) // 2, (height - down) // 2
    return resample(pixels[top : top + down, left : left + across], size)


def _as_it_came(work: _Work) -> Outcome | None:
    """Without metadata, where that is all there is to do and no pixel is worse for it."""
    source = work.source
    limit = min(len(source.data), work.asked or len(source.data))
    if not work.fits:
        return None
    if source.format not in clean.WITH_LOSS:
        with suppress(Refused):  # it can only be written anew
            cleaned = clean.TOOL.run(source, clean.TOOL.parse({}))
            if sum(map(len, cleaned.data)) <= limit:
                told = {key: value for key, value in cleaned.report.items() if key != "nothing"}
                return replace(cleaned, report=_report(work) | {"untouched": True} | told)
    if len(source.data) <= limit and bare.is_bare(source):
        return work.outcome(source.data, _report(work) | {"untouched": True})
    return None


def _report(work: _Work) -> Report:
    if work.enlarges:
        return {"enlarged": True}
    return {"not-enlarged": True} if (_room(work.settings, work.read.size) or 0) > 1 else {}


def _saved(work: _Work) -> Outcome:
    """At its usual quality, or at the best one that the limit allows."""
    read, report = work.read, work.read.told | _report(work)
    if (
        read.pixels.shape[2:] in {(2,), (4,)}
        and work.kind not in picture.WITH_ALPHA
        and read.pixels[..., -1].min() < 255
    ):
        report["flattened"] = True
    work.source.stage(Stage.SAVING)
    if not work.asked and not work.came:
        return work.outcome(picture.encode_pixels(read.pixels, read.icc, work.kind), report)
    if work.came and work.came <= (work.asked or work.came):
        near = _near(work, work.came, report)
        if not work.asked or len(near.data[0]) <= work.asked:
            return near
    return _within(work, work.asked or 0, report)


def _near(work: _Work, came: int, report: Report) -> Outcome:
    """No larger than it came, where quality within reason does it; always with all its pixels."""
    if work.kind != "AVIF":  # which is slow to make twice
        data = picture.encode_pixels(work.read.pixels, work.read.icc, work.kind)
        if len(data) <= came:
            return work.outcome(data, report)
    image, colours, jpeg_inside = _to_fit(work)
    best = picture.SAVING["JPEG" if jpeg_inside else work.kind].get("quality", QUALITIES[-1])
    is_heic = work.source.format == "HEIF"
    fitted = encode_near(
        image,
        work.kind,
        came,
        best=best,
        least=_KEPT if is_heic or work.fits else _BARELY,
        otherwise=best if is_heic else _KEPT,
        came=colours,
        jpeg_inside=jpeg_inside,
    )
    told = report | _counted(fitted, colours)
    if len(fitted.data) > came:
        told["larger-than-heic" if is_heic else "larger"] = True
    elif 0 < fitted.quality < best:
        told["no-larger"] = fitted.quality
    elif work.fits and fitted.colours and fitted.colours == len(colours):
        told["untouched"] = True
    return work.outcome(fitted.data, told)


def _within(work: _Work, limit: int, report: Report) -> Outcome:
    """The best that has no more bytes than were asked for."""
    image, colours, jpeg_inside = _to_fit(work)
    fitted = encode_within(
        image, work.kind, limit, may_shrink=not work.settings.exact, came=colours, jpeg_inside=jpeg_inside
    )
    size, told = (fitted.width, fitted.height), report | _counted(fitted, colours)
    if fitted.quality:
        told["quality"] = fitted.quality
    if size != image.size:
        told.pop("not-enlarged", None)
        told["shrunk"] = f"{fitted.width} × {fitted.height}"
    return work.outcome(fitted.data, told, size)


def _to_fit(work: _Work) -> tuple[Image.Image, Colours, bool]:
    """What is encoded; the colours that came, where they were few and may stay so; whether as a TIFF around a JPEG."""
    image = picture.as_image(work.read.pixels, work.read.icc)
    if picture.has_alpha(image) and work.kind not in picture.WITH_ALPHA:
        image = picture.flatten(image)
    colours = () if work.kind in {"JPEG", "AVIF"} else colours_of(picture.open_upright(work.source))
    return image, colours, work.kind == "TIFF" and not picture.has_alpha(image) and _has_jpeg_inside(work.source)


def _counted(fitted: Fitted, came: Colours) -> Report:
    fewer = 0 < fitted.colours < (len(came) or fitted.colours + 1)
    return {"colours": fitted.colours} if fewer else {}


def _has_jpeg_inside(source: Source) -> bool:
    return tiff.first_page(source.data, tiff.COMPRESSION) in {6, 7}


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
