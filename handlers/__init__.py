"""The routing table: which handler an update goes to. See `handlers/rows.py` for what a row says."""

from functools import partial

from telegram import Message, MessageEntity, Update
from telegram.error import Forbidden
from telegram.ext import (
    ApplicationHandlerStop,
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
from bot.domain.errors import DarkroomError
from bot.prints.fulfilment import WORD
from bot.texts import DEFAULT, choose, translator
from handlers import callbacks as data
from handlers import edits, questions, support
from handlers.account import chat, email, forget, mydata, privacy, start
from handlers.context import Context, apology, best_effort, reply
from handlers.guards import banned, own_group
from handlers.guards.authority import obeyed
from handlers.operators import operators, service, stats
from handlers.photos import album, edited, no_photo, pending_input, photo, rating, touch_up
from handlers.prints import lab, prints
from handlers.rows import Button, Command, Handler, Silence, Stage, Who, consented, open_to_banned
from handlers.shop import orders, shop

COMMANDS = [
    Command("start", start.start, when_banned=True),
    Command("help", start.help_, when_banned=True),
    Command("buy", shop.buy),
    Command("balance", orders.balance, when_banned=True),
    Command("orders", orders.orders, when_banned=True),
    Command("withdraw", orders.withdraw, when_banned=True),
    Command("email", email.email, when_banned=True),
    Command("support", support.support),
    Command("paysupport", orders.paysupport, when_banned=True),
    Command("privacy", privacy.privacy, when_banned=True),
    Command("mydata", mydata.mydata, when_banned=True),
    Command("forget", forget.forget, when_banned=True),
    Command("terms", orders.terms, when_banned=True),
    Command("language", chat.language, when_banned=True),
    Command("status", chat.status, when_banned=True),
    Command("cancel", chat.cancel, when_banned=True),
    Command("close", operators.close, Who.MEMBER),
    Command("reopen", operators.reopen, Who.MEMBER),
    Command("note", operators.note, Who.MEMBER),
    Command("canned", operators.saved_reply, Who.MEMBER),
    Command("refund", operators.refund, Who.MEMBER),
    Command("grant", operators.grant, Who.MEMBER),
    Command("ban", operators.ban, Who.MEMBER),
    Command("unban", operators.unban, Who.MEMBER),
    Command("ship", lab.ship, Who.MEMBER),
    Command("status", service.status, Who.MEMBER),
    Command("stats", stats.stats, Who.MEMBER),
    Command("error", service.error, Who.MEMBER),
    Command("pause", service.pause, Who.MEMBER),
    Command("resume", service.resume, Who.MEMBER),
    Command("ship", lab.ship, Who.LAB),
]
"""In the order of the menus."""

BUTTONS = [
    Button(data.Agree, photo.agree),
    Button(data.Menu, photo.show_menu, ends_question=True),
    Button(data.Pick, photo.pick_tool, ends_question=True),
    Button(data.Apply, photo.apply_tool, needs_consent=True, ends_question=True),
    Button(data.MenuAll, album.show_menu, ends_question=True),
    Button(data.PickAll, album.pick_tool, ends_question=True),
    Button(data.ApplyAll, album.apply_tool, needs_consent=True, ends_question=True),
    Button(data.AskForBackground, pending_input.ask_for_background, needs_consent=True),
    Button(data.TouchUp, touch_up.touch_up, needs_consent=True),
    Button(data.Rate, rating.rate),
    Button(data.Stop, photo.stop, when_banned=True),
    Button(data.Buy, shop.buy_by_button),
    Button(data.BuyPack, shop.buy_pack),
    Button(data.PayPhoto, shop.pay_photo, needs_consent=True),
    Button(data.Prints, prints.show, needs_consent=True),
    Button(data.Copies, prints.change_copies, needs_consent=True),
    Button(data.OrderPrints, prints.order, needs_consent=True),
    Button(data.Trouble, orders.trouble, when_banned=True),
    Button(data.Refund, orders.refund, when_banned=True),
    Button(data.Withdraw, orders.confirm_withdrawal, when_banned=True),
    Button(data.Withdrawals, orders.withdraw_by_button, when_banned=True),
    Button(data.Email, email.step, when_banned=True),
    Button(data.Kept, privacy.table, when_banned=True),
    Button(data.Consent, privacy.withdraw_consent, when_banned=True),
    Button(data.Forget, forget.step, when_banned=True),
    Button(data.About, support.choose_subject),
    Button(data.Ask, support.ask),
    Button(data.Draft, support.step),
    Button(data.Leave, support.leave),
    Button(data.Wipe, chat.wipe, when_banned=True),
    Button(data.Speak, chat.speak, when_banned=True),
    Button(data.GiveBack, operators.give_back, Who.MEMBER),
    Button(data.LabStep, lab.step, Who.LAB),
]

_PRIVATE = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
_EDITED = filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE
_GROUP = filters.ChatType.GROUPS & filters.UpdateType.MESSAGE
_NEW_OR_EDITED = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE
_ON_THE_MOVE = filters.UpdateType.EDITED_MESSAGE & filters.LOCATION  # Telegram tells of each step as of an edit
_NO_CONTENT = filters.COMMAND | filters.StatusUpdate.ALL | filters.SUCCESSFUL_PAYMENT | _ON_THE_MOVE


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


def _for_people() -> list[Handler]:
    """Private chats, in the order in which rows are tried."""
    return [
        ShippingQueryHandler(shop.before_shipping),
        PreCheckoutQueryHandler(shop.before_checkout),
        MessageHandler(_PRIVATE & filters.SUCCESSFUL_PAYMENT, shop.paid),
        MessageHandler(_PRIVATE & filters.StatusUpdate.REFUNDED_PAYMENT, shop.refunded),
        ChatMemberHandler(chat.membership, ChatMemberHandler.MY_CHAT_MEMBER),
        MessageHandler(_EDITED & filters.ATTACHMENT & ~filters.LOCATION, edited.replace),
        MessageHandler(_PRIVATE & _InAlbum(), album.arrive),
        MessageHandler(
            _PRIVATE & (filters.PHOTO | filters.LIVE_PHOTO | filters.Document.ALL & ~filters.ANIMATION),
            photo.offer_tools,
        ),
        CommandHandler("start", consented(shop.follow_link), _PRIVATE & filters.Regex(rf" {data.BUY_LINK}$")),
        *(command.handler(_PRIVATE) for command in COMMANDS if command.who is Who.PERSON),
        MessageHandler(_PRIVATE & filters.REPLY & filters.Regex(WORD), consented(prints.typed)),
        MessageHandler(_PRIVATE & filters.TEXT & ~filters.COMMAND & filters.REPLY, consented(photo.apply_words)),
        MessageHandler(_PRIVATE & ~filters.StatusUpdate.ALL, no_photo.refuse),
        *(button.handler() for button in BUTTONS if button.who is Who.PERSON),
        CallbackQueryHandler(chat.unknown_callback),
    ]


def _for_operators(operators_chat: OwnChat) -> list[Handler]:
    """What is written in the operators' group, and the taps there. All of it goes through the gate."""
    here = _In(operators_chat) & filters.ChatType.GROUPS
    new, in_ticket = (
        here & filters.UpdateType.MESSAGE,
        here & (filters.IS_TOPIC_MESSAGE | filters.REPLY) & _NEW_OR_EDITED,
    )
    edited = here & filters.UpdateType.EDITED_MESSAGE
    return [
        *(CommandHandler(each.name, obeyed(each.act), new) for each in COMMANDS if each.who is Who.MEMBER),
        MessageHandler(new & in_ticket & _AsCommand(), obeyed(operators.unknown, operators.is_in_ticket)),
        MessageHandler(edited & _AsCommand(), obeyed(operators.edited_into_command)),
        MessageHandler(
            in_ticket & ~_AsCommand() & ~_NO_CONTENT, obeyed(operators.to_person, operators.is_in_ticket, forwards=True)
        ),
        MessageHandler(
            in_ticket & filters.StatusUpdate.FORUM_TOPIC_CLOSED,
            obeyed(operators.topic_closed, operators.is_in_ticket),
        ),
        *(button.handler(operators_chat) for button in BUTTONS if button.who is Who.MEMBER),
    ]


def _for_an_order(lab_chat: OwnChat) -> filters.BaseFilter:
    """A reply of the lab's, new or edited, of any kind. It answers no question, where the lab is one person."""
    return _In(lab_chat) & _NEW_OR_EDITED & ~_NO_CONTENT & _AboutAnOrder()


def _for_lab(lab_chat: OwnChat) -> list[Handler]:
    """What is written about orders in the lab's chat, and the taps there. Other talk in it is none of the lab's.

    It may be the chat of one person, or that of the operators, too. All of it goes through the gate.
    """
    here = _In(lab_chat) & filters.UpdateType.MESSAGE
    return [
        *(CommandHandler(each.name, obeyed(each.act), here) for each in COMMANDS if each.who is Who.LAB),
        MessageHandler(_for_an_order(lab_chat), obeyed(lab.answered)),
        *(button.handler(lab_chat) for button in BUTTONS if button.who is Who.LAB),
    ]


def silences(operators_chat: OwnChat, lab_chat: OwnChat) -> list[Silence]:
    """All that is ignored on purpose. Strangers in our chats are ignored, too: see `handlers/guards/authority.py`."""
    people, edited = filters.ChatType.PRIVATE, filters.UpdateType.EDITED_MESSAGE
    ours, lab_only = _In(operators_chat, lab_chat), _In(lab_chat) & ~_In(operators_chat)
    general = _In(operators_chat) & ~filters.IS_TOPIC_MESSAGE
    return [
        Silence(
            (people | ours) & filters.StatusUpdate.ALL & ~filters.StatusUpdate.REFUNDED_PAYMENT, "notes of Telegram's"
        ),
        Silence((people | ours) & _ON_THE_MOVE, "each step of somebody whose place is shared"),
        Silence(people & edited, "an edit of what was understood: it was done, and operators get their copy changed"),
        Silence(general & ~_AsCommand(), "what operators say to each other outside of topics"),
        Silence(general & _AsCommand() & filters.UpdateType.MESSAGE, "a command that is not ours: another bot's"),
        Silence(lab_only & ~_AboutAnOrder(), "what the lab's people say to each other"),
        Silence(filters.ChatType.GROUPS & ~ours & edited, "an edit in a group that the bot has left"),
    ]


def routes(operators_chat: OwnChat, lab_chat: OwnChat) -> dict[Stage, list[Handler]]:
    """The whole table: an update goes through all stages, unless a row of one takes it for itself."""
    ours = _In(operators_chat, lab_chat)
    typed = filters.ChatType.PRIVATE & _NEW_OR_EDITED & ~_NO_CONTENT
    turn_away = partial(banned.turn_away, stays_open=open_to_banned([*COMMANDS, *BUTTONS]))
    return {
        Stage.REMEMBER: [
            MessageHandler(_PRIVATE, chat.remember),
            MessageHandler(_GROUP & ours, own_group.look_again),
        ],
        Stage.MEND: [MessageHandler(filters.UpdateType.EDITED_MESSAGE & ~_ON_THE_MOVE, edits.mend)],
        Stage.BAN: [TypeHandler(Update, turn_away)],
        Stage.QUESTION: [MessageHandler(typed & ~_for_an_order(lab_chat), questions.answer)],
        Stage.TABLE: [
            MessageHandler(_GROUP & filters.StatusUpdate.MIGRATE, own_group.follow),
            MessageHandler(_GROUP & ~ours, chat.leave_group),
            *(_for_lab(lab_chat) if lab_chat.id else []),
            *(_for_operators(operators_chat) if operators_chat.id else []),
            *_for_people(),
        ],
    }


async def on_error(update: object, context: Context) -> None:
    """Unexpected errors of updates and of the scheduler: noted; the person gets a sentence, and the update ends there.

    What tells of money goes on to the next round: it is counted, whatever failed before.
    """
    error = context.error
    if isinstance(error, DarkroomError) and not error.wake and isinstance(update, Update):
        await _say_why(update, context, error)
        raise ApplicationHandlerStop
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


async def _say_why(update: Update, context: Context, error: DarkroomError) -> None:
    """What a person asked for is refused in a sentence; nothing went wrong."""
    chat = update.effective_chat
    if chat and update.effective_user:
        _, translate = await context.person(update)
        await context.say(chat.id, translate(error.key, **error.values))
