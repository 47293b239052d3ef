"""Support, the person's side: what it is about, their words shown once more, a ticket; then a conversation."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ReactionEmoji

from bot.botapi.updates import after_turn
from bot.domain.errors import Reason
from bot.ops.error_reports import CODE
from bot.texts import Translate, moment, pieces
from bot.tools.shelf import SHELF
from handlers.account import address
from handlers.callbacks import About, Ask, Draft, Leave, button, refuse
from handlers.context import Context, best_effort, help_text, language_of, take_away, written
from handlers.photos import menu
from storage import drafts

SUBJECTS = ("photo", "payment", "privacy", "other")


async def support(update: Update, context: Context) -> None:
    """What is it about? Whoever has open tickets hears how to go on with them."""
    _, translate = await context.person(update)
    user_id = update.effective_user.id
    if context.services.settings.operators_chat_id is None:
        await context.say(user_id, _seller(context, translate))
        return
    await _discard(context, user_id, translate)
    await context.say(user_id, await _question(context, user_id, translate), _subjects(translate))


async def choose_subject(update: Update, context: Context, callback: About) -> None:
    """The question gives way to the request to write."""
    _, translate = await context.person(update)
    message = update.effective_message
    if callback.subject not in SUBJECTS or context.services.settings.operators_chat_id is None:
        await refuse(update, context, "draft-gone")
        return
    await best_effort(update.callback_query.answer())
    await _discard(context, update.effective_user.id, translate, message.message_id)
    user_id = update.effective_user.id
    about, at = context.services.photos.last_results.of(user_id) if callback.subject == "photo" else ("", None)
    draft = drafts.Draft(user_id, callback.subject, about, at, None, None, message.message_id)
    await context.services.support.drafts.open(draft)
    await context.show(message, _request(translate, draft), _ways(translate, draft, "subjects"))


async def ask(update: Update, context: Context, callback: Ask) -> None:
    """A button elsewhere knows what it is about; its message stays."""
    _, translate = await context.person(update)
    user_id, message = update.effective_user.id, update.effective_message
    if callback.subject not in SUBJECTS or not await _is_theirs(context, user_id, callback):
        await refuse(update, context, "tap-not-yours")
        return
    await best_effort(update.callback_query.answer())
    if context.services.settings.operators_chat_id is None:
        await context.say(user_id, _seller(context, translate))
        return
    await _discard(context, user_id, translate)
    at = (
        int((message.edit_date or message.date).timestamp()) if callback.subject == "photo" and callback.about else None
    )
    draft = drafts.Draft(user_id, callback.subject, callback.about, at, None, None, 0)
    prompt = await context.say(user_id, _request(translate, draft), _ways(translate, draft, "subjects"))
    await context.services.support.drafts.open(replace(draft, prompt_id=prompt.message_id))


async def leave(update: Update, context: Context, callback: Leave) -> None:
    """Before anything was chosen."""
    _, translate = await context.person(update)
    await best_effort(update.callback_query.answer())
    text = help_text(context, translate) if callback.to == "help" else translate("draft-cancelled")
    await context.show(update.effective_message, text)


async def step(update: Update, context: Context, callback: Draft) -> None:
    """A button under the draft, and under it as it is now."""
    steps = {"work": _work, "anew": _anew, "subjects": _back_to_subjects, "cancel": _cancel}
    _, translate = await context.person(update)
    draft = await context.services.support.drafts.find(update.effective_user.id)
    if callback.step == "send":
        await _send(update, context, callback, draft, translate)
    elif draft and draft.mark == callback.mark and callback.step in steps:
        await best_effort(update.callback_query.answer())
        await steps[callback.step](update, context, draft, translate)
    else:
        await _refuse_old(update, context, draft, translate)


async def _discard(context: Context, user_id: int, translate: Translate, keep: int = 0) -> None:
    """Forget an older draft, and take the message with its buttons away."""
    draft = await context.services.support.drafts.drop(user_id)
    if draft and draft.prompt_id != keep:
        await take_away(context.bot, user_id, draft.prompt_id, translate("goes-on-elsewhere"))


# What a message belongs to


async def take_reply(update: Update, context: Context) -> bool:
    """A reply to a message of a ticket: words go on with it, a file is shown in a draft first."""
    message, user_id, services = update.effective_message, update.effective_user.id, context.services
    target = message.reply_to_message
    if services.settings.operators_chat_id is None or target is None or not _has_content(message):
        return False
    replied = await services.support.tickets.of_message(user_id, target.message_id)
    if replied is None:
        return False
    if message.text:
        await _go_on(update, context, message, *replied)
        return True
    number, answers = replied
    if await services.support.drafts.find(user_id) is None:
        ticket = await services.support.tickets.find(number)
        await services.support.drafts.open(drafts.Draft(user_id, ticket.subject, "", None, number, answers, 0))
    await _add_to_draft(update, context, message)
    return True


def _has_content(message: Message) -> bool:
    """True for what can be shown to the operators: words, or something that can be copied."""
    return bool(message.text or message.effective_attachment)


async def take_for_draft(update: Update, context: Context) -> bool:
    """Everything that is sent while a draft is open goes with it."""
    if context.services.settings.operators_chat_id is None or not _has_content(update.effective_message):
        return False
    if await context.services.support.drafts.find(update.effective_user.id) is None:
        return False
    await _add_to_draft(update, context, update.effective_message)
    return True


async def take_for_ticket(update: Update, context: Context) -> bool:
    """Words while a ticket is open. A photo is for the tools; of anything else they hear how operators get it."""
    message, user_id, services = update.effective_message, update.effective_user.id, context.services
    if services.settings.operators_chat_id is None or menu.photo_of(message):
        return False
    tickets = await services.support.tickets.open_of(user_id)
    if not tickets:
        return False
    if message.text:
        await _go_on(update, context, message, tickets[0])
    else:
        _, translate = await context.person(update)
        await context.decline(message, translate("ticket-not-passed-on", ticket=tickets[0]))
    return True


async def take_edit(update: Update, context: Context) -> bool:
    """A change of what was written to the operators."""
    message, services, user_id = update.effective_message, context.services, update.effective_user.id
    if services.settings.operators_chat_id is None or not _has_content(message):
        return False
    if message.text and not _says_something(message):
        return False
    if await services.support.drafts.edit(user_id, _line(message)):
        _, translate = await context.person(update)
        await _preview(context, await services.support.drafts.find(user_id), translate, message)
    elif known := await services.support.tickets.of_message(user_id, message.message_id):
        number, line = known
        await services.support.tickets.edit(line, written(message), attached=not message.text)
        after_turn(services.support.relay.bring(number))
    else:
        return False
    return True


async def _go_on(update: Update, context: Context, message: Message, number: int, answers: int | None = None) -> None:
    """Words for a ticket that is there already."""
    _, translate = await context.person(update)
    services, again = context.services, translate("ticket-open-again", ticket=number)
    person_id = message.message_id
    if not _says_something(message):
        await context.decline(message, translate("draft-blank"))
        return
    await services.support.tickets.write(
        number, "person", written(message), False, answers, person_id, opened_again=again
    )
    await best_effort(context.bot.set_message_reaction(message.chat_id, person_id, ReactionEmoji.WRITING_HAND))
    after_turn(services.support.relay.bring(number))


# The draft


async def _add_to_draft(update: Update, context: Context, message: Message) -> None:
    _, translate = await context.person(update)
    services, user_id = context.services, update.effective_user.id
    if message.text and not _says_something(message):
        await context.decline(message, translate("draft-blank"))
    elif not await services.support.drafts.add(user_id, _line(message)):
        await context.say(user_id, translate("draft-full", most=drafts.MOST_MESSAGES), reply_to=message.message_id)
    else:
        await _preview(context, await services.support.drafts.find(user_id), translate, message)


def _line(message: Message) -> drafts.DraftMessage:
    return drafts.DraftMessage(message.message_id, written(message), attached=not message.text)


async def _preview(context: Context, draft: drafts.Draft, translate: Translate, newest: Message | None) -> None:
    """Show it once more, below what was written last; the one before goes. From a photo, a tap leads to the tools."""
    attached = sum(message.attached for message in draft.messages)
    parts = [translate("draft-preview"), *(message.words for message in draft.messages if message.words)]
    if attached:
        parts.append(translate("draft-warning", count=attached))
    *first, last = pieces("\n\n".join(parts))
    rows = [[button(translate("send"), Draft("send", draft.mark), "primary")]]
    if menu.photo_of(newest):
        rows.append([button(translate("work-on-it"), Draft("work", draft.mark))])
    for part in first:
        await context.say(draft.user_id, part)
    below = newest.message_id if newest else draft.messages[-1].message_id
    prompt = await context.say(draft.user_id, last, _ways(translate, draft, "anew", rows), below)
    await context.services.support.drafts.prompt(draft.user_id, prompt.message_id)
    if draft.prompt_id:
        await take_away(context.bot, draft.user_id, draft.prompt_id, translate("goes-on-elsewhere"))


async def _send(
    update: Update, context: Context, callback: Draft, draft: drafts.Draft | None, translate: Translate
) -> None:
    """A ticket number at once. The same tap again, after a crash, says the same."""
    person, _ = await context.person(update)
    services, message = context.services, update.effective_message
    again = translate("ticket-open-again", ticket=draft.ticket) if draft and draft.ticket else ""
    language = language_of(person, update)
    number = await services.support.tickets.send(person.user_id, callback.mark, message.message_id, language, again)
    if number is None:
        await _refuse_old(update, context, draft, translate)
        return
    if draft and not draft.ticket:
        await services.ops.counters.count("ticket", outcome="opened", language=language)
    await best_effort(update.callback_query.answer())
    reaches = services.own_chats.operators.is_reachable
    await context.show(message, translate("ticket-sent" if reaches else "ticket-waits", ticket=number))
    await address.offer_copies(context, person.user_id, translate)
    if draft and draft.prompt_id != message.message_id:  # of two that say the same, after a crash
        await take_away(context.bot, person.user_id, draft.prompt_id, translate("goes-on-elsewhere"))
    after_turn(services.support.relay.bring(number))


async def _refuse_old(update: Update, context: Context, draft: drafts.Draft | None, translate: Translate) -> None:
    """The draft changed after this button was shown: show it as it is now. Where there is none, say so."""
    if draft is None or not draft.messages or draft.prompt_id == update.effective_message.message_id:
        await refuse(update, context, "draft-gone")
        return
    await refuse(update, context, "draft-changed")
    await _preview(context, draft, translate, None)


async def _work(update: Update, context: Context, draft: drafts.Draft, translate: Translate) -> None:
    """Not for operators after all: this message turns into the photo's menu. The rest of the draft goes on below it."""
    message = update.effective_message
    photo = message.reply_to_message
    if menu.photo_of(photo) is None:
        await context.show(message, translate("photo-gone"))
        return
    await context.services.support.drafts.remove(draft.user_id, photo.message_id)
    await context.show(message, translate("menu"), menu.tools(translate))
    rest = tuple(each for each in draft.messages if each.message_id != photo.message_id)
    left = replace(draft, messages=rest, prompt_id=0)
    if rest:
        await _preview(context, left, translate, None)
    elif draft.ticket:
        await context.services.support.drafts.drop(draft.user_id)
    else:
        prompt = await context.say(draft.user_id, _request(translate, left), _ways(translate, left, "subjects"))
        await context.services.support.drafts.prompt(draft.user_id, prompt.message_id)


async def _anew(update: Update, context: Context, draft: drafts.Draft, translate: Translate) -> None:
    """Back to the empty sheet."""
    message, empty = update.effective_message, replace(draft, messages=())
    await context.services.support.drafts.remove(draft.user_id)
    await context.services.support.drafts.prompt(draft.user_id, message.message_id)
    await context.show(message, _request(translate, empty), _ways(translate, empty, "subjects"))


async def _back_to_subjects(update: Update, context: Context, draft: drafts.Draft, translate: Translate) -> None:
    await context.services.support.drafts.drop(draft.user_id)
    text = await _question(context, draft.user_id, translate)
    await context.show(update.effective_message, text, _subjects(translate))


async def _cancel(update: Update, context: Context, draft: drafts.Draft, translate: Translate) -> None:
    await context.services.support.drafts.drop(draft.user_id)
    await context.show(update.effective_message, translate("draft-cancelled"))


# What it says


async def _question(context: Context, user_id: int, translate: Translate) -> str:
    numbers = await context.services.support.tickets.open_of(user_id)
    told = translate("support-open", tickets=", ".join(map(str, numbers)), count=len(numbers)) if numbers else ""
    return f"{translate('support')}\n\n{told}".strip()


def _subjects(translate: Translate) -> InlineKeyboardMarkup:
    rows = [[button(translate(f"subject-{subject}"), About(subject))] for subject in SUBJECTS]
    return InlineKeyboardMarkup(
        [*rows, [button(translate("back"), Leave("help")), button(translate("cancel"), Leave(""))]]
    )


def _ways(
    translate: Translate, draft: drafts.Draft, back: str, rows: Sequence[Sequence[InlineKeyboardButton]] = ()
) -> InlineKeyboardMarkup:
    """These rows, then the way back and the way out."""
    ways = [
        button(translate("back"), Draft(back, draft.mark)),
        button(translate("cancel"), Draft("cancel", draft.mark)),
    ]
    return InlineKeyboardMarkup([*rows, ways])


def _request(translate: Translate, draft: drafts.Draft) -> str:
    """Write now. What operators will know without being told is said here."""
    if draft.ticket:
        return translate("draft-ticket", ticket=draft.ticket)
    lines = [translate(f"draft-{draft.subject}")]
    tool, _, error = draft.about.partition(".")
    if error:
        lines.append(translate("draft-about-job", tool=translate(f"tool-{tool}"), time=moment(draft.about_at)))
    elif draft.about:
        lines.append(translate("draft-about-order", order=draft.about))
    return "\n\n".join(lines)


def _seller(context: Context, translate: Translate) -> str:
    contact = context.services.settings.seller_contact
    return translate("support-seller", contact=contact) if contact else translate("support-nobody")


async def _is_theirs(context: Context, user_id: int, callback: Ask) -> bool:
    """What a button claims to be about: nothing, an order of theirs, or a tool of ours and how it can fail."""
    if not callback.about:
        return True
    if callback.subject == "payment":
        order = await context.services.shop.orders.find(callback.about)
        return order is not None and order.user_id == user_id
    tool, _, error = callback.about.partition(".")
    reason, _, code = error.partition(" ")
    known = tool in SHELF and reason in {reason.key for reason in Reason}
    return callback.subject == "photo" and known and bool(not code or CODE.fullmatch(code))


def _says_something(message: Message) -> bool:
    """Blanks, control characters and marks that show nothing are no words.

    What this Python's Unicode does not know yet, such as new emoji, may show something.
    """
    categories = map(unicodedata.category, message.text)
    return any(category in ("Cn", "Co") or category[0] not in "ZC" for category in categories)
