"""GA4: only what counters grew by, in Google's form, from one client that is nobody; and nothing waits for Google."""

import asyncio
import json
import logging
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft7Validator
from pydantic import ValidationError

from bot.app import _ga4
from bot.ops.ga4 import Ga4
from bot.settings import Settings
from storage.counters import COUNTED, Counters
from storage.db import Database
from storage.service_state import ServiceState

SECRET = "secret-of-ga4-api"
TOOLS = {"clean": 1, "enhance": 2}


class Google:
    """What was sent to it. `answer` is its next status; it waits for `goes_on` before it gives one."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.queries: list[dict[str, str]] = []
        self.answer = 204
        self.asked, self.goes_on = asyncio.Event(), asyncio.Event()
        self.goes_on.set()

    async def collect(self, request: web.Request) -> web.Response:
        self.queries.append(dict(request.query))
        if request.method == "POST":
            self.bodies.append(await request.json())
        self.asked.set()
        await self.goes_on.wait()
        return web.Response(status=self.answer, headers={"Location": "/elsewhere"})

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for body in self.bodies for event in body["events"]]


class Export:
    """The export of one bot to Google."""

    def __init__(self, google: Google, db: Database, url: str) -> None:
        self.google = google
        self.db = db
        self.url = url
        self.counters = Counters(db, TOOLS, ["en", "de"])
        self.ga4 = self.anew()

    def anew(self) -> Ga4:
        """As after a restart."""
        return Ga4(self.counters, ServiceState(self.db), self.url, "G-TEST", SECRET)

    def is_valid(self) -> None:
        """By Google's published limits, and by its own rules where they are at hand."""
        for body in self.google.bodies:
            assert set(body) == {"client_id", "non_personalized_ads", "events"}
            assert body["non_personalized_ads"] is True
            assert 1 <= len(body["events"]) <= 25
            for event in body["events"]:
                assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", event["name"])
                assert set(event["params"]) <= {"tool", "outcome", "language", "count"}
                assert all(len(str(value)) <= 100 for value in event["params"].values())
        if schema := os.environ.get("GA4_SCHEMA"):
            validator = Draft7Validator(json.loads(Path(schema).read_text("utf-8")))
            assert [str(error) for body in self.google.bodies for error in validator.iter_errors(body)] == []


@pytest.fixture
async def export(tmp_path: Path) -> AsyncIterator[Export]:
    google = Google()
    app = web.Application()
    app.add_routes([web.post("/mp/collect", google.collect), web.get("/elsewhere", google.collect)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    db = await Database.open(tmp_path / "a.db", tmp_path / "key")
    export = Export(google, db, f"http://{host}:{port}/mp/collect")
    await export.counters.count("job", "clean", "delivered", "en", 7)
    await export.ga4.export()  # what was before is not told
    yield export
    export.is_valid()
    await db.close()
    await runner.cleanup()


async def test_what_came_since_the_last_time_is_sent_once(export: Export) -> None:
    assert export.google.bodies == []
    await export.counters.count("job", "clean", "delivered", "en", 2)
    await export.counters.count("consent", outcome="given", language="de")
    for _ in range(2):
        await export.ga4.export()
    assert export.google.events == [
        {"name": "darkroom_consent", "params": {"outcome": "given", "language": "de", "count": 1}},
        {"name": "darkroom_job", "params": {"tool": "clean", "outcome": "delivered", "language": "en", "count": 2}},
    ]
    assert export.google.queries == [{"measurement_id": "G-TEST", "api_secret": SECRET}]


async def test_all_that_is_counted_fits_googles_rules(export: Export) -> None:
    for name, outcomes in COUNTED.items():
        for outcome in outcomes:
            for tool in ("clean", "enhance 2"):
                await export.counters.count(name, tool, outcome, "de")
    await export.ga4.export()
    sent = [len(body["events"]) for body in export.google.bodies]
    assert sum(sent) == 2 * sum(len(outcomes) for outcomes in COUNTED.values())
    assert max(sent) == 25


async def test_the_client_is_the_same_for_ever_and_nobodys(export: Export) -> None:
    for ga4 in (export.ga4, export.anew()):
        await ga4.export()
        await export.counters.count("job", "clean", "delivered", "en")
        await ga4.export()
    first, second = (body["client_id"] for body in export.google.bodies)
    assert first == second
    assert re.fullmatch(r"\d+\.\d+", first)


async def test_what_google_refused_is_sent_next_time(export: Export) -> None:
    await export.counters.count("job", "clean", "delivered", "en")
    export.google.answer = 500
    await export.ga4.export()
    await export.counters.count("job", "clean", "delivered", "en")
    export.google.answer = 204
    await export.ga4.export()
    assert [event["params"]["count"] for event in export.google.events] == [1, 2]


async def test_what_could_not_be_sent_for_a_day_is_dropped(export: Export) -> None:
    await export.counters.count("job", "clean", "failed", "en")
    sql = "UPDATE counters SET day = date(day, '-2 days')"
    await export.db.run(lambda connection: connection.execute(sql))
    await export.counters.count("job", "clean", "stopped", "en")
    await export.ga4.export()
    assert [event["params"]["outcome"] for event in export.google.events] == ["stopped"]
    assert len(export.ga4._sent or ()) == 1


async def test_the_secret_does_not_follow_a_redirection(export: Export) -> None:
    export.google.answer = 302
    await export.counters.count("job", "clean", "delivered", "en")
    await export.ga4.export()
    assert len(export.google.queries) == 1


async def test_while_google_hangs_the_bot_counts_on(export: Export) -> None:
    await export.counters.count("job", "clean", "delivered", "en")
    export.google.goes_on.clear()
    exporting = asyncio.create_task(export.ga4.export())
    await export.google.asked.wait()
    await export.counters.count("job", "clean", "delivered", "en")
    assert not exporting.done()
    export.google.goes_on.set()
    await exporting
    await export.ga4.export()
    assert [event["params"]["count"] for event in export.google.events] == [1, 1]


async def test_nothing_of_the_secret_is_logged_or_shown(export: Export, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await export.counters.count("job", "clean", "delivered", "en")
    export.google.answer = 403
    await export.ga4.export()
    export.ga4._url = "http://127.0.0.1:9/mp/collect"
    await export.ga4.export()
    export.ga4._url = "not an address"
    await export.ga4.export()
    assert "GA4 answered 403" in caplog.text
    told = [record.getMessage() for record in caplog.records if "not reached" in record.getMessage()]
    assert told == [f"GA4 was not reached: {kind}" for kind in ("ClientConnectorError", "InvalidUrlClientError")]
    assert SECRET not in caplog.text
    assert SECRET not in repr(_settings(ga4_measurement_id="G-TEST", ga4_api_secret=SECRET))


async def test_it_is_off_unless_both_are_set(export: Export) -> None:
    service_state = ServiceState(export.db)
    for given in ({}, {"ga4_measurement_id": "G-TEST"}, {"ga4_api_secret": SECRET}):
        assert _ga4(_settings(**given), export.counters, service_state) is None
    assert _ga4(_settings(ga4_measurement_id="G-TEST", ga4_api_secret=SECRET), export.counters, service_state)
    with pytest.raises(ValidationError):
        _settings(ga4_url="http://google.example/mp/collect", ga4_measurement_id="G-TEST", ga4_api_secret=SECRET)


def _settings(**given: str) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[call-arg, arg-type]
