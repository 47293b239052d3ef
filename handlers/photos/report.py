"""The line under a result: what was done, and how long the photo was held."""

import html
import re

from bot.domain.values import Tool
from bot.sandbox.pool import Developed
from bot.texts import Translate

_LONGEST_CAPTION = 1024  # UTF-16 units, Telegram's limit
_MAP = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=16/{0}/{1}"


def caption(translate: Translate, tool: Tool, developed: Developed, held: float) -> str:
    """Done, the tool's report line by line as far as there is room, and the time: in Telegram's HTML."""
    about = developed.about
    first = translate(
        f"done-{tool.slug}",
        width=about.width,
        height=about.height,
        format=about.format,
        kilobytes=max(1, round(developed.file.size / 1000)),
    )
    last = translate("held", seconds=f"{held:.1f}" if held >= 1 else f"{held:.2f}")
    lines = [html.escape(first)]
    for line in _lines(translate, dict(about.untrusted_report)):
        if _units(shown("\n".join([*lines, line, last]))) > _LONGEST_CAPTION - 4:
            lines.append("…")
            break
        lines.append(line)
    return "\n".join([*lines, html.escape(last)])


def _lines(translate: Translate, report: dict[str, str | int | float | bool]) -> list[str]:
    latitude, longitude = report.pop("latitude", None), report.pop("longitude", None)
    lines = [
        f"• {html.escape(line)}"
        for key, value in report.items()
        if value is not False and (line := _line(translate, key, value))
    ]
    if latitude is not None and longitude is not None:
        place = translate("report-place", latitude=str(latitude), longitude=str(longitude))
        link = html.escape(_MAP.format(latitude, longitude))
        lines.insert(0, f'• <a href="{link}">{html.escape(place)}</a>')
    return lines


def _line(translate: Translate, key: str, value: str | float) -> str | None:
    try:
        return translate(f"report-{key}", value=value)
    except KeyError:  # a report may say more than there are sentences for
        return None


def shown(text: str) -> str:
    """What is left of HTML when Telegram has read it; its limits are for that."""
    return html.unescape(re.sub("<[^>]*>", "", text))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
