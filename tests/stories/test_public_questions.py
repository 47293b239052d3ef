"""Reports about conversations that got stuck: the newest question asked is the one that an answer answers."""

from collections.abc import Iterator

import pytest

from bot.texts import translator
from tests.conftest import agreed
from tests.harness.desk import Desk, asks, drafts, open_desk, preview
from tests.harness.mail_server import open_mail_server
from tests.harness.people import Message, Person
from tests.harness.shopping import balance_of, pays
from tests.stories.test_photo import menu_under

translate = translator("en")

NO_PHOTO = b"just text"  # a job on it fails at once, and costs nothing


@pytest.fixture(scope="module")
def desk(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("questions")
    with open_mail_server(folder) as box:
        mail = {"SMTP_URL": box.url, "MAIL_FROM": "Darkroom <bot@example.org>", "SSL_CERT_FILE": box.certificate}
        with open_desk(bot_api, folder / "bot", **mail) as desk:
            yield desk


@pytest.fixture
def anna(desk: Desk) -> Iterator[Person]:
    yield agreed(desk.telegram, "Anna")
    desk.telegram.mend()


def heard(desk: Desk, person: Person, since: Message) -> list[str]:
    return [each.text for each in desk.said_to(person, since)]


def has_menu(person: Person) -> Message:
    return menu_under(person, person.sends_file(NO_PHOTO, "me.jpg"))


def wishes(person: Person, kind: str, menu: Message | None = None) -> Message:
    """Somebody is asked for the colour or the photo behind a picture; the question, which was its menu."""
    menu = menu or has_menu(person)
    person.taps("Cut out", on=menu)
    person.taps(translate(f"preset-other-{kind}"), on=menu)
    return person.sees(translate(f"wish-{kind}"))


def is_asked_for_address(person: Person) -> None:
    person.writes("/email")
    person.sees(translate("email-ask"))


def in_draft(desk: Desk, person: Person, words_: str) -> bool:
    """Whether a preview shows them."""
    desk.rests()
    return any(words_ in each.text for each in person.chat() if "Send" in each.buttons)


# A question that was left by its own way back


def test_words_after_the_way_back_are_no_order(desk: Desk, anna: Person) -> None:
    """Bots with dialogues: a step that was left by its button still swallows the next words.

    Who left the question for a colour by "Back" and then says the name of one orders nothing, and pays nothing.
    """
    question = wishes(anna, "colour")
    anna.taps("Back", on=question)
    anna.sees(translate("choose-cutout"))
    said = anna.writes("orange")
    assert heard(desk, anna, said) == [translate("send-a-photo")]


def test_a_photo_after_the_way_back_is_a_new_photo(desk: Desk, anna: Person) -> None:
    """Bots that change backgrounds: after the way back, the next photo is taken for the background all the same.

    It gets a menu of its own.
    """
    question = wishes(anna, "photo")
    anna.taps("Back", on=question)
    anna.sees(translate("choose-cutout"))
    photo = anna.sends_file(NO_PHOTO, "another.jpg")
    assert [text for text in heard(desk, anna, photo) if text.startswith(translate("menu"))]


def test_words_after_another_tool_was_chosen_are_no_order(desk: Desk, anna: Person) -> None:
    """Bots with dialogues: an old step is alive although another was begun from the menu.

    The question gave way to another job: words that come then are no colour.
    """
    question = wishes(anna, "colour")
    anna.taps("Back", on=question)
    anna.sees(translate("choose-cutout"))
    anna.taps("Back", on=question)
    anna.taps("Remove metadata", on=question)
    anna.sees(translate("error-not-a-photo"))
    said = anna.writes("navy")
    assert heard(desk, anna, said) == [translate("send-a-photo")]


# Two questions: the older one must not have the answer


def test_a_colour_asked_for_after_a_draft_was_begun_is_no_part_of_it(desk: Desk, anna: Person) -> None:
    """Support bots with other dialogues: whatever is typed goes to the operators once a request was begun.

    The question for a colour is newer than the draft: the colour is its answer, and the draft stays as it is.
    """
    menu = has_menu(anna)
    drafts(anna, "A photo", "it came out green")
    wishes(anna, "colour", menu)
    said = anna.writes("light blue")
    assert translate("error-not-a-photo") in "".join(heard(desk, anna, said))
    assert not in_draft(desk, anna, "light blue")
    assert preview(anna, "it came out green")


def test_a_photo_asked_for_after_a_draft_was_begun_is_not_shown_to_operators(desk: Desk, anna: Person) -> None:
    """Support bots with other dialogues: a private photo that another step asked for ends up with the staff.

    The question for a photo is newer than the draft: the photo is its answer.
    """
    menu = has_menu(anna)
    drafts(anna, "A photo", "it came out green")
    wishes(anna, "photo", menu)
    photo = anna.sends_file(NO_PHOTO, "beach.jpg")
    texts = heard(desk, anna, photo)
    assert translate("draft-warning", count=1) not in "".join(texts)
    assert translate("error-not-a-photo") in "".join(texts)


def test_a_colour_asked_for_while_a_ticket_is_open_goes_to_the_picture(desk: Desk, anna: Person) -> None:
    """Support bots with other dialogues: while a ticket is open, answers to other questions go to the operators.

    The question is newer than the ticket: the colour is its answer, and operators do not read it.
    """
    number = asks(anna, "a question of mine")
    wishes(anna, "colour")
    said = anna.writes("light blue")
    assert translate("error-not-a-photo") in "".join(heard(desk, anna, said))
    assert desk.texts(number) == ["a question of mine"]


def test_words_for_the_operators_are_no_colour(desk: Desk, anna: Person) -> None:
    """Bots with dialogues: an older question takes the words that a newer one asked for.

    The draft is the newest: a colour's name is a part of it, and no job begins.
    """
    wishes(anna, "colour")
    drafts(anna, "Something else", "red")
    desk.rests()
    assert not [each for each in anna.chat() if translate("error-not-a-photo") in each.text]


def test_an_address_written_to_the_operators_is_not_taken_for_receipts(desk: Desk, anna: Person) -> None:
    """Shop bots: an address that is typed to the support is stored as the account's, since that was asked once.

    The draft is the newest question: the address is what the operators are to read, and no code is sent there.
    """
    is_asked_for_address(anna)
    anna.writes("/support")
    anna.taps("A payment")
    anna.sees("what is wrong with the payment")
    said = anna.writes(f"other{anna.id}@example.org")
    texts = heard(desk, anna, said)
    assert translate("email-code-sent", address=f"other{anna.id}@example.org", minutes=15) not in texts
    assert in_draft(desk, anna, f"other{anna.id}@example.org")


def test_an_address_asked_for_after_a_draft_was_begun_is_no_part_of_it(desk: Desk, anna: Person) -> None:
    """Shop bots: what is typed for the account goes to the support, since a request was begun once.

    A slip at the newest question is told as such, and the draft does not have it.
    """
    drafts(anna, "A payment", "where is my receipt?")
    is_asked_for_address(anna)
    said = anna.writes("anna at example")
    assert heard(desk, anna, said) == [translate("email-unlike")]
    assert not in_draft(desk, anna, "anna at example")
    anna.writes(f"anna{anna.id}@example.org")
    anna.sees(translate("email-code-sent", address=f"anna{anna.id}@example.org", minutes=15))


def test_a_slip_at_the_address_is_not_told_as_a_slip_at_a_colour(desk: Desk, anna: Person) -> None:
    """Bots with dialogues: the sentence about a wrong answer is that of another question.

    The address was asked for last: who mistypes it hears about addresses.
    """
    wishes(anna, "colour")
    is_asked_for_address(anna)
    said = anna.writes("anna at example")
    assert heard(desk, anna, said) == [translate("email-unlike")]


def test_a_colour_asked_for_last_is_not_told_as_a_slip_at_the_address(desk: Desk, anna: Person) -> None:
    """The same the other way round: the colour was asked for last, and is taken."""
    is_asked_for_address(anna)
    wishes(anna, "colour")
    said = anna.writes("no such colour")
    assert heard(desk, anna, said) == [translate("wish-no-colour")]
    said = anna.writes("teal")
    assert translate("error-not-a-photo") in "".join(heard(desk, anna, said))


def test_a_payment_counts_whatever_was_asked(desk: Desk, anna: Person) -> None:
    """Shop bots: a step that waits for text crashes on the message of the payment, and the balance stays.

    With a question for a colour, one for an address, a draft and a ticket open, the credits are there.
    """
    menu = has_menu(anna)
    anna.writes("/buy")
    anna.taps("10 credits")
    anna.taps("Without e-mail")
    invoice = anna.sees_invoice()
    asks(anna, "a question of mine")
    is_asked_for_address(anna)
    drafts(anna, "A payment", "while I write this")
    wishes(anna, "colour", menu)
    pays(anna, invoice)
    assert "Thank you: 10 credits are yours" in "".join(heard(desk, anna, invoice))  # at once, before any list is read
    assert balance_of(anna) == 13
