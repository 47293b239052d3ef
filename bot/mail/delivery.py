"""The delivery of mail from the outbox: each is tried until the server takes it, refuses it for good, or it is too old.

At least once: a crash between the server's yes and our note of it sends a mail again, with the same Message-ID.
"""

import asyncio
import contextlib
import logging
import time

from bot.botapi.notifier import Notifier
from bot.mail.compose import Composer
from bot.mail.smtp import OurFault, RecipientRefused, SmtpServer, TryLater
from storage.addresses import Addresses
from storage.confirmations import ASKED_SECONDS, CODE_SECONDS, Confirmations
from storage.outbox import KEEP_SECONDS, Outbox, QueuedMail
from storage.service_state import ServiceState

_log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 60, 6 * 3600  # seconds between tries
_KEEP_CODE_SECONDS = ASKED_SECONDS - CODE_SECONDS  # as long as it counts, it is also waited for
_LONG_OUTAGE_TRIES = 5  # half an hour
_TROUBLE = "mail_trouble"  # since when the server does not take mail from us, and the operators know


class Delivery:
    """Without a server nothing is sent and nobody is asked for an address; what lies in the outbox grows old there."""

    def __init__(
        self,
        server: SmtpServer | None,
        composer: Composer,
        outbox: Outbox,
        addresses: Addresses,
        confirmations: Confirmations,
        service_state: ServiceState,
        notifier: Notifier,
    ) -> None:
        self._server = server
        self._composer = composer
        self._outbox = outbox
        self._addresses = addresses
        self._confirmations = confirmations
        self._service_state = service_state
        self._notifier = notifier
        self._taken: set[str] = set()  # message ids that the server took, and the database may not know it: a full disk
        self._one_at_a_time = asyncio.Lock()
        self._at_work: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        return self._server is not None

    def close(self) -> None:
        """The bot ends: a mail on its way is sent again after the next start, and a slow server does not delay us."""
        self._server = None
        if self._at_work:
            self._at_work.cancel()

    async def run(self, _: object) -> None:
        """As the scheduler calls it."""
        with contextlib.suppress(asyncio.CancelledError):
            await self.work_off()

    async def work_off(self) -> None:
        """Send what is due: for the scheduler. Where the server itself is in trouble, the rest waits for next time."""
        async with self._one_at_a_time:
            server, self._at_work = self._server, asyncio.current_task()
            while server and (queued := await self._outbox.due()):
                try:
                    goes_on = await self._send(server, queued)
                except Exception:  # a fault of ours in one mail must not hold up the others for ever
                    await self._postpone(queued)
                    raise
                if not goes_on:
                    return

    async def due_now(self) -> None:
        """After the clock jumped."""
        await self._outbox.due_now()

    async def forget_old(self) -> None:
        """Without a server; with one, each mail is tried before it is given up."""
        if not self.is_open:
            await self._outbox.forget_old()

    async def _send(self, server: SmtpServer, queued: QueuedMail) -> bool:
        """Whether the server can be asked for the next one."""
        if queued.message_id in self._taken:
            await self._sent(queued)
            return True
        mail = await self._composer.write(queued) if queued.address else None
        if mail is None:  # taken back meanwhile
            await self._outbox.drop(queued)
            return True
        try:
            await server.send(mail)
        except RecipientRefused:
            return await self._refused(queued)
        except OurFault as fault:
            await self._tell_operators(str(fault))
            await self._postpone(queued)
            return False
        except TryLater as trouble:
            _log.warning("a mail waits: %s", trouble)
            if queued.tries == _LONG_OUTAGE_TRIES and not trouble.is_about_one:
                await self._tell_operators(str(trouble))
            await self._postpone(queued)
            return trouble.is_about_one
        else:
            self._taken.add(queued.message_id)
            await self._sent(queued)
            await self._service_state.set(_TROUBLE, 0)
        return True

    async def _sent(self, queued: QueuedMail) -> None:
        await self._outbox.sent(queued)
        self._taken.discard(queued.message_id)

    async def _refused(self, queued: QueuedMail) -> bool:
        """The address does not work: its owner hears it first, then nothing more is sent there."""
        address, is_code = queued.address or "", queued.kind == "code"
        key = "email-refused-code" if is_code else "email-refused"
        if not await self._notifier.tell(queued.user_id, queued.language, key, address=address):
            await self._postpone(queued)
        elif is_code:
            await self._confirmations.address_refused(queued.user_id, address)
            await self._outbox.drop(queued)
        else:
            await self._addresses.fail(queued.user_id, address)
        return True

    async def _postpone(self, queued: QueuedMail) -> None:
        """Each time after a longer pause, and not for ever; whoever waits for it hears that it takes time."""
        is_code = queued.kind == "code"
        keep, too_late = (_KEEP_CODE_SECONDS, "email-code-given-up") if is_code else (KEEP_SECONDS, "email-given-up")
        left, minutes = int(queued.at + keep - time.time()), _KEEP_CODE_SECONDS // 60
        if left <= 0:
            await self._notifier.tell(queued.user_id, queued.language, too_late, minutes=minutes)
            await self._outbox.drop(queued)
            return
        await self._outbox.postpone(queued, min(_FIRST_PAUSE * 2**queued.tries, _LONGEST_PAUSE, left))
        if is_code and not queued.tries:
            await self._notifier.tell(queued.user_id, queued.language, "email-code-waits", minutes=minutes)

    async def _tell_operators(self, why: str) -> None:
        if not await self._service_state.get(_TROUBLE):
            await self._service_state.set(_TROUBLE, int(time.time()))
            await self._notifier.operators("operators-mail", why=why)
