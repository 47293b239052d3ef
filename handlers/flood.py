"""Who sends faster than they can be answered: what is too much is left out, and they hear so once."""

from typing import TYPE_CHECKING

from telegram import Update

from bot.texts import choose

if TYPE_CHECKING:
    from bot.app import House


async def too_much(house: "House", update: Update) -> None:
    """In the language that Telegram tells of: nothing is looked up for a flood."""
    language = choose(update.effective_user.language_code)
    house.metrics.limits.labels("flood").inc()
    await house.counters.count("limit", outcome="flood", language=language)
    await house.notices.tell(update.effective_user.id, language, "flood")
