"""What passes between bot, zygote and child, on sockets that keep message boundaries (SOCK_SEQPACKET).

bot -> zygote   FORK n                  have a child ready, by this number
                KILL n
zygote -> bot   READY                   warm
                CHILD n pid (+ 1 fd)    its socket
                NO_CHILD n errno        it could not be forked
                EXIT n status cpu rss   (us, KiB)
bot -> child    a Job as JSON (+ fds)   the photo, room for the result, a second photo; trusted, it comes from us
child -> bot    STAGE number            untrusted, as is all that follows
                REFUSED reason detail
                DONE lengths            of the parts of the result's file: picture, preview, a JSON object about them
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum

from bot.domain.values import MIB, SUFFIXES, Limits, Report, Stage

ROOM = 64 * MIB  # for a result; untouched pages cost nothing
LARGEST_PREVIEW = 4 * MIB
LARGEST_ABOUT = 32 * 1024
LONGEST_JOB = 16 * 1024  # an address in any script, sealed, has 9 KB at most


class Kind(IntEnum):
    READY = 1
    FORK = 2
    CHILD = 3
    EXIT = 4
    STAGE = 5
    REFUSED = 6
    DONE = 7
    KILL = 8
    NO_CHILD = 9


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
    background_photo: int = 0  # size of the second photo, bytes; 0: there is none
    heavy: bool = False

    def pack(self) -> bytes:
        message = json.dumps(asdict(self)).encode()
        if len(message) > LONGEST_JOB:
            raise ValueError("settings are too long")
        return message

    @classmethod
    def unpack(cls, message: bytes) -> "Job":
        parts = json.loads(message)
        return cls(**parts | {"limits": Limits(**parts["limits"])})


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
        """Raises ValueError unless every field is there, of its type and small."""
        try:
            about = cls(**json.loads(untrusted_message))
        except (TypeError, RecursionError):
            raise ValueError("not a result") from None
        if not about._is_plausible():
            raise ValueError("not a result")
        return about

    def _is_plausible(self) -> bool:
        formats = isinstance(self.format, str) and isinstance(self.input_format, str)
        sizes = (self.width, self.height, self.source_width, self.source_height)
        return (
            formats
            and self.format in SUFFIXES
            and self.input_format in {*SUFFIXES, "HEIF"}
            and all(type(side) is int and 0 < side < 1 << 20 for side in sizes)
            and _is_report(self.untrusted_report)
        )


def _is_report(report: object) -> bool:
    return (
        isinstance(report, dict)
        and len(report) <= 64
        and all(key.replace("-", "").isalnum() and len(key) <= 40 for key in report)
        and all(map(_is_line, report.values()))
    )


def _is_line(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= 200 and value.isprintable()
    return isinstance(value, int | float) and abs(value) < 1 << 63  # neither infinite nor NaN


def stage_of(untrusted_number: int) -> Stage:
    """Only what a child may report: it never waits, fetches or sends."""
    stage = Stage(untrusted_number)
    if stage not in (Stage.READING, Stage.WORKING, Stage.SAVING):
        raise ValueError("not a child's stage")
    return stage
