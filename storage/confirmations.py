"""Confirmations: an address that was asked for, and the six digits that prove whose it is.

The code is drawn when its mail is sent, and only its hash is kept. Too few codes are sent to bother a stranger.
"""

import hmac
import secrets
import time
from dataclasses import dataclass, field
from enum import Enum

from storage import addresses
from storage.db import Connection, Database
from storage.outbox import post_code

ASKED_SECONDS = 3600  # in which the next fitting message is the address, or the code
CODE_SECONDS = 15 * 60
MOST_TRIES = 5
MOST_CODES_A_PERSON, MOST_CODES_AN_ADDRESS, MOST_CODES_A_DOMAIN, MOST_CODES = 5, 3, 100, 1000  # a day

_DAY = 24 * 3600


class Verdict(Enum):
    """What became of a code that was typed. Names, in lower case, are the ends of Fluent keys: `email-code-<name>`."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    SPENT = "spent"  # it was tried too often


@dataclass(frozen=True)
class Confirmation:
    """What was asked of a person. Without an address: that comes next; with one: its code."""

    about: str  # what goes on then: an order's number, `copies`, or nothing
    language: str
    address: str | None = field(repr=False)
    tries: int


class Confirmations:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def begin(self, user_id: int, about: str, language: str) -> None:
        """An address is asked for; an older question is over."""
        sql = "INSERT OR REPLACE INTO confirmations (user_id, about, language, changed_at) VALUES (?, ?, ?, ?)"
        row = (user_id, about, language, int(time.time()))
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def find(self, user_id: int) -> Confirmation | None:
        """What this person was asked within the last hour."""
        return await self._db.read(lambda connection: _find(connection, user_id))

    async def send_code(self, user_id: int, address: str) -> bool:
        """The address was typed, or its code is asked for again: the outbox has the mail. False: too many today."""

        def work(connection: Connection) -> bool:
            if not _count(connection, user_id, address):
                return False
            sql = (
                "UPDATE confirmations SET address = ?, code = NULL, expires_at = NULL, tries = 0, changed_at = ? "
                "WHERE user_id = ? RETURNING language"
            )
            for (language,) in connection.execute(sql, (address, int(time.time()), user_id)).fetchall():
                post_code(connection, user_id, language)
            return True

        return await self._db.run(work)

    async def draw(self, user_id: int, address: str) -> str | None:
        """A new code, about to be sent there: the one that counts from now on, for 15 minutes.

        None where another address is waited for by now: its code must not go to this one.
        """
        code, salt = f"{secrets.randbelow(10**6):06}", secrets.token_hex(16)
        sql = "UPDATE confirmations SET salt = ?, code = ?, expires_at = ?, tries = 0 WHERE user_id = ? AND address = ?"
        row = (salt, _hash(code, salt), int(time.time()) + CODE_SECONDS, user_id, address)
        return code if await self._db.run(lambda connection: connection.execute(sql, row).rowcount) else None

    async def answer(self, user_id: int, code: str) -> Verdict:
        """The code as typed. The right one confirms the address, and does so again until the question is dropped."""
        return await self._db.run(lambda connection: _answer(connection, user_id, code))

    async def address_refused(self, user_id: int, address: str) -> None:
        """Its server refuses it for good: another one is waited for."""
        sql = "UPDATE confirmations SET address = NULL, code = NULL WHERE user_id = ? AND address = ?"
        row = (user_id, address)
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def drop(self, user_id: int) -> bool:
        """As the function of this name."""
        return await self._db.run(lambda connection: drop(connection, user_id))

    async def forget_old(self) -> None:
        before = int(time.time()) - _DAY

        def work(connection: Connection) -> None:
            connection.execute("DELETE FROM confirmations WHERE changed_at < ?", (before,))
            connection.execute("DELETE FROM codes_sent WHERE sent_at < ?", (before,))

        await self._db.run(work)


def drop(connection: Connection, user_id: int) -> bool:
    """The question is over; whether there was one. A code that is not sent yet is not sent any more."""
    connection.execute("DELETE FROM outbox WHERE user_id = ? AND kind = 'code'", (user_id,))
    return bool(connection.execute("DELETE FROM confirmations WHERE user_id = ?", (user_id,)).rowcount)


def _find(connection: Connection, user_id: int) -> Confirmation | None:
    sql = "SELECT about, language, address, tries FROM confirmations WHERE user_id = ? AND changed_at > ?"
    row = connection.execute(sql, (user_id, int(time.time()) - ASKED_SECONDS)).fetchone()
    return Confirmation(*row) if row else None


def _answer(connection: Connection, user_id: int, typed: str) -> Verdict:
    sql = "SELECT address, salt, code, expires_at, tries FROM confirmations WHERE user_id = ?"
    row = connection.execute(sql, (user_id,)).fetchone()
    if row is None or row[2] is None or row[3] < time.time():
        return Verdict.EXPIRED
    address, salt, code, _, tries = row
    if tries >= MOST_TRIES:
        return Verdict.SPENT
    if hmac.compare_digest(_hash(typed, salt), code):
        addresses.confirmed(connection, user_id, address)
        return Verdict.RIGHT
    connection.execute("UPDATE confirmations SET tries = tries + 1 WHERE user_id = ?", (user_id,))
    return Verdict.WRONG if tries + 1 < MOST_TRIES else Verdict.SPENT


def _count(connection: Connection, user_id: int, address: str) -> bool:
    """True if one more code today is within the bounds of the person, the mailbox, its domain and the service."""
    now, mailbox = int(time.time()), _mailbox(address)
    bounds: tuple[tuple[int | str, int], ...] = (
        (user_id, MOST_CODES_A_PERSON),
        (mailbox, MOST_CODES_AN_ADDRESS),
        (mailbox.partition("@")[2], MOST_CODES_A_DOMAIN),
        ("all", MOST_CODES),
    )
    sql = "SELECT count(*) FROM codes_sent WHERE mark = mark_of(?) AND sent_at > ?"
    if any(connection.execute(sql, (whom, now - _DAY)).fetchone()[0] >= most for whom, most in bounds):
        return False
    for whom, _ in bounds:
        connection.execute("INSERT INTO codes_sent (mark, sent_at) VALUES (mark_of(?), ?)", (whom, now))
    return True


def _mailbox(address: str) -> str:
    """Where it ends up, however it is spelled: servers drop case and what follows a plus, and Google drops dots."""
    name, _, domain = address.lower().rpartition("@")
    name, domain = name.partition("+")[0], {"googlemail.com": "gmail.com"}.get(domain, domain)
    return f"{name.replace('.', '') if domain == 'gmail.com' else name}@{domain}"


def _hash(code: str, salt: str) -> str:
    return hmac.new(salt.encode(), code.encode(), "sha256").hexdigest()
