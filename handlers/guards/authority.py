"""The gate of the operators' and the lab's chat: it alone decides whose messages and taps are obeyed there.

Others than members may be able to write in a group. A member's forwarded or via-bot message is no order: somebody else
wrote it. In a group that strangers can enter nobody is obeyed; `bot/ops/group_watch.py` says so there, once a day.
"""

from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from typing import Any

from telegram import Message, Update, User
from telegram.error import TelegramError

from bot.botapi.members import Rank
from bot.texts import DEFAULT, translator
from handlers.context import Context, best_effort, reply

Act = Callable[[Update, Context], Coroutine[Any, Any, None]]

_translate = translator(DEFAULT)


class Verdict(StrEnum):
    """What comes of a message or a tap; the value names the sentence that says so."""

    OBEYED = "obeyed"
    STRANGER = "tap-not-yours"  # said of taps only: whoever may write could use the answers for spam
    ONLY_ADMINISTRATORS = "only-administrators"
    AS_CHANNEL = "only-as-yourself"
    REFUSED = "group-refused"  # said of taps only
    NOT_TYPED = "only-typed"
    NOT_CHECKED = "not-checked"


async def judge_user(context: Context, chat_id: int, user: User) -> Verdict:
    """Whether this user gives orders in this chat: a person who is a member of it now, or an administrator."""
    if user.is_bot:
        return Verdict.STRANGER
    try:
        rank = await context.services.support.members.rank(chat_id, user.id)
    except TelegramError:
        return Verdict.NOT_CHECKED
    services = context.services
    if rank is Rank.STRANGER:
        return Verdict.STRANGER
    if services.own_chats.refuses(chat_id):
        return Verdict.REFUSED
    is_theirs = services.own_chats.operators.is_at(chat_id)
    if rank is Rank.MEMBER and is_theirs and services.settings.operators_admins_only:
        return Verdict.ONLY_ADMINISTRATORS
    return Verdict.OBEYED


async def judge_message(context: Context, message: Message, forwards: bool = False) -> Verdict:
    """Whether this message is an order. `forwards`: a member may hand on what others wrote, too."""
    if message.sender_chat:
        verdict = _judge_chat(context, message)
    elif message.from_user:
        verdict = await judge_user(context, message.chat_id, message.from_user)
    else:
        verdict = Verdict.STRANGER
    is_typed = not message.via_bot and (forwards or not message.forward_origin)
    return Verdict.NOT_TYPED if verdict is Verdict.OBEYED and not is_typed else verdict


def _judge_chat(context: Context, message: Message) -> Verdict:
    """Of the group itself it is an anonymous administrator. Else it is a channel, and nobody can tell whose.

    That is answered in topics alone, and not where the linked channel's posts arrive.
    """
    if message.sender_chat != message.chat:
        is_talk = message.is_topic_message and not message.is_automatic_forward
        return Verdict.AS_CHANNEL if is_talk else Verdict.STRANGER
    return Verdict.REFUSED if context.services.own_chats.refuses(message.chat_id) else Verdict.OBEYED


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
        elif verdict not in (Verdict.STRANGER, Verdict.REFUSED):
            await best_effort(reply(update, context, _translate(verdict)))

    return gated
