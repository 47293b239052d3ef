"""Walk 2 as people live it: credits, invoices, one photo paid for, and every way in which money could go astray."""

from tests.conftest import agreed
from tests.darkroom import Darkroom
from tests.people import Message, Person
from tests.pictures import photos
from tests.test_photo import menu_under


def menu_of(person: Person) -> Message:
    """The menu under a new photo of theirs."""
    return menu_under(person, person.sends_photo(photos.encoded()))


def enhance(person: Person, menu: Message | None = None) -> Message:
    """Ask for what costs a credit; the menu it was asked on."""
    menu = menu or menu_of(person)
    person.taps("Enhance", on=menu)
    person.taps("Medium", on=menu)
    return menu


def spend_free_credits(person: Person, count: int = 3) -> None:
    for _ in range(count):
        enhance(person)
        person.gets_document()


def has_paid_pack(person: Person, label: str = "10 credits") -> str:
    """The number of the order."""
    person.writes("/buy")
    person.taps(label)
    (payment,) = person.pays(person.sees_invoice())
    assert payment["status"] == "paid"
    return person.sees("Thank you: ").text.split("Order ")[1].split(",")[0]


def test_a_newcomer_has_three_credits_and_the_price_is_on_the_button(anna: Person) -> None:
    menu = menu_of(anna)
    assert menu.buttons == ["Remove metadata", "Resize & convert", "Enhance · 1 credit"]
    anna.writes("/balance")
    anna.sees("You have 3 credits")
    anna.taps("Enhance", on=menu)
    assert "This costs 1 credit; you have 3." in anna.sees("How strong?").text
    anna.taps("Medium", on=menu)
    anna.gets_document()
    anna.writes("/balance")
    anna.sees("You have 2 credits")


def test_a_pack_is_bought_and_spent(anna: Person) -> None:
    anna.writes("/buy")
    page = anna.sees("Credits pay for the tools")
    assert page.buttons == ["10 credits · 100 ⭐", "50 credits · 400 ⭐", "200 credits · 1200 ⭐"]
    for what in ("/terms", "at once", "14 days", "Telegram, not we, keeps the payment", "free for ever"):
        assert what in page.text
    has_paid_pack(anna, "50 credits")
    anna.writes("/balance")
    anna.sees("You have 53 credits")
    anna.writes("/orders")
    assert "50 credits · 400 ⭐" in anna.sees("Your orders").text
    assert "delivered" in anna.sees("Your orders").text


def test_one_photo_is_paid_for_and_its_job_starts_by_itself(darkroom: Darkroom) -> None:
    ben = agreed(darkroom.telegram, "Ben")
    spend_free_credits(ben)
    photo = ben.sends_file(photos.encoded(), "garden.jpg")
    enhance(ben, menu_under(ben, photo))
    short = ben.sees("This costs 1 credit, and you have 0.")
    assert [label.split(" · ")[0] for label in short.buttons] == ["Pay for this photo", "Buy", "Back"]
    for what in ("15 Telegram Stars", "/terms", "starts by itself", "right to withdraw ends"):
        assert what in short.text
    ben.taps("Pay for this photo")
    invoice = ben.sees_invoice()
    assert invoice.reply_to
    assert invoice.reply_to.id == photo.id
    assert ben.pays(invoice)[0]["status"] == "paid"
    result = ben.gets_document()
    assert result.name == "garden-enhance.jpg"
    ben.writes("/orders")
    assert "Enhance, one photo · 15 ⭐" in ben.sees("Your orders").text
    ben.writes("/balance")
    ben.sees("You have 0 credits")
