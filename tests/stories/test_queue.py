"""The queue: who waits is told their place, who has too much is told so, and a stopped one frees its place."""

import asyncio
from pathlib import Path

from bot.botapi.client import Client
from bot.botapi.pace import Pace
from bot.botapi.transport import AiohttpRequest
from bot.domain.values import Stage, Step
from bot.settings import Settings
from bot.texts import translator
from handlers.photos import menu
from handlers.photos.progress import Progress
from tests.conftest import agreed
from tests.harness.darkroom import running
from tests.harness.people import Telegram
from tests.pictures import photos
from tests.stories.test_photo import menu_under

JOBS_PER_PERSON = Settings.model_fields["jobs_per_person"].default

translate = translator("en")


def test_the_place_in_the_queue_is_told_and_moves_up(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path, WORKERS="1"):
        telegram.fault("file", "slow", seconds=60, count=3)  # three photos sit in memory: all the slots there are
        names = ("Emil", "Anna", "Ben", "Cleo", "Dora")
        people = [agreed(telegram, name) for name in names]
        for person in people:
            person.sends_file(photos.encoded("large"), f"{person.name}.jpg")
            person.taps("Remove metadata")
            person.sees("place" if person.name in names[3:] else translate("stage-fetching"))
        emil, anna, ben, cleo, dora = people
        cleo.sees(translate("stage-waiting", place=1))
        dora.sees(translate("stage-waiting", place=2))
        cleo.taps("Stop")
        cleo.sees(translate("error-stopped"))
        dora.sees(translate("stage-waiting", place=1))
        ben.taps("Stop")  # a slot is free
        assert dora.gets_document().name == "Dora-clean.jpg"
        for person in (emil, anna):
            person.taps("Stop")
            person.sees(translate("error-stopped"))


class Obliging(AiohttpRequest):
    """Telegram, where all goes well."""

    async def do_request(self, *args: object, **kwargs: object) -> tuple[int, bytes]:
        return 200, b'{"ok": true, "result": true}'


async def test_what_ends_in_the_moment_in_which_its_place_moves_up_ends() -> None:
    bot = Client("123456:abc", request=Obliging(1), get_updates_request=Obliging(1), rate_limiter=Pace())
    progress = Progress(bot, 1, 1, translate)
    await asyncio.sleep(0.5)  # it waits for news by now
    progress.show(Step(Stage.WAITING, 3))
    done, _ = await asyncio.wait(
        [asyncio.create_task(progress.end(translate("error-stopped"), menu.tools(translate)))], timeout=5
    )
    assert done


def test_one_person_may_not_have_everything_at_once(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path, WORKERS="1"):
        telegram.fault("file", "slow", seconds=60, count=2)
        anna = agreed(telegram, "Anna")
        for _ in range(JOBS_PER_PERSON + 1):
            message = anna.sends_file(photos.encoded(), "a.jpg")
            anna.replies_to(message, "50%")
        anna.sees(translate("error-busy-you", limit=JOBS_PER_PERSON))
        anna.writes("/cancel")
        anna.sees(translate("cancelled", count=JOBS_PER_PERSON))


def test_a_light_job_does_not_wait_behind_heavy_ones(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path, "tests.harness.heavy", WORKERS="1"):
        telegram.fault("file", "slow", seconds=60, count=3)  # all slots that heavy jobs have
        waiting = [agreed(telegram, name) for name in ("Emil", "Anna", "Ben", "Cleo")]
        for person in waiting:
            menu = menu_under(person, person.sends_file(photos.encoded(), "a.jpg"))
            person.forges("apply:enhance:strength=medium", menu)
            person.sees("place" if person.name == "Cleo" else translate("stage-fetching"))
        dora = agreed(telegram, "Dora")
        menu = menu_under(dora, dora.sends_file(photos.encoded(), "b.jpg"))
        dora.taps("Remove metadata", on=menu)
        assert dora.gets_document().name == "b-clean.jpg"
        person.sees(translate("stage-waiting", place=1))
        for person in waiting:  # or the bot, when it ends, waits for them
            person.taps("Stop")
            person.sees(translate("error-stopped"))


def test_one_persons_many_jobs_do_not_hold_back_anothers_first(telegram: Telegram, tmp_path: Path) -> None:
    with running(telegram, tmp_path, WORKERS="1"):
        telegram.fault("file", "slow", seconds=60, count=3)
        emil, anna, ben = (agreed(telegram, name) for name in ("Emil", "Anna", "Ben"))
        emil.replies_to(emil.sends_file(photos.encoded(), "e.jpg"), "50%")
        emil.sees(translate("stage-fetching"))
        for _ in range(8):
            anna.replies_to(anna.sends_file(photos.encoded(), "a.jpg"), "50%")
        anna.sees(translate("stage-waiting", place=6))
        ben.replies_to(ben.sends_file(photos.encoded(), "b.jpg"), "50%")
        ben.sees(translate("stage-waiting", place=2))  # behind the one that came first, before the other five
        anna.writes("/cancel")
        ben.gets_document()
        emil.writes("/cancel")
