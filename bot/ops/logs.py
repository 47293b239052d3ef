"""Logs say what happened, never to whom or with what: no ids, no names, no texts, no token."""

import errno
import logging
import re
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import Any

_log = logging.getLogger(__name__)

# Libraries that print whole updates, addresses with the token, or SQL parameters at their lower levels.
_TALKATIVE = ("telegram", "httpx", "httpcore", "aiohttp", "asyncio", "aiosqlite", "apscheduler", "PIL", "stripe")
_LINE = "%(levelname)s %(name)s: %(message)s"
_QUIET_SECONDS = 60.0
_MOST_LINES = 1000  # kinds of them to remember
_TOKEN = re.compile(r"\d{5,}(?::|%3A)[\w-]{20,}|\b[sr]k_(?:test|live)_\w+|\bwhsec_[\w/+=]+", re.IGNORECASE)


class _Redacted(logging.Formatter):
    """The last net: what looks like a token of Telegram's or Stripe's is blanked, in messages and tracebacks alike."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.split(".")[0] in _TALKATIVE:  # even their errors quote updates and answers: place and kind only
            quiet = {"msg": f"{_kind(record)} in {record.funcName}", "args": (), "exc_info": None, "exc_text": None}
            record = logging.makeLogRecord({**record.__dict__, **quiet})
        return _TOKEN.sub("<token>", super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's own name)
        """Kinds and places only: the text of an exception may quote what a person sent."""
        kind, error, _ = ei
        places = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        return "\n".join([f"  {kind.__name__} at", *(f"    {place}" for place in places[-4:])])


def _kind(record: logging.LogRecord) -> str:
    """The name of its error, with that of the kernel's reason; without an error its level."""
    error = record.exc_info[1] if record.exc_info else None
    reason = errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""
    return f"{type(error).__name__} {reason}".strip() if error else record.levelname


class _OncePerMinute(logging.Filter):
    """A warning that comes again within a minute is counted, not written; the next one after that says how often.

    Strangers can make libraries complain as often as they like, and the log must not fill the disk with that.
    """

    def __init__(self) -> None:
        super().__init__()
        self._without_time = _Redacted(_LINE)
        self._seen: dict[str, tuple[float, int]] = {}  # by line: when it was last written, how often it came since

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        line, now = self._without_time.format(record), time.monotonic()
        written, more = self._seen.get(line, (-_QUIET_SECONDS, 0))
        if now - written < _QUIET_SECONDS:
            self._seen[line] = written, more + 1
            return False
        if len(self._seen) >= _MOST_LINES:
            self._seen.clear()
        self._seen[line] = now, 0
        record.more = f" ({more} more like it since the last one)" if more else ""
        return True


def configure(level: str) -> None:
    """Log to stderr. Talkative libraries stay at WARNING whatever the level."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacted(f"%(asctime)s {_LINE}%(more)s", defaults={"more": ""}))
    handler.addFilter(_OncePerMinute())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _log_end
    sys.unraisablehook = lambda what: _log_end(what.exc_type, what.exc_value, what.exc_traceback)
    threading.excepthook = lambda what: _log_end(what.exc_type, what.exc_value, what.exc_traceback)


def _log_end(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """What nobody caught: Python itself would print its text."""
    if error and not issubclass(kind, KeyboardInterrupt):
        _log.critical("nobody caught this", exc_info=(kind, error, trace))
