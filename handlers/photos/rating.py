"""How good a result is: one tap, counted without anybody's number."""

from telegram import InlineKeyboardMarkup, Update
from telegram.error import BadRequest

from handlers.callbacks import Rate
from handlers.context import Context, best_effort, language_of


async def rate(update: Update, context: Context, callback: Rate) -> None:
    """Count it if the two buttons were still there to be taken away: so two taps at once count once, and none twice."""
    person, translate = await context.person(update)
    if await _taken_away(update, callback):
        await context.services.ops.counters.count(
            "rating", f"{callback.tool} {callback.version}", callback.verdict, language_of(person, update)
        )
    await best_effort(update.callback_query.answer(translate("rated")))


async def _taken_away(update: Update, callback: Rate) -> bool:
    """Whether this tap took the verdicts off the message. One that its buttons do not carry was never offered."""
    message = update.effective_message
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    if callback.pack() not in [button.callback_data for row in rows for button in row]:
        return False
    others = [row for row in rows if not any(Rate.unpack(str(button.callback_data)) for button in row)]
    try:
        await message.edit_reply_markup(InlineKeyboardMarkup(others))
    except BadRequest:  # gone already, or the message is
        return False
    return True
