"""A person's rights in the chat: the policy and its table, consent withdrawn, all shown, all forgotten."""

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bot.privacy import retention_page
from bot.texts import translator
from storage import data_inventory as kept
from storage import db
from storage.data_subject_rights import ABOUT_NOBODY, OF_A_PERSON, REFUND_SECONDS
from storage.db import Database
from tests.conftest import agreed
from tests.harness.desk import drafts, sends
from tests.harness.inprocess import Bot
from tests.harness.people import Group, Message, Person
from tests.harness.simulated_clock import Telegram

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
SETTINGS = "enhance:strength=medium"


class Town:
    """The bot, the operators' group with Olga, and whoever comes."""

    def __init__(self, telegram: Telegram, bot: Bot, group: Group, olga: Person) -> None:
        self.telegram = telegram
        self.bot = bot
        self.group = group
        self.olga = olga

    def agreed(self, name: str = "Anna") -> Person:
        person = agreed(self.telegram, name)
        self.telegram.settle()
        return person

    def says(self, person: Person, text: str) -> Message:
        """The bot's newest message after these words."""
        person.writes(text)
        self.telegram.settle()
        return [each for each in person.chat() if each.from_bot][-1]

    def taps(self, person: Person, label: str) -> Message:
        person.taps(label)
        self.telegram.settle()
        return [each for each in person.chat() if each.from_bot][-1]

    def buys(self, person: Person) -> None:
        self.says(person, "/buy")
        self.taps(person, "10 credits")
        person.pays(person.sees_invoice())
        self.telegram.settle()

    def asks(self, person: Person, text: str = "Help me") -> int:
        return sends(person, drafts(person, "Something else", text))

    def forgets(self, person: Person, way: str = "Forget me, leave the chat") -> Message:
        self.says(person, "/forget")
        self.taps(person, "Forget me")
        return self.taps(person, way)

    def everything(self) -> dict[str, list[Any]]:
        return {table: self.bot.rows(f"SELECT * FROM {table}") for (table,) in self.bot.rows(TABLES)}

    def mentions(self, person: Person) -> set[str]:
        """Tables in which the person's number is."""
        return {table for table, rows in self.everything().items() if re.search(rf"\b{person.id}\b", str(rows))}


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def town(telegram: Telegram) -> Iterator[Town]:
    olga = telegram.person("Olga")
    group = telegram.group("Operators", olga, forum=True)
    with Bot(telegram, operators_chat_id=group.id) as bot:
        yield Town(telegram, bot, group, olga)


# The policy and its table


def test_the_policy_is_one_screen_and_leads_to_the_table(town: Town) -> None:
    anna = town.agreed()
    told = town.says(anna, "/privacy")
    assert told.buttons == ["Every column, one by one", "Withdraw consent"]
    assert len(told.text) < 2000
    assert "until /forget. Operators see that, with your Telegram number" in told.text
    town.taps(anna, "Every column")
    page = anna.gets_document()
    assert page.name == "darkroom-privacy.html"
    assert b"why" in page.bytes.lower()
    stranger = town.telegram.person("Ben")
    assert town.says(stranger, "/privacy").buttons == ["Every column, one by one"]


def test_the_policy_says_what_the_settings_make_of_it(telegram: Telegram) -> None:
    analytics = {"ga4_measurement_id": "G-ABC1234567", "ga4_api_secret": "secret"}
    with Bot(telegram, keep_closed_tickets_days=90, keep_email_days=30, **analytics):
        anna = agreed(telegram, "Anna")
        anna.writes("/privacy")
        told = anna.sees("until 90 days after the ticket is closed").text
        assert "until /email removes it, or 30 days after the last mail; not confirmed, 24 hours. Only" in told
        assert "without names; Google Analytics gets these counts, too" in told


def test_without_such_settings_the_policy_does_not_speak_of_them(town: Town) -> None:
    told = town.says(town.agreed(), "/privacy").text
    assert "until /email removes it; not confirmed, 24 hours. Only" in told
    assert "Google" not in told


def published() -> set[tuple[str, str]]:
    """Table and column of every row of the page."""
    page = retention_page.page(translator("en"), 1).decode()
    parts = page.split("<h2>")[1:]
    return {(part.partition("<")[0], name) for part in parts for name in re.findall(r"<tr><th>(\w+)</th><td>", part)}


async def schema(folder: Path) -> set[tuple[str, str]]:
    database = await Database.open(folder / "a.db", folder / "key")
    sql = f"SELECT t.name, c.name FROM ({TABLES}) t, pragma_table_info(t.name) c"
    rows = await database.read(lambda connection: connection.execute(sql).fetchall())
    await database.close()
    return set(rows)


async def test_no_column_is_outside_the_published_table(tmp_path: Path) -> None:
    """Figure 16: 0."""
    assert await schema(tmp_path) == published()
    for each in kept.columns():
        assert len(each.why) > 3
        assert len(each.how_long) > 3


async def test_a_column_that_nobody_explained_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: one that a later migration adds, without a word or with half of one."""
    newest = max(number for number, _ in db.migrations()) + 1
    steps = [*db.migrations(), (newest, tmp_path / "added.sql")]
    for module in (db, kept):
        monkeypatch.setattr(module, "migrations", lambda: steps)
    (tmp_path / "added.sql").write_text("ALTER TABLE people ADD COLUMN shoe_size INTEGER;")
    kept.columns.cache_clear()
    assert await schema(tmp_path) - published() == {("people", "shoe_size")}
    (tmp_path / "added.sql").write_text("CREATE TABLE shoes (\n    size INTEGER -- because\n) STRICT;")
    kept.columns.cache_clear()
    with pytest.raises(ValueError, match=r"shoes\.size"):
        published()
    kept.columns.cache_clear()


async def test_every_table_is_a_persons_or_about_nobody(tmp_path: Path) -> None:
    tables = {table for table, _ in await schema(tmp_path)}
    assert tables == set(OF_A_PERSON) | ABOUT_NOBODY


# Consent


def test_without_consent_no_photo_is_taken_and_everything_else_goes_on(town: Town) -> None:
    anna = town.agreed()
    town.buys(anna)
    photo = anna.sends_file(b"a photo", "holiday.jpg")
    menu = anna.sees("What shall I do")
    town.says(anna, "/privacy")
    assert "until you agree again" in town.taps(anna, "Withdraw consent").text
    assert "stays as it is" in town.taps(anna, "Cancel").text
    town.says(anna, "/privacy")
    town.taps(anna, "Withdraw consent")
    assert "is withdrawn" in town.taps(anna, "Withdraw consent").text
    downloads = len(town.telegram.requests("getFile"))
    for data in ("apply:clean:", f"apply:{SETTINGS}", f"pay:{SETTINGS}", "wish:cutout:photo"):
        anna.forges(data, menu)
        town.telegram.settle()
        assert "Do you agree" in anna.chat()[-1].text, data
    anna.replies_to(photo, "1200")
    town.telegram.settle()
    assert "Do you agree" in anna.chat()[-1].text
    assert len(town.telegram.requests("getFile")) == downloads
    assert town.says(anna, "/buy").buttons[0].startswith("10 credits")
    assert "10 credits" in town.says(anna, "/orders").text
    assert town.says(anna, "/withdraw").buttons
    anna.sends_file(b"a photo", "again.jpg")
    town.taps(anna, "I agree")
    town.taps(anna, "Remove metadata")
    assert anna.gets_document().bytes == b"clean of a photo"


def test_a_changed_promise_asks_again(town: Town) -> None:
    anna = town.agreed()
    town.bot.rows("UPDATE people SET policy_version = policy_version - 1")
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.sees("Do you agree that Darkroom works on the photos")
    assert "Withdraw consent" not in town.says(anna, "/privacy").buttons


def test_with_consent_ends_what_runs_and_what_was_waited_for(town: Town) -> None:
    anna = town.agreed()
    anna.sends_file(b"a photo", "holiday.jpg")
    menu = anna.sees("What shall I do")
    town.bot.jail.seconds = 600
    anna.forges("apply:clean:", menu, wait=0)
    town.telegram.passes(2)
    anna.sends_file(b"a photo", "other.jpg")
    town.telegram.passes(2)
    other = [each for each in anna.chat() if "What shall I do" in each.text][-1]
    anna.forges("wish:cutout:colour", other, wait=0)
    town.telegram.passes(2)
    assert town.bot.services.photos.jobs.jobs_of(anna.id) == 1
    assert town.bot.rows("SELECT kind FROM wishes") == [("colour",)]
    anna.writes("/privacy")
    anna.taps("Withdraw consent")
    town.telegram.passes(2)
    anna.taps("Withdraw consent")
    anna.sees("is withdrawn")
    assert town.bot.services.photos.jobs.jobs_of(anna.id) == 0
    assert town.bot.rows("SELECT kind FROM wishes") == []


def test_a_cut_out_is_not_mended_without_consent(town: Town) -> None:
    anna = town.agreed()
    town.bot.jail.previews = True
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.forges("apply:cutout:background=white", anna.sees("What shall I do"))
    anna.gets_document()
    town.says(anna, "/privacy")
    town.taps(anna, "Withdraw consent")
    town.taps(anna, "Withdraw consent")
    assert "Do you agree" in town.taps(anna, "Not quite right?").text


def test_a_paid_photo_comes_back_as_stars_when_consent_goes(town: Town) -> None:
    anna = town.agreed()
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.forges(f"pay:{SETTINGS}", anna.sees("What shall I do"))
    invoice = anna.sees_invoice()
    town.says(anna, "/privacy")
    town.taps(anna, "Withdraw consent")
    town.taps(anna, "Withdraw consent")
    anna.pays(invoice)
    town.telegram.settle()
    town.bot.runs_job("orders")
    anna.sees("You have not agreed, or not any more, that I work on your photos")
    assert town.bot.rows("SELECT state, reason FROM orders") == [("refunded", "no-consent")]
    assert town.telegram.requests("getFile") == []


def test_a_paid_photo_at_work_comes_back_as_stars_when_consent_goes(town: Town) -> None:
    anna = town.agreed()
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.forges(f"pay:{SETTINGS}", anna.sees("What shall I do"))
    invoice = anna.sees_invoice()
    town.bot.jail.seconds = 600
    town.telegram.begin("pay", person=anna.id, chat=anna.id, message=invoice.id)
    town.telegram.passes(5)
    anna.writes("/privacy")
    anna.taps("Withdraw consent")
    town.telegram.passes(2)
    anna.taps("Withdraw consent")
    anna.sees("You have 15 Telegram Stars back")
    town.telegram.settle()
    assert town.bot.rows("SELECT state FROM orders") == [("refunded",)]


# Everything shown


def full_life(town: Town) -> Person:
    """Something in every table that can be about a person."""
    anna = town.agreed()
    anna.writes("/language")
    town.taps(anna, "English")
    town.buys(anna)
    town.says(anna, "/buy")
    town.taps(anna, "50 credits")
    town.asks(anna)
    anna.sends_album([b"one", b"two"], compressed=False)
    town.telegram.settle()
    anna.sends_file(b"a photo", "holiday.jpg")
    menu = anna.sees("What shall I do")
    anna.sends_file(b"a photo", "work.jpg")
    town.telegram.settle()
    anna.forges("apply:clean:", [each for each in anna.chat() if "What shall I do" in each.text][-1])
    anna.gets_document()
    anna.forges("wish:cutout:colour", menu)
    town.telegram.settle()
    drafts(anna, "Something else", "A draft")
    town.bot.rows("INSERT INTO holds SELECT 1, id, 'x', 1 FROM accounts")
    address, sent_at = f"'{anna.id}@example.org'", "unixepoch()"
    town.bot.rows(f"INSERT INTO addresses (user_id, address, confirmed_at) VALUES ({anna.id}, {address}, 1)")
    town.bot.rows(
        "INSERT INTO confirmations (user_id, about, language, address, salt, code, changed_at) "
        f"VALUES ({anna.id}, '', 'en', 'new-' || {address}, 'grain', 'hashed', {sent_at})"
    )
    town.bot.rows(f"INSERT INTO codes_sent (mark, sent_at) VALUES (mark_of({anna.id}), {sent_at})")
    town.bot.rows(
        "INSERT INTO outbox (user_id, kind, about, language, message_id, at) "
        f"VALUES ({anna.id}, 'paid', 'X', 'en', 'm', {sent_at})"
    )
    town.bot.rows(f"INSERT INTO bans VALUES ({anna.id}, 1)")
    town.bot.rows(f"INSERT INTO operator_actions VALUES (1, {town.olga.id}, 'ban', '{anna.id}', {sent_at})")
    town.bot.rows(f"INSERT INTO forgotten VALUES (mark_of({anna.id}), 1, NULL)")
    town.bot.rows("INSERT INTO accounts VALUES (77, NULL); ")
    town.bot.rows(
        f"INSERT INTO shipments (number, email, zone, tracking, changed_at) SELECT id, {address}, 'home', 'ABC1', 0 "
        "FROM orders WHERE state = 'delivered'"
    )
    town.bot.rows(
        "INSERT INTO parcel_steps (number, state, before, tracking, to_return) "
        "SELECT number, 'posted', 'printed', 'ABC0', 0 FROM shipments"
    )
    town.bot.rows(f"INSERT INTO refund_paths VALUES (77, {anna.id})")
    return anna


def test_everything_held_is_shown_on_one_screen_and_in_a_file(town: Town) -> None:
    """Figure 17."""
    anna, ben = full_life(town), town.agreed("Ben")
    town.asks(ben, "Ben's own words")
    held = town.everything()
    summary = town.says(anna, "/mydata") and anna.sees("Everything held on you")
    assert summary.text.count("\n") < 25
    assert len(summary.text) < 1500
    assert {"Credits: 13", "Paid orders: 1; not paid: 1", "Tickets: 1; messages in them: 1, in a draft: 1"} <= {
        line.removeprefix("• ") for line in summary.text.split("\n")
    }
    assert f"E-mail address: {anna.id}@example.org" in summary.text
    assert f"E-mail address, not confirmed yet: new-{anna.id}@example.org" in summary.text
    assert "Your last job: Remove metadata, done" in summary.text
    document = anna.gets_document()
    file = json.loads(document.bytes)
    found = {table: len(part["rows"]) for table, part in file["database"].items()}
    assert set(found) == set(OF_A_PERSON), "a table of which nothing was shown"
    assert found["ledger"] == 2
    [asked] = file["database"]["confirmations"]["rows"]
    assert (asked["salt"], asked["code"]) == ("(secret)", "(secret)"), "with these the code is known without its mail"
    assert file["memory"]["photos that may still come"]["within this minute"] < 30
    assert found["album_photos"] == 2
    assert found["messages"] == len([row for row in held["messages"] if row[0] == anna.id]) + 1  # and "/mydata"
    assert "A draft" in document.bytes.decode()
    assert "/mydata" in file["database"]["inbox"]["rows"][0]["body"]
    assert "Ben" not in document.bytes.decode()
    assert file["memory"]["last job"]["what"] == "clean.done"
    assert "so that a crash loses nothing" in file["database"]["inbox"]["columns"]["body"]
    assert town.bot.rows("SELECT count(*) FROM inbox WHERE body IS NOT NULL") == [(0,)]


def test_of_a_stranger_there_is_hardly_anything(town: Town) -> None:
    ben = town.telegram.person("Ben")
    town.says(ben, "/mydata")
    ben.sees("You have not agreed")
    assert set(json.loads(ben.gets_document().bytes)["database"]) == {"inbox", "messages"}


def test_what_another_forwards_of_theirs_is_the_others(town: Town) -> None:
    """It waits for its turn, and says who wrote it first: neither does one see it, nor does it go with them."""
    anna, ben = town.agreed(), town.agreed("Ben")
    origin = {"type": "user", "sender_user": {"id": anna.id, "is_bot": False, "first_name": "Anna"}, "date": 1}
    photo = {"message_id": 1, "chat": {"id": ben.id}, "from": {"id": ben.id}, "forward_origin": origin}
    tap = {"id": "1", "from": {"id": ben.id}, "message": {"message_id": 2, "reply_to_message": photo}}
    body = json.dumps({"update_id": 901, "callback_query": tap})
    town.bot.rows("INSERT INTO inbox VALUES (901, 1, 0, ?)", body)
    town.says(anna, "/mydata")
    assert str(ben.id) not in anna.gets_document().bytes.decode()
    town.forgets(anna)
    assert town.bot.rows("SELECT body FROM inbox WHERE update_id = 901") == [(body,)]


# Everything forgotten


def test_what_is_lost_is_said_in_figures_and_withdrawal_comes_first(town: Town) -> None:
    anna = town.agreed()
    asked = town.says(anna, "/forget")
    assert asked.buttons == ["Forget me", "Cancel"]
    assert "3 credits: they are lost" in asked.text
    assert "no tickets" in asked.text
    town.buys(anna)
    town.asks(anna)
    asked = town.says(anna, "/forget")
    assert asked.buttons == ["Withdraw", "Forget me", "Cancel"]
    assert "13 credits: they are lost" in asked.text
    assert "one ticket, with all words" in asked.text
    assert "Which purchase" in town.taps(anna, "Withdraw").text
    town.taps(anna, "Cancel")
    anna.sees("Nothing was erased")
    assert town.mentions(anna) >= {"people", "tickets", "accounts", "messages"}


def test_one_step_erases_nothing(town: Town) -> None:
    anna = town.agreed()
    town.says(anna, "/forget")
    before = {table: rows for table, rows in town.everything().items() if table not in ("inbox", "messages")}
    assert town.taps(anna, "Forget me").buttons == [
        "Wipe this chat and forget me",
        "Forget me, leave the chat",
        "Cancel",
    ]
    after = {table: rows for table, rows in town.everything().items() if table not in ("inbox", "messages")}
    assert after == before
    assert "Nothing was erased" in town.taps(anna, "Cancel").text
    ben = town.agreed("Ben")
    asked = town.says(anna, "/forget")
    assert "not yours" in ben.forges("forget:keep", asked)["text"]
    assert town.bot.rows("SELECT count(*) FROM people") == [(2,)]


@pytest.mark.parametrize("way", ["Wipe this chat and forget me", "Forget me, leave the chat"])
def test_all_that_law_does_not_oblige_us_to_is_gone(town: Town, way: str) -> None:
    anna, ben = full_life(town), town.agreed("Ben")
    town.asks(ben, "Ben's own words")
    town.telegram.settle()
    others = {table: [row for row in rows if ben.id in row] for table, rows in town.everything().items()}
    assert "forgotten" in town.forgets(anna, way).text
    assert town.mentions(anna) == {"refund_paths"}
    assert "Help me" not in str(town.everything())
    assert "A draft" not in str(town.everything())
    assert town.bot.rows("SELECT state FROM orders") == [("delivered",)]  # what was not paid is gone
    assert {table: [row for row in rows if ben.id in row] for table, rows in town.everything().items()} == others
    assert [topic["name"] for topic in town.group.topics()] == ["#2 · Something else"]
    assert town.bot.rows("SELECT * FROM old_topics") == []
    texts = [each.text for each in anna.chat()]
    if way.startswith("Wipe"):
        assert len(texts) == 1
    else:
        assert len(texts) > 10


def test_what_was_paid_can_be_withdrawn_until_its_time_is_over_then_it_is_nobodys(town: Town) -> None:
    anna, ben = town.agreed(), town.agreed("Ben")
    for person in (anna, ben):
        town.buys(person)
        town.forgets(person)
    assert "10 credits" in town.says(anna, "/orders").text
    assert "0 credits" in town.says(anna, "/balance").text  # the newcomer's come once
    town.says(anna, "/withdraw")
    town.taps(anna, "Withdraw: ")
    town.taps(anna, "Withdraw")
    [charge] = [line["params"]["user_id"] for line in town.telegram.requests("refundStarPayment")]
    assert int(charge) == anna.id
    town.bot.runs_job("forget")
    assert town.bot.rows("SELECT user_id FROM refund_paths") == [(ben.id,)]
    town.telegram.passes(REFUND_SECONDS - 60)
    town.bot.runs_job("forget")
    assert town.bot.rows("SELECT user_id FROM refund_paths") == [(ben.id,)]
    town.telegram.passes(120)
    town.bot.runs_job("forget")
    town.telegram.passes(3 * 24 * 3600)
    town.bot.runs_job("forget")
    assert town.mentions(ben) == set()
    [number] = [number for number, state in town.bot.rows("SELECT id, state FROM orders") if state == "delivered"]
    town.olga.writes(f"/refund {number}", in_=town.group)
    town.telegram.settle()
    assert "is forgotten" in town.group.chat()[-1].text
    town.bot.runs_job("reconcile")
    assert len(town.bot.rows("SELECT * FROM orders")) == 2  # known payments are not taken for strays
    assert len(town.telegram.requests("refundStarPayment")) == 1
    assert "not bought anything" in town.says(ben, "/orders").text


def test_that_it_is_done_is_said_even_where_the_question_cannot_be_changed(town: Town) -> None:
    anna = town.agreed()
    town.says(anna, "/forget")
    town.taps(anna, "Forget me")
    town.telegram.fault("editMessageText", "error", code=400, text="Bad Request: message can't be edited")
    assert "You are forgotten" in town.taps(anna, "Forget me, leave the chat").text
    assert town.mentions(anna) == set()


def test_a_backup_that_reads_meanwhile_only_delays_the_end_of_the_log(town: Town) -> None:
    anna = town.agreed()
    with patch.object(town.bot.services.db, "renew", side_effect=[False, False, True]) as renew:
        assert "You are forgotten" in town.forgets(anna).text
    assert renew.call_count == 3


def test_what_ran_and_how_it_ended_is_forgotten_too(town: Town) -> None:
    anna = town.agreed()
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.forges("apply:clean:", anna.sees("What shall I do"))
    anna.gets_document()
    town.telegram.settle()
    assert town.bot.services.photos.last_results.of(anna.id)[0] == "clean.done"
    town.forgets(anna)
    assert town.bot.services.photos.last_results.of(anna.id) == ("", None)


def test_an_order_of_nobody_cannot_be_refunded_by_any_way(town: Town) -> None:
    """Telegram could not be told to whom."""
    anna = town.agreed()
    town.buys(anna)
    town.forgets(anna)
    town.telegram.passes(REFUND_SECONDS + 60)
    town.bot.runs_job("forget")
    [(number, charge)] = town.bot.rows("SELECT id, charge_id FROM orders")
    assert not town.telegram.run(town.bot.services.shop.refunds.refund(number, "operators"))
    assert town.bot.rows("SELECT state FROM orders") == [("delivered",)]
    before, sent = anna.chat(), len(town.telegram.requests("sendMessage"))
    town.telegram.refunds(charge)  # but Telegram can, by itself
    town.telegram.settle()
    town.bot.runs_job("reconcile")
    assert town.bot.rows("SELECT state, reason FROM orders") == [("refunded", "telegram")]
    assert [each.text for each in anna.chat() if each.from_bot] == [each.text for each in before if each.from_bot]
    assert len(town.telegram.requests("sendMessage")) == sent


def test_what_is_paid_and_not_delivered_comes_back(town: Town) -> None:
    anna = town.agreed()
    anna.sends_file(b"a photo", "holiday.jpg")
    anna.forges(f"pay:{SETTINGS}", anna.sees("What shall I do"))
    invoice = anna.sees_invoice()
    town.bot.jail.seconds = 600
    payment = town.telegram.begin("pay", person=anna.id, chat=anna.id, message=invoice.id)
    town.telegram.passes(5)
    assert payment.result()[0]["status"] == "paid"
    anna.writes("/forget")
    anna.sees("one order that is paid and not begun or delivered")
    anna.taps("Forget me")
    anna.taps("Forget me, leave the chat")
    anna.sees("You are forgotten")
    town.telegram.settle()
    for job in ("orders", "forget"):
        town.bot.runs_job(job)
        town.telegram.settle()
    assert town.bot.rows("SELECT state FROM orders") == [("refunded",)]
    assert town.mentions(anna) <= {"messages"}  # that of the refund's own news, if any
    assert not [each for each in anna.chat() if each.from_bot and each.document]


def test_an_old_invoice_cannot_be_paid_after_that(town: Town) -> None:
    anna = town.agreed()
    town.says(anna, "/buy")
    town.taps(anna, "10 credits")
    invoice = anna.sees_invoice()
    town.forgets(anna)
    [refused] = anna.pays(invoice)
    assert refused["status"] == "refused"
    anna.pays(invoice, asks=False)  # too late to be asked
    town.telegram.settle()
    town.bot.runs_job("orders")
    assert town.bot.rows("SELECT state, product FROM orders") == [("refunded", "unknown")]


def test_a_ban_lasts_and_can_be_lifted(town: Town) -> None:
    anna = town.agreed()
    town.olga.writes(f"/ban {anna.id}", in_=town.group)
    town.telegram.settle()
    town.forgets(anna)
    assert town.mentions(anna) == set()
    assert "ended the work" in town.says(anna, "hello").text
    town.says(anna, "/mydata")
    anna.sees("have banned you")
    town.olga.writes(f"/ban {anna.id}", in_=town.group)
    town.telegram.settle()
    assert "banned already" in town.group.chat()[-1].text
    town.olga.writes(f"/unban {anna.id}", in_=town.group)
    town.telegram.settle()
    assert "0 credits" in town.says(anna, "/balance").text
    assert "/help" in town.says(anna, "hello").text


def test_a_number_of_a_ticket_is_not_given_twice(town: Town) -> None:
    anna, ben = town.agreed(), town.agreed("Ben")
    assert town.asks(anna) == 1
    town.forgets(anna)
    assert town.asks(ben) == 2


@pytest.mark.parametrize(
    ("code", "why"), [(400, "Bad Request: not enough rights"), (403, "Forbidden: bot was kicked from the group")]
)
def test_a_topic_that_telegram_keeps_is_tried_again_or_told_to_the_operators(town: Town, code: int, why: str) -> None:
    anna, ben = town.agreed(), town.agreed("Ben")
    for person in (anna, ben):
        town.asks(person)
    town.telegram.fault("deleteForumTopic", "error", code=502, count=9)
    town.forgets(anna)
    assert len(town.group.topics()) == 2
    assert len(town.bot.rows("SELECT * FROM old_topics")) == 1
    town.telegram.mend()
    town.bot.runs_job("support")
    assert [topic["name"] for topic in town.group.topics()] == ["#2 · Something else"]
    town.telegram.fault("deleteForumTopic", "error", code=code, text=why)
    town.forgets(ben)
    assert 'topic "#2 · Something else"' in town.group.chat()[-1].text
    assert town.bot.rows("SELECT * FROM old_topics") == []


def test_operators_who_cannot_be_told_now_are_told_later(town: Town) -> None:
    anna = town.agreed()
    town.asks(anna)
    town.telegram.settle()
    town.telegram.fault("deleteForumTopic", "error", code=400, text="Bad Request: not enough rights", count=2)
    town.telegram.fault("sendMessage", "error", code=502, count=9)
    town.telegram.run(town.bot.services.users.rights.forget(anna.id, 0))
    town.bot.runs_job("support")
    assert len(town.bot.rows("SELECT * FROM old_topics")) == 1
    town.telegram.mend()
    town.telegram.fault("deleteForumTopic", "error", code=400, text="Bad Request: not enough rights")
    town.bot.runs_job("support")
    assert 'topic "#1 · Something else"' in town.group.chat()[-1].text
    assert town.bot.rows("SELECT * FROM old_topics") == []


def test_no_topic_is_left_that_is_opened_at_this_very_moment(town: Town) -> None:
    """Telegram takes its time to open the ticket's topic; meanwhile the person asks to be forgotten."""
    anna = town.agreed()
    town.telegram.fault("createForumTopic", "flood", retry_after=9)
    drafts(anna, "Something else", "Help me")
    anna.taps("Send", wait=0)
    anna.sees("This is ticket 1")
    anna.writes("/forget")
    anna.taps("Forget me")
    anna.taps("Forget me, leave the chat", wait=0)
    town.telegram.settle()
    town.bot.runs_job("support")
    assert town.group.topics() == []
    assert not [each for each in town.group.chat() if "Help me" in each.text]


def test_an_operators_answer_that_crosses_it_goes_nowhere(town: Town) -> None:
    anna = town.agreed()
    number = town.asks(anna)
    town.telegram.settle()
    thread = next(each.thread for each in town.group.chat() if each.text.startswith(f"Ticket {number} "))
    town.telegram.fault("deleteForumTopic", "error", code=502, count=9)
    town.forgets(anna)
    town.olga.writes("An answer", in_=town.group, thread=thread)
    town.telegram.settle()
    assert town.bot.rows("SELECT * FROM ticket_messages") == []
    assert "An answer" not in [each.text for each in anna.chat()]


def last_will(*deaths: int) -> Bot:
    """Buy, ask, be forgotten, while the bot dies after so many steps; at the end it is all or nothing."""
    with Telegram() as telegram:
        olga = telegram.person("Olga")
        group = telegram.group("Operators", olga, forum=True)
        with Bot(telegram, operators_chat_id=group.id) as bot:
            town = Town(telegram, bot, group, olga)
            anna = town.agreed()
            town.buys(anna)
            town.asks(anna)
            town.telegram.settle()
            town.says(anna, "/forget")
            town.taps(anna, "Forget me")
            if deaths:
                bot.dies_after(*deaths)
            anna.taps("Wipe this chat and forget me", wait=0)
            telegram.settle()
            bot.start()
            telegram.settle()
            bot.runs_job("support")
            assert town.mentions(anna) == {"refund_paths"}
            assert bot.rows("SELECT * FROM tickets") == bot.rows("SELECT * FROM ticket_messages") == []
            assert bot.rows("SELECT welcomed FROM forgotten") == [(1,)]
            assert group.topics() == []
            assert bot.rows("SELECT sum(credits) FROM ledger") == [(13,)]
            assert bot.rows("SELECT * FROM inbox WHERE body IS NOT NULL") == []
        return bot


def test_whenever_it_dies_all_is_forgotten_or_nothing() -> None:
    whole = last_will().lives[0].steps
    begins = max(at for at, step in enumerate(whole) if step == "after getUpdates")
    for step in count(1):
        bot = last_will(step)
        if len(bot.lives) == 1:
            break
    assert step > 10
    assert begins
