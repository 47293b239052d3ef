"""Lanes beside one queue for everything: what light jobs wait for, what heavy ones lose; and what many people cost."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import mean, quantiles

import pytest

from tests.bench.test_bench_bot import cpu_seconds
from tests.conftest import agreed
from tests.harness.bench import row
from tests.harness.darkroom import running
from tests.harness.people import Person, Telegram
from tests.pictures import photos
from tests.stories.test_photo import menu_under

pytestmark = pytest.mark.bench

_HEAVY = 10  # people with a heavy job at any time
_LIGHT = 2  # people with a light one
_JOBS = 20  # of each of these
_SECONDS = 5  # of heavy jobs alone


class Flood:
    """Ten people who always have a heavy job: when one is done, the next is there at once."""

    def __init__(self, telegram: Telegram) -> None:
        self._people = [agreed(telegram, f"H{number}") for number in range(_HEAVY)]
        self._telegram = telegram
        self._over = threading.Event()

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
        begun = self._done()
        while not self._over.wait(0.1):
            done = self._done()
            for person in self._people:
                if begun[person.id] <= done[person.id]:
                    self._begins(person)
                    begun[person.id] += 1

    def _done(self) -> Counter[int]:
        return Counter(int(each["params"]["chat_id"]) for each in self._telegram.requests("sendDocument"))

    def _begins(self, person: Person) -> None:
        menu = menu_under(person, person.sends_file(photos.encoded(), "a.jpg"))
        person.telegram.act("forge", person=person.id, chat=menu.chat, message=menu.id, data=_APPLY, wait=0)


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


class Side:
    """A bot, and those who use it."""

    def __init__(self, telegram: Telegram) -> None:
        self.people = [agreed(telegram, f"L{number}") for number in range(_LIGHT)]
        self.flood = Flood(telegram)
        light_seconds(self.people, 2)  # warm

    def alone(self) -> float:
        """Heavy jobs a second, without any light one."""
        with self.flood.runs():
            return self._rate()

    def flooded(self, jobs: int) -> tuple[float, float, float]:
        """Seconds of light jobs, and heavy ones a second meanwhile and afterwards."""
        with self.flood.runs():
            time.sleep(2)  # the first ones are done
            begun = time.time()
            seconds = light_seconds(self.people, jobs)
            return seconds, self.flood.rate(begun, time.time()), self._rate()

    def _rate(self) -> float:
        time.sleep(2)
        begun = time.time()
        time.sleep(_SECONDS)
        return self.flood.rate(begun, time.time())


@contextmanager
def side(bot_api: str, folder: Path, **settings: str) -> Iterator[Side]:
    with (
        Telegram(bot_api) as telegram,
        running(telegram, folder, "tests.harness.heavy", WORKERS="2", FREE_CREDITS="1000", **settings),
    ):
        yield Side(telegram)


def test_light_jobs_while_heavy_ones_flood(bot_api: str, tmp_path: Path) -> None:
    with side(bot_api, tmp_path / "ours") as ours, side(bot_api, tmp_path / "peer", QUEUES="fifo") as peer:
        idle = light_seconds(ours.people, _JOBS)
        alone = [peer.alone()]
        flooded, during, after = ours.flooded(_JOBS)
        alone.append(peer.alone())
        idle = mean([idle, light_seconds(ours.people, _JOBS)])
        waited, _, _ = peer.flooded(2)
    fifo, told = mean(alone), f"{flooded * 1000:.0f} ms against {idle * 1000:.0f} ms"
    row("4  light jobs' p95 under a heavy flood / idle", flooded / idle, 2, f"{told}; one queue: {waited / idle:.1f}x")
    told = f"{during:.2f} a second against {fifo:.2f} alone in one queue"
    row("4  heavy jobs meanwhile / alone, one queue", during / fifo, 0.45, told, at_least=True)
    row("4  heavy jobs when no light one waits / alone", after / fifo, 0.95, f"{after:.2f} a second", at_least=True)


# -- ratio 3: what a photo costs the bot's own process, and how many a second there are, with ever more people --

_PHOTOS = 100
_ROUNDS = 2


def send_all(people: list[Person], at_once: int) -> None:
    """So many photos in all. Everybody has `at_once` under way, of the twenty that one person may have."""
    for _ in range(_PHOTOS // len(people) // at_once):
        for person in people:
            for _ in range(at_once):
                person.replies_to(person.sends_file(photos.encoded(), "a.jpg"), "50%")
        for person in people * at_once:
            person.gets_document(timeout=120)


def test_what_a_photo_costs_with_a_hundred_people(bot_api: str, tmp_path: Path) -> None:
    crowds = {1: 10, 10: 10, 100: 1}
    cpu: dict[int, list[float]] = {count: [] for count in crowds}
    rate: dict[int, list[float]] = {count: [] for count in crowds}
    with Telegram(bot_api) as telegram, running(telegram, tmp_path / "bot", WORKERS="2") as bot:
        people = [agreed(telegram, f"P{number}") for number in range(100)]
        send_all(people, 1)  # warm
        for _ in range(_ROUNDS):
            for count, at_once in crowds.items():
                spent, begun = cpu_seconds(bot.pid), time.perf_counter()
                send_all(people[:count], at_once)
                cpu[count].append((cpu_seconds(bot.pid) - spent) / _PHOTOS * 1000)
                rate[count].append(_PHOTOS / (time.perf_counter() - begun))
    told = ", ".join(f"{mean(cpu[count]):.1f} ms with {count}" for count in crowds)
    row("3  the bot's CPU a photo, 100 people / one", mean(cpu[100]) / mean(cpu[1]), 1.3, told)
    told = ", ".join(f"{mean(rate[count]):.1f} a second with {count}" for count in crowds)
    row("3  photos a second, 100 people / 10", mean(rate[100]) / mean(rate[10]), 0.95, told, at_least=True)
