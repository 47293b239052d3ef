"""The address: asked for before the first purchase, confirmed by a code, changed, removed; nobody is flooded."""

from collections.abc import Iterator

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.email_steps import (
    ADDRESS,
    asks_for_pack,
    buys,
    code_of,
    confirms,
    has_address,
    mailing,
    posts,
    texts,
    translate,
    types_address,
)
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Person


@pytest.fixture
def world() -> Iterator[tuple[Telegram, Bot, Person]]:
    with mailing() as world:
        yield world


World = tuple[Telegram, Bot, Person]


def invoices(person: Person) -> int:
    return len([each for each in person.chat() if "invoice" in each.raw])


# Before the first purchase


def test_the_first_purchase_asks_why_what_for_and_how_long_and_goes_on_by_itself(world: World) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    asked = anna.sees(translate("email-ask"))
    assert translate("email-why") in asked.text
    assert translate("email-until-removed") in asked.text
    assert asked.buttons == [translate("email-without")]
    assert not invoices(anna)
    confirms(telegram, bot, anna)
    assert invoices(anna) == 1
    assert bot.rows("SELECT * FROM confirmations") == []
    buys(telegram, anna)
    assert len(texts(anna, translate("email-ask"))) == 1, "the second purchase does not ask"


def test_a_photo_goes_on_by_itself_too(world: World) -> None:
    telegram, bot, anna = world
    photo = anna.sends_file(b"a photo", "holiday.jpg")
    menu = anna.sees(translate("menu"))
    anna.forges("pay:enhance:strength=medium", menu)
    anna.sees(translate("email-ask"))
    confirms(telegram, bot, anna)
    invoice = anna.sees_invoice()
    assert invoice.reply_to.id == photo.id
    anna.pays(invoice)
    assert anna.gets_document().bytes == b"enhance of a photo"


def test_without_e_mail_goes_on_at_once_and_is_remembered(world: World) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    anna.taps("Without e-mail")
    anna.sees_invoice()
    buys(telegram, anna)
    buys(telegram, anna)
    posts(telegram, bot)
    assert len(texts(anna, translate("email-ask"))) == 1
    assert bot.mail.caught == []
    assert bot.rows("SELECT * FROM outbox") == []
    assert bot.rows("SELECT address, declined FROM addresses") == [(None, 1)]
    anna.writes(ADDRESS)
    anna.sees(translate("send-a-photo"))


def test_the_mail_server_being_down_holds_up_no_purchase(world: World) -> None:
    telegram, bot, anna = world
    bot.mail.is_down = True
    asks_for_pack(anna)
    anna.sees(translate("email-ask"))
    anna.writes(ADDRESS)
    posts(telegram, bot)
    anna.sees(translate("email-code-waits", minutes=45))
    anna.taps("Without e-mail")
    anna.sees_invoice()
    for _ in range(10):
        telegram.passes(600)
        posts(telegram, bot)
    assert len(texts(anna, translate("email-code-waits", minutes=45))) == 1
    assert bot.rows("SELECT * FROM outbox") == []


def test_a_purchase_that_waited_too_long_says_so(world: World) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    asked = anna.sees(translate("email-ask"))
    telegram.passes(25 * 3600)
    bot.runs_job("forget")
    anna.taps("Without e-mail", on=asked)
    anna.sees(translate("checkout-expired"))


def test_an_address_can_be_removed_when_the_mail_server_is_gone() -> None:
    with mailing(smtp_url=None) as (telegram, bot, anna):
        bot.rows("INSERT INTO addresses (user_id, address, confirmed_at) VALUES (?, ?, 1)", anna.id, ADDRESS)
        buys(telegram, anna)
        anna.writes("/email")
        anna.sees(translate("email-off"))
        assert texts(anna, translate("email-is", address=ADDRESS)) == [], "nothing goes there"
        anna.taps("Change the address")
        telegram.passes(3 * 24 * 3600 + 1)
        bot.runs_job("forget")
        assert bot.rows("SELECT * FROM outbox") == [], "what nobody sends is not kept"
        anna.writes("/email")
        anna.taps("Remove the address")
        anna.sees(translate("email-removed"))


def test_without_a_mail_server_nobody_is_asked() -> None:
    with mailing(smtp_url=None) as (telegram, _, anna):
        buys(telegram, anna)
        anna.writes("/email")
        anna.sees(translate("email-off"))
        assert texts(anna, translate("email-ask")) == []


# What is typed


@pytest.mark.parametrize(
    "typed",
    [
        "anna@",
        "@example.org",
        "anna@example",
        "anna example@example.org",
        "an na",
        "ännä@example.org",
        "a@b@example.org",
    ],
)
def test_what_is_no_address_is_told_so(world: World, typed: str) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    anna.sees(translate("email-ask"))
    anna.writes(typed)
    assert anna.sees(translate("email-unlike")).buttons == [translate("email-without")]
    assert bot.rows("SELECT address FROM confirmations") == [(None,)]
    confirms(telegram, bot, anna)
    assert invoices(anna) == 1


@pytest.mark.parametrize(
    "typed",
    ["anna@example.org\nBcc: eve@example.org", "anna@example.org,eve@example.org", "anna@example.org>\r\nX:y@z.org"],
)
def test_no_header_comes_in_through_an_address(world: World, typed: str) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    anna.writes(typed)
    anna.sees(translate("email-unlike"))
    posts(telegram, bot)
    assert bot.mail.caught == []


def test_a_domain_of_other_letters_is_written_as_mail_servers_read_it(world: World) -> None:
    telegram, bot, anna = world
    anna.writes("/email")
    anna.writes("anna@müller.example.org")
    posts(telegram, bot)
    assert [mail["To"] for mail in bot.mail.caught] == ["anna@xn--mller-kva.example.org"]


def test_few_wrong_codes_and_the_right_one_counts_no_more(world: World) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    code = types_address(telegram, bot, anna)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        anna.writes(wrong)
        anna.sees(translate("email-code-wrong", left=left))
    anna.writes(wrong)
    assert anna.sees(translate("email-code-spent")).buttons == [translate("email-without"), translate("email-again")]
    anna.writes(code)
    telegram.settle()
    assert len(texts(anna, translate("email-code-spent"))) == 2
    assert bot.rows("SELECT * FROM addresses") == []
    anna.taps("Send another code")
    posts(telegram, bot)
    anna.writes(code)
    anna.sees(translate("email-code-wrong", left=4))
    anna.writes(code_of(bot.mail.caught[-1]))
    anna.sees(translate("email-confirmed"))
    anna.sees_invoice()


def test_a_code_expires(world: World) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    code = types_address(telegram, bot, anna)
    telegram.passes(15 * 60 + 1)
    anna.writes(code)
    anna.sees(translate("email-code-expired"))
    assert bot.rows("SELECT * FROM addresses") == []
    telegram.passes(46 * 60)
    anna.writes("and now?")
    anna.sees(translate("send-a-photo"))  # the question itself is over after an hour


def test_a_code_may_be_typed_as_people_type(world: World) -> None:
    telegram, bot, anna = world
    anna.writes("/email")
    code = types_address(telegram, bot, anna)
    anna.writes("here it is")
    anna.sees(translate("email-code-unlike"))
    anna.writes(f" {code[:3]} {code[3:]}")
    anna.sees(translate("email-confirmed"))


def test_the_code_of_one_address_confirms_no_other(world: World) -> None:
    telegram, bot, anna = world
    anna.writes("/email")
    code = types_address(telegram, bot, anna, "eve@example.org")
    other = types_address(telegram, bot, anna, "victim@example.org")
    anna.writes(code)
    telegram.settle()
    assert bot.rows("SELECT * FROM addresses") == [] or code == other


def test_a_code_never_goes_to_an_address_that_was_typed_over(world: World) -> None:
    """Typed over between the look into the outbox and the drawing of its code."""
    telegram, bot, anna = world
    anna.writes("/email")
    anna.writes("eve@example.org")
    telegram.settle()
    due = bot.services.mail._outbox.due
    typed: list[bool] = []

    async def typed_over() -> object:
        letter = await due()
        if not typed:
            typed.append(await bot.services.users.confirmations.send_code(anna.id, "victim@example.org"))
        return letter

    bot.services.mail._outbox.due = typed_over
    posts(telegram, bot)
    assert [mail["To"] for mail in bot.mail.caught] == ["victim@example.org"]


def test_a_code_is_in_no_row_of_the_database(world: World) -> None:
    telegram, bot, anna = world
    anna.writes("/email")
    code = types_address(telegram, bot, anna)
    tables = [name for (name,) in bot.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    cells = [str(cell) for name in tables for row in bot.rows(f"SELECT * FROM {name}") for cell in row]
    assert any(ADDRESS in cell for cell in cells)  # the control
    assert not [cell for cell in cells if code in cell and len(cell) < 20]


def test_a_stranger_is_not_flooded_with_codes(world: World) -> None:
    telegram, bot, _ = world
    people = [agreed(telegram, name) for name in ("Ben", "Cleo")]
    for person in people:
        person.writes("/email")
        person.sees(translate("email-ask"))
        for spelled in ("victim@example.org", "Victim+1@example.org", "VICTIM@EXAMPLE.ORG"):
            person.writes(spelled)
            posts(telegram, bot)
    assert len(bot.mail.caught) == 3
    people[1].sees(translate("email-code-too-many"))
    telegram.passes(24 * 3600 + 1)
    bot.runs_job("forget")
    assert bot.rows("SELECT * FROM codes_sent") == []
    people[1].writes("/email")
    types_address(telegram, bot, people[1], "victim@example.org")


def test_nobody_sends_codes_without_end(world: World) -> None:
    telegram, bot, anna = world
    anna.writes("/email")
    for number in range(7):
        anna.writes(f"victim{number}@example.org")
        posts(telegram, bot)
    assert len(bot.mail.caught) == 5
    anna.sees(translate("email-code-too-many"))


def test_an_address_that_its_server_refuses_is_asked_for_again(world: World) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    anna.sees(translate("email-ask"))
    bot.mail.refuses.add("typo@example.org")
    anna.writes("typo@example.org")
    posts(telegram, bot)
    anna.sees(translate("email-refused-code", address="typo@example.org"))
    confirms(telegram, bot, anna)
    assert invoices(anna) == 1


# Afterwards


def test_email_shows_changes_and_removes(world: World) -> None:
    telegram, bot, anna = world
    has_address(telegram, bot, anna)
    anna.writes("/email")
    shown = anna.sees(translate("email-is", address=ADDRESS))
    assert shown.buttons == [translate(key) for key in ("email-change", "email-want-copies", "email-remove")]
    anna.taps("Change the address")
    anna.sees(translate("email-ask"))
    types_address(telegram, bot, anna, "new@example.org")
    number = buys(telegram, anna)
    posts(telegram, bot)
    assert bot.mail.to(ADDRESS, number), "the old one is in use until the new one is confirmed"
    anna.writes(code_of(bot.mail.to("new@example.org")[-1]))
    anna.sees(translate("email-confirmed"))
    number = buys(telegram, anna)
    bot.mail.plan = [bot.mail.later()]
    posts(telegram, bot)
    telegram.passes(60)
    posts(telegram, bot)
    assert bot.mail.to("new@example.org", number)
    number = buys(telegram, anna)
    anna.writes("/email")
    anna.taps("Remove the address")
    anna.sees(translate("email-removed"))
    assert bot.rows("SELECT * FROM outbox") == []
    posts(telegram, bot)
    assert not bot.mail.to("new@example.org", number), "what was still to be sent is gone, too"
    assert bot.rows("SELECT address, declined, copies FROM addresses") == [(None, 1, None)]
    asked = len(texts(anna, translate("email-ask")))
    buys(telegram, anna)
    assert len(texts(anna, translate("email-ask"))) == asked


def test_the_same_address_again_needs_no_code(world: World) -> None:
    telegram, bot, anna = world
    has_address(telegram, bot, anna)
    anna.writes("/email")
    anna.taps("Change the address")
    anna.writes(ADDRESS)
    anna.sees(translate("email-known"))
    assert len(bot.mail.caught) == 1


@pytest.mark.parametrize("way", ["/cancel", "Cancel"])
def test_a_question_can_be_left(world: World, way: str) -> None:
    _, bot, anna = world
    anna.writes("/email")
    anna.sees(translate("email-ask"))
    anna.writes("/cancel") if way == "/cancel" else anna.taps("Cancel")
    anna.sees(translate("email-cancelled"))
    anna.writes(ADDRESS)
    anna.sees(translate("send-a-photo"))
    assert bot.rows("SELECT * FROM confirmations") == bot.rows("SELECT * FROM outbox") == []


def test_an_unconfirmed_address_is_gone_after_a_day(world: World) -> None:
    telegram, bot, anna = world
    anna.writes("/email")
    types_address(telegram, bot, anna)
    telegram.passes(24 * 3600 - 60)
    bot.runs_job("forget")
    assert bot.rows("SELECT address FROM confirmations") == [(ADDRESS,)]
    telegram.passes(120)
    bot.runs_job("forget")
    assert bot.rows("SELECT * FROM confirmations") == []


def test_an_address_without_use_is_forgotten_where_a_setting_says_so() -> None:
    with mailing(keep_email_days=30) as (telegram, bot, anna):
        anna.writes("/email")
        anna.sees(translate("email-until-unused", days=30))
        confirms(telegram, bot, anna)
        telegram.passes(29 * 24 * 3600)
        buys(telegram, anna)
        posts(telegram, bot)
        telegram.passes(29 * 24 * 3600)
        bot.runs_job("forget")
        assert bot.rows("SELECT address FROM addresses") == [(ADDRESS,)]
        telegram.passes(2 * 24 * 3600)
        bot.runs_job("forget")
        assert bot.rows("SELECT address FROM addresses") == []


def test_a_button_that_was_left_behind_does_not_deny_a_confirmed_address(world: World) -> None:
    telegram, bot, anna = world
    asks_for_pack(anna)
    asked = anna.sees(translate("email-ask"))
    confirms(telegram, bot, anna)
    anna.taps("Without e-mail", on=asked)
    anna.sees(translate("email-is", address=ADDRESS))
    anna.taps("Send another code")
    telegram.settle()
    assert texts(anna, translate("email-is", address=ADDRESS))[1:]
    assert len(texts(anna, translate("email-ask"))) == 1
    assert texts(anna, translate("email-declined")) == []
    buys(telegram, anna)
    posts(telegram, bot)
    assert bot.mail.to(ADDRESS, "Payment confirmed")


def test_a_ban_leaves_the_address_to_its_owner(world: World) -> None:
    telegram, bot, anna = world
    bot.rows("INSERT INTO bans (user_id, banned_at) VALUES (?, 1)", anna.id)
    has_address(telegram, bot, anna)
    anna.writes("now something else")
    anna.sees(translate("banned"))


def test_an_address_that_a_mail_waits_for_is_in_use() -> None:
    with mailing(keep_email_days=30) as (telegram, bot, anna):
        anna.writes("/email")
        confirms(telegram, bot, anna)
        telegram.passes(29 * 24 * 3600)
        buys(telegram, anna)
        bot.mail.is_down = True
        posts(telegram, bot)
        telegram.passes(2 * 24 * 3600)
        bot.runs_job("forget")
        bot.mail.is_down = False
        posts(telegram, bot)
        assert bot.mail.to(ADDRESS, "Payment confirmed")


def test_nobody_goes_on_with_the_orders_of_others(world: World) -> None:
    telegram, bot, anna = world
    ben = agreed(telegram, "Ben")
    asks_for_pack(anna)
    anna.sees(translate("email-ask"))
    [(number,)] = bot.rows("SELECT id FROM orders")
    ben.writes("/email")
    mine = ben.sees(translate("email-ask"))
    for step in ("without", "again", "enter", "nothing"):
        assert ben.forges(f"email:{step}:{number}", mine)["text"] == translate("tap-too-old")
    assert ben.forges(f"email:without:{number}", anna.sees(translate("email-ask")))["text"] == translate(
        "tap-not-yours"
    )
    telegram.settle()
    assert invoices(ben) == invoices(anna) == 0


def test_words_are_still_for_an_open_draft_and_sizes_for_a_photo() -> None:
    with mailing(operators_chat_id=-1) as (_, __, anna):
        anna.writes("/email")
        anna.sees(translate("email-ask"))
        photo = anna.sends_file(b"a photo", "holiday.jpg")
        anna.sees(translate("menu"))
        anna.replies_to(photo, "100200")
        with pytest.raises(AssertionError):
            anna.sees(translate("email-unlike"), timeout=1)
        anna.writes("/support")
        anna.taps("Something else")
        anna.writes("no mail from you, please")
        anna.sees(translate("draft-preview"))
        assert texts(anna, translate("email-unlike")) == []


def test_in_german(world: World) -> None:
    telegram, bot, _ = world
    ben = agreed(telegram, "Ben", language="de")
    ben.writes("/buy")
    ben.taps("10 Guthaben")
    ben.sees(translator("de")("email-ask"))
    ben.writes("ben@example.org")
    posts(telegram, bot)
    [mail] = bot.mail.to("ben@example.org")
    assert mail["Subject"] == translator("de")("mail-code-subject")
    ben.writes(code_of(mail))
    ben.sees(translator("de")("email-confirmed"))
