"""Chats and their members."""

from bot.playground.methods.messages import check_thread
from bot.playground.schema import ChatId
from bot.playground.world import ApiError, Chat, Json, World, chat_member

__all__ = [
    "get_chat",
    "get_chat_administrators",
    "get_chat_member",
    "get_chat_member_count",
    "leave_chat",
    "send_chat_action",
]

HIGH = ("creator", "administrator")
ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}  # https://core.telegram.org/bots/api#sendchataction


async def send_chat_action(world: World, chat_id: ChatId, action: str, message_thread_id: int = 0) -> bool:
    chat = world.writable_chat(chat_id)
    check_thread(chat, message_thread_id)
    if action not in ACTIONS:
        raise ApiError("wrong parameter action in request")
    world.show_action(chat, action)
    return True


async def get_chat(world: World, chat_id: ChatId) -> Json:
    chat = world.live_chat(chat_id)
    fields = (
        chat.fields
        | chat.full
        | {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(
                ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
                False,
            ),
        }
    )
    return fields | ({"linked_chat_id": chat.channel["id"]} if chat.channel else {})


async def get_chat_member(world: World, chat_id: ChatId, user_id: int) -> Json:
    chat = world.live_chat(chat_id)
    if user_id == world.bot["id"]:
        return chat_member(world.bot, chat.bot)
    if user_id not in world.people:
        raise ApiError("user not found")
    return chat_member(world.people[user_id], status_of(chat, user_id), user_id in chat.members)


def status_of(chat: Chat, user_id: int) -> str:
    if user_id in chat.statuses:
        return chat.statuses[user_id]
    if user_id not in chat.members:
        return "left"
    return "creator" if user_id == min(chat.members) and not chat.private else "member"


async def get_chat_administrators(world: World, chat_id: ChatId) -> list[Json]:
    chat = group(world, chat_id)
    statuses = {person: status_of(chat, person) for person in sorted(chat.members)}
    people = [chat_member(world.people[person], status) for person, status in statuses.items() if status in HIGH]
    return people + ([chat_member(world.bot, "administrator")] if chat.bot == "administrator" else [])


async def get_chat_member_count(world: World, chat_id: ChatId) -> int:
    chat = world.chat(chat_id)
    return len(chat.members) + (chat.bot in ("member", "administrator"))


async def leave_chat(world: World, chat_id: ChatId) -> bool:
    chat = group(world, chat_id)
    world.writable_chat(chat_id)
    world.set_bot_status(chat, "left", world.bot)
    return True


def group(world: World, chat_id: ChatId) -> Chat:
    chat = world.chat(chat_id)
    if chat.private:
        raise ApiError("method is available for supergroup and channel chats only")
    return chat
