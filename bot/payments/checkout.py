"""Checkout decides who may pay what, and what a payment gives. Every step is idempotent.

What goes back is in `bot/payments/refunds.py`. How to add a payment provider stands in `bot/payments/__init__.py`.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from bot.botapi.notifier import Notifier
from bot.domain.prices import PACKS, PRINT_CURRENCY, photo_stars, print_cents, tool_credits
from bot.domain.values import STARS, Charge, Order, OrderState, Product, Task
from bot.domain.zones import Zone, zone_of
from bot.payments.refunds import Refunds
from bot.photos.photo_jobs import PhotoJobs
from bot.prints.fulfilment import chosen
from bot.texts import DEFAULT, price, translator
from bot.tools.shelf import SHELF
from storage.bans import Bans
from storage.counters import Counters
from storage.ledger import Ledger
from storage.orders import PAYABLE_SECONDS, Orders

TERMS_VERSION = 2  # of /terms; kept with each order
MOST_TRIES = 5  # to deliver a paid photo

Settle = Callable[..., Awaitable[None]]  # takes `back`, see `charged`


class Checkout:
    def __init__(
        self,
        orders: Orders,
        ledger: Ledger,
        refunds: Refunds,
        notifier: Notifier,
        photo_jobs: PhotoJobs,
        counters: Counters,
        bans: Bans,
        sells_prints: bool,
    ) -> None:
        self._orders = orders
        self._ledger = ledger
        self._refunds = refunds
        self._notifier = notifier
        self._photo_jobs = photo_jobs
        self._counters = counters
        self._bans = bans
        self._sells_prints = sells_prints
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

    async def open_print(self, user_id: int, language: str, task: Task, prints: str) -> Order:
        """An order of prints, without posting them: that is known with the address. Raises ValueError, KeyError."""
        order = await self._orders.open(
            user_id,
            Product.PRINT,
            0,
            _print_cents(prints),
            PRINT_CURRENCY,
            language,
            TERMS_VERSION,
            str(Product.PRINT),
            task,
            prints,
        )
        return await self._opened(order)

    async def _opened(self, order: Order) -> Order:
        if order.state is OrderState.OPEN:  # else its invoice is in the chat already
            await self._counters.count("order", order.product, "opened", order.language)
        return order

    async def invoiced(self, order: Order) -> None:
        await self._orders.invoiced(order.id)

    async def shipping(self, user_id: int, number: str, country: str) -> Zone | str:
        """What posting an order there is; else why it is not posted, as the end of a key `checkout-<why>`."""
        order = await self._orders.find(number)
        why = await self._not_payable(order, user_id)
        return why or zone_of(country) or "not-there"

    async def check(
        self, user_id: int, number: str, amount: int, currency: str, option: str | None = None, country: str = ""
    ) -> str | None:
        """Why this payment may not go on, as the end of a Fluent key `checkout-<why>`; None when it may.

        `option` and `country` are what was chosen for prints: how, and where to they are posted.
        """
        order = await self._orders.find(number)
        if (why := await self._not_payable(order, user_id)) or order is None:
            return why
        zone = zone_of(country) if order.product is Product.PRINT else None
        if order.product is Product.PRINT and (zone is None or zone.name != option):
            return "not-there"
        goods, shipping = order.amount - order.shipping, zone.cents if zone else 0
        if (amount, currency) != (goods + shipping, order.currency) or _price_now(order) != goods:
            return "repriced"
        if order.product is not Product.CREDITS and not self._photo_jobs.has_room(user_id):
            return "not-now"
        return None if await self._orders.check_out(number, zone.name if zone else "", shipping) else "under-way"

    async def _not_payable(self, order: Order | None, user_id: int) -> str | None:
        if order is None:
            return "unknown"
        if order.user_id != user_id:
            return "not-yours"
        if await self._bans.has(user_id):
            return "banned"
        if self._photo_jobs.paused is not None:
            return "paused"
        if order.state is OrderState.EXPIRED or time.time() - order.opened_at > PAYABLE_SECONDS:
            return "expired"
        if order.state not in (OrderState.OPEN, OrderState.INVOICED):
            return "paid-already"
        if order.product is Product.PRINT and not self._sells_prints:
            return "no-sale"
        return None

    async def paid(self, charge: Charge, stray: OrderState = OrderState.REFUNDING) -> tuple[Order, bool]:
        """Count a payment: (its order, whether it is news). Credits are there; a photo's job is the caller's to start.

        A payment without a use is given back at once, or with `stray` paid put before the operators.
        """
        order, fresh = await self._orders.pay(charge, stray)
        if fresh:
            await self._counters.count_order(order, "paid")
        if fresh and order.product is Product.UNKNOWN:
            await self._about_stray(order)
        return order, fresh

    async def _about_stray(self, order: Order) -> None:
        if order.state is OrderState.REFUNDING:
            await self._notifier.about(order, f"stray-{order.reason}")
            await self._refunds.pay_back(order)
        else:
            value = price(translator(DEFAULT), order.amount, order.currency)
            await self._notifier.operators("operators-stray", order=order.id, price=value, user=order.user_id)

    async def thank(self, order: Order) -> None:
        """Say what a payment gave. A photo's own result says it for photo orders."""
        if order.product is Product.CREDITS:
            balance = await self._ledger.balance(order.user_id)
            await self._notifier.about(order, "paid-credits", credits=order.credits, balance=balance)
        elif order.product is Product.PRINT:
            await self._notifier.about(order, "paid-prints")

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


async def _nothing(back: int = 0) -> None:
    """A free job takes nothing."""


def _price_now(order: Order) -> int | None:
    """What the same costs today, without posting it; None where it is not sold any more."""
    if order.product is Product.PRINT:
        try:
            return _print_cents(order.prints or "")
        except (KeyError, ValueError):
            return None
    if order.product is Product.CREDITS:
        return PACKS[order.credits].stars if order.credits in PACKS else None
    if order.tool not in SHELF or not tool_credits(order.tool):
        return None
    return photo_stars(order.tool)


def _print_cents(prints: str) -> int:
    choice = chosen(prints)
    return print_cents(choice["format"], choice["paper"], int(choice["copies"]))
