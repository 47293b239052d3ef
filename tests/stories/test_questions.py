"""The newest question has the first look at an answer, slips are mended by an edit, and no silence is an accident."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from telegram import Update

from bot.botapi.own_chats import OwnChat
from bot.texts import translator
from handlers import COMMANDS, silences
from handlers.command_menus import introduce
from handlers.rows import Who
from tests.conftest import agreed
from tests.harness.desk import drafts, sends
from tests.harness.email_steps import SETTINGS
from tests.harness.inprocess import Bot
from tests.harness.people import Group, Message, Person
from tests.harness.simulated_clock import Telegram

translate = translator("en")


@dataclass
class World:
    telegram: Telegram
    bot: Bot
    group: Group
    lab: Group
    olga: Person
    lena: Person
    anna: Person

    def said(self, person: Person, since: Message) -> list[str]:
        """All that the bot says to a person from now on, once it has nothing left to say."""
        self.telegram.settle()
        return [each.text for each in person.chat() if each.from_bot and each.id > since.id]

    def writes(self, text: str) -> list[str]:
        return self.said(self.anna, self.anna.writes(text))

    def menu(self) -> Message:
        self.anna.sends_file(b"a photo", "holiday.jpg")
        return self.anna.sees(translate("menu"))

    def asked_for_colour(self, menu: Message | None = None) -> None:
        self.anna.forges("wish:cutout:colour", menu or self.menu())
        self.telegram.settle()

    def results(self) -> list[str]:
        self.telegram.settle()
        return [each.document["file_name"] for each in self.anna.chat() if each.from_bot and each.document]


@pytest.fixture
def world() -> Iterator[World]:
    with Telegram() as telegram:
        olga, lena = telegram.person("Olga"), telegram.person("Lena")
        group = telegram.group("Operators", olga, forum=True)
        lab = telegram.group("Lab", lena)
        with Bot(telegram, operators_chat_id=group.id, print_lab_chat_id=lab.id, **SETTINGS) as bot:
            yield World(telegram, bot, group, lab, olga, lena, agreed(telegram, "Anna"))


# Answers


def test_a_size_need_not_be_a_reply_right_after_which_size(world: World) -> None:
    menu = world.menu()
    world.anna.taps("Resize", on=menu)
    world.writes("1200")
    assert world.results() == ["holiday-resize.jpg"]
    assert world.writes("1200") == [translate("send-a-photo")], "it was asked once"


def test_words_of_another_kind_are_not_swallowed_by_a_menu(world: World) -> None:
    world.anna.taps("Resize", on=world.menu())
    assert world.writes("how large may it be?") == [translate("send-a-photo")]
    world.writes("1200")
    assert world.results() == ["holiday-resize.jpg"]


def test_a_ticket_open_for_long_does_not_get_the_colour(world: World) -> None:
    number = sends(world.anna, drafts(world.anna, "Privacy", "my question"))
    world.asked_for_colour()
    world.writes("light blue")
    assert world.results() == ["holiday-cutout.jpg"]
    world.writes("thank you")
    words = world.bot.rows("SELECT words FROM ticket_messages WHERE ticket = ?", number)
    assert words == [("my question",), ("thank you",)]


def test_an_answer_of_the_operators_is_the_newest_question(world: World) -> None:
    number = sends(world.anna, drafts(world.anna, "Privacy", "my question"))
    world.telegram.settle()
    world.asked_for_colour()
    [(thread,)] = world.bot.rows("SELECT thread_id FROM tickets")
    world.olga.writes("which colour do you mean?", in_=world.group, thread=thread)
    world.telegram.settle()
    world.writes("light blue")
    assert world.results() == []
    assert world.bot.rows("SELECT words FROM ticket_messages WHERE ticket = ? AND author = 'person'", number)[-1] == (
        "light blue",
    )


def test_a_wrong_answer_is_told_by_the_newest_question_and_kept_from_the_older_one(world: World) -> None:
    menu = world.menu()
    drafts(world.anna, "Privacy", "my question")
    world.asked_for_colour(menu)
    assert world.writes("bluish, you know") == [translate("wish-no-colour")]
    assert world.bot.rows("SELECT words FROM draft_messages") == [("my question",)]


@pytest.mark.parametrize("words", ["anna@example.org", "my address is anna@example.org.", "It is: <anna@example.org>"])
def test_an_address_may_come_in_a_sentence(world: World, words: str) -> None:
    world.writes("/email")
    told = world.writes(words)
    assert told == [translate("email-code-sent", address="anna@example.org", minutes=15)]


@pytest.mark.parametrize("words", ["anna example@example.org", "a@example.org or b@example.org", "@anna", "none"])
def test_what_may_be_a_slip_is_no_address(world: World, words: str) -> None:
    world.writes("/email")
    assert world.writes(words) == [translate("email-unlike")]
    assert world.bot.rows("SELECT * FROM codes_sent") == []


def test_one_call_ends_all_questions(world: World) -> None:
    menu = world.menu()
    drafts(world.anna, "Privacy", "my question")
    world.asked_for_colour(menu)
    world.writes("/email")
    assert len(world.bot.rows("SELECT * FROM questions")) == 3
    world.writes("/cancel")
    for table in ("questions", "wishes", "drafts", "confirmations"):
        assert world.bot.rows(f"SELECT * FROM {table}") == [], table
    assert world.writes("light blue") == [translate("send-a-photo")]


def test_a_photo_writes_nothing_for_a_question_that_nobody_asked(world: World) -> None:
    written: list[str] = []
    world.bot.lives[0].connection.set_trace_callback(written.append)
    world.menu()
    world.telegram.settle()
    world.bot.lives[0].connection.set_trace_callback(None)
    changes = [sql for sql in written if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert changes, "the control: other tables are written"
    assert not [sql for sql in changes if any(table in sql for table in ("questions", "wishes", "drafts"))]


# Slips


@pytest.mark.parametrize(
    ("slip", "better", "heard"),
    [("/supprot", "/support", "support"), ("hallo?", "/help", "help"), ("12OO", "/terms", "terms-2")],
)
def test_a_slip_is_mended_by_an_edit_once(world: World, slip: str, better: str, heard: str) -> None:
    said = world.anna.writes(slip)
    before = len(world.said(world.anna, said))
    world.anna.edits(said, better)
    assert len(world.said(world.anna, said)) == before + 1
    assert world.said(world.anna, said)[-1][:9] == translate(heard, prints="no", version=2, name="", contact="")[:9]
    world.anna.edits(said, f"{better} ")
    assert len(world.said(world.anna, said)) == before + 1


def test_blanks_of_a_draft_are_mended_by_an_edit(world: World) -> None:
    drafts(world.anna, "Privacy", "my question")
    blank = world.anna.writes("\u200b\u200b")
    assert world.said(world.anna, blank) == [translate("draft-blank")]
    world.anna.edits(blank, "and one more")
    world.telegram.settle()
    assert world.bot.rows("SELECT words FROM draft_messages") == [("my question",), ("and one more",)]


def test_a_send_that_an_edit_has_overtaken_shows_the_newest_draft(world: World) -> None:
    shown = drafts(world.anna, "Privacy", "the frist words")
    [send], _ = shown.rows
    first = next(each for each in world.anna.chat() if each.text == "the frist words")
    world.anna.edits(first, "the first words")
    world.telegram.settle()
    answer = world.anna.forges(send["callback_data"], first)
    assert answer
    assert answer["text"] == translate("draft-changed")
    world.telegram.settle()
    newest = world.anna.chat()[-1]
    assert "the first words" in newest.text
    assert "Send" in newest.buttons
    assert world.bot.rows("SELECT * FROM tickets") == []


# Menus


def test_each_chat_has_the_menu_of_its_commands(world: World) -> None:
    running = world.bot.running
    world.telegram.run(introduce(running.application.bot, running.services.own_chats))
    profile = world.telegram.world.profile
    people = [each["command"] for each in profile["commands:default:"]]
    assert people == [each["command"] for each in profile["commands:default:de"]]
    assert people == [row.name for row in COMMANDS if row.who is Who.PERSON]
    ours = [each["command"] for each in profile[f"commands:{world.group.id}:chat:"]]
    assert ours == [row.name for row in COMMANDS if row.who is Who.MEMBER]
    assert [each["command"] for each in profile[f"commands:{world.lab.id}:chat:"]] == ["ship"]


# Silence


KINDS: dict[str, dict[str, Any]] = {
    "text": {"text": "hello"},
    "command": {"text": "/hello"},
    "voice": {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}},
    "sticker": {"sticker": {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                            "is_animated": False, "is_video": False}},
    "contact": {"contact": {"phone_number": "1", "first_name": "B"}},
    "location": {"location": {"latitude": 1, "longitude": 1}},
    "dice": {"dice": {"emoji": "🎲", "value": 1}},
    "photo": {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1, "file_size": 9}]},
    "file": {"document": {"file_id": "d", "file_unique_id": "d", "file_name": "a.pdf", "mime_type": "application/pdf"}},
    "title": {"new_chat_title": "Another name"},
    "pinned": {"pinned_message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}},
}  # fmt: skip
PLACES = ("newcomer", "agreed", "colour", "draft", "ticket", "general", "topic", "lab", "elsewhere")


def _is_in(world: World, place: str) -> tuple[Person, dict[str, Any], int | None]:
    """Who writes there, the chat, and its thread, in a state in which all has been said."""
    if place == "newcomer":
        return world.lena, {"id": world.lena.id, "type": "private"}, None
    if place == "colour":
        world.asked_for_colour()
    elif place == "draft":
        drafts(world.anna, "Privacy", "my question")
    elif place in ("ticket", "topic"):
        sends(world.anna, drafts(world.anna, "Privacy", "my question"))
    world.telegram.settle()
    if place == "topic":
        [(thread,)] = world.bot.rows("SELECT thread_id FROM tickets")
        return world.olga, {"id": world.group.id, "type": "supergroup", "is_forum": True}, thread
    if place == "general":
        return world.olga, {"id": world.group.id, "type": "supergroup", "is_forum": True}, None
    if place in ("lab", "elsewhere"):
        return world.lena, {"id": world.lab.id if place == "lab" else -4711, "type": "group"}, None
    return world.anna, {"id": world.anna.id, "type": "private"}, None


def _our_chats(world: World) -> tuple[OwnChat, OwnChat]:
    own_chats = world.bot.services.own_chats
    return own_chats.operators, own_chats.lab


@pytest.mark.parametrize("edited", [False, True], ids=["new", "edited"])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_ignored_but_what_the_table_says(world: World, place: str, edited: bool) -> None:
    """Each kind of message, in each chat and state: somebody hears something, or the table says why not."""
    sender, chat, thread = _is_in(world, place)
    wrong = {}
    for number, (kind, content) in enumerate(KINDS.items(), start=5000):
        message = {"message_id": number, "date": 1, "chat": chat, **content}
        message["from"] = {"id": sender.id, "is_bot": False, "first_name": sender.name}
        if thread:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if kind == "command":
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": 6}]
        body = {"edited_message": message | {"edit_date": 2}} if edited else {"message": message}
        update = Update.de_json({"update_id": number, **body}, world.bot.running.application.bot)
        before = len(world.telegram.requests())
        world.telegram.run(world.bot.services.updates.put(update))
        world.telegram.settle()
        calls = [each["method"] for each in world.telegram.requests()[before:]]
        answered = any(call.startswith(("send", "copy", "edit", "setMessageReaction", "answer")) for call in calls)
        stated = [row.why for row in silences(*_our_chats(world)) if row.where.check_update(update)]
        if answered == bool(stated):
            wrong[kind] = stated or "silence"
    assert wrong == {}
