"""A result on its way: nobody takes back what may have arrived, and what can never arrive costs nothing."""

from collections.abc import Iterator

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom
from tests.harness.inprocess import Bot
from tests.harness.people import Person
from tests.harness.shopping import balance_of
from tests.harness.simulated_clock import Telegram
from tests.pictures import photos

translate = translator("en")


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


def enhances(anna: Person) -> None:
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.forges("apply:enhance:strength=medium", anna.sees(translate("menu")), wait=0)


@pytest.mark.parametrize("way", ["stop", "/cancel"])
def test_what_may_have_arrived_is_not_taken_back(telegram: Telegram, way: str) -> None:
    """Telegram has the document and does not answer: whoever stops then keeps it, and has paid for it."""
    with Bot(telegram, free_credits=1) as bot:
        anna = agreed(telegram, "Anna")
        telegram.fault("sendDocument", "hang", seconds=30, count=1)
        enhances(anna)
        progress = anna.sees(translate("stage-sending"))
        if way == "stop":
            answer = anna.forges("stop", progress)
            assert answer
            assert answer["text"] == translate("nothing-to-stop")
        else:
            anna.writes(way)
        telegram.settle()
        assert [each for each in anna.chat() if each.from_bot and each.document]
        assert bot.rows("SELECT kind, credits FROM ledger ORDER BY id") == [
            ("newcomer", 1),
            ("hold", -1),
            ("settle", 0),
        ]


def test_before_that_a_stop_gives_the_credits_back(telegram: Telegram) -> None:
    """The control."""
    with Bot(telegram, free_credits=1) as bot:
        anna = agreed(telegram, "Anna")
        bot.jail.seconds = 60
        enhances(anna)
        anna.forges("stop", anna.sees(translate("stage-working")))
        anna.sees(translate("error-stopped"))
        telegram.settle()
        assert bot.rows("SELECT kind, credits FROM ledger ORDER BY id")[-1] == ("release", 1)


def test_a_result_that_telegram_will_never_take_costs_nothing_at_once(darkroom: Darkroom) -> None:
    """A proxy before the Bot API answers 413: one preview, one sentence, the credits back."""
    anna = agreed(darkroom.telegram, "Anna")
    darkroom.telegram.fault("sendDocument", "error", code=413, text="Request Entity Too Large", count=9)
    before = len(darkroom.telegram.requests("sendDocument"))
    menu = anna.sees(translate("menu")) if anna.sends_file(photos.encoded(), "me.jpg") else None
    assert menu
    anna.forges("apply:enhance:strength=medium", menu, wait=0)
    anna.sees(translate("error-not-delivered"))
    darkroom.telegram.mend()
    assert len(darkroom.telegram.requests("sendDocument")) == before + 1
    assert len([each for each in anna.chat() if each.raw.get("photo")]) == 1
    assert balance_of(anna) == 3
