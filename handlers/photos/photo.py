"""One photo: it comes, the menu hangs under it, a button runs a tool, the result goes back."""

from telegram import InlineKeyboardMarkup, Message, Update

from bot.botapi.updates import after_turn
from bot.domain.errors import Reason, Refused
from bot.domain.settings_codec import unpacked
from bot.domain.values import MIB, Photo
from bot.photos.photo_jobs import Job, JobKey
from bot.texts import Translate
from bot.tools.shelf import SHELF
from handlers.account.start import ask_consent, record_consent
from handlers.callbacks import Agree, Apply, Menu, Pick, Stop, refuse
from handlers.context import Context, best_effort, has_agreed, language_of
from handlers.photos import album, job, menu, no_photo, pending_input


async def offer_tools(update: Update, context: Context) -> None:
    """Hang the menu under a photo; without consent, the promise first."""
    message = update.effective_message
    photo = menu.photo_of(message)
    person, translate = await context.person(update)
    if photo is None:
        await no_photo.refuse(update, context)
    elif photo.size > context.services.settings.max_input_mb * MIB:
        error = Refused(Reason.TOO_MANY_BYTES, context.services.settings.max_input_mb)
        await context.say(message.chat_id, translate(error.key, **error.values), reply_to=message.message_id)
    elif not has_agreed(person):
        await ask_consent(update, context, translate, message.message_id)
    else:
        await _hang_menu(update, context, message, photo, translate, hint=not person.hinted)


async def agree(update: Update, context: Context, callback: Agree) -> None:
    """Consent given; the photo that came first goes on."""
    await record_consent(update, context)
    message = update.effective_message
    person, translate = await context.person(update)
    photo = menu.photo_of(message.reply_to_message)
    await context.show(message, translate("agreed-photo" if photo else "agreed"))
    if photo and not await album.agreed(update, context):
        await _hang_menu(update, context, message.reply_to_message, photo, translate, hint=not person.hinted)


async def _hang_menu(
    update: Update, context: Context, message: Message, photo: Photo, translate: Translate, hint: bool = False
) -> None:
    text = translate("menu")
    if photo.compressed and hint:
        text += "\n\n" + translate("hint-compressed")
        await context.services.users.people.hint(update.effective_user.id)
    await context.say(message.chat_id, text, menu.tools(translate), message.message_id)


async def show_menu(update: Update, context: Context, callback: Menu) -> None:
    """All tools."""
    _, translate = await context.person(update)
    await _show(update, context, translate, translate("menu"), menu.tools(translate))


async def pick_tool(update: Update, context: Context, callback: Pick) -> None:
    """A tool's settings."""
    _, translate = await context.person(update)
    tool = SHELF.get(callback.tool)
    if tool is None:
        await refuse(update, context, "tap-too-old")
    else:
        user_id, photo_message = update.effective_user.id, update.effective_message.reply_to_message
        shown = await _show(update, context, translate, *await menu.choice(context, user_id, translate, tool))
        if shown:
            await pending_input.ask_for_setting(context, user_id, tool, photo_message, shown)
        after_turn(context.services.photos.jobs.warm(tool))


async def _show(
    update: Update, context: Context, translate: Translate, text: str, buttons: InlineKeyboardMarkup
) -> Message | None:
    """In place on a menu; as a new message under the photo when asked from a result. The message that shows it."""
    message = update.effective_message
    if await _photo_of_menu(update, context, translate) is None:
        return None
    await best_effort(update.callback_query.answer())
    return await context.show(message, text, buttons, reply_to=message.reply_to_message.message_id)


async def apply_tool(update: Update, context: Context, callback: Apply) -> None:
    """Run it. A menu becomes the progress message, a result stays; the work goes on after the person's turn."""
    message = update.effective_message
    person, translate = await context.person(update)
    photo = await _photo_of_menu(update, context, translate)
    if photo is None:
        return
    if context.services.photos.jobs.has((message.chat_id, message.message_id)):
        await best_effort(update.callback_query.answer(translate("already-working")))
    elif callback.tool not in SHELF:
        await refuse(update, context, "tap-too-old")
    else:
        await best_effort(update.callback_query.answer())
        photo_id, key = message.reply_to_message.message_id, (message.chat_id, message.message_id)
        if message.document:
            key = await job.announce(context, message.chat_id, translate, photo_id)
        work = _job(update, language_of(person, update), key, photo, callback)
        after_turn(job.run(context, work, photo_id, translate, update.update_id))


async def apply_words(update: Update, context: Context) -> None:
    """A reply to a photo with a size, a weight, a format or a colour: "1200", "50%", "300 KB", "webp", "#ffcc00"."""
    message = update.effective_message
    person, translate = await context.person(update)
    photo = menu.photo_of(message.reply_to_message)
    callback = menu.in_words(message.text)
    if photo is None or callback is None:
        await context.decline(message, translate("say-size" if photo else "send-a-photo"))
    else:
        photo_id = message.reply_to_message.message_id
        key = await job.announce(context, message.chat_id, translate, photo_id)
        work = _job(update, language_of(person, update), key, photo, callback)
        after_turn(job.run(context, work, photo_id, translate, update.update_id))


async def stop(update: Update, context: Context, callback: Stop) -> None:
    """End the job of this message: its child is killed, its photo freed, and its credits or Stars come back.

    Too late where its result is on the way into the chat. See `PhotoJobs.stop`.
    """
    message = update.effective_message
    _, translate = await context.person(update)
    stopped = context.services.photos.jobs.stop((message.chat_id, message.message_id))
    await best_effort(update.callback_query.answer(translate("stopping" if stopped else "nothing-to-stop")))
    if not stopped:
        await best_effort(message.edit_reply_markup(None))


async def _photo_of_menu(update: Update, context: Context, translate: Translate) -> Photo | None:
    """The photo that a menu hangs under. Where it was deleted, say so and take the buttons away."""
    message = update.effective_message
    photo = menu.photo_of(message.reply_to_message)
    if photo is None:
        await best_effort(update.callback_query.answer())
        await context.show(message, translate("photo-gone"))
    return photo


def _job(update: Update, language: str, key: JobKey, photo: Photo, callback: Apply) -> Job:
    return Job(key, update.effective_user.id, language, SHELF[callback.tool], unpacked(callback.settings), photo)
