"""Reports about other bots and bot libraries: commands, links, taps and updates as they come in real life.

The bot hears by webhook here, so that a story can also bring it updates that no act of a person makes.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.darkroom import free_port
from tests.harness.desk import Desk, drafts, open_desk, preview
from tests.harness.people import HTTP, Message, Person
from tests.pictures import photos
from tests.stories.test_photo import menu_under

translate = translator("en")

_numbers = count(10**9)


@dataclass(frozen=True)
class Hook:
    """The bot's webhook."""

    desk: Desk
    url: str

    def posts(self, update_id: int = 0, **update: Any) -> int:
        """An update as Telegram would send it; its number."""
        number = update_id or next(_numbers)
        secret = {"X-Telegram-Bot-Api-Secret-Token": "only-telegram-knows"}
        answer = HTTP.post(f"{self.url}/telegram", json={"update_id": number} | update, headers=secret)
        assert answer.status_code == 200
        return number


@pytest.fixture(scope="module")
def hook(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hook]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"BOT_MODE": "webhook", "WEBHOOK_LISTEN": f"127.0.0.1:{port}", "WEBHOOK_URL": url}
    with open_desk(
        bot_api, tmp_path_factory.mktemp("reports"), WEBHOOK_SECRET="only-telegram-knows", **settings
    ) as desk:
        yield Hook(desk, url)


@pytest.fixture
def desk(hook: Hook) -> Desk:
    return hook.desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[Person]:
    yield agreed(desk.telegram, "Anna")
    desk.telegram.mend()


def texts(messages: list[Message]) -> list[str]:
    return [each.text for each in messages]


# Commands


def test_a_command_for_another_bot_is_not_obeyed(desk: Desk, anna: Person) -> None:
    """Bot libraries: /command@another_bot is obeyed. Here it is none of ours; with our own name it is."""
    drafts(anna, "Privacy", "to be kept")
    other = anna.writes("/cancel@another_bot")
    assert texts(desk.said_to(anna, other)) == [translate("unknown-command")]
    assert preview(anna, "to be kept")
    ours = anna.writes(f"/cancel@{desk.telegram.read('overview')['bot']['username']}")
    assert texts(desk.said_to(anna, ours)) == [translate("draft-cancelled")]


@pytest.mark.parametrize("payload", ["ref_12345", "../../x", "BUY", "draft:send:", "a" * 64, "'; --"])
def test_a_link_with_an_odd_payload_is_a_start(desk: Desk, anna: Person, payload: str) -> None:
    """Bots with links: a payload that nobody made crashes /start, or is taken for an order."""
    started = anna.writes(f"/start {payload}")
    assert texts(desk.said_to(anna, started)) == [translate("start-again")]


@pytest.mark.parametrize(
    ("code", "language"),
    [("", "en"), ("de-at", "de"), ("DE", "de"), ("pt-br", "en"), ("zh-hans", "en"), ("x-klingon", "en"), ("d", "en")],
)
def test_every_language_code_is_understood(desk: Desk, code: str, language: str) -> None:
    """Bots in several languages: a regional code, a script, or none at all crashes the first /start."""
    ben = desk.telegram.person("Ben", language=code)
    started = ben.writes("/help")
    assert [text[:20] for text in texts(desk.said_to(ben, started))] == [translator(language)("help", prints="no")[:20]]


# Taps


def test_a_tap_that_is_too_old_to_be_answered_is_obeyed(desk: Desk, anna: Person) -> None:
    """Bots with buttons: "query is too old" is an exception, and what was asked for is not done."""
    menu = menu_under(anna, anna.sends_file(photos.encoded(), "late.jpg"))
    text = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    desk.telegram.fault("answerCallbackQuery", "error", code=400, text=text)
    anna.taps("Remove metadata", on=menu, wait=0)
    assert anna.gets_document().name == "late-clean.jpg"


@pytest.mark.parametrize(
    "data",
    ["menu", "pick:resize", "apply:clean:", "stop", "agree", "about:photo", "draft:send:x", "buy", "pack:10", "x"],
)
def test_a_tap_on_what_is_deleted_is_answered(desk: Desk, anna: Person, data: str) -> None:
    """Bot libraries: the message of a tap is inaccessible, has no text and no reply, and the handler crashes.

    It was deleted on another device a moment ago: the tap has its effect, or Anna reads why not.
    """
    menu = menu_under(anna, anna.sends_file(photos.encoded(), "old.jpg"))
    last = anna.chat()[-1]
    anna.deletes(menu)
    answer = anna.forges(data, menu)
    assert answer
    assert answer["text"] or desk.said_to(anna, last), "nothing happens"


@pytest.mark.parametrize("data", ["menu", "pick:resize", "apply:resize:longest=800"])
def test_a_tap_under_an_old_result_is_answered(hook: Hook, anna: Person, data: str) -> None:
    """Bot libraries: of old messages Telegram tells nothing but their number and the date 0; their buttons go dead.

    A result is still in the chat, long after: the tap has its effect, or Anna reads why not.
    """
    anna.taps("Remove metadata", on=menu_under(anna, anna.sends_file(photos.encoded(), "old.jpg")))
    result = anna.gets_document().message
    hook.desk.rests()
    about = {"id": anna.id, "first_name": anna.name}
    old = {"chat": about | {"type": "private"}, "message_id": result.id, "date": 0}
    sender = about | {"is_bot": False, "language_code": "en"}
    hook.posts(callback_query={"id": "1", "from": sender, "chat_instance": "1", "data": data, "message": old})
    said = hook.desk.said_to(anna, result)
    answer = hook.desk.telegram.requests("answerCallbackQuery")[-1]["params"]
    assert answer["callback_query_id"] == "1"
    assert said or answer.get("text"), "nothing happens"


def test_send_on_an_older_preview_sends_nothing_that_it_does_not_show(desk: Desk, anna: Person) -> None:
    """Support bots: an old "Send" is tapped while a photo is on its way, and the photo goes along unseen."""
    shown = drafts(anna, "A photo", "it is too dark")
    [send], _ = shown.rows
    anna.sends_photo(photos.encoded())
    preview(anna, translate("draft-warning", count=1))
    answer = anna.forges(send["callback_data"], shown)
    assert answer
    desk.rests()
    assert desk.bot.rows("SELECT * FROM tickets WHERE user_id = ?", anna.id) == []


# Updates


def message_of(person: Person, **content: Any) -> dict[str, Any]:
    """A Message as the Bot API spells it."""
    about = {"id": person.id, "first_name": person.name}
    sender = about | {"is_bot": False, "language_code": "en"}
    return {"message_id": next(_numbers), "date": int(time.time()), "chat": about | {"type": "private"}} | (
        {"from": sender} | content
    )


def test_an_update_that_comes_twice_is_handled_once_and_an_older_one_after_it(hook: Hook, anna: Person) -> None:
    """Bots behind webhooks: updates come again after a slow answer, or out of order, and are done twice or dropped."""
    said = anna.writes("/balance")
    hook.desk.rests()
    earlier = next(_numbers)
    number = hook.posts(message=message_of(anna, text="hello?"))
    hook.posts(number, message=message_of(anna, text="hello?"))
    hook.posts(earlier, message=message_of(anna, text="and before that?"))
    assert texts(hook.desk.said_to(anna, said)).count(translate("send-a-photo")) == 2


def test_updates_that_are_for_nobody_hinder_nobody(hook: Hook, anna: Person) -> None:
    """Bot libraries: posts of channels, business messages, reactions and news of later versions crash every handler.

    Nothing is written anywhere but the answer to Anna, who asks for something then.
    """
    channel = {"id": -1009, "type": "channel", "title": "News"}
    post = {"message_id": 1, "date": 1, "chat": channel, "sender_chat": channel, "text": "/start"}
    business = message_of(anna, text="a private talk", business_connection_id="b")
    before = len(hook.desk.telegram.requests())
    hook.posts(channel_post=post)
    hook.posts(edited_channel_post=post | {"edit_date": 2})
    hook.posts(business_message=business)
    hook.posts(edited_business_message=business | {"edit_date": 2})
    hook.posts(message_reaction={"chat": business["chat"], "message_id": 1, "date": 1, "old_reaction": []})
    hook.posts(of_a_later_version={"id": 1})
    hook.posts()
    hook.desk.rests()
    asked = hook.desk.telegram.requests()[before:]
    assert [each["method"] for each in asked if each["method"].startswith(("send", "leave", "copy"))] == []
    said = anna.writes("/help")
    assert len(hook.desk.said_to(anna, said)) == 1
    assert not hook.desk.mentions("a private talk")


def test_the_operators_group_is_not_left_when_telegram_upgrades_it(hook: Hook) -> None:
    """Bots in groups: an upgrade to a supergroup gives the group another number, and the bot is deaf, or leaves.

    The group that says that it was the operators' is not told that it is no place for private photos.
    """
    desk = hook.desk
    olga = {"id": desk.olga.id, "is_bot": False, "first_name": "Olga"}
    upgraded = {"id": desk.group.id - 5000, "type": "supergroup", "title": "Operators", "is_forum": True}
    hook.posts(
        message={
            "message_id": 1,
            "date": int(time.time()),
            "chat": upgraded,
            "from": olga,
            "migrate_from_chat_id": desk.group.id,
        }
    )
    desk.rests()
    assert str(upgraded["id"]) not in {
        str(each["params"].get("chat_id")) for each in desk.telegram.requests("leaveChat")
    }
