"""What photos carry beside their pixels: one module a container walks it and strips it; `report` reads what was found.

Walkers yield positions, never copies, so that the header gate and the stripping share them. They stop or raise
`Refused(BROKEN)` where the container makes no sense, and never loop without moving on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.errors import Reason, Refused


@dataclass
class Findings:
    """What lay in a file beside the picture, as it lay there."""

    exif: bytes | memoryview = b""  # from its TIFF header on; of a TIFF, all of it
    xmp: bytearray = field(default_factory=bytearray)
    photoshop: bytearray = field(default_factory=bytearray)  # image resource blocks; IPTC is one of them
    iptc: bytearray = field(default_factory=bytearray)  # where it lies bare
    texts: list[tuple[str, str]] = field(default_factory=list)  # keyword in lower case, text
    thumbnail: int = 0  # bytes of thumbnails outside EXIF
    c2pa: bool = False
    extra_pictures: int = 0
    trailing: int = 0  # bytes after the end of the picture


@dataclass(frozen=True)
class Stripped:
    """The same picture without metadata: `pieces` in order are the new file; width and height as stored."""

    pieces: Sequence[bytes | memoryview]
    width: int
    height: int
    orientation: int
    findings: Findings


def broken() -> Refused:
    return Refused(Reason.BROKEN)
