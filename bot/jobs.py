"""What the scheduler does. Each job reads from the database what is due, so a missed run is caught up by the next."""

import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from telegram.ext import CallbackContext, JobQueue

from storage.inbox import Inbox

if TYPE_CHECKING:
    from bot.app import House

_log = logging.getLogger(__name__)

_MINUTE, _HOUR = 60, 3600

Work = Callable[[Any], Coroutine[Any, Any, None]]


def schedule(queue: JobQueue[Any] | None, house: "House", inbox: Inbox, work_off: Work) -> None:
    """Plan all jobs; each also runs soon after the start. `work_off` goes on with what is paid, in the chat."""
    if queue is None:
        raise RuntimeError("python-telegram-bot was installed without its job queue")

    async def forget(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await house.messages.forget_old()
        await house.orders.forget_old()
        await house.drafts.forget_old()
        await house.albums.forget_old()
        await house.wishes.forget_old()
        await house.confirmations.forget_old()
        await house.post.forget_old()
        await house.addresses.forget_old(house.settings.keep_email_days)
        await inbox.forget_old()
        house.last_jobs.forget_old()
        await house.ledger.release_left()
        await house.db.checkpoint()
        _log.info("forgot what was due")

    async def reconcile(context: CallbackContext[Any, Any, Any, Any]) -> None:
        await house.reconciliation.run()
        await work_off(context)

    async def bring(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await house.support.work_off()

    queue.run_repeating(work_off, _MINUTE // 2, first=2, name="orders")
    queue.run_repeating(bring, _MINUTE // 2, first=3, name="support")
    queue.run_repeating(house.post.run, _MINUTE // 2, first=1, name="mail")
    queue.run_repeating(reconcile, 10 * _MINUTE, first=5, name="reconcile")
    queue.run_repeating(forget, _HOUR, first=6, name="forget")
