"""Tickets: what people ask, what operators answer, and an outbox: which message is still missing on the other side."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.errors import Busy
from storage.db import Connection, Database
from storage.drafts import DraftMessage, take
from storage.outbox import post

_TICKET = (
    "number, user_id, language, subject, about, about_at, chat_id, thread_id, card_id, titled_closed, "
    "opened_at, closed_at, blocked"
)
# A file is copied from where it is, so a message knows both its places; a reply knows that of what it replies to.
_MESSAGE = "m.id, m.author, m.words, m.attached, m.edited, m.person_id, m.topic_id"
MOST_OPEN = 5  # tickets of one person
MOST_MESSAGES_AN_HOUR, MOST_CHARACTERS_AN_HOUR = 40, 20_000  # of one person: more than anybody reads
_ANEW = 2  # `edited`: to be brought once more, for a file does not change in place, nor does what came in pieces
_SURELY_ONE_MESSAGE = 4096  # bytes
_MISSING_IN_TOPIC = "m.author <> 'notice' AND m.topic_id IS NULL OR m.author = 'person' AND m.edited"
_MISSING_AT_PERSON = "m.author IN ('operator', 'notice') AND (m.person_id IS NULL OR m.edited)"


@dataclass(frozen=True)
class Ticket:
    """Fields in the order of `_TICKET`; times are Unix times, UTC."""

    number: int
    user_id: int
    language: str
    subject: str
    about: str
    about_at: int | None
    chat_id: int | None
    thread_id: int | None
    card_id: int | None
    titled_closed: int
    opened_at: int
    closed_at: int | None
    blocked: int

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


@dataclass(frozen=True)
class Message:
    """One message of a ticket that is missing on the other side, or is another there: `reply_to` is a message there."""

    id: int
    author: str
    words: str
    attached: int
    edited: int
    person_id: int | None
    topic_id: int | None
    reply_to: int | None

    @property
    def comes_anew(self) -> bool:
        return self.edited == _ANEW


class Tickets:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(self, number: int) -> Ticket | None:
        return await self._db.read(lambda connection: _find(connection, "number = ?", (number,)))

    async def of_topic(self, chat_id: int, thread_id: int) -> Ticket | None:
        where = "chat_id = ? AND thread_id = ?"
        return await self._db.read(lambda connection: _find(connection, where, (chat_id, thread_id)))

    async def of_reply(self, chat_id: int, message_id: int) -> Ticket | None:
        """The ticket without a topic that this message in the operators' group belongs to."""
        where = (
            "chat_id = :chat AND thread_id = 0 AND (card_id = :message OR number IN "
            "(SELECT ticket FROM ticket_messages WHERE topic_id = :message))"
        )
        row = {"chat": chat_id, "message": message_id}
        return await self._db.read(lambda connection: _find(connection, where, row))

    async def open_of(self, user_id: int) -> list[int]:
        """The numbers of a person's open tickets; first the one in which somebody wrote last."""
        sql = (
            "SELECT number FROM tickets WHERE user_id = ? AND closed_at IS NULL "
            "ORDER BY (SELECT max(id) FROM ticket_messages WHERE ticket = number) DESC, number DESC"
        )
        return await self._db.read(lambda connection: [row[0] for row in connection.execute(sql, (user_id,))])

    async def all_of(self, user_id: int) -> list[int]:
        """The numbers of all tickets of a person."""
        sql = "SELECT number FROM tickets WHERE user_id = ?"
        return await self._db.read(lambda connection: [row[0] for row in connection.execute(sql, (user_id,))])

    async def of_message(self, user_id: int, message_id: int) -> tuple[int, int] | None:
        """Ticket and message that this message in the person's own chat belongs to."""
        sql = (
            "SELECT ticket, id FROM ticket_messages JOIN tickets ON number = ticket "
            "WHERE user_id = ? AND (person_id = ? OR receipt_id = ?) ORDER BY id DESC LIMIT 1"
        )
        row = (user_id, message_id, message_id)
        return await self._db.read(lambda connection: connection.execute(sql, row).fetchone())

    async def send(self, user_id: int, mark: str, receipt_id: int, language: str, opened_again: str) -> int | None:
        """Make a ticket of the draft with this mark, or go on with the one that it is for: the number.

        The same number again for the same receipt; None where there is no such draft. `opened_again` is as in `write`.
        Raises Busy where the person has too much open; the draft stays then.
        """

        def work(connection: Connection) -> int | None:
            draft = take(connection, user_id, mark)
            if draft is None:
                return _sent(connection, user_id, receipt_id)
            number = draft.ticket
            _bound(connection, user_id, draft.messages, new=number is None)
            if number is None:
                number = _open(connection, (user_id, language, draft.subject, draft.about, draft.about_at))
            _open_again(connection, number, opened_again)
            for message in draft.messages:
                content = (message.words, message.attached, draft.answers)
                _add(connection, number, "person", *content, person_id=message.message_id, receipt_id=receipt_id)
            return number

        return await self._db.run(work)

    async def write(
        self,
        number: int,
        author: str,
        words: str,
        attached: bool = False,
        answers: int | None = None,
        person_id: int | None = None,
        topic_id: int | None = None,
        opened_again: str = "",
    ) -> bool:
        """Go on with a ticket; False where this message is in it already, or it is gone. A note stays with operators.

        Everything else opens a closed ticket again; then the person reads `opened_again`. Raises Busy for a person who
        writes too much.
        """

        def work(connection: Connection) -> bool:
            ticket = _find(connection, "number = ?", (number,))
            if _is_known(connection, number, person_id, topic_id) or ticket is None:
                return False
            if author == "person":
                _bound(connection, ticket.user_id, [DraftMessage(person_id or 0, words, attached)])
            if author != "note":
                _open_again(connection, number, opened_again)
            line = _add(connection, number, author, words, attached, answers, person_id=person_id, topic_id=topic_id)
            if author == "operator":
                _mail(connection, number, [line])
            return True

        return await self._db.run(work)

    async def line_of(self, number: int, topic_id: int) -> int | None:
        """The message that is there in the ticket's topic."""
        sql = "SELECT id FROM ticket_messages WHERE ticket = ? AND topic_id = ?"
        row = await self._db.read(lambda connection: connection.execute(sql, (number, topic_id)).fetchone())
        return int(row[0]) if row else None

    async def is_note(self, message: int) -> bool:
        """True for words of operators that the person does not read."""
        sql = "SELECT 1 FROM ticket_messages WHERE id = ? AND author = 'note'"
        return bool(await self._db.read(lambda connection: connection.execute(sql, (message,)).fetchone()))

    async def edit(self, message: int, words: str, attached: bool) -> None:
        """Its author changed it."""
        sql = (
            "UPDATE ticket_messages SET words = :words, attached = :attached, edited = CASE "
            "WHEN author = 'note' THEN 0 WHEN edited = :anew OR attached OR :attached "
            "OR max(length(CAST(words AS BLOB)), length(CAST(:words AS BLOB))) > :short THEN :anew ELSE 1 END "
            "WHERE id = :id"
        )
        row = {"id": message, "words": words, "attached": int(attached), "anew": _ANEW, "short": _SURELY_ONE_MESSAGE}
        await self._db.run(lambda connection: connection.execute(sql, row))

    async def close(self, number: int, notice: str) -> bool:
        """The person reads `notice`. False where it is closed already."""

        def work(connection: Connection) -> bool:
            sql = "UPDATE tickets SET closed_at = ? WHERE number = ? AND closed_at IS NULL"
            closed = bool(connection.execute(sql, (int(time.time()), number)).rowcount)
            if closed:
                _add(connection, number, "notice", notice)
            return closed

        return await self._db.run(work)

    async def open_again(self, number: int, notice: str) -> bool:
        """The person reads `notice`. False where it is open."""
        return await self._db.run(lambda connection: _open_again(connection, number, notice))

    async def blocked(self, user_id: int, remark: str, number: int | None = None) -> list[int]:
        """The person does not let the bot write to them. Where that is news, and in `number`, operators read `remark`.

        Returns the numbers of these tickets.
        """
        sql = "SELECT number FROM tickets WHERE user_id = ? AND (closed_at IS NULL AND NOT blocked OR number = ?)"
        return await self._db.run(lambda connection: _remark(connection, user_id, 1, remark, sql, (user_id, number)))

    async def unblocked(self, user_id: int, remark: str) -> list[int]:
        """The person is back, and what waited for them may go on its way: the tickets in which operators read that."""
        sql = "SELECT number FROM tickets WHERE user_id = ? AND closed_at IS NULL AND blocked"
        return await self._db.run(lambda connection: _remark(connection, user_id, 0, remark, sql, (user_id,)))

    async def answer(self, message: int) -> tuple[int, str, bool] | None:
        """An operator's answer, for a mail: (its ticket, its words, whether a file came with it)."""
        sql = "SELECT ticket, words, attached FROM ticket_messages WHERE id = ? AND author = 'operator'"
        row = await self._db.read(lambda connection: connection.execute(sql, (message,)).fetchone())
        return (row[0], row[1], bool(row[2])) if row else None

    async def first_answer_times(self, since: int) -> list[tuple[str, int]]:
        """How long people waited: (day of the ticket in UTC, seconds to its first answer). `since`: Unix time."""
        sql = (
            "SELECT date(opened_at, 'unixepoch'), min(sent_at) - opened_at FROM tickets "
            "JOIN ticket_messages ON ticket = number AND author = 'operator' "
            "WHERE opened_at >= ? GROUP BY number ORDER BY opened_at"
        )
        return await self._db.read(lambda connection: connection.execute(sql, (since,)).fetchall())

    # What is missing where

    async def waiting(self) -> list[int]:
        """The numbers of all tickets of which something is missing somewhere, and could be brought."""
        sql = (
            "SELECT DISTINCT ticket FROM ticket_messages m JOIN tickets ON number = ticket "  # noqa: S608
            f"WHERE {_MISSING_IN_TOPIC} OR NOT blocked AND {_MISSING_AT_PERSON} "
            "OR thread_id AND titled_closed <> (closed_at IS NOT NULL) ORDER BY ticket"
        )
        return await self._db.read(lambda connection: [row[0] for row in connection.execute(sql).fetchall()])

    async def missing_in_topic(self, number: int) -> list[Message]:
        """In their order."""
        sql = (
            f"SELECT {_MESSAGE}, a.topic_id FROM ticket_messages m LEFT JOIN ticket_messages a ON a.id = m.answers "  # noqa: S608
            f"WHERE m.ticket = ? AND ({_MISSING_IN_TOPIC}) ORDER BY m.id"
        )
        return await self._missing(sql, number)

    async def missing_at_person(self, number: int) -> list[Message]:
        """In their order. What answers nothing in particular answers what the person wrote last."""
        last = "SELECT max(person_id) FROM ticket_messages WHERE ticket = m.ticket AND author = 'person' AND id < m.id"
        sql = (
            f"SELECT {_MESSAGE}, coalesce(a.person_id, ({last})) "  # noqa: S608
            "FROM ticket_messages m LEFT JOIN ticket_messages a ON a.id = m.answers "
            f"WHERE m.ticket = ? AND {_MISSING_AT_PERSON} ORDER BY m.id"
        )
        return await self._missing(sql, number)

    async def set_topic(self, number: int, chat_id: int, thread_id: int, closed: bool) -> None:
        """`thread_id` is 0 for a ticket without a topic, whose messages are the group's."""
        await self._set(number, chat_id=chat_id, thread_id=thread_id, titled_closed=closed)

    async def set_title_state(self, number: int, closed: bool) -> None:
        await self._set(number, titled_closed=closed)

    async def set_card(self, number: int, card_id: int) -> None:
        await self._set(number, card_id=card_id)

    async def forget_topic(self, number: int) -> None:
        """It was deleted: all of the conversation is missing in the next one."""

        def work(connection: Connection) -> None:
            sql = "UPDATE tickets SET chat_id = NULL, thread_id = NULL, card_id = NULL WHERE number = ?"
            connection.execute(sql, (number,))
            connection.execute("UPDATE ticket_messages SET topic_id = NULL WHERE ticket = ?", (number,))

        await self._db.run(work)

    async def arrived(self, message: Message, place: str, message_id: int, told: tuple[str, str] | None = None) -> None:
        """It is there now, as it says here. `place`: `topic_id` or `person_id`.

        `told`: a notice or a remark that goes back to its author: (`notice` or `remark`, words).
        """
        sql = (
            f"UPDATE ticket_messages SET {place} = :there, "  # noqa: S608  (our own names)
            "edited = edited * (words <> :words) WHERE id = :id"
        )
        row = {"there": message_id, "words": message.words, "id": message.id}

        def work(connection: Connection) -> None:
            for (number,) in connection.execute(f"{sql} RETURNING ticket", row).fetchall():
                if told:
                    _add(connection, number, *told, answers=message.id)

        await self._db.run(work)

    async def refused(self, number: int, message: Message, remark: str) -> None:
        """Telegram does not take it for the person, and will not tomorrow. Operators read `remark`."""

        def work(connection: Connection) -> None:
            sql = "UPDATE ticket_messages SET person_id = coalesce(person_id, 0), edited = 0 WHERE id = ?"
            connection.execute(sql, (message.id,))
            _add(connection, number, "remark", remark)

        await self._db.run(work)

    async def _missing(self, sql: str, number: int) -> list[Message]:
        rows = await self._db.read(lambda connection: connection.execute(sql, (number,)).fetchall())
        return [Message(*row) for row in rows]

    async def _set(self, number: int, **values: int) -> None:
        names = ", ".join(f"{name} = :{name}" for name in values)  # our own keywords
        sql = f"UPDATE tickets SET {names} WHERE number = :number"  # noqa: S608
        await self._db.run(lambda connection: connection.execute(sql, {**values, "number": number}))


def _find(connection: Connection, where: str, values: tuple[int, ...] | dict[str, int]) -> Ticket | None:
    row = connection.execute(f"SELECT {_TICKET} FROM tickets WHERE {where}", values).fetchone()  # noqa: S608
    return Ticket(*row) if row else None


def _bound(connection: Connection, user_id: int, messages: Sequence[DraftMessage], new: bool = False) -> None:
    """Raises Busy where a person has as many open tickets, or wrote as much within an hour, as operators can read."""
    sql = "SELECT count(*) FROM tickets WHERE user_id = ? AND closed_at IS NULL"
    if new and connection.execute(sql, (user_id,)).fetchone()[0] >= MOST_OPEN:
        raise Busy("busy-tickets", limit=MOST_OPEN)
    sql = (
        "SELECT count(*), coalesce(sum(length(words)), 0) FROM ticket_messages JOIN tickets ON number = ticket "
        "WHERE user_id = ? AND author = 'person' AND sent_at > ?"
    )
    sent, characters = connection.execute(sql, (user_id, int(time.time()) - 3600)).fetchone()
    characters += sum(len(message.words) for message in messages)
    if sent + len(messages) > MOST_MESSAGES_AN_HOUR or characters > MOST_CHARACTERS_AN_HOUR:
        raise Busy("busy-words")


def _open(connection: Connection, about: tuple[Any, ...]) -> int:
    last = "SELECT max(number) AS number FROM tickets UNION ALL SELECT value FROM facts WHERE name = 'last_ticket'"
    sql = (
        "INSERT INTO tickets (number, user_id, language, subject, about, about_at, opened_at) "  # noqa: S608
        f"SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ? FROM ({last}) RETURNING number"
    )
    return int(connection.execute(sql, (*about, int(time.time()))).fetchone()[0])


def _sent(connection: Connection, user_id: int, receipt_id: int) -> int | None:
    """The ticket whose number this message tells."""
    sql = "SELECT number FROM tickets JOIN ticket_messages ON ticket = number WHERE user_id = ? AND receipt_id = ?"
    row = connection.execute(sql, (user_id, receipt_id)).fetchone()
    return int(row[0]) if row else None


def _is_known(connection: Connection, number: int, person_id: int | None, topic_id: int | None) -> bool:
    """Whether an update that tells of this message comes again."""
    sql = (
        "SELECT 1 FROM ticket_messages JOIN tickets ON number = ticket WHERE ticket = :number AND topic_id = :topic_id "
        "OR person_id = :person_id AND user_id = (SELECT user_id FROM tickets WHERE number = :number)"
    )
    row = {"number": number, "person_id": person_id, "topic_id": topic_id}
    return bool(connection.execute(sql, row).fetchone())


def _open_again(connection: Connection, number: int, notice: str) -> bool:
    sql = "UPDATE tickets SET closed_at = NULL WHERE number = ? AND closed_at IS NOT NULL"
    opened = bool(connection.execute(sql, (number,)).rowcount)
    if opened:
        _add(connection, number, "notice", notice)
    return opened


def _remark(
    connection: Connection, user_id: int, blocked: int, remark: str, sql: str, values: tuple[int | None, ...]
) -> list[int]:
    """Whether the person blocks the bot is news in these tickets."""
    numbers = [int(number) for (number,) in connection.execute(sql, values).fetchall()]
    for number in numbers:
        _add(connection, number, "remark", remark)
        if blocked:
            _mail_what_waits(connection, number)
    connection.execute("UPDATE tickets SET blocked = ? WHERE user_id = ?", (blocked, user_id))
    return numbers


def _mail(connection: Connection, number: int, lines: list[int]) -> None:
    """Answers go by mail, too, where the person wants copies, or blocks the bot. Without an address nothing goes."""
    sql = (
        "SELECT tickets.user_id, language FROM tickets LEFT JOIN addresses USING (user_id) "
        "WHERE number = ? AND (blocked OR coalesce(copies, 0))"
    )
    for user_id, language in connection.execute(sql, (number,)).fetchall():
        for line in lines:
            post(connection, user_id, "answer", str(line), language)


def _mail_what_waits(connection: Connection, number: int) -> None:
    """The person is found to block the bot: what waits for them, unless it went by mail when it was written."""
    sql = (
        "SELECT id FROM ticket_messages m JOIN tickets ON number = ticket LEFT JOIN addresses USING (user_id) "
        "WHERE ticket = ? AND author = 'operator' AND m.person_id IS NULL AND NOT blocked AND NOT coalesce(copies, 0)"
    )
    lines = [int(line) for (line,) in connection.execute(sql, (number,)).fetchall()]
    connection.execute("UPDATE tickets SET blocked = 1 WHERE number = ?", (number,))
    _mail(connection, number, lines)


def _add(
    connection: Connection,
    ticket: int,
    author: str,
    words: str,
    attached: bool = False,
    answers: int | None = None,
    **places: int | None,
) -> int:
    values = {"ticket": ticket, "author": author, "words": words, "attached": int(attached), "answers": answers}
    values |= {**places, "sent_at": int(time.time())}
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)  # our own names
    sql = f"INSERT INTO ticket_messages ({names}) VALUES ({marks}) RETURNING id"  # noqa: S608
    [(line,)] = connection.execute(sql, values).fetchall()
    if author == "person":  # whoever writes does not block
        connection.execute("UPDATE tickets SET blocked = 0 WHERE number = ?", (ticket,))
    return int(line)
