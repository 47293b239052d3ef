"""Where prints are posted to, what that costs, and how long it takes. A country that is in no zone is not served."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Zone:
    """`name` is the id of its shipping option and the end of a Fluent key: `zone-<name>`."""

    name: str
    cents: int
    days: tuple[int, int]  # in the post
    countries: frozenset[str]  # ISO 3166-1, two letters


def _zone(name: str, cents: int, days: tuple[int, int], countries: str) -> Zone:
    return Zone(name, cents, days, frozenset(countries.split()))


ZONES = (
    _zone("home", 290, (1, 3), "DE"),
    _zone(
        "europe",
        490,
        (3, 8),
        "AT BE BG CH CY CZ DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM VA",
    ),
    _zone("world", 790, (7, 21), "AU CA HK IL JP KR NZ SG TW US"),
)


def zone_of(country: str) -> Zone | None:
    """By its two letters, in capitals as Telegram writes them."""
    return next((zone for zone in ZONES if country in zone.countries), None)
