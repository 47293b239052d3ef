"""The files of one world: in a private folder in memory, known by file_id, served once getFile named their path."""

import mimetypes
import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

MIB = 1 << 20
DOWNLOAD_LIMIT = 20 * MIB  # https://core.telegram.org/bots/api#getfile
UPLOAD_LIMIT = 50 * MIB  # https://core.telegram.org/bots/api#sending-files
PHOTO_LIMIT = 10 * MIB

MEMORY = Path("/dev/shm")  # noqa: S108  the point is memory, not a temporary file

# Real file ids begin so; the letters tell people who read logs what they see.
PREFIXES = {"photo": "AgACAgIAAx", "document": "BQACAgIAAx", "sticker": "CAACAgIAAx"}


@dataclass(frozen=True)
class Upload:
    """A file that has arrived and belongs to nothing yet."""

    path: Path
    name: str
    mime: str

    @property
    def size(self) -> int:
        return self.path.stat().st_size


@dataclass(frozen=True)
class StoredFile:
    """A file that Telegram keeps. `fields` holds the fields of PhotoSize, Document, ... that describe it."""

    path: Path
    kind: str
    link: str
    fields: dict[str, Any]


class Files:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = count(1)
        self._stored: dict[str, StoredFile] = {}
        self._links: dict[str, StoredFile] = {}
        self.uploads: dict[str, Upload] = {}  # what people picked and have not sent yet

    def new_path(self) -> Path:
        return self._folder / str(next(self._names))

    def keep(self, path: Path, kind: str, suffix: str, **fields: Any) -> StoredFile:
        """Take the file at `path` in; `fields` are the fields of its kind beside ids and size."""
        kept = self.new_path()
        path.rename(kept)
        ids = {
            "file_id": PREFIXES.get(kind, "DQACAgIAAx") + secrets.token_urlsafe(36),
            "file_unique_id": secrets.token_urlsafe(9),
        }
        stored = StoredFile(
            kept, kind, f"{kind}s/file_{kept.name}{suffix}", ids | {"file_size": kept.stat().st_size} | fields
        )
        self._stored[ids["file_id"]] = stored
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        return self._stored.get(file_id)

    def publish(self, stored: StoredFile) -> str:
        self._links[stored.link] = stored
        return stored.link

    def published_path(self, link: str) -> Path | None:
        stored = self._links.get(link)
        return stored.path if stored else None


def keep_document(files: Files, upload: Upload, **fields: Any) -> StoredFile:
    """Documents stay as they are. Telegram guesses the type by the name where the sender gives none."""
    name = PurePosixPath(upload.name).name or "file"
    mime = upload.mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return files.keep(upload.path, "document", PurePosixPath(name).suffix, file_name=name, mime_type=mime, **fields)


def private_folder() -> Path:
    """A fresh folder, mode 0700, in memory. Folders of servers that were killed are removed first."""
    remove_orphaned_folders()
    folder = MEMORY / f"darkroom-playground-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    return folder


def remove_orphaned_folders() -> None:
    """Remove the folders of servers that were killed."""
    for old in MEMORY.glob("darkroom-playground-*"):
        remove_if_orphaned(old)


def remove_if_orphaned(folder: Path) -> None:
    owner = folder.name.split("-")[2]
    with suppress(FileNotFoundError):  # another server sweeps, too
        if folder.stat().st_uid == os.getuid() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)
