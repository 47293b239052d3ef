"""Prints on paper: the file for the lab, sealed in the jail. `bot/tools/print_proof.py` shows it before.

One child draws the sheet; another one, which decodes nothing, seals it with what the lab is told. So a photo that takes
over its decoder cannot order more copies than were paid for, or send them elsewhere.

Not on the shelf: nobody chooses it in a menu. A photo fills the paper, and what reaches over its edge is cut
off, or is on it as a whole, with white around it. Lengths on paper are in millimetres, upright.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, ImageCms

from bot import sealing
from bot.domain.errors import Reason, Refused, UsageError
from bot.domain.values import Outcome, Source, Stage, Tool
from bot.tools import picture, profiles
from bot.tools.resample import Size

DPI = 300
COARSEST = 50  # pixels of the photo's own for an inch of paper; fewer are nothing but blur
MOST_COPIES = 50
_QUALITY = 95


class Paper(NamedTuple):
    """A sheet, in millimetres, upright."""

    width: float
    height: float

    def pixels(self, size: Size) -> Size:
        """The sheet as it is printed, turned as a photo of `size` is; a square one stands."""
        upright = side(self.width / 25.4 * DPI), side(self.height / 25.4 * DPI)
        return upright[::-1] if size[0] > size[1] else upright


# The first of each is the default.
FORMATS = {"10x15": Paper(100, 150)}
FITS = ("fill", "whole")
CUTS = {"middle": 0.5, "start": 0.0, "end": 1.0}  # where the part that stays begins, of what is too much
PAPERS = ("glossy", "matte")


@dataclass(frozen=True)
class Fit:
    """How a photo lies on its sheet."""

    sheet: Size  # pixels
    scale: float  # pixels of the sheet for one of the photo
    left: float  # in pixels of the photo, as are the others: the part of it that is on the sheet
    top: float
    width: float
    height: float

    @property
    def dpi(self) -> int:
        """Pixels that the photo has for an inch of paper."""
        return round(DPI / self.scale)

    @property
    def on_sheet(self) -> Size:
        """How large the photo is on the sheet: as the sheet, or smaller."""
        return side(self.width * self.scale), side(self.height * self.scale)


@dataclass(frozen=True)
class Print:
    """What is printed, and how."""

    format: str
    fit: str
    cut: str

    def of(self, size: Size) -> Fit:
        """Raises Refused(TOO_SMALL_TO_PRINT)."""
        sheet = FORMATS[self.format].pixels(size)
        scales = sheet[0] / size[0], sheet[1] / size[1]
        fills = self.fit == "fill"
        scale = max(scales) if fills else min(scales)
        if DPI / scale < COARSEST:
            raise Refused(Reason.TOO_SMALL_TO_PRINT, round(DPI / scale))
        width, height = (min(size[0], sheet[0] / scale), min(size[1], sheet[1] / scale)) if fills else size
        part = CUTS[self.cut]
        return Fit(sheet, scale, (size[0] - width) * part, (size[1] - height) * part, width, height)


@dataclass(frozen=True)
class PrintJob:
    """A print that is ordered: what is told to the lab of it, its address as it was sealed, and whom it is for."""

    print: Print
    told: sealing.SealedOrder
    address: str
    key: str


def parse_print(settings: Mapping[str, str], others: tuple[str, ...] = ()) -> Print:
    """Raises UsageError for a setting that is neither its own nor one of `others`, or a value that it does not have."""
    for name in settings:
        if name not in ("format", "fit", "cut", *others):
            raise UsageError("no-such-setting", setting=name)
    return Print(
        _choice(settings, "format", tuple(FORMATS)),
        _choice(settings, "fit", FITS),
        _choice(settings, "cut", tuple(CUTS)),
    )


def parse(settings: Mapping[str, str]) -> PrintJob:
    """Raises UsageError, also where it is not said whose order it is, where it goes and for whom it is sealed."""
    chosen = parse_print(settings, ("paper", "copies", "order", "shipping", "address", "key"))
    for name in ("order", "address", "key"):
        if not settings.get(name):
            raise UsageError("setting-missing", setting=name)
    if not sealing.is_key(settings["key"]):
        raise UsageError("setting-key", setting="key")
    told = sealing.SealedOrder(
        settings["order"],
        chosen.format,
        _choice(settings, "paper", PAPERS),
        _copies(settings.get("copies", "1")),
        settings.get("shipping", ""),
    )
    return PrintJob(chosen, told, settings["address"], settings["key"])


def _choice(settings: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = settings.get(name, choices[0])
    if value not in choices:
        raise UsageError("setting-choice", setting=name, choices=", ".join(choices))
    return value


def _copies(text: str) -> int:
    copies = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= copies <= MOST_COPIES:
        raise UsageError("setting-range", setting="copies", low=1, high=MOST_COPIES)
    return copies


def run(source: Source, job: PrintJob) -> Outcome:
    """The sheet, a JPEG for `seal`. Raises Refused."""
    sheet = drawn(source, job.print)
    source.stage(Stage.SAVING)
    return Outcome([encoded(sheet)], "JPEG", *sheet.size, *sheet.size)


def seal(source: Source, job: PrintJob) -> Outcome:
    """The package for the lab. What is told of it is the same for every picture. Raises Refused for no JPEG."""
    if source.format != "JPEG":
        raise Refused(Reason.BROKEN)
    package = sealing.pack(job.told, bytes(source.data), job.address, job.key)
    paper = FORMATS[job.print.format].pixels((1, 1))
    return Outcome([package], "AGE", *paper, *paper)


def encoded(sheet: Image.Image) -> bytes:
    return picture.encode(sheet, "JPEG", _QUALITY, subsampling="4:4:4", dpi=(DPI, DPI))


def drawn(source: Source, what: Print) -> Image.Image:
    """The sheet as it is printed: RGB, in sRGB, with that profile. Raises Refused."""
    image, size = opened(source, lambda size: min(1.0, what.of(size).scale))
    source.stage(Stage.WORKING)
    fit = what.of(size)
    shown = part(image, size, fit)
    if shown.size != fit.sheet:
        sheet = Image.new("RGB", fit.sheet, picture.WHITE)
        sheet.paste(shown, middle(fit.sheet, shown.size))
        shown = sheet
    shown.info = {"icc_profile": _SRGB}
    return shown


def opened(source: Source, scale: Callable[[Size], float]) -> tuple[Image.Image, Size]:
    """The photo opaque, in sRGB, made smaller by a scale that is told from its own size; and that size."""

    def plan(size: Size) -> Size:
        return side(size[0] * scale(size)), side(size[1] * scale(size))

    read = picture.read(source, plan)
    image = picture.as_image(read.pixels, read.icc)
    return profiles.to_srgb(picture.flatten(image) if picture.has_alpha(image) else image), read.size


def part(image: Image.Image, size: Size, fit: Fit) -> Image.Image:
    """What is on the sheet, at its size there. `image` is the photo of `size`, or that made as small as it is printed.

    The part begins at a whole pixel: what has its size already is cut out of it and not smoothed.
    """
    across, down = image.width / size[0], image.height / size[1]
    width, height = fit.on_sheet if fit.scale < 1 else (fit.width, fit.height)
    left, top = min(round(fit.left * across), image.width - width), min(round(fit.top * down), image.height - height)
    return image.resize(fit.on_sheet, Image.Resampling.LANCZOS, (left, top, left + width, top + height))


def middle(outer: Size, inner: Size) -> Size:
    return (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2


def side(length: float) -> int:
    return max(1, round(length))


def _fixed_profile() -> bytes:
    """sRGB as LittleCMS makes it, but not dated: the date would tell since when the zygote runs (ICC.1:2022, 7.2.8)."""
    made = ImageCms.ImageCmsProfile(profiles.SRGB).tobytes()
    return made[:24] + bytes([7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]) + made[36:]


_SRGB = _fixed_profile()

SEAL = Tool("print-seal", 1, parse, seal)
TOOL = Tool("print", 1, parse, run, then=SEAL)
