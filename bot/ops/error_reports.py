"""The one place where unexpected errors end: counted by kind and place, told to the operators once. Never their text.

A kind's code is made of the kind itself. So a person hears the same eight letters even while the database is down, and
whoever has the error has the code.
"""

import hashlib
import logging
import re
import traceback
from collections import Counter

from telegram.error import Forbidden, TelegramError

from bot.botapi.notifier import Notifier
from bot.domain.errors import Failed
from bot.domain.values import Tool
from bot.ops.metrics import Metrics
from bot.sandbox.loading import name_of
from storage.counters import Counters
from storage.db import reason_of
from storage.errors import Errors, Kind

_log = logging.getLogger(__name__)

CODE = re.compile(r"[A-Z]{8}")

_CANNOT_WRITE = re.compile(r" SQLITE_(FULL|READONLY|IOERR_(WRITE|FSYNC|TRUNCATE|SHM))")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # I and O look like digits
_OURS = ("bot", "handlers", "storage")
# Every call passes through these: they are no place of an error.
_PLUMBING = {"bot.botapi.pace", "bot.botapi.transport", "bot.botapi.client", "storage.db"}


class ErrorReports:
    def __init__(self, errors: Errors, counters: Counters, metrics: Metrics, notifier: Notifier) -> None:
        self._errors = errors
        self._counters = counters
        self._metrics = metrics
        self._notifier = notifier
        self._unwritten: Counter[Kind] = Counter()  # what the database did not take yet
        self._told: set[str] = set()  # of these

    async def note(self, error: BaseException, tool: Tool | None = None, language: str = "") -> None:
        """Count it. Never raises: where the database does not take it, the log and the metrics have it."""
        if isinstance(error, Forbidden):
            return  # they blocked the bot: silence is the answer
        kind = kind_of(error, tool)
        self._metrics.errors.labels(kind.kind).inc()
        _log.error("%s at %s %s", kind.code, kind.place, kind.tool, exc_info=error)
        try:
            await self._counters.count("error", kind.tool, _sort(error), language)
            await self._errors.add(kind)
        except Exception as fault:
            _log.error("the database did not take it: %s", type(fault).__name__)
            self._unwritten[kind] += 1

    async def tell(self) -> None:
        """Tell the operators of each new kind, once: for the scheduler."""
        await self._tell_unwritten()
        for kind in await self._errors.untold():
            if kind.code in self._told or await self._say(kind):
                await self._errors.told(kind.code)

    async def _tell_unwritten(self) -> None:
        """While the database is down operators hear of it nevertheless; then their code leads to it."""
        for kind in list(self._unwritten):
            if kind.code not in self._told and await self._say(kind):
                self._told.add(kind.code)
        for kind, times in list(self._unwritten.items()):
            await self._errors.add(kind, times)
            del self._unwritten[kind]

    async def _say(self, kind: Kind) -> bool:
        if _CANNOT_WRITE.search(kind.kind):
            return True  # wherever it shows, it is one trouble: `bot/ops/alarm.py` tells of that
        about = {"code": kind.code, "kind": kind.kind, "place": kind.place}
        return await self._notifier.operators("operators-new-error", **about, tool=named(kind))


def code_of(error: BaseException, tool: Tool | None = None) -> str:
    """The eight letters that lead operators to what happened."""
    return kind_of(error, tool).code


def kind_of(error: BaseException, tool: Tool | None = None) -> Kind:
    """What it is to us: without its text, which may quote what a person sent."""
    name = type(error).__name__
    kind = f"{error.reason.key} {name_of(error)}" if isinstance(error, Failed) else f"{name} {_of_sqlite(error)}"
    kind = kind.strip()
    about = (kind, _place(error), tool.slug if tool else "", tool.version if tool else 0)
    digest = hashlib.sha256(repr(about).encode()).digest()
    return Kind("".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:8]), *about)


def named(kind: Kind) -> str:
    """Its tool as operators read it."""
    return f"{kind.tool} {kind.version}" if kind.tool else "–"


def _of_sqlite(error: BaseException) -> str:
    """SQLite's own name for it, if it is the database's."""
    reason = reason_of(error)
    return reason if reason.startswith("SQLITE_") else ""


def _place(error: BaseException) -> str:
    """The innermost place of ours that the error came through."""
    places = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        if module.split(".")[0] in _OURS:
            places.append((module, f"{module}:{frame.f_code.co_name}:{line}"))
    told = [place for module, place in places if module not in _PLUMBING] or [place for _, place in places]
    return told[-1] if told else "elsewhere"


def _sort(error: BaseException) -> str:
    """Of a closed set, for the counters."""
    if isinstance(error, Failed):
        return error.reason.key
    return "telegram" if isinstance(error, TelegramError) else "unexpected"
