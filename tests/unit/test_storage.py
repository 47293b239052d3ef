"""The database: encrypted, migrated step by step, one transaction a hop, nothing of what was erased is left."""

import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlcipher3

from storage.counters import Counters
from storage.db import Connection, Database, migrations, only_user
from storage.inbox import Inbox
from storage.keys import DatabaseError
from storage.messages import Messages
from storage.people import People

CANARY = "canary-4f1d-secret-words"


async def test_what_is_written_is_not_readable_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "darkroom.db"
    db = await Database.open(path, tmp_path / "key")
    await Inbox(db).add(1, CANARY)
    files = [file for file in tmp_path.iterdir() if file.name.startswith("darkroom")]
    assert len(files) == 3  # with WAL and its index
    assert not any(CANARY.encode() in file.read_bytes() for file in files)
    plain = sqlite3.connect(tmp_path / "plain.db")  # the control: an ordinary database shows it
    plain.executescript(f"CREATE TABLE t (body TEXT); INSERT INTO t VALUES ('{CANARY}')")
    plain.close()
    assert CANARY.encode() in (tmp_path / "plain.db").read_bytes()
    await db.close()
    with contextlib.closing(sqlite3.connect(path)) as stranger, pytest.raises(sqlite3.DatabaseError):
        stranger.execute("SELECT * FROM inbox")


async def test_key_and_database_are_the_owners_alone(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "var" / "darkroom.db", tmp_path / "config" / "key")
    await db.close()
    for file in (tmp_path / "var" / "darkroom.db", tmp_path / "config" / "key"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_lost_or_wrong_key_says_so(tmp_path: Path) -> None:
    key = tmp_path / "key"
    await (await Database.open(tmp_path / "a.db", key)).close()
    good = key.read_text()
    key.unlink()
    with pytest.raises(DatabaseError, match="put the key back"):
        await Database.open(tmp_path / "a.db", key)
    for bad, words in (("f" * 64, "the right one"), ("hello", "holds no key")):
        key.write_text(bad)
        key.chmod(0o600)
        with pytest.raises(DatabaseError, match=words) as error:
            await Database.open(tmp_path / "a.db", key)
        assert bad not in str(error.value) or bad == "hello"
    key.write_text(good)
    await (await Database.open(tmp_path / "a.db", key)).close()


async def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    await (await Database.open(tmp_path / "a.db", key)).close()
    for mode in (0o644, 0o640, 0o604, 0o620):
        key.chmod(mode)
        with pytest.raises(DatabaseError, match=f"chmod 600 {key}"):
            await Database.open(tmp_path / "a.db", key)
    key.chmod(0o400)
    await (await Database.open(tmp_path / "a.db", key)).close()


async def test_an_empty_file_is_not_taken_for_a_new_database(tmp_path: Path) -> None:
    path, key = tmp_path / "a.db", tmp_path / "key"
    await (await Database.open(path, key)).close()
    path.write_bytes(b"")
    with pytest.raises(DatabaseError, match=r"is empty.*restore FILE.*begin anew"):
        await Database.open(path, key)
    assert path.stat().st_size == 0
    path.unlink()
    await (await Database.open(path, key)).close()


@pytest.mark.parametrize("page", [0, 3, -1])
async def test_a_damaged_page_is_found_at_the_start(tmp_path: Path, page: int) -> None:
    path, key = tmp_path / "a.db", tmp_path / "key"
    await (await Database.open(path, key)).close()
    sound = bytearray(path.read_bytes())
    at = (page % (len(sound) // 4096)) * 4096 + 2000
    path.write_bytes(sound[:at] + bytes(64) + sound[at + 64 :])
    with pytest.raises(DatabaseError, match=r"is damaged.*restore FILE"):
        await Database.open(path, key)


async def test_a_large_database_is_looked_over_for_some_seconds_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr("storage.db._LOOK_OVER_SECONDS", -1)
    monkeypatch.setattr("storage.db._LOOK_EVERY", 1)
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    assert "not all of it was looked over" in caplog.text
    assert await Inbox(db).add(1, "as ever")
    await db.close()


async def test_a_second_bot_on_the_same_database_is_refused(tmp_path: Path) -> None:
    await (await Database.open(tmp_path / "a.db", tmp_path / "key")).close()
    refused = pytest.raises(DatabaseError, match="another Darkroom")
    with only_user(tmp_path / "key"), refused, only_user(tmp_path / "key"):
        pass
    with only_user(tmp_path / "key"):
        pass


async def test_a_database_that_cannot_be_opened_is_not_called_a_wrong_key(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    (tmp_path / "key").write_text("ab" * 32)
    with pytest.raises(DatabaseError) as error:
        await Database.open(tmp_path / "a.db", tmp_path / "key")
    assert "right one" not in str(error.value)


async def test_the_safe_settings_are_on(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("secure_delete", 1), ("foreign_keys", 1)):
        found = await db._in_thread(lambda connection, pragma=pragma: connection.execute(f"PRAGMA {pragma}").fetchone())
        assert found == (value,)
    await db.close()


async def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")

    def half(connection: Connection) -> None:
        connection.execute("INSERT INTO messages VALUES (1, 1, 1)")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await db.run(half)
    assert await Messages(db).of(1) == []
    await db.close()


async def test_every_migration_leads_to_the_same_schema(tmp_path: Path) -> None:
    """Step by step from every older version, as from nothing."""
    fresh = await Database.open(tmp_path / "fresh.db", tmp_path / "key")
    schema = "SELECT name, sql FROM sqlite_master ORDER BY name"
    expected = await fresh.run(lambda connection: connection.execute(schema).fetchall())
    await fresh.close()
    steps = migrations()
    assert [number for number, _ in steps] == list(range(1, len(steps) + 1))
    for upto in range(1, len(steps)):
        path = tmp_path / f"from{upto}.db"
        old = sqlcipher3.connect(str(path))
        old.execute(f"PRAGMA key = \"x'{(tmp_path / 'key').read_text().strip()}'\"")
        for number, file in steps[:upto]:
            old.executescript(file.read_text("utf-8") + f"PRAGMA user_version = {number};")
        old.commit()
        old.close()
        db = await Database.open(path, tmp_path / "key")
        assert await db.run(lambda connection: connection.execute(schema).fetchall()) == expected
        await db.close()


async def test_what_was_bought_before_there_were_prints_is_as_it_was(tmp_path: Path) -> None:
    """The tables of orders and mails are made anew: nothing of what is in them may be lost or changed on the way."""
    path, key = tmp_path / "old.db", tmp_path / "key"
    await (await Database.open(tmp_path / "fresh.db", key)).close()
    old = sqlcipher3.connect(str(path))
    old.execute(f"PRAGMA key = \"x'{key.read_text().strip()}'\"")
    for number, file in migrations()[:8]:
        old.executescript(file.read_text("utf-8") + f"PRAGMA user_version = {number};")
    old.execute("INSERT INTO accounts (id, user_id) VALUES (7, 70)")
    states = ("open", "invoiced", "expired", "paid", "delivering", "delivered", "refunding", "refunded")
    names = "id, account, state, product, credits, amount, currency, language, opened_at, charge_id, reason, tries"
    for state in states:
        charge = None if state in states[:3] else f"charge {state}"
        row = (state, 7, state, "credits", 10, 100, "XTR", "de", 1000, charge, "withdrawn", 2)
        old.execute(f"INSERT INTO orders ({names}) VALUES ({', '.join('?' * len(row))})", row)
    old.execute(
        "INSERT INTO outbox (user_id, kind, about, language, message_id, at) VALUES (70, 'paid', 'x', 'de', 'm', 1)"
    )
    before = old.execute(f"SELECT {names} FROM orders ORDER BY id").fetchall()
    old.commit()
    old.close()
    db = await Database.open(path, key)
    assert (
        await db.read(lambda connection: connection.execute(f"SELECT {names} FROM orders ORDER BY id").fetchall())
        == before
    )
    money = "SELECT state, to_return, returned FROM orders WHERE to_return OR returned OR shipping ORDER BY state"
    assert await db.read(lambda connection: connection.execute(money).fetchall()) == [
        ("refunded", 100, 100),
        ("refunding", 100, 0),
    ]
    mails = "SELECT user_id, kind, about, language, message_id, at, tries FROM outbox"
    assert await db.read(lambda connection: connection.execute(mails).fetchall()) == [
        (70, "paid", "x", "de", "m", 1, 0)
    ]
    await db.close()


async def test_every_column_says_why_and_how_long(tmp_path: Path) -> None:
    """The schema's own comments are the table of what is kept; a column without one is kept for no reason."""
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for name, sql in await db.run(lambda connection: connection.execute(tables).fetchall()):
        columns = await db.run(
            lambda connection, name=name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        )
        for column in columns:
            [line] = [line for line in sql.splitlines() if line.split()[:1] == [column]]
            why, _, how_long = line.partition("--")[2].partition("; seen by")[0].rpartition(";")
            assert why.strip(), f"{name}.{column}"
            assert how_long.strip(), f"{name}.{column}"
    await db.close()


async def test_people_messages_and_counters(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    people, messages, counters = People(db), Messages(db), Counters(db, {"clean": 1}, ["en", "de"])
    assert (await people.find(5)).policy_version is None
    await people.choose_language(5, "de")
    await people.agree(5, 1)
    await people.hint(5)
    person = await people.find(5)
    assert (person.language, person.policy_version, person.hinted) == ("de", 1, True)
    for number in (3, 1, 2, 3):
        await messages.add(5, number)
    await messages.add(6, 9)
    assert await messages.of(5) == [1, 2, 3]
    await messages.forget(5)
    assert await messages.of(5) == []
    assert await messages.of(6) == [9]
    await counters.count("job", "clean", "delivered", "de")
    await counters.count("job", "clean", "delivered", "de")
    rows = await db.read(lambda connection: connection.execute("SELECT name, tool, count FROM counters").fetchall())
    assert rows == [("job", "clean", 2)]
    await people.forget(5)
    assert (await people.find(5)).policy_version is None
    await db.close()


async def test_old_message_numbers_and_handled_updates_are_forgotten(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    messages, inbox = Messages(db), Inbox(db)
    await messages.add(1, 1)
    await inbox.add(1, "{}")
    await inbox.add(2, "{}")
    await inbox.done(1)
    await db.run(lambda connection: connection.execute("UPDATE messages SET sent_at = sent_at - 49 * 3600"))
    await db.run(lambda connection: connection.execute("UPDATE inbox SET received_at = received_at - 49 * 3600"))
    await messages.add(1, 2)
    await messages.forget_old()
    await inbox.forget_old()
    assert await messages.of(1) == [2]
    rows = await db.run(lambda connection: connection.execute("SELECT update_id FROM inbox").fetchall())
    assert rows == [(2,)]  # what is not handled yet stays, however old
    await db.close()
