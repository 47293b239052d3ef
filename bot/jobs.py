"""What the scheduler does: see `plan`. Each job reads from the database what is due, so a missed run is caught up.

When each last ran, and how that ended, is noted in the database: operators see it.
"""

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telegram.ext import CallbackContext, JobQueue

from storage.inbox import Inbox

if TYPE_CHECKING:
    from bot.app import House

_log = logging.getLogger(__name__)

_MINUTE, _HOUR = 60, 3600

Work = Callable[[Any], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Job:
    name: str
    every: int  # seconds
    first: int  # seconds after a start: what downtime kept from running is done then
    work: Work


def plan(house: "House", inbox: Inbox, work_off: Work) -> tuple[Job, ...]:
    """All there are. `work_off` goes on with what is paid, in the chat."""

    async def support(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await house.support.work_off()
        await house.old_topics.remove()

    async def errors(_: CallbackContext[Any, Any, Any, Any]) -> None:
        if house.settings.operators_chat_id:
            await house.incidents.tell()

    async def reconcile(context: CallbackContext[Any, Any, Any, Any]) -> None:
        await house.reconciliation.run()
        if house.card_books:
            await house.card_books.run()
        await work_off(context)

    async def forget(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await _forget_old(house, inbox)

    async def prints(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await house.prints.remind()
        await house.refunds.stop_lab()

    async def ga4(_: CallbackContext[Any, Any, Any, Any]) -> None:
        if house.ga4:
            await house.ga4.export()

    return (
        Job("orders", _MINUTE // 2, 2, work_off),
        Job("support", _MINUTE // 2, 3, support),
        Job("mail", _MINUTE // 2, 1, house.post.run),
        Job("errors", _MINUTE // 2, 4, errors),
        Job("reconcile", 10 * _MINUTE, 5, reconcile),
        Job("prints", _HOUR, 8, prints),
        Job("forget", _HOUR, 6, forget),
        Job("ga4", 10 * _MINUTE, 7, ga4),
    )


def schedule(queue: JobQueue[Any] | None, house: "House", inbox: Inbox, work_off: Work) -> None:
    if queue is None:
        raise RuntimeError("python-telegram-bot was installed without its job queue")
    for job in plan(house, inbox, work_off):
        queue.run_repeating(_noted(house, job), job.every, first=job.first, name=job.name)


def _noted(house: "House", job: Job) -> Work:
    """The job's work; how it ended is noted. One that the end of the bot cuts off is none that ran."""

    async def run(context: Any) -> None:
        try:
            await job.work(context)
        except Exception as error:
            await house.job_runs.note(job.name, type(error).__name__)
            raise
        await house.job_runs.note(job.name, "done")
        house.metrics.job_done.labels(job.name).set_to_current_time()

    return run


async def _forget_old(house: "House", inbox: Inbox) -> None:
    """Retention: whatever has had its time goes, row by row of the table of what is kept."""
    await house.messages.forget_old()
    await house.orders.forget_old()
    await house.shipments.forget_old()
    await house.rights.drop_refund_paths()
    await house.drafts.forget_old()
    await house.albums.forget_old()
    await house.wishes.forget_old()
    await house.confirmations.forget_old()
    await house.post.forget_old()
    await house.addresses.forget_old(house.settings.keep_email_days)
    if days := house.settings.keep_closed_tickets_days:
        await house.topics.forget_closed(days)
    await inbox.forget_old()
    await house.errors.forget_old()
    if house.card_books:
        await house.card_books.forget_old()
    house.last_jobs.forget_old()
    house.editing.allowance.forget_old()
    await house.ledger.release_left()
    await house.db.renew()
    _log.info("forgot what was due")
