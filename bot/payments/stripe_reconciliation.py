"""Stripe's books against ours: by its webhook at once, by its own lists every ten minutes, so that none depends on it.

Both only say which charge to look at: what is true of it now decides, so their order does not matter, nor how often.
"""

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.botapi.notifier import Notifier
from bot.payments.card_payments import CardPayment
from bot.payments.errors import CardTroubleError
from bot.payments.refunds import Refunds, UntoldError
from bot.texts import DEFAULT, moment, price, translator
from storage.orders import Orders
from storage.service_state import ServiceState
from storage.stripe_events import StripeEvents

if TYPE_CHECKING:
    from bot.payments.stripe_gateway import StripeGateway

_log = logging.getLogger(__name__)

_DAY = 24 * 3600
RIPE_SECONDS = 15 * 60  # by then Telegram has told of a payment, if it is one of ours
WATCHED_SECONDS = 90 * 24 * 3600  # within which a bank sends a refund back, counted from the payment
STRAYS_NAMED = 5  # in one run; more are another business of the same account


class StripeReconciliation:
    def __init__(
        self,
        cards: "StripeGateway",
        events: StripeEvents,
        service_state: ServiceState,
        orders: Orders,
        refunds: Refunds,
        notifier: Notifier,
    ) -> None:
        self._cards = cards
        self._orders = orders
        self._events = events
        self._service_state = service_state
        self._refunds = refunds
        self._notifier = notifier

    async def close(self) -> None:
        await self._cards.close()

    async def hear(self, body: bytes, signature: str) -> None:
        """A call of the webhook. An event is known once all of it is done: what breaks off is done again.

        Raises BadSignatureError, and CardTroubleError: it should come again.
        """
        event = self._cards.read(body, signature)
        if event is None or await self._events.has(event.id):
            return
        await self._settle(event.charge)
        await self._events.add(event.id)

    async def run(self) -> None:
        """Read on from where the last run ended. What Stripe does not answer now is read next time."""
        try:
            await self._read_on()
        except CardTroubleError as error:
            _log.warning("reconciliation of cards was cut short: %s", error)

    async def forget_old(self) -> None:
        await self._events.forget_old()

    async def _read_on(self) -> None:
        now = int(time.time())
        if not await self._service_state.get("cards_seen"):  # what the account did before is no business of ours
            await self._service_state.set("cards_told", now)
            await self._service_state.set("cards_seen", now)
        told = await self._service_state.get("cards_told")
        charges, seen = await self._cards.changed_since(await self._service_state.get("cards_seen"))
        strays, untold = await self._settle_all({*charges, *await self._watched(told, now)})
        ripe = max(told, now - RIPE_SECONDS)
        if await self._tell([each for each in strays if each.paid and told < each.at <= ripe]):
            await self._service_state.set("cards_told", ripe)
        else:
            untold = UntoldError("of a stray payment")
        if untold:
            raise untold
        await self._service_state.set("cards_seen", seen)

    async def _watched(self, told: int, now: int) -> list[str]:
        """What no list of what is new tells of; once a day also what a bank may have sent back."""
        if now - await self._service_state.get("cards_watched") < _DAY:
            return await self._orders.watched(told, now)
        await self._service_state.set("cards_watched", now)
        return await self._orders.watched(told, now - WATCHED_SECONDS)

    async def _settle_all(self, charges: Iterable[str]) -> tuple[list[CardPayment], UntoldError | None]:
        """The payments that no order of ours is for. What operators do not hear now holds up nothing but the cursor."""
        strays, untold = [], None
        for charge in charges:
            try:
                if payment := await self._settle(charge):
                    strays.append(payment)
            except UntoldError as error:
                untold = error
        return strays, untold

    async def _settle(self, charge: str) -> CardPayment | None:
        """Make our books agree with one charge. The payment, where none of our orders is for it."""
        async with self._refunds.looking:
            payment = await self._cards.look(charge)
            return None if payment is None or await self._refunds.card_changed(payment) else payment

    async def _tell(self, strays: list[CardPayment]) -> bool:
        """Operators hear of each once; False where Telegram did not take that, so that all of it is told anew."""
        if len(strays) > STRAYS_NAMED:
            return await self._notifier.operators("operators-card-strays", count=len(strays))
        for stray in strays:
            value = price(translator(DEFAULT), stray.amount, stray.currency)
            about: dict[str, object] = {"charge": stray.id, "price": value, "at": moment(stray.at)}
            if not await self._notifier.operators("operators-card-stray", **about):
                return False
        return True
