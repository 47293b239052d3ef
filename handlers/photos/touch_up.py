"""Where a cut-out went wrong: name the cells of its quick look that have too little or too much, and it is done anew.

The keyboard under the quick look is the whole state: each cell carries what its tap would make of all of them. A tap
that this keyboard does not carry was never offered. Doing it anew is free: the photo was paid for.
"""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

from bot.botapi.updates import after_turn
from bot.domain.settings_codec import packed, unpacked
from bot.photos.photo_jobs import Job
from bot.texts import Translate
from bot.tools.shelf import SHELF
from bot.tools.subject import CELLS, NAMES
from handlers.callbacks import TouchUp, button, refuse
from handlers.context import Context, best_effort, language_of
from handlers.photos import job, menu

_MARKS = {"keep": "➕", "erase": "➖"}
_TOOL = next(tool for tool in SHELF.values() if tool.hints)


async def touch_up(update: Update, context: Context, callback: TouchUp) -> None:
    """Open the cells, change one of them, close them, or begin."""
    message = update.effective_message
    person, translate = await context.person(update)
    photo = menu.photo_of(message.reply_to_message)
    if not _is_offered(update, callback):
        await refuse(update, context, "tap-too-old")
        return
    if photo is None:
        await refuse(update, context, "photo-gone")
        return
    if _is_replaced(message):
        await refuse(update, context, "photo-replaced")
        return
    buttons = (
        _cells(translate, callback.settings)
        if callback.step == "on"
        else menu.under_preview(translate, callback.settings)
    )
    await best_effort(message.edit_reply_markup(buttons))  # before the answer, until which the next tap waits
    await best_effort(update.callback_query.answer())
    if callback.step == "go":
        photo_id = message.reply_to_message.message_id
        key, language = await job.announce(context, message.chat_id, translate, photo_id), language_of(person, update)
        work = Job(key, update.effective_user.id, language, _TOOL, unpacked(callback.settings), photo)
        after_turn(job.run(context, work, photo_id, translate, update.update_id, credits=0))


def _is_replaced(preview: Message) -> bool:
    """True if an edit came after the preview: the photo that is there now was not paid for."""
    edited_at = preview.reply_to_message.edit_date
    return edited_at is not None and edited_at >= preview.date


def _is_offered(update: Update, callback: TouchUp) -> bool:
    markup = update.effective_message.reply_markup
    return bool(markup) and callback.pack() in [each.callback_data for row in markup.inline_keyboard for each in row]


def _cells(translate: Translate, shown: str) -> InlineKeyboardMarkup:
    settings = unpacked(shown)
    cells = [_cell(settings, name) for name in NAMES]
    rows = [cells[first : first + CELLS] for first in range(0, len(cells), CELLS)]
    close = button(translate("cancel"), TouchUp(shown, "no"))
    if any(settings.get(mark) for mark in _MARKS):
        rows.append([close, button(translate("mend-go"), TouchUp(shown, "go"))])
    else:
        rows.append([close])
    return InlineKeyboardMarkup(rows)


def _cell(settings: dict[str, str], name: str) -> InlineKeyboardButton:
    """As it is; a tap makes it the next of: as found, too little, too much."""
    now = next((mark for mark in _MARKS if name in settings.get(mark, "")), None)
    after = {None: "keep", "keep": "erase", "erase": None}[now]
    changed = dict(settings)
    for mark in _MARKS:
        names = set(settings.get(mark, "")) - {name} | ({name} if mark == after else set())
        changed[mark] = "".join(sorted(names))
    after_it = packed({key: value for key, value in changed.items() if value})
    return button(_MARKS[now] if now else name.upper(), TouchUp(after_it, "on"))
