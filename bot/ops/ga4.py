"""Google Analytics 4, if operators want it: what the counters grew by, and nothing else (Measurement Protocol).

https://developers.google.com/analytics/devguides/collection/protocol/ga4. One constant client for the whole service:
to Google there is one visitor, who is nobody. What cannot be sent within a day is dropped; nothing waits for Google.
"""

import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import aiohttp

from storage.counters import Count, Counters
from storage.service_state import ServiceState

_log = logging.getLogger(__name__)

_EVENTS = 25  # a request, by Google's rules
_SECONDS = 10  # for a request

Json = dict[str, object]


class Ga4:
    def __init__(
        self, counters: Counters, service_state: ServiceState, url: str, measurement_id: str, api_secret: str
    ) -> None:
        self._counters = counters
        self._service_state = service_state
        self._url = url
        self._keys = {"measurement_id": measurement_id, "api_secret": api_secret}
        self._sent: dict[tuple[str, ...], int] | None = None  # labels -> how much of it Google knows

    async def export(self) -> None:
        """Send what came since the last time: for the scheduler. The first time only notes where counting begins."""
        counts = await self._recent()
        if self._sent is None:
            self._sent = counts
            return
        grown = {labels: count - self._sent.get(labels, 0) for labels, count in counts.items()}
        grown = {labels: count for labels, count in grown.items() if count > 0}
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            for batch in _batches(grown):
                if not await self._send(session, _body(await self._client(), batch)):
                    break
                for labels in batch:
                    self._sent[labels] = counts[labels]
        self._sent = {labels: count for labels, count in self._sent.items() if labels in counts}

    async def _recent(self) -> dict[tuple[str, ...], int]:
        """Today's and yesterday's counts; what is older and was not sent is dropped with that."""
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        return {_labels(count): count.count for count in await self._counters.since(yesterday.isoformat())}

    async def _client(self) -> str:
        """The same for ever, random, and nobody's."""
        number = await self._service_state.get("ga4_client")
        if not number:
            number = secrets.randbits(62) | 1
            await self._service_state.set("ga4_client", number)
        return f"{number >> 31}.{number & 0x7FFFFFFF}"

    async def _send(self, session: aiohttp.ClientSession, body: Json) -> bool:
        """Errors are named by their class alone: their texts may hold the address, and it the secret."""
        try:
            async with session.post(self._url, params=self._keys, json=body, allow_redirects=False) as response:
                if response.status < 300:
                    return True
                _log.warning("GA4 answered %d", response.status)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            _log.warning("GA4 was not reached: %s", type(error).__name__)
        return False


def _labels(count: Count) -> tuple[str, ...]:
    return astuple(count)[:-1]


def _batches(grown: Mapping[tuple[str, ...], int]) -> Iterable[dict[tuple[str, ...], int]]:
    items = list(grown.items())
    return (dict(items[first : first + _EVENTS]) for first in range(0, len(items), _EVENTS))


def _body(client: str, grown: Mapping[tuple[str, ...], int]) -> Json:
    return {
        "client_id": client,
        "non_personalized_ads": True,
        "events": [_event(labels, count) for labels, count in grown.items()],
    }


def _event(labels: tuple[str, ...], count: int) -> Json:
    """`darkroom_job` with its labels and by how many it grew."""
    _, name, tool, outcome, language = labels
    params = {"tool": tool, "outcome": outcome, "language": language, "count": count}
    return {"name": f"darkroom_{name}", "params": {key: value for key, value in params.items() if value}}
