"""The buttons around a photo. They hang on a reply to it, so a tap brings the photo along and nothing is kept."""

import mimetypes
from collections.abc import Mapping
from pathlib import PurePath

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.domain.errors import DarkroomError, Short
from bot.domain.prices import photo_stars, tool_credits
from bot.domain.settings_codec import packed
from bot.domain.values import Photo, Tool
from bot.ops.error_reports import code_of
from bot.texts import Translate
from bot.tools.cutout import hex_of
from bot.tools.shelf import SHELF
from bot.tools.typed_size import typed
from handlers.callbacks import (
    Apply,
    ApplyAll,
    Ask,
    AskForBackground,
    Buy,
    Menu,
    MenuAll,
    PayPhoto,
    Pick,
    PickAll,
    Prints,
    Rate,
    Stop,
    TouchUp,
    Wipe,
    button,
)
from handlers.context import Context

Shown = tuple[str, InlineKeyboardMarkup]


def photo_of(message: Message | None) -> Photo | None:
    """The photo in a message: the largest size of one sent "as photo", a live one's still, a file that may be one."""
    if message is None:
        return None
    if sizes := message.photo or (message.live_photo and message.live_photo.photo):
        largest = max(sizes, key=lambda size: size.width * size.height)
        return Photo(largest.file_id, largest.file_size or 0, compressed=True)
    document = message.document
    if document and _may_be_photo(document.mime_type, document.file_name):
        return Photo(document.file_id, document.file_size or 0, document.file_name)
    return None


UNDERSTAND_WORDS = ("resize",)  # tools whose menu may be answered in words; a paid one never starts by a word alone


def in_words(text: str) -> Apply | None:
    """The tool and settings that a text means: "1200", "50%", "300 KB", "webp", "#ffcc00", "light blue"."""
    if settings := typed(text):
        return Apply("resize", settings)
    colour = hex_of(text)
    return Apply("cutout", f"background={colour}") if colour else None


def _may_be_photo(mime_type: str | None, name: str | None) -> bool:
    """True if its type or its name says so, or neither says anything: only its bytes decide, in the jail.

    This spares hopeless downloads. What says "octet-stream" says nothing.
    """
    named = _TYPES.get(PurePath(name or "").suffix.lower())
    said = [each for each in (mime_type, named) if each and not each.endswith("octet-stream")]
    return not said or any(each.startswith("image/") for each in said)


# By suffix. Python's own table alone, since that of the machine differs from one to the next, and what it lacks.
_TYPES = (
    mimetypes.MimeTypes().types_map[True]
    | dict.fromkeys((".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"), "image/*")
    | dict.fromkeys((".heic", ".heif", ".avif"), "image/*")
    | dict.fromkeys((".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".rtf", ".epub"), "application/*")
    | dict.fromkeys((".pages", ".numbers", ".key"), "application/*")
    | dict.fromkeys((".gz", ".bz2", ".xz", ".7z", ".rar", ".iso", ".dmg", ".apk", ".exe", ".dll"), "application/*")
    | dict.fromkeys((".mkv", ".m4v", ".3gp", ".flv", ".wmv"), "video/*")
    | dict.fromkeys((".m4a", ".flac", ".ogg", ".oga", ".opus"), "audio/*")
    | dict.fromkeys((".md", ".log", ".ini", ".yaml", ".yml"), "text/*")
)


def tools(translate: Translate, photos: int = 1) -> InlineKeyboardMarkup:
    """All tools, two in a row, the first one alone: it is the default. For an album, with the price of all of it."""
    buttons = [button(_label(translate, slug, photos), first_tap(tool, photos)) for slug, tool in SHELF.items()]
    rows = [buttons[:1], *(buttons[n : n + 2] for n in range(1, len(buttons), 2))]
    return InlineKeyboardMarkup(rows)


def _label(translate: Translate, slug: str, photos: int) -> str:
    credits = tool_credits(slug) * photos
    name = translate(f"tool-{slug}")
    return f"{name} · {translate('credits', count=credits)}" if credits else name


def first_tap(tool: Tool, photos: int = 1) -> Pick | Apply | PickAll | ApplyAll:
    """What choosing a tool does: ask for settings where it has any to choose, else run."""
    if photos > 1:
        return PickAll(tool.slug) if tool.presets else ApplyAll(tool.slug, "")
    return Pick(tool.slug) if tool.presets else Apply(tool.slug, "")


def presets(translate: Translate, tool: Tool, photos: int = 1) -> InlineKeyboardMarkup:
    """A tool's settings, the default first, then the way back."""
    apply, back = (ApplyAll, MenuAll()) if photos > 1 else (Apply, Menu())
    rows = [
        [
            button(
                translate(preset.label, **preset.args),
                AskForBackground(tool.slug, preset.asks) if preset.asks else apply(tool.slug, preset.settings),
            )
            for preset in row
            if photos == 1 or not preset.asks
        ]
        for row in tool.presets
    ]
    return InlineKeyboardMarkup([*filter(None, rows), [button(translate("back"), back)]])


def stop(translate: Translate) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[button(translate("stop"), Stop(), "danger")]])


def short(translate: Translate, tool: Tool, settings: str, error: Short) -> Shown:
    """Not enough credits: what it costs, what is agreed to by paying, and the ways to pay."""
    stars = photo_stars(tool.slug)
    text = f"{translate(error.key, **error.values)}\n\n{translate('before-paying-photo', stars=stars)}"
    pay = button(f"{translate('pay-photo')} · {stars} ⭐", PayPhoto(tool.slug, settings))
    return text, InlineKeyboardMarkup([[pay], [button(translate("buy"), Buy())], [button(translate("back"), Menu())]])


async def choice(context: Context, user_id: int, translate: Translate, tool: Tool, photos: int = 1) -> Shown:
    """A tool's settings, and what it costs for so many photos."""
    text = translate(f"choose-{tool.slug}")
    if credits := tool_credits(tool.slug) * photos:
        balance = await context.services.shop.ledger.balance(user_id)
        text += "\n\n" + translate("costs", credits=credits, balance=balance)
    return text, presets(translate, tool, photos)


def after_failure(translate: Translate, tool: Tool, error: DarkroomError, photos: int = 1) -> InlineKeyboardMarkup:
    """All tools again; where it was our fault, also the way to the operators, who then know what failed."""
    rows = list(tools(translate, photos).inline_keyboard)
    if error.wake:
        about = f"{tool.slug}.{error.key.removeprefix('error-')} {code_of(error, tool)}"
        rows.append((button(translate("ask-for-help"), Ask("photo", about)),))
    return InlineKeyboardMarkup(rows)


def after_result(
    translate: Translate, tool: Tool, photos: int = 1, prints: bool = False, crop: Mapping[str, str] | None = None
) -> InlineKeyboardMarkup:
    """`prints`: whether they are sold, of this result; `crop`: settings by which it fills what it fits inside."""
    first = [button(translate("another-tool"), MenuAll() if photos > 1 else Menu())]
    if tool.presets:
        first.append(button(translate("another-setting"), first_tap(tool, photos)))
    rows = [first]
    if crop:
        label = translate("crop-to", width=int(crop["width"]), height=int(crop["height"]))
        rows.append([button(label, Apply(tool.slug, packed(crop)))])
    if prints:
        rows.append([button(translate("post-prints"), Prints(""))])
    return InlineKeyboardMarkup([*rows, [button(translate("wipe"), Wipe())], _verdicts(translate, tool)])


def under_preview(translate: Translate, settings: str) -> InlineKeyboardMarkup:
    """Under a quick look that shows cells: the way to name those where it went wrong."""
    return InlineKeyboardMarkup([[button(translate("mend"), TouchUp(settings, "on"))]])


def _verdicts(translate: Translate, tool: Tool) -> list[InlineKeyboardButton]:
    labels = {"good": translate("rate-good"), "not-good": translate("rate-not-good")}
    return [button(label, Rate(tool.slug, str(tool.version), verdict)) for verdict, label in labels.items()]
