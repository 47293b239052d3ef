"""How much one person may ask for: photos a minute, free ones a day. In memory alone, and begun anew by a restart.

Nobody is profiled: a minute's counts go with the next look at any, at the latest within an hour; a day's are kept under
a hash whose key ends with the day.
"""

import hashlib
import hmac
import secrets
import time
from collections import Counter, deque
from dataclasses import dataclass

from bot.domain.errors import Busy

_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600


@dataclass(frozen=True)
class RateLimits:
    """What one person, one photo, and all together may have: the settings of these names."""

    jobs_per_person: int
    jobs_in_all: int
    jobs_per_minute: int
    free_jobs_per_day: int
    max_input_mb: int
    max_megapixels: int


class RateLimiter:
    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._recent: deque[tuple[float, int, int]] = deque()  # of the last minute: when, who, how many photos
        self._in_minute: Counter[int] = Counter()
        self._day = 0  # since 1970
        self._key = b""
        self._in_day: Counter[bytes] = Counter()

    def take(self, person: int, photos: int, free: bool) -> None:
        """Count a job. Raises Busy where the person had all of it, and says when it goes on."""
        minute, day = self.left(person)
        if not minute:
            raise Busy("busy-minute", limit=self._limits.jobs_per_minute, seconds=self._seconds(person))
        if free and not day:
            hours = int((self._day + 1) * _DAY - time.time()) // _HOUR + 1
            raise Busy("busy-day", limit=self._limits.free_jobs_per_day, hours=hours)
        self._recent.append((time.monotonic(), person, photos))
        self._in_minute[person] += photos
        if free:
            self._in_day[self._alias(person)] += photos

    def left(self, person: int) -> tuple[int, int]:
        """How many photos they may still send: in this minute, and of tools that are free today."""
        self.forget_old()
        limits = self._limits
        minute = limits.jobs_per_minute - self._in_minute[person]
        return max(0, minute), max(0, limits.free_jobs_per_day - self._in_day[self._alias(person)])

    def _seconds(self, person: int) -> int:
        """Until one more is allowed."""
        over = self._in_minute[person] - self._limits.jobs_per_minute
        for at, who, photos in self._recent:
            over -= photos if who == person else 0
            if over < 0:
                return int(at + _MINUTE - time.monotonic()) + 1
        return _MINUTE

    def forget_old(self) -> None:
        while self._recent and self._recent[0][0] <= time.monotonic() - _MINUTE:
            _, person, photos = self._recent.popleft()
            self._in_minute[person] -= photos
            if not self._in_minute[person]:
                del self._in_minute[person]
        if (today := int(time.time()) // _DAY) != self._day:
            self._day, self._key, self._in_day = today, secrets.token_bytes(32), Counter()

    def _alias(self, person: int) -> bytes:
        return hmac.digest(self._key, str(person).encode(), hashlib.sha256)
