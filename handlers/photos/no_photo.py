"""What is no photo: each kind of message is told what it is and what to do instead."""

from telegram import Message, Update

from handlers.context import Context

# With a sentence of their own, `refuse-<kind>`. A kind that Telegram sends as another one, too, comes first.
_SPECIAL = (
    "animation",
    "live_photo",
    "video",
    "video_note",
    "voice",
    "audio",
    "sticker",
    "document",
    "story",
    "paid_media",
)
# In one sentence that names them.
NAMED = (
    "checklist",
    "contact",
    "venue",
    "location",
    "poll",
    "dice",
    "game",
    "invoice",
    "giveaway",
    "giveaway_winners",
    "rich_message",
    "passport_data",
)
KINDS = (*_SPECIAL, *NAMED)


async def refuse(update: Update, context: Context) -> None:
    """Say what would be a photo."""
    message = update.effective_message
    _, translate = await context.person(update)
    kind = next((kind for kind in KINDS if _is(message, kind)), "other")
    if message.text:
        text = translate("unknown-command" if message.text.startswith("/") else "send-a-photo")
    elif kind in _SPECIAL:
        text = translate(f"refuse-{kind.replace('_', '-')}")
    else:
        text = translate("refuse-kind", kind=kind.replace("_", "-"))
    await context.decline(message, text)


def _is(message: Message, kind: str) -> bool:
    """Also one that is newer than python-telegram-bot, which leaves it as it came."""
    return bool(getattr(message, kind, None) or message.api_kwargs.get(kind))
