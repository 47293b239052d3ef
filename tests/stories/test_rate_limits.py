"""Use is regulated: what one person may have, what they hear then, the operators' pause, and floods."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Group, Message, Person
from tests.stories.test_inprocess import documents

translate = translator("en")

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600


class House:
    """The bot, its operators, and somebody who has agreed."""

    def __init__(self, telegram: Telegram, **settings: Any) -> None:
        self.telegram = telegram
        self.olga = telegram.person("Olga")
        self.group: Group = telegram.group("Operators", self.olga, forum=True)
        self.bot = Bot(telegram, operators_chat_id=self.group.id, **settings)
        self.bot.start()
        self.anna: Person = agreed(telegram, "Anna")

    def says(self, text: str) -> str:
        """Olga writes a command in the operators' group: the bot's answer."""
        asked = self.olga.writes(text, in_=self.group)
        return self.telegram.wait_for(lambda: self._answer(asked), 60, f"no answer to {text}", self.group.id)

    def _answer(self, asked: Message) -> str | None:
        answers = (each for each in self.group.chat() if each.reply_to and each.reply_to.id == asked.id)
        return next((each.text for each in answers if each.from_bot), None)

    def waits(self) -> Person:
        """Somebody else, up to a tap whose job does not begin."""
        ben = agreed(self.telegram, "Ben")
        ben.sends_file(b"a photo", "ben.jpg")
        ben.taps("Remove metadata", wait=0)
        return ben


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def house(telegram: Telegram) -> Iterator[House]:
    house = House(telegram, jobs_per_minute=3, free_jobs_per_day=5)
    yield house
    house.bot.kill()


def resizes(person: Person, photo: Message, times: int = 1) -> None:
    for _ in range(times):
        person.replies_to(photo, "50%")


def answers(person: Person, text: str) -> int:
    return sum(each.text == text for each in person.chat() if each.from_bot)


# What one person may have


def test_so_many_photos_a_minute_and_then_a_sentence_that_says_when_again(house: House) -> None:
    photo = house.anna.sends_file(b"a photo", "a.jpg")
    resizes(house.anna, photo, 4)
    house.telegram.passes(10)
    refused = house.anna.sees("photos a minute are the most")
    assert len(documents(house.anna)) == 3
    seconds = int(refused.text.split("In ")[1].split()[0])
    assert 30 < seconds <= 61
    house.telegram.passes(seconds)
    resizes(house.anna, photo)
    house.telegram.settle()
    assert len(documents(house.anna)) == 4


def test_the_minute_is_each_persons_own(house: House) -> None:
    resizes(house.anna, house.anna.sends_file(b"a photo", "a.jpg"), 4)
    ben = agreed(house.telegram, "Ben")
    resizes(ben, ben.sends_file(b"a photo", "b.jpg"))
    house.telegram.settle()
    assert len(documents(ben)) == 1


def test_so_many_free_photos_a_day_while_what_is_paid_goes_on(house: House) -> None:
    photo = house.anna.sends_file(b"a photo", "a.jpg")
    for _ in range(6):
        resizes(house.anna, photo)
        house.telegram.passes(30)
    house.anna.sees("photos for free today")
    assert len(documents(house.anna)) == 5
    house.anna.taps("Enhance")
    house.anna.taps("Medium")
    house.telegram.settle()
    assert documents(house.anna)[-1] == "a-enhance.jpg"
    house.telegram.passes(DAY)
    resizes(house.anna, photo)
    house.telegram.settle()
    assert len(documents(house.anna)) == 7


def test_an_album_counts_by_its_photos(house: House) -> None:
    house.anna.sends_album([b"one", b"two", b"three"], compressed=False)
    house.anna.taps("Remove metadata")
    house.telegram.passes(5)
    assert len(documents(house.anna)) == 3
    resizes(house.anna, house.anna.sends_file(b"a photo", "a.jpg"))
    house.anna.sees("photos a minute are the most")


def test_status_says_what_is_left(house: House) -> None:
    house.anna.writes("/status")
    limits = {"at_once": 20, "minute": 3, "day": 5}
    house.anna.sees(translate("status-limits", **limits, minute_left=3, day_left=5))
    resizes(house.anna, house.anna.sends_file(b"a photo", "a.jpg"), 2)
    house.telegram.passes(5)
    house.anna.writes("/status")
    house.anna.sees(translate("status-limits", **limits, minute_left=1, day_left=3))


def test_refusals_are_counted_by_their_limit_and_are_no_jobs(house: House) -> None:
    resizes(house.anna, house.anna.sends_file(b"a photo", "a.jpg"), 5)
    house.telegram.settle()
    rows = house.bot.rows("SELECT name, outcome, count FROM counters WHERE name IN ('job', 'limit') ORDER BY name")
    assert rows == [("job", "delivered", 3), ("limit", "busy-minute", 2)]


def test_nobodys_number_is_kept_for_the_day(house: House) -> None:
    resizes(house.anna, house.anna.sends_file(b"a photo", "a.jpg"), 2)
    house.telegram.passes(2 * MINUTE)
    rate_limiter = house.bot.services.photos.jobs.rate_limiter
    house.bot.runs_job("forget")
    assert not rate_limiter._recent
    assert str(house.anna.id) not in repr(vars(rate_limiter))
    first = dict(rate_limiter._in_day)
    assert list(first.values()) == [2]
    house.telegram.passes(DAY)
    resizes(house.anna, house.anna.sends_file(b"a photo", "a.jpg"))
    house.telegram.settle()
    assert not first.keys() & rate_limiter._in_day.keys()  # another key: the days cannot be put together


# The pause


def test_a_pause_lets_no_job_begin_and_says_so(house: House) -> None:
    assert house.says("/pause Back at six.") == translate("operators-paused", at_work=0)
    house.anna.sends_file(b"a photo", "a.jpg")
    house.anna.taps("Remove metadata")
    house.anna.sees(translate("stage-paused", why="Back at six."))
    house.telegram.passes(3600)
    assert documents(house.anna) == []
    assert house.says("/resume") == translate("operators-resumed", waiting=1)
    assert house.anna.gets_document().name == "a-clean.jpg"


def test_what_waited_goes_on_in_its_order(house: House) -> None:
    house.says("/pause")
    house.bot.services.photos.queues.light._free = 1  # one after the other
    people = [agreed(house.telegram, f"P{number}") for number in range(4)]
    for person in people:
        resizes(person, person.sends_file(b"a photo", f"{person.name}.jpg"))
        house.telegram.passes(2)
    house.says("/resume")
    house.telegram.settle()
    sent = [int(each["params"]["chat_id"]) for each in house.telegram.requests("sendDocument")]
    assert sent == [person.id for person in people]


def test_a_pause_survives_a_restart_and_so_does_what_waits(house: House) -> None:
    house.says("/pause")
    resizes(house.anna, house.anna.sends_file(b"a photo", "a.jpg"))
    house.anna.sees(translate("stage-paused", why="").strip())
    house.bot.kill()
    house.bot.start()
    house.telegram.passes(60)
    assert documents(house.anna) == []
    assert translate("service-paused", why="–") in house.says("/status")
    house.says("/resume")
    house.telegram.settle()
    assert documents(house.anna) == ["a-resize.jpg"]
    assert house.bot.rows("SELECT * FROM pause") == []


def test_a_stop_works_in_a_pause(house: House) -> None:
    house.says("/pause")
    house.anna.sends_file(b"a photo", "a.jpg")
    house.anna.taps("Remove metadata")
    house.anna.taps("Stop")
    house.anna.sees(translate("error-stopped"))
    house.says("/resume")
    house.telegram.settle()
    assert documents(house.anna) == []


def test_nothing_is_sold_in_a_pause_and_what_is_paid_counts(house: House) -> None:
    house.anna.writes("/buy")
    house.anna.taps("10 credits")
    invoice = house.anna.sees_invoice()
    house.says("/pause")
    assert house.anna.pays(invoice) == [{"status": "refused", "error": translate("checkout-paused")}]
    house.anna.pays(invoice, asks=False)  # the bot said yes before the pause
    house.anna.sees("Thank you: 10 credits")
    house.anna.writes("/withdraw")
    house.anna.taps("Withdraw: ")
    house.anna.sees("You withdraw from this purchase")
    house.anna.taps("Withdraw")
    house.anna.sees("Telegram Stars back (order")


def test_a_paid_photo_waits_for_the_end_of_the_pause_and_its_refund_does_not(telegram: Telegram) -> None:
    house = House(telegram, free_credits=0)
    house.anna.sends_file(b"a photo", "a.jpg")
    house.anna.taps("Enhance")
    house.anna.taps("Medium")
    house.anna.taps("Pay for this photo")
    invoice = house.anna.sees_invoice()
    house.says("/pause")
    house.anna.pays(invoice, asks=False)
    house.anna.sees(translate("stage-paused", why="").strip())
    house.bot.kill()
    house.bot.start()
    for _ in range(3):
        house.bot.runs_job("orders")  # comes to its end
    house.anna.writes("/withdraw")
    house.anna.taps("Withdraw: ")
    house.anna.sees("You withdraw from this purchase")
    house.anna.taps("Withdraw")
    house.anna.sees("Telegram Stars back (order")
    house.says("/resume")
    house.telegram.settle()
    assert documents(house.anna) == []
    house.bot.kill()


def test_the_scheduler_does_not_wait_for_the_end_of_a_pause(telegram: Telegram) -> None:
    """A paid photo that is due waits; the job that looks for such ones ends, for it also gives money back."""
    house = House(telegram, free_credits=0)
    house.anna.sends_file(b"a photo", "a.jpg")
    house.anna.taps("Enhance")
    house.anna.taps("Medium")
    house.anna.taps("Pay for this photo")
    telegram.fault("getFile", "error", code=400, text="Bad Request: not now")
    house.anna.pays(house.anna.sees_invoice())
    telegram.settle()
    house.says("/pause")
    telegram.passes(HOUR)
    looks = house.bot.begins_job("orders")
    telegram.passes(MINUTE)
    assert looks
    assert looks.done()
    assert documents(house.anna) == []
    house.says("/resume")
    house.bot.runs_job("orders")
    telegram.settle()
    assert documents(house.anna) == ["a-enhance.jpg"]
    house.bot.kill()


@pytest.mark.parametrize("text", ["/help", "/privacy", "/orders", "/balance", "/terms", "/support", "/start"])
def test_everything_else_goes_on(house: House, text: str) -> None:
    house.says("/pause")
    before = len(house.anna.chat())
    house.anna.writes(text)
    house.telegram.settle()
    assert len(house.anna.chat()) == before + 2


def test_status_tells_people_of_the_pause(house: House) -> None:
    house.says("/pause Back at six.")
    house.anna.writes("/status")
    house.anna.sees(translate("status-paused", why="Back at six."))


def test_a_pause_may_change_its_words_and_ends_once(house: House) -> None:
    house.says("/pause one")
    house.says("/pause two")
    assert translate("service-paused", why="two") in house.says("/status")
    assert house.says("/pause " + "a" * 301) == translate("operators-pause-long", most=300)
    house.says("/resume")
    assert house.says("/resume") == translate("operators-no-pause", waiting=0)


def test_only_operators_pause(house: House) -> None:
    house.anna.writes("/pause")
    house.anna.sees(translate("unknown-command"))
    assert house.bot.rows("SELECT * FROM pause") == []


# The operators' view


def test_operators_see_all_settings_of_use_the_lanes_the_memory_and_the_disk(house: House) -> None:
    told = house.says("/status")
    settings = house.bot.services.settings
    for name in ("jobs_per_person", "jobs_in_all", "jobs_per_minute", "free_jobs_per_day", "messages_per_person"):
        assert f"{name.upper()} = {getattr(settings, name)}" in told
    assert "Light lane: 0 of 5 seats" in told
    assert "MB taken" in told
    assert "GB free" in told
    assert translate("service-no-errors") in told
    assert len(told) < 4096


def test_memory_is_what_the_setting_says(telegram: Telegram) -> None:
    house = House(telegram, memory_mb=700)
    assert translate("service-memory", used=0, budget=700) in house.says("/status")
    house.bot.kill()


# Floods of messages


def test_a_flood_of_messages_is_cut_and_the_person_told_once(telegram: Telegram) -> None:
    house = House(telegram, messages_per_person=10)
    telegram.fault("sendMessage", "slow", seconds=5)  # the bot is at the first one
    for number in range(50):
        house.anna.writes(f"/help {number}")
    telegram.settle()
    assert answers(house.anna, translate("flood")) == 1
    assert answers(house.anna, translate("help", prints="no")) == 10
    assert house.bot.rows("SELECT * FROM inbox WHERE body IS NOT NULL") == []
    assert house.bot.rows("SELECT outcome, count FROM counters WHERE name = 'limit'") == [("flood", 1)]
    house.anna.writes("/help")
    telegram.settle()
    assert answers(house.anna, translate("help", prints="no")) == 11
    telegram.fault("sendMessage", "slow", seconds=5)
    for _ in range(50):
        house.anna.writes("/help")
    telegram.settle()
    assert answers(house.anna, translate("flood")) == 2  # another flood
    house.bot.kill()


def test_a_payment_is_counted_in_a_flood(telegram: Telegram) -> None:
    house = House(telegram, messages_per_person=10)
    house.anna.writes("/buy")
    house.anna.taps("10 credits")
    invoice = house.anna.sees_invoice()
    telegram.fault("sendMessage", "slow", seconds=5)
    for _ in range(50):
        house.anna.writes("/help")
    house.anna.pays(invoice, asks=False)
    house.anna.sees("Thank you: 10 credits")
    assert answers(house.anna, translate("flood")) == 1
    house.bot.kill()


def test_one_persons_flood_of_messages_does_not_hold_back_another(telegram: Telegram) -> None:
    """Counted in what the bot sends before its answer to Ben: as with nobody else, but for what is under way."""
    house = House(telegram)
    ben = agreed(telegram, "Ben")
    alone = _place_of(telegram, ben)
    telegram.fault("sendMessage", "slow", seconds=5)
    for _ in range(150):
        house.anna.writes("/help")
    [(waiting,)] = house.bot.rows("SELECT count(*) FROM inbox WHERE body IS NOT NULL")
    assert waiting > 100
    beside = _place_of(telegram, ben)
    assert alone == 0
    assert beside <= 1
    assert answers(house.anna, translate("help", prints="no")) == 150
    house.bot.kill()


def test_one_persons_flood_of_photos_does_not_hold_back_another(telegram: Telegram) -> None:
    """Counted in results that are sent before Ben's: no more than there are seats, however much Anna has waiting."""
    house = House(telegram)
    house.says("/pause")
    resizes(house.anna, house.anna.sends_file(b"a photo", "a.jpg"), 20)
    ben = house.waits()
    telegram.passes(5)
    assert house.bot.services.photos.jobs.waiting == 21
    house.says("/resume")
    telegram.settle()
    sent = [int(each["params"]["chat_id"]) for each in telegram.requests("sendDocument")]
    assert len(sent) == 21
    assert sent.index(ben.id) <= house.bot.services.photos.queues.light.slots[1]
    house.bot.kill()


def _place_of(telegram: Telegram, person: Person) -> int:
    """How many other messages the bot sends between a question of this person and its answer."""
    before = len(telegram.requests("sendMessage"))
    person.writes("/help")
    telegram.settle()
    after = [int(each["params"]["chat_id"]) for each in telegram.requests("sendMessage")[before:]]
    return after.index(person.id)
