"""Logs say what happened, never to whom or with what: no ids, no names, no texts, no token."""

import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

_log = logging.getLogger(__name__)

# Libraries that print whole updates, addresses with the token, or SQL parameters at their lower levels.
_TALKATIVE = ("telegram", "httpx", "httpcore", "aiohttp", "asyncio", "aiosqlite", "apscheduler", "PIL", "stripe")
_TOKEN = re.compile(r"\d{5,}(?::|%3A)[\w-]{20,}|\b[sr]k_(?:test|live)_\w+|\bwhsec_[\w/+=]+", re.IGNORECASE)


class _Redacted(logging.Formatter):
    """The last net: what looks like a token of Telegram's or Stripe's is blanked, in messages and tracebacks alike."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.split(".")[0] in _TALKATIVE:  # even their errors quote updates and answers: place and kind only
            kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else record.levelname
            quiet = {"msg": f"{kind} in {record.funcName}", "args": (), "exc_info": None, "exc_text": None}
            record = logging.makeLogRecord({**record.__dict__, **quiet})
        return _TOKEN.sub("<token>", super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's own name)
        """Kinds and places only: the text of an exception may quote what a person sent."""
        kind, error, _ = ei
        places = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        return "\n".join([f"  {kind.__name__} at", *(f"    {place}" for place in places[-4:])])


def configure(level: str) -> None:
    """Log to stderr. Talkative libraries stay at WARNING whatever the level."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacted("%(asctime)s %(levelname)s %(name)s: %(message)s"))
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
