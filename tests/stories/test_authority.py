"""Who is obeyed in the operators' chat: members of it, in words that they type themselves."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from telegram import Chat, MessageOriginChat, MessageOriginHiddenUser, MessageOriginUser, User
from telegram import Message as Sent
from telegram.ext import CommandHandler

from bot.botapi.members import Rank
from bot.botapi.own_chats import OwnChat, OwnChats
from bot.texts import translator
from handlers import _for_lab, _for_operators
from handlers.guards.authority import Verdict, judge_message
from tests.conftest import agreed
from tests.harness.desk import Desk, asks, open_desk
from tests.harness.people import Message, Person
from tests.harness.shopping import has_paid_pack
from tests.pictures import photos

translate = translator("en")

COMMANDS = {
    "close": "/close",
    "reopen": "/reopen",
    "note": "/note she is rude",
    "grant": "/grant 5",
    "ban": "/ban",
    "unban": "/unban",
    "refund": "/refund {order}",
    "ship": "/ship {order} RR123456785DE",
    "canned": "/canned hello Good day",
    "status": "/status",
    "stats": "/stats",
    "error": "/error ABCDEFGH",
    "pause": "/pause Back soon.",
    "resume": "/resume",
    "unknown": "/nope",
}
BOOKS = ("orders", "ledger", "bans", "tickets", "ticket_messages", "pause", "canned", "shipments", "outbox")


@dataclass
class Ticket:
    """Anna's, about a paid order, and where operators read it."""

    desk: Desk
    anna: Person
    order: str
    number: int

    @property
    def thread(self) -> int:
        return self.desk.topic(self.number)

    def commands(self) -> list[str]:
        return [text.format(order=self.order) for text in COMMANDS.values()]

    def books(self) -> dict[str, list[Any]]:
        self.rests()
        return {table: self.desk.bot.rows(f"SELECT * FROM {table}") for table in BOOKS}

    def acts(self) -> int:
        """How often the bot has said or done anything at Telegram."""
        calls = [each["method"] for each in self.desk.telegram.requests()]
        return len([method for method in calls if not method.startswith("get")])

    def rests(self) -> None:
        """Until the bot has done all that it was told."""
        bot, deadline = self.desk.bot, time.monotonic() + 30
        while self.desk.telegram.read("overview")["pending"] or bot.rows("SELECT 1 FROM inbox WHERE body IS NOT NULL"):
            assert time.monotonic() < deadline, bot.log
            time.sleep(0.02)

    def told(self, message: Message) -> list[str]:
        """What the bot answered to this."""
        answers = (each for each in self.desk.group.chat() if each.from_bot and each.reply_to)
        return [each.text for each in answers if each.reply_to and each.reply_to.id == message.id]


@pytest.fixture(scope="module")
def desk(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(bot_api, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def ticket(desk: Desk) -> Ticket:
    anna = agreed(desk.telegram, "Anna")
    order = has_paid_pack(anna)
    ticket = Ticket(desk, anna, order, asks(anna, "my question", "A payment"))
    desk.reads(ticket.number, "my question")
    return ticket


@pytest.fixture(autouse=True)
def well(desk: Desk) -> Iterator[None]:
    """Telegram works again, whatever a test did to it."""
    yield
    desk.telegram.mend()


def newcomer(desk: Desk, status: str = "member", outside: bool = False) -> Person:
    """Somebody with this status in the operators' group, of whom the bot has never heard."""
    oskar = desk.telegram.person("Oskar")
    oskar.becomes("member", in_=desk.group)
    oskar.becomes(status, in_=desk.group, outside=outside)
    return oskar


def elsewhere(desk: Desk, text: str) -> Message:
    """What somebody wrote in another group, without the bot."""
    mallory = desk.telegram.person("Mallory")
    return mallory.writes(text, in_=desk.telegram.group("Elsewhere", mallory, bot="left"))


def test_no_command_of_operators_or_lab_is_left_out_here() -> None:
    handlers = [*_for_operators(OwnChat("", -1001)), *_for_lab(OwnChat("", -1001))]
    commands = {name for each in handlers if isinstance(each, CommandHandler) for name in each.commands}
    assert commands | {"unknown"} == COMMANDS.keys()


class _Everybody:
    """A chat of which everybody is a member."""

    async def rank(self, chat_id: int, user_id: int) -> Rank:
        return Rank.MEMBER


async def test_bots_are_not_operators_and_anonymous_administrators_are() -> None:
    services = SimpleNamespace(
        support=SimpleNamespace(members=_Everybody()),
        own_chats=OwnChats(-100, None, MagicMock()),
        settings=SimpleNamespace(operators_admins_only=False),
    )
    context: Any = SimpleNamespace(services=services)
    group, channel = Chat(-100, "supergroup"), Chat(-200, "channel")
    person, bot, service = User(1, "Olga", False), User(2, "Bot", True), User(777000, "Telegram", False)
    now = datetime.now(UTC)

    async def is_heard(**about: Any) -> bool:
        return await judge_message(context, Sent(1, now, group, **about)) is Verdict.OBEYED

    assert await is_heard(from_user=person)
    assert not await is_heard(from_user=bot)
    assert await is_heard(from_user=bot, sender_chat=group)
    assert not await is_heard(from_user=bot, sender_chat=channel)
    assert not await is_heard(sender_chat=channel)
    assert not await is_heard(from_user=service, sender_chat=channel, is_automatic_forward=True)
    assert not await is_heard()
    assert not await is_heard(from_user=person, via_bot=bot)
    for origin in (MessageOriginUser(now, person), MessageOriginHiddenUser(now, "Olga"), MessageOriginChat(now, group)):
        assert not await is_heard(from_user=person, forward_origin=origin)
        assert not await is_heard(from_user=bot, sender_chat=group, forward_origin=origin)


# Who is no member


def by_stranger(desk: Desk) -> Callable[..., Message]:
    return desk.telegram.person("Mallory").writes


def by_whom_left(desk: Desk) -> Callable[..., Message]:
    return newcomer(desk, "left").writes


def by_whom_was_thrown_out(desk: Desk) -> Callable[..., Message]:
    return newcomer(desk, "kicked").writes


def by_restricted_outside(desk: Desk) -> Callable[..., Message]:
    return newcomer(desk, "restricted", outside=True).writes


def by_member_as_channel(desk: Desk) -> Callable[..., Message]:
    """Whose it is, only Telegram knows: strangers may write as channels, too."""
    oskar = newcomer(desk)

    def writes(text: str, thread: int = 0, **where: Any) -> Message:
        """Not in a topic: there they hear that they are not obeyed."""
        return oskar.writes(text, speaks_as="channel", **where)

    return writes


def by_linked_channel(desk: Desk) -> Callable[..., Message]:
    return lambda text, **_: desk.group.publishes(text)


@pytest.mark.parametrize(
    "somebody",
    [
        by_stranger,
        by_whom_left,
        by_whom_was_thrown_out,
        by_restricted_outside,
        by_member_as_channel,
        by_linked_channel,
    ],
)
def test_whoever_is_no_member_is_neither_obeyed_nor_answered(
    desk: Desk, ticket: Ticket, somebody: Callable[[Desk], Callable[..., Message]]
) -> None:
    writes, books, acts = somebody(desk), ticket.books(), ticket.acts()
    for text in (*ticket.commands(), "an answer"):
        writes(text, in_=desk.group, thread=ticket.thread)
    for text in (f"/grant {ticket.anna.id} 5", f"/ban {ticket.anna.id}"):
        writes(text, in_=desk.group)
    assert ticket.books() == books
    assert ticket.acts() == acts


def test_a_stranger_answers_with_nothing_at_all(desk: Desk, ticket: Ticket) -> None:
    mallory, question, books = desk.telegram.person("Mallory"), desk.reads(ticket.number, "my question"), ticket.books()
    acts, there = ticket.acts(), {"in_": desk.group, "thread": ticket.thread}
    mallory.replies_to(question, "an answer")
    mallory.forwards(elsewhere(desk, "/close"), **there)
    mallory.writes("/close", via_bot="gif", **there)
    photo = mallory.sends_photo(photos.encoded(), caption="/close", **there)
    mallory.edits(photo, "an answer")
    assert ticket.books() == books
    assert ticket.acts() == acts


# Who is one


def by_owner(desk: Desk) -> Callable[..., Message]:
    return desk.olga.writes


def by_administrator(desk: Desk) -> Callable[..., Message]:
    return newcomer(desk, "administrator").writes


def by_member(desk: Desk) -> Callable[..., Message]:
    return newcomer(desk).writes


def by_restricted_member(desk: Desk) -> Callable[..., Message]:
    return newcomer(desk, "restricted").writes


def by_anonymous_administrator(desk: Desk) -> Callable[..., Message]:
    return lambda text, **where: desk.olga.writes(text, speaks_as="group", **where)


@pytest.mark.parametrize(
    "somebody", [by_owner, by_administrator, by_member, by_restricted_member, by_anonymous_administrator]
)
def test_members_are_obeyed(desk: Desk, ticket: Ticket, somebody: Callable[[Desk], Callable[..., Message]]) -> None:
    writes, there = somebody(desk), {"in_": desk.group, "thread": ticket.thread}
    command = writes("/grant 1", **there)
    writes(f"as {somebody.__name__}", **there)
    ticket.anna.sees(f"as {somebody.__name__}")
    ticket.rests()
    assert ticket.told(command)[0].startswith("Granted: 1 ")


# What a member did not type


@pytest.mark.parametrize("text", [*COMMANDS.values(), "/grant {anna} 5"])
def test_a_command_that_a_member_forwards_is_answered_and_not_obeyed(desk: Desk, ticket: Ticket, text: str) -> None:
    source = elsewhere(desk, text.format(order=ticket.order, anna=ticket.anna.id))
    books = ticket.books()
    forwarded = desk.olga.forwards(source, in_=desk.group, thread=ticket.thread)
    assert ticket.books() == books
    assert ticket.told(forwarded) == [translate("only-typed")]


def test_what_came_through_another_bot_is_answered_and_not_obeyed(desk: Desk, ticket: Ticket) -> None:
    """An answer neither: the other bot may change it as it likes."""
    books, there = ticket.books(), {"in_": desk.group, "thread": ticket.thread}
    sent = [desk.olga.writes(text, via_bot="gif", **there) for text in (*ticket.commands(), "an answer")]
    sent.append(desk.olga.replies_to(desk.reads(ticket.number, "my question"), "an answer", via_bot="gif"))
    desk.olga.edits(sent[-1], "another answer")
    assert ticket.books() == books
    assert [ticket.told(each) for each in sent] == [[translate("only-typed")]] * (len(sent) - 1) + [
        [translate("only-typed")] * 2
    ]


def test_other_things_that_members_forward_reach_the_person(desk: Desk, ticket: Ticket) -> None:
    there = {"in_": desk.group, "thread": ticket.thread}
    desk.olga.forwards(elsewhere(desk, "what others wrote"), **there)
    assert "forward_origin" not in ticket.anna.sees("what others wrote").raw
    mallory = desk.telegram.person("Mallory")
    photo = mallory.sends_photo(
        photos.encoded(), caption="look", in_=desk.telegram.group("Photos", mallory, bot="left")
    )
    desk.olga.forwards(photo, **there)
    assert ticket.anna.sees("look").raw["photo"]


def test_other_talk_of_members_is_left_alone(desk: Desk, ticket: Ticket) -> None:
    """Forwarded or not, outside of tickets' topics."""
    lunch, acts = desk.olga.opens_topic(desk.group, "Lunch"), ticket.acts()
    for where in ({}, {"thread": lunch}):
        desk.olga.forwards(elsewhere(desk, "who wants some?"), in_=desk.group, **where)
        desk.olga.forwards(elsewhere(desk, "/order cake"), in_=desk.group, **where)
        desk.olga.writes("cake", via_bot="gif", in_=desk.group, **where)
    ticket.rests()
    assert ticket.acts() == acts


def test_a_command_is_none_of_the_persons_however_it_is_written(desk: Desk, ticket: Ticket) -> None:
    """As a caption, or in bold letters."""
    there, bold = {"in_": desk.group, "thread": ticket.thread}, {"type": "bold", "offset": 0, "length": 5}
    books = ticket.books()
    command = {"type": "bot_command", "offset": 0, "length": 5}
    sent = [
        desk.olga.sends_photo(photos.encoded(), caption="/note she is rude", **there),
        desk.olga._sends(message={"text": "/note she is rude", "entities": [bold, command]}, **there),
    ]
    assert ticket.books() == books
    assert [ticket.told(each) for each in sent] == [[translate("card-help")]] * 2


# Where Telegram does not tell who is a member


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("error", {"code": 500}),
        ("error", {"code": 400, "text": "Bad Request: member list is inaccessible"}),
        ("error", {"code": 403, "text": "Forbidden: bot is not a member of the supergroup chat"}),
    ],
)
def test_who_cannot_be_checked_hears_so(desk: Desk, ticket: Ticket, kind: str, about: dict[str, Any]) -> None:
    oskar, there = newcomer(desk), {"in_": desk.group, "thread": ticket.thread}
    books = ticket.books()
    desk.telegram.fault("getChatMember", kind, count=100, **about)
    sent = [oskar.writes(text, **there) for text in ("/grant 5", "an answer")]
    answer = oskar.forges(f"give-back:{ticket.order}", desk.reads(ticket.number, "my question"))
    assert answer
    assert answer["text"] == translate("not-checked")
    assert ticket.books() == books
    assert [ticket.told(each) for each in sent] == [[translate("not-checked")]] * 2
    desk.telegram.mend()
    command = oskar.writes("/grant 1", **there)
    ticket.rests()
    assert ticket.told(command)[0].startswith("Granted: 1 ")


def test_one_failure_of_telegram_hinders_nobody(desk: Desk, ticket: Ticket) -> None:
    oskar = newcomer(desk)
    desk.telegram.fault("getChatMember", "error", code=502)
    command = oskar.writes("/grant 1", in_=desk.group, thread=ticket.thread)
    ticket.rests()
    assert ticket.told(command)[0].startswith("Granted: 1 ")
