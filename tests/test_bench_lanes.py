"""Lanes beside one queue for everything: what light jobs wait for, what heavy ones lose; and what many people cost."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.bench import row
from tests.conftest import agreed
from tests.darkroom import Darkroom, running
from tests.people import Message, Person, Telegram
from tests.pictures import photos
from tests.test_bench_bot import cpu_seconds
from tests.test_photo import menu_under

pytestmark = pytest.mark.bench

_HEAVY = 10  # people with a heavy job at any time
_LIGHT = 2  # people with a light one
_JOBS = 15  # of each of these
_SECONDS = 8  # of heavy jobs alone


@dataclass
class Measured:
    idle: float  # seconds: the 95th of a hundred light jobs, where nothing else is going on
    flooded: float
    heavy_before: float  # heavy jobs a second, before any light one
    heavy_during: float
    heavy_after: float


class Flood:
    """Ten people who always have a heavy job: when one is done, the next is there at once."""

    def __init__(self, telegram: Telegram) -> None:
        self._people = [agreed(telegram, f"H{number}") for number in range(_HEAVY)]
        self._photos = [menu_under(each, each.sends_file(photos.encoded(), "a.jpg")) for each in self._people]
        self._telegram = telegram
        self._over = threading.Event()
        self._begun = [0] * _HEAVY

    @contextmanager
    def runs(self) -> Iterator[None]:
        self._over.clear()
        with ThreadPoolExecutor(1) as aside:
            running = aside.submit(self._run)
            try:
                yield
            finally:
                self._over.set()
                running.result()
                for person in self._people:
                    person.writes("/cancel")

    def rate(self, begun: float, ended: float) -> float:
        """Jobs a second that were delivered between these times."""
        return sum(begun <= at < ended for at in self._deliveries()) / (ended - begun)

    def _deliveries(self) -> list[float]:
        ours = {person.id for person in self._people}
        sent = self._telegram.requests("sendDocument")
        return [each["time"] for each in sent if int(each["params"]["chat_id"]) in ours]

    def _run(self) -> None:
        while not self._over.wait(0.1):
            sent = self._telegram.requests("sendDocument")
            for number, person in enumerate(self._people):
                done = sum(int(each["params"]["chat_id"]) == person.id for each in sent)
                while self._begun[number] < done + 1:
                    self._begins(number, person)

    def _begins(self, number: int, person: Person) -> None:
        """On a menu of its own: the one before became its job's progress."""
        menu = self._photos[number]
        if self._begun[number]:
            menu = menu_under(person, person.sends_file(photos.encoded(), "a.jpg"))
        person.telegram.act("forge", person=person.id, chat=menu.chat, message=menu.id, data=_APPLY, wait=0)
        self._begun[number] += 1


_APPLY = "apply:enhance:strength=medium"


def light_seconds(people: list[Person], jobs: int) -> float:
    """The 95th percentile, of all of them at it together."""

    def each(person: Person) -> list[float]:
        taken = []
        for _ in range(jobs):
            photo = person.sends_file(photos.encoded(), "b.jpg")
            begun = time.perf_counter()
            person.replies_to(photo, "50%")
            person.gets_document(timeout=120)
            taken.append(time.perf_counter() - begun)
        return taken

    with ThreadPoolExecutor(len(people)) as aside:
        taken = [seconds for of_one in aside.map(each, people) for seconds in of_one]
    return quantiles(taken, n=20)[-1]


def measure(telegram: Telegram, folder: Path, jobs: int, **settings: str) -> Measured:
    with running(telegram, folder, "tests.heavy", WORKERS="2", FREE_CREDITS="1000", **settings):
        people = [agreed(telegram, f"L{number}") for number in range(_LIGHT)]
        light_seconds(people, 3)  # warm
        idle = light_seconds(people, _JOBS)
        flood = Flood(telegram)
        with flood.runs():
            time.sleep(3)  # the first ones are done
            times = [time.time()]
            time.sleep(_SECONDS)
            times.append(time.time())
            flooded = light_seconds(people, jobs)
            times.append(time.time())
            time.sleep(_SECONDS)
            times.append(time.time())
        rates = [flood.rate(*span) for span in zip(times, times[1:], strict=False)]
    return Measured(idle, flooded, *rates)


def test_light_jobs_while_heavy_ones_flood(bot_api: str, tmp_path: Path) -> None:
    with Telegram(bot_api) as telegram:
        peer = measure(telegram, tmp_path / "peer", 3, LANES="fifo")
    with Telegram(bot_api) as telegram:
        ours = measure(telegram, tmp_path / "ours", _JOBS)
    told = f"{ours.flooded * 1000:.0f} ms against {ours.idle * 1000:.0f} ms"
    fifo = f"one queue for all: {peer.flooded / peer.idle:.1f}x"
    row("4  light jobs' p95 under a heavy flood / idle", ours.flooded / ours.idle, 2, f"{told}; {fifo}")
    alone = peer.heavy_before
    told = f"{ours.heavy_during:.2f} a second against {alone:.2f} alone in one queue"
    row("4  heavy jobs meanwhile / alone, one queue", ours.heavy_during / alone, 0.45, told, at_least=True)
    told = f"{ours.heavy_after:.2f} a second; before any light one: {ours.heavy_before:.2f}"
    row("4  heavy jobs when no light one waits / alone", ours.heavy_after / alone, 0.95, told, at_least=True)
