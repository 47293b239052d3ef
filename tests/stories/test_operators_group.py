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


# It lets strangers in

NEARBY = {"location": {"location": {"latitude": 52.5, "longitude": 13.4}, "address": "Somewhere"}}


def opens(group: Group, olga: Person, trouble: Trouble) -> None:
    """Strangers can enter it from now on."""
    if trouble is Trouble.LINKED:
        group.publishes("news")
    else:
        olga.changes(group, **({"username": "operators"} if trouble is Trouble.PUBLIC else {"full": NEARBY}))


OPEN = [trouble for trouble in Trouble if trouble.lets_strangers_in]


@pytest.mark.parametrize("trouble", OPEN)
def test_a_group_that_strangers_can_enter_is_not_used_until_it_is_mended(
    telegram: Telegram, olga: Person, trouble: Trouble
) -> None:
    group = telegram.group("Operators", olga, forum=True)
    opens(group, olga, trouble)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        assert said(group) == [translate(f"group-{trouble}", tickets=0)]
        anna = agreed(telegram, "Anna")
        for text in (f"/grant {anna.id} 5", f"/ban {anna.id}", "/status"):
            sent = olga.writes(text, in_=group)
            olga.writes(text, in_=group, speaks_as="group")
        number = asks(anna, "my question")
        telegram.settle()
        bot.runs_job("support")
        bot.runs_job("groups")
        assert said(group) == [translate(f"group-{trouble}", tickets=0)]
        assert bot.rows("SELECT * FROM ledger WHERE kind = 'grant'") == bot.rows("SELECT * FROM bans") == []
        assert translate("ticket-waits", ticket=number) in said(anna)
        answer = olga.forges("give-back:ABCDEFGH", sent)
        assert answer
        assert answer["text"] == translate("group-refused")
        anna.sends_file(b"a photo", "a.jpg")
        anna.taps("Remove metadata", wait=0)
        assert anna.gets_document()
        telegram.passes(24 * 3600)
        bot.runs_job("groups")
        assert said(group)[1:] == [translate(f"group-{trouble}", tickets=1)]

        olga.changes(group)
        olga.writes("/status", in_=group)
        telegram.settle()
        assert said(group)[2] == translate("group-well")
        assert translate("service-tickets", count=1) in said(group)[3]
        bot.runs_job("support")
        assert said(group)[-1] == "my question"


def test_a_group_that_is_opened_is_found_within_a_day_and_taken_again_by_itself(
    telegram: Telegram, olga: Person
) -> None:
    group = telegram.group("Operators", olga, forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        opens(group, olga, Trouble.PUBLIC)
        bot.runs_job("groups")
        assert said(group) == [translate("group-public", tickets=0)]
        looks = len(telegram.requests("getChat"))
        for person in (telegram.person("Mallory"), member := telegram.person("Oskar")):
            if person is member:
                person.becomes("member", in_=group)
            person.writes("/status", in_=group)
            telegram.settle()
        assert len(telegram.requests("getChat")) == looks, "anybody can have the bot ask Telegram"
        telegram.fault("getChat", "error", code=500, count=9)
        olga.changes(group)
        bot.runs_job("groups")
        telegram.mend()
        olga.writes("/pause", in_=group, speaks_as="group")
        telegram.settle()
        assert said(group)[1] == translate("group-well")
        assert said(group)[2].startswith("Paused")


def test_no_package_goes_to_a_lab_where_strangers_are() -> None:
    with open_print_fixture() as prints:
        number, package = prints.at_lab()
        opens(prints.lab, prints.lena, Trouble.LINKED)
        prints.bot.runs_job("groups")
        there = len(prints.lab.chat())
        prints.lena.replies_to(package, "printed")
        later = prints.paid()
        prints.works_off()
        assert [prints.state(each) for each in (number, later)] == ["sent", "paid"]
        assert not [each for each in prints.lab.chat()[there:] if each.from_bot]
        prints.lena.changes(prints.lab)
        prints.lena.replies_to(package, "printed")
        prints.telegram.settle()
        prints.works_off()
        assert [prints.state(each) for each in (number, later)] == ["printed", "sent"]


@pytest.mark.parametrize("trouble", OPEN)
async def test_check_refuses_a_group_that_strangers_can_enter(bot_api: str, trouble: Trouble) -> None:
    with people.Telegram(bot_api) as telegram:
        olga = telegram.person("Olga")
        group = telegram.group("Operators", olga, forum=True)
        opens(group, olga, trouble)
        settings = Settings(
            _env_file=None,
            bot_token=telegram.token,
            bot_api_url=telegram.url,
            operators_chat_id=group.id,
            print_lab_chat_id=group.id,
        )
        for look in (check._operators, check._lab):
            with pytest.raises(check._Broken, match="strangers can"):
                await look(settings)
        assert telegram.violations() == []


# Only its administrators


@pytest.mark.parametrize("status", ["administrator", "member", "restricted"])
def test_where_only_administrators_are_obeyed_others_hear_so(telegram: Telegram, olga: Person, status: str) -> None:
    """Commands, answers and taps."""
    group = telegram.group("Operators", olga, forum=True)
    with Bot(telegram, operators_chat_id=group.id, operators_admins_only=True) as bot:
        anna, oskar = agreed(telegram, "Anna"), telegram.person("Oskar")
        oskar.becomes(status, in_=group)
        asks(anna, "my question")
        telegram.settle()
        question = newest(group, "my question")
        for person, how in ((olga, {}), (olga, {"speaks_as": "group"}), (oskar, {})):
            person.writes("/grant 1", in_=group, thread=question.thread, **how)
            person.replies_to(question, f"the answer of {person.name}", **how)
        telegram.settle()
        answer = oskar.forges("give-back:ABCDEFGH", question)
        assert answer
        refused = translate("only-administrators")
        may = status == "administrator"
        assert said(group).count(refused) == (0 if may else 2)
        assert answer["text"] == ("" if may else refused)
        assert len(bot.rows("SELECT * FROM ledger WHERE kind = 'grant'")) == (3 if may else 2)
        assert said(anna).count("the answer of Olga") == 2
        assert said(anna).count("the answer of Oskar") == int(may)


def test_the_lab_has_members_and_no_administrators_where_only_operators_are_such() -> None:
    with open_print_fixture(operators_admins_only=True) as prints:
        number, package = prints.at_lab()
        luis = prints.telegram.person("Luis")
        luis.becomes("member", in_=prints.lab)
        luis.replies_to(package, "printed")
        prints.telegram.settle()
        assert prints.state(number) == "printed"


# What cannot be obeyed is answered


def test_an_operator_who_writes_as_a_channel_hears_how_to_write(telegram: Telegram, olga: Person) -> None:
    group = telegram.group("Operators", olga, forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        anna = agreed(telegram, "Anna")
        asks(anna, "my question")
        telegram.settle()
        thread, before = newest(group, "my question").thread, len(said(group))
        for text in ("the answer", "/grant 1"):
            olga.writes(text, in_=group, thread=thread, speaks_as="channel")
        telegram.settle()
        assert said(group)[before:] == [translate("only-as-yourself")] * 2
        assert "the answer" not in said(anna)
        assert not bot.rows("SELECT * FROM ledger WHERE kind = 'grant'")
