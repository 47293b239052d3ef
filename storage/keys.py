"""The key file. Its first line opens the database; the second, if any, is for marks and outlives the first.

A mark is a keyed hash of a person's number: all that is left to recognise somebody who was forgotten. It cannot be made
anew when the database gets a new key, hence the second line; until then the key for marks follows from the first.
"""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

_KEY_BYTES = 32
_LINES = re.compile(r"([0-9a-f]{64})(?:\n([0-9a-f]{64}))?")


class DatabaseError(Exception):
    """The database cannot be used. The message says why and what to do; it holds no key."""


@dataclass(frozen=True)
class Key:
    database: str = field(repr=False)  # 64 hexadecimal digits
    marks: str = field(repr=False)

    def mark(self, what: int | str) -> str:
        """The same number or text has the same mark for ever; nobody finds it without the key file."""
        return hmac.digest(bytes.fromhex(self.marks), str(what).encode(), hashlib.sha256).hex()

    def rotated(self) -> "Key":
        """Another key for the database, the same for marks."""
        return Key(secrets.token_hex(_KEY_BYTES), self.marks)


def read_key(path: Path) -> Key:
    """Raises DatabaseError where it holds none, OSError."""
    lines = _LINES.fullmatch(path.read_text("ascii", errors="replace").strip())
    if lines is None:
        raise DatabaseError(f"{path} holds no key: 64 hexadecimal digits are expected")
    database, marks = lines.groups()
    return Key(database, marks or hmac.digest(bytes.fromhex(database), b"marks", hashlib.sha256).hex())


def read_or_make_key(path: Path) -> Key:
    """Made at the first start, readable by its owner alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make_key(path)
    return read_key(path)


def beside(path: Path) -> Path:
    """Where what shall take a file's place is made: whatever is there is not in use."""
    return path.with_name(f"{path.name}.new")


def write_key(path: Path, key: Key) -> None:
    """On the disk when this returns, readable by its owner alone."""
    path.touch(0o600)
    path.chmod(0o600)
    with path.open("w", encoding="ascii") as file:
        file.write(f"{key.database}\n{key.marks}\n")
        file.flush()
        os.fsync(file.fileno())


def _make_key(path: Path) -> None:
    """Whole or not at all: written beside its place, then linked there; who comes second keeps the first one's."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:  # mode 0600
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)
