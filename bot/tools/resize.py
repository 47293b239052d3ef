"""Resize & convert: by the longest side, a box, exact pixels or percent, into another format, or under N KB.

Nothing comes back larger than it came, unless what was asked for needs it; what fits already keeps its pixels.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from bot.domain.errors import Reason, Refused, Usage
from bot.domain.model import Outcome, Preset, Report, Source, Stage, Tool
from bot.tools import clean, picture
from bot.tools.budget import QUALITIES, STARVED, encode_within
from bot.tools.metadata import tiff
from bot.tools.palette import colours_of
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
_BARELY = 2  # a photo that came in less quality than this rather becomes smaller


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
    """Raises Usage for a key that does not exist, a value out of range, or two ways to say one size."""
    values: dict[str, Any] = {}
    for key, text in settings.items():
        if key == "format":
            values[key] = FORMATS[_choice(key, text.lower(), tuple(FORMATS))]
        elif key == "fit":
            values[key] = _choice(key, text.lower(), FITS)
        elif key in RANGES:
            values[key] = _number(key, text)
        else:
            raise Usage("no-such-setting", setting=key)
    ways = [key for key in ("longest", "about", "percent", "width", "height") if key in values]
    if len(ways) > 1 and ways != ["width", "height"]:
        raise Usage("settings-conflict", first=ways[0], second=ways[1])
    if "fit" in values and ways != ["width", "height"]:
        raise Usage("setting-missing", setting="height" if "width" in values else "width")
    if values.get("width", 1) * values.get("height", 1) > MEGAPIXELS * 1_000_000:
        raise Usage("setting-too-many-pixels", limit=MEGAPIXELS)
    return Settings(**values) if ways else Settings(longest=2048, **values)


def _choice(key: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise Usage("setting-choice", setting=key, choices=", ".join(choices))
    return text


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
    def converts(self) -> bool:
        """Whether another format is asked for. A HEIC becomes a JPEG anyway: to name that is a wish where it is all."""
        if self.kind != _usual(self.source):
            return True
        alone = self.settings.percent == 100 and not self.settings.under_kb
        return alone and self.settings.format is not None and self.kind != self.source.format

    @property
    def limit(self) -> int | None:
        """Bytes: no more than came, unless more pixels or another format are asked for; and no more than was said."""
        limits = [self.settings.under_kb * KB] if self.settings.under_kb else []
        if not self.converts and not self.enlarges:
            limits.append(len(self.source.data))
        return min(limits, default=None)

    def outcome(self, data: bytes, report: Report, size: Size | None = None) -> Outcome:
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
    source, limit = work.source, work.limit
    if work.kind != source.format or work.size != work.read.size or source.format in clean.WITH_LOSS or not limit:
        return None
    with suppress(Refused):  # it can only be written anew
        cleaned = clean.TOOL.run(source, clean.TOOL.parse({}))
        if sum(map(len, cleaned.data)) <= limit:
            told = {key: value for key, value in cleaned.report.items() if key != "nothing"}
            return replace(cleaned, report=_report(work) | {"untouched": True} | told)
    return None


def _report(work: _Work) -> Report:
    if work.enlarges:
        return {"enlarged": True}
    return {"not-enlarged": True} if (_room(work.settings, work.read.size) or 0) > 1 else {}


def _saved(work: _Work) -> Outcome:
    """At its usual quality, or at the best one that the limit allows."""
    read, limit, report = work.read, work.limit, work.read.told | _report(work)
    if (
        read.pixels.shape[2:] in {(2,), (4,)}
        and work.kind not in picture.WITH_ALPHA
        and read.pixels[..., -1].min() < 255
    ):
        report["flattened"] = True
    work.source.stage(Stage.SAVING)
    if limit and (work.settings.under_kb or work.kind == "AVIF"):  # which is slow to make twice
        return _within(work, limit, report)
    data = picture.encode_pixels(read.pixels, read.icc, work.kind)
    if limit and len(data) > limit:
        return _within(work, limit, report)
    return work.outcome(data, report)


def _within(work: _Work, limit: int, report: Report) -> Outcome:
    image = picture.as_image(work.read.pixels, work.read.icc)
    if picture.has_alpha(image) and work.kind not in picture.WITH_ALPHA:
        image = picture.flatten(image)
    came = () if work.kind in {"JPEG", "AVIF"} else colours_of(picture.open_upright(work.source))
    best = QUALITIES[-1] if work.settings.under_kb else picture.SAVING[work.kind].get("quality", QUALITIES[-1])
    as_before = limit == len(work.source.data)
    fitted = encode_within(
        image,
        work.kind,
        limit,
        may_shrink=not work.settings.exact,
        best=best,
        least=_BARELY if as_before and work.kind == work.source.format else STARVED,
        came=came,
        jpeg_inside=work.kind == "TIFF" and not picture.has_alpha(image) and _has_jpeg_inside(work.source),
    )
    size = fitted.width, fitted.height
    if work.settings.under_kb and fitted.quality:
        report["quality"] = fitted.quality
    elif 0 < fitted.quality < best:
        report["no-larger"] = fitted.quality
    if fitted.colours and fitted.colours < (len(came) or fitted.colours + 1):
        report["colours"] = fitted.colours
    if size != image.size:
        report.pop("not-enlarged", None)
        report["shrunk"] = f"{fitted.width} × {fitted.height}"
    elif as_before and size == work.read.size and fitted.colours and fitted.colours == len(came):
        report["untouched"] = True
    return work.outcome(fitted.data, report, size)


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
