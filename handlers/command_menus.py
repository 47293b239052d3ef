"""The menus of commands that Telegram shows: for people in each language, and for the operators' and the lab's chat."""

import logging

from telegram import BotCommandScopeChat
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.botapi.own_chats import OwnChats
from bot.texts import DEFAULT, languages, translator
from handlers import COMMANDS
from handlers.rows import Who

_log = logging.getLogger(__name__)


async def introduce(bot: ExtBot[int], own_chats: OwnChats) -> None:
    """Tell Telegram our commands. Without that everything works, so an error here is only logged."""
    chats: dict[int, list[tuple[str, str]]] = {}
    for who, chat in ((Who.MEMBER, own_chats.operators.id), (Who.LAB, own_chats.lab.id)):
        if chat:
            chats[chat] = list(dict(chats.get(chat, []) + _commands(who, DEFAULT)).items())
    try:
        for code in languages():
            await bot.set_my_commands(_commands(Who.PERSON, code), language_code=None if code == DEFAULT else code)
        for chat, commands in chats.items():
            await bot.set_my_commands(commands, scope=BotCommandScopeChat(chat))
    except TelegramError as error:
        _log.warning("the menus of commands were not set: %s", type(error).__name__)


def _commands(who: Who, language: str) -> list[tuple[str, str]]:
    """Names and descriptions; those of operators have texts of their own where people have the same command."""
    translate = translator(language)
    prefix = "command" if who is Who.PERSON else "operators-command"
    return [(each.name, translate(f"{prefix}-{each.name}")) for each in COMMANDS if each.who is who and each.in_menu]
