"""Refunds that we start (Stars, cards), refunds that Telegram or Stripe made, and disputes. All are idempotent."""

import asyncio
import contextlib
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from telegram.error import TelegramError

from bot.botapi.notifier import Notifier
from bot.domain.values import STARS, Order, OrderState, Product
from bot.payments.card_payments import CardPayment
from bot.payments.errors import CardTroubleError, RefundRefusedError
from bot.payments.stars_gateway import StarsGateway
from bot.photos.photo_jobs import PhotoJobs
from bot.prints.fulfilment import trail
from bot.texts import DEFAULT, moment, price, translator
from storage.counters import Counters
from storage.operator_actions import OperatorAction
from storage.orders import WITHDRAWAL_SECONDS, Orders
from storage.shipments import Shipments

if TYPE_CHECKING:
    from bot.payments.stripe_gateway import StripeGateway

_log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 30, 6 * 3600  # seconds between tries


class UntoldError(CardTroubleError):
    """Operators could not be told what they must hear: look again."""


class Refunds:
    def __init__(
        self,
        orders: Orders,
        stars: StarsGateway,
        cards: "StripeGateway | None",
        notifier: Notifier,
        photo_jobs: PhotoJobs,
        counters: Counters,
        shipments: Shipments,
    ) -> None:
        self._orders = orders
        self._stars = stars
        self._cards = cards
        self._notifier = notifier
        self._photo_jobs = photo_jobs
        self._counters = counters
        self._shipments = shipments
        self.looking = asyncio.Lock()  # at card payments: what was looked up first is written down first

    async def refund(
        self, number: str, reason: str, only_unspent: bool = False, by: OperatorAction | None = None
    ) -> bool:
        """Take back what the order gave, then give the money back, now or as soon as Telegram lets us.

        False where there is nothing to refund (any more), or with `only_unspent` what it gave was used.
        """
        order = await self._orders.refunding(number, reason, only_unspent, by)
        if order is None:
            return False
        await self._stop_work_on(order)
        await self.pay_back(replace(order, tries=0, to_return=order.amount))
        return True

    async def refund_part(self, number: str, amount: int, update_id: int, by: OperatorAction | None = None) -> bool:
        """Give a part of a card payment back; the order goes on. False where no such part is left."""
        await self._look_at(number)
        order = await self._orders.refund_part(number, amount, update_id, by)
        if order:
            await self.pay_back(order)
        return order is not None

    async def _look_at(self, number: str) -> None:
        """What others gave back of it meanwhile counts first, or a part would count as done with that."""
        order = await self._orders.find(number)
        if order is None or self._cards is None or not order.provider_id:
            return
        with contextlib.suppress(CardTroubleError):
            async with self.looking:
                if payment := await self._cards.look(order.provider_id):
                    await self.card_changed(payment)

    async def is_plain(self, order: Order) -> bool:
        """Whether a person gets this back by themselves: unspent credits within 14 days, or what was not begun."""
        if order.state not in (OrderState.PAID, OrderState.DELIVERING, OrderState.DELIVERED):
            return False
        if order.progress_id and self._photo_jobs.is_sending((order.user_id, order.progress_id)):
            return False  # it may have arrived: this is settled first
        if order.product is Product.UNKNOWN or time.time() - (order.paid_at or 0) > WITHDRAWAL_SECONDS:
            return False
        return await self._orders.is_unspent(order.id)

    async def pay_back(self, order: Order) -> None:
        """The money's way back, tried until it is there. Whoever comes first tells the person."""
        try:
            if order.currency == STARS:
                await self._stars.refund(order.user_id, order.charge_id or "")
                await self.note_returned(order.charge_id or "")
            elif await self._card_refund(order) < order.to_return:
                await self.postpone(order)  # under way
        except (RefundRefusedError, CardTroubleError, TelegramError) as error:
            _log.warning("a refund failed: %s", type(error).__name__)
            if isinstance(error, RefundRefusedError):
                await self._refused(order, str(error))
            await self.postpone(order)

    async def _refused(self, order: Order, why: str) -> None:
        """Operators hear of it once. Where Telegram did not take that, they hear at the next try."""
        key = "operators-refund-refused" if order.currency == STARS else "operators-card-refused"
        if await self._orders.refused(order.id) and not await self._notifier.operators(key, order=order.id, why=why):
            await self._orders.refused(order.id, is_told=False)

    async def _card_refund(self, order: Order) -> int:
        """How much of it is back."""
        if self._cards is None or not order.provider_id:
            raise RefundRefusedError("STRIPE_API_KEY")
        async with self.looking:
            try:
                payment = await self._cards.give_back(order.provider_id, order.to_return, order.id)
            except ValueError:  # Stripe knows of less than Telegram told us
                raise RefundRefusedError("amount_too_large") from None
            await self.card_changed(payment)
        return payment.given_back

    async def card_changed(self, payment: CardPayment) -> bool:
        """Make our books agree with what the card company knows of a payment. False where no order is its.

        Called by who holds `looking`, and looked it up meanwhile. Raises UntoldError when the rest is done.
        """
        order = await self._orders.of_card(payment.id, payment.intent)
        if order is None:
            return False
        if payment.given_back > order.returned:
            await self._gave_back(order, payment.given_back)
        elif payment.given_back < order.returned and not payment.is_lost:  # then the bank has taken it
            await self._came_back(order, payment)
        if payment.dispute:
            await self._disputed(order, payment)
        elif payment.warned and order.dispute is None:
            await self._put_before_operators(order, "warned", "operators-fraud", {"order": order.id})
        return True

    async def _gave_back(self, order: Order, back: int, reason: str = "provider") -> None:
        before = await self._orders.record_returned(order.id, back, reason)
        if before is None:
            return
        more, whole = back - before.returned, back == before.amount
        await self._counters.count_order(order, "refunded", more)
        if whole:
            await self._stop_work_on(order)
        await self._notifier.about(order, "refunded" if whole else "refunded-part", more, credits=0)

    async def _came_back(self, order: Order, payment: CardPayment) -> None:
        """A bank did not take a refund after all: only people can find another way."""
        if await self._orders.came_back(order.id, payment.given_back):
            await self._refused(order, payment.failed or "returned")

    async def _disputed(self, order: Order, payment: CardPayment) -> None:
        """The bank asks for the money; operators hear it with what we have, and once more how it ended."""
        assert payment.dispute
        ends = {"won": "won", "lost": "lost", "warning_closed": "won"}
        status = ends.get(payment.dispute.status, "open")
        if payment.is_lost:  # mostly it is about all of it
            lost = min(order.amount, payment.given_back + payment.dispute.amount)
            await self._gave_back(order, lost, "dispute")
        if order.dispute != status:
            evidence = await self._evidence(order, payment)
            await self._put_before_operators(order, status, f"operators-dispute-{status}", evidence)

    async def _put_before_operators(self, order: Order, what: str, key: str, about: dict[str, object]) -> None:
        """They must hear of it, so it is noted once they have. One that is not answered in time is lost."""
        if not await self._notifier.operators(key, **about):
            raise UntoldError("operators were not told")
        await self._orders.disputed(order.id, what)

    async def _evidence(self, order: Order, payment: CardPayment) -> dict[str, Any]:
        assert payment.dispute
        shipment, translate = await self._shipments.find(order.id), translator(DEFAULT)
        return {
            "order": order.id,
            "price": price(translate, payment.dispute.amount, payment.currency),
            "why": payment.dispute.reason,
            "until": moment(payment.dispute.due_by),
            "state": order.state,
            "consented": moment(order.consented_at),
            "version": order.terms_version or 0,
            "paid": moment(order.paid_at),
            "trail": trail(translate, shipment) or "–",
            "returned": price(translate, payment.given_back, order.currency),
        }

    async def note_returned(self, charge_id: str) -> None:
        """Telegram says that a payment went back: by our own doing, or by its own."""
        order = await self._orders.record_refund(charge_id)
        if order is None:
            return
        await self._counters.count_order(order, "refunded")
        await self._stop_work_on(order)
        key = "refunded" if order.state is OrderState.REFUNDING else "refunded-by-telegram"
        await self._notifier.about(order, key, credits=order.credits if order.product is Product.CREDITS else 0)

    async def _stop_work_on(self, order: Order) -> None:
        """Ours, if it runs, and the lab's."""
        if order.progress_id:
            self._photo_jobs.stop((order.user_id, order.progress_id))
        await self.stop_lab()

    async def stop_lab(self) -> None:
        """Tell it what is cancelled, also what may have reached it without our knowing; again until it is told."""
        for shipment in await self._shipments.cancelled():
            if await self._notifier.lab("lab-cancelled", shipment.lab_id, order=shipment.number):
                await self._shipments.mark_reminded(shipment.number, 0)

    async def postpone(self, order: Order) -> None:
        """Try again later, each time after a longer pause."""
        await self._orders.postpone(order.id, min(_FIRST_PAUSE * 2**order.tries, _LONGEST_PAUSE))
