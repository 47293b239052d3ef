"""The policy in plain words, the table of all that is kept, and the way out of one's consent."""

from telegram import InlineKeyboardMarkup, InputFile, Update

from bot.privacy import retention_page
from bot.texts import Translate
from handlers.callbacks import Consent, Kept, button, refuse
from handlers.context import POLICY_VERSION, Context, best_effort, has_agreed


async def privacy(update: Update, context: Context) -> None:
    person, translate = await context.person(update)
    rows = [[button(translate("kept-table"), Kept())]]
    if has_agreed(person):
        rows.append([button(translate("consent-withdraw"), Consent("ask"))])
    await context.say(update.effective_chat.id, _policy(context, translate), InlineKeyboardMarkup(rows))


def _policy(context: Context, translate: Translate) -> str:
    """As the settings make it true."""
    settings = context.services.settings
    return translate(
        "privacy",
        version=POLICY_VERSION,
        ticketdays=settings.keep_closed_tickets_days or 0,
        maildays=settings.keep_email_days or 0,
        analytics="yes" if context.services.ops.ga4 else "no",
        prints="yes" if settings.sells_prints else "no",
    )


async def table(update: Update, context: Context, callback: Kept) -> None:
    """Every column of the database: why, how long, who sees it. A page, since it is longer than any message."""
    _, translate = await context.person(update)
    await best_effort(update.callback_query.answer())
    page = retention_page.page(translate, POLICY_VERSION)
    message = await context.bot.send_document(
        update.effective_chat.id, InputFile(page, filename="darkroom-privacy.html"), caption=translate("kept-caption")
    )
    await context.services.users.messages.add(message.chat_id, message.message_id)


async def withdraw_consent(update: Update, context: Context, callback: Consent) -> None:
    """Two steps. After the second no photo is taken until they agree again; what they bought stays theirs."""
    _, translate = await context.person(update)
    message, user_id = update.effective_message, update.effective_user.id
    if callback.step == "ask":
        await best_effort(update.callback_query.answer())
        sure = [[button(translate("consent-withdraw"), Consent("sure"))], [button(translate("cancel"), Consent("no"))]]
        await context.show(message, translate("consent-sure"), InlineKeyboardMarkup(sure))
    elif callback.step == "sure":
        await best_effort(update.callback_query.answer())
        await context.services.users.people.withdraw_consent(user_id)
        await context.services.photos.jobs.stop_all(user_id)
        await context.services.photos.pending.drop(user_id)
        await context.show(message, translate("consent-withdrawn"))
    elif callback.step == "no":
        await best_effort(update.callback_query.answer())
        await context.show(message, translate("consent-stays"))
    else:
        await refuse(update, context, "tap-too-old")
