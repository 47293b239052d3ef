"""The bot's commands and descriptions."""

import re

from bot.playground.world import ApiError, Json, World

__all__ = [
    "delete_my_commands",
    "get_my_commands",
    "get_my_description",
    "get_my_name",
    "get_my_short_description",
    "set_chat_menu_button",
    "set_my_commands",
    "set_my_description",
    "set_my_name",
    "set_my_short_description",
]

COMMAND = re.compile(r"[a-z0-9_]{1,32}")


def key(what: str, scope: Json | None, language: str) -> str:
    place = scope or {"type": "default"}
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise ApiError("invalid language code specified")
    return ":".join((what, *(str(place[part]) for part in sorted(place)), language))


async def set_my_commands(
    world: World, commands: list[Json], scope: Json | None = None, language_code: str = ""
) -> bool:
    if len(commands) > 100:
        raise ApiError("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(str(command.get("command", "")).removeprefix("/")):
            raise ApiError("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise ApiError("BOT_COMMAND_DESCRIPTION_INVALID")
    world.profile[key("commands", scope, language_code)] = commands
    return True


async def get_my_commands(world: World, scope: Json | None = None, language_code: str = "") -> list[Json]:
    return list(world.profile.get(key("commands", scope, language_code), []))


async def delete_my_commands(world: World, scope: Json | None = None, language_code: str = "") -> bool:
    world.profile.pop(key("commands", scope, language_code), None)
    return True


def describe(world: World, what: str, text: str, limit: int, language: str) -> bool:
    if len(text) > limit:
        raise ApiError(f"{what.replace('_', ' ')} is too long")
    world.profile[key(what, None, language)] = text
    return True


def described(world: World, what: str, language: str) -> Json:
    fallback = world.bot["first_name"] if what == "name" else ""
    own = world.profile.get(key(what, None, language))
    return {what: own or world.profile.get(key(what, None, ""), fallback)}


async def set_my_description(world: World, description: str = "", language_code: str = "") -> bool:
    return describe(world, "description", description, 512, language_code)


async def get_my_description(world: World, language_code: str = "") -> Json:
    return described(world, "description", language_code)


async def set_my_short_description(world: World, short_description: str = "", language_code: str = "") -> bool:
    return describe(world, "short_description", short_description, 120, language_code)


async def get_my_short_description(world: World, language_code: str = "") -> Json:
    return described(world, "short_description", language_code)


async def set_my_name(world: World, name: str = "", language_code: str = "") -> bool:
    return describe(world, "name", name, 64, language_code)


async def get_my_name(world: World, language_code: str = "") -> Json:
    return described(world, "name", language_code)


async def set_chat_menu_button(world: World, chat_id: int = 0, menu_button: Json | None = None) -> bool:
    if chat_id:
        world.chat(chat_id)
    return True
