"""When each of the scheduler's jobs last ran, and how that ended."""

import time
from dataclasses import dataclass

from storage.db import Database


@dataclass(frozen=True)
class JobRun:
    """Times are Unix times, UTC. `outcome` is `done`, or the kind of an error; `done_at`: when it last was `done`."""

    job: str
    ended_at: int
    outcome: str
    done_at: int | None


class JobRuns:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def note(self, job: str, outcome: str) -> None:
        sql = (
            "INSERT INTO job_runs (job, ended_at, outcome, done_at) VALUES (:job, :now, :outcome, :done) "
            "ON CONFLICT DO UPDATE SET ended_at = :now, outcome = :outcome, done_at = coalesce(:done, done_at)"
        )
        now = int(time.time())
        row = {"job": job, "now": now, "outcome": outcome, "done": now if outcome == "done" else None}
        await self._db.note(lambda connection: connection.execute(sql, row))

    async def all(self) -> list[JobRun]:
        """By name."""
        sql = "SELECT job, ended_at, outcome, done_at FROM job_runs ORDER BY job"
        rows = await self._db.read(lambda connection: connection.execute(sql).fetchall())
        return [JobRun(*row) for row in rows]
