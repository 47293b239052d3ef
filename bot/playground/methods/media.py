"""Photos, documents, albums, and files."""

import asyncio
from typing import Any

from bot.playground import keyboards, pictures
from bot.playground.files import DOWNLOAD_LIMIT, PHOTO_LIMIT, Files, StoredFile, Upload, keep_document
from bot.playground.methods.messages import Caption, Delivery, Target, apply_edit, deliver, own_message
from bot.playground.schema import File, Parts, attached
from bot.playground.world import ApiError, Json, World

__all__ = ["edit_message_media", "get_file", "send_document", "send_media_group", "send_photo"]

ALBUM = range(2, 11)


async def keep_photo(files: Files, upload: Upload, largest: int = 1280) -> list[Json]:
    """Store a picture as a photo and delete the upload. Returns its PhotoSizes. Raises ApiError."""
    try:
        width, height = pictures.size_of(upload.path)
        if width + height > 10000 or max(width, height) > 20 * min(width, height):
            raise ApiError("PHOTO_INVALID_DIMENSIONS")
        sizes = await asyncio.to_thread(pictures.renditions, upload.path, largest)
    except pictures.NotAPictureError:
        raise ApiError("IMAGE_PROCESS_FAILED") from None
    upload.path.unlink()
    return [files.keep(path, "photo", ".jpg", width=width, height=height).fields for path, width, height in sizes]


async def photo_of(world: World, photo: File) -> list[Json]:
    if isinstance(photo, str):
        wanted = known_file(world, photo, "photo")
        for chat in world.chats.values():
            for post in chat.posts.values():
                if wanted.fields in post.content.get("photo", []):
                    return list(post.content["photo"])
        return [wanted.fields]
    if photo.size > PHOTO_LIMIT:
        raise ApiError(
            f"file of size {photo.size} bytes is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes"
        )
    check_not_empty(photo)
    return await keep_photo(world.files, photo)


def document_of(world: World, document: File, thumbnail: File | None = None) -> Json:
    if isinstance(document, str):
        return known_file(world, document, "document").fields
    check_not_empty(document)
    extra: dict[str, Any] = {}
    if isinstance(thumbnail, Upload):
        width, height = pictures.size_of(thumbnail.path)
        extra["thumbnail"] = world.files.keep(thumbnail.path, "thumbnail", ".jpg", width=width, height=height).fields
    return keep_document(world.files, document, **extra).fields


def check_not_empty(upload: Upload) -> None:
    if not upload.size:
        raise ApiError("file must be non-empty")


def known_file(world: World, file_id: str, kind: str) -> StoredFile:
    """The stored file with this id. Raises ApiError if there is none or it is of another kind."""
    if file_id.startswith(("http://", "https://")):
        raise ApiError("failed to get HTTP URL content")  # the playground never calls out
    stored = world.files.get(file_id)
    if stored is None:
        raise ApiError("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise ApiError(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
    return stored


async def send_photo(
    world: World,
    to: Delivery,
    photo: File,
    caption: Caption,
    has_spoiler: bool = False,
    reply_markup: Json | None = None,
) -> Json:
    world.writable_chat(to.chat_id)
    fields = caption.fields() | keyboards.checked(reply_markup)
    spoiler = {"has_media_spoiler": True} if has_spoiler else {}
    return world.message(deliver(world, to, {"photo": await photo_of(world, photo)} | spoiler | fields))


async def send_document(
    world: World,
    to: Delivery,
    document: File,
    caption: Caption,
    thumbnail: File | None = None,
    disable_content_type_detection: bool = False,
    reply_markup: Json | None = None,
) -> Json:
    world.writable_chat(to.chat_id)
    fields = caption.fields() | keyboards.checked(reply_markup)
    return world.message(deliver(world, to, {"document": document_of(world, document, thumbnail)} | fields))


async def media_content(world: World, media: Json, parts: Parts) -> Json:
    """An InputMediaPhoto or InputMediaDocument as the fields of Message."""
    file = media.get("media", "")
    source = attached(file, parts) if str(file).startswith("attach://") else str(file)
    caption = Caption(media.get("caption", ""), media.get("parse_mode", ""), media.get("caption_entities"))
    if media.get("type") == "photo":
        return {"photo": await photo_of(world, source)} | caption.fields()
    if media.get("type") == "document":
        return {"document": document_of(world, source)} | caption.fields()
    raise ApiError(f"type {media.get('type')!r} of InputMedia is not imitated")


async def send_media_group(world: World, to: Delivery, media: list[Json], parts: Parts) -> list[Json]:
    world.writable_chat(to.chat_id)
    if len(media) not in ALBUM:
        raise ApiError(
            "wrong number of media: there must be 2-10 of them" if media else "there are no messages to send"
        )
    if len({item.get("type") for item in media}) > 1:
        raise ApiError("documents can't be mixed with other media types")
    album = {"media_group_id": str(world.new_id("album"))}
    contents = [await media_content(world, item, parts) for item in media]
    return [world.message(deliver(world, to, content | album)) for content in contents]


async def edit_message_media(
    world: World, target: Target, media: Json, parts: Parts, reply_markup: Json | None = None
) -> Json:
    post = own_message(world, target)
    markup = keyboards.checked(reply_markup)
    return apply_edit(world, post, await media_content(world, media, parts) | markup)


async def get_file(world: World, file_id: str) -> Json:
    stored = world.files.get(file_id)
    if stored is None:
        raise ApiError("wrong file_id or the file is temporarily unavailable")
    if stored.fields["file_size"] > DOWNLOAD_LIMIT:
        raise ApiError("file is too big")
    fields = {key: stored.fields[key] for key in ("file_id", "file_unique_id", "file_size")}
    return fields | {"file_path": world.files.publish(stored)}
