"""The chat itself: wipe it, its language, and what goes on."""

import logging

from telegram import InlineKeyboardMarkup, Update

from bot.botapi.updates import after_turn
from bot.texts import languages, translator
from handlers.account import wipe as wiping
from handlers.callbacks import Speak, Wipe, button, refuse
from handlers.context import Context, best_effort, take_away
from handlers.guards import own_group

_log = logging.getLogger(__name__)


async def wipe(update: Update, context: Context, callback: Wipe) -> None:
    """Stop what runs and delete every message of the last 48 hours, theirs and ours; say what could not be deleted."""
    chat_id = update.effective_chat.id
    _, translate = await context.person(update)
    await best_effort(update.callback_query.answer())
    await context.services.photos.jobs.stop_all(update.effective_user.id)
    context.services.photos.last_results.forget(update.effective_user.id)
    await context.services.users.questions.clear(update.effective_user.id)
    gone, kept = await wiping.wipe(context, update.effective_message)
    await context.services.photos.albums.forget(chat_id)
    text = translate("wiped", count=gone)
    await context.say(chat_id, f"{text}\n\n{translate('wiped-not', count=kept)}")


async def language(update: Update, context: Context) -> None:
    _, translate = await context.person(update)
    rows = [[button(translator(code)("language-name"), Speak(code))] for code in languages()]
    await context.say(update.effective_chat.id, translate("language"), InlineKeyboardMarkup(rows))


async def speak(update: Update, context: Context, callback: Speak) -> None:
    if callback.language not in languages():
        await unknown_callback(update, context)
        return
    await context.services.users.people.choose_language(update.effective_user.id, callback.language)
    _, translate = await context.person(update)
    await best_effort(update.callback_query.answer())
    await context.show(update.effective_message, translate("language-chosen"))


async def status(update: Update, context: Context) -> None:
    """What is going on for this person and in all, and how much they may still ask for."""
    _, translate = await context.person(update)
    photo_jobs = context.services.photos.jobs
    mine = photo_jobs.jobs_of(update.effective_user.id)
    parts = [translate("status", mine=mine, at_work=photo_jobs.at_work, waiting=photo_jobs.waiting)]
    if photo_jobs.paused is not None:
        parts.insert(0, translate("status-paused", why=photo_jobs.paused))
    settings, (minute, day) = context.services.settings, photo_jobs.rate_limiter.left(update.effective_user.id)
    limits = {
        "at_once": settings.jobs_per_person,
        "minute": settings.jobs_per_minute,
        "day": settings.free_jobs_per_day,
    }
    parts.append(translate("status-limits", **limits, minute_left=minute, day_left=day))
    await context.say(update.effective_chat.id, "\n\n".join(parts))


async def cancel(update: Update, context: Context) -> None:
    """All jobs, and every question that is open."""
    user_id = update.effective_user.id
    _, translate = await context.person(update)
    stopped = await context.services.photos.jobs.stop_all(user_id)
    ended = await context.services.users.questions.clear(user_id)
    sentences = [translate("cancelled", count=stopped)] if stopped or not (ended.draft or ended.email) else []
    if ended.draft:
        await take_away(context.bot, user_id, ended.draft.prompt_id, translate("draft-cancelled"))
        sentences.append(translate("draft-cancelled"))
    if ended.email:
        sentences.append(translate("email-cancelled"))
    await context.say(user_id, "\n".join(sentences))


async def unknown_callback(update: Update, context: Context) -> None:
    """A button of an older version, or none of ours."""
    await refuse(update, context, "tap-too-old")


async def membership(update: Update, context: Context) -> None:
    """Who blocks the bot has left: what is kept on them goes. Who adds it to a group is told why it goes."""
    left = update.my_chat_member.new_chat_member.status in ("left", "kicked")
    if update.effective_chat.type != "private":
        if context.services.own_chats.has(update.effective_chat.id):
            await context.services.ops.group_watch.look()
        elif not left:
            await leave_group(update, context)
    elif left:
        await context.services.photos.jobs.stop_all(update.effective_user.id)
        context.services.photos.last_results.forget(update.effective_user.id)
        await context.services.users.people.forget(update.effective_user.id)
        await context.services.users.messages.forget(update.effective_chat.id)
        await context.services.users.questions.clear(update.effective_user.id)
        await context.services.photos.albums.forget(update.effective_chat.id)
        after_turn(context.services.support.relay.person_left(update.effective_user.id))
    else:
        after_turn(context.services.support.relay.person_returned(update.effective_user.id))


async def leave_group(update: Update, context: Context) -> None:
    """Photos of people are not for groups: say why and go."""
    if await own_group.is_ours(update, context):
        return
    _, translate = await context.person(update)
    chat_id = update.effective_chat.id
    await best_effort(context.bot.send_message(chat_id, translate("leave-group")))
    await best_effort(context.bot.leave_chat(chat_id))


async def remember(update: Update, context: Context) -> None:
    """The number of each message that a person sends, for "Wipe this chat"."""
    await context.services.users.messages.add(update.effective_chat.id, update.effective_message.message_id)
