"""A file without a name or a disk: the only place where a photo's bytes are while the bot has them."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType


class MemoryFile:
    """An anonymous file in memory (memfd_create(2)). The kernel frees it with its last descriptor.

    Written and read in pieces, never mapped: so the photo is not in the bot's own address space.
    """

    def __init__(self) -> None:
        self.fd = os.memfd_create("", os.MFD_CLOEXEC)
        self.since = time.monotonic()

    @property
    def size(self) -> int:
        """Bytes."""
        return os.fstat(self.fd).st_size

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Append; the kernel takes it whole, or there is no memory left (OSError)."""
        view = memoryview(piece)
        while view:
            view = view[os.write(self.fd, view) :]

    def read(self, offset: int, count: int) -> bytes:
        """At most `count` bytes from `offset`; empty at the end."""
        return os.pread(self.fd, count, offset)

    @contextmanager
    def read_only(self) -> Iterator[int]:
        """Inside, a descriptor for a child: nobody can write through it, nor map it and make the map writable."""
        descriptor = os.open(f"/proc/self/fd/{self.fd}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def part(self, offset: int, count: int) -> "MemoryFile":
        """A copy of `count` bytes from `offset`, made by the kernel: they do not pass through our own memory."""
        copy = MemoryFile()
        while copy.size < count and os.sendfile(copy.fd, self.fd, offset + copy.size, count - copy.size):
            pass
        return copy

    def become(self, other: "MemoryFile") -> None:
        """Hold what the other holds, since when it does; the other is closed."""
        self.close()
        self.fd, self.since, other.fd = other.fd, other.since, -1

    def rewind(self) -> None:
        """The next `write` begins at the start again."""
        os.lseek(self.fd, 0, os.SEEK_SET)

    def truncate(self, size: int) -> None:
        os.ftruncate(self.fd, size)

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> "MemoryFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
