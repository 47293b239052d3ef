"""The machine's clock may jump: by hand, by a time server, after a sleep. A clock that only goes forward notices."""

import time

_LEAST_SECONDS = 60  # time servers move it by less, slowly


class Clock:
    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def jumped(self) -> int:
        """By how many seconds since the last look, below zero for back; 0 where it runs on."""
        ahead = time.time() - time.monotonic()
        by, self._ahead = round(ahead - self._ahead), ahead
        return by if abs(by) >= _LEAST_SECONDS else 0
