"""Support from the operators' side: a topic is a ticket; what is written there, what commands do, and who may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.darkroom import Darkroom
from tests.harness.desk import Desk, asks, drafts, open_desk, preview, sends, translate
from tests.harness.people import Message as Seen
from tests.harness.people import Person
from tests.harness.shopping import balance_of, has_invoice, has_paid_pack, is_refunded, menu_of, refunds, spend
from tests.pictures import photos


@pytest.fixture(scope="module")
def desk(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with open_desk(bot_api, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[Person]:
    yield agreed(desk.telegram, "Anna")
    desk.telegram.mend()


def orders(desk: Desk, text: str, thread: int | None = None) -> Seen:
    """Olga writes a command; the bot's answer to it."""
    command = desk.olga.writes(text, in_=desk.group, thread=thread)

    def look() -> Seen | None:
        answers = (each for each in desk.group.chat() if each.from_bot and each.reply_to)
        return next((each for each in answers if each.reply_to and each.reply_to.id == command.id), None)

    return desk.telegram.wait_for(look, 30, f"no answer to {text!r}", desk.group.id)


def by_olga(key: str, **values: object) -> str:
    """The answer to an order of hers that is carried out."""
    return f"{translate(key, **values)} {translate('operators-done-by', name='Olga')}"


def said_to(person: Person, text: str) -> list[Seen]:
    return [each for each in person.chat() if each.from_bot and text in each.text]


def hears(person: Person, after: Seen, part: str) -> Seen:
    """The bot's message with this after that one, as soon as there is one."""

    def look() -> Seen | None:
        return next((each for each in said_to(person, part) if each.id > after.id), None)

    return person.telegram.wait_for(look, 30, f"{person.name} does not hear {part!r}", person.id)


def waits_until(desk: Desk, true: object) -> None:
    """Until this holds."""
    assert callable(true)
    desk.telegram.wait_for(lambda: true() or None, 30, "it is not so", desk.group.id)


def test_how_the_service_stands_and_is_used(desk: Desk, anna: Person) -> None:
    told = orders(desk, "/status").text
    assert "JOBS_PER_PERSON = 20" in told
    picture = orders(desk, "/stats")
    assert picture.raw["photo"]
    assert picture.text.startswith("The last 30 days:")
    assert "Paused" in orders(desk, "/pause Back soon.").text
    anna.writes("/status")
    anna.sees(translate("status-paused", why="Back soon."))
    assert "Going on" in orders(desk, "/resume").text


# Both ways


def test_answers_edits_and_files_arrive(desk: Desk, anna: Person) -> None:
    number = asks(anna, "my question")
    answer = desk.writes(number, "the answer, see https://example.org")
    arrived = anna.sees("the answer, see https://example.org")
    assert arrived.reply_to
    assert arrived.reply_to.text == "my question"
    assert "Olga" not in str(arrived.raw)
    desk.olga.edits(answer, "the better answer")
    waits_until(desk, lambda: [each.id for each in said_to(anna, "the better answer")] == [arrived.id])
    thread = desk.topic(number)
    photo = desk.olga.sends_photo(photos.encoded(), caption="like this", in_=desk.group, thread=thread)
    assert anna.sees("like this").raw["photo"]
    desk.olga.edits(photo, "or like that")
    anna.sees("or like that")
    desk.olga.sends_file(b"%PDF-1.7", "how.pdf", in_=desk.group, thread=thread)
    assert anna.gets_document().name == "how.pdf"
    question = desk.reads(number, "my question")
    desk.olga.replies_to(question, "to your question")
    assert anna.sees("to your question").reply_to


def test_another_file_in_an_answer_arrives_as_a_reply_to_the_first(desk: Desk, anna: Person) -> None:
    number = asks(anna, "how?")
    photo = desk.olga.sends_photo(photos.encoded(), caption="so", in_=desk.group, thread=desk.topic(number))
    first = anna.sees("so")
    desk.olga.edits(photo, "so", photo=photos.encoded("astronaut"))
    other = hears(anna, first, "so")
    assert file_id(other) != file_id(first)
    assert other.reply_to
    assert other.reply_to.id == first.id
    desk.olga.edits(photo, "this is better", file=photos.encoded())
    better = hears(anna, other, "this is better")
    assert better.document
    assert better.reply_to
    assert better.reply_to.id == other.id


def file_id(message: Seen) -> str:
    return str(message.raw["photo"][-1]["file_unique_id"])


def test_a_long_answer_that_came_in_pieces_comes_anew_when_edited(desk: Desk, anna: Person) -> None:
    number = asks(anna, "tell me everything")
    desk.reads(number, "tell me everything")
    link = {"type": "text_link", "offset": 0, "length": 4, "url": "https://example.org/" + "a" * 100}
    long = "word " * 800 + "the end"
    desk.telegram.fault("copyMessage", "error", code=400, text="Bad Request: message to copy not found")
    answer = desk.olga._sends(message={"text": long, "entities": [link]}, in_=desk.group, thread=desk.topic(number))
    last = anna.sees("the end")
    assert len(said_to(anna, "word word")) == 2
    desk.olga.edits(answer, "in short: no")
    assert hears(anna, last, "in short: no").reply_to
    assert anna.sees("the end").id == last.id


def test_a_place_that_moves_is_no_edit(desk: Desk, anna: Person) -> None:
    number = asks(anna, "where are you?")
    place = desk.olga._sends(
        message={"location": {"latitude": 1, "longitude": 2}}, in_=desk.group, thread=desk.topic(number)
    )
    waits_until(desk, lambda: [each for each in anna.chat() if "location" in each.raw])
    desk.olga._act("edit", chat=place.chat, message=place.id, text="")
    desk.writes(number, "there")
    anna.sees("there")
    assert len([each for each in anna.chat() if "location" in each.raw]) == 1


def test_a_link_behind_words_arrives_even_where_only_words_can(desk: Desk, anna: Person) -> None:
    number = asks(anna, "where?")
    link = {"type": "text_link", "offset": 5, "length": 4, "url": "https://example.org/a"}
    message = {"text": "look here 😀", "entities": [link]}
    desk.olga._sends(message=message, in_=desk.group, thread=desk.topic(number))
    assert anna.sees("look here").raw["entities"] == [link]
    desk.telegram.fault("copyMessage", "error", code=400, text="Bad Request: message to copy not found")
    desk.olga._sends(message=message, in_=desk.group, thread=desk.topic(number))
    anna.sees("look here (https://example.org/a) 😀")


def test_what_is_written_elsewhere_reaches_nobody(desk: Desk, anna: Person) -> None:
    number = asks(anna, "hello")
    thread = desk.topic(number)
    desk.olga.writes("lunch?", in_=desk.group)
    desk.olga.writes("lunch!", in_=desk.group, thread=desk.olga.opens_topic(desk.group, "Lunch"))
    desk.writes(number, "/note he is hungry")
    assert orders(desk, "/nope this is no command", thread).text == translate("card-help")
    desk.writes(number, "the real answer")
    anna.sees("the real answer")
    assert not [each for each in anna.chat() if "lunch" in each.text or "hungry" in each.text or "nope" in each.text]


def test_a_deleted_topic_heals_with_the_conversation_so_far(desk: Desk, anna: Person) -> None:
    number = asks(anna, "the first words", "Privacy")
    desk.reads(number, "the first words")
    desk.writes(number, "the first answer")
    anna.sees("the first answer")
    desk.writes(number, "/note careful")
    anna.sends_photo(photos.encoded())  # for the tools
    anna.sends_photo(photos.encoded(), caption="a picture", reply_to=anna.sees("This is ticket").id)
    sends(anna, preview(anna, "a picture"))
    desk.reads(number, "a picture")
    old = desk.topic(number)
    desk.olga.deletes_topic(desk.group, old)
    anna.writes("the last words")
    desk.reads(number, "the last words")
    assert desk.topic(number) != old
    said = [line.text for line in desk.lines(number)]
    assert said[0].startswith(f"Ticket {number} · Privacy")
    assert said[1:] == ["the first words", "Answer: the first answer", "Note: careful", "a picture", "the last words"]
    assert desk.reads(number, "a picture").raw["photo"]
    desk.writes(number, "and on it goes")
    anna.sees("and on it goes")
    assert len(said_to(anna, "the first answer")) == 1

    anna.deletes(next(each for each in anna.chat() if each.text == "the first words"))
    desk.olga.deletes_topic(desk.group, desk.topic(number))
    anna.writes("again")
    desk.reads(number, "again")
    assert "the first words" in desk.texts(number)  # from what is kept


def test_a_message_that_is_gone_meanwhile_does_not_hold_up_the_others(desk: Desk, anna: Person) -> None:
    number = asks(anna, "first")
    desk.reads(number, "first")
    desk.telegram.fault("copyMessage", "error", code=400, text="Bad Request: message to copy not found", count=2)
    anna.writes("second")
    anna.writes("third")
    desk.reads(number, "third")
    assert desk.texts(number) == ["first", "second", "third"]


def test_who_blocks_the_bot_is_shown_and_gets_the_answer_when_they_are_back(desk: Desk, anna: Person) -> None:
    number = asks(anna, "I wait")
    desk.reads(number, "I wait")
    anna.blocks()
    desk.reads(number, translate("operators-blocked"))
    desk.writes(number, "are you there?")
    desk.reads(number, translate("operators-not-delivered"))
    desk.writes(number, "hello?")
    waits_until(desk, lambda: desk.texts(number).count(translate("operators-not-delivered")) == 2)
    anna.unblocks()
    desk.reads(number, translate("operators-unblocked"))
    anna.sees("hello?")
    assert len(said_to(anna, "are you there?")) == 1


def test_an_answer_that_finds_the_bot_blocked_says_so(desk: Desk, anna: Person) -> None:
    """Though Telegram never told of it."""
    number = asks(anna, "I wait")
    desk.reads(number, "I wait")
    desk.telegram.fault("copyMessage", "error", code=403, text="Forbidden: bot was blocked by the user")
    desk.telegram.fault("sendMessage", "error", code=403, text="Forbidden: bot was blocked by the user")
    desk.writes(number, "an answer")
    desk.reads(number, translate("operators-not-delivered"))
    anna.writes("I am still here")
    anna.sees("an answer")


def test_what_telegram_refuses_goes_before_the_operators_and_holds_up_nothing(desk: Desk, anna: Person) -> None:
    number = asks(anna, "I wait")
    desk.reads(number, "I wait")
    for method in ("copyMessage", "sendMessage"):
        desk.telegram.fault(method, "error", code=400, text="Bad Request: message text is not right")
    desk.writes(number, "an answer")
    desk.reads(number, translate("operators-refused", why="BadRequest"))
    desk.writes(number, "another answer")
    anna.sees("another answer")
    assert desk.bot.rows("SELECT blocked FROM tickets WHERE number = ?", number) == [(0,)]
    assert not said_to(anna, "an answer")
    assert translate("operators-not-delivered") not in desk.texts(number)


@pytest.mark.parametrize("why", ["chat not found", "user is deactivated"])
def test_whose_account_is_gone_is_away(desk: Desk, anna: Person, why: str) -> None:
    number = asks(anna, "I wait")
    desk.reads(number, "I wait")
    for method in ("copyMessage", "sendMessage"):
        desk.telegram.fault(method, "error", code=400, text=f"Bad Request: {why}")
    desk.writes(number, "an answer")
    desk.reads(number, translate("operators-not-delivered"))


def test_answers_come_through_whatever_telegram_does(desk: Desk, anna: Person) -> None:
    number = asks(anna, "well?")
    desk.reads(number, "well?")
    desk.telegram.fault("copyMessage", "flood", retry_after=1)
    desk.telegram.fault("copyMessage", "error", code=500)
    desk.writes(number, "one")
    desk.writes(number, "two")
    anna.sees("two")
    assert [each.text for each in anna.chat() if each.text in ("one", "two")] == ["one", "two"]


def test_another_operators_group_gets_the_conversations(bot_api: str, tmp_path: Path) -> None:
    with open_desk(bot_api, tmp_path) as old:
        anna = agreed(old.telegram, "Anna")
        number = asks(anna, "said in the old group")
        old.reads(number, "said in the old group")
        old.bot.stop()
        group = old.telegram.group("New operators", old.olga, forum=True)
        thread = old.olga.opens_topic(group, "About cakes")
        bot = Darkroom(old.telegram, tmp_path, OPERATORS_CHAT_ID=str(group.id)).start()
        new = Desk(bot, group, old.olga)
        old.olga.writes("who wants some?", in_=group, thread=thread)
        anna.writes("said in the new group")
        new.reads(number, "said in the new group")
        assert new.topic(number) != thread
        assert new.texts(number) == ["said in the old group", "said in the new group"]
        assert not said_to(anna, "who wants some?")
        assert bot.stop() == 0
        old.bot.start()


# Files that do not come along


def attaches(desk: Desk, anna: Person, number: int, caption: str) -> tuple[Seen, Seen]:
    """What Anna attaches to her ticket, and what operators get of it."""
    photo = anna.sends_photo(photos.encoded(), caption=caption, reply_to=anna.sees(f"This is ticket {number}").id)
    anna.taps("Send")
    return photo, desk.reads(number, caption)


def test_both_hear_of_a_file_of_a_persons_that_cannot_be_copied(desk: Desk, anna: Person) -> None:
    number = asks(anna, "my question")
    desk.reads(number, "my question")
    desk.telegram.fault("copyMessage", "error", code=400, text="Bad Request: the message can't be copied")
    photo, arrived = attaches(desk, anna, number, "this corner")
    assert arrived.text == f"this corner\n\n{translate('ticket-file-refused')}"
    told = anna.sees(translate("ticket-file-not-copied"))
    assert told.reply_to
    assert told.reply_to.id == photo.id


def test_both_hear_of_a_file_of_operators_that_cannot_be_copied(desk: Desk, anna: Person) -> None:
    number = asks(anna, "my question")
    desk.reads(number, "my question")
    desk.telegram.fault("copyMessage", "error", code=400, text="Bad Request: CHAT_FORWARDS_RESTRICTED")
    photo = desk.olga.sends_photo(photos.encoded(), in_=desk.group, thread=desk.topic(number))
    assert anna.sees(translate("ticket-file-refused")).reply_to
    told = desk.reads(number, translate("operators-file-not-copied"))
    assert told.reply_to
    assert told.reply_to.id == photo.id


def test_a_file_that_is_gone_is_said_to_be_gone(desk: Desk, anna: Person) -> None:
    number = asks(anna, "my question")
    desk.reads(number, "my question")
    desk.telegram.fault("copyMessage", "error", code=400, text="Bad Request: message to copy not found")
    _, arrived = attaches(desk, anna, number, "this corner")
    assert arrived.text == f"this corner\n\n{translate('ticket-file-gone')}"
    desk.rests()
    assert not said_to(anna, translate("ticket-file-not-copied"))


# Commands


def test_close_and_reopen(desk: Desk, anna: Person) -> None:
    number = asks(anna, "a question")
    thread = desk.topic(number)
    assert orders(desk, "/close@darkroom_bot", thread).text == translate("operators-closed")
    anna.sees(translate("ticket-closed", ticket=number))
    assert orders(desk, "/close", thread).text == translate("operators-closed-already")
    assert orders(desk, "/reopen", thread).text == translate("operators-opened")
    anna.sees(translate("ticket-open-again", ticket=number))
    assert orders(desk, "/reopen", thread).text == translate("operators-open-already")
    orders(desk, "/close", thread)
    desk.writes(number, "one more thing")  # opens it, and the person knows
    anna.sees("one more thing")
    waits_until(desk, lambda: len(said_to(anna, translate("ticket-open-again", ticket=number))) == 2)
    for command in ("/close", "/reopen", "/note hello"):
        assert orders(desk, command).text == translate("operators-in-topic")
    assert orders(desk, "/note", thread).text == translate("operators-how-note")


def test_grant(desk: Desk, anna: Person) -> None:
    thread = desk.topic(asks(anna, "something for free?"))
    before = balance_of(anna)
    granted = orders(desk, "/grant 5", thread)
    assert granted.text == by_olga("operators-granted", credits=5, user=anna.id, balance=before + 5)
    anna.sees(translate("granted", credits=5, balance=before + 5))
    orders(desk, f"/grant {anna.id} 2")
    assert balance_of(anna) == before + 7
    for wrong in ("/grant", "/grant 5", "/grant many", f"/grant {anna.id} 0", f"/grant {anna.id} 1001",
                  f"/grant {anna.id} -5", f"/grant {anna.id} 5 5", "/grant 5 many", "/grant Anna 5",
                  f"/grant {anna.id} ٥", f"/grant {anna.id} 5.0", f"/grant {anna.id} 5 please"):  # fmt: skip
        assert orders(desk, wrong).text == translate("operators-how-grant", most=1000)
    assert orders(desk, "/grant 0", thread).text == translate("operators-how-grant", most=1000)
    assert orders(desk, "/grant 424242424242 5").text == translate("operators-nobody")
    assert balance_of(anna) == before + 7


def test_a_ban_ends_work_and_sales_and_leaves_the_rights(desk: Desk, anna: Person) -> None:
    number = asks(anna, "let me in")
    thread, menu, invoice = desk.topic(number), menu_of(anna), has_invoice(anna)
    shown = drafts(anna, "Privacy", "one more")
    desk.telegram.fault("file", "slow", seconds=30)
    anna.taps("Remove metadata", on=menu)
    anna.sees(translate("stage-fetching"))
    assert orders(desk, "/ban", thread).text == by_olga("operators-banned", user=anna.id)
    anna.sees(translate("error-stopped"))
    desk.telegram.mend()
    assert orders(desk, f"/ban {anna.id}").text == translate("operators-banned-already", user=anna.id)

    for tap in ("apply:clean:", "menu", "pick:enhance", "buy", "pack:10", "pay:enhance:strength=medium", "agree",
                "ask:payment:", "about:photo", "leave:help"):  # fmt: skip
        answer = anna.forges(tap, menu)
        assert answer
        assert answer["text"] == translate("banned"), tap
    answer = anna.taps("Send", on=shown)
    assert answer
    assert answer["text"] == translate("banned")
    for act in (
        lambda: anna.sends_photo(photos.encoded()),
        lambda: anna.sends_file(photos.encoded(), "a.jpg"),
        lambda: anna.writes("please"),
        lambda: anna.replies_to(anna.sees("This is ticket"), "please!"),
        lambda: anna.writes("/support"),
        lambda: anna.writes("/buy"),
        lambda: anna.writes("/start buy"),
    ):
        hears(anna, act(), translate("banned"))
    assert "please" not in str(desk.texts(number))
    assert desk.bot.rows("SELECT * FROM drafts WHERE user_id = ?", anna.id) == []

    for command, part in (("/privacy", "What happens to your photos"), ("/terms", "Terms, version"),
                          ("/paysupport", translate("paysupport-none")), ("/orders", translate("orders-none")),
                          ("/withdraw", "There is nothing to withdraw from"), ("/balance", "You have"),
                          ("/language", translate("language")), ("/start", "Good to see you"),
                          ("/help", "choose a tool")):  # fmt: skip
        hears(anna, anna.writes(command), part)
    anna.taps("Deutsch")
    anna.sees(translator("de")("language-chosen"))
    anna.forges("speak:en", invoice)

    assert orders(desk, f"/unban {anna.id}").text == by_olga("operators-unbanned", user=anna.id)
    assert orders(desk, "/unban", thread).text == translate("operators-not-banned", user=anna.id)
    anna.writes("thank you")
    desk.reads(number, "thank you")
    for wrong in ("/ban", "/unban", "/ban Anna", f"/ban {anna.id} {anna.id}", "/ban -5", "/unban ٣", "/ban 1,002"):
        assert orders(desk, wrong).text == translate("operators-how-ban")


def test_a_refund_of_what_is_unspent_is_made_at_once(desk: Desk, anna: Person) -> None:
    order = has_paid_pack(anna)
    thread = desk.topic(asks(anna, "I want it back", "A payment"))
    assert orders(desk, f"/refund {order.lower()}", thread).text == by_olga("operators-refunded", order=order)
    is_refunded(anna)
    told = orders(desk, f"/refund {order}", thread).text
    assert told == translate("operators-not-refundable", order=order, state="refunded")
    assert orders(desk, "/refund NOSUCH22").text == translate("operators-no-order", order="NOSUCH22")
    assert orders(desk, "/refund", thread).text == translate("operators-how-refund")
    assert orders(desk, "/refund this please").text == translate("operators-how-refund")


def test_a_refund_of_spent_credits_asks_first(desk: Desk, anna: Person) -> None:
    order = has_paid_pack(anna)
    spend(anna, 5)
    left = balance_of(anna)
    mallory = agreed(desk.telegram, "Mallory")
    other = desk.topic(asks(mallory, "me too"))
    assert orders(desk, f"/refund {order}", other).text == translate("operators-other-order", order=order)
    question = orders(desk, f"/refund {order}")
    assert question.text == translate(
        "operators-refund-spent", order=order, price=translate("stars", count=100), balance=left - 10
    )
    assert question.buttons == ["Refund"]
    assert balance_of(anna) == left

    [[sure]] = question.rows
    answer = mallory.forges(sure["callback_data"], question)
    assert answer
    assert answer["text"] == translate("tap-not-yours")
    own = mallory.sees("This is ticket")
    answer = mallory.forges(sure["callback_data"], own)
    assert answer
    assert answer["text"] == translate("tap-not-yours")
    assert refunds(anna) == []
    assert balance_of(anna) == left

    desk.olga.taps("Refund", on=question, in_=desk.group)
    is_refunded(anna)
    anna.sees(f"order {order}")
    assert balance_of(anna) == left - 10
    desk.olga.forges(sure["callback_data"], question)
    waits_until(desk, lambda: translate("operators-refunded-already", order=order) in str(desk.group.chat()))
    assert len(refunds(anna)) == 1


# Who may


def test_commands_of_operators_are_nothing_elsewhere(desk: Desk, anna: Person) -> None:
    order = has_paid_pack(anna)
    before = balance_of(anna)
    for command in (f"/grant {anna.id} 5", f"/refund {order}", f"/ban {anna.id}", "/unban", "/close", "/note hello"):
        hears(anna, anna.writes(command), translate("unknown-command"))
    group = desk.telegram.group("Mallory's", anna, forum=True)
    anna.writes(f"/grant {anna.id} 5", in_=group)
    waits_until(desk, lambda: group.bot() == "left")
    assert balance_of(anna) == before
    assert refunds(anna) == []
