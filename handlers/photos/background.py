"""Custom backgrounds for a cut-out: a typed colour, or the next photo."""

from telegram import InlineKeyboardMarkup, Update
from telegram.ext import ApplicationHandlerStop

from bot.botapi.updates import after_turn
from bot.domain.prices import tool_credits
from bot.domain.values import Photo
from bot.photos.photo_jobs import Job
from bot.texts import Translate
from bot.tools.cutout import hex_of
from bot.tools.shelf import SHELF
from handlers.account.start import ask_consent
from handlers.callbacks import AskForBackground, Buy, Pick, button, refuse
from handlers.context import Context, best_effort, has_agreed, language_of, take_away
from handlers.photos import job, menu
from storage.pending_inputs import PendingInput


async def ask(update: Update, context: Context, callback: AskForBackground) -> None:
    """The menu becomes the question. Who cannot pay for the job hears so now, not after sending a photo."""
    message, user_id = update.effective_message, update.effective_user.id
    person, translate = await context.person(update)
    photo = menu.photo_of(message.reply_to_message)
    tool = SHELF.get(callback.tool)
    if photo is None or tool is None or callback.kind not in ("colour", "photo"):
        await refuse(update, context, "photo-gone" if photo is None else "tap-too-old")
        return
    await best_effort(update.callback_query.answer())
    if not has_agreed(person):
        await ask_consent(update, context, translate, message.reply_to_message.message_id)
        return
    back = [button(translate("back"), Pick(tool.slug))]
    credits, balance = tool_credits(tool.slug), await context.services.shop.ledger.balance(user_id)
    if balance < credits:
        text = translate("error-short", credits=credits, balance=balance)
        rows = [[button(translate("buy"), Buy())], back]
    else:
        pending = PendingInput(
            user_id, callback.kind, tool.slug, photo, message.reply_to_message.message_id, message.message_id
        )
        await context.services.photos.pending.make(pending)
        text, rows = translate("wish-colour" if callback.kind == "colour" else "wish-photo"), [back]
    await best_effort(message.edit_text(text, reply_markup=InlineKeyboardMarkup(rows)))


async def intake(update: Update, context: Context) -> None:
    """Before the routing table: what was asked for goes no further."""
    message = update.effective_message
    if message.media_group_id or menu.photo_of(message.reply_to_message):  # an album, or words about a photo
        return
    taken = await (_take_words if message.text else _take_photo)(update, context)
    if taken:
        raise ApplicationHandlerStop


async def _take_photo(update: Update, context: Context) -> bool:
    photo = menu.photo_of(update.effective_message)
    pending = photo and await context.services.photos.pending.take(update.effective_user.id, "photo", update.update_id)
    if pending:
        await _begin(update, context, pending, {SHELF[pending.tool].second: "photo"}, photo)
    return bool(pending)


async def _take_words(update: Update, context: Context) -> bool:
    """What is no colour is told so, and waited for again."""
    message, user_id = update.effective_message, update.effective_user.id
    colour = hex_of(message.text)
    if colour is None:
        if await context.services.photos.pending.waits(user_id, "colour"):
            _, translate = await context.person(update)
            await context.say(message.chat_id, translate("wish-no-colour"), reply_to=message.message_id)
            return True
    elif pending := await context.services.photos.pending.take(user_id, "colour", update.update_id):
        await _begin(update, context, pending, {SHELF[pending.tool].second: colour})
        return True
    return False


async def _begin(
    update: Update,
    context: Context,
    pending: PendingInput,
    settings: dict[str, str],
    background_photo: Photo | None = None,
) -> None:
    person, translate = await context.person(update)
    await take_away(context.bot, pending.user_id, pending.prompt_id, translate("goes-on-elsewhere"))
    key = await job.announce(context, pending.user_id, translate, pending.message_id)
    work = Job(
        key,
        pending.user_id,
        language_of(person, update),
        SHELF[pending.tool],
        settings,
        pending.photo,
        background_photo,
    )
    after_turn(_run(context, work, pending, translate, update.update_id))


async def _run(context: Context, work: Job, pending: PendingInput, translate: Translate, update_id: int) -> None:
    await job.run(context, work, pending.message_id, translate, update_id)
    await context.services.photos.pending.drop(pending.user_id)
