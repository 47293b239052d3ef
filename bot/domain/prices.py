"""What things cost: tools in credits, credits and single photos in Telegram Stars, prints in cents of a euro.

The only place that says so; what posting costs is in `bot/domain/zones.py`.
"""

from dataclasses import dataclass

# Tools that are not named here are free.
TOOL_CREDITS = {"clean": 0, "resize": 0, "enhance": 1, "cutout": 1}
"""Credits a photo, by tool."""

PHOTO_STARS = {1: 15, 2: 25}
"""Stars for one photo without credits, by what its tool costs in credits."""


@dataclass(frozen=True)
class Pack:
    """Credits that are sold together."""

    credits: int
    stars: int


PACKS = {pack.credits: pack for pack in (Pack(10, 100), Pack(50, 400), Pack(200, 1200))}


def tool_credits(slug: str) -> int:
    return TOOL_CREDITS.get(slug, 0)


def photo_stars(slug: str) -> int:
    """The price of one photo with this tool. Raises KeyError for a tool that is free."""
    return PHOTO_STARS[tool_credits(slug)]


PRINT_CURRENCY = "EUR"
PRINT_HANDLING = 150
"""Cents an order: sealing, envelope, and what a card payment costs us."""

PRINT_CENTS = {("10x15", "glossy"): 39, ("10x15", "matte"): 44}
"""Cents a print, by format and paper."""

MOST_COPIES = 50


def print_cents(format_: str, paper: str, copies: int) -> int:
    """An order of prints without posting them. Raises KeyError for what is not sold."""
    if not 1 <= copies <= MOST_COPIES:
        raise KeyError(copies)
    return PRINT_HANDLING + copies * PRINT_CENTS[format_, paper]
