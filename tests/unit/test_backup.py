"""At rest: a new key, a backup, a restore; whatever happens in between, a key file opens a whole database."""

import asyncio
import contextlib
import os
import resource
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.values import Charge, Product
from storage import backup
from storage.addresses import Addresses
from storage.bans import Bans
from storage.data_subject_rights import DataSubjectRights
from storage.db import Database, connect, key_of, migrations, only_user
from storage.keys import DatabaseError, read_key
from storage.ledger import Ledger
from storage.messages import Messages
from storage.orders import Orders
from storage.people import People
from tests.harness import decrypt

ANNA, BEN, CARLA, DORA, EMIL = 1001, 1002, 1003, 1004, 1005


class Safe:
    """A database on the disk, with Anna's purchase in it."""

    def __init__(self, folder: Path) -> None:
        self.path, self.key = folder / "var" / "darkroom.db", folder / "keys" / "key"
        self.backup = folder / "backup.db"
        self.do(lambda db: People(db).agree(ANNA, 4))
        self.do(_buys)

    def do(self, work: Callable[[Database], Any]) -> Any:
        async def whole() -> Any:
            db = await Database.open(self.path, self.key)
            try:
                return await work(db)
            finally:
                await db.close()

        return asyncio.run(whole())

    def balance(self, person: int = ANNA) -> int:
        return self.do(lambda db: Ledger(db, 0).balance(person))

    def rotate(self) -> None:
        backup.rotate(self.path, self.key)

    def back_up(self) -> None:
        backup.back_up(self.path, self.key, self.backup)

    def restore(self) -> tuple[Path | None, bool]:
        return backup.restore(self.path, self.key, self.backup)

    def files(self) -> set[str]:
        return {file.name for folder in (self.path.parent, self.key.parent) for file in folder.iterdir()}


async def _buys(db: Database) -> None:
    order = await Orders(db).open(ANNA, Product.CREDITS, 10, 100, "XTR", "en", 1)
    await Orders(db).pay(Charge("charge", ANNA, 100, "XTR", order.id))


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    return Safe(tmp_path)


def dies_at(step: int, work: Callable[[], Any]) -> bool:
    """Do it in a process of its own that ends before so many of its steps on files; whether it came to its end."""
    child = os.fork()
    if not child:
        left = step

        def hook(event: str, about: tuple[Any, ...]) -> None:
            nonlocal left
            if event in ("os.rename", "os.link", "os.remove", "shutil.copyfile", "sqlite3.connect") or (
                event == "open" and isinstance(about[2], int) and about[2] & (os.O_WRONLY | os.O_RDWR)
            ):
                left -= 1
                if not left:
                    os._exit(9)

        sys.addaudithook(hook)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9)
    return status == 0


def every_death(work: Callable[[], Any]) -> Iterator[int]:
    for step in range(1, 100):
        ended = dies_at(step, work)
        yield step
        if ended:
            return
    raise AssertionError("it never ends")


# A new key


def test_a_new_key_opens_all_of_it_and_the_old_one_nothing(safe: Safe) -> None:
    old = read_key(safe.key)
    safe.do(lambda db: Bans(db).add(ANNA))
    safe.do(lambda db: DataSubjectRights(db).forget(ANNA, 0))
    schema = "SELECT name, sql FROM sqlite_master ORDER BY name"
    before = safe.do(lambda db: db.read(lambda connection: connection.execute(schema).fetchall()))
    safe.rotate()
    assert read_key(safe.key).database != old.database
    assert safe.do(lambda db: Bans(db).has(ANNA)), "marks outlive the key"
    assert safe.do(lambda db: db.read(lambda connection: connection.execute(schema).fetchall())) == before
    with pytest.raises(Exception, match="not a database"):
        connect(safe.path, old)
    assert safe.files() == {"darkroom.db", "key"}
    for file in (safe.path, safe.key):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    safe.rotate()
    assert safe.do(lambda db: Bans(db).has(ANNA))


def test_nothing_of_the_old_database_is_lost_that_was_only_in_its_log(safe: Safe) -> None:
    with contextlib.closing(connect(safe.path, read_key(safe.key))) as connection:
        connection.execute("INSERT INTO messages VALUES (1, 2, 3)")
        wal = safe.path.with_name("darkroom.db-wal")
        left, database = wal.read_bytes(), safe.path.read_bytes()
    safe.path.write_bytes(database)  # as a crash leaves it
    wal.write_bytes(left)
    safe.rotate()
    assert safe.do(lambda db: db.read(lambda c: c.execute("SELECT * FROM messages").fetchall())) == [(1, 2, 3)]


def test_a_program_that_has_it_open_stands_in_the_way_of_a_new_key(safe: Safe) -> None:
    """What that writes would be lost with the old file."""
    with contextlib.closing(connect(safe.path, read_key(safe.key))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM orders").fetchall()
        with contextlib.closing(connect(safe.path, read_key(safe.key))) as writer:
            writer.execute("INSERT INTO bans VALUES (7, 7)")
        key = read_key(safe.key)
        with pytest.raises(DatabaseError, match="another program"):
            safe.rotate()
    assert read_key(safe.key) == key
    assert safe.do(lambda db: Bans(db).has(7))


def test_whenever_rotation_dies_a_key_opens_the_database(safe: Safe) -> None:
    for step in every_death(safe.rotate):
        assert safe.balance() == 10, step
    assert step > 8
    assert safe.files() == {"darkroom.db", "key"}


def test_in_between_it_is_the_key_beside_the_key_file_that_opens_it(safe: Safe) -> None:
    """The control of the one above: there is such a moment."""
    healed = 0
    for _ in every_death(safe.rotate):
        key = read_key(safe.key)
        healed += key_of(safe.path, safe.key) != key
    assert healed == 1


# A backup, and a restore


def test_a_backup_is_encrypted_whole_and_nobody_elses_to_read(safe: Safe) -> None:
    with only_user(safe.key):  # the bot runs
        safe.back_up()
    assert stat.S_IMODE(safe.backup.stat().st_mode) == 0o600
    assert b"charge" not in safe.backup.read_bytes()
    assert b"charge" in decrypt.pages(safe.backup, safe.key)
    with pytest.raises(DatabaseError, match="is there already"):
        safe.back_up()
    assert {file.name for file in safe.backup.parent.iterdir()} == {"var", "keys", "backup.db"}


def test_a_backup_is_of_one_moment(safe: Safe) -> None:
    """While somebody writes two rows that belong together, again and again."""

    async def both() -> None:
        db = await Database.open(safe.path, safe.key)
        done = False

        async def write() -> None:
            number = 0
            while not done:
                number += 1
                row = (number, number, 1)
                await db.run(
                    lambda connection, row=row: [
                        connection.execute("INSERT INTO messages VALUES (?, ?, ?)", row),
                        connection.execute("INSERT INTO bans VALUES (?, 1)", row[:1]),
                    ]
                )

        writing = asyncio.ensure_future(write())
        await asyncio.sleep(0.05)
        await asyncio.to_thread(safe.back_up)
        done = True
        await writing
        await db.close()

    asyncio.run(both())
    safe.restore()
    counts = "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM bans)"
    [(messages, bans)] = safe.do(lambda db: db.read(lambda connection: connection.execute(counts).fetchall()))
    assert messages == bans > 0


def test_a_restore_drill(safe: Safe) -> None:
    """Sell, back up, lose everything but the key, restore, refund."""
    safe.back_up()
    for file in safe.path.parent.iterdir():
        file.unlink()
    assert safe.restore() == (None, False)
    assert safe.balance() == 10
    order = safe.do(lambda db: Orders(db).of_charge("charge"))
    assert safe.do(lambda db: Orders(db).refunding(order.id, "withdrawn", only_unspent=True))
    assert safe.do(lambda db: Orders(db).record_refund("charge")).amount == 100
    assert safe.balance() == 0


def test_the_database_before_is_kept_aside(safe: Safe) -> None:
    safe.back_up()
    safe.backup.chmod(0o644)  # as it comes back from wherever it was
    safe.do(lambda db: Ledger(db, 0).grant(ANNA, 5, "present"))
    before, still_forgotten = safe.restore()
    assert safe.balance() == 10
    assert still_forgotten
    assert before
    assert before.name == "darkroom.db.before-restore"
    assert stat.S_IMODE(safe.path.stat().st_mode) == 0o600
    before.replace(safe.path)
    assert safe.balance() == 15


def test_a_broken_database_does_not_stand_in_the_way(safe: Safe) -> None:
    safe.back_up()
    safe.path.write_bytes(b"rubbish" * 1000)
    safe.path.with_name("darkroom.db-wal").write_bytes(b"more of it" * 1000)
    assert safe.restore() == (safe.path.with_name("darkroom.db.before-restore"), False)
    assert not safe.path.with_name("darkroom.db-wal").exists()
    assert safe.balance() == 10


def test_whenever_a_restore_dies_one_of_the_two_is_there(safe: Safe) -> None:
    safe.back_up()
    safe.do(lambda db: Ledger(db, 0).grant(ANNA, 5, "present"))
    seen = []
    for _ in every_death(safe.restore):
        seen.append(safe.balance())
        safe.path.with_name("darkroom.db.before-restore").unlink(missing_ok=True)
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {15, 10}


def test_who_was_forgotten_since_does_not_come_back(safe: Safe) -> None:
    """However little there was of them; what they left after it is newer than the backup, and lost with the rest."""
    for person in (BEN, CARLA):
        safe.do(lambda db, person=person: People(db).agree(person, 4))
    safe.do(lambda db: DataSubjectRights(db).forget(CARLA, 0))
    safe.do(lambda db: People(db).agree(CARLA, 4))  # who came back before the backup
    safe.do(lambda db: Addresses(db).decline(DORA))
    safe.do(lambda db: Ledger(db, 3).balance(EMIL))
    safe.back_up()
    for person in (ANNA, BEN, DORA, EMIL):
        safe.do(lambda db, person=person: DataSubjectRights(db).forget(person, 0))
    safe.do(lambda db: Messages(db).add(BEN, 7))  # a word of ours to them, or a new beginning
    safe.restore()
    assert safe.do(lambda db: People(db).find(ANNA)).policy_version is None
    assert safe.do(lambda db: People(db).find(BEN)).policy_version is None
    assert safe.do(lambda db: People(db).find(CARLA)).policy_version == 4
    assert safe.do(lambda db: Addresses(db).find(DORA)).declined == 0
    assert safe.do(lambda db: Ledger(db, 3).balance(EMIL)) == 0
    assert [order.amount for order in safe.do(lambda db: Orders(db).of(ANNA))] == [100]


# What does not work says why, and changes nothing


@pytest.mark.parametrize("work", ["rotate", "back_up", "restore"])
@pytest.mark.parametrize("room", [20_000, 100_000])
def test_a_disk_that_is_full_is_not_taken_for_a_wrong_key(safe: Safe, work: str, room: int) -> None:
    if work == "restore":
        safe.back_up()

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        with pytest.raises((DatabaseError, OSError)) as error:
            getattr(safe, work)()
        assert "key" not in str(error.value)

    assert dies_at(0, full)
    assert safe.balance() == 10
    assert safe.files() - {"key.new"} == {"darkroom.db", "key"}


def test_what_was_cut_off_leaves_no_copy_of_the_database_for_long(safe: Safe) -> None:
    """Somebody in it may ask to be forgotten: what `run` calls before it opens the database."""
    safe.back_up()
    for work in (safe.restore, safe.rotate):
        left = set()
        for _ in every_death(work):
            left |= safe.files()
            backup.remove_unfinished(safe.path)
            assert not {name for name in safe.files() if name.startswith("darkroom.db.new")}
            safe.path.with_name("darkroom.db.before-restore").unlink(missing_ok=True)
        assert "darkroom.db.new" in left


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda safe: safe.backup.unlink(), "is not there"),
        (lambda safe: safe.backup.write_bytes(b"rubbish" * 1000), "does not open with this key"),
        (lambda safe: safe.rotate(), "does not open with this key"),
        (lambda safe: safe.key.unlink(), "put the key back"),
        (lambda safe: _flip_a_byte(safe.backup), r"backup\.db is damaged"),
        (lambda safe: _age(safe.backup, safe.key, migrations()[-1][0] + 1), "update it"),
        (lambda safe: safe.path.with_name("darkroom.db.before-restore").touch(), "from an earlier restore"),
    ],
)
def test_a_restore_that_cannot_be_says_why(safe: Safe, spoil: Callable[[Safe], Any], why: str) -> None:
    safe.back_up()
    key = read_key(safe.key).database
    spoil(safe)
    before = safe.path.read_bytes()
    with pytest.raises(DatabaseError, match=why) as error:
        safe.restore()
    assert "darkroom.db.new" not in str(error.value), "nobody but us knows of that"
    assert key not in str(error.value)
    assert safe.path.read_bytes() == before
    assert not safe.path.with_name("darkroom.db-wal").exists()


def _flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[5 * 4096 + 100] ^= 1
    file.write_bytes(content)


def _age(file: Path, key: Path, version: int) -> None:
    with contextlib.closing(connect(file, read_key(key))) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


def test_while_a_bot_runs_there_is_neither_rotation_nor_restore(safe: Safe) -> None:
    safe.back_up()
    for work in (safe.rotate, safe.restore):
        with only_user(safe.key), pytest.raises(DatabaseError, match="stop it first"):
            work()
    assert safe.files() == {"darkroom.db", "key"}


def test_a_database_of_a_newer_darkroom_is_not_opened(safe: Safe) -> None:
    _age(safe.path, safe.key, 99)
    with pytest.raises(DatabaseError, match="newer"):
        safe.balance()


def test_without_its_key_nothing_works_and_that_is_said(safe: Safe) -> None:
    safe.key.unlink()
    for work in (safe.rotate, safe.back_up, safe.balance):
        with pytest.raises(DatabaseError, match="put the key back"):
            work()
    assert not safe.key.exists()
