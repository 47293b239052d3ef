"""JSON from outside: one object of a depth, with numbers and text, that the rest of the code can carry."""

import json
from typing import Any

_DEEPEST = 64  # levels; an update with a reply in it has about 12
_LARGEST = 2**63 - 1  # what the database takes


def read_object(body: bytes) -> dict[str, Any]:
    """The object. Raises ValueError for anything else, and for what RFC 8259 does not know, as NaN."""
    try:
        value = json.loads(body.decode(), parse_int=_whole)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # no NaN, no infinity, no half characters
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(value, dict):
        raise ValueError("no object")
    _check_depth(value)
    return value


def _whole(digits: str) -> int:
    number = int(digits)
    if abs(number) > _LARGEST:
        raise ValueError("too large")
    return number


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        parts = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [child for part in parts for child in part]
    if level:
        raise ValueError("too deep")
