"""Rows of the routing table: commands, buttons and messages, who may use them, and what they ask for first."""

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

from telegram import Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler
from telegram.ext.filters import BaseFilter

from bot.botapi.own_chats import OwnChat
from handlers.account.start import ask_consent
from handlers.callbacks import CallbackData, refuse
from handlers.context import Context, best_effort, has_agreed
from handlers.guards.authority import Verdict, judge_user
from handlers.photos import menu

Handler = BaseHandler[Update, Context, None]
Act = Callable[..., Coroutine[Any, Any, None]]


class Stage(IntEnum):
    """An update passes the stages in this order, in each to the first row that fits, until one takes it for itself."""

    REMEMBER = 0  # the number of each message, for "Wipe this chat"
    MEND = 1  # an edit of what made no sense is read as a new message
    BAN = 2
    QUESTION = 3  # what the newest question asked for
    TABLE = 4


class Who(Enum):
    """Who may use a row, and in which chat."""

    PERSON = "a person, in their own chat"
    MEMBER = "who is obeyed in the operators' chat"
    LAB = "who is obeyed in the lab's chat"


@dataclass(frozen=True)
class Command:
    """`needs_consent`: asked for before it does anything. `when_banned`: open to people whom operators banned."""

    name: str
    act: Act
    who: Who = Who.PERSON
    needs_consent: bool = False
    when_banned: bool = False
    in_menu: bool = True

    def handler(self, where: BaseFilter) -> Handler:
        return CommandHandler(self.name, consented(self.act) if self.needs_consent else self.act, where)


@dataclass(frozen=True)
class Button:
    """As `Command`. `ends_question`: another way is chosen, so nobody waits for what a menu asked for in words."""

    kind: type[CallbackData]
    act: Act
    who: Who = Who.PERSON
    needs_consent: bool = False
    when_banned: bool = False
    ends_question: bool = False

    def handler(self, our_chat: OwnChat | None = None) -> Handler:
        """In a person's own chat, or in the operators' or the lab's chat alone."""

        async def press(update: Update, context: Context) -> None:
            query = update.callback_query
            callback = self.kind.unpack(query.data)
            if callback is None or query.message is None or not query.message.is_accessible:
                await refuse(update, context, "tap-too-old")  # of another version, or too old to be shown to us
                return
            verdict = await self._judge(update, context, our_chat)
            if verdict is not Verdict.OBEYED:
                await refuse(update, context, verdict)
                return
            if self.ends_question:
                await context.services.photos.pending.withdraw(query.from_user.id)
            await (consented(self.act) if self.needs_consent else self.act)(update, context, callback)

        return CallbackQueryHandler(press, pattern=rf"^{self.kind.word}(:|$)")

    async def _judge(self, update: Update, context: Context, our_chat: OwnChat | None) -> Verdict:
        """A private button is its own person's; one in our chat is for those who are obeyed there."""
        query = update.callback_query
        chat_id = query.message.chat.id
        if self.who is Who.PERSON:
            return Verdict.OBEYED if query.from_user.id == chat_id else Verdict.STRANGER
        if our_chat is None or not our_chat.is_at(chat_id):
            return Verdict.STRANGER
        return await judge_user(context, our_chat.id or chat_id, query.from_user)


@dataclass(frozen=True)
class Silence:
    """What nobody gets an answer to, and why. A test finds every silence that no such row states."""

    where: BaseFilter
    why: str


def consented(act: Act) -> Act:
    """`act`, once the person has agreed to the promise; else they are asked, and what they did is to be done again."""

    async def asked(update: Update, context: Context, *callback: Any) -> None:
        person, translate = await context.person(update)
        if has_agreed(person):
            await act(update, context, *callback)
            return
        if update.callback_query:
            await best_effort(update.callback_query.answer())
        photo = update.effective_message.reply_to_message
        await ask_consent(update, context, translate, photo.message_id if menu.photo_of(photo) else None)

    return asked


def open_to_banned(rows: Iterable[Command | Button]) -> frozenset[str]:
    """Names of commands, as "/name", and words of buttons that stay open to banned people."""
    return frozenset(f"/{row.name}" if isinstance(row, Command) else row.kind.word for row in rows if row.when_banned)
