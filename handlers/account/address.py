"""The questions about e-mail: which address receipts go to, and whether answers of the operators go there, too."""

from email_validator import EmailNotValidError, validate_email
from telegram import InlineKeyboardMarkup

from bot.texts import Translate, translator
from handlers.callbacks import Email, button
from handlers.context import Context


async def ask(context: Context, user_id: int, language: str, about: str) -> None:
    """Why, what for, how long; their next message is the address. `about` goes on when it is confirmed."""
    translate = translator(language)
    await context.services.users.confirmations.begin(user_id, about, language)
    text = f"{translate('email-ask')}\n\n{_why(context, translate)}"
    label = translate("email-without" if about else "cancel")
    await context.say(user_id, text, InlineKeyboardMarkup([[button(label, Email("without", about))]]))


def spelled(typed: str) -> str | None:
    """One address, as every mail server takes it; None for what is none."""
    try:
        return validate_email(typed, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None


async def offer_copies(context: Context, user_id: int, translate: Translate) -> None:
    """Once a person, with their first request."""
    known = await context.services.users.addresses.find(user_id)
    if not context.services.mail.is_open or known.copies is not None:
        return
    text = translate("email-ask-copies")
    if not known.works:
        text = f"{text}\n\n{_why(context, translate)}"
    row = [button(translate("email-yes"), Email("copies", "")), button(translate("email-no"), Email("no-copies", ""))]
    await context.say(user_id, text, InlineKeyboardMarkup([row]))


def _why(context: Context, translate: Translate) -> str:
    days = context.services.settings.keep_email_days
    until = translate("email-until-unused", days=days) if days else translate("email-until-removed")
    return f"{translate('email-why')} {until}"
