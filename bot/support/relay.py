"""The relay between a person's chat and their ticket's topic: what is written in one arrives in the other.

The database says what is still missing where (`storage/tickets.py`); it is brought in order, and again until it has
arrived. So a message may come twice, but never not at all.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from telegram import ReplyParameters
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import ExtBot

from bot.botapi.own_chats import OwnChats
from bot.domain.values import Order, Product
from bot.prints.fulfilment import described
from bot.texts import DEFAULT, Translate, moment, pieces, price, translator
from storage.addresses import Addresses
from storage.messages import Messages
from storage.orders import Orders
from storage.tickets import Message, Ticket, Tickets

_log = logging.getLogger(__name__)

_ORDERS_ON_A_CARD = 3
_AWAY = ("chat not found", "user is deactivated")
_GONE_TOPIC = ("thread not found", "topic_deleted", "topic_id_invalid")
_NO_TOPICS = ("not a forum", "not enough rights", "chat_admin_required")
_GONE_MESSAGE = ("message to copy not found", "message_id_invalid")


@dataclass(frozen=True)
class _Brought:
    """A message is in the other chat, at this number; its author is to hear that its file is not."""

    message_id: int
    lacks_file: bool = False


class _UncopiedError(Exception):
    """There is no message to copy (any more), or with `is_refused` Telegram does not let this one be copied."""

    def __init__(self, is_refused: bool = False) -> None:
        super().__init__()
        self.is_refused = is_refused


class Relay:
    def __init__(
        self,
        bot: ExtBot[int],
        tickets: Tickets,
        orders: Orders,
        messages: Messages,
        addresses: Addresses,
        own_chats: OwnChats,
        mails: bool,
    ) -> None:
        self._bot = bot
        self._tickets = tickets
        self._orders = orders
        self._messages = messages
        self._addresses = addresses
        self._own_chats = own_chats
        self._mails = mails  # whether there is a mail server
        self._translate = translator(DEFAULT)  # to operators
        self._locks: WeakValueDictionary[tuple[int, bool], asyncio.Lock] = WeakValueDictionary()

    @property
    def _chat(self) -> int | None:
        return self._own_chats.operators.id

    async def work_off(self) -> None:
        """Bring everything that is missing somewhere: for the scheduler."""
        if self._chat is not None:
            await self._bring_all(await self._tickets.waiting())

    async def bring(self, number: int) -> None:
        """Bring what is missing of this ticket, both ways. What Telegram refuses now stays for the next time."""
        if self._chat is not None:
            ways = self._to_topic, self._to_person
            told = await asyncio.gather(*(self._one_way(number, carry) for carry in ways))
            await asyncio.gather(*(self._one_way(number, ways[not at]) for at in range(2) if told[at]))

    async def person_left(self, user_id: int) -> None:
        """They blocked the bot: their topics say so."""
        await self._bring_all(await self._tickets.blocked(user_id, self._translate("operators-blocked")))

    async def person_returned(self, user_id: int) -> None:
        """They unblocked it: what waited for them goes on its way."""
        await self._bring_all(await self._tickets.unblocked(user_id, self._translate("operators-unblocked")))

    @asynccontextmanager
    async def at_rest(self, numbers: list[int]) -> AsyncIterator[None]:
        """Inside, nothing of these tickets is brought anywhere: they may go."""
        async with AsyncExitStack() as stack:
            for to_topic in (False, True):  # whoever is on the way to a person may go on to any topic
                for number in numbers:
                    await stack.enter_async_context(self._lock(number, to_topic))
            yield

    async def _bring_all(self, numbers: list[int]) -> None:
        await asyncio.gather(*(self.bring(number) for number in numbers))

    async def _one_way(self, number: int, carry: Callable[[int], Awaitable[bool]]) -> bool:
        """One at a time a ticket and direction: their order is that of the conversation.

        True if there is something to be told on the other side with that.
        """
        async with self._lock(number, carry == self._to_topic):
            try:
                return await self._tickets.find(number) is not None and await carry(number)  # forgotten since?
            except TelegramError as error:
                _log.warning("a ticket waits for Telegram: %s", type(error).__name__)
                return False

    def _lock(self, number: int, to_topic: bool) -> asyncio.Lock:
        return self._locks.setdefault((number, to_topic), asyncio.Lock())

    async def _ticket(self, number: int) -> Ticket:
        ticket = await self._tickets.find(number)
        assert ticket
        return ticket

    # To the operators

    async def _to_topic(self, number: int) -> bool:
        """Into the ticket's topic. Where that was deleted, a new one begins with the conversation so far."""
        try:
            return await self._fill_topic(await self._ticket(number))
        except BadRequest as error:
            if not _is_gone(error):
                raise
            await self._tickets.forget_topic(number)
        return await self._fill_topic(await self._ticket(number))

    async def _fill_topic(self, ticket: Ticket) -> bool:
        """True if the person is to hear of something."""
        assert self._chat
        if self._own_chats.operators.is_refused:
            return False
        if ticket.thread_id is not None and ticket.chat_id != self._chat:  # the operators have another group now
            await self._tickets.forget_topic(ticket.number)
            ticket = await self._ticket(ticket.number)
        missing = await self._tickets.missing_in_topic(ticket.number)
        if not missing and ticket.is_closed == bool(ticket.titled_closed):
            return False
        ticket, lacking = await self._with_card(ticket), False
        notice = "notice", translator(ticket.language)("ticket-file-not-copied")
        for message in missing:
            if message.topic_id and not message.comes_anew:
                await self._change(self._chat, message.topic_id, message)
                brought = _Brought(message.topic_id)
            else:
                anew = replace(message, reply_to=message.topic_id or message.reply_to)
                brought = await self._show(ticket, anew)
            is_told = brought.lacks_file and message.author == "person"
            await self._tickets.arrived(message, "topic_id", brought.message_id, notice if is_told else None)
            lacking |= is_told
        await self._entitle(await self._ticket(ticket.number))
        return lacking

    async def _with_card(self, ticket: Ticket) -> Ticket:
        """The ticket in its topic, which begins with its card. Where no topic can be, the card is in the group."""
        assert self._chat
        if ticket.thread_id is None:
            thread = await self._new_topic(ticket)
            await self._tickets.set_topic(ticket.number, self._chat, thread, ticket.is_closed)
            ticket = replace(ticket, thread_id=thread)
        if ticket.card_id is None:
            text, thread_id = await self._card(ticket), ticket.thread_id or None
            card = await self._bot.send_message(self._chat, text, message_thread_id=thread_id, parse_mode="HTML")
            await self._tickets.set_card(ticket.number, card.message_id)
            ticket = replace(ticket, card_id=card.message_id)
        return ticket

    async def _new_topic(self, ticket: Ticket) -> int:
        """0 where the group has no topics, or the bot may not open one."""
        assert self._chat
        try:
            topic = await self._bot.create_forum_topic(self._chat, self._title(ticket))
        except BadRequest as error:
            if any(sign in error.message.lower() for sign in _NO_TOPICS):
                return 0
            raise
        return topic.message_thread_id

    async def _entitle(self, ticket: Ticket) -> None:
        """The topic's name says whether its ticket is open."""
        if ticket.is_closed == bool(ticket.titled_closed) or not (ticket.chat_id and ticket.thread_id):
            return
        try:
            await self._bot.edit_forum_topic(ticket.chat_id, ticket.thread_id, self._title(ticket))
        except BadRequest as error:  # it has that name already, or operators may not be helped
            if _is_gone(error):
                raise
        await self._tickets.set_title_state(ticket.number, ticket.is_closed)

    async def _show(self, ticket: Ticket, message: Message) -> _Brought:
        """One message in the topic; where there is none, below the card."""
        assert self._chat
        thread = ticket.thread_id or None
        if not thread:
            message = replace(message, reply_to=message.reply_to or ticket.card_id)
        was_answer = message.author == "operator" and message.person_id and not message.attached
        if was_answer or message.author == "note":  # of a topic that was deleted
            text = self._translate(f"was-{message.author}", words=message.words)
            return _Brought(await self._write(self._chat, text, message.reply_to, thread))
        source = ticket.user_id, message.person_id
        return await self._bring_over(message, source, self._chat, thread, self._translate)

    def _title(self, ticket: Ticket) -> str:
        subject = self._translate(f"subject-{ticket.subject}")
        return self._translate("topic-closed" if ticket.is_closed else "topic", ticket=ticket.number, subject=subject)

    async def _card(self, ticket: Ticket) -> str:
        """What operators know when they begin. Never a photo: there is none to know."""
        translate, subject = self._translate, self._translate(f"subject-{ticket.subject}")
        lines = [
            translate("card", ticket=ticket.number, subject=subject, language=ticket.language, user=ticket.user_id)
        ]
        lines += [_order_line(translate, order) for order in await self._orders_about(ticket)]
        tool, _, error = ticket.about.partition(".")
        if error:
            lines.append(translate("card-job", tool=tool, error=error, time=moment(ticket.about_at)))
        return "\n".join([*lines, "", translate("card-help" if ticket.thread_id else "card-help-plain")])

    async def _orders_about(self, ticket: Ticket) -> list[Order]:
        """The order that it is about; about a payment without saying which, the newest ones."""
        if ticket.subject != "payment":
            return []
        found = await self._orders.of(ticket.user_id)
        named = [order for order in found if order.id == ticket.about]
        return named or found[:_ORDERS_ON_A_CARD]

    # To the person

    async def _to_person(self, number: int) -> bool:
        """Into the person's chat. Where they block the bot, the topic says so, and it waits until they are back.

        True if operators are to hear of something.
        """
        ticket, is_told = await self._ticket(number), False
        remark = "remark", self._translate("operators-file-not-copied")
        for message in await self._tickets.missing_at_person(number):
            try:
                brought = await self._tell(ticket, message)
            except (Forbidden, BadRequest) as error:
                if _is_away(error):
                    await self._person_is_away(ticket)
                    return is_told
                why = self._translate("operators-refused", why=type(error).__name__)
                await self._tickets.refused(number, message, why)
                is_told = True
            else:
                told = remark if brought.lacks_file else None
                await self._tickets.arrived(message, "person_id", brought.message_id, told)
                is_told |= brought.lacks_file
        return is_told

    async def _person_is_away(self, ticket: Ticket) -> None:
        by_mail = self._mails and (await self._addresses.find(ticket.user_id)).works
        remark = self._translate("operators-by-mail" if by_mail else "operators-not-delivered")
        for each in await self._tickets.blocked(ticket.user_id, remark, ticket.number):
            await self._one_way(each, self._to_topic)

    async def _tell(self, ticket: Ticket, message: Message) -> _Brought:
        """One message to the person, or what became of it."""
        assert self._chat
        there = message.person_id
        if there and not message.comes_anew:
            await self._change(ticket.user_id, there, message)
            return _Brought(there)
        anew, source = replace(message, reply_to=there or message.reply_to), (self._chat, message.topic_id)
        brought = await self._bring_over(anew, source, ticket.user_id, None, translator(ticket.language))
        await self._messages.add(ticket.user_id, brought.message_id)
        return brought

    # Both ways

    async def _bring_over(
        self, message: Message, source: tuple[int, int | None], chat: int, thread: int | None, translate: Translate
    ) -> _Brought:
        """A copy of it where that can be, else its words, and in words of the reader's that a file is missing."""
        try:
            return _Brought(await self._copy(chat, source, message.reply_to, thread))
        except _UncopiedError as error:
            text, lacks_file = message.words, bool(message.attached)
            if lacks_file:
                text += "\n\n" + translate("ticket-file-refused" if error.is_refused else "ticket-file-gone")
            written = await self._write(chat, text.strip(), message.reply_to, thread)
            return _Brought(written, lacks_file and error.is_refused)

    async def _copy(
        self, chat: int, source: tuple[int, int | None], reply_to: int | None, thread: int | None = None
    ) -> int:
        """Whatever it is, as it is, without who wrote it: its number here. Raises _UncopiedError."""
        from_chat, message_id = source
        if not message_id:
            raise _UncopiedError
        try:
            copy = await self._bot.copy_message(
                chat, from_chat, message_id, message_thread_id=thread, reply_parameters=_answering(reply_to)
            )
        except (BadRequest, Forbidden) as error:
            if _is_gone(error):
                raise
            raise _UncopiedError(not any(sign in error.message.lower() for sign in _GONE_MESSAGE)) from None
        return copy.message_id

    async def _write(self, chat: int, text: str, reply_to: int | None, thread: int | None = None) -> int:
        for piece in pieces(text):
            message = await self._bot.send_message(
                chat, piece, message_thread_id=thread, reply_parameters=_answering(reply_to)
            )
        return message.message_id

    async def _change(self, chat: int, message_id: int, message: Message) -> None:
        """Its author edited these words. Where they were deleted there, there is nothing to change."""
        try:
            await self._bot.edit_message_text(message.words, chat, message_id)
        except BadRequest as error:
            _log.debug("an edit was not brought over: %s", type(error).__name__)


def _order_line(translate: Translate, order: Order) -> str:
    if order.product is Product.PRINT:
        what = described(translate, order)
    else:
        what = (
            translate("credits", count=order.credits)
            if order.product is Product.CREDITS
            else order.tool or order.product
        )
    value = price(translate, order.amount, order.currency)
    values = {"order": order.id, "what": what, "price": value, "state": order.state}
    times = {"opened": moment(order.opened_at), "paid": moment(order.paid_at), "ended": moment(order.ended_at)}
    return translate("card-order", **values, **times)


def _is_gone(error: TelegramError) -> bool:
    """Whether the topic is."""
    return any(sign in error.message.lower() for sign in _GONE_TOPIC)


def _is_away(error: TelegramError) -> bool:
    """Whether they blocked the bot, or their account is gone: nothing reaches them."""
    return isinstance(error, Forbidden) or any(sign in error.message.lower() for sign in _AWAY)


def _answering(message_id: int | None) -> ReplyParameters | None:
    return ReplyParameters(message_id, allow_sending_without_reply=True) if message_id else None
