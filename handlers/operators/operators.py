"""Support, the operators' side: a topic is a ticket. Writing there answers its person; commands do the rest."""

import re

from telegram import InlineKeyboardMarkup, Update
from telegram.constants import ChatType, ReactionEmoji
from telegram.error import BadRequest, Forbidden

from bot.botapi.updates import after_turn
from bot.domain.values import STARS, Order, Product
from bot.texts import DEFAULT, price, translator
from handlers.callbacks import GiveBack, button
from handlers.context import Context, best_effort, reply, written
from storage.operator_actions import OperatorAction
from storage.orders import is_refundable
from storage.tickets import Ticket

_PART = re.compile(r"[0-9]{1,5}([.,][0-9]{1,2})?")
_MOST_CREDITS = 1000  # to grant at once

_translate = translator(DEFAULT)


async def is_in_ticket(update: Update, context: Context) -> bool:
    """Whether it was written in a ticket's topic."""
    return await _ticket(update, context) is not None


async def to_person(update: Update, context: Context) -> None:
    """What is written in a ticket's topic is for its person, and so is every change of it."""
    ticket, message = await _ticket(update, context), update.effective_message
    if ticket is None:
        return
    if not (message.text or message.effective_attachment):  # a checklist, or what Telegram has since come up with
        if update.message:
            await reply(update, context, _translate("operators-not-passed-on"))
        return
    tickets, number = context.services.support.tickets, ticket.number
    if update.edited_message:
        line = await tickets.line_of(number, message.message_id)
        if line is None:
            await reply(update, context, _translate("operators-edit-of-command"))
            return
        await tickets.edit(line, written(message), attached=not message.text)
    else:
        target = message.reply_to_message
        answers = await tickets.line_of(number, target.message_id) if target else None
        await _answer(context, ticket, written(message), not message.text, answers, topic_id=message.message_id)
    after_turn(context.services.support.relay.bring(number))


async def edited_into_command(update: Update, context: Context) -> None:
    """A message that is a command since its edit. A note's words change; else nothing happens, and they hear so."""
    ticket, message = await _ticket(update, context), update.effective_message
    line = await context.services.support.tickets.line_of(ticket.number, message.message_id) if ticket else None
    command, _, words = (message.text or "").partition(" ")
    if line and command.split("@")[0] == "/note" and await context.services.support.tickets.is_note(line):
        await context.services.support.tickets.edit(line, words.strip(), attached=False)
    else:
        await reply(update, context, _translate("operators-edited-answer" if line else "operators-edited-command"))


async def close(update: Update, context: Context) -> None:
    if ticket := await _ticket_meant(update, context):
        notice = translator(ticket.language)("ticket-closed", ticket=ticket.number)
        news = await context.services.support.tickets.close(ticket.number, notice)
        if news:
            await context.services.ops.counters.count("ticket", outcome="closed", language=ticket.language)
        await reply(update, context, _translate("operators-closed" if news else "operators-closed-already"))
        after_turn(context.services.support.relay.bring(ticket.number))


async def topic_closed(update: Update, context: Context) -> None:
    """Closed by hand, which closes no ticket: the person does not hear of it, and may go on writing."""
    if not (await _ticket(update, context)).is_closed:
        await reply(update, context, _translate("operators-topic-closed"))


async def reopen(update: Update, context: Context) -> None:
    if ticket := await _ticket_meant(update, context):
        news = await context.services.support.tickets.open_again(ticket.number, _open_again(ticket))
        await reply(update, context, _translate("operators-opened" if news else "operators-open-already"))
        after_turn(context.services.support.relay.bring(ticket.number))


async def note(update: Update, context: Context) -> None:
    """Words for the operators alone; they come along when a deleted topic heals."""
    ticket, message = await _ticket_meant(update, context), update.effective_message
    text = message.text.partition(" ")[2].strip()
    if ticket and text:
        await context.services.support.tickets.write(ticket.number, "note", text, topic_id=message.message_id)
        reaction = context.bot.set_message_reaction(message.chat_id, message.message_id, ReactionEmoji.WRITING_HAND)
        await best_effort(reaction)
    elif ticket:
        await reply(update, context, _translate("operators-how-note"))


async def grant(update: Update, context: Context) -> None:
    """Credits for the ticket's person, or for anybody by number. The same message counts once."""
    message, numbers = update.effective_message, [_number(text) for text in context.args]
    ticket = await _ticket(update, context)
    if ticket and len(numbers) == 1:
        numbers.insert(0, ticket.user_id)
    if len(numbers) != 2 or not numbers[0] or not 1 <= numbers[1] <= _MOST_CREDITS:
        await reply(update, context, _translate("operators-how-grant", most=_MOST_CREDITS))
        return
    user_id, credits = numbers
    if not await _is_somebody(context, user_id):
        await reply(update, context, _translate("operators-nobody"))
        return
    reference, by = f"{message.chat_id}/{message.message_id}", OperatorAction(_operator(update), "grant", str(user_id))
    balance = await context.services.shop.ledger.grant(user_id, credits, reference, by)
    language = (await context.services.users.people.find(user_id)).language or (ticket.language if ticket else DEFAULT)
    text = _translate("operators-granted", user=user_id, credits=credits, balance=balance)
    await reply(update, context, _done(update, text))
    await context.services.ops.notifier.tell(user_id, language, "granted", credits=credits, balance=balance)


async def ban(update: Update, context: Context) -> None:
    """No work, no sale, no requests; what runs for them stops."""
    if user_id := await _user_meant(update, context):
        by = OperatorAction(_operator(update), "ban", str(user_id))
        news = await context.services.users.bans.add(user_id, by)
        await context.services.users.questions.clear(user_id)
        await context.services.photos.jobs.stop_all(user_id)
        text = _translate("operators-banned" if news else "operators-banned-already", user=user_id)
        await reply(update, context, _done(update, text) if news else text)


async def unban(update: Update, context: Context) -> None:
    if user_id := await _user_meant(update, context):
        by = OperatorAction(_operator(update), "unban", str(user_id))
        news = await context.services.users.bans.remove(user_id, by)
        text = _translate("operators-unbanned" if news else "operators-not-banned", user=user_id)
        await reply(update, context, _done(update, text) if news else text)


async def refund(update: Update, context: Context) -> None:
    """At once where nothing of it was used; else with what that means, and a button."""
    if len(context.args) not in (1, 2) or not all(map(_PART.fullmatch, context.args[1:])):
        await reply(update, context, _translate("operators-how-refund"))
        return
    number, ticket = context.args[0].upper(), await _ticket(update, context)
    order = await context.services.shop.orders.find(number)
    if order is None:
        await reply(update, context, _translate("operators-no-order", order=number))
    elif ticket and order.user_id != ticket.user_id:
        await reply(update, context, _translate("operators-other-order", order=number))
    elif not order.user_id and order.currency == STARS:
        await reply(update, context, _translate("operators-order-of-nobody", order=number))
    elif not is_refundable(order):
        await reply(update, context, _translate("operators-not-refundable", order=number, state=order.state))
    elif len(context.args) == 2:
        await reply(update, context, await _give_part_back(update, context, order, context.args[1]))
    elif await context.services.shop.orders.is_unspent(number):
        await reply(update, context, await _give_back(update, context, number))
    else:
        sure = button(_translate("operators-refund"), GiveBack(number), "danger")
        await reply(update, context, await _what_it_means(context, order), InlineKeyboardMarkup([[sure]]))


async def give_back(update: Update, context: Context, callback: GiveBack) -> None:
    """The tap that `refund` asks for."""
    await best_effort(update.callback_query.answer())
    text = await _give_back(update, context, callback.order)
    await best_effort(update.effective_message.edit_text(text))


async def saved_reply(update: Update, context: Context) -> None:
    """What is written often. Alone it lists them, with a name it answers, with words behind it they are kept."""
    name, _, text = " ".join(context.args).partition(" ")
    answers, ticket = context.services.support.saved_replies, await _ticket(update, context)
    if not name:
        names = ", ".join(await answers.names()) or "–"
        await reply(
            update, context, f"{_translate('operators-canned', names=names)}\n\n{_translate('operators-how-canned')}"
        )
    elif text == "-":
        gone = await answers.remove(name)
        await reply(
            update, context, _translate("operators-canned-gone" if gone else "operators-canned-none", name=name)
        )
    elif text:
        await answers.write(name, update.effective_message.text.split(maxsplit=2)[2])
        await reply(update, context, _translate("operators-canned-kept", name=name))
    elif (found := await answers.find(name, ticket.language if ticket else "")) is None:
        await reply(update, context, _translate("operators-canned-none", name=name))
    elif ticket:
        await _answer(context, ticket, found)
        after_turn(context.services.support.relay.bring(ticket.number))
    else:
        await reply(update, context, found)


async def _answer(
    context: Context,
    ticket: Ticket,
    text: str,
    attached: bool = False,
    answers: int | None = None,
    topic_id: int | None = None,
) -> None:
    """Write it down, once, for the chat and the mail; it counts as an answer."""
    content = (text, attached, answers)
    tickets = context.services.support.tickets
    if await tickets.write(ticket.number, "operator", *content, topic_id=topic_id, opened_again=_open_again(ticket)):
        await context.services.ops.counters.count("ticket", outcome="answered", language=ticket.language)
    context.mail_soon()


async def unknown(update: Update, context: Context) -> None:
    """In a ticket's topic a slip must not pass in silence; elsewhere another bot may be meant."""
    message, ticket = update.effective_message, await _ticket(update, context)
    await reply(update, context, _translate("card-help" if ticket and ticket.thread_id else "card-help-plain"))
    context.services.slips.note(message.chat_id, message.message_id)


async def _give_back(update: Update, context: Context, number: str) -> str:
    by = OperatorAction(_operator(update), "refund", number)
    given = await context.services.shop.refunds.refund(number, "operators", by=by)
    text = _translate("operators-refunded" if given else "operators-refunded-already", order=number)
    return _done(update, text) if given else text


async def _give_part_back(update: Update, context: Context, order: Order, part: str) -> str:
    """`2.50` of what was paid by card."""
    cents = round(float(part.replace(",", ".")) * 100)
    by = OperatorAction(_operator(update), "refund", order.id)
    if await context.services.shop.refunds.refund_part(order.id, cents, update.update_id, by):
        return _done(update, _translate("operators-refunded", order=order.id))
    values = {"price": order.amount, "returned": order.to_return}
    shown = {name: price(_translate, amount, order.currency) for name, amount in values.items()}
    return _translate("operators-card-part", order=order.id, **shown)


async def _what_it_means(context: Context, order: Order) -> str:
    value = price(_translate, order.amount - order.to_return, order.currency)
    if order.product is Product.PRINT:
        return _translate("operators-refund-print", order=order.id, price=value, state=order.state)
    if order.product is Product.PHOTO:
        return _translate("operators-refund-delivered", order=order.id, price=value)
    balance = await context.services.shop.ledger.balance(order.user_id) - order.credits
    return _translate("operators-refund-spent", order=order.id, price=value, balance=balance)


async def _ticket(update: Update, context: Context) -> Ticket | None:
    """The ticket whose topic this is; outside of topics, that whose message this replies to."""
    message, tickets = update.effective_message, context.services.support.tickets
    if message.is_topic_message:
        return await tickets.of_topic(message.chat_id, message.message_thread_id)
    target = message.reply_to_message
    return await tickets.of_reply(message.chat_id, target.message_id) if target else None


async def _ticket_meant(update: Update, context: Context) -> Ticket | None:
    """The same for commands that are about a ticket: elsewhere they are told so."""
    ticket = await _ticket(update, context)
    if ticket is None:
        await reply(update, context, _translate("operators-in-topic"))
    return ticket


async def _user_meant(update: Update, context: Context) -> int:
    """Whom a command names, or the ticket's person; 0, and a sentence, where that is nobody."""
    ticket = await _ticket(update, context)
    named = [_number(text) for text in context.args] or [ticket.user_id if ticket else 0]
    if len(named) == 1 and named[0]:
        return named[0]
    await reply(update, context, _translate("operators-how-ban"))
    return 0


def _number(text: str) -> int:
    """0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


async def _is_somebody(context: Context, user_id: int) -> bool:
    """Whether the bot has ever met this person: a slip must not grant credits to nobody."""
    try:
        return (await context.bot.get_chat(user_id)).type == ChatType.PRIVATE
    except (BadRequest, Forbidden):
        return False


def _operator(update: Update) -> int | None:
    """Who gives this order; None for an anonymous administrator, who writes as the group."""
    is_anonymous = update.callback_query is None and update.effective_message.sender_chat
    return None if is_anonymous else update.effective_user.id


def _done(update: Update, text: str) -> str:
    """The same, and by whom, as Telegram calls them now: that is not kept."""
    if _operator(update) is None:
        return f"{text} {_translate('operators-done-anonymously')}"
    return f"{text} {_translate('operators-done-by', name=update.effective_user.full_name)}"


def _open_again(ticket: Ticket) -> str:
    return translator(ticket.language)("ticket-open-again", ticket=ticket.number)
