"""Checks requests and objects against a machine-readable description of the Bot API, if BOT_API_SPEC names one.

The file's shape is that of https://github.com/PaulSonOfLars/telegram-bot-api-spec: methods and types, each with fields
{"name", "types", "required", "description"}. Lengths, counts, ranges and choices are parsed from the descriptions.
"""

import json
import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

Json = dict[str, Any]

NEWER: frozenset[str] = frozenset()
"""Methods and fields that are newer than the description, as `method`, `method.field` or `Type.field`."""

QUOTED = re.compile(r"“([^”]+)”")
LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes)(?! after entities)")  # only the server can count those
COUNT = re.compile(r"(\d+)-(\d+) (?:items|messages|identifiers)")
RANGE = re.compile(r"(?:[Vv]alues between|between|must be|;) (\d+)(?:-| and )(\d+)\b(?! (?:characters|bytes))")
CHOICE = re.compile(
    r"(?:one of|either|[Cc]urrently,?|must be|always) ((?:“[^”]+”(?:\s*\([^)]*\))?(?:, or |, | or | and )?)+)"
)
ACTION = re.compile(r"\b([a-z]+(?:_[a-z]+)*) (?:for|or) ")


@dataclass(frozen=True)
class Rule:
    """What a field's description says beyond its type."""

    length: tuple[int, int, str] | None = None
    count: tuple[int, int] | None = None
    range: tuple[int, int] | None = None
    choices: frozenset[str] = frozenset()

    @classmethod
    def from_description(cls, description: Json) -> Self:
        text, kinds = description["description"], description["types"]
        length = LENGTH.search(text) if kinds == ["String"] else None
        count = COUNT.search(text) if kinds[0].startswith("Array of") else None
        span = RANGE.search(text) if kinds == ["Integer"] else None
        return cls(
            (int(length[1]), int(length[2]), length[3]) if length else None,
            (int(count[1]), int(count[2])) if count else None,
            (int(span[1]), int(span[2])) if span else None,
            frozenset(choices(text)) if kinds == ["String"] else frozenset(),
        )

    def broken_by(self, value: Any) -> Iterable[str]:
        if self.length and isinstance(value, str):
            low, high, unit = self.length
            size = len(value.encode()) if unit == "bytes" else len(value.encode("utf-16-le")) // 2
            if not low <= size <= high:
                yield f"{size} {unit} are not {low}-{high}"
        if self.count and isinstance(value, list) and not self.count[0] <= len(value) <= self.count[1]:
            yield f"{len(value)} items are not {self.count[0]}-{self.count[1]}"
        if self.range and not self.range[0] <= int(value) <= self.range[1]:
            yield f"{value} is not between {self.range[0]} and {self.range[1]}"
        if self.choices and value not in self.choices:
            yield f"{value!r} is not one of {sorted(self.choices)}"


def choices(description: str) -> Iterable[str]:
    if found := CHOICE.search(description):
        return QUOTED.findall(found[1])
    if "depending on what the user is about to receive" in description:
        return ACTION.findall(description)
    return ()


@dataclass
class Check:
    """Collects the differences between one value and the description. `files` are the names of the uploaded parts."""

    spec: "Spec"
    files: Collection[str] = ()
    problems: list[str] = field(default_factory=list)

    def fields(self, path: str, owner: Json, values: Json) -> None:
        known = {description["name"]: description for description in owner.get("fields", [])}
        for name in values.keys() - known.keys():
            if f"{owner['name']}.{name}" not in NEWER:
                self.problems.append(f"{path}.{name}: unknown")
        for name, description in known.items():
            if values.get(name) is not None:
                self.value(f"{path}.{name}", description["types"], values[name])
                rule = self.spec.rules[owner["name"], name]
                self.problems += [f"{path}.{name}: {problem}" for problem in rule.broken_by(values[name])]
            elif description["required"] and name not in self.files:
                self.problems.append(f"{path}.{name}: missing")

    def value(self, path: str, kinds: list[str], value: Any) -> None:
        """Check that the value fits one of `kinds`. If it fits none, add the problems of the kind with the fewest."""
        attempts: list[list[str]] = []
        for kind in kinds:
            attempt = Check(self.spec, self.files)
            attempt.check_type(path, kind, value)
            if not attempt.problems:
                return
            attempts.append(attempt.problems)
        self.problems += sorted(attempts, key=len)[0]

    def check_type(self, path: str, kind: str, value: Any) -> None:
        if kind.startswith("Array of "):
            self.array(path, kind.removeprefix("Array of "), value)
        elif kind in self.spec.types:
            self.object(path, self.spec.types[kind], value)
        elif not self.plain(kind, value):
            self.problems.append(f"{path}: {value!r} is not {kind}")

    def array(self, path: str, kind: str, value: Any) -> None:
        if not isinstance(value, list):
            self.problems.append(f"{path}: not an array")
            return
        kinds = [kind] if kind.startswith("Array of ") else re.split(r", | and | or ", kind)
        for at, item in enumerate(value):
            self.value(f"{path}[{at}]", kinds, item)

    def object(self, path: str, kind: Json, value: Any) -> None:
        if kind.get("subtypes"):
            self.value(path, kind["subtypes"], value)
        elif kind["name"] == "InputFile":
            if not self.is_file(path, value):
                self.problems.append(f"{path}: no such file part")
        elif not isinstance(value, dict):
            self.problems.append(f"{path}: not an object ({kind['name']})")
        else:
            self.fields(path, kind, value)

    def is_file(self, path: str, value: Any) -> bool:
        return path.rpartition(".")[2] in self.files or str(value).removeprefix("attach://") in self.files

    def plain(self, kind: str, value: Any) -> bool:
        """True if the value fits a plain type. Forms carry numbers and booleans as text."""
        text = str(value)
        if kind == "Integer":
            return not isinstance(value, bool | float) and re.fullmatch(r"-?\d+", text) is not None
        if kind == "Float":
            return not isinstance(value, bool) and re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", text) is not None
        if kind in ("Boolean", "True"):
            return text.lower() in (("true",) if kind == "True" else ("true", "false"))
        if isinstance(value, str) and value.startswith("attach://"):
            return value.removeprefix("attach://") in self.files
        return isinstance(value, str)


class Spec:
    def __init__(self, path: Path) -> None:
        description = json.loads(path.read_text())
        self.methods = {name.lower(): method for name, method in description["methods"].items()}
        self.types: dict[str, Json] = description["types"]
        owners = [*self.methods.values(), *self.types.values()]
        self.rules = {
            (owner["name"], each["name"]): Rule.from_description(each)
            for owner in owners
            for each in owner.get("fields", [])
        }

    @classmethod
    def from_environment(cls) -> Self | None:
        path = os.environ.get("BOT_API_SPEC")
        return cls(Path(path)) if path else None

    def check_call(self, method: str, params: Json, files: Collection[str]) -> list[str]:
        description = self.methods.get(method.lower())
        if description is None:
            return [] if method in NEWER else [f"{method}: unknown method"]
        check = Check(self, files)
        check.fields(description["name"], description, params)
        return check.problems

    def check_result(self, method: str, result: Any) -> list[str]:
        description = self.methods.get(method.lower())
        if description is None:
            return []
        check = Check(self)
        check.value(f"{description['name']} result", description["returns"], result)
        return check.problems

    def check_object(self, kind: str, value: Any) -> list[str]:
        check = Check(self)
        check.check_type(kind, kind, value)
        return check.problems
