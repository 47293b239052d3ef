"""The routing table: which handler an update goes to. Read it from the top; the first match takes it."""

import logging

from telegram import Update
from telegram.error import Forbidden
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    PreCheckoutQueryHandler,
    filters,
)

from bot.texts import choose, words
from handlers import chat, orders, photo, shop, start
from handlers.context import Context, courtesy
from handlers.taps import (
    Agree,
    Apply,
    Buy,
    BuyPack,
    Menu,
    PayPhoto,
    Pick,
    Refund,
    Speak,
    Stop,
    Trouble,
    Wipe,
    Withdraw,
    on,
)

_log = logging.getLogger(__name__)

_private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
_group = filters.ChatType.GROUPS & filters.UpdateType.MESSAGE

FIRST: BaseHandler[Update, Context, None] = MessageHandler(_private, chat.remember)
"""Sees every message before its handler does."""

_conversations: list[BaseHandler[Update, Context, None]] = [
    PreCheckoutQueryHandler(shop.before_checkout),
    MessageHandler(_private & filters.SUCCESSFUL_PAYMENT, shop.paid),
    MessageHandler(_private & filters.StatusUpdate.REFUNDED_PAYMENT, shop.refunded),
    ChatMemberHandler(chat.membership, ChatMemberHandler.MY_CHAT_MEMBER),
    MessageHandler(
        _private & (filters.PHOTO | filters.Document.IMAGE | filters.Document.ALL & ~filters.ANIMATION),
        photo.offer_tools,
    ),
    CommandHandler("start", start.start, _private),
    CommandHandler("help", start.help_, _private),
    CommandHandler("buy", shop.buy, _private),
    CommandHandler("balance", orders.balance, _private),
    CommandHandler("orders", orders.orders, _private),
    CommandHandler("withdraw", orders.withdraw, _private),
    CommandHandler("paysupport", orders.paysupport, _private),
    CommandHandler("terms", orders.terms, _private),
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
    on(Buy, shop.tap_buy),
    on(BuyPack, shop.buy_pack),
    on(PayPhoto, shop.pay_photo),
    on(Trouble, orders.trouble),
    on(Refund, orders.refund),
    on(Withdraw, orders.confirm_withdrawal),
    on(Wipe, chat.wipe),
    on(Speak, chat.speak),
    CallbackQueryHandler(chat.unknown_tap),
]


def routes(operators_chat: int | None) -> list[BaseHandler[Update, Context, None]]:
    """The whole table. Only the operators' own group is a group that the bot stays in."""
    operators = filters.Chat(operators_chat) if operators_chat else filters.Chat()
    return [
        MessageHandler(_group & ~operators, chat.leave_group),
        *_conversations,
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
