"""An album is a job like any other to the operators: the card of a ticket tells how it ended."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.domain.errors import DarkroomError, Failed, Reason, Refused
from bot.texts import moment, translator
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Group, Person

translate = translator("en")


@dataclass
class Story:
    telegram: Telegram
    group: Group
    bot: Bot
    anna: Person

    def enhances_album(self, *ends: DarkroomError | None) -> None:
        """An hour's other job before it, so that the card could show the wrong one."""
        self.anna.sends_file(b"a photo", "photo.jpg")
        self.anna.taps("Remove metadata")
        self.telegram.settle()
        self.bot.jail.plan = list(ends)
        self.anna.sends_album([b"one", b"two", b"three"], compressed=False)
        self.telegram.settle()
        self.anna.taps("Enhance")
        self.anna.taps("Medium")
        self.telegram.settle()

    def card(self) -> str:
        """The line about the job, on the card of a new ticket about a photo."""
        self.anna.writes("/support")
        self.anna.taps("A photo")
        self.anna.sees(f'your job with the tool "{translate("tool-enhance")}"')
        self.anna.writes("see for yourself")
        self.anna.taps("Send")
        self.telegram.settle()
        [card] = [each.text for each in self.group.chat() if each.text.startswith("Ticket 1 ·")]
        [line] = [line for line in card.splitlines() if line.startswith("The bot at work")]
        return line


@pytest.fixture
def story() -> Iterator[Story]:
    with Telegram() as telegram:
        group = telegram.group("Operators", telegram.person("Olga"), forum=True)
        with Bot(telegram, free_credits=9, operators_chat_id=group.id) as bot:
            yield Story(telegram, group, bot, agreed(telegram, "Anna"))


def line(story: Story, error: str) -> str:
    _, at = story.bot.services.photos.last_results.of(story.anna.id)
    return translate("card-job", tool="enhance", error=error, time=moment(at))


def test_an_album_that_was_done(story: Story) -> None:
    story.enhances_album()
    assert story.card() == line(story, "done")


def test_an_album_that_was_refused(story: Story) -> None:
    story.enhances_album(Refused(Reason.BROKEN), Refused(Reason.TOO_COMPLEX), Refused(Reason.NO_SUBJECT))
    assert story.card() == line(story, "broken")


def test_an_album_of_which_one_photo_failed(story: Story) -> None:
    """Our own fault is told, rather than what is wrong with another photo."""
    story.enhances_album(None, Refused(Reason.BROKEN), Failed(Reason.CRASHED))
    code = re.search(r"crashed ([A-Z2-7]{8})", story.card())
    assert code
    assert code[1] in story.anna.sees(translate("album-done", done=1, photos=3)).text


def test_an_album_that_telegram_did_not_take(story: Story) -> None:
    story.telegram.fault("sendMediaGroup", "error", code=400, text="Bad Request: not now")
    story.enhances_album()
    assert story.card().startswith("The bot at work: enhance, not-delivered ")
