"""Static stickers and their sets (https://core.telegram.org/stickers#static-stickers)."""

import re
from typing import Any

from bot.playground import keyboards, pictures
from bot.playground.files import StoredFile, Upload
from bot.playground.methods.media import known_file
from bot.playground.methods.messages import Delivery, deliver
from bot.playground.schema import File, Parts, attached
from bot.playground.world import ApiError, Json, World

__all__ = [
    "add_sticker_to_set",
    "create_new_sticker_set",
    "delete_sticker_from_set",
    "delete_sticker_set",
    "get_sticker_set",
    "send_sticker",
    "set_sticker_set_title",
    "upload_sticker_file",
]

SIDE = 512
MOST_BYTES = 512 * 1024
AT_CREATION, AT_MOST = range(1, 51), 120


def keep_sticker(world: World, upload: Upload, **fields: Any) -> StoredFile:
    """Raises ApiError unless the picture is a PNG or WebP file that fits a 512 pixel square on at least one side."""
    if upload.size > MOST_BYTES:
        raise ApiError("STICKER_FILE_INVALID")
    try:
        width, height = pictures.size_of(upload.path)
    except pictures.NotAPictureError:
        raise ApiError("STICKER_FILE_INVALID") from None
    if max(width, height) != SIDE:
        raise ApiError("STICKER_PNG_DIMENSIONS")
    size: Json = {"width": width, "height": height, "type": "regular", "is_animated": False, "is_video": False}
    return world.files.keep(upload.path, "sticker", ".webp", **size, **fields)


async def send_sticker(
    world: World, to: Delivery, sticker: File, emoji: str = "", reply_markup: Json | None = None
) -> Json:
    world.writable_chat(to.chat_id)
    extra = {"emoji": emoji} if emoji else {}
    known = isinstance(sticker, str)
    stored = known_file(world, str(sticker), "sticker") if known else keep_sticker(world, sticker, **extra)  # type: ignore[arg-type]
    return world.message(deliver(world, to, {"sticker": stored.fields} | keyboards.checked(reply_markup)))


async def upload_sticker_file(world: World, user_id: int, sticker: File, sticker_format: str) -> Json:
    check_owner(world, user_id)
    if isinstance(sticker, str) or sticker_format != "static":
        raise ApiError("STICKER_FILE_INVALID")
    fields = keep_sticker(world, sticker).fields
    return {key: fields[key] for key in ("file_id", "file_unique_id", "file_size")}


def check_owner(world: World, user_id: int) -> None:
    if user_id not in world.people:
        raise ApiError("USER_ID_INVALID")


def named_set(world: World, name: str) -> Json:
    try:
        return world.sticker_sets[name.lower()]
    except KeyError:
        raise ApiError("STICKERSET_INVALID") from None


def sticker_of(world: World, fields: Json, parts: Parts, name: str) -> Json:
    """An InputSticker as a Sticker of the set `name`."""
    if fields.get("format") != "static":
        raise ApiError("only static stickers are imitated")
    if not 1 <= len(fields.get("emoji_list", [])) <= 20:
        raise ApiError("STICKER_EMOJI_INVALID")
    file = str(fields.get("sticker", ""))
    extra = {"emoji": fields["emoji_list"][0], "set_name": name}
    if file.startswith("attach://"):
        return keep_sticker(world, attached(file, parts), **extra).fields
    return known_file(world, file, "sticker").fields | extra


async def create_new_sticker_set(
    world: World,
    user_id: int,
    name: str,
    title: str,
    stickers: list[Json],
    parts: Parts,
    sticker_type: str = "regular",
    needs_repainting: bool = False,
) -> bool:
    check_owner(world, user_id)
    if not re.fullmatch(rf"[a-z](?!\w*__)\w{{0,63}}_by_{world.bot['username']}", name, re.IGNORECASE) or len(name) > 64:
        raise ApiError("invalid sticker set name is specified")
    if name.lower() in world.sticker_sets:
        raise ApiError("sticker set name is already occupied")
    if not 1 <= len(title) <= 64:
        raise ApiError("PACK_TITLE_INVALID")
    if len(stickers) not in AT_CREATION:
        raise ApiError("STICKERS_TOO_MUCH" if stickers else "STICKERS_EMPTY")
    shown = [sticker_of(world, each, parts, name) for each in stickers]
    world.sticker_sets[name.lower()] = {"name": name, "title": title, "sticker_type": sticker_type, "stickers": shown}
    return True


async def add_sticker_to_set(world: World, user_id: int, name: str, sticker: Json, parts: Parts) -> bool:
    check_owner(world, user_id)
    stickers = named_set(world, name)["stickers"]
    if len(stickers) >= AT_MOST:
        raise ApiError("STICKERS_TOO_MUCH")
    stickers.append(sticker_of(world, sticker, parts, name))
    return True


async def get_sticker_set(world: World, name: str) -> Json:
    return named_set(world, name)


async def set_sticker_set_title(world: World, name: str, title: str) -> bool:
    named_set(world, name)["title"] = title
    return True


async def delete_sticker_from_set(world: World, sticker: str) -> bool:
    for each in world.sticker_sets.values():
        kept = [known for known in each["stickers"] if known["file_id"] != sticker]
        if len(kept) < len(each["stickers"]):
            each["stickers"] = kept
            return True
    raise ApiError("STICKER_INVALID")


async def delete_sticker_set(world: World, name: str) -> bool:
    del world.sticker_sets[named_set(world, name)["name"].lower()]
    return True
