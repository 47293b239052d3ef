"""Parses text as Telegram does: HTML becomes entities, lengths count UTF-16 code units.

See https://core.telegram.org/bots/api#html-style.
"""

import html
import re
from typing import Any

from bot.playground.world import ApiError

Entity = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "a": "text_link",
}
TOKEN = re.compile(
    r"<(/?)([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)*)\s*>|&(?:lt|gt|amp|quot|#\d+|#x[\da-fA-F]+);|<"
)
ATTRIBUTE = re.compile(r"([\w-]+)=(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
AUTOMATIC = re.compile(
    r"(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)"
    r"|(?P<url>https?://[^\s<>\"]*[\w/])"
    r"|(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<mention>(?<![\w@])@[A-Za-z]\w{3,31})"
)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def cannot_parse(problem: str) -> ApiError:
    return ApiError(f"can't parse entities: {problem}")


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Parse HTML into plain text and entities. Raises ApiError on tags that are unknown, unclosed or wrongly nested."""
    plain, position, opened = "", 0, list[tuple[str, Entity]]()
    entities: list[Entity] = []
    for token in TOKEN.finditer(source):
        plain += source[position : token.start()]
        position = token.end()
        at = len(source[: token.start()].encode())
        if token[0].startswith("&"):
            plain += html.unescape(token[0])
        elif token[0] == "<":
            raise cannot_parse(
                f'Unsupported start tag "{source[position : position + 10].split(">")[0]}" at byte offset {at}'
            )
        elif token[1]:
            entities += close_tag(token[2].lower(), opened, utf16_length(plain), at)
        else:
            opened.append((token[2].lower(), open_tag(token[2].lower(), token[3], utf16_length(plain), at)))
    if opened:
        raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return plain + source[position:], entities


def open_tag(name: str, attributes: str, offset: int, at: int) -> Entity:
    if name not in TAGS:
        raise cannot_parse(f'Unsupported start tag "{name}" at byte offset {at}')
    entity: Entity = {"type": TAGS[name], "offset": offset}
    values = {key: html.unescape(a or b or c) for key, a, b, c in ATTRIBUTE.findall(attributes)}
    if name == "a":
        entity["url"] = values.get("href", "")
    if name == "blockquote" and "expandable" in attributes:
        entity["type"] = "expandable_blockquote"
    if name == "code" and values.get("class", "").startswith("language-"):
        entity["language"] = values["class"].removeprefix("language-")
    return entity


def close_tag(name: str, opened: list[tuple[str, Entity]], offset: int, at: int) -> list[Entity]:
    if not opened:
        raise cannot_parse(f"Unexpected end tag at byte offset {at}")
    expected, entity = opened.pop()
    if expected != name:
        raise cannot_parse(f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{name}>"')
    length = offset - entity["offset"]
    if not length or (entity["type"] == "text_link" and not entity["url"]):
        return []
    if entity["type"] == "code" and "language" in entity:
        # <pre><code class="language-x">: Telegram keeps one `pre` that carries the language.
        if opened and opened[-1][0] == "pre":
            opened[-1][1]["language"] = entity.pop("language")
            return []
        entity.pop("language")
    return [entity | {"length": length}]


def find_entities(text: str, known: list[Entity]) -> list[Entity]:
    """The entities that Telegram finds by itself in text that no known entity covers."""
    found = [
        {"type": match.lastgroup, "offset": utf16_length(text[: match.start()]), "length": utf16_length(match[0])}
        for match in AUTOMATIC.finditer(text)
    ]
    return [entity for entity in found if not any(overlap(entity, other) for other in known)]


def overlap(one: Entity, other: Entity) -> bool:
    hides = other["type"] in ("code", "pre", "text_link", "url", "mention", "bot_command")
    return (
        hides and one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )


def trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Strip blanks at both ends, and drop entities that then cover nothing, as Telegram does."""
    start, end = utf16_length(text) - utf16_length(text.lstrip()), utf16_length(text.rstrip())
    kept = []
    for entity in entities:
        first, last = max(entity["offset"], start), min(entity["offset"] + entity["length"], end)
        if first < last:
            kept.append(entity | {"offset": first - start, "length": last - first})
    return text.strip(), kept


def formatted(
    text: str, parse_mode: str = "", entities: list[Entity] | None = None, caption: bool = False
) -> dict[str, Any]:
    """The fields of Message that hold this text or caption. Raises ApiError if it is too long or has broken mark-up."""
    if parse_mode.lower() == "html":
        text, entities = parse_html(text)
    elif parse_mode:
        raise ApiError("unsupported parse_mode")  # Markdown is not imitated
    text, given = trimmed(text, entities or [])
    if utf16_length(text) > (CAPTION_LIMIT if caption else TEXT_LIMIT):
        raise ApiError("message caption is too long" if caption else "message is too long")
    if not text:
        return {}
    prefix = "caption" if caption else "text"
    every = sorted(given + find_entities(text, given), key=lambda entity: (entity["offset"], -entity["length"]))
    return {prefix: text} | ({"caption_entities" if caption else "entities": every} if every else {})
