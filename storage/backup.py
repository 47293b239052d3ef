"""The database at rest: another key, a backup, a restore. Wherever one of them is cut off, a key file opens a database.

What is made is made beside its place, checked, written through to the disk, and then takes its place in one step.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlcipher3

from storage.data_subject_rights import forget_again, forgotten
from storage.db import connect, key_of, migrate, migrations, only_user
from storage.keys import DatabaseError, Key, beside, read_key, write_key
from storage.shipments import mark_possibly_sent


def rotate(path: Path, key_file: Path) -> None:
    """Encrypt the database with a new key. Raises DatabaseError, also while a bot runs.

    First the database takes its place, then its key: in between, the key beside the key file opens it, see `key_of`.
    """
    if not path.exists():
        raise DatabaseError(f"{path} is not there: it gets a key when it is made")
    key_of(path, key_file)
    with only_user(key_file), _made_beside(path) as copy:
        key = read_key(key_file)
        new = key.rotated()
        write_key(beside(key_file), new)
        with _opened(path, key) as connection:
            _export(connection, copy, new)
            _settle(connection)
        _take_place(copy, path)
        _take_place(beside(key_file), key_file)


def back_up(path: Path, key_file: Path, target: Path) -> None:
    """A copy as the database is at one moment, with the same key; the bot may run. Raises DatabaseError, OSError."""
    if not path.exists():
        raise DatabaseError(f"{path} is not there: there is nothing to back up")
    key = key_of(path, key_file)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}-") as file:  # mode 0600
        with _opened(path, key) as connection:
            _export(connection, Path(file.name), key)
        try:
            os.link(file.name, target)
        except FileExistsError:
            raise DatabaseError(f"{target} is there already: name another file") from None
    _sync_folder(target)


def restore(path: Path, key_file: Path, source: Path) -> tuple[Path | None, bool]:
    """Put a backup in the database's place. Returns where the one before is now (None: there was none), and whether who
    was forgotten since the backup is so again: that takes the one before, readable.

    Raises DatabaseError, OSError: nothing is changed then.
    """
    if not key_file.exists():
        raise DatabaseError(f"{key_file} is not there, and without the key nobody can read a backup: put the key back")
    if not source.exists():
        raise DatabaseError(f"{source} is not there")
    aside = path.with_name(f"{path.name}.before-restore")
    if aside.exists():
        raise DatabaseError(f"{aside} is there still, from an earlier restore: move or delete it first")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with only_user(key_file), _made_beside(path) as copy:
        key = read_key(key_file)
        shutil.copyfile(source, copy)
        copy.chmod(0o600)
        with _opened(copy, key, source) as connection:
            _is_sound(connection, source)
            migrate(connection)
            marks = _marks(path, key)
            forget_again(connection, marks or {})
            mark_possibly_sent(connection)
            _settle(connection)
        _sync(copy)
        kept = _set_aside(path, key, aside)
        _take_place(copy, path)
    return aside if kept else None, marks is not None


def remove_unfinished(path: Path) -> None:
    """What a rotation or a restore made and did not end with: people may be in it who are forgotten since."""
    copy = beside(path)
    for suffix in ("", "-journal", "-wal", "-shm"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def _made_beside(path: Path) -> Iterator[Path]:
    remove_unfinished(path)
    try:
        yield beside(path)
    finally:
        remove_unfinished(path)


@contextlib.contextmanager
def _opened(path: Path, key: Key, named: Path | None = None) -> Iterator[Any]:
    """Raises DatabaseError where it does not open with the key, or is from a newer version of this program.

    `named`: what whoever gave the command calls it.
    """
    name = named or path
    try:
        with contextlib.closing(connect(path, key)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            newest = migrations()[-1][0]
            if not 0 < version <= newest:
                raise DatabaseError(f"{name} is of version {version}, and this Darkroom knows 1 to {newest}: update it")
            yield connection
    except sqlcipher3.OperationalError as error:  # no permission, no space, a lock
        raise DatabaseError(f"{name} cannot be used: {error}") from None
    except sqlcipher3.DatabaseError:
        raise DatabaseError(f"{name} does not open with this key: was it made with another one?") from None


def _export(connection: Any, target: Path, key: Key) -> None:
    """Everything, as it is at one moment, and read back. Raises DatabaseError."""
    os.close(os.open(target, os.O_RDWR | os.O_CREAT, 0o600))
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    try:
        _is_sound(connection, "the database")
        connection.execute(f"ATTACH DATABASE ? AS copy KEY \"x'{key.database}'\"", (str(target),))
        connection.execute("BEGIN")
        connection.execute("SELECT sqlcipher_export('copy')").fetchall()
        connection.execute(f"PRAGMA copy.user_version = {version}")
        connection.execute("COMMIT")
        connection.execute("DETACH DATABASE copy")
        with _opened(target, key) as copy:
            _is_sound(copy, target)
            _settle(copy)
    except sqlcipher3.DatabaseError as error:
        raise DatabaseError(f"it could not be copied to {target}: {error}") from None
    _sync(target)


def _is_sound(connection: Any, name: Path | str) -> None:
    """Every page is as it was written, and makes sense."""
    broken = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    if broken or connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        raise DatabaseError(f"{name} is damaged: restore a backup that is not")


def _settle(connection: Any) -> None:
    """All of it is in the file itself: a write-ahead log would stay behind, or spoil what takes the place."""
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise DatabaseError("another program has the database open: end it first")


def _marks(path: Path, key: Key) -> dict[str, bool] | None:
    """As `forgotten` says; None where the database cannot be read."""
    if path.exists():
        with contextlib.suppress(DatabaseError), _opened(path, key) as connection:
            migrate(connection)
            return forgotten(connection)
    return None


def _set_aside(path: Path, key: Key, aside: Path) -> bool:
    """Another name for what is there, even if it is broken; there is a database at `path` at any moment."""
    if not path.exists():
        return False
    with contextlib.suppress(DatabaseError), _opened(path, key) as connection:
        _settle(connection)
    os.link(path, aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    return True


def _take_place(file: Path, place: Path) -> None:
    file.replace(place)
    _sync_folder(place)


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _sync_folder(file: Path) -> None:
    """So that its name is on the disk, too."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
