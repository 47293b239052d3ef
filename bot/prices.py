"""What things cost: tools in credits, credits and single photos in Telegram Stars. The only place that says so."""

from dataclasses import dataclass

STARS = "XTR"

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
