"""The e-mail address: asked for, confirmed by six digits, changed, removed. What waited for it goes on by itself."""

import re

from telegram import InlineKeyboardMarkup, Update

from bot.domain.values import OrderState
from bot.texts import Translate, translator
from handlers.account import address as question
from handlers.callbacks import Email, button, refuse
from handlers.context import Context, best_effort, language_of
from handlers.shop import invoice
from storage.addresses import Address
from storage.confirmations import CODE_SECONDS, MOST_TRIES, Confirmation, Verdict

_ADDRESS = re.compile(r"[^\s<>(),;:\"]+@[^\s<>(),;:\"]+")
_CODE = re.compile(r"(?<![\w.])\d(?:[ -]?\d){5}(?![\w])", re.ASCII)  # six digits, also in groups


async def email(update: Update, context: Context) -> None:
    """Which address there is, and what can be done with it; without one, it is asked for."""
    person, translate = await context.person(update)
    user_id = update.effective_user.id
    known = await context.services.users.addresses.find(user_id)
    if known.address:
        text = _about(translate, known) if context.services.mail.is_open else translate("email-off")
        await context.say(user_id, text, _ways(translate, known))
    elif context.services.mail.is_open:
        await question.ask(context, user_id, language_of(person, update), "")
    else:
        await context.say(user_id, translate("email-off"))


async def step(update: Update, context: Context, callback: Email) -> None:
    """A button about the address."""
    steps = {
        "enter": _enter,
        "again": _again,
        "without": _without,
        "remove": _remove,
        "copies": _copies,
        "no-copies": _no_copies,
    }
    if callback.step not in steps or not await _is_theirs(context, update.effective_user.id, callback.about):
        await refuse(update, context, "tap-too-old")
        return
    await best_effort(update.callback_query.answer())
    _, translate = await context.person(update)
    await steps[callback.step](update, context, translate, callback.about)


async def take(update: Update, context: Context) -> bool:
    """Words while an address or a code is waited for: the one that is in them, or how to write it."""
    message = update.effective_message
    asked = message.text and await context.services.users.confirmations.find(update.effective_user.id)
    if not asked:
        return False
    address, code = _only(_ADDRESS, message.text), _only(_CODE, message.text)
    if address and len(message.text.split()) != 2:  # two words are a slip: "anna example@example.org"
        await _take_address(update, context, asked, address.rstrip("."))
    elif asked.address and code:
        await _take_code(update, context, asked, re.sub(r"\D", "", code))
    else:
        translate = translator(asked.language)
        text = translate("email-code-unlike" if asked.address else "email-unlike")
        await context.decline(message, text, _out(translate, asked))
    return True


def _only(form: re.Pattern[str], text: str) -> str | None:
    """The one thing of this form in a text; None where there is none, or more than one."""
    found: set[str] = set(form.findall(text))
    return found.pop() if len(found) == 1 else None


# What is typed


async def _take_address(update: Update, context: Context, asked: Confirmation, typed: str) -> None:
    user_id, translate = update.effective_user.id, translator(asked.language)
    if (address := question.spelled(typed)) is None:
        await context.decline(update.effective_message, translate("email-unlike"), _out(translate, asked))
        return
    known = await context.services.users.addresses.find(user_id)
    if known.works and known.address == address:
        await _go_on(context, user_id, asked, translate("email-known"))
    else:
        await _send_code(context, user_id, asked, address)


async def _send_code(context: Context, user_id: int, asked: Confirmation, address: str) -> None:
    translate = translator(asked.language)
    if await context.services.users.confirmations.send_code(user_id, address):
        context.mail_soon()
        text = translate("email-code-sent", address=address, minutes=CODE_SECONDS // 60)
        await context.say(user_id, text, _out(translate, asked, again=True))
    else:
        await context.say(user_id, translate("email-code-too-many"), _out(translate, asked))


async def _take_code(update: Update, context: Context, asked: Confirmation, code: str) -> None:
    user_id, translate = update.effective_user.id, translator(asked.language)
    verdict = await context.services.users.confirmations.answer(user_id, code)
    if verdict is Verdict.RIGHT:
        await _go_on(context, user_id, asked, translate("email-confirmed"))
        return
    text = translate(f"email-code-{verdict.value}", left=MOST_TRIES - asked.tries - 1)
    await context.decline(update.effective_message, text, _out(translate, asked, again=verdict is not Verdict.WRONG))


async def _go_on(context: Context, user_id: int, asked: Confirmation, told: str) -> None:
    """With what waited for the address. The question is dropped last: a crash in between comes here again."""
    await context.say(user_id, told)
    await _do(context, user_id, translator(asked.language), asked.about)
    await context.services.users.confirmations.drop(user_id)


async def _do(context: Context, user_id: int, translate: Translate, about: str) -> None:
    if about == "copies":
        await context.services.users.addresses.copy_answers(user_id, True)
        await context.say(user_id, translate("email-copies-on"))
        return
    order = await context.services.shop.orders.find(about)
    if order and order.state in (OrderState.OPEN, OrderState.INVOICED):
        await invoice.send(context, order)
    elif order and order.state is OrderState.EXPIRED:
        await context.say(user_id, translate("checkout-expired"))


# What is tapped


async def _enter(update: Update, context: Context, translate: Translate, about: str) -> None:
    person, _ = await context.person(update)
    await _put_away(update)
    if not context.services.mail.is_open:
        await context.say(person.user_id, translate("email-off"))
        return
    await question.ask(context, person.user_id, language_of(person, update), about)


async def _again(update: Update, context: Context, translate: Translate, about: str) -> None:
    """Another code to the same address; the one before counts no more."""
    user_id = update.effective_user.id
    asked = await context.services.users.confirmations.find(user_id)
    await _put_away(update)
    known = await context.services.users.addresses.find(user_id)
    if asked and asked.address:
        await _send_code(context, user_id, asked, asked.address)
    elif not asked and known.works:
        await context.say(user_id, translate("email-is", address=known.address))
    else:
        await _enter(update, context, translate, about)


async def _without(update: Update, context: Context, translate: Translate, about: str) -> None:
    """Receipts stay in the chat, and they are not asked again; what they wanted goes on."""
    user_id = update.effective_user.id
    known = await context.services.users.addresses.find(user_id)
    await _put_away(update)
    text = translate("email-declined" if about else "email-cancelled")
    if about == "copies":
        await context.services.users.addresses.copy_answers(user_id, False)
    elif about and known.works:  # the button was left behind: they gave one since
        text = translate("email-is", address=known.address)
    elif about:
        await context.services.users.addresses.decline(user_id)
    await context.say(user_id, text)
    if about != "copies":
        await _do(context, user_id, translate, about)
    await context.services.users.confirmations.drop(user_id)


async def _remove(update: Update, context: Context, translate: Translate, about: str) -> None:
    await context.services.users.addresses.remove(update.effective_user.id)
    await context.show(update.effective_message, translate("email-removed"))


async def _copies(update: Update, context: Context, translate: Translate, about: str) -> None:
    """Whoever has no address is asked for one."""
    user_id = update.effective_user.id
    if (await context.services.users.addresses.find(user_id)).works:
        await context.services.users.addresses.copy_answers(user_id, True)
        await context.show(update.effective_message, translate("email-copies-on"))
    else:
        await _enter(update, context, translate, "copies")


async def _no_copies(update: Update, context: Context, translate: Translate, about: str) -> None:
    await context.services.users.addresses.copy_answers(update.effective_user.id, False)
    await context.show(update.effective_message, translate("email-copies-off"))


async def _is_theirs(context: Context, user_id: int, about: str) -> bool:
    """What a button would go on with: nothing, copies, or an order of theirs."""
    if about in ("", "copies"):
        return True
    order = await context.services.shop.orders.find(about)
    return order is not None and order.user_id == user_id


async def _put_away(update: Update) -> None:
    """The buttons of a question that is answered."""
    await best_effort(update.effective_message.edit_reply_markup())


# What it says


def _about(translate: Translate, known: Address) -> str:
    lines = [translate("email-is", address=known.address)]
    if known.failed_at:
        lines.append(translate("email-fails"))
    lines.append(translate("email-copies-on" if known.copies else "email-copies-off"))
    return "\n\n".join(lines)


def _ways(translate: Translate, known: Address) -> InlineKeyboardMarkup:
    copies = ("email-stop-copies", "no-copies") if known.copies else ("email-want-copies", "copies")
    ways = [("email-change", "enter"), copies, ("email-remove", "remove")]
    return InlineKeyboardMarkup([[button(translate(label), Email(step, ""))] for label, step in ways])


def _out(translate: Translate, asked: Confirmation, again: bool = False) -> InlineKeyboardMarkup:
    """The way out is always there: no purchase waits for a mail server."""
    rows = [[button(translate("email-without" if asked.about else "cancel"), Email("without", asked.about))]]
    if again:
        rows.append([button(translate("email-again"), Email("again", asked.about))])
    return InlineKeyboardMarkup(rows)
