"""What passes between bot, zygote and child, on sockets that keep message boundaries (SOCK_SEQPACKET).

bot -> zygote   FORK                    have a spare child ready
zygote -> bot   READY                   warm
                CHILD pid (+ 2 fds)     its socket and its pidfd
                EXIT pid status cpu rss (us, KiB)
bot -> child    a Job as JSON (+ 2 fds) the photo, and room for the result; trusted, it comes from us
child -> bot    STAGE number            untrusted, as is all that follows
                REFUSED reason detail
                DONE length about       lengths in the result's file: the picture, then a JSON object about it
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum

from bot.model import MIB, SUFFIXES, Limits, Report, Stage

ROOM = 64 * MIB  # for a result; untouched pages cost nothing
LARGEST_RESULT = 50 * MIB  # that Telegram takes from a bot
LARGEST_ABOUT = 32 * 1024
LONGEST_JOB = 8 * 1024


class Kind(IntEnum):
    READY = 1
    FORK = 2
    CHILD = 3
    EXIT = 4
    STAGE = 5
    REFUSED = 6
    DONE = 7


_MESSAGE = struct.Struct("<Bqqqq")
MESSAGE_SIZE = _MESSAGE.size


def pack(kind: Kind, *numbers: int) -> bytes:
    """A kind and up to four numbers."""
    return _MESSAGE.pack(kind, *numbers, *(0,) * (4 - len(numbers)))


def unpack(message: bytes) -> tuple[Kind, tuple[int, int, int, int]]:
    """Raises ValueError for anything that `pack` does not make."""
    try:
        kind, *numbers = _MESSAGE.unpack(message)
    except struct.error:
        raise ValueError("not a message") from None
    return Kind(kind), tuple(numbers)


@dataclass(frozen=True)
class Job:
    tool: str
    settings: Mapping[str, str]
    size: int  # of the photo, bytes
    limits: Limits

    def pack(self) -> bytes:
        message = json.dumps(asdict(self)).encode()
        if len(message) > LONGEST_JOB:
            raise ValueError("settings are too long")
        return message

    @classmethod
    def unpack(cls, message: bytes) -> "Job":
        parts = json.loads(message)
        return cls(parts["tool"], parts["settings"], parts["size"], Limits(**parts["limits"]))


@dataclass(frozen=True)
class About:
    """What the child says of its result. Strings in the report come from the photo: show them, never log them."""

    input_format: str
    format: str
    width: int
    height: int
    source_width: int
    source_height: int
    untrusted_report: Report = field(repr=False)

    def pack(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def unpack(cls, untrusted_message: bytes) -> "About":
        """Raises ValueError unless every field is of its type and small."""
        parts = json.loads(untrusted_message)
        report = parts.pop("untrusted_report") if isinstance(parts, dict) else None
        numbers = (
            [parts.get(name) for name in ("width", "height", "source_width", "source_height")]
            if report is not None
            else []
        )
        known = (
            parts.get("format") in SUFFIXES and parts.get("input_format") in {*SUFFIXES, "HEIF"} if numbers else False
        )
        if not (known and all(isinstance(n, int) and 0 < n < 1 << 20 for n in numbers) and _is_report(report)):
            raise ValueError("not a result")
        return cls(parts["input_format"], parts["format"], *numbers, untrusted_report=report)


def _is_report(report: object) -> bool:
    return (
        isinstance(report, dict)
        and len(report) <= 64
        and all(isinstance(k, str) and k.replace("-", "").isalnum() and len(k) <= 40 for k in report)
        and all(isinstance(v, bool | int | float) or (isinstance(v, str) and len(v) <= 200) for v in report.values())
    )


def stage_of(untrusted_number: int) -> Stage:
    """Only what a child may report: it never waits, fetches or sends."""
    stage = Stage(untrusted_number)
    if stage not in (Stage.READING, Stage.WORKING, Stage.SAVING):
        raise ValueError("not a child's stage")
    return stage
