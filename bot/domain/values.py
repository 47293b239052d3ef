"""Values that travel between handlers, storage, tools and the sandbox. Plain data, no behaviour of theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Any, Protocol

MIB = 1 << 20
STARS = "XTR"  # the currency of Telegram Stars; all others are a card's
LARGEST_RESULT = 50 * MIB  # that Telegram takes from a bot

Buffers = Sequence[bytes | bytearray | memoryview]
Report = dict[str, str | int | float | bool]
"""What a tool tells about its work, flat and JSON-ready. Keys are the ends of Fluent keys: `report-<key>`."""


class Stage(IntEnum):
    """What happens to a photo right now. Names, in lower case, are the ends of Fluent keys: `stage-<name>`."""

    WAITING = 0
    FETCHING = 1
    READING = 2
    WORKING = 3
    SAVING = 4
    SENDING = 5


@dataclass(frozen=True)
class Step:
    """How far a job is."""

    stage: Stage
    place: int = 0  # in the queue, while it waits
    seconds: float | None = None  # until its turn comes, about; None where nobody knows
    photo: int = 1  # which of `photos`
    photos: int = 1
    pause: str | None = None  # what operators say about the pause that it waits for; None where there is none


@dataclass(frozen=True)
class Photo:
    """A photo in a chat, as Telegram describes it; no pixel of it is here."""

    file_id: str = field(repr=False)
    size: int  # bytes; 0 where Telegram does not say
    name: str | None = field(default=None, repr=False)
    compressed: bool = False  # sent "as photo": recompressed by Telegram, its metadata already gone

    @property
    def stem(self) -> str:
        """The name that a result is called after, without its suffix."""
        base = (self.name or "").rpartition("/")[2]
        stem, dot, _ = base.rpartition(".")
        printable = "".join(filter(str.isprintable, stem if dot else base))  # a line break would end a header
        return printable[:60] or "photo"


@dataclass(frozen=True)
class Limits:
    """What one job may use. A tool states its own; the jail enforces them."""

    seconds: float = 60  # of waiting
    cpu_seconds: int = 15  # twice what the largest honest picture takes: 50 megapixels of AVIF, enhanced, take 6.6
    memory_mb: int = 2048  # address space beyond what the warm zygote maps: 50 megapixels saved as AVIF take 1.8 GB
    reserved_mb: int = (
        1024  # what is set aside before it begins: all but the largest AVIFs and clear pictures need less
    )
    megapixels: int = 50
    megabytes: int = 20

    def within(self, megabytes: int, megapixels: int) -> "Limits":
        """These limits, or the operator's where they are lower."""
        return replace(self, megabytes=min(self.megabytes, megabytes), megapixels=min(self.megapixels, megapixels))


class Source(Protocol):
    """The photo as a tool finds it inside the jail."""

    data: memoryview  # the whole file, read-only
    format: str  # in Pillow's spelling: JPEG, PNG, WEBP, GIF, BMP, TIFF, HEIF, AVIF
    limits: Limits

    @property
    def background_photo(self) -> "Source | None":
        """A second photo, where the job has one."""

    def stage(self, stage: Stage) -> None:
        """Tell the person what happens now."""


@dataclass(frozen=True)
class Outcome:
    """What a tool made: the pieces of the new file in order, and what to tell about it."""

    data: Buffers = field(repr=False)
    format: str  # Pillow's spelling; PDF for documents
    width: int
    height: int
    source_width: int  # upright, as people see it
    source_height: int
    report: Report = field(default_factory=dict)
    preview: bytes = field(default=b"", repr=False)  # a small JPEG to glance at, where the tool has one to show


@dataclass(frozen=True)
class Preset:
    """One button with settings of a tool: `label` is a Fluent key, `settings` as typed after `--set`, joined by `;`."""

    label: str
    settings: str
    args: Mapping[str, str | int] = field(default_factory=dict)
    asks: str = ""  # what is asked for next instead of running: "colour" or "photo"


@dataclass(frozen=True)
class Tool:
    """One tool on the shelf. `parse` makes its typed settings of strings; `run` works inside the jail only."""

    slug: str
    version: int
    parse: Callable[[Mapping[str, str]], Any]
    run: Callable[[Source, Any], Outcome]
    presets: tuple[tuple[Preset, ...], ...] = ()  # rows of buttons, the default first; none: the tool runs at once
    limits: Limits = Limits()
    second: str = ""  # the setting whose value may be a second photo: a file on the command line, "photo" in the chat
    hints: bool = False  # takes `keep` and `erase`: cells of its preview where it went wrong
    heavy: bool = False  # takes seconds of a processor: it waits in a lane of its own, and light jobs go before it
    then: "Tool | None" = None  # works on the result, in another child: for what no photo may have a say in


SUFFIXES = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "GIF": "gif",
    "BMP": "bmp",
    "TIFF": "tif",
    "AVIF": "avif",
    "PDF": "pdf",
    "AGE": "age",  # sealed
}


class OrderState(StrEnum):
    """Where an order stands. Names, in lower case, are the ends of Fluent keys: `order-<state>`."""

    OPEN = "open"
    INVOICED = "invoiced"
    PAID = "paid"
    DELIVERING = "delivering"
    SENT = "sent"  # to the lab
    PRINTED = "printed"
    POSTED = "posted"
    DELIVERED = "delivered"
    RETURNED = "returned"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    EXPIRED = "expired"


class Product(StrEnum):
    """What is sold. `unknown`: a payment that belongs to no order."""

    CREDITS = "credits"
    PHOTO = "photo"
    PRINT = "print"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Task:
    """What an order does with a photo: which one, where it is in the chat, and settings as a button carries them."""

    photo: Photo
    message_id: int
    settings: str


@dataclass(frozen=True)
class Charge:
    """A payment, as Telegram tells of it."""

    id: str = field(repr=False)
    user_id: int
    amount: int  # in the currency's smallest unit
    currency: str
    payload: str = field(repr=False)  # the number of its order
    language: str = "en"
    provider_id: str | None = field(default=None, repr=False)  # the card company's number of it
    address: str | None = field(default=None, repr=False)  # where to post it, sealed for the lab
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Order:
    """A purchase. Fields in the order in which `storage/orders.py` reads them; times are Unix times, UTC."""

    id: str
    user_id: int  # 0: of nobody, for who it was is forgotten
    state: OrderState
    product: Product
    credits: int
    amount: int
    currency: str
    language: str
    opened_at: int
    paid_at: int | None = None
    ended_at: int | None = None
    charge_id: str | None = field(default=None, repr=False)
    reason: str | None = None
    tool: str | None = None
    task: Task | None = field(default=None, repr=False)
    progress_id: int | None = None
    tries: int = 0
    terms_version: int | None = None
    consented_at: int | None = None
    provider_id: str | None = field(default=None, repr=False)
    shipping: int = 0  # part of the amount
    to_return: int = 0  # of the amount, in all
    returned: int = 0
    dispute: str | None = None  # warned, open, won, lost
    prints: str | None = None  # which, as a button carries it
