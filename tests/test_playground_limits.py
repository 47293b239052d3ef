"""What the local Bot API does not imitate is listed in its README, and is refused instead of half done."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.playground.methods import METHODS
from tests.people import Person, Telegram, start_server

README = (Path(__file__).resolve().parents[1] / "bot" / "playground" / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def ben() -> Iterator[Person]:
    """On a server of this file's own: its requests break the rules on purpose."""
    with start_server() as url, Telegram(url) as telegram:
        ben = telegram.person("Ben")
        ben.writes("/start")
        yield ben


def test_the_list_of_imitated_methods_is_the_truth() -> None:
    listed = README.split("## Imitated\n")[1].split("## ")[0]
    assert {name.lower() for name in re.findall(r"\w+", listed)} == set(METHODS)


@pytest.mark.parametrize(
    "method",
    [
        *("sendAudio", "sendVideo", "sendAnimation", "sendVoice", "sendVideoNote", "sendLocation", "sendVenue"),
        *("sendContact", "sendPoll", "sendDice", "sendChecklist", "sendPaidMedia", "postStory", "answerInlineQuery"),
        *("sendGame", "getBusinessConnection", "sendGift", "setPassportDataErrors", "answerWebAppQuery"),
        *("banChatMember", "createChatInviteLink", "pinChatMessage", "closeGeneralForumTopic"),
    ],
)
def test_other_methods_are_unknown(ben: Person, method: str) -> None:
    assert refusal(ben, method, chat_id=ben.id) == (404, "Not Found: method not found")


@pytest.mark.parametrize(
    ("method", "about"),
    [
        ("sendMessage", {"text": "*a*", "parse_mode": "MarkdownV2"}),
        ("sendMessage", {"text": "a", "chat_id": "@a_channel"}),
        ("sendMessage", {"text": "a", "message_effect_id": "5104841245755180586"}),
        ("sendMessage", {"text": "a", "reply_parameters": {"message_id": 1, "quote": "/start"}}),
        ("sendMessage", {"text": "a", "reply_parameters": {"message_id": 1, "chat_id": 5}}),
        ("sendDocument", {"document": "https://example.org/a.jpg"}),
        ("setMessageReaction", {"message_id": 1, "reaction": [{"type": "emoji", "emoji": each} for each in "👍👎"]}),
    ],
)
def test_what_a_method_does_not_imitate_is_refused(ben: Person, method: str, about: dict[str, Any]) -> None:
    code, _ = refusal(ben, method, **{"chat_id": ben.id} | about)
    assert code == 400


def refusal(ben: Person, method: str, **about: Any) -> tuple[int, str]:
    answer = httpx.post(f"{ben.telegram.url}/bot{ben.telegram.token}/{method}", json=about).json()
    assert not answer["ok"], answer
    return answer["error_code"], answer["description"]
