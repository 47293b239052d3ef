"""Topics of a forum supergroup."""

from bot.playground.methods.messages import Delivery, deliver
from bot.playground.schema import ChatId
from bot.playground.world import ApiError, Chat, Json, Topic, World

__all__ = ["close_forum_topic", "create_forum_topic", "delete_forum_topic", "edit_forum_topic", "reopen_forum_topic"]

COLOURS = (
    7322096,
    16766590,
    13338331,
    9367192,
    16749490,
    16478047,
)  # https://core.telegram.org/bots/api#createforumtopic


def forum(world: World, chat_id: ChatId) -> Chat:
    chat = world.writable_chat(chat_id)
    if not chat.forum:
        raise ApiError("the chat is not a forum")
    if chat.bot != "administrator":
        raise ApiError("not enough rights to manage topics")
    return chat


def topic_of(chat: Chat, thread: int) -> Topic:
    try:
        return chat.topics[thread]
    except KeyError:
        raise ApiError("message thread not found") from None


def open_topic(world: World, chat: Chat, sender: Json, name: str, colour: int = COLOURS[0]) -> Topic:
    """Open a topic. Its first message is the service message about it, whose id is the thread's id."""
    post = world.add(chat, sender, {"forum_topic_created": {"name": name, "icon_color": colour}})
    post.thread = post.id
    chat.topics[post.id] = Topic(post.id, name)
    return chat.topics[post.id]


async def create_forum_topic(
    world: World, chat_id: ChatId, name: str, icon_color: int = COLOURS[0], icon_custom_emoji_id: str = ""
) -> Json:
    chat = forum(world, chat_id)
    if not 1 <= len(name) <= 128:
        raise ApiError("TOPIC_TITLE_INVALID" if len(name) > 128 else "TOPIC_TITLE_EMPTY")
    if icon_color not in COLOURS:
        raise ApiError("TOPIC_ICON_COLOR_INVALID")
    topic = open_topic(world, chat, world.bot, name, icon_color)
    return {"message_thread_id": topic.thread, "name": name, "icon_color": icon_color}


async def edit_forum_topic(
    world: World, chat_id: ChatId, message_thread_id: int, name: str = "", icon_custom_emoji_id: str = ""
) -> bool:
    chat = forum(world, chat_id)
    topic = topic_of(chat, message_thread_id)
    if name in ("", topic.name):
        raise ApiError("TOPIC_NOT_MODIFIED")
    topic.name = name
    deliver(world, Delivery(chat.id, topic.thread), {"forum_topic_edited": {"name": name}})
    return True


async def close_forum_topic(world: World, chat_id: ChatId, message_thread_id: int) -> bool:
    return set_closed(world, chat_id, message_thread_id, closed=True)


async def reopen_forum_topic(world: World, chat_id: ChatId, message_thread_id: int) -> bool:
    return set_closed(world, chat_id, message_thread_id, closed=False)


def set_closed(world: World, chat_id: ChatId, thread: int, closed: bool) -> bool:
    chat = forum(world, chat_id)
    topic = topic_of(chat, thread)
    if topic.closed == closed:
        raise ApiError("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    deliver(world, Delivery(chat.id, thread), {"forum_topic_closed" if closed else "forum_topic_reopened": {}})
    return True


async def delete_forum_topic(world: World, chat_id: ChatId, message_thread_id: int) -> bool:
    remove_topic(world, forum(world, chat_id), message_thread_id)
    return True


def remove_topic(world: World, chat: Chat, thread: int) -> None:
    """Delete the topic and its messages."""
    del chat.topics[topic_of(chat, thread).thread]
    for post in list(chat.visible()):
        if post.thread == thread:
            world.delete(post)
