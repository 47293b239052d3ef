"""The state of one token's Telegram: people, chats, messages, files, updates. Methods and people change it.

Objects that the bot sees are dictionaries as in https://core.telegram.org/bots/api#available-types.
"""

import asyncio
import shutil
import time
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bot.playground.faults import Faults
from bot.playground.files import Files
from bot.playground.inbox import Inbox, Webhook
from bot.playground.stripe import Accounts

Json = dict[str, Any]

DELETABLE_SECONDS = 48 * 3600  # https://core.telegram.org/bots/api#deletemessage
ACTION_SECONDS = 5  # https://core.telegram.org/bots/api#sendchataction

RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


class ApiError(Exception):
    """A refusal in Telegram's wording. `parameters` are those of ResponseParameters."""

    def __init__(self, description: str, code: int = 400, **parameters: int) -> None:
        prefix = {400: "Bad Request: ", 403: "Forbidden: ", 404: "Not Found: ", 409: "Conflict: "}.get(code, "")
        super().__init__(prefix + description)
        self.code = code
        self.parameters = parameters


@dataclass
class Topic:
    thread: int
    name: str
    closed: bool = False


@dataclass
class Post:
    """One message. `content` has the fields of Message with what was sent.

    Bots see `sender`; `sender_chat` is the chat in whose name it was sent; `author` is the person who may edit it.
    """

    chat: "Chat"
    id: int
    date: float
    sender: Json
    content: Json
    reply_to: int | None = None
    thread: int | None = None
    edited: float = 0
    deleted: bool = False
    author: int = 0
    sender_chat: Json | None = None
    history: list[Json] = field(default_factory=list)  # contents before each edit
    reactions: list[Json] = field(default_factory=list)

    @property
    def from_bot(self) -> bool:
        return bool(self.sender["is_bot"]) and self.sender_chat is None

    @property
    def deletable(self) -> bool:
        return time.time() - self.date < DELETABLE_SECONDS


@dataclass
class Chat:
    """A private chat (its id is the person's), a group or a supergroup. `bot` is the bot's ChatMember status."""

    id: int
    fields: Json  # the fields of Chat that bots see
    full: Json = field(default_factory=dict)  # the fields that only ChatFullInfo has
    bot: str = "left"
    members: set[int] = field(default_factory=set)
    statuses: dict[int, str] = field(default_factory=dict)  # ChatMember statuses that differ from what `members` says
    channel: Json | None = None  # the linked channel
    moved_to: int = 0  # the supergroup that a plain group has become
    posts: dict[int, Post] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    action: tuple[str, float] = ("", 0)
    draft: Json | None = None

    @property
    def private(self) -> bool:
        return bool(self.fields["type"] == "private")

    @property
    def forum(self) -> bool:
        return bool(self.fields.get("is_forum"))

    def visible(self) -> Iterator[Post]:
        return (post for post in self.posts.values() if not post.deleted)


@dataclass
class Query:
    """A query to the bot: callback, shipping or pre-checkout. `answer` is set once, and refused after `deadline`."""

    id: str
    kind: str
    person: int
    deadline: float
    answer: asyncio.Future[Json]

    @property
    def open(self) -> bool:
        return not self.answer.done() and time.time() < self.deadline


def chat_member(user: Json, status: str, is_member: bool = False) -> Json:
    """A ChatMember with this status. `is_member` is for restricted people: True if they are in the chat."""
    fields: Json = {"user": user, "status": status}
    if status == "administrator":
        fields |= {"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(RIGHTS, True)}
    elif status == "kicked":
        fields["until_date"] = 0
    elif status == "creator":
        fields["is_anonymous"] = False
    elif status == "restricted":
        fields |= {"is_member": is_member, "until_date": 0, **dict.fromkeys(PERMISSIONS, True)}
    return fields


class World:
    """The world of one bot token. `version` grows with every change that a person could see."""

    def __init__(self, token: str, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self.token = token
        self.folder = folder
        self.bot: Json = {
            "id": int(token.split(":")[0]),
            "is_bot": True,
            "first_name": "Darkroom",
            "username": "darkroom_bot",
        }
        self.people: dict[int, Json] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.profile: Json = {}  # commands and descriptions, by scope and language
        self.sticker_sets: dict[str, Json] = {}
        self.invoices: dict[str, Any] = {}  # by link, or by chat and message
        self.forms: dict[str, Any] = {}  # the forms that people submitted for invoices, by id
        self.receipts: dict[str, Json] = {}  # by charge: details of a payment that only people see
        self.subscriptions: dict[str, Json] = {}  # by the first charge
        self.transactions: list[Json] = []
        self.stripe = Accounts()  # accounts that cards are charged in
        self.files = Files(folder)
        self.inbox = Inbox()
        self.webhook = Webhook(self.inbox)
        self.bot_ports: Set[int] | None = None  # of this machine, where webhooks may be; None: all
        self.faults = Faults()
        self.requests: list[Json] = []
        self.actions: list[Json] = []
        self.drafts: list[Json] = []
        self.violations: list[str] = []
        self.version = 0
        self._changed = asyncio.Event()
        self._ids = {
            "message": count(1),
            "person": count(1001),
            "group": count(1),
            "query": count(7000001),
            "album": count(1),
        }

    def new_id(self, kind: str) -> int:
        return next(self._ids[kind])

    def changed(self) -> None:
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_change(self, version: int, seconds: float) -> None:
        """Wait at most `seconds` until something has changed since `version`."""
        if self.version == version:
            try:
                await asyncio.wait_for(self._changed.wait(), seconds)
            except TimeoutError:
                return

    # Chats and messages

    def chat(self, chat_id: int | str) -> Chat:
        """The chat with this id. Raises ApiError if there is none."""
        try:
            return self.chats[int(chat_id)]
        except (KeyError, ValueError):
            raise ApiError("chat not found") from None

    def live_chat(self, chat_id: int | str) -> Chat:
        """The chat. Raises ApiError if there is none, or if it has become a supergroup with another id."""
        chat = self.chat(chat_id)
        if chat.moved_to:
            raise ApiError("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to)
        return chat

    def writable_chat(self, chat_id: int | str) -> Chat:
        """The chat. Raises ApiError if the bot may not write to it."""
        chat = self.live_chat(chat_id)
        if chat.bot in ("member", "administrator"):
            return chat
        if chat.private:
            blocked = chat.bot == "kicked"
            raise ApiError(
                "bot was blocked by the user" if blocked else "bot can't initiate conversation with a user", 403
            )
        how = "was kicked from" if chat.bot == "kicked" else "is not a member of"
        raise ApiError(f"bot {how} the supergroup chat", 403)

    def find(self, chat: Chat, message_id: int | None) -> Post | None:
        post = chat.posts.get(message_id or 0)
        return None if post is None or post.deleted else post

    def add(
        self, chat: Chat, sender: Json, content: Json, reply_to: int | None = None, thread: int | None = None
    ) -> Post:
        # As in Telegram, all private chats of a bot share one counter; each supergroup has its own.
        number = self.new_id("message") if chat.private else max(chat.posts, default=0) + 1
        post = Post(chat, number, time.time(), sender, content, reply_to, thread)
        chat.posts[number] = post
        self.changed()
        return post

    def edit(self, post: Post, content: Json) -> None:
        post.history.append(post.content)
        post.content = content
        post.edited = time.time()
        self.changed()

    def delete(self, post: Post) -> None:
        post.deleted = True
        self.changed()

    def message(self, post: Post, nested: bool = True) -> Json:
        """The message as the bot sees it now. The replied-to message inside it shows no reply of its own."""
        shown: Json = {
            "message_id": post.id,
            "date": int(post.date),
            "chat": post.chat.fields,
            "from": post.sender,
            **post.content,
        }
        if post.sender_chat:
            shown["sender_chat"] = post.sender_chat
        if post.edited:
            shown["edit_date"] = int(post.edited)
        if post.thread:
            shown |= {"message_thread_id": post.thread, "is_topic_message": True}
        # In a topic, Telegram shows a message without a reply as a reply to the topic's first message.
        target = self.find(post.chat, post.reply_to or post.thread) if nested else None
        if target and target is not post:
            shown["reply_to_message"] = self.message(target, nested=False)
        return shown

    # Queries to the bot

    def ask(self, kind: str, person: int, seconds: float) -> Query:
        query = Query(
            str(self.new_id("query")), kind, person, time.time() + seconds, asyncio.get_running_loop().create_future()
        )
        self.queries[query.id] = query
        return query

    def answer(self, query_id: str, kind: str, answer: Json) -> None:
        query = self.queries.get(query_id)
        if query is None or query.kind != kind or not query.open:
            raise ApiError("query is too old and response timeout expired or query ID is invalid")
        query.answer.set_result(answer)
        self.changed()

    def add_transaction(self, charge: str, amount: int, age: float = 0, **partner: Json) -> None:
        """Add a StarTransaction of `age` seconds ago: `source` paid Stars, or `receiver` got them."""
        self.transactions.append({"id": charge, "amount": amount, "date": int(time.time() - age), **partner})

    # What happens to a chat

    def show_action(self, chat: Chat, action: str) -> None:
        chat.action = (action, time.time() + ACTION_SECONDS)
        self.actions.append({"chat_id": chat.id, "action": action, "time": time.time()})
        self.changed()

    def set_bot_status(self, chat: Chat, status: str, by: Json) -> None:
        """Change the bot's ChatMember status and send it the update."""
        old, chat.bot = chat.bot, status
        change = {"chat": chat.fields, "from": by, "date": int(time.time())}
        members = {"old_chat_member": chat_member(self.bot, old), "new_chat_member": chat_member(self.bot, status)}
        self.inbox.push("my_chat_member", change | members)
        self.changed()

    async def close(self) -> None:
        await self.webhook.stop()
        self.inbox.evict()
        for query in self.queries.values():
            query.answer.cancel()
        shutil.rmtree(self.folder, ignore_errors=True)
