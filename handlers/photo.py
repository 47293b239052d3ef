"""Walk 1: a photo comes, the menu hangs under it, a tap runs a tool, the result goes back."""

import asyncio
import re

from telegram import InlineKeyboardMarkup, InputFile, Message, Update
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.editing import Job
from bot.errors import DarkroomError, Reason, Refused
from bot.memfile import MemFile
from bot.model import MIB, SUFFIXES, Photo
from bot.sandbox import Developed
from bot.texts import Words
from bot.tools import SHELF
from bot.updates import afterwards
from handlers import menu, report
from handlers.context import Context, answering, courtesy, has_agreed, language_of
from handlers.progress import Progress
from handlers.start import ask_consent, record_consent
from handlers.taps import Agree, Apply, Menu, Pick, Stop, refuse


async def offer_tools(update: Update, context: Context) -> None:
    """Hang the menu under a photo; without consent, the promise first."""
    message = update.effective_message
    photo = menu.photo_of(message)
    person, words = await context.person(update)
    if photo is None:
        await context.say(message.chat_id, words("refuse-document"), reply_to=message.message_id)
    elif photo.size > context.house.settings.max_input_mb * MIB:
        error = Refused(Reason.TOO_MANY_BYTES, context.house.settings.max_input_mb)
        await context.say(message.chat_id, words(error.key, **error.values), reply_to=message.message_id)
    elif not has_agreed(person):
        await ask_consent(update, context, words, message.message_id)
    else:
        await _hang_menu(update, context, message, photo, words, hint=not person.hinted)


async def agree(update: Update, context: Context, tap: Agree) -> None:
    """Consent given; the photo that came first goes on."""
    await record_consent(update, context)
    message = update.effective_message
    person, words = await context.person(update)
    photo = menu.photo_of(message.reply_to_message)
    await courtesy(message.edit_text(words("agreed-photo" if photo else "agreed")))
    if photo:
        await _hang_menu(update, context, message.reply_to_message, photo, words, hint=not person.hinted)


async def _hang_menu(
    update: Update, context: Context, message: Message, photo: Photo, words: Words, hint: bool = False
) -> None:
    text = words("menu")
    if photo.compressed and hint:
        text += "\n\n" + words("hint-compressed")
        await context.house.people.hint(update.effective_user.id)
    await context.say(message.chat_id, text, menu.tools(words), message.message_id)


async def show_menu(update: Update, context: Context, tap: Menu) -> None:
    """All tools."""
    _, words = await context.person(update)
    await _show(update, context, words, words("menu"), menu.tools(words))


async def pick_tool(update: Update, context: Context, tap: Pick) -> None:
    """A tool's settings."""
    _, words = await context.person(update)
    tool = SHELF.get(tap.tool)
    if tool is None:
        await refuse(update, context, "tap-too-old")
    else:
        await _show(update, context, words, words(f"choose-{tool.slug}"), menu.presets(words, tool))


async def _show(update: Update, context: Context, words: Words, text: str, buttons: InlineKeyboardMarkup) -> None:
    """In place on a menu; as a new message under the photo when asked from a result."""
    message = update.effective_message
    if await _photo_behind(update, context, words) is None:
        return
    await courtesy(update.callback_query.answer())
    if message.document:
        await context.say(message.chat_id, text, buttons, message.reply_to_message.message_id)
    else:
        await courtesy(message.edit_text(text, reply_markup=buttons))


async def apply_tool(update: Update, context: Context, tap: Apply) -> None:
    """Run it. The menu becomes the progress message; the work goes on after the person's turn."""
    message = update.effective_message
    person, words = await context.person(update)
    photo = await _photo_behind(update, context, words)
    if photo is None:
        return
    if not has_agreed(person):
        await courtesy(update.callback_query.answer())
        await ask_consent(update, context, words, message.reply_to_message.message_id)
    elif context.house.editing.has((message.chat_id, message.message_id)):
        await courtesy(update.callback_query.answer(words("already-working")))
    elif tap.tool not in SHELF:
        await refuse(update, context, "tap-too-old")
    else:
        await courtesy(update.callback_query.answer())
        job = _job(update, language_of(person, update), message.message_id, photo, tap)
        afterwards(_run(context, job, message.reply_to_message.message_id, words))


async def apply_words(update: Update, context: Context) -> None:
    """A reply to a photo with a size, a weight or a format: "1200", "50%", "800x600", "300 KB", "webp"."""
    message = update.effective_message
    person, words = await context.person(update)
    photo = menu.photo_of(message.reply_to_message)
    settings = typed_settings(message.text)
    if photo is None or settings is None:
        await context.say(message.chat_id, words("say-size" if photo else "send-a-photo"), reply_to=message.message_id)
    elif not has_agreed(person):
        await ask_consent(update, context, words, message.reply_to_message.message_id)
    else:
        photo_id = message.reply_to_message.message_id
        progress = await context.say(message.chat_id, words("stage-fetching"), menu.stop(words), photo_id)
        tap = Apply("resize", settings)
        job = _job(update, language_of(person, update), progress.message_id, photo, tap)
        afterwards(_run(context, job, photo_id, words))


_TYPED = (
    (re.compile(r"(\d{1,5})(?:\s*(?:px|pixels?))?"), "longest={0}"),
    (re.compile(r"(\d{1,3})\s*%"), "percent={0}"),
    (re.compile(r"(\d{1,5})\s*[x×*]\s*(\d{1,5})"), "width={0};height={1}"),
    (re.compile(r"(?:under\s*|<\s*)?(\d{1,5})\s*kb"), "percent=100;under_kb={0}"),
    (re.compile(r"(?:under\s*|<\s*)?(\d{1,2})\s*mb"), "percent=100;under_kb={0}000"),
    (re.compile(r"jpe?g"), "percent=100;format=jpeg"),
    (re.compile(r"(png|webp|avif)"), "percent=100;format={0}"),
)


def typed_settings(text: str) -> str | None:
    """Settings of `resize` in a person's own spelling; None when it is something else."""
    wanted = text.strip().lower()
    found = ((pattern.fullmatch(wanted), settings) for pattern, settings in _TYPED)
    return next((settings.format(*match.groups()) for match, settings in found if match), None)


async def stop(update: Update, context: Context, tap: Stop) -> None:
    message = update.effective_message
    _, words = await context.person(update)
    stopped = context.house.editing.stop((message.chat_id, message.message_id))
    await courtesy(update.callback_query.answer(words("stopping" if stopped else "nothing-to-stop")))
    if not stopped:
        await courtesy(message.edit_reply_markup(None))


async def _photo_behind(update: Update, context: Context, words: Words) -> Photo | None:
    """The photo that a menu hangs under. Where it was deleted, say so and take the buttons away."""
    message = update.effective_message
    photo = menu.photo_of(message.reply_to_message)
    if photo is None:
        await courtesy(update.callback_query.answer())
        if message.document:
            await context.say(message.chat_id, words("photo-gone"))
        else:
            await courtesy(message.edit_text(words("photo-gone")))
    return photo


def _job(update: Update, language: str, progress_id: int, photo: Photo, tap: Apply) -> Job:
    settings = dict(pair.split("=", 1) for pair in tap.settings.split(";") if "=" in pair)
    key = (update.effective_chat.id, progress_id)
    return Job(key, update.effective_user.id, language, SHELF[tap.tool], settings, photo)


async def _run(context: Context, job: Job, photo_id: int, words: Words) -> None:
    chat_id, progress_id = job.key
    progress = Progress(context.bot, chat_id, progress_id, words)

    async def fetch(into: MemFile) -> None:
        await _fetch(context, job.photo, into)

    async def deliver(developed: Developed, held: float) -> None:
        await _send(context, job, photo_id, developed, held, words)
        await progress.remove()  # still part of the job: a second tap on this menu finds it at work, or finds no menu

    try:
        job.tool.parse(job.settings)
        await context.house.editing.run(job, fetch, progress.show, deliver)
    except DarkroomError as error:
        await progress.end(words(error.key, **error.values), menu.tools(words))
    except Exception as error:
        key = "error-not-delivered" if isinstance(error, TelegramError) else "error-unexpected"
        await progress.end(words(key), menu.tools(words))
        raise
    finally:
        progress.close()


async def _fetch(context: Context, photo: Photo, into: MemFile) -> None:
    """Download it into memory; a connection that breaks in the middle is tried anew, from the start."""
    most = context.house.settings.max_input_mb
    try:
        file = await context.bot.get_file(photo.file_id)
    except BadRequest as error:
        if "too big" in error.message:
            raise Refused(Reason.TOO_MANY_BYTES, most) from None
        raise
    for pause in (1, 2, None):
        try:
            await context.house.transport.fetch(file.file_path, into, most * MIB)
            return
        except NetworkError:
            if pause is None:
                raise
            await asyncio.sleep(pause)


async def _send(context: Context, job: Job, photo_id: int, developed: Developed, held: float, words: Words) -> None:
    about = developed.about
    name = f"{job.photo.stem}-{job.tool.slug}.{SUFFIXES[about.format]}"
    message = await context.bot.send_document(
        job.key[0],
        InputFile(developed.file, filename=name, read_file_handle=False),  # type: ignore[arg-type]
        caption=report.caption(words, job.tool, developed, held),
        reply_markup=menu.after_result(words, job.tool),
        reply_parameters=answering(photo_id),
        disable_content_type_detection=True,
    )
    await context.house.messages.add(job.key[0], message.message_id)
