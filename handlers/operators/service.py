"""The operators' commands about the service as a whole: how it stands, what went wrong, and its pause."""

import shutil
import time
from dataclasses import fields

from telegram import Update

from bot.ops.error_reports import CODE, named
from bot.photos.rate_limits import RateLimits
from bot.texts import DEFAULT, moment, translator
from handlers.context import Context, reply
from storage.errors import Seen
from storage.job_runs import JobRun

_MOST_ERRORS = 10
_LONGEST_WORDS = 300  # characters of what operators say about a pause
_DAY = 24 * 3600
_GIB = 1 << 30

_translate = translator(DEFAULT)


async def pause(update: Update, context: Context) -> None:
    """Nothing new begins and nothing is sold; what comes waits. What the operators write with it is for people."""
    _, *words_for_people = update.effective_message.text.split(maxsplit=1)
    about = "".join(words_for_people)
    if len(about) > _LONGEST_WORDS:
        await reply(update, context, _translate("operators-pause-long", most=_LONGEST_WORDS))
        return
    await context.services.ops.pause.begin(about)
    context.services.photos.jobs.pause(about)
    await reply(update, context, _translate("operators-paused", at_work=context.services.photos.jobs.at_work))


async def resume(update: Update, context: Context) -> None:
    """What waited goes on, in its order."""
    waiting = context.services.photos.jobs.waiting
    news = await context.services.ops.pause.end()
    context.services.photos.jobs.pause(None)
    await reply(update, context, _translate("operators-resumed" if news else "operators-no-pause", waiting=waiting))


async def error(update: Update, context: Context) -> None:
    """The kind that a code leads to, which a person was told."""
    code = context.args[0].upper() if len(context.args) == 1 else ""
    if not CODE.fullmatch(code):
        await reply(update, context, _translate("operators-how-error"))
    elif seen := await context.services.ops.errors.find(code):
        await reply(update, context, _error(seen))
    else:
        await reply(update, context, _translate("operators-no-error", code=code))


async def status(update: Update, context: Context) -> None:
    """How the service stands, and what bounds its use."""
    parts = [
        *_troubles(context),
        await _groups(context),
        _work(context),
        _rules(context),
        _machine(context),
        await _runs(context),
        await _errors(context),
    ]
    await reply(update, context, "\n\n".join(parts))


def _troubles(context: Context) -> list[str]:
    """Parts without which the bot cannot serve, and why they fail."""
    troubles = context.services.ops.health.troubles
    return (
        [_translate("service-troubles", parts=", ".join(f"{part} ({why})" for part, why in troubles.items()))]
        if (troubles)
        else []
    )


async def _groups(context: Context) -> str:
    """What is wrong with the operators' and the lab's group, and how many tickets wait to be brought."""
    chats, waiting = context.services.own_chats, await context.services.support.tickets.waiting()
    lines = [
        _translate("service-group", setting=chat.setting, trouble=chat.trouble)
        for chat in (chats.operators, chats.lab)
        if chat.trouble
    ]
    if settings := chats.lines():
        lines.append(_translate("service-moved", settings=settings))
    return "\n".join([*lines, _translate("service-tickets", count=len(waiting))])


def _work(context: Context) -> str:
    services, queues = context.services, context.services.photos.queues
    light, light_slots = queues.light.slots
    heavy, heavy_slots = queues.heavy.slots
    used, budget = queues.memory.taken_mb
    lines = [
        _translate("service-work", at_work=services.photos.jobs.at_work, waiting=services.photos.jobs.waiting),
        _translate("service-lane-light", taken=light, seats=light_slots, waiting=queues.light.waiting),
        _translate("service-lane-heavy", taken=heavy, seats=heavy_slots, waiting=queues.heavy.waiting),
        _translate("service-memory", used=used, budget=budget),
    ]
    if services.photos.jobs.paused is not None:
        lines.insert(0, _translate("service-paused", why=services.photos.jobs.paused or "–"))
    return "\n".join(lines)


def _rules(context: Context) -> str:
    """The settings, by their names."""
    names = [rule.name for rule in fields(RateLimits)] + ["messages_per_person", "workers", "free_credits"]
    return "\n".join(f"{name.upper()} = {getattr(context.services.settings, name)}" for name in names)


def _machine(context: Context) -> str:
    path = context.services.settings.database_path
    disk = shutil.disk_usage(path.parent)
    free, size = f"{disk.free / _GIB:.1f}", f"{path.stat().st_size / (1 << 20):.1f}"
    return _translate("service-disk", free=free, of=f"{disk.total / _GIB:.1f}", database=size)


async def _runs(context: Context) -> str:
    """When each of the scheduler's jobs last ran."""
    runs = await context.services.ops.job_runs.all()
    lines = [_run(run) for run in runs]
    return "\n".join([_translate("service-runs"), *lines]) if lines else _translate("service-no-runs")


def _run(run: JobRun) -> str:
    key = "service-run" if run.outcome == "done" else "service-run-failed"
    return _translate(key, job=run.job, time=moment(run.ended_at), outcome=run.outcome, done=moment(run.done_at))


async def _errors(context: Context) -> str:
    found = await context.services.ops.errors.since(int(time.time()) - _DAY)
    if not found:
        return _translate("service-no-errors")
    lines = [
        _translate("service-error", code=seen.code, kind=seen.kind, place=seen.place, count=seen.count)
        for seen in found
    ]
    more = [_translate("service-more-errors", count=len(lines) - _MOST_ERRORS)] if len(lines) > _MOST_ERRORS else []
    return "\n".join([_translate("service-errors"), *lines[:_MOST_ERRORS], *more])


def _error(seen: Seen) -> str:
    times = {"first": moment(seen.first_at), "last": moment(seen.last_at)}
    return _translate("operators-error", kind=seen.kind, place=seen.place, tool=named(seen), count=seen.count, **times)
