"""What a menu of a tool asks for: a setting in words ("1200", "300 KB"), a colour, or a photo to put behind."""

from telegram import InlineKeyboardMarkup, Message, Update

from bot.botapi.updates import after_turn
from bot.domain.prices import tool_credits
from bot.domain.settings_codec import unpacked
from bot.domain.values import Photo, Tool
from bot.photos.photo_jobs import Job
from bot.texts import Translate
from bot.tools.cutout import hex_of
from bot.tools.shelf import SHELF
from handlers.account.start import ask_consent
from handlers.callbacks import AskForBackground, Buy, Pick, button, refuse
from handlers.context import Context, best_effort, has_agreed, language_of, take_away
from handlers.photos import job, menu
from storage.pending_inputs import PendingInput


async def ask_for_background(update: Update, context: Context, callback: AskForBackground) -> None:
    """The menu becomes the question. Who cannot pay for the job hears so now, not after sending a photo."""
    message, user_id = update.effective_message, update.effective_user.id
    _, translate = await context.person(update)
    photo = menu.photo_of(message.reply_to_message)
    tool = SHELF.get(callback.tool)
    if photo is None or tool is None or callback.kind not in ("colour", "photo"):
        await refuse(update, context, "photo-gone" if photo is None else "tap-too-old")
        return
    await best_effort(update.callback_query.answer())
    rows = [[button(translate("back"), Pick(tool.slug))]]
    credits, balance = tool_credits(tool.slug), await context.services.shop.ledger.balance(user_id)
    if balance < credits:
        text = translate("error-short", credits=credits, balance=balance)
        await context.show(message, text, InlineKeyboardMarkup([[button(translate("buy"), Buy())], *rows]))
        return
    shown = await context.show(message, translate(f"wish-{callback.kind}"), InlineKeyboardMarkup(rows))
    await _note(context, user_id, callback.kind, tool, photo, message.reply_to_message, shown)


async def ask_for_setting(context: Context, user_id: int, tool: Tool, photo_message: Message, shown: Message) -> None:
    """A menu of settings hangs under this photo: words that are one of them need not be a reply."""
    photo = menu.photo_of(photo_message)
    if photo and tool.slug in menu.UNDERSTAND_WORDS:
        await _note(context, user_id, "setting", tool, photo, photo_message, shown)


async def _note(
    context: Context, user_id: int, kind: str, tool: Tool, photo: Photo, photo_message: Message, shown: Message
) -> None:
    pending = PendingInput(user_id, kind, tool.slug, photo, photo_message.message_id, shown.message_id)
    await context.services.photos.pending.make(pending)


async def take(update: Update, context: Context) -> bool:
    """The answer to what was asked for. A word that is no colour is told so, and a colour is waited for again."""
    message, user_id = update.effective_message, update.effective_user.id
    pending = await context.services.photos.pending.find(user_id, update.update_id)
    if pending is None or message.media_group_id:
        return False
    person, translate = await context.person(update)
    settings, photo = _read(message, pending)
    if settings is None:
        if pending.kind == "colour" and message.text:
            await context.decline(message, translate("wish-no-colour"))
            return True
        return False
    if not has_agreed(person):
        await ask_consent(update, context, translate, pending.message_id)
        return True
    await context.services.photos.pending.answer(user_id, update.update_id)
    await take_away(context.bot, user_id, pending.prompt_id, translate("goes-on-elsewhere"))
    key = await job.announce(context, user_id, translate, pending.message_id)
    work = Job(key, user_id, language_of(person, update), SHELF[pending.tool], settings, pending.photo, photo)
    after_turn(_run(context, work, pending, translate, update.update_id))
    return True


def _read(message: Message, pending: PendingInput) -> tuple[dict[str, str] | None, Photo | None]:
    """The settings that the message means, and the photo to put behind, if that was asked for. Raises UsageError."""
    if pending.kind == "photo":
        photo = None if message.text else menu.photo_of(message)
        return ({SHELF[pending.tool].second: "photo"} if photo else None), photo
    if pending.kind == "colour":
        colour = hex_of(message.text) if message.text else None
        return ({SHELF[pending.tool].second: colour} if colour else None), None
    meant = menu.in_words(message.text) if message.text else None
    if meant is None or meant.tool != pending.tool:
        return None, None
    settings = unpacked(meant.settings)
    SHELF[pending.tool].parse(settings)  # out of range: they hear so, and the question stays
    return settings, None


async def _run(context: Context, work: Job, pending: PendingInput, translate: Translate, update_id: int) -> None:
    await job.run(context, work, pending.message_id, translate, update_id)
    await context.services.photos.pending.done(update_id)
