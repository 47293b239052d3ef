"""Cut out: the subject alone, on nothing, on a colour, before its own background blurred, or before another photo."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import ImageColor

from bot.domain.errors import Reason, Refused, UsageError
from bot.domain.values import LARGEST_RESULT, Limits, Outcome, Preset, Report, Source, Stage, Tool
from bot.tools import matting, picture, profiles, subject
from bot.tools.backgrounds import Background, Blurred, Plain, before
from bot.tools.matting import Matte
from bot.tools.preview import on_checks
from bot.tools.resample import Pixels, resample
from bot.tools.segmentation import Mask

SAVING: dict[str, dict[str, int]] = {
    "PNG": {"compress_level": 1},  # level 3 takes 1.4 times as long for 4 % fewer bytes
    "WEBP": {"quality": 90, "method": 2},
}
_SEEN = 0.001  # of the picture; less than that is no subject


@dataclass(frozen=True)
class Settings:
    """`background` is transparent, blur, photo, or a colour; `keep` and `erase` name cells (see `subject`)."""

    background: str = "transparent"
    colour: tuple[int, int, int] | None = None
    keep: str = ""
    erase: str = ""


def parse(settings: Mapping[str, str]) -> Settings:
    """Raises UsageError for a key that does not exist, a colour or a cell that is none."""
    for key in settings:
        if key not in ("background", "keep", "erase"):
            raise UsageError("no-such-setting", setting=key)
    for key in ("keep", "erase"):
        if set(settings.get(key, "")) - set(subject.NAMES):
            raise UsageError("setting-choice", setting=key, choices=f"{subject.NAMES[0]}-{subject.NAMES[-1]}")
    background = settings.get("background", "transparent").strip().lower()
    colour = None
    if background not in ("transparent", "blur", "photo"):
        background, colour = "colour", colour_of(background)
        if colour is None:
            raise UsageError("setting-choice", setting="background", choices="transparent, white, blur, #rrggbb")
    return Settings(background, colour, settings.get("keep", ""), settings.get("erase", ""))


def colour_of(text: str) -> tuple[int, int, int] | None:
    """sRGB of "#rrggbb", "#rgb" or a colour's name in CSS; None for what is none."""
    try:
        colour = ImageColor.getrgb(text.strip().lower().replace(" ", ""))[:3]
    except ValueError:
        return None
    return colour if all(0 <= part <= 255 for part in colour) else None  # Pillow reads "rgb(999, 0, 0)", too


def hex_of(text: str) -> str | None:
    """A person's own spelling of a colour as a button carries it, "#rrggbb"; None for what is none."""
    colour = colour_of(text)
    return "#{:02x}{:02x}{:02x}".format(*colour) if colour else None


def run(source: Source, settings: Settings) -> Outcome:
    """Raises Refused: BROKEN, NO_SUBJECT, NO_SECOND_PHOTO, RESULT_TOO_LARGE."""
    read = picture.read(source)
    pixels, alpha = _parts(read.pixels)
    icc = read.icc if read.pixels.ndim == 3 and read.pixels.shape[2] > 2 else b""  # a grey profile is not one of RGB
    source.stage(Stage.WORKING)
    matte = matting.estimate(pixels, _mask(pixels, settings))
    report: Report = dict(read.told)
    preview = on_checks(pixels, matte)
    if settings.background == "transparent":
        clear = _clear(pixels, alpha, matte)
        del read, pixels  # 150 MB of a large photo, while its result is saved
        return _transparent(source, clear, icc, report, preview)
    kind = picture.FINISHED_AS.get(source.format, source.format)
    painted = _painted(pixels, alpha, matte, _background(source, settings, pixels, icc, matte))
    source.stage(Stage.SAVING)
    data = picture.encode_pixels(painted, icc, kind, picture.FINISHED_QUALITY.get(kind))
    return Outcome([data], kind, *read.size, *read.size, report, preview)


def _parts(pixels: Pixels) -> tuple[Pixels, Pixels | None]:
    """RGB that may be written to, and the alpha that the photo came with. What was hidden stays out of sight."""
    if pixels.ndim == 2:
        return cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), None
    if pixels.shape[2] == 3:
        return pixels if pixels.flags.writeable else pixels.copy(), None
    alpha = np.ascontiguousarray(pixels[..., -1])
    flat = np.asarray(picture.flatten(picture.as_image(pixels)).convert("RGB")).copy()
    return flat, alpha


def _mask(pixels: Pixels, settings: Settings) -> Mask:
    mask = subject.find(pixels, settings.keep, settings.erase)
    if float((mask > 0.5).mean()) < _SEEN:
        raise Refused(Reason.NO_SUBJECT)
    return mask


def _background(source: Source, settings: Settings, pixels: Pixels, icc: bytes, matte: Matte) -> Background:
    if settings.background == "blur":
        return Blurred(pixels, matte)
    if settings.background == "photo":
        if source.background_photo is None:
            raise Refused(Reason.NO_SECOND_PHOTO)
        return before(source.background_photo, pixels.shape[1::-1], icc)
    assert settings.colour
    return Plain(profiles.in_space(settings.colour, icc))


def _painted(pixels: Pixels, own: Pixels | None, matte: Matte, background: Background) -> Pixels:
    """The subject before `background`, in the place of `pixels`."""
    for strip in matting.strips(pixels, matte):
        alpha = _shared(strip.alpha, own, strip.rows)
        background_photo = background.rows(strip.rows)
        pixels[strip.rows] = cv2.blendLinear(
            strip.colours, np.broadcast_to(background_photo, strip.colours.shape).copy(), alpha, 1 - alpha
        )
    return pixels


def _clear(pixels: Pixels, own: Pixels | None, matte: Matte) -> Pixels:
    """H×W×4. What is quite clear has no colour: otherwise the background would still be in the file."""
    clear = np.empty((*pixels.shape[:2], 4), np.uint8)
    for strip in matting.strips(pixels, matte):
        alpha = (_shared(strip.alpha, own, strip.rows) * 255 + 0.5).astype(np.uint8)
        clear[strip.rows, :, :3] = strip.colours
        clear[strip.rows, :, 3] = alpha
        clear[strip.rows][alpha == 0] = 0
    return clear


def _shared(alpha: Mask, own: Pixels | None, rows: slice) -> Mask:
    return alpha if own is None else alpha * (own[rows].astype(np.float32) / 255)


def _transparent(source: Source, pixels: Pixels, icc: bytes, report: Report, preview: bytes) -> Outcome:
    """PNG; over what Telegram takes WebP, or else with fewer pixels, and the report says so."""
    source.stage(Stage.SAVING)
    height, width = pixels.shape[:2]
    data, kind = picture.encode(picture.as_image(pixels, icc), "PNG", **SAVING["PNG"]), "PNG"
    if len(data) > LARGEST_RESULT and max(width, height) <= picture.LONGEST_SIDE["WEBP"]:
        data, kind = picture.encode(picture.as_image(pixels, icc), "WEBP", **SAVING["WEBP"]), "WEBP"
        report["as-webp"] = True
    made = width, height
    while len(data) > LARGEST_RESULT:
        scale = min(0.9, math.sqrt(0.95 * LARGEST_RESULT / len(data)))
        made = max(1, round(made[0] * scale)), max(1, round(made[1] * scale))
        data = picture.encode(picture.as_image(resample(pixels, made), icc), kind, **SAVING[kind])
        report["shrunk"] = f"{made[0]} × {made[1]}"
    return Outcome([data], kind, *made, width, height, report, preview)


_COLOURS = {"⬛": "#000000", "🟥": "#d93a32", "🟨": "#f4c430", "🟩": "#00b140", "🟦": "#2f6fde"}

PRESETS = (
    (Preset("preset-transparent", "background=transparent"),),
    (Preset("preset-white", "background=white"), Preset("preset-blur", "background=blur")),
    tuple(Preset("preset-colour", f"background={colour}", {"colour": label}) for label, colour in _COLOURS.items()),
    (Preset("preset-other-colour", "", asks="colour"), Preset("preset-other-photo", "", asks="photo")),
)

LIMITS = Limits(seconds=120, cpu_seconds=60)

TOOL = Tool("cutout", 1, parse, run, PRESETS, LIMITS, second="background", hints=True, heavy=True)
