"""Actions of people: write, send, edit, press, block. Each reaches the bot as the update that Telegram would send."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from bot.playground import pictures
from bot.playground.entities import formatted
from bot.playground.files import Files, Upload, keep_document
from bot.playground.invoice_view import invoice_view
from bot.playground.methods.media import keep_photo
from bot.playground.methods.payments import invoice_key
from bot.playground.world import Chat, Json, Post, World

# The sender that bots see if a message was sent in a chat's name: https://core.telegram.org/bots/api#message
AS_GROUP: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
AS_CHANNEL: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}

QUERY_SECONDS = 600
THUMBNAIL_SIDE = 320


class ImpossibleError(Exception):
    """A person cannot do this in the chat as it is."""


def new_person(world: World, first_name: str, language_code: str = "", **more: str) -> Json:
    person: Json = {"id": world.new_id("person"), "is_bot": False, "first_name": first_name} | more
    if language_code:
        person["language_code"] = language_code
    fields = {"id": person["id"], "type": "private", "first_name": first_name}
    fields |= {key: more[key] for key in ("last_name", "username") if key in more}
    world.people[person["id"]] = person
    world.chats[person["id"]] = Chat(person["id"], fields, members={person["id"]})
    world.changed()
    return person


def new_group(
    world: World, title: str, members: list[int], forum: bool = False, bot: str = "administrator", plain: bool = False
) -> Chat:
    """A supergroup, or a plain group, that the first member made and added the bot to."""
    number = world.new_id("group")
    fields: Json = {"id": -1000000000000 - number, "type": "supergroup", "title": title}
    if plain:
        fields |= {"id": -number, "type": "group"}
    if forum:
        fields["is_forum"] = True
    chat = world.chats[fields["id"]] = Chat(fields["id"], fields, members=set(members))
    if bot != "left":
        world.set_bot_status(chat, bot, world.people[members[0]])
    return chat


def bot_receives(world: World, chat: Chat, content: Json, reply_to: int | None) -> bool:
    """True if the bot gets this message: in a group commands, replies to it, and as an administrator everything."""
    if chat.private or chat.bot == "administrator":
        return True
    target = chat.posts.get(reply_to or 0)
    command = any(entity["type"] == "bot_command" for entity in content.get("entities", []))
    return chat.bot == "member" and (command or (target is not None and target.from_bot))


def send(
    world: World,
    person: int,
    chat: Chat,
    content: Json,
    reply_to: int | None = None,
    thread: int | None = None,
    speaks_as: str = "",
) -> Post:
    """Send a person's message. `speaks_as` is "group" (an anonymous administrator), "channel" (their own) or empty.

    A message to a blocked bot unblocks it, as the Start button does. In a group, others than members may write too.
    """
    if chat.private and chat.bot != "member":
        start(world, chat, person)
    topic = chat.topics.get(thread or 0)
    if thread and (topic is None or topic.closed):
        raise ImpossibleError(f"topic {thread} is not open")
    if reply_to and not world.find(chat, reply_to):
        raise ImpossibleError(f"message {reply_to} is not there to be replied to")
    sender, sender_chat = sender_of(world, person, chat, speaks_as)
    post = world.add(chat, sender, content, reply_to, thread)
    post.author, post.sender_chat = person, sender_chat
    if bot_receives(world, chat, content, reply_to):
        world.inbox.push("message", world.message(post))
    return post


def sender_of(world: World, person: int, chat: Chat, speaks_as: str) -> tuple[Json, Json | None]:
    """The sender that bots see, and the chat in whose name the person writes, if any."""
    if speaks_as == "group" and not chat.private:
        return AS_GROUP, chat.fields
    if speaks_as == "channel" and not chat.private:
        name = world.people[person]["first_name"]
        return AS_CHANNEL, {"id": -1001000000000 - person, "type": "channel", "title": f"{name}'s channel"}
    if speaks_as:
        raise ImpossibleError(f"nobody can speak as {speaks_as!r} here")
    return world.people[person], None


def start(world: World, chat: Chat, person: int) -> None:
    if chat.bot == "kicked":
        world.set_bot_status(chat, "member", world.people[person])
    chat.bot = "member"


def block(world: World, person: int) -> None:
    world.set_bot_status(world.chats[person], "kicked", world.people[person])


def unblock(world: World, person: int) -> None:
    world.set_bot_status(world.chats[person], "member", world.people[person])


def text_content(text: str) -> Json:
    content = formatted(text)
    if not content:
        raise ImpossibleError("an empty message cannot be sent")
    return content


def inline_bot(username: str) -> Json:
    """The User of the inline bot whose result a person chose by `@username ...`."""
    return {"id": 2_000_000_000 + sum(username.encode()), "is_bot": True, "first_name": username, "username": username}


async def photo_content(world: World, upload: Upload, caption: str = "", largest: int = 1280) -> Json:
    return {"photo": await keep_photo(world.files, upload, largest)} | formatted(caption, caption=True)


async def file_content(world: World, upload: Upload, caption: str = "") -> Json:
    thumbnail = await thumbnail_of(world.files, upload)
    return {"document": keep_document(world.files, upload, **thumbnail).fields} | formatted(caption, caption=True)


async def thumbnail_of(files: Files, upload: Upload) -> dict[str, Any]:
    """The field of Document for the thumbnail that Telegram's clients make of a picture; empty for other files."""
    try:
        picture = await asyncio.to_thread(pictures.open_upright, upload.path, THUMBNAIL_SIDE)
        path, width, height = await asyncio.to_thread(pictures.rendition, picture, upload.path, THUMBNAIL_SIDE)
    except pictures.NotAPictureError:
        return {}
    return {"thumbnail": files.keep(path, "thumbnail", ".jpg", width=width, height=height).fields}


def media_content(world: World, kind: str, upload: Upload, fields: Json, caption: str = "") -> Json:
    """The content of a voice message, video, sticker and so on. `fields` are those of its kind besides ids and size."""
    stored = world.files.keep(upload.path, kind, "", **fields)
    return {kind: stored.fields} | formatted(caption, caption=True)


def send_album(
    world: World,
    person: int,
    chat: Chat,
    contents: list[Json],
    reply_to: int | None = None,
    thread: int | None = None,
) -> list[Post]:
    """Send an album: one message and one update an item, with a shared media_group_id. Nothing marks the last one."""
    album = {"media_group_id": str(world.new_id("album"))}
    return [send(world, person, chat, content | album, reply_to, thread) for content in contents]


def edit(world: World, person: int, post: Post, text: str, media: Json | None = None) -> None:
    """Replace the text or caption of a message, or with `media` its file and caption."""
    if post.author != person:
        raise ImpossibleError("only one's own message can be edited")
    stays = {key: post.content[key] for key in ("media_group_id", "via_bot") if key in post.content}
    if media:
        world.edit(post, media | stays)
    elif "text" in post.content:
        world.edit(post, text_content(text) | stays)
    else:
        kept = {key: value for key, value in post.content.items() if not key.startswith("caption")}
        world.edit(post, kept | formatted(text, caption=True))
    world.inbox.push("edited_message", world.message(post))


def forward(world: World, person: int, post: Post, chat: Chat, thread: int | None = None) -> Post:
    if post.content.get("has_protected_content"):
        raise ImpossibleError("this message is protected from forwarding")
    invoice = world.invoices.get(invoice_key(post)) if is_live_everywhere(post) else None
    lost = ("media_group_id", "is_automatic_forward", *([] if invoice else ["reply_markup"]))
    content = {key: value for key, value in post.content.items() if key not in lost}
    content.setdefault("forward_origin", forward_origin(post))
    copy = send(world, person, chat, content, thread=thread)
    if invoice:
        world.invoices[invoice_key(copy)] = invoice
    return copy


def forward_origin(post: Post) -> Json:
    """The MessageOrigin of a forwarded message."""
    if post.sender_chat is None:
        fields: Json = {"type": "user", "sender_user": post.sender}
    else:
        fields = {"type": "chat", "sender_chat": post.sender_chat}
    return fields | {"date": int(post.date)}


def is_live_everywhere(post: Post) -> bool:
    """True if it is an invoice without start_parameter: its Pay button works in forwarded copies too."""
    return "invoice" in post.content and not post.content["invoice"]["start_parameter"]


def delete(world: World, post: Post) -> None:
    """Bots get no update about it."""
    world.delete(post)


def buttons(post: Post) -> list[Json]:
    rows = post.content.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def find_button(chat: Chat, message: int | None, label: str, data: str) -> tuple[Post, Json]:
    """Find the newest visible button by callback data, by its whole label, or by the start of its label."""
    if data:
        return first_button(chat, message, lambda button: button.get("callback_data") == data, data)
    try:
        return first_button(chat, message, lambda button: button["text"] == label, label)
    except ImpossibleError:
        return first_button(chat, message, lambda button: button["text"].startswith(label), label)


def find_pay_button(chat: Chat, message: int | None) -> tuple[Post, Json]:
    return first_button(chat, message, lambda button: bool(button.get("pay")), "Pay")


def first_button(chat: Chat, message: int | None, fits: Callable[[Json], bool], wanted: str) -> tuple[Post, Json]:
    for post in reversed(list(chat.visible())):
        for button in buttons(post) if message in (None, post.id) else ():
            if fits(button):
                return post, button
    raise ImpossibleError(f"no visible button {wanted!r}")


async def send_callback_query(world: World, person: int, post: Post, data: str, seconds: float) -> Json | None:
    """Send the callback query. Returns the bot's answer, or None if none came within `seconds`."""
    query = world.ask("callback", person, QUERY_SECONDS)
    shown = world.message(post)
    if post.deleted:
        shown = {"chat": post.chat.fields, "message_id": post.id, "date": 0}
    fields = {"id": query.id, "from": world.people[person], "chat_instance": str(post.chat.id), "data": data}
    world.inbox.push("callback_query", fields | {"message": shown})
    if seconds <= 0:
        return None
    done, _ = await asyncio.wait([query.answer], timeout=seconds)
    return query.answer.result() if done else None


def expire(world: World) -> None:
    """Let every open query to the bot become too old to answer."""
    for query in world.queries.values():
        query.deadline = 0


def age(post: Post, seconds: float) -> None:
    post.date -= seconds


def chat_view(world: World, chat: Chat) -> Json:
    """The chat as a person sees it now."""
    action, until = chat.action
    return {
        "version": world.version,
        "chat": chat.fields,
        "bot": chat.bot,
        "members": sorted(chat.members),
        "action": action if time.time() < until else "",
        "draft": chat.draft,
        "unread": unread(world, chat),
        "topics": topics(chat),
        "messages": [post_view(world, post) for post in chat.visible()],
    }


def chat_summary(world: World, chat: Chat) -> Json:
    """The chat's entry in a list of chats, with the newest message of each thread."""
    newest = {post.thread or 0: world.message(post, nested=False) for post in chat.visible()}
    fields = {"chat": chat.fields, "bot": chat.bot, "members": sorted(chat.members)}
    return fields | {"topics": topics(chat), "newest": newest}


def topics(chat: Chat) -> list[Json]:
    return [{"thread": topic.thread, "name": topic.name, "closed": topic.closed} for topic in chat.topics.values()]


def unread(world: World, chat: Chat) -> list[int]:
    """The ids of the messages that the bot has not fetched yet."""
    waiting = (update.get("message", {}) for update in world.inbox.pending)
    return [message["message_id"] for message in waiting if message and message["chat"]["id"] == chat.id]


def post_view(world: World, post: Post) -> Json:
    """A message with what only people see: earlier contents, reactions, the state of an invoice."""
    return world.message(post) | {"history": post.history, "reactions": post.reactions} | invoice_view(world, post)


def chat_of(world: World, person: int, chat: int | None) -> Chat:
    """The chat with this id, or the person's private chat if it is None. Raises ImpossibleError or ApiError."""
    if person not in world.people:
        raise ImpossibleError(f"nobody has the id {person}")
    return world.chat(chat or person)


def require_post(world: World, chat: Chat, message: int) -> Post:
    post = chat.posts.get(message)
    if post is None:
        raise ImpossibleError(f"message {message} is not there")
    return post
