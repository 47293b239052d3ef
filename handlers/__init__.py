"""The routing table: which handler an update goes to. Read it from the top; the first match takes it."""

import logging

from telegram import Update
from telegram.error import Forbidden
from telegram.ext import BaseHandler, CallbackQueryHandler, ChatMemberHandler, CommandHandler, MessageHandler, filters

from bot.texts import choose, words
from handlers import chat, photo, start
from handlers.context import Context, courtesy
from handlers.taps import Agree, Apply, Menu, Pick, Speak, Stop, Wipe, on

_log = logging.getLogger(__name__)

_private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
_group = filters.ChatType.GROUPS & filters.UpdateType.MESSAGE

FIRST: BaseHandler[Update, Context, None] = MessageHandler(_private, chat.remember)
"""Sees every message before its handler does."""

HANDLERS: list[BaseHandler[Update, Context, None]] = [
    MessageHandler(_group, chat.leave_group),
    ChatMemberHandler(chat.membership, ChatMemberHandler.MY_CHAT_MEMBER),
    MessageHandler(
        _private & (filters.PHOTO | filters.Document.IMAGE | filters.Document.ALL & ~filters.ANIMATION),
        photo.offer_tools,
    ),
    CommandHandler("start", start.start, _private),
    CommandHandler("help", start.help_, _private),
    CommandHandler("privacy", start.privacy, _private),
    CommandHandler("status", chat.status, _private),
    CommandHandler("language", chat.language, _private),
    CommandHandler("cancel", chat.cancel, _private),
    MessageHandler(_private & filters.TEXT & ~filters.COMMAND & filters.REPLY, photo.apply_words),
    MessageHandler(_private & ~filters.StatusUpdate.ALL, chat.refuse),
    on(Agree, photo.agree),
    on(Menu, photo.show_menu),
    on(Pick, photo.pick_tool),
    on(Apply, photo.apply_tool),
    on(Stop, photo.stop),
    on(Wipe, chat.wipe),
    on(Speak, chat.speak),
    CallbackQueryHandler(chat.unknown_tap),
]


async def on_error(update: object, context: Context) -> None:
    """The one place where unexpected errors end: counted and logged by kind and place; the person gets a sentence."""
    error = context.error
    if isinstance(error, Forbidden):
        return  # they blocked the bot: silence is the answer
    context.house.metrics.errors.labels(type(error).__name__).inc()
    _log.error("an update failed", exc_info=error)
    if context.coroutine is not None:
        return  # work after the turn tells its person itself
    if isinstance(update, Update) and update.effective_chat and update.effective_chat.type == "private":
        sentence = words(choose(update.effective_user.language_code))("error-unexpected")  # the database may be down
        await courtesy(context.bot.send_message(update.effective_chat.id, sentence))
