"""Sending, editing, copying and deleting messages, and answering callback queries."""

from dataclasses import dataclass
from typing import Any

from bot.playground import keyboards
from bot.playground.entities import formatted, utf16_length
from bot.playground.schema import ChatId
from bot.playground.world import ApiError, Chat, Json, Post, World

__all__ = [
    "answer_callback_query",
    "copy_message",
    "delete_message",
    "delete_messages",
    "edit_message_caption",
    "edit_message_reply_markup",
    "edit_message_text",
    "forward_message",
    "send_message",
    "send_message_draft",
    "set_message_reaction",
]

EDITABLE = ("photo", "document", "video", "animation", "audio", "voice")
EMOJI = set(
    "❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)


@dataclass(frozen=True)
class Delivery:
    """Where a message goes and how: the parameters that every send method has."""

    chat_id: ChatId
    message_thread_id: int = 0
    reply_parameters: Json | None = None
    disable_notification: bool = False
    protect_content: bool = False
    allow_paid_broadcast: bool = False


@dataclass(frozen=True)
class Caption:
    caption: str = ""
    parse_mode: str = ""
    caption_entities: list[Json] | None = None
    show_caption_above_media: bool = False

    def fields(self) -> Json:
        above = {"show_caption_above_media": True} if self.show_caption_above_media else {}
        shown = formatted(self.caption, self.parse_mode, self.caption_entities, caption=True)
        return shown | above if shown else shown


@dataclass(frozen=True)
class Target:
    """The message that is edited."""

    chat_id: ChatId
    message_id: int


def deliver(world: World, to: Delivery, content: Json) -> Post:
    chat = world.writable_chat(to.chat_id)
    thread = check_thread(chat, to.message_thread_id)
    reply_to = reply_target(world, chat, to.reply_parameters)
    if to.protect_content:
        content = content | {"has_protected_content": True}
    chat.action, chat.draft = ("", 0), None
    return world.add(chat, world.bot, content, reply_to, thread)


def check_thread(chat: Chat, thread: int) -> int | None:
    if not thread:
        return None
    topic = chat.topics.get(thread)
    if topic is None:
        raise ApiError("message thread not found")
    if topic.closed and chat.bot != "administrator":
        raise ApiError("TOPIC_CLOSED")
    return thread


def reply_target(world: World, chat: Chat, reply: Json | None) -> int | None:
    if not reply:
        return None
    if strange := reply.keys() - {"message_id", "allow_sending_without_reply"}:
        raise ApiError(f"not imitated here: a reply's {', '.join(sorted(strange))}")
    if world.find(chat, int(reply.get("message_id", 0))):
        return int(reply["message_id"])
    if reply.get("allow_sending_without_reply"):
        return None
    raise ApiError("message to be replied not found")


async def send_message(
    world: World,
    to: Delivery,
    text: str,
    parse_mode: str = "",
    entities: list[Json] | None = None,
    link_preview_options: Json | None = None,
    reply_markup: Json | None = None,
) -> Json:
    content = formatted(text, parse_mode, entities)
    if not content:
        raise ApiError("message text is empty" if not text.strip() else "text must be non-empty")
    return world.message(deliver(world, to, content | keyboards.checked(reply_markup)))


async def send_message_draft(
    world: World,
    chat_id: int,
    draft_id: int,
    text: str = "",
    message_thread_id: int = 0,
    parse_mode: str = "",
    entities: list[Json] | None = None,
) -> bool:
    chat = world.writable_chat(chat_id)
    if not chat.private:
        raise ApiError("TEXTDRAFT_PEER_INVALID")
    if not draft_id:
        raise ApiError("draft_id must be non-zero")
    chat.draft = {"draft_id": draft_id, **formatted(text, parse_mode, entities)}
    world.drafts.append({"chat_id": chat.id, **chat.draft})
    world.changed()
    return True


def own_message(world: World, target: Target) -> Post:
    post = world.find(world.writable_chat(target.chat_id), target.message_id)
    if post is None:
        raise ApiError("message to edit not found")
    if post.sender["id"] != world.bot["id"] or "forward_origin" in post.content:
        raise ApiError("message can't be edited")
    return post


def apply_edit(world: World, post: Post, content: Json) -> Json:
    """Edit the message, keeping what edits never change. Raises ApiError if nothing changes."""
    content = {
        key: post.content[key] for key in ("has_protected_content", "media_group_id") if key in post.content
    } | content
    if content == post.content:
        raise ApiError(
            "message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message"
        )
    world.edit(post, content)
    return world.message(post)


async def edit_message_text(
    world: World,
    target: Target,
    text: str,
    parse_mode: str = "",
    entities: list[Json] | None = None,
    link_preview_options: Json | None = None,
    reply_markup: Json | None = None,
) -> Json:
    post = own_message(world, target)
    content = formatted(text, parse_mode, entities)
    if not content:
        raise ApiError("message text is empty")
    if "text" not in post.content:
        raise ApiError("there is no text in the message to edit")
    return apply_edit(world, post, content | keyboards.checked(reply_markup))


async def edit_message_caption(
    world: World, target: Target, caption: Caption, reply_markup: Json | None = None
) -> Json:
    post = own_message(world, target)
    kept = {key: post.content[key] for key in EDITABLE if key in post.content}
    if not kept:
        raise ApiError("there is no caption in the message to edit")
    return apply_edit(world, post, kept | caption.fields() | keyboards.checked(reply_markup))


async def edit_message_reply_markup(world: World, target: Target, reply_markup: Json | None = None) -> Json:
    post = own_message(world, target)
    kept = {key: value for key, value in post.content.items() if key != "reply_markup"}
    return apply_edit(world, post, kept | keyboards.checked(reply_markup, pay_allowed="invoice" in kept))


def source_post(world: World, chat_id: ChatId, message_id: int, what: str) -> Post:
    post = world.find(world.chat(chat_id), message_id)
    if post is None or post.content.keys() & {"forum_topic_created", "successful_payment"}:
        raise ApiError(f"message to {what} not found" if post is None else f"the message can't be {what}ed")
    if post.content.get("has_protected_content"):
        raise ApiError(f"the message can't be {'copied' if what == 'copy' else 'forwarded'}")
    return post


async def forward_message(
    world: World,
    chat_id: ChatId,
    from_chat_id: ChatId,
    message_id: int,
    message_thread_id: int = 0,
    disable_notification: bool = False,
    protect_content: bool = False,
) -> Json:
    post = source_post(world, from_chat_id, message_id, "forward")
    content = {key: value for key, value in post.content.items() if key not in ("reply_markup", "media_group_id")}
    content.setdefault("forward_origin", {"type": "user", "date": int(post.date), "sender_user": post.sender})
    to = Delivery(chat_id, message_thread_id, protect_content=protect_content)
    return world.message(deliver(world, to, content))


async def copy_message(
    world: World,
    to: Delivery,
    from_chat_id: ChatId,
    message_id: int,
    caption: str | None = None,
    parse_mode: str = "",
    caption_entities: list[Json] | None = None,
    show_caption_above_media: bool = False,
    reply_markup: Json | None = None,
) -> Json:
    post = source_post(world, from_chat_id, message_id, "copy")
    left_out = {"reply_markup", "media_group_id", "forward_origin"}
    if caption is not None:
        left_out |= {"caption", "caption_entities", "show_caption_above_media"}
    content: dict[str, Any] = {key: value for key, value in post.content.items() if key not in left_out}
    if caption is not None and "text" not in content:
        content |= Caption(caption, parse_mode, caption_entities, show_caption_above_media).fields()
    return {"message_id": deliver(world, to, content | keyboards.checked(reply_markup)).id}


def check_deletable(world: World, chat: Chat, post: Post) -> None:
    """Raise ApiError if the bot may not delete it. It may delete its own messages, and all of a private chat or as an
    administrator; none after 48 hours.
    """
    allowed = chat.private or post.sender["id"] == world.bot["id"] or chat.bot == "administrator"
    if not allowed or not post.deletable:
        raise ApiError("message can't be deleted for everyone" if allowed else "message can't be deleted")


async def delete_message(world: World, target: Target) -> bool:
    chat = world.writable_chat(target.chat_id)
    post = world.find(chat, target.message_id)
    if post is None:
        raise ApiError("message to delete not found")
    check_deletable(world, chat, post)
    world.delete(post)
    return True


async def delete_messages(world: World, chat_id: ChatId, message_ids: list[int]) -> bool:
    """Delete messages. Missing ones are skipped; if one may not be deleted, none is."""
    chat = world.writable_chat(chat_id)
    if not 1 <= len(message_ids) <= 100:
        raise ApiError(
            "too many message identifiers specified" if message_ids else "message identifiers are not specified"
        )
    posts = [post for number in message_ids if (post := world.find(chat, number))]
    for post in posts:
        check_deletable(world, chat, post)
    for post in posts:
        world.delete(post)
    return True


async def answer_callback_query(
    world: World, callback_query_id: str, text: str = "", show_alert: bool = False, url: str = "", cache_time: int = 0
) -> bool:
    if utf16_length(text) > 200:
        raise ApiError("MESSAGE_TOO_LONG")
    world.answer(callback_query_id, "callback", {"text": text, "alert": show_alert, "url": url})
    return True


async def set_message_reaction(
    world: World, target: Target, reaction: list[Json] | None = None, is_big: bool = False
) -> bool:
    post = world.find(world.writable_chat(target.chat_id), target.message_id)
    if post is None:
        raise ApiError("message to react not found")
    if any(item.get("type") != "emoji" or item.get("emoji") not in EMOJI for item in reaction or []):
        raise ApiError("REACTION_INVALID")
    if len(reaction or []) > 1:
        raise ApiError("REACTIONS_TOO_MANY")
    post.reactions = reaction or []
    world.changed()
    return True
