"""Every word a person reads, from `locales/*.ftl` (Fluent), in their language."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.numbers import get_currency_precision
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number

from bot.domain.values import STARS

_LOCALES = Path(__file__).parent / "locales"
DEFAULT = "en"
_LONGEST = 4096  # UTF-16 units, Telegram's limit for a message

Translate = Callable[..., str]
"""`translate("key", name=value)`: the sentence. Raises KeyError for a key that no language has."""


def languages() -> list[str]:
    """Codes of all languages there are, the default first."""
    return sorted((path.stem for path in _LOCALES.glob("*.ftl")), key=lambda code: (code != DEFAULT, code))


def choose(*wanted: str | None) -> str:
    """The first wanted language that there is ("de-AT" means "de"), else the default."""
    there = languages()
    codes = [code.split("-")[0].lower() for code in wanted if code]
    return next((code for code in codes if code in there), DEFAULT)


@cache
def translator(language: str) -> Translate:
    """The words of one language; a sentence it lacks comes in the default one."""
    bundles = [bundle(code) for code in dict.fromkeys((language, DEFAULT))]

    def translate(key: str, /, **values: object) -> str:
        for candidate in bundles:
            if candidate.has_message(key) and (pattern := candidate.get_message(key).value):
                return str(
                    candidate.format_pattern(pattern, {name: _plain(value) for name, value in values.items()})[0]
                )
        raise KeyError(key)

    return translate


def pieces(text: str) -> list[str]:
    """A text as messages that Telegram takes: mostly one."""
    if len(text.encode("utf-16-le")) <= 2 * _LONGEST:
        return [text]
    half = text.rfind(" ", 1, len(text) // 2) + 1 or len(text) // 2
    return [*pieces(text[:half]), *pieces(text[half:])]


def moment(at: int | None, exactly: bool = False) -> str:
    """A time (Unix time) as operators and people read it; to the second, where it is proof of something."""
    form = "%Y-%m-%d %H:%M:%S UTC" if exactly else "%Y-%m-%d %H:%M UTC"
    return datetime.fromtimestamp(at, UTC).strftime(form) if at else "–"


def price(translate: Translate, amount: int, currency: str) -> str:
    """An amount in the currency's smallest unit: `100 Stars`, `€4.28`."""
    if currency == STARS:
        return translate("stars", count=amount)
    number = amount / 10 ** get_currency_precision(currency)
    return translate("price", amount=fluent_number(number, style="currency", currency=currency))


def _plain(value: Any) -> object:
    """2048, not "2,048": pixels and bytes are read by people who will type them again."""
    return fluent_number(value, useGrouping=False) if type(value) in (int, float) else value


@cache
def bundle(language: str) -> FluentBundle:
    """One language's texts. Read here: fluent.runtime's own loader leaks file handles."""
    result = FluentBundle([language], use_isolating=False)
    result.add_resource(FluentResource((_LOCALES / f"{language}.ftl").read_text("utf-8")))
    return result
