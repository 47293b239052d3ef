"""The operators' and the lab's group itself: it moves, lacks what tickets need, or lets strangers in."""

from collections.abc import Iterator

import pytest

from bot.botapi.group_check import Trouble
from bot.cli import check
from bot.settings import Settings
from bot.texts import translator
from tests.conftest import agreed
from tests.harness import people
from tests.harness.desk import asks
from tests.harness.inprocess import Bot
from tests.harness.people import Group, Message, Person
from tests.harness.print_fixture import open_print_fixture
from tests.harness.simulated_clock import Telegram

translate = translator("en")


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def olga(telegram: Telegram) -> Person:
    return telegram.person("Olga")


def said(chat: Group | Person) -> list[str]:
    """All that the bot has written there."""
    return [each.text for each in chat.chat() if each.from_bot and each.text]


# It moves


@pytest.mark.parametrize("tells", [True, False], ids=["told", "not told"])
def test_the_bot_goes_along_when_its_group_becomes_a_supergroup(telegram: Telegram, olga: Person, tells: bool) -> None:
    """Whatever Telegram tells of it, and in which order; and after a restart with the setting as it was."""
    old = telegram.group("Operators", olga, plain=True)
    with Bot(telegram, operators_chat_id=old.id) as bot:
        new = olga.upgrades(old, tells=tells)
        telegram.settle()
        telling = translate("group-moved", settings=f"OPERATORS_CHAT_ID={new.id}")
        assert said(new).count(telling) == 1
        bot.stop()
        bot.start()
        olga.writes("/close", in_=new)
        telegram.settle()
        assert new.bot() == "administrator"
        assert said(new)[-1] == translate("operators-in-topic")
        assert said(new).count(telling) == 1


def test_a_button_from_before_the_move_is_obeyed(telegram: Telegram, olga: Person) -> None:
    old = telegram.group("Operators", olga, plain=True)
    with Bot(telegram, operators_chat_id=old.id):
        before = olga.writes("before", in_=old)
        new = olga.upgrades(old)
        telegram.settle()
        answers = [person.forges("give-back:ABCDEFGH", before) for person in (olga, telegram.person("Mallory"))]
        assert [answer and answer["text"] for answer in answers] == ["", translate("tap-not-yours")]
        assert new.bot() == "administrator"


def test_packages_go_where_the_lab_has_gone() -> None:
    with open_print_fixture(lab_is="plain") as prints:
        prints.bot.stop()
        new = prints.lena.upgrades(prints.lab, tells=False)
        prints.telegram.world.inbox.drop()  # after a day Telegram keeps no update
        prints.bot.start()
        number = prints.paid()
        [package] = [each for each in new.chat() if each.document]
        assert number in package.text
        prints.lena.replies_to(package, "printed")
        prints.telegram.settle()
        assert prints.state(number) == "printed"


def test_groups_that_are_not_ours_are_left_whatever_they_were(telegram: Telegram, olga: Person) -> None:
    ours = telegram.group("Operators", olga, plain=True)
    mallory = telegram.person("Mallory")
    with Bot(telegram, operators_chat_id=ours.id):
        theirs = telegram.group("Elsewhere", mallory, plain=True)
        telegram.settle()
        assert theirs.bot() == "left"
        telegram.world.chat(theirs.id).bot = "member"  # as if the farewell had not arrived
        new = mallory.upgrades(theirs)
        telegram.settle()
        assert new.bot() == "left"
        assert ours.bot() == "administrator"


async def test_check_tells_the_number_that_the_group_has_now(bot_api: str) -> None:
    with people.Telegram(bot_api) as telegram:
        olga = telegram.person("Olga")
        old = telegram.group("Operators", olga, plain=True)
        new = olga.upgrades(old, forum=True)
        reach = {"bot_token": telegram.token, "bot_api_url": telegram.url}
        with pytest.raises(check._Risky, match=f"OPERATORS_CHAT_ID={new.id}"):
            await check._operators(Settings(_env_file=None, operators_chat_id=old.id, **reach))


# It lacks what tickets need


def newest(group: Group, part: str) -> Message:
    return next(each for each in reversed(group.chat()) if each.from_bot and part in each.text)


@pytest.mark.parametrize("trouble", [Trouble.NO_TOPICS, Trouble.NO_RIGHT])
def test_where_there_can_be_no_topics_tickets_are_plain_messages(
    telegram: Telegram, olga: Person, trouble: Trouble
) -> None:
    how = {"plain": True} if trouble is Trouble.NO_TOPICS else {"forum": True, "bot": "member"}
    group = telegram.group("Operators", olga, **how)
    with Bot(telegram, operators_chat_id=group.id):
        assert said(group) == [translate(f"group-{trouble}")]
        anna, ben = agreed(telegram, "Anna"), agreed(telegram, "Ben")
        number, other = asks(anna, "my question"), asks(ben, "another question")
        telegram.settle()
        card, question = newest(group, f"Ticket {number} "), newest(group, "my question")
        assert question.reply_to
        assert question.reply_to.id == card.id
        answer = olga.replies_to(question, "the answer")
        telegram.settle()
        assert "the answer" in said(anna)
        olga.edits(answer, "the better answer")
        anna.writes("thank you")
        telegram.settle()
        assert "the better answer" in said(anna)
        olga.replies_to(newest(group, "thank you"), "/close")
        telegram.settle()
        assert translate("ticket-closed", ticket=number) in said(anna)
        olga.replies_to(newest(group, f"Ticket {other} "), "/nonsense")
        telegram.settle()
        assert said(group)[-1] == translate("card-help-plain")
        assert not {"the answer", "the better answer", "/close", "/nonsense"} & set(said(ben))
        olga.writes("/status", in_=group)
        telegram.settle()
        assert translate("service-group", setting="OPERATORS_CHAT_ID", trouble=trouble) in said(group)[-1]


def test_words_of_a_forgotten_ticket_without_a_topic_are_for_operators_to_delete(
    telegram: Telegram, olga: Person
) -> None:
    group = telegram.group("Operators", olga)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        anna = agreed(telegram, "Anna")
        numbers = [asks(anna, "my question"), asks(anna, "my other question")]
        telegram.settle()
        anna.writes("/forget")
        anna.taps_data("forget:ask")
        anna.taps_data("forget:keep")
        telegram.settle()
        bot.runs_job("support")
        telegram.settle()
        asked = [translate("operators-delete-messages", ticket=number) for number in numbers]
        assert sorted(said(group)[-2:]) == asked


def test_a_bot_that_was_thrown_out_says_what_is_true_and_brings_all_when_it_is_back(
    telegram: Telegram, olga: Person
) -> None:
    group = telegram.group("Operators", olga, forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        anna = agreed(telegram, "Anna")
        telegram.settle()
        olga.removes_bot(group)
        telegram.settle()
        number = asks(anna, "my question")
        telegram.settle()
        assert translate("ticket-waits", ticket=number) in said(anna)
        olga.changes(group, bot="administrator")
        telegram.settle()
        assert said(group) == [translate("group-well")]
        olga.writes("/status", in_=group)
        telegram.settle()
        assert translate("service-tickets", count=1) in said(group)[-1]
        bot.runs_job("support")
        telegram.settle()
        assert said(group)[-1] == "my question"
        later = asks(anna, "again")
        assert translate("ticket-sent", ticket=later) in said(anna)


def test_operators_hear_that_the_bot_is_not_at_the_lab() -> None:
    with open_print_fixture() as prints:
        prints.lena.removes_bot(prints.lab)
        prints.telegram.settle()
        prints.bot.runs_job("groups")
        told = translate("group-away", setting="PRINT_LAB_CHAT_ID")
        assert said(prints.operators) == [told]
        prints.telegram.passes(24 * 3600)
        prints.bot.runs_job("groups")
        assert said(prints.operators) == [told] * 2
