"""Prints by post: what can be chosen, how far each order is, who hears of it, and what is late."""

import re

from bot.botapi.notifier import Notifier
from bot.domain import settings_codec
from bot.domain.settings_codec import unpacked
from bot.domain.values import Order, OrderState
from bot.prints import carriers
from bot.prints.carriers import Parcel
from bot.texts import Translate, moment, translator
from bot.tools.prints import CUTS, FITS, FORMATS, PAPERS
from storage.parcel_steps import ParcelStep
from storage.shipments import Shipment, Shipments
from storage.tracking import Taken, Tracking

WORD = re.compile(r"^\s*(prints?|abzug|abzüge)[\s.!]*$", re.IGNORECASE)
"""A reply to a picture that asks for prints of it: in an album it has no button."""

CHOICES = {
    "format": tuple(FORMATS),
    "fit": FITS,
    "cut": tuple(CUTS),
    "paper": PAPERS,
    "copies": tuple(str(number) for number in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50)),
}
"""What a button may choose, the default first."""

_DAY = 24 * 3600
LATE_SECONDS = {
    OrderState.SENT: 3 * _DAY,
    OrderState.PRINTED: 2 * _DAY,
    OrderState.POSTED: 21 * _DAY,
}
"""After so long without news the lab is reminded, after twice as long the operators are."""


def chosen(packed: str) -> dict[str, str]:
    """All that was chosen, of settings as a button carries them. Raises ValueError for what cannot be chosen."""
    choice = _read(packed)
    for name, value in choice.items():
        if value not in CHOICES.get(name, ()):
            raise ValueError(name)
    return choice


def _read(packed: str) -> dict[str, str]:
    default = {name: values[0] for name, values in CHOICES.items()}
    return default | unpacked(packed)


def packed(choice: dict[str, str]) -> str:
    """As short as it can be: a button has room for 64 bytes."""
    return settings_codec.packed({name: choice[name] for name, values in CHOICES.items() if choice[name] != values[0]})


def described(translate: Translate, order: Order) -> str:
    """`3 prints, 10 × 15 cm, glossy`; also what cannot be chosen any more."""
    return what(translate, _read(order.prints or ""))


def what(translate: Translate, choice: dict[str, str]) -> str:
    size = choice["format"].replace("x", " × ")
    return translate("prints", copies=int(choice["copies"]), size=size, paper=translate(f"paper-{choice['paper']}"))


def trail(translate: Translate, shipment: Shipment | None) -> str:
    """Where the parcel can be followed: carrier, number, link; nothing where the lab told no number."""
    if shipment is None or not shipment.tracking:
        return ""
    link = carriers.link(shipment.carrier, shipment.tracking)
    return translate(
        "prints-trail", number=f"{shipment.carrier or ''} {shipment.tracking}".strip().upper(), link=link or ""
    )


class Prints:
    def __init__(self, tracking: Tracking, shipments: Shipments, notifier: Notifier) -> None:
        self._tracking = tracking
        self._shipments = shipments
        self._notifier = notifier

    async def goes_on(
        self, number: str, state: OrderState, parcel: Parcel | None = None, said_in: int | None = None
    ) -> Taken | None:
        """A message of the lab's says how far it is; the person hears of it, by mail too.

        None where that step cannot be taken.
        """
        carrier, tracking = parcel or (None, None)
        taken = await self._tracking.goes_on(number, state, carrier, tracking, said_in)
        if taken:
            await self._tell(taken.order)
        return taken

    async def undo(self, number: str, step: int | None, undone_by: int) -> Order | None:
        """The lab takes its newest step back, or this one if it is the newest; the person hears of it, by mail too.

        The order as it is then; None where that step cannot be taken back.
        """
        order = await self._tracking.undo(number, step, undone_by)
        if order:
            await self._tell(order, "prints-corrected")
        return order

    async def said_in(self, number: str, message_id: int) -> ParcelStep | None:
        """The step of this order that a message of the lab's took, if it holds; or took back."""
        return await self._tracking.said_in(number, message_id)

    async def at_the_lab(self, number: str, lab_id: int) -> bool:
        """False where it was refunded while it was on its way there."""
        order = await self._tracking.sent(number, lab_id)
        if order:
            await self._tell(order)
        return order is not None

    async def remind(self) -> None:
        """What stands still for too long: first the lab hears of it, then the operators."""
        for order, shipment in await self._tracking.late(LATE_SECONDS, reminded=0):
            state, since = order.state, moment(shipment.changed_at)
            if await self._notifier.lab("lab-late", shipment.lab_id, order=order.id, state=state, since=since):
                await self._shipments.mark_reminded(order.id, 1)
        for order, shipment in await self._tracking.late(LATE_SECONDS, reminded=1):
            state, since = order.state, moment(shipment.changed_at)
            if await self._notifier.operators("operators-late", order=order.id, state=state, since=since):
                await self._shipments.mark_reminded(order.id, 2)

    async def _tell(self, order: Order, key: str = "") -> None:
        shipment, translate = await self._shipments.find(order.id), translator(order.language)
        values = {"order": order.id, "state": order.state, "trail": trail(translate, shipment)}
        await self._notifier.tell(order.user_id, order.language, key or f"prints-{order.state}", **values)
