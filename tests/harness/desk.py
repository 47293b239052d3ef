"""The operators' side of stories about support: a bot whose operators have a group with topics, and Olga in it."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.texts import translator
from tests.harness.darkroom import Darkroom, running
from tests.harness.people import Group, Message, Person, Telegram

translate = translator("en")


@dataclass(frozen=True)
class Desk:
    """The running bot, the operators' group, and who works there."""

    bot: Darkroom
    group: Group
    olga: Person

    @property
    def telegram(self) -> Telegram:
        return self.bot.telegram

    def topic(self, number: int) -> int:
        """The thread of this ticket's topic, as soon as it has its card."""

        def look() -> int | None:
            found = (each for each in self.group.chat() if each.text.startswith(f"Ticket {number} ·"))
            return next((each.thread for each in found), None)

        return int(self.telegram.wait_for(look, 60, f"ticket {number} has no topic", self.group.id))

    def card(self, number: int) -> str:
        return self.lines(number)[0].text

    def lines(self, number: int) -> list[Message]:
        """What is in the ticket's topic: its card first."""
        thread = self.topic(number)
        service = {"forum_topic_created", "forum_topic_edited"}
        return [each for each in self.group.chat() if each.thread == thread and not service & each.raw.keys()]

    def reads(self, number: int, part: str) -> Message:
        """The newest message of the bot's in the ticket's topic that contains this, as soon as there is one."""

        def look() -> Message | None:
            found = (
                each for each in reversed(self.group.chat()) if each.from_bot and each.thread == self.topic(number)
            )
            return next((each for each in found if part in each.text), None)

        return self.telegram.wait_for(look, 60, f"ticket {number} does not show {part!r}", self.group.id)

    def writes(self, number: int, text: str) -> Message:
        return self.olga.writes(text, in_=self.group, thread=self.topic(number))

    def texts(self, number: int) -> list[str]:
        """All that is said in the topic, but the card and service messages."""
        return [each.text for each in self.lines(number)[1:] if each.text]

    def mentions(self, part: str) -> list[Message]:
        return [each for each in self.group.chat() if part in each.text]

    def rests(self) -> None:
        """Until the bot has done all that it was asked."""
        deadline = time.monotonic() + 30
        while self.telegram.read("overview")["pending"] or self.bot.rows("SELECT 1 FROM inbox WHERE body IS NOT NULL"):
            assert time.monotonic() < deadline, self.bot.log
            time.sleep(0.02)

    def said_to(self, person: Person, since: Message) -> list[Message]:
        """All that the bot has said to this person since this message, once it has nothing left to say."""
        self.rests()
        return [each for each in person.chat() if each.from_bot and each.id > since.id]


@contextmanager
def open_desk(bot_api: str, folder: Path, **settings: str) -> Iterator[Desk]:
    with Telegram(bot_api) as telegram:
        olga = telegram.person("Olga")
        group = telegram.group("Operators", olga, forum=True)
        with running(telegram, folder, **{"OPERATORS_CHAT_ID": str(group.id), **settings}) as bot:
            yield Desk(bot, group, olga)
        assert telegram.violations() == []


def drafts(person: Person, subject: str, text: str) -> Message:
    """A draft, up to its preview."""
    person.writes("/support")
    person.taps(subject)
    person.sees("a file that you attach here" if subject != "A photo" else "If they have to see one")
    person.writes(text)
    return preview(person, text)


def preview(person: Person, part: str) -> Message:
    def look() -> Message | None:
        found = (each for each in reversed(person.chat()) if "Send" in each.buttons)
        return next((each for each in found if part in each.text), None)

    return person.telegram.wait_for(look, 30, f"{person.name} sees no preview with {part!r}", person.id)


def becomes(person: Person, message: Message, part: str) -> Message:
    """This message, as soon as it contains this."""

    def look() -> Message | None:
        return next((each for each in person.chat() if each.id == message.id and part in each.text), None)

    return person.telegram.wait_for(look, 30, f"message {message.id} does not become {part!r}", person.id)


def asks(person: Person, text: str = "Help me", subject: str = "Something else") -> int:
    """The number of a new ticket with these words."""
    return sends(person, drafts(person, subject, text))


def sends(person: Person, draft: Message) -> int:
    """The number that the preview turns into, or that is told below it."""
    person.taps("Send", on=draft)

    def look() -> int | None:
        told = [re.match(r"This is ticket (\d+)", each.text) for each in person.chat() if each.id >= draft.id]
        return next((int(found[1]) for found in told if found), None)

    return int(person.telegram.wait_for(look, 30, f"{person.name} gets no number", person.id))


def reaction(person: Person, message: Message) -> str:
    """What the bot reacted with, as soon as it did."""

    def look() -> str | None:
        found = next(each for each in person.chat() if each.id == message.id)
        return next((each["emoji"] for each in found.raw["reactions"]), None)

    return person.telegram.wait_for(look, 30, "no reaction", person.id)
