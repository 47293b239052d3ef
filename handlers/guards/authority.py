"""The gate of the operators' and the lab's chat: it alone decides whose messages and taps are obeyed there.

Others than members may be able to write in a group. A member's forwarded or via-bot message is no order: somebody else
wrote it.
"""

from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from typing import Any

from telegram import Message, Update, User
from telegram.error import TelegramError

from bot.texts import DEFAULT, translator
from handlers.context import Context, best_effort, reply

Act = Callable[[Update, Context], Coroutine[Any, Any, None]]

_translate = translator(DEFAULT)


class Verdict(StrEnum):
    """What comes of a message or a tap; the value names the sentence that says so."""

    OBEYED = "obeyed"
    STRANGER = "tap-not-yours"  # said of taps only: whoever may write could use the answers for spam
    NOT_TYPED = "only-typed"
    NOT_CHECKED = "not-checked"


async def judge_user(context: Context, chat_id: int, user: User) -> Verdict:
    """Whether this user gives orders in this chat: a person who is a member of it now."""
    if user.is_bot:
        return Verdict.STRANGER
    try:
        is_member = await context.services.support.members.has(chat_id, user.id)
    except TelegramError:
        return Verdict.NOT_CHECKED
    return Verdict.OBEYED if is_member else Verdict.STRANGER


async def judge_message(context: Context, message: Message, forwards: bool = False) -> Verdict:
    """Whether this message is an order. `forwards`: a member may hand on what others wrote, too."""
    if message.sender_chat:  # the group itself: an anonymous administrator. Else a channel, linked or not
        verdict = Verdict.OBEYED if message.sender_chat == message.chat else Verdict.STRANGER
    elif message.from_user:
        verdict = await judge_user(context, message.chat_id, message.from_user)
    else:
        verdict = Verdict.STRANGER
    is_typed = not message.via_bot and (forwards or not message.forward_origin)
    return Verdict.NOT_TYPED if verdict is Verdict.OBEYED and not is_typed else verdict


def obeyed(
    act: Act, concerns_us: Callable[[Update, Context], Awaitable[bool]] | None = None, forwards: bool = False
) -> Act:
    """`act`, done only for messages that the gate lets through; a member hears why one is not, a stranger nothing.

    `concerns_us`: whether the message would lead to anything; where not, nobody hears anything.
    """

    async def gated(update: Update, context: Context) -> None:
        if concerns_us and not await concerns_us(update, context):
            return
        verdict = await judge_message(context, update.effective_message, forwards)
        if verdict is Verdict.OBEYED:
            await act(update, context)
        elif verdict is not Verdict.STRANGER:
            await best_effort(reply(update, context, _translate(verdict)))

    return gated
