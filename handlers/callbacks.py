"""What a button carries: a typed value, packed into Telegram's 64 bytes, and a check of who pressed it."""

from collections.abc import Awaitable, Callable
from dataclasses import astuple, dataclass, fields
from typing import Any, ClassVar, Self

from telegram import InlineKeyboardButton, Message, Update, User
from telegram.ext import CallbackQueryHandler

from bot.botapi.own_chats import OwnChat
from handlers.context import Context, best_effort
from handlers.guards.authority import Verdict, judge_user

BUY_LINK = "buy"  # what /start gets from whoever opens an invoice that was passed on
_LONGEST = 64  # bytes of callback_data


@dataclass(frozen=True)
class CallbackData:
    """Base of all callback data: a word that names the kind, then strings in order."""

    word: ClassVar[str]

    def pack(self) -> str:
        data = ":".join((self.word, *astuple(self)))
        if len(data.encode()) > _LONGEST:
            raise ValueError(f"too long for a button: {data}")
        return data

    @classmethod
    def unpack(cls, data: str) -> Self | None:
        """None when the data is not of this kind: buttons outlive versions of the bot."""
        count = len(fields(cls))
        word, *values = data.split(":", count)
        return cls(*values) if word == cls.word and len(values) == count else None


@dataclass(frozen=True)
class Agree(CallbackData):
    word = "agree"


@dataclass(frozen=True)
class Menu(CallbackData):
    """Show all tools for this photo."""

    word = "menu"


@dataclass(frozen=True)
class Pick(CallbackData):
    """Choose a tool; it may ask for settings."""

    word = "pick"
    tool: str


@dataclass(frozen=True)
class Apply(CallbackData):
    """Run a tool with these settings, spelled as after `--set` and joined by `;`."""

    word = "apply"
    tool: str
    settings: str


@dataclass(frozen=True)
class MenuAll(CallbackData):
    """Show all tools for this album."""

    word = "menu-all"


@dataclass(frozen=True)
class PickAll(CallbackData):
    """As Pick, for all photos of an album."""

    word = "pick-all"
    tool: str


@dataclass(frozen=True)
class ApplyAll(CallbackData):
    """As Apply, on all photos of an album."""

    word = "apply-all"
    tool: str
    settings: str


@dataclass(frozen=True)
class Stop(CallbackData):
    word = "stop"


@dataclass(frozen=True)
class Wipe(CallbackData):
    word = "wipe"


@dataclass(frozen=True)
class AskForBackground(CallbackData):
    """Be asked for what is on no button: `kind` is colour or photo."""

    word = "wish"
    tool: str
    kind: str


@dataclass(frozen=True)
class TouchUp(CallbackData):
    """Name cells of a quick look: `step` is on (shows them as in `settings`), no, or go. All 25 named just fit."""

    word = "mend"
    settings: str
    step: str


@dataclass(frozen=True)
class Rate(CallbackData):
    """Say how a result is: `verdict` is good or not-good; `version` is that of the tool that made it."""

    word = "rate"
    tool: str
    version: str
    verdict: str


@dataclass(frozen=True)
class Speak(CallbackData):
    """Choose a language by its code."""

    word = "speak"
    language: str


@dataclass(frozen=True)
class Buy(CallbackData):
    """Show what credits cost."""

    word = "buy"


@dataclass(frozen=True)
class BuyPack(CallbackData):
    """Have an invoice for this many credits, at once."""

    word = "pack"
    credits: str


@dataclass(frozen=True)
class PayPhoto(CallbackData):
    """Have an invoice for one job on the photo above, at once."""

    word = "pay"
    tool: str
    settings: str


@dataclass(frozen=True)
class Prints(CallbackData):
    """Show how this result would be printed, with these settings."""

    word = "prints"
    settings: str


@dataclass(frozen=True)
class Copies(CallbackData):
    """Other settings of prints, which look the same."""

    word = "copies"
    settings: str


@dataclass(frozen=True)
class OrderPrints(CallbackData):
    """Have an invoice for prints with these settings."""

    word = "order-prints"
    settings: str


@dataclass(frozen=True)
class LabStep(CallbackData):
    """The lab says that an order of prints is printed, posted, delivered or returned."""

    word = "lab"
    order: str
    state: str


@dataclass(frozen=True)
class Trouble(CallbackData):
    """Something about this order is not right."""

    word = "trouble"
    order: str


@dataclass(frozen=True)
class Refund(CallbackData):
    """Give this order back; `reason` is one of the ends of `reason-<...>`."""

    word = "refund"
    order: str
    reason: str


@dataclass(frozen=True)
class Withdraw(CallbackData):
    """Withdraw from a purchase: `step` is `ask`, then `sure`."""

    word = "withdraw"
    order: str
    step: str


@dataclass(frozen=True)
class Withdrawals(CallbackData):
    """Show what can be withdrawn from."""

    word = "withdrawals"


@dataclass(frozen=True)
class Kept(CallbackData):
    """Show the table of what is kept."""

    word = "kept"


@dataclass(frozen=True)
class Consent(CallbackData):
    """Withdraw one's consent: `step` is ask, sure or no."""

    word = "consent"
    step: str


@dataclass(frozen=True)
class Forget(CallbackData):
    """Be forgotten: `step` is ask, then wipe (the chat, too), keep (it) or no."""

    word = "forget"
    step: str


@dataclass(frozen=True)
class Ask(CallbackData):
    """Write to the operators: `subject` is photo, payment, privacy or other; `about` an order, or `tool.error`."""

    word = "ask"
    subject: str
    about: str


@dataclass(frozen=True)
class About(CallbackData):
    """Write to the operators about this subject; the next step takes this one's place."""

    word = "about"
    subject: str


@dataclass(frozen=True)
class Draft(CallbackData):
    """What becomes of a draft: `step` is send, work, anew, subjects or cancel; `mark` is that of what it shows."""

    word = "draft"
    step: str
    mark: str


@dataclass(frozen=True)
class Leave(CallbackData):
    """Write to nobody: `to` is help, or nothing."""

    word = "leave"
    to: str


@dataclass(frozen=True)
class Email(CallbackData):
    """About the e-mail address: `step` is enter, again, without, remove, copies or no-copies.

    `about` is what goes on after it: an order's number, `copies`, or nothing.
    """

    word = "email"
    step: str
    about: str


@dataclass(frozen=True)
class GiveBack(CallbackData):
    """An operator refunds this order although it was used."""

    word = "give-back"
    order: str


def button(label: str, callback: CallbackData, style: str | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(label, callback_data=callback.pack(), api_kwargs={"style": style} if style else None)


def on(
    kind: type[CallbackData], act: Callable[[Update, Context, Any], Awaitable[None]], our_chat: OwnChat | None = None
) -> CallbackQueryHandler[Context, None]:
    """A handler for one kind of tap, in a person's own chat, or in the operators' or the lab's chat alone.

    A tap on somebody else's message is answered and goes no further.
    """

    async def tapped(update: Update, context: Context) -> None:
        query = update.callback_query
        callback = kind.unpack(query.data)
        if callback is None or not isinstance(
            query.message, Message
        ):  # of another version, or too old to be shown to us
            await refuse(update, context, "tap-too-old")
        elif (verdict := await _judge(context, query.from_user, query.message.chat.id, our_chat)) is Verdict.OBEYED:
            await act(update, context, callback)
        else:
            await refuse(update, context, verdict)

    return CallbackQueryHandler(tapped, pattern=rf"^{kind.word}(:|$)")


async def _judge(context: Context, user: User, chat_id: int, our_chat: OwnChat | None) -> Verdict:
    """A person taps what is theirs, a member what is in our chat: others may see a group that is public."""
    if our_chat and our_chat.is_at(chat_id):
        return await judge_user(context, our_chat.id or chat_id, user)
    return Verdict.OBEYED if our_chat is None and user.id == chat_id else Verdict.STRANGER


async def refuse(update: Update, context: Context, key: str) -> None:
    """Answer a tap with a sentence in the language of its person."""
    _, words = await context.person(update)
    await best_effort(update.callback_query.answer(words(key), show_alert=True))
