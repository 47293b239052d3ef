"""Money is decided here: who may pay what, what a payment gives, what a refund takes. Each step may be done again."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from telegram.error import TelegramError

from bot.editing import Editing
from bot.gateways import RefundRefusedError, Stars
from bot.model import Charge, Order, OrderState, Product, Task
from bot.notices import Notices
from bot.prices import PACKS, STARS, photo_stars, tool_credits
from bot.tools import SHELF
from storage.bans import Bans
from storage.counters import Counters
from storage.ledger import Ledger
from storage.orders import PAYABLE_SECONDS, WITHDRAWAL_SECONDS, Orders

_log = logging.getLogger(__name__)

TERMS_VERSION = 1  # of /terms; kept with each order
MOST_TRIES = 5  # to deliver a paid photo

_FIRST_PAUSE, _LONGEST_PAUSE = 30, 6 * 3600  # seconds between tries

Settle = Callable[..., Awaitable[None]]  # takes `back`, see `charged`


class Shop:
    def __init__(
        self,
        orders: Orders,
        ledger: Ledger,
        stars: Stars,
        notices: Notices,
        editing: Editing,
        counters: Counters,
        bans: Bans,
    ) -> None:
        self._orders = orders
        self._ledger = ledger
        self._stars = stars
        self._notices = notices
        self._editing = editing
        self._counters = counters
        self._bans = bans
        self._at_work: set[str] = set()  # numbers of photo orders whose job runs now

    async def open_pack(self, user_id: int, language: str, credits: int) -> Order:
        """An order of credits. Raises KeyError for a pack that is not sold."""
        price = PACKS[credits].stars
        order = await self._orders.open(user_id, Product.CREDITS, credits, price, STARS, language, TERMS_VERSION)
        return await self._opened(order)

    async def open_photo(self, user_id: int, language: str, tool: str, task: Task) -> Order:
        """An order of one photo's job. Raises KeyError for a tool that is free or unknown."""
        price, credits = photo_stars(tool), tool_credits(tool)
        order = await self._orders.open(
            user_id, Product.PHOTO, credits, price, STARS, language, TERMS_VERSION, tool, task
        )
        return await self._opened(order)

    async def _opened(self, order: Order) -> Order:
        if order.state is OrderState.OPEN:  # else its invoice is in the chat already
            await self._counters.count("order", order.product, "opened", order.language)
        return order

    async def invoiced(self, order: Order) -> None:
        await self._orders.invoiced(order.id)

    async def check(self, user_id: int, number: str, amount: int, currency: str) -> str | None:
        """Why this payment may not go on, as the end of a Fluent key `checkout-<why>`; None when it may."""
        order = await self._orders.find(number)
        if order is None:
            return "unknown"
        if order.user_id != user_id:
            return "not-yours"
        if await self._bans.has(user_id):
            return "banned"
        if self._editing.paused is not None:
            return "paused"
        if order.state is OrderState.EXPIRED or time.time() - order.opened_at > PAYABLE_SECONDS:
            return "expired"
        if order.state not in (OrderState.OPEN, OrderState.INVOICED):
            return "paid-already"
        if (amount, currency) != (order.amount, order.currency) or _price_now(order) != order.amount:
            return "repriced"
        if order.product is Product.PHOTO and not self._editing.has_room(user_id):
            return "not-now"
        return None if await self._orders.check_out(number) else "under-way"

    async def paid(self, charge: Charge, stray: OrderState = OrderState.REFUNDING) -> tuple[Order, bool]:
        """Count a payment: (its order, whether it is news). Credits are there; a photo's job is the caller's to start.

        A payment without a use is given back at once, or with `stray` paid put before the operators.
        """
        order, fresh = await self._orders.pay(charge, stray)
        if fresh:
            await self._count(order, "paid")
        if fresh and order.product is Product.UNKNOWN:
            await self._about_stray(order)
        return order, fresh

    async def _about_stray(self, order: Order) -> None:
        if order.state is OrderState.REFUNDING:
            await self._notices.tell(order.user_id, order.language, f"stray-{order.reason}", stars=order.amount)
            await self.pay_back(order)
        else:
            await self._notices.operators("operators-stray", order=order.id, stars=order.amount, user=order.user_id)

    async def thank(self, order: Order) -> None:
        """Say what a payment gave. A photo's own result says it for photo orders."""
        if order.product is Product.CREDITS:
            balance = await self._ledger.balance(order.user_id)
            values = {"order": order.id, "credits": order.credits, "balance": balance, "stars": order.amount}
            await self._notices.tell(order.user_id, order.language, "paid-credits", **values)

    async def refund(self, number: str, reason: str, only_unspent: bool = False) -> bool:
        """Take back what the order gave, then give the money back, now or as soon as Telegram lets us.

        False where there is nothing to refund (any more), or with `only_unspent` what it gave was used.
        """
        order = await self._orders.refunding(number, reason, only_unspent)
        if order is None:
            return False
        self._stop_job_of(order)
        await self.pay_back(replace(order, tries=0))
        return True

    async def is_plain(self, order: Order) -> bool:
        """Whether a person gets this back by themselves: unspent credits within 14 days, or a photo that never came."""
        if order.state not in (OrderState.PAID, OrderState.DELIVERING, OrderState.DELIVERED):
            return False
        if order.product is Product.UNKNOWN or time.time() - (order.paid_at or 0) > WITHDRAWAL_SECONDS:
            return False
        return await self._orders.is_unspent(order.id)

    async def pay_back(self, order: Order) -> None:
        """The money's way back, tried until it is there. Whoever comes first tells the person."""
        assert order.charge_id
        try:
            await self._stars.refund(order.user_id, order.charge_id)
        except (RefundRefusedError, TelegramError) as error:
            _log.warning("a refund failed: %s", type(error).__name__)
            if isinstance(error, RefundRefusedError) and await self._orders.refused(order.id):
                await self._notices.operators("operators-refund-refused", order=order.id, why=str(error))
            await self.postpone(order)
            return
        await self._ended(order.charge_id)

    async def returned(self, charge_id: str) -> None:
        """Telegram says that a payment went back: by our own doing, or by its own."""
        await self._ended(charge_id)

    async def _ended(self, charge_id: str) -> None:
        order = await self._orders.refunded(charge_id)
        if order is None:
            return
        await self._count(order, "refunded")
        self._stop_job_of(order)
        key = "refunded" if order.state is OrderState.REFUNDING else "refunded-by-telegram"
        credits = order.credits if order.product is Product.CREDITS else 0
        await self._notices.tell(
            order.user_id, order.language, key, order=order.id, stars=order.amount, credits=credits
        )

    def _stop_job_of(self, order: Order) -> None:
        if order.progress_id:
            self._editing.stop((order.user_id, order.progress_id))

    async def postpone(self, order: Order) -> None:
        """Try again later, each time after a longer pause."""
        await self._orders.postpone(order.id, min(_FIRST_PAUSE * 2**order.tries, _LONGEST_PAUSE))

    @asynccontextmanager
    async def job_of(self, number: str) -> AsyncIterator[Order | None]:
        """The order for whoever comes first, None for the second: its update and the scheduler may both come."""
        if number in self._at_work:
            yield None
            return
        self._at_work.add(number)
        try:
            order = await self._orders.find(number)
            yield order if order and order.state in (OrderState.PAID, OrderState.DELIVERING) else None
        finally:
            self._at_work.discard(number)

    @asynccontextmanager
    async def charged(self, user_id: int, update_id: int, credits: int) -> AsyncIterator[Settle]:
        """Credits held for the job inside: spent when it calls what it gets here, back if it fails before that.

        Where only a part of it failed, it calls that with the credits that come `back`.

        Raises Short where there are not enough. When the bot itself ends in between they stay held: the next start
        goes on with the same update.
        """
        if not credits:
            yield _nothing
            return
        await self._ledger.hold(user_id, update_id, credits)
        try:
            yield partial(self._ledger.settle, update_id)
        except asyncio.CancelledError:
            raise
        except BaseException:
            await self._ledger.release(update_id)
            raise

    async def _count(self, order: Order, outcome: str) -> None:
        await self._counters.count("order", order.product, outcome, order.language)
        await self._counters.count("stars", order.product, outcome, order.language, order.amount)


async def _nothing(back: int = 0) -> None:
    """A free job takes nothing."""


def _price_now(order: Order) -> int | None:
    """What the same costs today; None where it is not sold any more."""
    if order.product is Product.CREDITS:
        return PACKS[order.credits].stars if order.credits in PACKS else None
    if order.tool not in SHELF or not tool_credits(order.tool):
        return None
    return photo_stars(order.tool)
