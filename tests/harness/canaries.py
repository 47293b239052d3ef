"""What people write, send and are must be in no line of any log, at whatever level, also where something fails.

Stories note it as they go (`tests/harness/people.py`); the log of every bot in the suite is searched when it ends.
"""

import logging
import re
from collections.abc import Iterable
from typing import Any

from bot.ops.logs import _Redacted

_SHORTEST = 10  # characters: "Help me" may be in a log for another reason
_LONGEST_WORD = 40  # characters: a story tries words as file_ids, and a real one is longer
_LOUD = ("bot", "handlers", "storage")


class Canaries:
    def __init__(self, token: str) -> None:
        self._words = {token, token.partition(":")[2]}

    def note(self, *words: str) -> None:
        """Something that a person wrote or called a file; commands are no secret."""
        self._words |= {each for each in words if len(each) >= _SHORTEST and not each.startswith("/")}

    def note_act(self, about: dict[str, Any]) -> None:
        """All the words of what a person does."""
        for key, value in about.items():
            if key in ("text", "caption") and value:
                self.note(value)
            elif key == "order":
                self.note(*_lines(value))
            elif isinstance(value, dict | list):
                for each in value if isinstance(value, list) else [value]:
                    self.note_act(each if isinstance(each, dict) else {})

    def note_requests(self, requests: Iterable[dict[str, Any]]) -> None:
        """What the bot itself asked for: files by their ids, payments by their payloads."""
        for each in requests:
            file_id = str(each["params"].get("file_id", ""))
            self._words |= {file_id} if len(file_id) > _LONGEST_WORD else set()
            self._words |= {str(each["params"]["payload"])} if "payload" in each["params"] else set()

    def found_in(self, log: str, numbers: Iterable[int] = ()) -> list[str]:
        """Those that are there. `numbers`, of people, as whole words."""
        whole = set(re.findall(r"[\w-]+", log))
        return [word for word in self._words if word in log] + [str(each) for each in numbers if str(each) in whole]


def _lines(typed: Any) -> list[str]:
    """All that was typed into a payment's form."""
    if isinstance(typed, dict):
        return [line for part in typed.values() for line in _lines(part)]
    return [typed] if isinstance(typed, str) else []


class Ear(logging.Handler):
    """Hears every line of a bot in this process, as its log would show it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Redacted("%(levelname)s %(name)s: %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def listen(self) -> None:
        for name in _LOUD:
            logging.getLogger(name).setLevel(logging.DEBUG)
            logging.getLogger(name).addHandler(self)

    def stop(self) -> None:
        for name in _LOUD:
            logging.getLogger(name).removeHandler(self)
