"""SIGKILL between any two steps of a payment: after the next start everything paid is delivered or refunded, once.

The Bot API falls silent at a step, before or after the call has had its effect, and there the bot is killed; the person
goes on as people do: waits, and tries to pay again. The books are looked at when all these kills are over.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.db import Database
from storage.inbox import Inbox
from tests.conftest import agreed
from tests.harness import account_checks
from tests.harness.darkroom import Darkroom
from tests.harness.people import HTTP, Json, Person, Telegram
from tests.pictures import photos
from tests.stories.test_photo import menu_under

_SILENCE = 60.0  # longer than the bot lives then


@pytest.fixture(scope="module")
def bot(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Darkroom]:
    with Telegram(bot_api) as telegram:
        bot = Darkroom(telegram, tmp_path_factory.mktemp("bot"), FREE_CREDITS="0", WORKERS="1").start()
        yield bot
        if bot.process and bot.process.poll() is None:
            bot.kill()
        assert telegram.violations() == []


def buys_a_pack(anna: Person) -> None:
    anna.writes("/buy")
    anna.taps("10 credits", wait=0)
    pays_until_it_works(anna)
    waits_for(anna, lambda: has_credits(anna, 10))


def pays_for_a_photo(anna: Person) -> None:
    orders_a_job(anna, photos.encoded())
    pays_until_it_works(anna)
    assert anna.gets_document().name == "a-enhance.jpg"


def pays_for_a_broken_photo(anna: Person) -> None:
    """Refused in the jail, so the Stars come back."""
    orders_a_job(anna, photos.encoded()[:2000])
    pays_until_it_works(anna)
    waits_for(anna, lambda: is_refunded(anna))


def withdraws(anna: Person) -> None:
    buys_a_pack(anna)
    anna.writes("/withdraw")
    anna.taps("Withdraw: ", wait=0)
    anna.sees("You withdraw from this purchase")
    anna.taps("Withdraw", wait=0)
    waits_for(anna, lambda: is_refunded(anna))


PACK = ("sendInvoice", "answerPreCheckoutQuery")
PHOTO = ("sendInvoice", "getFile", "sendDocument", "deleteMessage")
STEPS = [
    *((buys_a_pack, method, 0) for method in PACK),
    (buys_a_pack, "sendMessage", 1),  # the thanks
    *((pays_for_a_photo, method, 0) for method in PHOTO),
    (pays_for_a_photo, "sendMessage", 1),  # the progress
    (pays_for_a_broken_photo, "refundStarPayment", 0),
    (withdraws, "refundStarPayment", 0),
]
SOME = {("answerPreCheckoutQuery", True), ("sendDocument", False), ("sendDocument", True), ("refundStarPayment", True)}
ALL = [
    # The others are long runs: the histories die at any step, in process.
    pytest.param(*step, after, marks=[] if (step[1], after) in SOME else pytest.mark.prove)
    for step in STEPS
    for after in (False, True)
]


@pytest.mark.parametrize(
    ("story", "method", "skip", "after"), ALL, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_killed_at_a_step(bot: Darkroom, story: Callable[[Person], None], method: str, skip: int, after: bool) -> None:
    anna = agreed(bot.telegram, "Anna")
    begun = len(bot.telegram.requests(method))
    bot.telegram.fault(method, "hang", skip=skip, after=after, seconds=_SILENCE)
    with ThreadPoolExecutor(1) as aside:
        told = aside.submit(story, anna)
        kill_at(bot, method, begun + skip)  # here: what a thread starts ends with that thread
        told.result()


def kill_at(bot: Darkroom, method: str, calls: int) -> None:
    """Kill the bot while it waits for the answer to this call, and start it anew."""
    deadline = time.monotonic() + 30
    while len(bot.telegram.requests(method)) <= calls:
        assert time.monotonic() < deadline, f"no {method} came"
        time.sleep(0.05)
    time.sleep(0.1)  # the call is there; its effect follows at once
    bot.kill()
    bot.telegram.mend()
    bot.start()


async def test_the_books_are_right_after_all_of_that(bot: Darkroom) -> None:
    assert bot.stop() == 0, bot.log
    db = await Database.open(bot.folder / "darkroom.db", bot.folder / "key" / "database.key")
    await account_checks.check(db, transactions(bot.telegram))
    assert await Inbox(db).unfinished() == []
    await db.close()


def transactions(telegram: Telegram) -> list[Json]:
    return HTTP.get(f"{telegram.url}/bot{telegram.token}/getStarTransactions").json()["result"]["transactions"]


def orders_a_job(anna: Person, photo: bytes) -> None:
    menu = menu_under(anna, anna.sends_file(photo, "a.jpg"))
    anna.taps("Enhance", on=menu)
    anna.taps("Medium", on=menu)
    anna.sees("and you have 0")
    anna.taps("Pay for this photo", wait=0)


def pays_until_it_works(anna: Person) -> None:
    invoice = anna.sees_invoice()

    def pay() -> bool | None:
        (payment,) = anna.pays(invoice)
        return payment["status"] == "paid" or None

    waits_for(anna, pay)


def waits_for(anna: Person, look: Callable[[], bool | None], seconds: float = 40) -> None:
    """As `wait_for`, for what shows only when asked."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, anna.telegram.transcript(anna.id)
        time.sleep(0.3)


def has_credits(anna: Person, credits: int) -> bool | None:
    asked = anna.writes("/balance")
    answer = anna.telegram.wait_for(lambda: newest_after(anna, asked.id, "You have "), 30, "no balance", anna.id)
    return f"You have {credits} credits" in answer or None


def newest_after(anna: Person, number: int, part: str) -> str | None:
    found = (each.text for each in anna.chat() if each.id > number and each.from_bot and part in each.text)
    return next(found, None)


def is_refunded(anna: Person) -> bool | None:
    return any("refunded_payment" in each.raw for each in anna.chat()) or None
