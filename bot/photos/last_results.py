"""How each person's last job ended, for when they write to the operators about it: in memory only, for an hour."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from telegram.error import TelegramError

from bot.domain.errors import DarkroomError
from bot.domain.values import Tool
from bot.ops.error_reports import code_of

_KEEP_SECONDS = 3600
_MOST_PEOPLE = 10_000  # the oldest make room


class LastResults:
    def __init__(self) -> None:
        self._ends: dict[int, tuple[str, int]] = {}  # person -> how, when; the oldest first

    @contextmanager
    def watch(self, user_id: int, tool: Tool) -> Iterator[None]:
        """Note how the job inside ends. One that the end of the bot cuts off goes on after its next start."""
        try:
            yield
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.note(user_id, tool, error)
            raise
        self.note(user_id, tool)

    def note(self, user_id: int, tool: Tool, error: BaseException | None = None) -> None:
        """A job with this tool ends now: done, or with this error."""
        self.forget(user_id)
        if len(self._ends) >= _MOST_PEOPLE:
            self.forget(next(iter(self._ends)))
        self._ends[user_id] = (f"{tool.slug}.{_kind(error, tool) if error else 'done'}", int(time.time()))

    def of(self, user_id: int) -> tuple[str, int | None]:
        """(tool and how it ended, as in `enhance.crashed ABCDEFGH`, Unix time); nothing where it is too long ago."""
        how, at = self._ends.get(user_id, ("", 0))
        return (how, at) if at > time.time() - _KEEP_SECONDS else ("", None)

    def forget(self, user_id: int) -> None:
        self._ends.pop(user_id, None)

    def forget_old(self) -> None:
        before = time.time() - _KEEP_SECONDS
        self._ends = {person: end for person, end in self._ends.items() if end[1] > before}


def _kind(error: BaseException, tool: Tool) -> str:
    """As the person reads it: the end of a Fluent key `error-<kind>`, and the code where they get one."""
    if isinstance(error, DarkroomError):
        kind = error.key.removeprefix("error-")
        return f"{kind} {code_of(error, tool)}" if error.wake else kind
    kind = "not-delivered" if isinstance(error, TelegramError) else "unexpected"
    return f"{kind} {code_of(error, tool)}"
