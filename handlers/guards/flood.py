"""Who sends faster than they can be answered: what is too much is left out, and they hear so once."""

from telegram import Update

from bot.services import Services
from bot.texts import choose


async def too_much(services: Services, update: Update) -> None:
    """In the language that Telegram tells of: nothing is looked up for a flood."""
    language = choose(update.effective_user.language_code)
    services.ops.metrics.limits.labels("flood").inc()
    await services.ops.counters.count("limit", outcome="flood", language=language)
    await services.ops.notifier.tell(update.effective_user.id, language, "flood")
