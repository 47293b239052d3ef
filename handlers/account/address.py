"""The questions about e-mail: which address receipts go to, and whether answers of the operators go there, too."""

from email_validator import EmailNotValidError, validate_email
from telegram import InlineKeyboardMarkup

from bot.texts import Words
from bot.texts import words as words_of
from handlers.callbacks import Email, button
from handlers.context import Context


async def ask(context: Context, user_id: int, language: str, about: str) -> None:
    """Why, what for, how long; their next message is the address. `about` goes on when it is confirmed."""
    words = words_of(language)
    await context.services.users.confirmations.begin(user_id, about, language)
    text = f"{words('email-ask')}\n\n{_why(context, words)}"
    label = words("email-without" if about else "cancel")
    await context.say(user_id, text, InlineKeyboardMarkup([[button(label, Email("without", about))]]))


def spelled(typed: str) -> str | None:
    """One address, as every mail server takes it; None for what is none."""
    try:
        return validate_email(typed, check_deliverability=False, allow_smtputf8=False).ascii_email
    except EmailNotValidError:
        return None


async def offer_copies(context: Context, user_id: int, words: Words) -> None:
    """Once a person, with their first request."""
    known = await context.services.users.addresses.find(user_id)
    if not context.services.mail.is_open or known.copies is not None:
        return
    text = words("email-ask-copies")
    if not known.works:
        text = f"{text}\n\n{_why(context, words)}"
    row = [button(words("email-yes"), Email("copies", "")), button(words("email-no"), Email("no-copies", ""))]
    await context.say(user_id, text, InlineKeyboardMarkup([row]))


def _why(context: Context, words: Words) -> str:
    days = context.services.settings.keep_email_days
    until = words("email-until-unused", days=days) if days else words("email-until-removed")
    return f"{words('email-why')} {until}"
