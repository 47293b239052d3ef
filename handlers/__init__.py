"""The routing table: which handler an update goes to. Rounds are handler groups; in each, the first match runs."""

from telegram import Message, MessageEntity, Update
from telegram.error import Forbidden
from telegram.ext import (
    ApplicationHandlerStop,
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    PreCheckoutQueryHandler,
    ShippingQueryHandler,
    TypeHandler,
    filters,
)

from bot.botapi.own_chats import OwnChat
from bot.botapi.updates import tells_of_money
from bot.prints.fulfilment import WORD
from bot.texts import DEFAULT, choose, translator
from handlers import support
from handlers.account import chat, email, forget, mydata, privacy, start
from handlers.callbacks import (
    BUY_LINK,
    About,
    Agree,
    Apply,
    ApplyAll,
    Ask,
    AskForBackground,
    Buy,
    BuyPack,
    Consent,
    Copies,
    Draft,
    Email,
    Forget,
    GiveBack,
    Kept,
    LabStep,
    Leave,
    Menu,
    MenuAll,
    OrderPrints,
    PayPhoto,
    Pick,
    PickAll,
    Prints,
    Rate,
    Refund,
    Speak,
    Stop,
    TouchUp,
    Trouble,
    Wipe,
    Withdraw,
    Withdrawals,
    on,
)
from handlers.context import Context, apology, best_effort, reply
from handlers.guards import banned, own_group
from handlers.guards.authority import obeyed
from handlers.operators import operators, service, stats
from handlers.photos import album, background, photo, rating, touch_up
from handlers.prints import lab, prints
from handlers.shop import orders, shop

_private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
_group = filters.ChatType.GROUPS & filters.UpdateType.MESSAGE
_news = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE
_on_the_move = filters.UpdateType.EDITED_MESSAGE & filters.LOCATION  # Telegram tells of each step as of an edit
_not_said = filters.COMMAND | filters.StatusUpdate.ALL | filters.SUCCESSFUL_PAYMENT | _on_the_move

Handlers = list[BaseHandler[Update, Context, None]]


class _AsCommand(filters.MessageFilter):
    """It begins as a command does: also in bold letters, also as a caption. No person is meant to read it."""

    def filter(self, message: Message) -> bool:
        entities = (*message.entities, *message.caption_entities)
        return any(each.type == MessageEntity.BOT_COMMAND and each.offset == 0 for each in entities)


class _In(filters.MessageFilter):
    """It is in one of these chats, whatever their ids are now."""

    def __init__(self, *chats: OwnChat) -> None:
        super().__init__()
        self._chats = chats

    def filter(self, message: Message) -> bool:
        return any(chat.is_at(message.chat_id) for chat in self._chats)


class _InAlbum(filters.MessageFilter):
    """One of several that were sent together."""

    def filter(self, message: Message) -> bool:
        return message.media_group_id is not None


class _AboutAnOrder(filters.MessageFilter):
    """A reply to what the bot wrote about an order; not in a ticket's topic, where all is for its person."""

    def filter(self, message: Message) -> bool:
        return bool(lab.order_in(message.reply_to_message)) and not message.is_topic_message


_operators_commands = {
    "close": operators.close,
    "reopen": operators.reopen,
    "note": operators.note,
    "grant": operators.grant,
    "ban": operators.ban,
    "unban": operators.unban,
    "refund": operators.refund,
    "ship": lab.ship,
    "canned": operators.saved_reply,
    "status": service.status,
    "stats": stats.stats,
    "error": service.error,
    "pause": service.pause,
    "resume": service.resume,
}

_conversations: Handlers = [
    ShippingQueryHandler(shop.before_shipping),
    PreCheckoutQueryHandler(shop.before_checkout),
    MessageHandler(_private & filters.SUCCESSFUL_PAYMENT, shop.paid),
    MessageHandler(_private & filters.StatusUpdate.REFUNDED_PAYMENT, shop.refunded),
    ChatMemberHandler(chat.membership, ChatMemberHandler.MY_CHAT_MEMBER),
    MessageHandler(_private & _InAlbum(), album.arrive),
    MessageHandler(
        _private & (filters.PHOTO | filters.Document.IMAGE | filters.Document.ALL & ~filters.ANIMATION),
        photo.offer_tools,
    ),
    CommandHandler("start", shop.follow_link, _private & filters.Regex(rf" {BUY_LINK}$")),
    CommandHandler("start", start.start, _private),
    CommandHandler("help", start.help_, _private),
    CommandHandler("buy", shop.buy, _private),
    CommandHandler("balance", orders.balance, _private),
    CommandHandler("orders", orders.orders, _private),
    CommandHandler("withdraw", orders.withdraw, _private),
    CommandHandler("email", email.email, _private),
    CommandHandler("paysupport", orders.paysupport, _private),
    CommandHandler("support", support.support, _private),
    CommandHandler("terms", orders.terms, _private),
    CommandHandler("privacy", privacy.privacy, _private),
    CommandHandler("mydata", mydata.mydata, _private),
    CommandHandler("forget", forget.forget, _private),
    CommandHandler("status", chat.status, _private),
    CommandHandler("language", chat.language, _private),
    CommandHandler("cancel", chat.cancel, _private),
    MessageHandler(_private & filters.REPLY & filters.Regex(WORD), prints.typed),
    MessageHandler(_private & filters.TEXT & ~filters.COMMAND & filters.REPLY, photo.apply_words),
    MessageHandler(_private & ~filters.StatusUpdate.ALL, chat.refuse),
    on(Agree, photo.agree),
    on(Menu, photo.show_menu),
    on(Pick, photo.pick_tool),
    on(Apply, photo.apply_tool),
    on(MenuAll, album.show_menu),
    on(PickAll, album.pick_tool),
    on(ApplyAll, album.apply_tool),
    on(Stop, photo.stop),
    on(Buy, shop.buy_by_button),
    on(BuyPack, shop.buy_pack),
    on(PayPhoto, shop.pay_photo),
    on(Prints, prints.show),
    on(Copies, prints.change_copies),
    on(OrderPrints, prints.order),
    on(Trouble, orders.trouble),
    on(Refund, orders.refund),
    on(Withdraw, orders.confirm_withdrawal),
    on(Email, email.step),
    on(Withdrawals, orders.withdraw_by_button),
    on(Kept, privacy.table),
    on(Consent, privacy.withdraw_consent),
    on(Forget, forget.step),
    on(About, support.choose_subject),
    on(Ask, support.ask),
    on(Draft, support.step),
    on(Leave, support.leave),
    on(Wipe, chat.wipe),
    on(AskForBackground, background.ask),
    on(TouchUp, touch_up.touch_up),
    on(Rate, rating.rate),
    on(Speak, chat.speak),
    CallbackQueryHandler(chat.unknown_callback),
]


def _for_operators(operators_chat: OwnChat) -> Handlers:
    """What is written in the operators' group, and the taps there. All of it goes through the gate."""
    here = _In(operators_chat) & filters.ChatType.GROUPS
    new, in_topic = here & filters.UpdateType.MESSAGE, here & (filters.IS_TOPIC_MESSAGE | filters.REPLY) & _news
    return [
        *(CommandHandler(name, obeyed(act), new) for name, act in _operators_commands.items()),
        MessageHandler(new & in_topic & _AsCommand(), obeyed(operators.unknown, operators.is_in_ticket)),
        MessageHandler(
            in_topic & ~_AsCommand() & ~_not_said, obeyed(operators.to_person, operators.is_in_ticket, forwards=True)
        ),
        MessageHandler(
            in_topic & filters.StatusUpdate.FORUM_TOPIC_CLOSED,
            obeyed(operators.topic_closed, operators.is_in_ticket),
        ),
        on(GiveBack, operators.give_back, operators_chat),
    ]


def _for_lab(lab_chat: OwnChat) -> Handlers:
    """What is written about orders in the lab's chat, and the taps there. Other talk in it is none of the lab's.

    It may be the chat of one person, or that of the operators, too. All of it goes through the gate.
    """
    here = _In(lab_chat) & filters.UpdateType.MESSAGE
    return [
        CommandHandler("ship", obeyed(lab.ship), here),
        MessageHandler(here & filters.TEXT & ~filters.COMMAND & _AboutAnOrder(), obeyed(lab.answered)),
        on(LabStep, lab.step, lab_chat),
    ]


def routes(operators_chat: OwnChat, lab_chat: OwnChat) -> list[Handlers]:
    """The whole table, in rounds: an update goes through all of them, unless one of the first takes it for itself."""
    ours = _In(operators_chat, lab_chat)
    return [
        [MessageHandler(_private, chat.remember), MessageHandler(_group & ours, own_group.look_again)],
        [MessageHandler(_private & filters.TEXT & ~filters.COMMAND, email.intake)],
        [TypeHandler(Update, banned.turn_away)],
        [MessageHandler(filters.ChatType.PRIVATE & _news & ~_not_said, support.intake)],
        [
            MessageHandler(
                _private & (filters.TEXT | filters.PHOTO | filters.Document.ALL) & ~_not_said, background.intake
            )
        ],
        [MessageHandler(_private & filters.TEXT & ~filters.COMMAND, email.correct)],
        [
            MessageHandler(_group & filters.StatusUpdate.MIGRATE, own_group.follow),
            MessageHandler(_group & ~ours, chat.leave_group),
            *(_for_lab(lab_chat) if lab_chat.id else []),
            *(_for_operators(operators_chat) if operators_chat.id else []),
            *_conversations,
        ],
    ]


async def on_error(update: object, context: Context) -> None:
    """Unexpected errors of updates and of the scheduler: noted; the person gets a sentence, and the update ends there.

    What tells of money goes on to the next round: it is counted, whatever failed before.
    """
    error = context.error
    await context.services.ops.error_reports.note(error)
    if not isinstance(update, Update) or context.coroutine is not None:
        return  # a job of the scheduler's; or what is around an update, whose person knows already
    chat = update.effective_chat
    if not isinstance(error, Forbidden) and chat and chat.type == "private":
        text = apology(translator(choose(update.effective_user.language_code)), error)  # the database may be down
        await best_effort(context.bot.send_message(chat.id, text))
    elif chat and context.services.own_chats.has(chat.id) and update.effective_message:
        await best_effort(
            reply(update, context, apology(translator(DEFAULT), error))
        )  # else they think that it is done
    if not tells_of_money(update):
        raise ApplicationHandlerStop
