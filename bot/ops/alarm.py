"""Operators hear of a trouble that lasts, once, and once when it is over: in their chat, else by mail."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.botapi.contact import SILENT
from bot.botapi.notifier import Notifier
from bot.ops.health import Health
from bot.texts import DEFAULT, translator

_PATIENCE_SECONDS = 25  # what is over before that is told to nobody
_CALM_SECONDS = 120  # a trouble that comes again before that is still the same one

Mail = Callable[[str], Awaitable[bool]]  # a text to the operators; whether the server took it


@dataclass
class _Trouble:
    """Monotonic seconds; `told`: the reasons that operators know."""

    since: float
    last: float
    told: set[str] = field(default_factory=set)


class Alarm:
    def __init__(self, health: Health, notifier: Notifier, mail: Mail | None, has_chat: bool) -> None:
        self._health = health
        self._notifier = notifier
        self._has_chat = has_chat
        self._mail = mail
        self._known: dict[str, _Trouble] = {}
        self._jumps: list[int] = []

    def clock_jumped(self, seconds: int) -> None:
        """To be told with the next ring."""
        self._jumps.append(seconds)

    async def ring(self) -> None:
        """Tell what is new of what `Health` found. What nobody could be told is told next time."""
        for part, why in self._health.troubles.items():
            await self._goes_on(part, why)
        for part in self._known.keys() - self._health.troubles.keys():
            await self._rests(part)
        for seconds in self._jumps[:]:
            way, minutes = "forward" if seconds > 0 else "back", round(abs(seconds) / 60)
            if await self.tell("clock-jumped", way=way, minutes=minutes):
                self._jumps.remove(seconds)

    async def tell(self, key: str, **values: object) -> bool:
        """A sentence to the operators, whichever way works. False where it may be told later."""
        speaks = self._has_chat and self._health.troubles.get("telegram") != SILENT
        if speaks and await self._notifier.operators(key, **values):
            return True
        if self._mail:
            return await self._mail(translator(DEFAULT)(key, **values))
        return not self._has_chat  # then the log alone has it

    async def _goes_on(self, part: str, why: str) -> None:
        now = time.monotonic()
        trouble = self._known.setdefault(part, _Trouble(now, now))
        trouble.last = now
        if now - trouble.since < _PATIENCE_SECONDS or why in trouble.told:
            return
        if part == "disk" and "database" in self._health.troubles:
            return  # its sentence says how much is free
        key = f"trouble-telegram-{why}" if part == "telegram" else f"trouble-{part}"
        if await self.tell(key, why=why, free=self._health.free_mb):
            trouble.told.add(why)

    async def _rests(self, part: str) -> None:
        trouble = self._known[part]
        lasted = trouble.last - trouble.since
        if time.monotonic() - trouble.last < _CALM_SECONDS:
            return
        if lasted < _PATIENCE_SECONDS or await self.tell("trouble-over", part=part, minutes=max(1, round(lasted / 60))):
            del self._known[part]
