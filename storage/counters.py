"""Usage in aggregate: how often, per day, tool, outcome and language. No ids, nobody is profiled.

Every label comes from a closed set, so that nothing about a person can slip in: what is in none counts as "other".
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.values import STARS, Order
from storage.db import Database

COUNTED = {
    "consent": ("given", "withdrawn"),
    "job": ("delivered", "refused", "failed", "stopped", "undelivered"),
    "limit": ("busy-you", "busy-all", "busy-minute", "busy-day", "flood"),
    "wait": ("seconds", "minute", "longer"),  # of jobs that waited for more than a second
    "order": ("opened", "paid", "refunded"),
    "stars": ("paid", "refunded"),  # of these orders
    "cents": ("paid", "refunded"),  # of those paid by card
    "ticket": ("opened", "answered", "closed"),
    "rating": ("good", "not-good"),
    "error": ("telegram", "unexpected", "out-of-memory", "took-too-long", "crashed"),
}
OTHER = "other"


@dataclass(frozen=True)
class Count:
    """Fields in the order of the table."""

    day: str  # 2026-11-25
    name: str
    tool: str
    outcome: str
    language: str
    count: int


class Counters:
    """`tools` are the known names and their newest versions; what is sold is counted by its name, like a tool."""

    def __init__(self, db: Database, tools: Mapping[str, int], languages: Collection[str]) -> None:
        self._db = db
        self._tools = tools
        self._languages = languages

    async def count(self, name: str, tool: str = "", outcome: str = "", language: str = "", times: int = 1) -> None:
        sql = (
            "INSERT INTO counters (day, name, tool, outcome, language, count) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET count = count + excluded.count"
        )
        labels = (
            name if name in COUNTED else OTHER,
            tool if self._is_known(tool) else OTHER,
            outcome if outcome in COUNTED.get(name, ()) else OTHER,
            language if language in ("", *self._languages) else OTHER,
        )
        row = (datetime.now(UTC).date().isoformat(), *labels, times)
        await self._db.note(lambda connection: connection.execute(sql, row))

    async def count_order(self, order: Order, outcome: str, amount: int | None = None) -> None:
        """How often something is bought or refunded, and for how much: the whole price, where no `amount` is named."""
        if amount in (None, order.amount):
            await self.count("order", order.product, outcome, order.language)
        name = "stars" if order.currency == STARS else "cents"
        await self.count(name, order.product, outcome, order.language, amount or order.amount)

    async def since(self, day: str) -> list[Count]:
        """All of that day and after it, oldest first."""
        sql = "SELECT day, name, tool, outcome, language, count FROM counters WHERE day >= ? ORDER BY day"
        rows = await self._db.read(lambda connection: connection.execute(sql, (day,)).fetchall())
        return [Count(*row) for row in rows]

    def _is_known(self, tool: str) -> bool:
        """A tool, or a tool and one of its versions: `enhance 2`."""
        slug, _, version = tool.partition(" ")
        newest = self._tools.get(slug, 0)
        return tool in ("", slug if newest else "") or version in map(str, range(1, newest + 1))
