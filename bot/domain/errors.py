"""One tree of errors. Each carries the Fluent key of the sentence that a person reads, and whether to wake someone.

DarkroomError
├── UsageError   a setting that makes no sense; the person chose it
├── Refused      this photo will not be worked on, and why
├── Stopped      the person asked to stop
├── Busy         too much at once; later it works
├── Short        not enough credits
└── Failed       our side: the job died, took too long, or grew too large
"""

from enum import IntEnum


class DarkroomError(Exception):
    """`key` names the sentence in `locales/`; `values` fill it in. No content of a photo or message may go in here."""

    wake = False

    def __init__(self, key: str, **values: int | str) -> None:
        super().__init__(key)
        self.key = f"error-{key}"
        self.values = values


class UsageError(DarkroomError):
    """A setting that the tool does not have, or a value out of its range."""


class Stopped(DarkroomError):
    """The person stopped the job."""

    def __init__(self) -> None:
        super().__init__("stopped")


class Busy(DarkroomError):
    """More than one person, or the whole machine, may have at once."""


class Short(DarkroomError):
    """The balance is below what the job costs."""

    def __init__(self, credits: int, balance: int) -> None:
        super().__init__("short", credits=credits, balance=balance)
        self.credits = credits
        self.balance = balance


class Reason(IntEnum):
    """Why a photo is refused, or how a job failed. Only these numbers leave the jail; they never change meaning."""

    NOT_A_PHOTO = 1
    TOO_MANY_BYTES = 2
    TOO_MANY_PIXELS = 3
    BROKEN = 4
    TOO_COMPLEX = 5
    TOO_MUCH_METADATA = 6
    TOO_SMALL_A_TARGET = 7
    RESULT_TOO_LARGE = 8
    RESULT_TOO_MANY_PIXELS = 9
    NO_SUBJECT = 10
    NO_SECOND_PHOTO = 11
    TOO_SMALL_TO_PRINT = 12
    UNSUPPORTED = 13
    SIDE_TOO_LONG = 14
    OUT_OF_MEMORY = 20
    TOOK_TOO_LONG = 21
    CRASHED = 22
    MODULE_MISSING = 23
    CODEC_MISSING = 24

    @property
    def key(self) -> str:
        return self.name.lower().replace("_", "-")


class Refused(DarkroomError):
    """This photo will not be worked on. `detail` is one number that the sentence may use (`$detail`)."""

    def __init__(self, reason: Reason, detail: int = 0) -> None:
        super().__init__(reason.key, detail=detail)
        self.reason = reason
        self.detail = detail


class Failed(Refused):
    """The job failed on our side. Nothing is charged, the bot goes on."""

    wake = True
