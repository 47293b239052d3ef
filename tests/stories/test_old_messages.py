"""Messages older than 48 hours, which Telegram deletes no more: they say what is true, without buttons."""

from collections.abc import Callable, Iterator

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Message, Person

translate = translator("en")
_OLD = 49 * 3600


@pytest.fixture
def anna() -> Iterator[Person]:
    with Telegram() as telegram:
        group = telegram.group("Operators", telegram.person("Olga"), forum=True)
        with Bot(telegram, free_credits=9, operators_chat_id=group.id):
            yield agreed(telegram, "Anna")


def old(person: Person, part: str) -> Message:
    """This message of the bot's, three days later."""
    message = person.sees(part)
    person.ages(message, _OLD)
    return message


def left(person: Person, message: Message) -> tuple[str, list[str]]:
    """What it says in the end, and its buttons."""
    person.telegram.settle()
    [found] = [each for each in person.chat() if each.id == message.id]
    return found.text, found.buttons


def test_the_progress_under_an_old_menu_says_that_the_result_is_there(anna: Person) -> None:
    anna.sends_file(b"a photo", "photo.jpg")
    menu = old(anna, translate("menu"))
    anna.taps("Remove metadata")
    anna.gets_document()
    assert left(anna, menu) == (translate("job-done"), [])


@pytest.mark.parametrize("kind", ["colour", "photo"])
def test_a_question_that_was_answered_asks_no_more(anna: Person, kind: str) -> None:
    anna.sends_file(b"a photo", "photo.jpg")
    menu = old(anna, translate("menu"))
    anna.taps("Cut out")
    anna.taps(translate(f"preset-other-{kind}"))
    anna.sees(translate(f"wish-{kind}"))
    if kind == "colour":
        anna.writes("light blue")
    else:
        anna.sends_file(b"a beach", "beach.jpg")
    anna.gets_document()
    assert left(anna, menu) == (translate("goes-on-elsewhere"), [])


def asks(anna: Person) -> Message:
    anna.writes("/support")
    prompt = old(anna, translate("support"))
    anna.taps("A photo")
    anna.sees(translate("draft-photo"))
    return prompt


@pytest.mark.parametrize(
    ("goes_on", "says"),
    [
        (lambda anna: anna.writes("it went wrong"), "goes-on-elsewhere"),
        (lambda anna: anna.writes("/support"), "goes-on-elsewhere"),
        (lambda anna: anna.writes("/cancel"), "draft-cancelled"),
    ],
    ids=["a preview below", "begun anew", "cancelled"],
)
def test_a_draft_does_not_wait_in_two_places(anna: Person, goes_on: Callable[[Person], object], says: str) -> None:
    prompt = asks(anna)
    goes_on(anna)
    assert left(anna, prompt) == (translate(says), [])
