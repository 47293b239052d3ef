"""What is no photo: every kind of message that Telegram knows is told what it is and what to do."""

import datetime
from collections.abc import Iterator

import pytest
from telegram import Chat, Message, Update
from telegram.constants import MessageType
from telegram.ext import filters

from bot.texts import languages, translator
from handlers.photos.no_photo import KINDS, NAMED
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Json, Person
from tests.pictures.photos import encoded

translate = translator("en")

_SOMEBODY = {"id": 7, "is_bot": False, "first_name": "Ben"}
_CHANNEL = {"id": -1001234567890, "type": "channel", "title": "News"}
_PLACE = {"latitude": 51.3, "longitude": 12.4}
_VIDEO = {"file_id": "v", "file_unique_id": "v", "width": 640, "height": 480, "duration": 3}
_GIVEAWAY: Json = {"chats": [_CHANNEL], "winners_selection_date": 1_900_000_000, "winner_count": 1}
_WON = {"chat": _CHANNEL, "giveaway_message_id": 1, "winners": [_SOMEBODY]}
_POLL = {
    "id": "1",
    "question": "Which?",
    "options": [{"persistent_id": "1", "text": "this", "voter_count": 0}],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}

MESSAGES: dict[str, Json] = {
    "live_photo": {"live_photo": _VIDEO},
    "story": {"story": {"chat": _CHANNEL, "id": 3}},
    "paid_media": {"paid_media": {"star_count": 5, "paid_media": [{"type": "preview"}]}},
    "checklist": {"checklist": {"title": "Trip", "tasks": [{"id": 1, "text": "camera"}]}},
    "contact": {"contact": {"phone_number": "+49170", "first_name": "Ben"}},
    "venue": {"venue": {"location": _PLACE, "title": "Zoo", "address": "1 Street"}, "location": _PLACE},
    "location": {"location": _PLACE},
    "poll": {"poll": _POLL},
    "dice": {"dice": {"emoji": "🎲", "value": 4}},
    "game": {"game": {"title": "Chess", "description": "Play", "photo": []}},
    "invoice": {
        "invoice": {"title": "A", "description": "B", "start_parameter": "", "currency": "XTR", "total_amount": 5}
    },
    "giveaway": {"giveaway": _GIVEAWAY},
    "giveaway_winners": {"giveaway_winners": _GIVEAWAY | _WON},
    "passport_data": {"passport_data": {"data": [], "credentials": {"data": "", "hash": "", "secret": ""}}},
    "rich_message": {"rich_message": {"blocks": []}},
    "of_tomorrow": {"hologram": {"file_id": "h"}},
}


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram, Bot(telegram, free_credits=9):
        yield telegram


@pytest.fixture
def anna(telegram: Telegram) -> Person:
    return agreed(telegram, "Anna")


def answer(person: Person, content: Json) -> str:
    """All that is said to it."""
    sent = person.sends(**content)
    person.telegram.settle()
    return "\n".join(each.text for each in person.chat() if each.from_bot and each.id > sent.id)


def test_each_is_told_what_it_is_and_what_to_do(anna: Person) -> None:
    """One answer each, of its own, and never as if nothing had been sent."""
    answers = {kind: answer(anna, content) for kind, content in MESSAGES.items()}
    assert "checklist" in answers["checklist"]
    assert "giveaway" in answers["giveaway"]
    assert answers["of_tomorrow"] == translate("refuse-kind", kind="other")
    assert translate("send-a-photo") not in answers.values()
    assert len(set(answers.values())) == len(answers) - 2
    assert answers["giveaway"] == answers["giveaway_winners"]
    assert answers["location"] == answers["venue"]


@pytest.mark.parametrize("language", languages())
def test_every_kind_has_its_words(language: str) -> None:
    say = translator(language)
    assert say("refuse-kind", kind="other") not in {say("refuse-kind", kind=kind.replace("_", "-")) for kind in NAMED}
    for kind in set(KINDS) - set(NAMED):
        assert say(f"refuse-{kind.replace('_', '-')}")


def test_the_library_knows_no_kind_that_the_bot_does_not() -> None:
    """A newer one may: then say what it is, or count it here as no kind of its own."""
    about = {"business_connection_id", "effect_id", "reply_to_story", "sender_boost_count", "sender_business_bot"}
    elsewhere = {"text", "photo", "successful_payment", "suggested_post_info", "boost_added"}
    silent = {kind for kind in MessageType if _is_of_the_service(kind)}
    assert set(MessageType) - silent - about - elsewhere <= set(KINDS)


def _is_of_the_service(kind: str) -> bool:
    now = datetime.datetime.now(datetime.UTC)
    message = Message(1, now, Chat(1, "private"), **{kind: (True,)})
    return bool(filters.StatusUpdate.ALL.check_update(Update(1, message=message)))


def live(person: Person) -> Json:
    """A live photo as Telegram sends one to a bot that it takes for a newer one: its still is inside alone."""
    still = person.sends_photo(encoded()).raw["photo"]
    person.telegram.settle()
    return {"live_photo": _VIDEO | {"photo": still}}


def test_of_a_live_photo_the_still_is_taken(anna: Person) -> None:
    content = live(anna)
    assert translate("menu") in answer(anna, content)
    anna.taps("Remove metadata")
    assert anna.gets_document().bytes.startswith(b"clean of \xff\xd8")


def test_of_a_live_photo_the_still_can_go_behind(anna: Person) -> None:
    content = live(anna)
    anna.taps("Cut out")
    anna.taps(translate("preset-other-photo"))
    anna.telegram.settle()
    answer(anna, content)
    assert anna.gets_document().bytes.startswith(b"cutout of")
