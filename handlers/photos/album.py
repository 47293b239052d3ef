"""Albums: photos that come together get one menu, one job, one bill, and come back together."""

import asyncio
from weakref import WeakValueDictionary

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest

from bot.botapi.updates import after_turn
from bot.domain.settings_codec import unpacked
from bot.domain.values import MIB, Photo
from bot.photos.photo_jobs import Job
from bot.texts import Translate
from bot.tools.shelf import SHELF
from handlers.account.start import ask_consent
from handlers.callbacks import ApplyAll, MenuAll, PickAll, refuse
from handlers.context import Context, best_effort, has_agreed, language_of
from handlers.photos import album_job, menu
from storage.albums import Album

_QUIET_SECONDS = 1.0  # without news: it is complete. Telegram tells neither how many there are nor which is the last
_LONGEST_SECONDS = 3.0  # after which its menu hangs with the next look

_hanging: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()  # one menu each, not two at once


async def arrive(update: Update, context: Context) -> None:
    """One message of an album. Its update counts as handled only when the menu hangs, so a crash does not lose it."""
    message = update.effective_message
    photo = _photo_of(context, message)
    await context.services.photos.albums.add(message.chat_id, message.media_group_id, message.message_id, photo)
    after_turn(_gather(update, context))


async def replace(update: Update, context: Context) -> None:
    """An edit put something else into one of its messages. Its menu counts anew if there are more photos or fewer."""
    message, albums = update.effective_message, context.services.photos.albums
    key = message.chat_id, message.media_group_id
    before = await albums.find(*key)
    await albums.replace(message.chat_id, message.message_id, _photo_of(context, message))
    if before and before.menu_id:
        after_turn(_count_anew(update, context, len(before.photos)))


async def _count_anew(update: Update, context: Context, photos: int) -> None:
    message = update.effective_message
    key = message.chat_id, message.media_group_id
    async with _turn(*key):
        album = await context.services.photos.albums.find(*key)
        if album and album.menu_id and len(album.photos) != photos:
            await _hang(update, context, album, message.media_group_id)


def _photo_of(context: Context, message: Message) -> Photo | None:
    """None for what is no photo, or too large."""
    photo = menu.photo_of(message)
    return photo if photo and photo.size <= context.services.settings.max_input_mb * MIB else None


def _turn(chat_id: int, number: str) -> asyncio.Lock:
    return _hanging.setdefault((chat_id, number), asyncio.Lock())


async def _gather(update: Update, context: Context) -> None:
    """The newest of its messages hangs the menu; who comes after that has it hang anew, for one more."""
    message = update.effective_message
    await asyncio.sleep(_QUIET_SECONDS)
    key = message.chat_id, message.media_group_id
    async with _turn(*key):
        album = await context.services.photos.albums.find(*key)
        if album and (album.newest_id == message.message_id or _is_due(album)):
            await _hang(update, context, album, message.media_group_id)


def _is_due(album: Album) -> bool:
    return album.menu_id is None and album.age >= _LONGEST_SECONDS


async def _hang(update: Update, context: Context, album: Album, number: str) -> None:
    """The promise, or the menu: in place of the one that hangs already; below where that was deleted or is used."""
    person, translate = await context.person(update)
    if album.photos and not has_agreed(person):
        if album.menu_id is None:
            shown = await ask_consent(update, context, translate, album.message_ids[0])
            await context.services.photos.albums.hung(update.effective_chat.id, number, shown.message_id)
    elif album.menu_id is None or not await _hangs_anew(context, update.effective_chat.id, album, translate):
        await _hang_menu(update, context, album, number, translate, hint=not person.hinted)


async def _hangs_anew(context: Context, chat_id: int, album: Album, translate: Translate) -> bool:
    """False where its menu was deleted."""
    text, buttons = _text(context, translate, album), _buttons(translate, album)
    try:
        await context.bot.edit_message_text(text, chat_id, album.menu_id, reply_markup=buttons)
    except BadRequest as error:
        return "not modified" in error.message
    return True


async def _hang_menu(
    update: Update, context: Context, album: Album, number: str, translate: Translate, hint: bool = False
) -> None:
    chat_id, text = update.effective_chat.id, _text(context, translate, album)
    if hint and any(photo.compressed for photo in album.photos):
        text += "\n\n" + translate("hint-compressed")
        await context.services.users.people.hint(update.effective_user.id)
    reply_to = album.message_ids[0] if album.photos else album.first_id
    shown = await context.say(chat_id, text, _buttons(translate, album), reply_to)
    await context.services.photos.albums.hung(chat_id, number, shown.message_id)


def _buttons(translate: Translate, album: Album) -> InlineKeyboardMarkup | None:
    return menu.tools(translate, len(album.photos)) if album.photos else None


def _text(context: Context, translate: Translate, album: Album) -> str:
    limit = context.services.settings.max_input_mb
    if not album.photos:
        return translate("album-no-photos", limit=limit)
    count = len(album.photos)
    text = translate("album-menu", photos=count) if count > 1 else translate("menu")
    return f"{text}\n\n{translate('album-others', limit=limit)}" if album.others else text


async def agreed(update: Update, context: Context) -> bool:
    """Consent given under an album: its menu. False where it is none, or its hour is over."""
    message = update.effective_message
    photo = message.reply_to_message
    album = await context.services.photos.albums.find(message.chat_id, photo.media_group_id) if photo else None
    if album is None or not album.photos:
        return False
    person, translate = await context.person(update)
    await _hang_menu(update, context, album, photo.media_group_id, translate, hint=not person.hinted)
    return True


async def show_menu(update: Update, context: Context, callback: MenuAll) -> None:
    """All tools, in place."""
    _, translate = await context.person(update)
    if album := await _album_of_menu(update, context, translate):
        await best_effort(update.callback_query.answer())
        await _edit(update, _text(context, translate, album), menu.tools(translate, len(album.photos)))


async def pick_tool(update: Update, context: Context, callback: PickAll) -> None:
    """A tool's settings, and what it costs for all."""
    _, translate = await context.person(update)
    tool = SHELF.get(callback.tool)
    if tool is None:
        await refuse(update, context, "tap-too-old")
    elif album := await _album_of_menu(update, context, translate):
        await best_effort(update.callback_query.answer())
        await _edit(update, *await menu.choice(context, update.effective_user.id, translate, tool, len(album.photos)))
        after_turn(context.services.photos.jobs.warm(tool))


async def _edit(update: Update, text: str, buttons: InlineKeyboardMarkup) -> None:
    await best_effort(update.effective_message.edit_text(text, reply_markup=buttons))


async def apply_tool(update: Update, context: Context, callback: ApplyAll) -> None:
    """Run it on all of them. The menu becomes the progress message; the work goes on after the person's turn."""
    message = update.effective_message
    person, translate = await context.person(update)
    album = await _album_of_menu(update, context, translate)
    if album is None:
        return
    if context.services.photos.jobs.has((message.chat_id, message.message_id)):
        await best_effort(update.callback_query.answer(translate("already-working")))
    elif callback.tool not in SHELF:
        await refuse(update, context, "tap-too-old")
    else:
        await best_effort(update.callback_query.answer())
        key, who = (message.chat_id, message.message_id), update.effective_user.id
        settings = unpacked(callback.settings)
        work = Job(key, who, language_of(person, update), SHELF[callback.tool], settings, album.photos[0])
        async with _turn(message.chat_id, message.reply_to_message.media_group_id):  # no menu comes over its progress
            await context.services.photos.albums.used(*key)
        after_turn(album_job.run(context, work, album, translate, update.update_id))


async def _album_of_menu(update: Update, context: Context, translate: Translate) -> Album | None:
    """What a menu is for. Where that is forgotten, say so; the photo that the menu hangs under is still there."""
    message = update.effective_message
    photo = message.reply_to_message
    album = await context.services.photos.albums.find(message.chat_id, photo.media_group_id) if photo else None
    if album and album.photos:
        return album
    await best_effort(update.callback_query.answer())
    if menu.photo_of(photo) is None:
        await best_effort(message.edit_text(translate("photo-gone")))
    else:
        await best_effort(message.edit_text(translate("album-too-old"), reply_markup=menu.tools(translate)))
    return None
