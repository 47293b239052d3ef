"""What the scheduler does. Each job reads from the database what is due, so a missed run is caught up by the next."""

import logging
from typing import Any

from telegram.ext import CallbackContext, JobQueue

from storage.db import Database
from storage.inbox import Inbox
from storage.messages import Messages

_log = logging.getLogger(__name__)

_HOUR = 3600


def schedule(queue: JobQueue[Any] | None, messages: Messages, inbox: Inbox, db: Database) -> None:
    """Plan all jobs; each also runs soon after the start."""
    if queue is None:
        raise RuntimeError("python-telegram-bot was installed without its job queue")

    async def forget(_: CallbackContext[Any, Any, Any, Any]) -> None:
        await messages.forget_old()
        await inbox.forget_old()
        await db.checkpoint()
        _log.info("forgot what was due")

    queue.run_repeating(forget, _HOUR, first=5)
