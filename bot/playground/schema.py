"""Binds a request's parameters to a method. The signature is the schema: names, types, and which are required.

A parameter annotated with a dataclass stands for its fields; one annotated `Parts` gets all uploaded files.
"""

import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any

from bot.playground.files import Upload
from bot.playground.world import ApiError, Json, World

Parts = typing.NewType("Parts", dict[str, Upload])
ChatId = int | str
File = Upload | str  # an upload, or the id of a file that Telegram has

Method = Callable[..., Awaitable[Any]]

EMPTY = {
    "text": "message text is empty",
    "chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "file_id": "file_id not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "sticker": "there is no sticker in the request",
}


def read_int(value: Any) -> int:
    if isinstance(value, bool):
        raise ValueError
    return int(value)


def read_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[str(value).lower()]


def read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def read_chat(value: Any) -> ChatId:
    return value if isinstance(value, str) and value.startswith("@") else read_int(value)


def read_json(shape: type, of: type = object) -> Callable[[Any], Any]:
    def read_value(value: Any) -> Any:
        value = json.loads(value) if isinstance(value, str) else value
        if not isinstance(value, shape) or (
            isinstance(value, list) and not all(isinstance(item, of) for item in value)
        ):
            raise TypeError
        return value

    return read_value


READERS: dict[Any, Callable[[Any], Any]] = {
    int: read_int,
    bool: read_bool,
    str: read_text,
    float: float,
    ChatId: read_chat,
    File: read_text,
    Json: read_json(dict),
    list[Json]: read_json(list, dict),
    list[str]: read_json(list, str),
    list[int]: read_json(list, int),
}


@dataclasses.dataclass(frozen=True)
class Field:
    name: str
    kind: Any
    required: bool


def without_none(annotation: Any) -> Any:
    """`X | None` as X: optional parameters are absent, never null."""
    kinds = [kind for kind in typing.get_args(annotation) if kind is not types.NoneType]
    return kinds[0] if isinstance(annotation, types.UnionType) and len(kinds) == 1 else annotation


@cache
def fields_of(owner: Any) -> dict[str, Field]:
    hints = typing.get_type_hints(owner)
    return {
        name: Field(name, without_none(hints[name]), parameter.default is parameter.empty)
        for name, parameter in inspect.signature(owner).parameters.items()
        if hints[name] is not World
    }


def read_field(field: Field, params: Mapping[str, Any], parts: Parts) -> Any:
    value = params[field.name]
    if field.kind == File and isinstance(value, str) and value.startswith("attach://"):
        return attached(value, parts)
    try:
        return READERS[field.kind](value)
    except (ValueError, TypeError, KeyError):
        what = "JSON object" if field.kind not in (int, bool, str, float, ChatId) else "value"
        raise ApiError(f"can't parse {field.name} {what}") from None


def attached(reference: str, parts: Mapping[str, Upload]) -> Upload:
    try:
        return parts[reference.removeprefix("attach://")]
    except KeyError:
        raise ApiError(f"can't find uploaded file by its reference {reference!r}") from None


def bind(owner: Any, params: Mapping[str, Any], parts: Parts, used: set[str]) -> dict[str, Any]:
    """Keyword arguments for `owner` from a request. Adds the names of used parameters to `used`. Raises ApiError."""
    found: dict[str, Any] = {}
    for field in fields_of(owner).values():
        if dataclasses.is_dataclass(field.kind):
            found[field.name] = typing.cast(Any, field.kind)(**bind(field.kind, params, parts, used))
        elif field.kind is Parts:
            found[field.name] = parts
            used.update(parts)
        elif field.kind == File and field.name in parts:
            found[field.name] = parts[field.name]
            used.add(field.name)
        elif field.name in params and params[field.name] is not None:
            found[field.name] = read_field(field, params, parts)
            used.add(field.name)
        elif field.required:
            raise ApiError(EMPTY.get(field.name, f'parameter "{field.name}" is required'))
    return found


def bind_all(method: Method, params: Mapping[str, Any], parts: Parts) -> dict[str, Any]:
    """Keyword arguments for a method. Raises ApiError for an unknown parameter too; Telegram ignores those."""
    used: set[str] = set()
    arguments = bind(method, params, parts, used)
    if unknown := params.keys() - used - {name for name, value in params.items() if value is None}:
        raise ApiError(f'unknown parameter "{sorted(unknown)[0]}"')
    return arguments
