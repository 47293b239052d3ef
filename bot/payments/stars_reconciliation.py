"""Reconciliation: Telegram's own list of payments against our orders, so that no payment depends on an update."""

import logging
import time

from telegram.error import TelegramError

from bot.botapi.notifier import Notifier
from bot.domain.values import OrderState
from bot.payments.checkout import Checkout
from bot.payments.refunds import Refunds
from bot.payments.stars_gateway import PAGE, StarsGateway, Transaction, Unreadable
from storage.orders import Orders
from storage.service_state import ServiceState

_log = logging.getLogger(__name__)

STRAYS_AN_HOUR = 10  # payments without an order that are refunded by themselves; more look like a fault of ours

_HOUR, _DAY = 3600, 24 * 3600


class StarsReconciliation:
    def __init__(
        self,
        orders: Orders,
        service_state: ServiceState,
        stars: StarsGateway,
        shop: Checkout,
        refunds: Refunds,
        notifier: Notifier,
    ) -> None:
        self._orders = orders
        self._service_state = service_state
        self._stars = stars
        self._shop = shop
        self._refunds = refunds
        self._notifier = notifier

    async def run(self) -> None:
        """Read on from where the last run ended. What Telegram does not answer now is read next time."""
        try:
            await self._read_on()
            await self._watch_balance()
        except TelegramError as error:
            _log.warning("reconciliation was cut short: %s", type(error).__name__)

    async def _read_on(self) -> None:
        seen, older = await self._service_state.get("stars_seen"), 0
        untold: list[int] = []  # places of lines of which operators could not be told: the next run begins there
        while True:
            # One line that is known already comes first: where it is missing, this is the list of another bot.
            page = await self._stars.transactions(max(seen - 1, 0))
            if seen and not page:
                seen = 0
                continue
            for place, line in enumerate(page[1:] if seen else page, seen):
                if isinstance(line, Transaction):
                    older += await self._settle(line)
                elif line and await self._is_older(line):
                    older += 1
                elif line and await self._notifier.operators("operators-unreadable-payment", line=line.name):
                    await self._service_state.set("stars_seen", min([*untold, place + 1]))  # it is told once
                elif line:
                    untold.append(place)
            seen = max(seen - 1, 0) + len(page)
            await self._service_state.set("stars_seen", min([*untold, seen]))
            if len(page) < PAGE:
                break
        if older:
            await self._notifier.operators("operators-older-payments", count=older)

    async def _settle(self, line: Transaction) -> bool:
        """Make our books agree with one line. True where it is older than they are, and was left alone."""
        if line.refund:
            await self._refunds.note_returned(line.charge.id)
            return False
        known = await self._orders.of_charge(line.charge.id) or await self._orders.find(line.charge.payload)
        if known is None and await self._is_older(line):
            return True
        refunded_lately = await self._orders.strays_since(int(time.time()) - _HOUR)
        stray = OrderState.REFUNDING if refunded_lately < STRAYS_AN_HOUR else OrderState.PAID
        order, fresh = await self._shop.paid(line.charge, stray)
        if fresh:
            _log.warning("a payment was found that no update told of")
            await self._shop.thank(order)
        return False

    async def _is_older(self, line: Transaction | Unreadable) -> bool:
        """True if it is of before the first start: of an earlier database, or none of ours."""
        return bool(line.at) and line.at < await self._service_state.get("first_start")

    async def _watch_balance(self) -> None:
        """Refunds come out of the bot's Stars: say so once a day when they may not suffice."""
        balance, needed = await self._stars.balance(), await self._orders.refundable()
        told = await self._service_state.get("balance_told")
        if balance < needed and time.time() - told > _DAY:
            await self._service_state.set("balance_told", int(time.time()))
            await self._notifier.operators("operators-balance", balance=balance, needed=needed)
