"""What the counters say of a span of days: in numbers a day, for a picture and a few sentences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from storage.counters import Count

_LONG_WAITS = ("minute", "longer")  # of jobs that waited for more than ten seconds
_FAILED = ("failed", "undelivered")


@dataclass(frozen=True)
class Usage:
    """Each list has a number a day, the oldest first."""

    days: list[date]
    done: list[int]  # photos
    failed: list[int]  # of these the fault was ours
    waited: list[int]  # jobs, for more than ten seconds
    stars: list[int]  # paid, less what went back
    cents: int  # the same of card payments, over all days
    sales: int
    refunds: int
    minutes: list[float | None]  # to the first answer of a ticket; the median of a day's tickets
    answers: int
    median: float | None  # minutes to the first answer, of all tickets
    ratings: Mapping[str, tuple[int, int]]  # tool and version -> good, all
    refused: int  # by a limit

    @property
    def photos(self) -> list[list[int]]:
        return [self.done, self.failed]

    @property
    def earned(self) -> list[int]:
        """Stars of days on which more came than went."""
        return [max(0, stars) for stars in self.stars]


def read(counts: Iterable[Count], answers: Sequence[tuple[str, int]], today: date, span: int) -> Usage:
    """`answers`: a day, and the seconds that a ticket of it waited for its first answer."""
    days = [today - timedelta(days=back) for back in reversed(range(span))]
    known = {day.isoformat(): at for at, day in enumerate(days)}
    counts = [count for count in counts if count.day in known]

    def daily(name: str, *outcomes: str) -> list[int]:
        sums = [0] * span
        for count in counts:
            if count.name == name and count.outcome in outcomes:
                sums[known[count.day]] += count.count
        return sums

    back = daily("stars", "refunded")
    cents = sum(daily("cents", "paid")) - sum(daily("cents", "refunded"))
    waits = [seconds for day, seconds in answers if day in known]
    return Usage(
        days=days,
        done=daily("job", "delivered"),
        failed=daily("job", *_FAILED),
        waited=daily("wait", *_LONG_WAITS),
        stars=[paid - less for paid, less in zip(daily("stars", "paid"), back, strict=True)],
        cents=cents,
        sales=sum(daily("order", "paid")),
        refunds=sum(daily("order", "refunded")),
        minutes=_medians(answers, known),
        answers=len(waits),
        median=median(waits) / 60 if waits else None,
        ratings=_ratings(counts),
        refused=sum(count.count for count in counts if count.name == "limit"),
    )


def _medians(answers: Sequence[tuple[str, int]], known: Mapping[str, int]) -> list[float | None]:
    waits: list[list[int]] = [[] for _ in known]
    for day, seconds in answers:
        if day in known:
            waits[known[day]].append(seconds)
    return [median(each) / 60 if each else None for each in waits]


def _ratings(counts: Iterable[Count]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for count in counts:
        if count.name == "rating":
            good, total = found.get(count.tool, (0, 0))
            found[count.tool] = (good + count.count * (count.outcome == "good"), total + count.count)
    return dict(sorted(found.items()))
