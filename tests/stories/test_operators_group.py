"""The operators' and the lab's group itself: it moves, lacks what tickets need, or lets strangers in."""

from collections.abc import Iterator

import pytest

from bot.texts import translator
from tests.harness.inprocess import Bot
from tests.harness.people import Group, Person
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


def said(group: Group) -> list[str]:
    """All that the bot has written there."""
    return [each.text for each in group.chat() if each.from_bot and each.text]


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
