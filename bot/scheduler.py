"""What the scheduler does: see `plan`. Each job reads from the database what is due, so a missed run is caught up.

When each last ran, and how that ended, is noted in the database: operators see it.
"""

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram.ext import CallbackContext, JobQueue

from bot.services import Services
from storage.inbox import Inbox

_log = logging.getLogger(__name__)

_MINUTE, _HOUR = 60, 3600

Work = Callable[[Any], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Job:
    name: str
    every: int  # seconds
    first: int  # seconds after a start: what downtime kept from running is done then
    work: Work


def plan(services: Services, inbox: Inbox, work_off: Work) -> tuple[Job, ...]:
    """All there are. `work_off` goes on with what is paid, in the chat."""

    async def support(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await services.support.relay.work_off()
        await services.support.old_topics.remove()

    async def errors(_: CallbackContext[Any, Any, Any, Any]) -> None:
        if services.settings.operators_chat_id:
            await services.ops.error_reports.tell()

    async def reconcile(context: CallbackContext[Any, Any, Any, Any]) -> None:
        await services.shop.stars_reconciliation.run()
        if services.shop.stripe_reconciliation:
            await services.shop.stripe_reconciliation.run()
        await work_off(context)

    async def forget(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await _forget_old(services, inbox)

    async def prints(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await services.shop.prints.remind()
        await services.shop.refunds.stop_lab()

    async def ga4(_: CallbackContext[Any, Any, Any, Any]) -> None:
        if services.ops.ga4:
            await services.ops.ga4.export()

    return (
        Job("orders", _MINUTE // 2, 2, work_off),
        Job("support", _MINUTE // 2, 3, support),
        Job("mail", _MINUTE // 2, 1, services.mail.run),
        Job("errors", _MINUTE // 2, 4, errors),
        Job("reconcile", 10 * _MINUTE, 5, reconcile),
        Job("prints", _HOUR, 8, prints),
        Job("forget", _HOUR, 6, forget),
        Job("groups", _HOUR, _HOUR, services.ops.group_watch.run),
        Job("ga4", 10 * _MINUTE, 7, ga4),
    )


def schedule(queue: JobQueue[Any] | None, services: Services, inbox: Inbox, work_off: Work) -> None:
    if queue is None:
        raise RuntimeError("python-telegram-bot was installed without its job queue")
    for job in plan(services, inbox, work_off):
        queue.run_repeating(_noted(services, job), job.every, first=job.first, name=job.name)


async def clock_jumped(queue: JobQueue[Any], services: Services) -> None:
    """Everything is due anew: by the old time, all jobs would rest for as long as the clock went back."""
    now = datetime.now(UTC)
    for place, job in enumerate(queue.jobs()):
        job.job.modify(next_run_time=now + timedelta(seconds=1 + place))
    await services.shop.orders.due_now()
    await services.mail.due_now()


def _noted(services: Services, job: Job) -> Work:
    """The job's work; how it ended is noted. One that the end of the bot cuts off is none that ran."""

    async def run(context: Any) -> None:
        try:
            await job.work(context)
        except Exception as error:
            await services.ops.job_runs.note(job.name, type(error).__name__)
            raise
        await services.ops.job_runs.note(job.name, "done")
        services.ops.metrics.job_done.labels(job.name).set_to_current_time()

    return run


async def _forget_old(services: Services, inbox: Inbox) -> None:
    """Retention: whatever has had its time goes, row by row of the table of what is kept."""
    await services.users.messages.forget_old()
    await services.shop.orders.forget_old()
    await services.shop.shipments.forget_old()
    await services.users.rights.drop_refund_paths()
    await services.support.drafts.forget_old()
    await services.photos.albums.forget_old()
    await services.photos.pending.forget_old()
    await services.users.confirmations.forget_old()
    await services.mail.forget_old()
    await services.users.addresses.forget_old(services.settings.keep_email_days)
    if days := services.settings.keep_closed_tickets_days:
        await services.support.topics.forget_closed(days)
    await inbox.forget_old()
    await services.ops.errors.forget_old()
    await services.ops.operator_actions.forget_old()
    if services.shop.stripe_reconciliation:
        await services.shop.stripe_reconciliation.forget_old()
    services.photos.last_results.forget_old()
    services.photos.jobs.rate_limiter.forget_old()
    await services.shop.ledger.release_left()
    await services.db.renew()
    _log.info("forgot what was due")
