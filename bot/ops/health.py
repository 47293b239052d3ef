"""Whether the bot can serve now, part by part: Telegram, the database, the jail, the disk of the database."""

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.botapi.contact import Contact
from bot.domain.errors import Failed
from bot.ops.metrics import PARTS, Metrics
from storage.db import reason_of
from storage.service_state import ServiceState

_log = logging.getLogger(__name__)

SEEN_AT = "seen_at"  # when the database was last seen to take something

_LEAST_FREE_BYTES, _LEAST_FREE_SHARE = 64 << 20, 20  # 64 MiB; of a small disk a twentieth
_WRITE_SECONDS = 15  # SQLite itself waits for five while another program writes


class Health:
    """`look` finds out; `troubles` is what it found: for each part that fails, why."""

    def __init__(
        self,
        contact: Contact,
        service_state: ServiceState,
        start_jail: Callable[[], Awaitable[None]],
        folder: Path,
        metrics: Metrics,
    ) -> None:
        self.contact = contact
        self.troubles: dict[str, str] = {}
        self._service_state = service_state
        self._start_jail = start_jail
        self._folder = folder
        self._up = metrics.up

    async def look(self) -> None:
        database, jail = await asyncio.gather(self._database(), self._jail())
        found = {"telegram": self.contact.trouble, "database": database, "jail": jail, "disk": self._disk()}
        troubles = {part: found[part] for part in PARTS if found[part]}
        if troubles != self.troubles:
            _log.warning("not well: %s", troubles or "nothing any more")
        self.troubles = troubles
        for part in PARTS:
            self._up.labels(part).set(part not in self.troubles)

    @property
    def free_mb(self) -> int:
        """On the disk of the database."""
        return shutil.disk_usage(self._folder).free >> 20

    async def _database(self) -> str:
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._service_state.set(SEEN_AT, int(time.time()))
        except Exception as error:
            return reason_of(error)
        return ""

    async def _jail(self) -> str:
        try:
            await self._start_jail()
        except Failed as error:
            return error.reason.key
        except OSError as error:  # no descriptor, no process
            return type(error).__name__
        return ""

    def _disk(self) -> str:
        disk = shutil.disk_usage(self._folder)
        return "full" if disk.free < min(_LEAST_FREE_BYTES, disk.total // _LEAST_FREE_SHARE) else ""
