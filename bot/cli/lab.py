"""`python -m bot lab`: the photo lab's own commands. It makes its key, and opens what the bot posts into its chat.

What is opened came from outside: whoever has the public key can seal something for it. So names, sizes and every value
are checked before anything is written, and only lines without control characters are.
"""

import json
import os
import re
import shutil
import struct
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pyrage
from pyrage import x25519

from bot import sealing
from bot.prints import envelope

_MEMBERS = {sealing.ORDER: 4096, sealing.PICTURE: sealing.LARGEST_PACKAGE, sealing.ADDRESS: 32 * 1024}  # bytes at most
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}")  # it becomes the name of a folder
_WORD = re.compile(r"[0-9a-z-]{1,32}")
_MOST_COPIES = 999
_SECRET = re.compile(r"^AGE-SECRET-KEY-1[0-9A-Z]{58}$", re.MULTILINE)


class NotOpened(Exception):
    """It is not for this key, or not what the bot makes. The message is a sentence; nothing of the content is in it."""


class NoKey(Exception):
    """There is no key to open with. The message says where it was looked for, and what to do."""


@dataclass(frozen=True)
class Package:
    """What the bot sent: the order as it was told, a JPEG, and the address as it is written on an envelope."""

    order: dict[str, Any]
    picture: bytes = field(repr=False)
    address: str = field(repr=False)


def open_package(data: bytes, *identities: x25519.Identity) -> Package:
    """With several it also opens what was sealed in two steps, while one took another's place. Raises NotOpened."""
    members = _members(_decrypted(data, identities, "it is for another key, or damaged"))
    if not members[sealing.PICTURE].startswith(b"\xff\xd8\xff"):
        raise NotOpened("the picture in it is no JPEG")
    sealed = _decrypted(members[sealing.ADDRESS], identities, "the address in it is for another key, or damaged")
    return Package(_order(members[sealing.ORDER]), members[sealing.PICTURE], envelope.lines(_object(sealed)))


def _decrypted(data: bytes, identities: Sequence[x25519.Identity], why: str) -> bytes:
    if len(data) > sealing.LARGEST_PACKAGE:
        raise NotOpened("it is larger than anything that the bot makes")
    try:
        plain: bytes = pyrage.decrypt(data, identities)
    except pyrage.DecryptError:
        raise NotOpened(why) from None
    return plain


def _members(plain: bytes) -> dict[str, bytes]:
    """Exactly those that the bot packs, none larger than it may be. They are stored: nothing grows on the way."""
    try:
        with zipfile.ZipFile(BytesIO(plain)) as archive:
            infos = archive.infolist()
            if sorted(info.filename for info in infos) != sorted(_MEMBERS) or not all(map(_is_plain, infos)):
                raise NotOpened("there is something else in it than the bot packs")
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, OverflowError, RuntimeError, struct.error):
        raise NotOpened("it is not packed as the bot packs it") from None


def _is_plain(info: zipfile.ZipInfo) -> bool:
    stored = info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size
    return stored and info.file_size <= _MEMBERS[info.filename]


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise NotOpened("a part of it is not written as the bot writes it")
    return value


def _order(text: bytes) -> dict[str, Any]:
    told = _object(text)
    words = [told.get(name) for name in ("format", "paper")]
    copies = told.get("copies")
    if not _matches(_NUMBER, told.get("order")) or not all(_matches(_WORD, word) for word in words):
        raise NotOpened("its order is not written as the bot writes it")
    if type(copies) is not int or not 1 <= copies <= _MOST_COPIES:
        raise NotOpened("its number of copies makes no sense")
    names = "order", "format", "paper", "copies"
    return {name: told[name] for name in names} | {"shipping": envelope.printable(told.get("shipping"))}


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


# The commands


def keygen(path: Path) -> int:
    """Make the lab's key, readable by its owner alone. Returns the exit status: 1 where something is there already."""
    secret, public = sealing.new_key()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        why = "it is there already, and is not overwritten" if isinstance(error, FileExistsError) else error.strerror
        return _failed(1, f"no key was made in {path}: {why}")
    with os.fdopen(file, "w", encoding="ascii") as key:
        key.write(f"# public key: {public}\n{secret}\n")
        key.flush()
        os.fsync(key.fileno())
    print(f"PRINT_LAB_PUBLIC_KEY={public}")
    print("This line goes into the .env of the bot, which seals every order for it.")
    print(f"{path} opens them: keep it to yourself, and a copy of it elsewhere. Without it they stay closed for ever.")
    return 0


def open_files(files: Sequence[Path], key: Path, into: Path) -> int:
    """A folder an order. Returns the exit status: 2 no such file or key, 3 one that cannot be opened, 1 anything else.

    One that fails does not keep the others from being opened; the highest status counts.
    """
    try:
        identities = read_keys(key)
    except NoKey as error:
        return _failed(2, str(error))
    return max(_opened(file, identities, into) for file in files)


def read_keys(path: Path) -> list[x25519.Identity]:
    """All that the file holds, as `age` itself reads it. Raises NoKey."""
    try:
        found = _SECRET.findall(path.read_text("ascii", errors="replace"))
        return [x25519.Identity.from_str(line) for line in found or [""]]
    except OSError as error:
        raise NoKey(f"there is no key in {path} ({error.strerror}): `python -m bot lab keygen` makes one") from None
    except pyrage.IdentityError:
        raise NoKey(f"{path} holds no key: a line AGE-SECRET-KEY-1... is expected") from None


def _opened(file: Path, identities: Sequence[x25519.Identity], into: Path) -> int:
    try:
        package = open_package(_read(file), *identities)
        folder = _write(package, into)
    except NotOpened as error:
        return _failed(3, f"{file}: {error}")
    except FileExistsError:
        return _failed(1, f"{file}: the folder {package.order['order']} is there already, and is not overwritten")
    except (FileNotFoundError, IsADirectoryError) as error:
        return _failed(2, f"{file}: {error.strerror}")
    except OSError as error:
        return _failed(1, f"{file}: {error.strerror}")
    told = package.order
    print(f"{told['order']}  {told['format']}  {told['copies']} x  {told['paper']}  {folder}")
    return 0


def _read(file: Path) -> bytes:
    """No more of it than a package has, and one byte, by which it is too large."""
    with file.open("rb") as opened:
        return opened.read(sealing.LARGEST_PACKAGE + 1)


def _write(package: Package, into: Path) -> Path:
    """Whole or not at all, for its owner alone. Raises FileExistsError, OSError."""
    folder: Path = into / package.order["order"]
    into.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    try:
        (folder / sealing.PICTURE).write_bytes(package.picture)
        (folder / "address.txt").write_text(package.address, "utf-8")
        (folder / sealing.ORDER).write_text(json.dumps(package.order, indent=2) + "\n", "utf-8")
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder


def _failed(status: int, why: str) -> int:
    print(why, file=sys.stderr)
    return status
