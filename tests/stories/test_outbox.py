"""The outbox: what happened is confirmed by mail at least once, with one Message-ID, and nothing else is."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import lifecycle
from bot.mail.smtp import Greylisted, OurFault, TryLater
from bot.texts import translator
from tests.conftest import agreed
from tests.harness.email_steps import (
    ADDRESS,
    SETTINGS,
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
from tests.harness.mail_server import text_of
from tests.harness.people import Person

DAY = 24 * 3600
World = tuple[Telegram, Bot, Person]


@pytest.fixture
def world() -> Iterator[World]:
    with mailing() as (telegram, bot, anna):
        has_address(telegram, bot, anna)
        bot.mail.caught.clear()
        yield telegram, bot, anna


def withdraws(telegram: Telegram, anna: Person, number: str) -> None:
    anna.writes("/withdraw")
    page = anna.sees("Which purchase do you withdraw from?")
    anna.taps(f"Withdraw: {number}", on=page)
    anna.sees("You withdraw from this purchase")
    anna.taps("Withdraw", on=page)
    telegram.settle()


# What they say


def test_a_payment_is_confirmed_with_all_that_the_law_asks_for(world: World) -> None:
    telegram, bot, anna = world
    number = buys(telegram, anna)
    posts(telegram, bot)
    [mail] = bot.mail.caught
    assert mail["From"] == "Darkroom <bot@example.org>"
    assert mail["Subject"] == f"Payment confirmed · {number}"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@example.org>")
    [(paid_at, consented_at)] = bot.rows("SELECT paid_at, consented_at FROM orders")
    assert parsedate_to_datetime(mail["Date"]).timestamp() == paid_at
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        for part in (number, "10 credits", "100 Telegram Stars", "Dark Room", "Terms, version 2", moment(paid_at)):
            assert part in text, part
        assert f"On {moment(consented_at)} you asked to have your credits at once" in " ".join(text.split())
    assert "in this chat" not in text_of(mail).partition("•")[0], "a mail is no chat"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def test_nothing_in_a_mail_is_fetched_from_elsewhere(world: World) -> None:
    telegram, bot, anna = world
    buys(telegram, anna)
    posts(telegram, bot)
    html = text_of(bot.mail.caught[0], "html").lower()
    assert not [sign for sign in ("http:", "https:", "src=", "url(", "<img", "<link", "@import", "<a ") if sign in html]


def test_a_photo_and_its_consent(world: World) -> None:
    telegram, bot, anna = world
    anna.sends_file(b"a photo", "very-private-name.jpg")
    anna.forges("pay:enhance:strength=medium", anna.sees(translate("menu")))
    anna.pays(anna.sees_invoice())
    anna.gets_document()
    posts(telegram, bot)
    [mail] = bot.mail.caught
    text = " ".join(text_of(mail).split())
    assert "Enhance, one photo" in text
    assert "with the result your right to withdraw ends" in text
    assert "very-private-name" not in bytes(mail).decode()


def test_a_withdrawal_and_its_refund_are_two_mails_in_their_order(world: World) -> None:
    telegram, bot, anna = world
    number = buys(telegram, anna)
    withdraws(telegram, anna, number)
    posts(telegram, bot)
    titles = [mail["Subject"].partition(" · ")[0] for mail in bot.mail.caught]
    assert titles == ["Payment confirmed", "Withdrawal confirmed", "Refund confirmed"]
    assert len({mail["Message-ID"] for mail in bot.mail.caught}) == 3
    assert "Withdrawn:" in text_of(bot.mail.caught[1])


def test_a_refund_is_confirmed_when_the_money_is_back_and_not_before(world: World) -> None:
    telegram, bot, anna = world
    number = buys(telegram, anna)
    telegram.fault("refundStarPayment", "error", code=502, text="Bad Gateway", count=9)
    withdraws(telegram, anna, number)
    posts(telegram, bot)
    assert bot.mail.to(ADDRESS, f"Withdrawal confirmed · {number}")
    assert not bot.mail.to(ADDRESS, "Refund confirmed")
    telegram.mend()
    telegram.passes(3600)
    bot.runs_job("orders")
    posts(telegram, bot)
    assert bot.mail.to(ADDRESS, f"Refund confirmed · {number}")


def test_telegrams_own_refund_is_confirmed_too(world: World) -> None:
    telegram, bot, anna = world
    number = buys(telegram, anna)
    [(charge,)] = bot.rows("SELECT charge_id FROM orders")
    telegram.refunds(charge)
    posts(telegram, bot)
    assert bot.mail.to(ADDRESS, f"Refund confirmed · {number}")


def test_a_payment_without_an_order_is_confirmed_when_it_is_back(world: World) -> None:
    telegram, bot, anna = world
    anna.is_charged(7)
    posts(telegram, bot)
    [mail] = bot.mail.caught
    assert mail["Subject"].startswith("Refund confirmed")
    assert translate("order-unknown") in text_of(mail)


def test_in_the_language_of_the_order() -> None:
    with mailing() as (telegram, bot, _):
        ben = agreed(telegram, "Ben", language="de")
        ben.writes("/email")
        ben.writes("ben@example.org")
        posts(telegram, bot)
        ben.writes(code_of(bot.mail.caught[0]))
        ben.sees(translator("de")("email-confirmed"))
        ben.writes("/buy")
        ben.taps("10 Guthaben")
        ben.pays(ben.sees_invoice())
        ben.writes("/language")
        ben.taps("English")
        posts(telegram, bot)
        mail = bot.mail.caught[-1]
        assert mail["Subject"].startswith("Zahlung bestätigt")
        assert 'lang="de"' in text_of(mail, "html")
        assert "Verkäufer: " in text_of(mail)


@pytest.mark.parametrize("name", ["Eve\r\nBcc: all@example.org", "<script>alert(1)</script>"])
def test_a_sellers_name_is_text_and_nothing_else(name: str) -> None:
    with mailing(seller_name=name, mail_from="bot@example.org") as (telegram, bot, anna):
        has_address(telegram, bot, anna)
        buys(telegram, anna)
        posts(telegram, bot)
        mail = bot.mail.caught[-1]
        assert mail["Bcc"] is None
        assert "<script" not in text_of(mail, "html")


# On the way


@pytest.mark.parametrize("kind", [TryLater, Greylisted, OurFault])
def test_trouble_is_tried_again_with_longer_and_longer_pauses_for_three_days(
    world: World, kind: type[Exception]
) -> None:
    telegram, bot, anna = world
    buys(telegram, anna)
    tried: list[float] = []
    begun = telegram.loop.time()
    bot.mail.on_try = lambda: tried.append(telegram.loop.time() - begun)
    while waits := bot.rows("SELECT next_at FROM outbox"):
        telegram.passes(max(0, waits[0][0] - time.time()) + 0.001)
        bot.mail.plan = [kind("no")]
        bot.runs_job("mail")
    pauses = [later - earlier for earlier, later in pairwise(tried)]
    growing = [60 * 2**n for n in range(9)]
    assert pauses[:-1] == pytest.approx(growing + [6 * 3600] * (len(pauses) - len(growing) - 1), abs=1.1)
    assert tried[-1] == pytest.approx(3 * DAY, abs=5), "the last try ends the three days"
    assert len(texts(anna, translate("email-given-up"))) == 1
    assert bot.rows("SELECT * FROM outbox") == []


def test_one_message_id_for_all_tries_and_after_an_outage_it_is_there(world: World) -> None:
    telegram, bot, anna = world
    buys(telegram, anna)
    bot.mail.echo = True  # it took the mail, and broke off
    bot.mail.plan = [TryLater("broken off")]
    bot.runs_job("mail")
    bot.mail.echo, bot.mail.is_down = False, True
    for _ in range(3):
        telegram.passes(3600)
        bot.runs_job("mail")
    bot.mail.is_down = False
    telegram.passes(6 * 3600)
    bot.runs_job("mail")
    first, second = bot.mail.caught
    assert first["Message-ID"] == second["Message-ID"]
    assert bytes(first).split(b"--===")[0].count(b"Message-ID") == 1
    bot.runs_job("mail")
    assert len(bot.mail.caught) == 2


def test_greylisting_of_one_holds_up_no_other(world: World) -> None:
    telegram, bot, anna = world
    ben = agreed(telegram, "Ben")
    has_address(telegram, bot, ben, "ben@example.org")
    bot.mail.caught.clear()
    buys(telegram, anna)
    buys(telegram, ben)
    bot.mail.plan = [Greylisted("451")]
    bot.runs_job("mail")
    assert len(bot.mail.caught) == 1
    assert bot.rows("SELECT tries FROM outbox") == [(1,)]


def test_a_mail_that_cannot_be_written_holds_up_no_other(world: World) -> None:
    telegram, bot, anna = world
    broken, whole = buys(telegram, anna), buys(telegram, anna)
    bot.rows("UPDATE orders SET language = 'en', product = 'photo', tool = NULL WHERE id = ?", broken)
    for _ in range(2):
        posts(telegram, bot)
    assert [mail["Subject"] for mail in bot.mail.caught] == [f"Payment confirmed · {whole}"]
    assert bot.rows("SELECT about, tries FROM outbox") == [(broken, 1)]


def test_a_server_that_is_down_is_asked_once_a_round(world: World) -> None:
    telegram, bot, anna = world
    for _ in range(3):
        buys(telegram, anna)
    tried: list[int] = []
    bot.mail.on_try = lambda: tried.append(1)
    bot.mail.is_down = True
    bot.runs_job("mail")
    assert len(tried) == 1


def test_a_final_no_is_told_once_and_the_address_is_left_alone(world: World) -> None:
    telegram, bot, anna = world
    buys(telegram, anna)
    number = buys(telegram, anna)
    withdraws(telegram, anna, number)
    bot.mail.refuses.add(ADDRESS)
    posts(telegram, bot)
    buys(telegram, anna)
    posts(telegram, bot)
    assert len(texts(anna, "The mail server refuses")) == 1
    assert bot.rows("SELECT * FROM outbox") == []
    anna.writes("/email")
    anna.sees(translate("email-fails"))
    bot.mail.refuses.clear()
    anna.taps("Change the address")
    confirms(telegram, bot, anna)
    number = buys(telegram, anna)
    posts(telegram, bot)
    assert bot.mail.to(ADDRESS, number)


def test_a_final_no_is_told_although_telegram_fails_at_first(world: World) -> None:
    telegram, bot, anna = world
    buys(telegram, anna)
    bot.mail.refuses.add(ADDRESS)
    telegram.fault("sendMessage", "error", code=502, text="Bad Gateway", count=4)
    posts(telegram, bot)
    assert texts(anna, "The mail server refuses") == []
    telegram.passes(3600)
    posts(telegram, bot)
    assert len(texts(anna, "The mail server refuses")) == 1
    assert bot.rows("SELECT * FROM outbox") == []


def test_a_final_no_to_an_address_that_was_changed_meanwhile_loses_no_mail(world: World) -> None:
    telegram, bot, anna = world
    anna.writes("/email")
    anna.taps("Change the address")
    code = types_address(telegram, bot, anna, "new@example.org")
    number = buys(telegram, anna)
    bot.mail.refuses.add(ADDRESS)
    bot.mail.seconds = 10
    job = bot.begins_job("mail")
    telegram.passes(1)
    anna.writes(code)
    anna.sees(translate("email-confirmed"))
    telegram.passes(60)
    assert job.done()
    assert bot.mail.to("new@example.org", number)
    assert bot.rows("SELECT failed_at FROM addresses") == [(None,)]


def test_what_the_database_cannot_note_is_not_sent_again_and_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the mail is out, and no row says so."""
    telegram, bot, anna = world
    number = buys(telegram, anna)

    async def full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(bot.services.db, "run", full)
        for _ in range(3):
            posts(telegram, bot)
    assert len(bot.mail.to(ADDRESS, number)) == 1
    posts(telegram, bot)
    assert len(bot.mail.to(ADDRESS, number)) == 1
    assert bot.rows("SELECT * FROM outbox") == []


def test_our_own_fault_is_told_to_the_operators_once_and_nothing_is_lost() -> None:
    with Telegram() as telegram:
        olga = telegram.person("Olga")
        group = telegram.group("Operators", olga, forum=True)
        with Bot(telegram, **SETTINGS, operators_chat_id=group.id) as bot:
            anna = agreed(telegram, "Anna")
            has_address(telegram, bot, anna)
            told = translate("operators-mail", why="SMTPAuthenticationError 535")
            for times in (1, 2):
                number = buys(telegram, anna)
                for _ in range(3):
                    bot.mail.plan = [OurFault("SMTPAuthenticationError 535")]
                    bot.runs_job("mail")
                    telegram.passes(600)
                assert [each.text for each in group.chat()].count(told) == times
                telegram.passes(3600)
                posts(telegram, bot)
                assert bot.mail.to(ADDRESS, number)
            assert texts(anna, "mail server") == []


def test_a_long_outage_is_told_to_the_operators_once() -> None:
    with Telegram() as telegram:
        group = telegram.group("Operators", telegram.person("Olga"), forum=True)
        with Bot(telegram, **SETTINGS, operators_chat_id=group.id) as bot:
            anna = agreed(telegram, "Anna")
            has_address(telegram, bot, anna)
            buys(telegram, anna)
            buys(telegram, anna)
            bot.mail.is_down = True
            heard = []
            for _ in range(10):
                posts(telegram, bot)
                heard.append([each.text for each in group.chat()].count(translate("operators-mail", why="down")))
                telegram.passes(20 * 60)
            assert (heard[0], heard[-1]) == (0, 1)


@pytest.mark.parametrize("how", ["refuses", "down", "later"])
def test_money_moves_whatever_the_mail_does(world: World, how: str) -> None:
    telegram, bot, anna = world
    bot.mail.is_down = how == "down"
    bot.mail.refuses |= {ADDRESS} if how == "refuses" else set()
    number = buys(telegram, anna)
    posts(telegram, bot)
    anna.sees("10 credits are yours")
    withdraws(telegram, anna, number)
    posts(telegram, bot)
    assert bot.rows("SELECT state FROM orders") == [("refunded",)]


# The end of the bot


def test_a_slow_mail_server_does_not_delay_the_end_and_the_mail_goes_after_the_next_start(world: World) -> None:
    telegram, bot, anna = world
    number = buys(telegram, anna)
    bot.mail.seconds = 50
    job = bot.begins_job("mail")
    telegram.passes(1)
    telegram.run(bot.lives[-1].does(lifecycle.end(bot.running, None)))
    assert job.done()
    bot.stop()
    assert bot.rows("SELECT about, tries FROM outbox") == [(number, 0)]
    bot.mail.seconds = 0
    bot.start()
    posts(telegram, bot)
    assert bot.mail.to(ADDRESS, number)


# Deaths


def trade(*deaths: int) -> Bot:
    """Somebody gives an address, buys, and withdraws, while the bot dies after so many steps."""
    with mailing() as (telegram, bot, anna):
        if deaths:
            bot.dies_after(*deaths)
        anna.writes("/buy")
        anna.taps("10 credits")
        anna.sees(translate("email-ask"))
        anna.writes(ADDRESS)
        for _ in range(3):
            posts(telegram, bot)
            telegram.passes(3600 if bot.rows("SELECT * FROM outbox WHERE next_at > 0") else 0)
        anna.writes(code_of(bot.mail.to(ADDRESS, "code")[-1]))
        anna.sees(translate("email-confirmed"))
        invoice = anna.sees_invoice()
        while anna.pays(invoice)[0]["status"] != "paid":  # the question met its death
            telegram.passes(15)
        anna.sees("credits are yours")
        telegram.settle()
        [(number,)] = bot.rows("SELECT id FROM orders")
        withdraws(telegram, anna, number)
        for _ in range(3):
            for job in ("orders", "reconcile", "mail"):
                bot.runs_job(job)
                telegram.settle()
        assert bot.rows("SELECT state FROM orders") == [("refunded",)]
        assert bot.rows("SELECT * FROM outbox") == bot.rows("SELECT * FROM confirmations") == []
        for title in ("Payment", "Withdrawal", "Refund"):
            mails = bot.mail.to(ADDRESS, f"{title} confirmed · {number}")
            assert mails, f"no confirmation: {title}"
            assert len({mail["Message-ID"] for mail in mails}) == 1, "one Message-ID an event"
        return bot


@pytest.mark.parametrize("stride", [5, pytest.param(1, marks=pytest.mark.prove)])
def test_whenever_it_dies_each_event_is_confirmed(stride: int) -> None:
    whole = trade().lives[0].steps
    for step in count(1, stride):
        bot = trade(step)
        if len(bot.lives) == 1:
            break
    assert step > len(whole) // 2 > 40


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=2, max_size=4))
def test_however_often_it_dies_each_event_is_confirmed(deaths: list[int]) -> None:
    trade(*deaths)
