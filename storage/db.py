"""The encrypted database: one connection in its own thread; each transaction is one call into that thread."""

import asyncio
import contextlib
import fcntl
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiosqlite
import sqlcipher3

from storage.keys import DatabaseError, Key, beside, read_key, read_or_make_key

_log = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).parent / "migrations"

# SQLite's names for what ails the disk or the file, not the statement: later the same may work.
_TROUBLES = ("FULL", "IOERR", "READONLY", "BUSY", "LOCKED", "CANTOPEN", "NOMEM", "CORRUPT", "NOTADB")
_MOST_OWED = 10_000
_LOOK_OVER_SECONDS, _LOOK_EVERY = 3, 1000  # the second: steps of SQLite's machine between two looks at the clock
_RESTORE = "put a backup in its place with `python -m bot restore FILE`"

T = TypeVar("T")
Error = sqlcipher3.Error


class Connection(Protocol):
    """The part of a DB-API connection that work inside a transaction uses."""

    def execute(self, sql: str, parameters: tuple[Any, ...] | dict[str, Any] = ..., /) -> Any: ...


class Database:
    """`await Database.open(...)`, then `await db.run(work)`: `work(connection)` is one transaction, all or nothing."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._owed: deque[Callable[[Connection], object]] = deque(maxlen=_MOST_OWED)  # the database's thread has it

    @classmethod
    async def open(cls, path: Path, key_file: Path) -> "Database":
        """Make or open the database, migrated to the newest step. Raises DatabaseError."""
        key = key_of(path, key_file)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = aiosqlite.Connection(lambda: connect(path, key), iter_chunk_size=64)
        connection._thread.daemon = True  # what fails before `close` must end the process, not wait for this thread
        try:
            await connection
        except (sqlcipher3.Error, OSError) as error:
            connection._thread.join(1)  # it ends by itself, but must not answer to a loop that is closed by then
            raise DatabaseError(_why_not(error, path, key_file)) from None
        database = cls(connection)
        try:
            await database._in_thread(lambda opened: _look_over(opened, path))
            await database._in_thread(migrate)
        except (DatabaseError, sqlcipher3.Error) as error:
            await connection.close()
            if isinstance(error, DatabaseError):
                raise
            raise DatabaseError(_why_not(error, path, key_file)) from None
        return database

    async def run(self, work: Callable[[Connection], T]) -> T:
        """One transaction in one hop to the database's thread. Whatever `work` raises rolls it back."""

        def after_owed(connection: Any) -> T:
            self._pay(connection)
            return _transaction(connection, work)

        return await self._in_thread(after_owed)

    async def note(self, work: Callable[[Connection], object]) -> None:
        """Bookkeeping of what has happened already, a delivery say, and must not seem undone when the disk is full.

        What the database does not take now is owed: it is written before whatever comes next.
        """

        def now_or_later(connection: Any) -> None:
            try:
                self._pay(connection)
                _transaction(connection, work)
            except Error as error:
                if not is_trouble(error):
                    raise
                _log.error("the database did not take a note, it is written later: %s", reason_of(error))
                self._owed.append(work)

        await self._in_thread(now_or_later)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """One statement that changes nothing, in one hop."""
        return await self._in_thread(work)

    async def checkpoint(self) -> bool:
        """Empty the write-ahead log, so that what was erased is gone from it too. False while another program reads."""
        sql = "PRAGMA wal_checkpoint(TRUNCATE)"
        busy, *_ = await self._in_thread(lambda connection: connection.execute(sql).fetchone())
        return not busy

    async def renew(self) -> bool:
        """After erasing: empty the write-ahead log, as `checkpoint`, and the memory of the connection.

        Its prepared statements keep the values they last had, and its pages what they held; a new one knows nothing.
        """
        emptied = await self.checkpoint()

        def work() -> None:
            old = self._connection._conn
            self._connection._connection = self._connection._connector()
            old.close()

        await self._hop(work)
        return emptied

    async def close(self) -> None:
        """On a full disk, too: then the write-ahead log stays, and the next start reads it."""
        try:
            await self._in_thread(self._pay)
            await self.checkpoint()
        except Error as error:
            _log.error("the database closes as it is, with %d notes unwritten: %s", len(self._owed), reason_of(error))
        with contextlib.suppress(Error):
            await self._connection.close()

    def _pay(self, connection: Any) -> None:
        """Write what is owed, in its order."""
        while self._owed:
            try:
                _transaction(connection, self._owed[0])
            except Error as error:
                if is_trouble(error):
                    raise
                _log.error("a note does not fit any more: %s", reason_of(error))
            self._owed.popleft()

    async def _in_thread(self, work: Callable[[Any], T]) -> T:
        return await self._hop(lambda: work(self._connection._conn))

    async def _hop(self, work: Callable[[], T]) -> T:
        # aiosqlite has no public call for "this function, in your thread"; its public ones are a hop a statement.
        hop: Coroutine[Any, Any, T] = self._connection._execute(work)  # type: ignore[no-untyped-call]
        return await asyncio.shield(asyncio.ensure_future(hop))  # a cancelled caller must not tear a transaction


def key_of(path: Path, key_file: Path) -> Key:
    """The key that opens the database, made where both are new. Where a rotation was cut off, it ends here.

    Raises DatabaseError: without its key, or with another, nobody can read the database; and others must not read it.
    """
    if path.exists() and not key_file.exists():
        raise DatabaseError(
            f"{path} is there, but its key {key_file} is not. Without the key nobody can read it: "
            "put the key back, or move the database away to begin anew"
        )
    if key_file.exists():
        _is_private(key_file)
        _is_not_empty(path, key_file)
    key, new = read_or_make_key(key_file), beside(key_file)
    if path.exists() and new.exists() and not _opens(path, key) and _opens(path, read_key(new)):
        new.replace(key_file)
        key = read_key(key_file)
    return key


def _is_private(key_file: Path) -> None:
    if key_file.stat().st_mode & 0o077:
        raise DatabaseError(f"others on this machine may read the key {key_file}: chmod 600 {key_file.resolve()}")


def _is_not_empty(path: Path, key_file: Path) -> None:
    """A file of 0 bytes opens like a new database, and everything would be gone without a word."""
    if path.exists() and path.stat().st_size == 0:
        raise DatabaseError(
            f"{path} is empty, but by its key {key_file} there was a database: put a backup in its place with "
            "`python -m bot restore FILE`, or delete the empty file to begin anew"
        )


def _look_over(connection: Any, path: Path) -> None:
    """Raises DatabaseError where a page is damaged, as far as that is found within some seconds."""
    end = time.monotonic() + _LOOK_OVER_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, _LOOK_EVERY)
    try:
        sound = connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)]
    except sqlcipher3.DatabaseError as error:
        if reason_of(error) != "SQLITE_INTERRUPT":
            raise DatabaseError(f"{path} is damaged ({reason_of(error)}): {_RESTORE}") from None
        _log.info("the database is large: not all of it was looked over")
        return
    finally:
        connection.set_progress_handler(None, 0)
    if not sound:
        raise DatabaseError(f"{path} is damaged: {_RESTORE}")


def _opens(path: Path, key: Key) -> bool:
    try:
        connect(path, key).close()
    except sqlcipher3.Error:
        return False
    return True


@contextlib.contextmanager
def only_user(key_file: Path) -> Iterator[None]:
    """Hold the database for one process: a second bot would replay the first one's updates. Raises DatabaseError."""
    with key_file.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DatabaseError("another Darkroom runs on this database; stop it first") from None
        if os.fstat(file.fileno()).st_ino != key_file.stat().st_ino:
            raise DatabaseError("the database got another key this very moment; try again")
        yield


def reason_of(error: BaseException) -> str:
    """SQLite's own name for what went wrong, as SQLITE_FULL or SQLITE_IOERR_WRITE; else the kind of the error."""
    return getattr(error, "sqlite_errorname", "") or type(error).__name__


def is_trouble(error: BaseException) -> bool:
    """True if the disk or the file of the database is at fault, not what was asked of it."""
    return reason_of(error).removeprefix("SQLITE_").startswith(_TROUBLES)


def _why_not(error: Exception, path: Path, key_file: Path) -> str:
    if isinstance(error, sqlcipher3.OperationalError | OSError):  # no permission, no space, a lock
        return f"{path} does not open: {error}"
    return (
        f"{path} does not open with the key in {key_file}: is it the right one? "
        f"If it is, the database is damaged: {_RESTORE}"
    )


def connect(path: Path, key: Key) -> Any:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlcipher3.connect(str(path), isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA cipher_log_level = NONE")  # it would print to stderr what we say in a sentence
    # A raw key: it is random already, deriving it would only cost time. It cannot be a bound parameter in a PRAGMA.
    connection.execute(f"PRAGMA key = \"x'{key.database}'\"")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        "busy_timeout = 5000",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.create_function("mark_of", 1, key.mark)
    return connection


def _transaction(connection: Any, work: Callable[[Connection], T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def migrations() -> list[tuple[int, Path]]:
    """Every step forward, by number."""
    return sorted((int(path.name.split("_")[0]), path) for path in _MIGRATIONS.glob("*.sql"))


def migrate(connection: Any) -> None:
    """Raises DatabaseError for a database of a newer version."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > migrations()[-1][0]:
        raise DatabaseError("the database was made by a newer Darkroom: update this one")
    for number, path in migrations():
        if number > version:
            script = path.read_text("utf-8")
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
