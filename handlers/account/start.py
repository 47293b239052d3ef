"""First contact: what Darkroom is, the promise, and the consent without which no photo is touched."""

from telegram import InlineKeyboardMarkup, Message, Update

from bot.texts import Translate
from handlers.callbacks import Agree, button
from handlers.context import POLICY_VERSION, Context, best_effort, has_agreed, help_text, language_of


async def start(update: Update, context: Context) -> None:
    person, translate = await context.person(update)
    if has_agreed(person):
        await context.say(update.effective_chat.id, translate("start-again"))
    else:
        await ask_consent(update, context, translate)


async def help_(update: Update, context: Context) -> None:
    _, translate = await context.person(update)
    await context.say(update.effective_chat.id, help_text(context, translate))


async def ask_consent(update: Update, context: Context, translate: Translate, photo_id: int | None = None) -> Message:
    """The promise with one button. Where a photo came first, this replies to it, so that the tap brings it along."""
    buttons = InlineKeyboardMarkup([[button(translate("agree"), Agree())]])
    return await context.say(update.effective_chat.id, translate("promise"), buttons, photo_id)


async def record_consent(update: Update, context: Context) -> None:
    """Keep which version they agreed to, and when."""
    await context.services.users.people.agree(update.effective_user.id, POLICY_VERSION)
    person = await context.services.users.people.find(update.effective_user.id)
    await context.services.ops.counters.count("consent", outcome="given", language=language_of(person, update))
    await best_effort(update.callback_query.answer())
