"""/stats for operators: how the service is used, as a picture and in words. Drawn from counters, which know nobody.

Only the time to a first answer is read from tickets, without whose they are.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta

from telegram import Update

from bot.domain.prices import PRINT_CURRENCY
from bot.ops import usage
from bot.ops.chart import AMBER, BLUE, GREEN, RED, VIOLET, Panel, Share, draw
from bot.ops.usage import Usage
from bot.texts import DEFAULT, price, translator
from handlers.context import Context, answering, reply

_SPAN, _LONGEST_SPAN = 30, 366  # days
_MOST_SHARES = 10

_translate = translator(DEFAULT)


async def stats(update: Update, context: Context) -> None:
    """Of the last 30 days, or as many as are named."""
    span = _span(context.args)
    if span is None:
        await reply(update, context, _translate("operators-how-stats", most=_LONGEST_SPAN))
        return
    today = datetime.now(UTC).date()
    first = today - timedelta(days=span - 1)
    counts = await context.services.ops.counters.since(first.isoformat())
    since = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    answers = await context.services.support.tickets.first_answer_times(since)
    found = usage.read(counts, answers, today, span)
    picture = await asyncio.to_thread(_picture, found)
    message = update.effective_message
    await context.bot.send_photo(
        message.chat_id,
        picture,
        caption=_caption(found),
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_parameters=answering(message.message_id),
    )


def _span(args: list[str]) -> int | None:
    """None where it makes no sense."""
    if not args:
        return _SPAN
    if len(args) > 1 or not (args[0].isascii() and args[0].isdecimal() and len(args[0]) < 5):
        return None
    return int(args[0]) if 1 <= int(args[0]) <= _LONGEST_SPAN else None


def _picture(found: Usage) -> bytes:
    nothing = _translate("stats-nothing")
    done, failed = sum(found.done), sum(found.failed)
    panels = [
        Panel(
            _translate("stats-photos"),
            [_noted("stats-done", done, BLUE), _noted("stats-failed", failed, RED)],
            found.photos,
            nothing,
        ),
        Panel(
            _translate("stats-waited"),
            [_noted("stats-jobs", sum(found.waited), AMBER)],
            [found.waited],
            _translate("stats-none"),
        ),
        Panel(_translate("stats-sales"), [_noted("stats-stars", sum(found.stars), GREEN)], [found.earned], nothing),
        Panel(_translate("stats-answers"), [_noted("stats-tickets", found.answers, VIOLET)], [found.minutes], nothing),
    ]
    shares = [
        Share(tool, good, total, _translate("stats-good-of", good=good, total=total))
        for tool, (good, total) in list(found.ratings.items())[:_MOST_SHARES]
    ]
    first, last = found.days[0], found.days[-1]
    middle = _day(found.days[len(found.days) // 2]) if len(found.days) > 2 else ""
    days = ["", _day(first), ""] if first == last else [_day(first), middle, _day(last)]
    return draw(_heading(first, last), days, panels, _translate("stats-good"), shares)


def _noted(key: str, count: int, colour: str) -> tuple[str, str]:
    return _translate(key, count=count), colour


def _heading(first: date, last: date) -> str:
    days = (first,) if first == last else (first, last)
    return " - ".join(f"{_day(day)} {day.year}" for day in days)


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _caption(found: Usage) -> str:
    answer = "" if found.median is None else _translate("stats-caption-answer", minutes=round(found.median))
    figures = {
        "days": len(found.days),
        "done": sum(found.done),
        "failed": sum(found.failed),
        "waited": sum(found.waited),
        "refused": found.refused,
        "sales": found.sales,
        "stars": sum(found.stars),
        "money": price(_translate, found.cents, PRINT_CURRENCY),
        "refunds": found.refunds,
    }
    return "\n".join(filter(None, (_translate("stats-caption", **figures), answer)))
