"""Which questions a person has open, the newest first; what was asked stands in the table of each kind.

Triggers of the database keep the order: see `migrations/0011_questions.sql`.
"""

from dataclasses import dataclass
from enum import StrEnum

from storage import confirmations, drafts, pending_inputs
from storage.db import Connection, Database


class Question(StrEnum):
    """What a message may be the answer to. The values are those of the table."""

    PICTURE = "picture"  # a setting, a colour or a background photo for a tool
    EMAIL = "email"  # an e-mail address, or the code that was sent there
    DRAFT = "draft"  # what is about to go to the operators
    TICKET = "ticket"  # an open conversation with the operators


@dataclass(frozen=True)
class Cleared:
    """What was open until now."""

    draft: drafts.Draft | None
    email: bool


class Questions:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, user_id: int) -> list[Question]:
        """The newest first. A question of this list may have run out of time: its own table knows."""
        sql = "SELECT kind FROM questions WHERE user_id = ? ORDER BY number DESC"

        def work(connection: Connection) -> list[Question]:
            return [Question(kind) for (kind,) in connection.execute(sql, (user_id,)).fetchall()]

        return await self._db.read(work)

    async def clear(self, user_id: int) -> Cleared:
        """End every question but an open ticket, which ends only when it is closed."""

        def work(connection: Connection) -> Cleared:
            pending_inputs.drop(connection, user_id)
            return Cleared(drafts.drop(connection, user_id), confirmations.drop(connection, user_id))

        return await self._db.run(work)
