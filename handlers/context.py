"""What every handler has at hand: the services, the person's words, and one way to write into the chat."""

import logging
from collections.abc import Awaitable
from typing import Any

from telegram import InlineKeyboardMarkup, Message, ReplyParameters, Update
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import CallbackContext, ExtBot

from bot.domain.errors import DarkroomError
from bot.domain.values import Tool
from bot.ops.error_reports import code_of
from bot.services import Services
from bot.texts import Translate, choose, translator
from storage.people import Person

_log = logging.getLogger(__name__)

POLICY_VERSION = 6  # of the privacy promise; a new one asks everybody again


class Context(CallbackContext[ExtBot[int], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """python-telegram-bot's context, with the services in reach."""

    @property
    def services(self) -> Services:
        services: Services = self.application.bot_data["services"]
        return services

    async def person(self, update: Update) -> tuple[Person, Translate]:
        """Who acts, and the words of their language: chosen with /language, else Telegram's."""
        user = update.effective_user
        person = await self.services.users.people.find(user.id)
        return person, translator(language_of(person, update))

    def mail_soon(self) -> None:
        """What is in the outbox is sent now, not at the scheduler's next round. Nobody waits for it."""
        self.job_queue.run_once(self.services.mail.run, 0)

    async def say(
        self, chat_id: int, text: str, buttons: InlineKeyboardMarkup | None = None, reply_to: int | None = None
    ) -> Message:
        """Write a message; its number is kept for "Wipe this chat". A photo that is gone meanwhile is no obstacle."""
        message = await self.bot.send_message(
            chat_id, text, reply_markup=buttons, reply_parameters=answering(reply_to), disable_web_page_preview=True
        )
        await self.services.users.messages.add(chat_id, message.message_id)
        return message

    async def show(
        self, message: Message, text: str, buttons: InlineKeyboardMarkup | None = None, reply_to: int | None = None
    ) -> Message:
        """In place of what a message of ours says; below it where that is a file, is gone, or is too old to be edited.

        Returns the message that shows it.
        """
        if message.text:
            try:
                await message.edit_text(text, reply_markup=buttons)
                return message
            except Forbidden:
                raise
            except TelegramError as error:
                if "not modified" in error.message:
                    return message
                _log.info("a message was not edited, a new one says it: %s", type(error).__name__)
        return await self.say(message.chat_id, text, buttons, reply_to)

    async def decline(self, message: Message, text: str, buttons: InlineKeyboardMarkup | None = None) -> None:
        """Answer a message that makes no sense here. An edit of it is read as if it were new."""
        await self.say(message.chat_id, text, buttons, message.message_id)
        self.services.slips.note(message.chat_id, message.message_id)


def help_text(context: Context, translate: Translate) -> str:
    """What this bot can do, as its settings make it true."""
    return translate("help", prints="yes" if context.services.settings.sells_prints else "no")


def language_of(person: Person, update: Update) -> str:
    return choose(person.language, update.effective_user.language_code)


def answering(message_id: int | None) -> ReplyParameters | None:
    return ReplyParameters(message_id, allow_sending_without_reply=True) if message_id else None


def written(message: Message) -> str:
    """What it says. An address behind words is spelled out, for the words alone are kept."""
    text = (message.text or message.caption or "").encode("utf-16-le")
    for entity in reversed((*message.entities, *message.caption_entities)):
        if entity.url:
            end = 2 * (entity.offset + entity.length)
            text = text[:end] + f" ({entity.url})".encode("utf-16-le") + text[end:]
    return text.decode("utf-16-le")


def sentence(translate: Translate, error: DarkroomError, tool: Tool) -> str:
    """What went wrong. Where that is our fault, with the code that leads operators to it."""
    text = translate(error.key, **error.values)
    return f"{text}\n\n{translate('error-code', code=code_of(error, tool))}" if error.wake else text


def apology(translate: Translate, error: Exception, tool: Tool | None = None) -> str:
    """The same for what nobody expected: of a job with this tool, or of anything else."""
    key = "error-not-delivered" if tool and isinstance(error, TelegramError) else "error-unexpected"
    return f"{translate(key)}\n\n{translate('error-code', code=code_of(error, tool))}"


def has_agreed(person: Person) -> bool:
    return person.policy_version == POLICY_VERSION


async def reply(update: Update, context: Context, text: str, buttons: InlineKeyboardMarkup | None = None) -> None:
    """To an operator, in the thread where the command was written."""
    message = update.effective_message
    await context.bot.send_message(
        message.chat_id,
        text,
        reply_markup=buttons,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_parameters=answering(message.message_id),
    )


async def take_away(bot: ExtBot[int], chat_id: int, message_id: int, instead: str) -> None:
    """Delete a message of the bot's. Where that is older than 48 hours, Telegram lets it be edited only: to this."""

    async def delete_or_edit() -> None:
        try:
            await bot.delete_message(chat_id, message_id)
        except BadRequest as error:
            if "can't be deleted" in error.message:
                await bot.edit_message_text(instead, chat_id, message_id)

    await best_effort(delete_or_edit())


async def best_effort(call: Awaitable[Any]) -> None:
    """For calls whose failure hurts nobody: a spinner that stays, a chat action, an edit that came too late."""
    try:
        await call
    except Forbidden:
        pass  # blocked: silence is the answer
    except TelegramError as error:
        _log.debug("a courtesy failed: %s", type(error).__name__)
