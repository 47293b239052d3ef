"""Actions in groups: members, topics, and the posts of a linked channel. `ACTIONS` lists them."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.playground import actions
from bot.playground.actions import ImpossibleError, chat_of
from bot.playground.methods.forum import open_topic, remove_topic
from bot.playground.world import Chat, Json, World

TELEGRAM: Json = {"id": 777000, "is_bot": False, "first_name": "Telegram"}  # forwards what linked channels post
INSIDE = ("administrator", "member", "restricted")
OUTSIDE = ("left", "kicked")


async def group(
    world: World, title: str, members: list[int], forum: bool = False, bot: str = "administrator", plain: bool = False
) -> Json:
    return actions.new_group(world, title, members, forum, bot, plain).fields


async def upgrade(world: World, person: int, chat: int, forum: bool = False, tells: bool = True) -> Json:
    """Make a plain group a supergroup, which has another id. With tells=False the service messages are late for ever.

    The bot hears first that it is in the supergroup, and only then what the supergroup was.
    """
    old = chat_of(world, person, chat)
    if old.fields["type"] != "group" or old.moved_to:
        raise ImpossibleError("only a plain group can become a supergroup")
    status, old.bot = old.bot, "left"
    new = actions.new_group(world, old.fields["title"], sorted(old.members), forum, status)
    new.statuses, old.moved_to = dict(old.statuses), new.id
    for where, content in ((old, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": old.id})):
        post = world.add(where, world.people[person], content)
        if tells:
            world.inbox.push("message", world.message(post))
    return new.fields


async def becomes(world: World, person: int, chat: int, status: str, outside: bool = False) -> None:
    """Give a person this ChatMember status. A restricted person may also be `outside` of the group."""
    where = chat_of(world, person, chat)
    if where.private or status not in INSIDE + OUTSIDE:
        raise ImpossibleError(f"nobody can be {status!r} here")
    change_membership(world, person, where, status in INSIDE and not outside)
    where.statuses.pop(person, None)
    if status not in ("member", "left"):  # these two are what `members` tells
        where.statuses[person] = status
    world.changed()


def change_membership(world: World, person: int, chat: Chat, inside: bool) -> None:
    """Add a person to the group or remove them, with the service message that bots get."""
    if inside == (person in chat.members):
        return
    user = world.people[person]
    if inside:
        chat.members.add(person)
        actions.send(world, person, chat, {"new_chat_members": [user]})
    else:
        chat.members.discard(person)
        actions.send(world, person, chat, {"left_chat_member": user})


async def change_group(
    world: World, person: int, chat: int, bot: str = "", username: str = "", full: Json | None = None
) -> None:
    """Set the bot's status, the public name, and what only ChatFullInfo tells. What is not set is removed; the channel
    is unlinked.
    """
    where = chat_of(world, person, chat)
    named = {"username": username} if username else {}
    where.fields = {key: value for key, value in where.fields.items() if key != "username"} | named
    where.full, where.channel = full or {}, None
    if bot:
        world.set_bot_status(where, bot, world.people[person])
    world.changed()


async def publish(world: World, chat: int, text: str) -> Json:
    """Post in the group's linked channel; Telegram forwards the post here. The first call links a channel."""
    where = world.chat(chat)
    if where.private:
        raise ImpossibleError("only groups discuss a channel")
    if where.channel is None:
        where.channel = {"id": where.id - 1000000, "type": "channel", "title": f"{where.fields['title']}' news"}
    post = world.add(where, TELEGRAM, actions.text_content(text) | {"is_automatic_forward": True})
    origin = {"type": "channel", "date": int(post.date), "chat": where.channel, "message_id": post.id}
    post.sender_chat, post.content["forward_origin"] = where.channel, origin
    if actions.bot_receives(world, where, post.content, None):
        world.inbox.push("message", world.message(post))
    return actions.post_view(world, post)


async def topic(world: World, person: int, chat: int, name: str) -> int:
    """Let a person open a topic. Returns its thread id."""
    where = chat_of(world, person, chat)
    made = open_topic(world, where, world.people[person], name)
    world.inbox.push("message", world.message(where.posts[made.thread]))
    return made.thread


async def delete_topic(world: World, person: int, chat: int, thread: int) -> None:
    """Bots get no update about it."""
    remove_topic(world, chat_of(world, person, chat), thread)


async def remove_bot(world: World, person: int, chat: int) -> None:
    world.set_bot_status(chat_of(world, person, chat), "kicked", world.people[person])


ACTIONS: dict[str, Callable[..., Awaitable[Any]]] = {
    action.__name__: action
    for action in (group, upgrade, change_group, becomes, publish, topic, delete_topic, remove_bot)
}
