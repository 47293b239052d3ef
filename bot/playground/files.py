"""The files of one world, in a private folder in memory. They are known by file_id and served after getFile."""

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

# The prefixes of real file ids, which show readers of logs the kind of file.
PREFIXES = {"photo": "AgACAgIAAx", "document": "BQACAgIAAx", "sticker": "CAACAgIAAx"}


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded and is in no message yet."""

    path: Path
    name: str
    mime: str

    @property
    def size(self) -> int:
        return self.path.stat().st_size


@dataclass(frozen=True)
class StoredFile:
    """A file that Telegram keeps. `fields` are those of its PhotoSize, Document or other object."""

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
        self.uploads: dict[str, Upload] = {}  # files that people picked and have not sent yet

    def new_path(self) -> Path:
        return self._folder / str(next(self._names))

    def keep(self, path: Path, kind: str, suffix: str, **fields: Any) -> StoredFile:
        """Move the file at `path` into the store. `fields` are those of its kind besides ids and size."""
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
    """Store a document unchanged. Without a type from the sender, Telegram guesses it by the name."""
    name = PurePosixPath(upload.name).name or "file"
    mime = upload.mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return files.keep(upload.path, "document", PurePosixPath(name).suffix, file_name=name, mime_type=mime, **fields)


def private_folder() -> Path:
    """Make a folder in memory, mode 0700, after removing the folders of killed servers."""
    remove_orphaned_folders()
    folder = MEMORY / f"darkroom-playground-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    return folder


def remove_orphaned_folders() -> None:
    """Remove the folders of killed servers."""
    for old in MEMORY.glob("darkroom-playground-*"):
        remove_if_orphaned(old)


def remove_if_orphaned(folder: Path) -> None:
    owner = folder.name.split("-")[2]
    with suppress(FileNotFoundError):  # another server removes them too
        if folder.stat().st_uid == os.getuid() and not Path("/proc", owner).exists():
            shutil.rmtree(folder, ignore_errors=True)
