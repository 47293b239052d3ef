"""Support from the person's side: a draft, a ticket, a conversation; and what never goes to operators."""

import json
import re
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom, running
from tests.harness.desk import Desk, asks, becomes, drafts, open_desk, preview, reaction, sends, translate
from tests.harness.people import Message, Person, Telegram
from tests.harness.shopping import enhance, has_invoice, has_paid_pack, loses_its_jail, menu_of, pays
from tests.pictures import photos
from tests.pictures.made import slow
from tests.stories.test_photo import menu_under

SUBJECTS = ["A photo", "A payment", "Privacy", "Something else"]


@pytest.fixture(scope="module")
def desk(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(
        bot_api, tmp_path_factory.mktemp("desk"), SELLER_CONTACT="seller@example.org", LOG_LEVEL="DEBUG"
    ) as desk:
        yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[Person]:
    yield agreed(desk.telegram, "Anna")
    desk.telegram.mend()


def has_no_ticket(desk: Desk, person: Person) -> bool:
    return desk.bot.rows("SELECT * FROM tickets WHERE user_id = ?", person.id) == []


# The draft


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_request_becomes_a_ticket_with_its_number_at_once(desk: Desk, anna: Person, subject: str) -> None:
    anna.writes("/support")
    question = anna.sees(translate("support"))
    assert question.buttons == [*SUBJECTS, "Back", "Cancel"]
    anna.taps(subject, on=question)
    request = anna.sees("Write me in a message")
    assert request.id == question.id
    assert request.buttons == ["Back", "Cancel"]
    anna.writes("It is <b>not</b> as it should be & I am sad")
    shown = preview(anna, "It is <b>not</b> as it should be & I am sad")
    assert shown.buttons == ["Send", "Back", "Cancel"]
    assert shown.rows[0][0]["style"] == "primary"
    anna.sees_no_more(request)
    number = sends(anna, shown)
    card = desk.card(number)
    assert f"Ticket {number} · {subject}" in card
    assert "Language: en" in card
    assert str(anna.id) in card
    assert "Anna" not in card
    desk.reads(number, "It is <b>not</b> as it should be & I am sad")
    assert f"#{number} · {subject}" in [each["name"] for each in desk.group.topics()]


def test_back_and_cancel_lead_back_and_out_at_every_step(desk: Desk, anna: Person) -> None:
    anna.writes("/support")
    question = anna.sees(translate("support"))
    anna.taps("Back", on=question)
    becomes(anna, question, "Send me a photo and choose a tool")
    anna.writes("/support")
    question = anna.sees(translate("support"))
    anna.taps("Cancel", on=question)
    becomes(anna, question, translate("draft-cancelled"))

    anna.writes("/support")
    question = anna.sees(translate("support"))
    anna.taps("Privacy", on=question)
    becomes(anna, question, "your data")
    anna.taps("Back", on=question)
    becomes(anna, question, translate("support"))
    anna.taps("A photo", on=question)
    becomes(anna, question, "what went wrong")
    anna.taps("Cancel", on=question)
    becomes(anna, question, translate("draft-cancelled"))

    first = drafts(anna, "A photo", "the first attempt")
    anna.taps("Back", on=first)
    becomes(anna, first, "what went wrong")
    anna.writes("the second attempt")
    second = preview(anna, "the second attempt")
    assert "the first attempt" not in second.text
    anna.taps("Cancel", on=second)
    becomes(anna, second, translate("draft-cancelled"))

    anna.writes("hello?")
    anna.sees(translate("send-a-photo"))
    assert has_no_ticket(desk, anna)
    assert not desk.mentions("attempt")


def test_several_messages_go_together_and_each_is_shown(desk: Desk, anna: Person) -> None:
    long = "word " * 800 + "the end"
    drafts(anna, "Something else", "first of all")
    anna.writes(long)
    anna.writes(long.replace("end", "very end"))
    shown = preview(anna, "the very end")
    assert "first of all" in "".join(each.text for each in anna.chat() if each.from_bot)
    number = sends(anna, shown)
    desk.reads(number, "the very end")
    assert desk.texts(number) == ["first of all", long, long.replace("end", "very end")]


def test_a_draft_can_be_corrected_before_it_is_sent(desk: Desk, anna: Person) -> None:
    old = drafts(anna, "Privacy", "sned me my data")
    anna.edits(next(each for each in anna.chat() if each.text == "sned me my data"), "send me my data")
    shown = preview(anna, "send me my data")
    anna.sees_no_more(old)
    number = sends(anna, shown)
    desk.reads(number, "send me my data")


def test_an_emoji_that_this_python_does_not_know_yet_says_something(desk: Desk, anna: Person) -> None:
    """In a draft, and in an open ticket."""
    emoji = next(chr(code) for code in range(0x1FA70, 0x1FB00) if unicodedata.category(chr(code)) == "Cn")
    number = sends(anna, drafts(anna, "Privacy", emoji))
    desk.reads(number, emoji)
    anna.writes(2 * emoji)
    desk.reads(number, 2 * emoji)


def test_words_are_needed_and_not_without_end(desk: Desk, anna: Person) -> None:
    shown = drafts(anna, "Privacy", "one")
    anna.writes("\u200b\u2060")
    anna.sees(translate("draft-blank"))
    for number in range(9):
        anna.writes(f"and {number}")
    preview(anna, "and 8")
    anna.writes("one too many")
    anna.sees(translate("draft-full", most=10))
    shown = preview(anna, "and 8")
    assert "one too many" not in shown.text
    number = sends(anna, shown)
    desk.reads(number, "and 8")
    assert len(desk.texts(number)) == 10


@pytest.mark.parametrize("compressed", [True, False])
def test_a_photo_goes_along_only_after_a_warning(desk: Desk, anna: Person, compressed: bool) -> None:
    drafts(anna, "A photo", "look at this")
    anna.sends_photo(photos.encoded(), compressed, caption="this corner")
    shown = preview(anna, translate("draft-warning", count=1))
    assert "look at this\n\nthis corner" in shown.text
    assert shown.buttons == ["Send", "No, work on it", "Back", "Cancel"]
    so_far = len(desk.mentions("look at this"))
    number = sends(anna, shown)
    assert so_far == (0 if compressed else 1)  # the other run's
    arrived = desk.reads(number, "this corner")
    assert arrived.document or arrived.raw["photo"]
    assert arrived.raw.get("forward_origin") is None
    said = [each.text for each in anna.chat() if each.from_bot]
    assert not [
        text for text in said if text.startswith((translate("menu"), translate("send-a-photo")))
    ]  # one handler had it


@pytest.mark.parametrize("kind", ["voice", "video", "animation", "video_note", "audio"])
def test_other_files_go_along_too(desk: Desk, anna: Person, kind: str) -> None:
    about = {"voice": {}, "audio": {}, "video_note": {"length": 8}}.get(kind, {"width": 8, "height": 8})
    drafts(anna, "Something else", "listen or look")
    anna.sends_media(kind, b"whatever it is", **about, duration=1)
    shown = preview(anna, translate("draft-warning", count=1))
    assert shown.buttons == ["Send", "Back", "Cancel"]
    number = sends(anna, shown)
    desk.reads(number, "listen or look")
    arrived = lambda: [each for each in desk.lines(number) if kind in each.raw] or None  # noqa: E731
    desk.telegram.wait_for(arrived, 30, f"no {kind}", desk.group.id)


def test_a_file_without_words_and_an_album_go_along(desk: Desk, anna: Person) -> None:
    anna.writes("/support")
    anna.taps("A photo")
    anna.sees("what went wrong")
    anna.sends_album([photos.encoded(), photos.encoded("astronaut"), photos.encoded()])
    number = sends(anna, preview(anna, translate("draft-warning", count=3)))
    arrived = lambda: len([each for each in desk.lines(number) if "photo" in each.raw]) == 3 or None  # noqa: E731
    desk.telegram.wait_for(arrived, 30, "not the whole album", desk.group.id)


def test_a_photo_can_be_worked_on_instead(desk: Desk, anna: Person) -> None:
    drafts(anna, "A photo", "it has a blue tint")
    photo = anna.sends_file(photos.encoded(), "private.jpg")
    anna.taps("No, work on it")
    menu = anna.sees(translate("menu"))
    assert menu.reply_to
    assert menu.reply_to.id == photo.id
    shown = preview(anna, "it has a blue tint")
    assert "⚠" not in shown.text
    anna.taps("Remove metadata", on=menu)
    assert anna.gets_document().name == "private-clean.jpg"
    number = sends(anna, shown)
    desk.reads(number, "it has a blue tint")
    assert desk.texts(number) == ["it has a blue tint"]
    assert not [each for each in desk.lines(number) if each.document]

    anna.writes("/support")
    anna.taps("A photo")
    anna.sees("what went wrong")
    anna.sends_photo(photos.encoded())
    anna.taps("No, work on it")
    anna.sees("what went wrong")  # the draft goes on, empty
    anna.writes("in words, then")
    assert "⚠" not in preview(anna, "in words, then").text


def test_the_draft_ends_after_an_hour(desk: Desk, anna: Person) -> None:
    shown = drafts(anna, "Privacy", "something half said")
    desk.bot.rows("UPDATE drafts SET changed_at = changed_at - 3601 WHERE user_id = ?", anna.id)
    answer = anna.taps("Send", on=shown)
    assert answer
    assert answer["text"] == translate("draft-gone")
    anna.writes("hello?")
    anna.sees(translate("send-a-photo"))
    assert has_no_ticket(desk, anna)


def test_other_commands_leave_the_draft_alone_and_cancel_ends_it(desk: Desk, anna: Person) -> None:
    shown = drafts(anna, "Privacy", "to be cancelled")
    anna.writes("/balance")
    anna.sees("You have")
    anna.writes("/teleport")
    anna.sees(translate("unknown-command"))
    assert preview(anna, "to be cancelled").id == shown.id
    anna.writes("/cancel")
    assert anna.sees(translate("draft-cancelled")).text == translate("draft-cancelled")
    anna.sees_no_more(shown)
    anna.writes("hello?")
    anna.sees(translate("send-a-photo"))
    shown = drafts(anna, "Privacy", "the old one")
    shown_anew = drafts(anna, "A photo", "the new one")
    anna.sees_no_more(shown)
    assert "old" not in shown_anew.text
    assert has_no_ticket(desk, anna)


def test_wiping_the_chat_wipes_the_draft(desk: Desk, anna: Person) -> None:
    anna.sends_file(photos.encoded(), "a.jpg")
    anna.taps("Remove metadata")
    anna.gets_document()
    drafts(anna, "Privacy", "something secret")
    anna.taps("Wipe this chat")
    anna.sees("Wiped")
    assert desk.bot.rows("SELECT * FROM draft_messages WHERE user_id = ?", anna.id) == []


def test_a_payment_with_a_draft_open_still_counts(desk: Desk, anna: Person) -> None:
    invoice = has_invoice(anna)
    drafts(anna, "Something else", "while I write this")
    pays(anna, invoice)
    anna.sees("Thank you: ")


# What it is about


def test_a_failed_job_leads_to_the_operators_who_know_tool_and_error(desk: Desk, anna: Person) -> None:
    enhance(anna, menu_under(anna, anna.sends_file(slow(), "slow.jpg")))
    loses_its_jail(desk.bot, anna)
    failed = anna.sees(translate("error-crashed"))
    anna.taps("Ask for help", on=failed)
    request = anna.sees("They learn of your job with the tool")
    when = time.strftime("%Y-%m-%d %H:", time.gmtime(failed.raw["edit_date"]))
    assert f'"Enhance" on {when}' in request.text
    anna.writes("what happened?")
    number = sends(anna, preview(anna, "what happened?"))
    card = desk.card(number)
    assert "A photo" in card
    assert re.search(rf"The bot at work: enhance, crashed [A-Z]{{8}}, {when}", card)
    assert "Remove metadata" in anna.buttons(failed)  # its message stays


def test_the_last_job_goes_along_by_the_ordinary_way(desk: Desk, anna: Person) -> None:
    enhance(anna, menu_under(anna, anna.sends_file(photos.encoded()[:20_000], "broken.jpg")))
    anna.sees(translate("error-broken"))
    day = time.strftime("%Y-%m-%d", time.gmtime())
    card = desk.card(asks_about_a_photo(anna, f'They learn of your job with the tool "Enhance" on {day}'))
    assert f"The bot at work: enhance, broken, {day}" in card
    anna.taps("Remove metadata", on=menu_of(anna))
    anna.gets_document()
    assert f"The bot at work: clean, done, {day}" in desk.card(asks_about_a_photo(anna, '"Remove metadata" on'))
    assert "at work" not in desk.card(asks(anna, "about nothing", "Privacy"))
    anna.taps("Wipe this chat")
    anna.sees("Wiped")
    assert "at work" not in desk.card(asks(anna, "about a photo", "A photo"))


def asks_about_a_photo(person: Person, told: str) -> int:
    """A ticket; before they write, the person reads what the operators will know."""
    person.writes("/support")
    person.taps("A photo")
    person.sees(told)
    person.writes("what happened?")
    return sends(person, preview(person, "what happened?"))


def test_an_order_goes_along(desk: Desk, anna: Person) -> None:
    number = has_paid_pack(anna)
    anna.writes("/paysupport")
    anna.taps(number)
    anna.taps("Something else", on=anna.sees("What is wrong?"))
    anna.sees(f"They see your order {number} with it.")
    anna.writes("where are they?")
    ticket = sends(anna, preview(anna, "where are they?"))
    day = time.strftime("%Y-%m-%d", time.gmtime())
    card = desk.card(ticket)
    assert f"Order {number}: 10 credits, 100 Telegram Stars, delivered" in card
    assert f"opened {day}" in card
    assert f"paid {day}" in card
    assert number in desk.card(asks(anna, "about that payment", "A payment"))  # the newest, if none is named
    assert number not in desk.card(asks(anna, "about nothing", "Privacy"))


def test_nobody_asks_about_the_orders_of_others(desk: Desk, anna: Person) -> None:
    number = has_paid_pack(anna)
    mallory = agreed(desk.telegram, "Mallory")
    mallory.writes("/support")
    own = mallory.sees(translate("support"))
    for data in (f"ask:payment:{number}", "ask:photo:enhance.nonsense", "ask:photo:teleport.crashed",
                 f"ask:privacy:{number}", "ask:lunch:", f"ask:photo:{number}"):  # fmt: skip
        answer = mallory.forges(data, own)
        assert answer
        assert answer["text"] == translate("tap-not-yours"), data
    for data in ("about:lunch", "draft:send:", "draft:work:", "draft:dance:", "draft:cancel:0123456789abcdef"):
        answer = mallory.forges(data, own)
        assert answer
        assert answer["text"] == translate("draft-gone"), data
    mallory.writes("hello?")
    mallory.sees(translate("send-a-photo"))
    assert has_no_ticket(desk, mallory)


def test_nobody_touches_the_drafts_of_others(desk: Desk, anna: Person) -> None:
    mallory = agreed(desk.telegram, "Mallory")
    shown = drafts(anna, "Privacy", "mine alone")
    [send], [back, cancel] = shown.rows
    stolen = [each["callback_data"] for each in (send, back, cancel)]
    for data in (*stolen, "about:photo", "leave:", "ask:payment:"):
        answer = mallory.forges(data, shown)
        assert answer
        assert answer["text"] == translate("tap-not-yours")
    own = drafts(mallory, "Privacy", "Mallory's own")
    for data in stolen:
        answer = mallory.forges(data, own)
        assert answer
        assert answer["text"] == translate("draft-gone")
    number = sends(anna, preview(anna, "mine alone"))
    desk.reads(number, "mine alone")
    assert desk.texts(number) == ["mine alone"]


def test_two_taps_on_send_are_one_ticket(desk: Desk, anna: Person) -> None:
    shown = drafts(anna, "Privacy", "only once")
    number = sends(anna, shown)
    [send], [_, cancel] = shown.rows
    anna.forges(send["callback_data"], shown)
    answer = anna.forges(cancel["callback_data"], shown)
    assert answer
    assert answer["text"] == translate("draft-gone")
    anna.sees(f"This is ticket {number}")
    assert desk.bot.rows("SELECT number FROM tickets WHERE user_id = ?", anna.id) == [(number,)]
    desk.reads(number, "only once")
    assert desk.texts(number) == ["only once"]


# A ticket


def test_words_go_to_the_newest_open_ticket_and_replies_to_their_own(desk: Desk, anna: Person) -> None:
    first, second = asks(anna, "the first question"), asks(anna, "the second question")
    anna.writes("/support")
    anna.sees(f"Your open tickets: {second}, {first}.")
    anna.taps("Cancel")
    assert reaction(anna, anna.writes("one more thing")) == "✍"
    desk.reads(second, "one more thing")
    anna.replies_to(anna.sees(f"This is ticket {first}"), "to the first")
    desk.reads(first, "to the first")
    desk.writes(first, "an answer to the first")
    answer = anna.sees("an answer to the first")
    assert answer.reply_to
    assert answer.reply_to.text == "to the first"
    anna.replies_to(answer, "thanks")
    arrived = desk.reads(first, "thanks")
    assert arrived.reply_to
    assert arrived.reply_to.text == "an answer to the first"
    assert "thanks" not in desk.texts(second)


def test_a_closed_ticket_gets_nothing_until_a_reply_opens_it(desk: Desk, anna: Person) -> None:
    number = asks(anna, "is it over?")
    desk.writes(number, "/close")
    closed = anna.sees(translate("ticket-closed", ticket=number))
    desk.telegram.wait_for(lambda: f"✓ #{number} · Something else" in names(desk) or None, 30, "title", desk.group.id)
    anna.writes("into the void")
    anna.sees(translate("send-a-photo"))
    anna.replies_to(closed, "one thing is left")
    desk.reads(number, "one thing is left")
    anna.sees(translate("ticket-open-again", ticket=number))
    desk.telegram.wait_for(lambda: f"#{number} · Something else" in names(desk) or None, 30, "title", desk.group.id)
    anna.writes("and another")
    desk.reads(number, "and another")
    assert not desk.mentions("into the void")


def names(desk: Desk) -> list[str]:
    return [each["name"] for each in desk.group.topics()]


def test_an_edit_arrives(desk: Desk, anna: Person) -> None:
    number = asks(anna, "it costs 10 Strs")
    line = desk.reads(number, "it costs 10 Strs")
    anna.edits(next(each for each in anna.chat() if each.text == "it costs 10 Strs"), "it costs 10 Stars")
    assert desk.reads(number, "it costs 10 Stars").id == line.id
    anna.replies_to(anna.sees(f"This is ticket {number}"), "wait")
    photo = replies_with_photo(anna, anna.sees(f"This is ticket {number}"), "tpyo")
    sends(anna, preview(anna, "tpyo"))
    desk.reads(number, "tpyo")
    anna.edits(photo, "typo")
    desk.reads(number, "typo")


def test_another_photo_arrives_as_a_reply_to_the_first(desk: Desk, anna: Person) -> None:
    number = asks(anna, "look")
    photo = replies_with_photo(anna, anna.sees(f"This is ticket {number}"), "this one")
    sends(anna, preview(anna, "this one"))
    first = desk.reads(number, "this one")
    anna.edits(photo, "this one", photo=photos.encoded("astronaut"))
    shown = lambda: [each for each in desk.lines(number) if "photo" in each.raw][1:] or None  # noqa: E731
    [other] = desk.telegram.wait_for(shown, 30, "no other photo", desk.group.id)
    assert other.raw["photo"][-1]["file_unique_id"] != first.raw["photo"][-1]["file_unique_id"]
    assert other.reply_to
    assert other.reply_to.id == first.id


def test_a_file_that_takes_the_place_of_words_in_a_draft_is_warned_of(desk: Desk, anna: Person) -> None:
    drafts(anna, "A photo", "as you can see")
    anna.edits(next(each for each in anna.chat() if each.text == "as you can see"), "see?", photo=photos.encoded())
    number = sends(anna, preview(anna, translate("draft-warning", count=1)))
    assert desk.reads(number, "see?").raw["photo"]


def replies_with_photo(person: Person, message: Message, caption: str = "") -> Message:
    return person.sends_photo(photos.encoded(), caption=caption, reply_to=message.id)


def test_a_photo_is_for_the_tools_unless_it_replies_and_is_sent(desk: Desk, anna: Person) -> None:
    number = asks(anna, "may I show you?")
    desk.reads(number, "may I show you?")
    photo = anna.sends_photo(photos.encoded())
    assert menu_under(anna, photo).text.startswith(translate("menu"))
    assert [each for each in desk.lines(number) if "photo" in each.raw] == []

    replies_with_photo(anna, anna.sees(f"This is ticket {number}"), "this one")
    shown = preview(anna, translate("draft-warning", count=1))
    assert "No, work on it" in shown.buttons
    assert [each for each in desk.lines(number) if "photo" in each.raw] == []
    anna.taps("No, work on it", on=shown)
    anna.taps("Remove metadata", on=shown)
    anna.gets_document()
    anna.writes("then not")
    desk.reads(number, "then not")
    assert [each for each in desk.lines(number) if "photo" in each.raw] == []

    replies_with_photo(anna, anna.sees(f"This is ticket {number}"), "this one")
    shown = preview(anna, "this one")
    anna.taps("Back", on=shown)
    anna.sees(translate("draft-ticket", ticket=number))
    replies_with_photo(anna, shown, "that one")
    assert sends(anna, preview(anna, "that one")) == number
    assert desk.reads(number, "that one").raw["photo"]
    assert "this one" not in desk.texts(number)


def test_a_size_in_reply_to_a_photo_stays_a_size(desk: Desk, anna: Person) -> None:
    asks(anna, "something else entirely")
    photo = anna.sends_file(photos.encoded(), "china.jpg")
    menu_under(anna, photo)
    anna.replies_to(photo, "300x300")
    assert photos.opened(anna.gets_document().bytes).size == (300, 200)
    drafts(anna, "A photo", "and with a draft open")
    anna.replies_to(photo, "200x200")
    assert photos.opened(anna.gets_document().bytes).size == (200, 133)
    anna.replies_to(photo, "this one came out blue")
    assert "and with a draft open" in preview(anna, "this one came out blue").text


def test_no_photo_of_the_tools_is_ever_near_the_operators(desk: Desk, anna: Person) -> None:
    """On the wire: whatever names the operators' chat names no photo that was worked on, and no result."""
    worked_on = [anna.sends_photo(photos.encoded()), anna.sends_file(photos.encoded(), "private.jpg")]
    for photo in worked_on:
        anna.taps("Remove metadata", on=menu_under(anna, photo))
        worked_on.append(anna.gets_document().message)
        if len(worked_on) == 4:
            break
    number = asks(anna, "about those photos", "A photo")
    anna.writes("and one more word")
    desk.reads(number, "and one more word")
    replies_with_photo(anna, anna.sees(f"This is ticket {number}"), "only this one")
    sends(anna, preview(anna, "only this one"))
    desk.reads(number, "only this one")
    desk.olga.deletes_topic(desk.group, desk.topic(number))
    anna.writes("heal, please")
    desk.reads(number, "heal, please")
    secrets = {file_id for message in worked_on for file_id in file_ids(message)}
    assert len(secrets) >= 4
    copied = set()
    for request in desk.telegram.requests():
        if str(request["params"].get("chat_id")) == str(desk.group.id):
            assert not [file_id for file_id in secrets if file_id in str(request["params"])]
            assert request["files"] == {}
            copied.add((str(request["params"].get("from_chat_id")), str(request["params"].get("message_id"))))
    assert not copied & {(str(anna.id), str(message.id)) for message in worked_on}
    heal = next(each for each in anna.chat() if each.text == "heal, please")
    assert (str(anna.id), str(heal.id)) in copied  # the control


COMMANDS_OF_OPERATORS = (
    *("/canned", "/canned photo", "/note look", "/grant 1", "/refund", "/close", "/reopen", "/ban", "/unban"),
    *("/status", "/stats", "/photo", "/file", "/get", "/export", "/mydata", "/orders", "/wipe", "/help"),
)


def test_operators_can_fetch_nothing_but_what_was_attached_for_them(desk: Desk, anna: Person) -> None:
    """Whatever their chat or the log ever showed is tried as a file_id, as somebody with the bot's token could."""
    earlier = len(desk.group.chat())
    private = [anna.sends_photo(photos.encoded()), anna.sends_file(photos.encoded(kind="PNG"), "private.png")]
    for photo in private[:2]:
        anna.taps("Remove metadata", on=menu_under(anna, photo))
        private.append(anna.gets_document().message)
    has_paid_photo(anna, private[0])
    number = asks(anna, "about those photos", "A photo")
    replies_with_photo(anna, anna.sees(f"This is ticket {number}"), "only this one")
    sends(anna, preview(anna, "only this one"))
    desk.reads(number, "only this one")
    for command in COMMANDS_OF_OPERATORS:
        for arguments in ("", f" {anna.id}", f" {private[0].id}"):
            desk.writes(number, command + arguments)
    desk.writes(number, "/unban")
    desk.reads(number, f"User {anna.id} is not banned")
    secrets = {file_id for message in private for file_id in file_ids(message)}
    shown = json.dumps([each.raw for each in desk.group.chat()[earlier:]]) + desk.bot.log
    pictures = [each for each in desk.lines(number) if "photo" in each.raw]
    [attached] = [each for each in pictures if each.text == "only this one"]
    charts = [each for each in pictures if each.text.startswith("The last 30 days")]  # of /stats, drawn from counters
    fetched = fetchable(desk, shown)
    seen = set().union(*map(file_ids, (attached, *charts)))
    assert fetched == seen, "what they can fetch is what was attached for them"
    assert not fetched & secrets
    assert fetchable(desk, f"{shown} {min(secrets)}") == fetched | {min(secrets)}  # the control: it would be seen


def fetchable(desk: Desk, text: str) -> set[str]:
    """All words in it that lead to a file."""
    url = f"{desk.telegram.url}/bot{desk.telegram.token}/getFile"
    with httpx.Client(verify=False) as client:
        tried = {word: client.get(url, params={"file_id": word}) for word in set(re.findall(r"[\w-]{6,}", text))}
    return {word for word, answer in tried.items() if answer.json()["ok"]}


def has_paid_photo(anna: Person, photo: Message) -> None:
    """An order that knows where its photo is, for the operators to look at."""
    anna.forges("pay:enhance:strength=medium", menu_under(anna, photo))
    pays(anna, anna.sees_invoice())
    anna.gets_document()


def file_ids(message: Message) -> set[str]:
    sizes = message.raw.get("photo", []) + [message.raw[kind] for kind in ("document",) if kind in message.raw]
    return {size["file_id"] for size in sizes}


# Trouble


def test_the_number_comes_whatever_the_operators_chat_does(desk: Desk, anna: Person) -> None:
    telegram = desk.telegram
    telegram.fault("createForumTopic", "flood", retry_after=2)
    telegram.fault("copyMessage", "error", code=502, text="Bad Gateway")
    number = asks(anna, "are you there?")
    anna.writes("hello?")
    assert f"#{number} · Something else" not in names(desk)
    desk.reads(number, "hello?")
    assert desk.texts(number) == ["are you there?", "hello?"]


@pytest.mark.prove  # test_support_kills.py dies at any step, in process
def test_kills_between_the_steps_lose_nothing(bot_api: str, tmp_path: Path) -> None:
    with open_desk(bot_api, tmp_path) as desk:
        anna = agreed(desk.telegram, "Anna")
        anna.writes("/support")
        question = anna.sees(translate("support"))
        anew(desk.bot)
        anna.taps("A photo", on=question)
        anna.sees("what went wrong")
        anew(desk.bot)
        anna.writes("here it is")
        preview(anna, "here it is")
        anew(desk.bot)
        shown = preview(anna, "here it is")
        desk.telegram.fault("createForumTopic", "error", code=500)
        number = sends(anna, shown)
        anew(desk.bot)
        desk.reads(number, "here it is")
        desk.telegram.mend()
        desk.telegram.fault("copyMessage", "error", code=500)
        desk.writes(number, "an answer")
        waiting = "SELECT 1 FROM ticket_messages WHERE author = 'operator'"
        desk.telegram.wait_for(lambda: desk.bot.rows(waiting) or None, 30, "no answer in the database", anna.id)
        anew(desk.bot)
        anna.sees("an answer")


def anew(bot: Darkroom) -> None:
    """Killed, started again, and done with what it was at."""
    bot.kill()
    bot.start()
    deadline = time.monotonic() + 30
    while bot.rows("SELECT 1 FROM inbox WHERE body IS NOT NULL"):
        assert time.monotonic() < deadline, bot.log
        time.sleep(0.05)


# Who has no operators, and who speaks German


@pytest.mark.parametrize("contact", ["", "seller@example.org"])
def test_without_an_operators_chat_support_names_the_seller(telegram: Telegram, tmp_path: Path, contact: str) -> None:
    with running(telegram, tmp_path, SELLER_CONTACT=contact):
        anna = agreed(telegram, "Anna")
        anna.writes("/support")
        told = anna.sees(translate("support-seller", contact=contact) if contact else translate("support-nobody"))
        assert told.buttons == []
        anna.writes("/paysupport")
        anna.taps("None of these")
        again = lambda: sum(each.text == told.text for each in anna.chat()) == 2 or None  # noqa: E731
        telegram.wait_for(again, 10, "the second answer", anna.id)
        anna.writes("hello?")
        anna.sees(translate("send-a-photo"))


def test_in_german(desk: Desk) -> None:
    sage = translator("de")
    dora = agreed(desk.telegram, "Dora", language="de")
    dora.writes("/support")
    assert dora.sees(sage("support")).buttons[:4] == ["Ein Foto", "Eine Zahlung", "Datenschutz", "Etwas anderes"]
    dora.taps("Datenschutz")
    dora.sees("was mit deinen Daten geschehen soll")
    dora.writes("Was wisst ihr?")
    dora.taps("Abschicken")
    told = dora.sees("Das ist Anfrage ").text
    number = int(told.split("Anfrage ")[1].split(".")[0])
    assert "Language: de" in desk.card(number)
    assert f"Ticket {number} · Privacy" in desk.card(number)
    desk.reads(number, "Was wisst ihr?")
    desk.writes(number, "/close")
    dora.sees(sage("ticket-closed", ticket=number))
