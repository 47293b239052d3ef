"""Figures 13 and 14: not one byte of an erased person is left, and nothing they wrote was ever readable on the disk.

The database is searched decrypted, with its free pages; then the files as they are, the log, and the memory of all
processes. Each search has a control that finds what it must.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex

import pytest

from storage.db import Database, connect
from storage.keys import read_or_make_key
from tests.conftest import agreed
from tests.harness import decrypt
from tests.harness.darkroom import Darkroom, needs_root
from tests.harness.desk import Desk, asks, open_desk
from tests.harness.mail_server import MailServer, open_mail_server
from tests.harness.people import Person
from tests.pictures.photos import encoded

_CANARIES = {
    "name": "Annacanary",
    "words": "Ticketcanary",
    "draft": "Draftcanary",
    "caption": "Captioncanary",
    "file name": "filecanary",
    "address": "mailcanary",
    "answer": "Answercanary",
}
_BEN = "Bencanary-11c0, who stays"
_IN_TABLES = {"words", "draft", "address", "answer", "file_id 2", "file_id 3"}  # the last two are the album's

Secrets = Mapping[str, bytes]


@dataclass(frozen=True)
class Place:
    desk: Desk
    box: MailServer


@pytest.fixture(scope="module")
def place(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bot")
    cut_off = folder / "darkroom.db.new"  # a rotation was, and a person of then may be forgotten next
    cut_off.write_bytes(b"everything of everybody")
    with open_mail_server(tmp_path_factory.mktemp("mail")) as box:
        mail = {"SMTP_URL": box.url, "MAIL_FROM": "bot@example.org", "SSL_CERT_FILE": box.certificate}
        with open_desk(bot_api, folder, LOG_LEVEL="DEBUG", **mail) as desk:
            assert not cut_off.exists()
            ben = agreed(desk.telegram, "Ben")
            desk.reads(asks(ben, _BEN), _BEN)
            yield Place(desk, box)


def _mails(place: Place, anna: Person, address: str) -> None:
    """They have a confirmed address, and want answers there."""
    anna.writes("/email")
    anna.sees("e-mail address")
    anna.writes(address)
    anna.writes(place.box.code_to(address))
    anna.sees("Confirmed")
    anna.writes("/email")
    anna.taps("Copies of answers, too")


def _lives(place: Place) -> tuple[Person, Secrets]:
    """Whatever a person can leave with the bot; what is searched for."""
    desk = place.desk
    canaries = {name: f"{canary}-{token_hex(8)}" for name, canary in _CANARIES.items()}
    anna = agreed(desk.telegram, canaries["name"])
    _mails(place, anna, f"{canaries['address']}@example.org")
    anna.sends_file(encoded(), f"{canaries['file name']}.jpg", caption=canaries["caption"])
    anna.taps("Remove metadata")
    anna.gets_document()
    ticket = asks(anna, canaries["words"])
    desk.reads(ticket, canaries["words"])
    desk.writes(ticket, canaries["answer"])
    place.box.gets_to(f"{canaries['address']}@example.org", "Answer")
    anna.sends_album([encoded(), encoded("china")], compressed=False, caption=canaries["caption"])
    anna.sees("Album of")
    anna.writes("/support")
    anna.taps("Something else")
    anna.sees("a file that you attach here")
    anna.writes(canaries["draft"])
    anna.sees("This is what the operators get")
    files = [each.document["file_id"] for each in anna.chat() if each.document]
    secrets = canaries | {f"file_id {number}": file_id for number, file_id in enumerate(files)}
    return anna, {name: secret.encode() for name, secret in secrets.items()}


def _found(secrets: Secrets, *places: bytes) -> dict[str, int]:
    counts = {name: sum(place.count(secret) for place in places) for name, secret in secrets.items()}
    return {name: count for name, count in counts.items() if count}


def _inside(bot: Darkroom, secrets: Secrets) -> dict[str, int]:
    return _found(secrets, decrypt.pages(*_files(bot)))


def _files(bot: Darkroom) -> tuple[Path, Path]:
    """The database and its key."""
    return bot.folder / "darkroom.db", bot.folder / "key" / "database.key"


def on_disk(bot: Darkroom, secrets: Secrets) -> dict[str, int]:
    """The files as they are: database, write-ahead log, its index, log."""
    return _found(secrets, *(file.read_bytes() for file in bot.folder.rglob("*") if file.is_file()))


def in_memory(bot: Darkroom, secrets: Secrets) -> dict[str, int]:
    return _found(secrets, *(piece for pid in (bot.pid, *bot.zygotes()) for piece in _memory(pid)))


def has_forgotten(bot: Darkroom, secrets: Secrets) -> bool | None:
    return None if in_memory(bot, secrets) else True


def _memory(pid: int) -> Iterator[bytes]:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if rights.startswith("rw"):
                start, end = (int(part, 16) for part in span.split("-"))
                memory.seek(start)
                with contextlib.suppress(OSError):  # given back by the process meanwhile
                    yield memory.read(end - start)


@needs_root
@pytest.mark.parametrize("way", ["Wipe this chat and forget me", "Forget me, leave the chat"])
def test_of_a_forgotten_person_nothing_is_left(place: Place, way: str) -> None:
    desk, (anna, secrets) = place.desk, _lives(place)
    assert on_disk(desk.bot, secrets) == {}  # figure 14
    assert set(_inside(desk.bot, secrets)) >= _IN_TABLES  # the controls: before, they are there
    assert len(in_memory(desk.bot, secrets)) > 1
    (desk.bot.folder / "plain").write_bytes(decrypt.pages(*_files(desk.bot)))
    assert set(on_disk(desk.bot, secrets)) >= _IN_TABLES
    (desk.bot.folder / "plain").unlink()
    anna.writes("/forget")
    anna.taps("Forget me")
    anna.taps(way)
    anna.sees("You are forgotten")
    topics = desk.group.topics
    desk.telegram.wait_for(lambda: len(topics()) == 1 or None, 30, "the topic stays", desk.group.id)
    assert _inside(desk.bot, secrets) == {}  # figure 13
    assert on_disk(desk.bot, secrets) == {}
    assert _inside(desk.bot, {"Ben's": _BEN.encode()})
    forgot = partial(has_forgotten, desk.bot, secrets)
    desk.telegram.wait_for(forgot, 10, "memory remembers", anna.id)


def test_without_secure_delete_much_is_left_in_free_pages(tmp_path: Path) -> None:
    """The control: SQLite's own way leaves what was deleted where it was, and the search sees it there."""
    database, key = tmp_path / "a.db", tmp_path / "key"
    left = {}
    for secure in ("ON", "OFF"):
        with contextlib.closing(connect(database, read_or_make_key(key))) as connection:
            connection.execute(f"PRAGMA secure_delete = {secure}").fetchall()
            connection.execute("CREATE TABLE IF NOT EXISTS t (words TEXT)")
            connection.execute("INSERT INTO t VALUES (?)", (_CANARIES["words"] * 1000,))
            connection.execute("DELETE FROM t")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            left[secure] = decrypt.pages(database, key).count(_CANARIES["words"].encode())
    assert left["ON"] == 0
    assert left["OFF"] > 900


async def test_while_another_program_reads_the_log_is_said_not_to_be_emptied(tmp_path: Path) -> None:
    path, key = tmp_path / "a.db", tmp_path / "key"
    db = await Database.open(path, key)
    await db.read(lambda connection: connection.execute("PRAGMA busy_timeout = 0").fetchall())
    insert = "INSERT INTO pause VALUES (1, ?, 1)"
    await db.run(lambda connection: connection.execute(insert, (_CANARIES["words"],)))
    with contextlib.closing(connect(path, read_or_make_key(key))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM pause").fetchall()
        await db.run(lambda connection: connection.execute("DELETE FROM pause"))
        assert not await db.renew()
        assert _CANARIES["words"].encode() in decrypt.pages(path, key)
    assert await db.renew()
    assert _CANARIES["words"].encode() not in decrypt.pages(path, key)
    await db.close()
