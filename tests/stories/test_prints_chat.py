"""Prints by post in the chat: the proof, the form, the payment, the lab, and what Anna hears of it."""

from collections.abc import Iterator
from itertools import product

import pyrage
import pytest
from pyrage import x25519

from bot import sealing
from bot.domain.errors import Failed, Reason, Refused
from bot.domain.prices import print_cents
from bot.domain.values import STARS
from bot.domain.zones import ZONES
from bot.prints.envelope import COUNTRIES
from bot.prints.fulfilment import CHOICES, chosen, packed, what
from bot.texts import words
from bot.tools.shelf import JOBS
from tests.harness.inprocess import Bot, Telegram
from tests.harness.mail_server import text_of
from tests.harness.print_fixture import CANARIES, HERE, PUBLIC_KEY, SECRET_KEY, PrintFixture, open_print_fixture
from tests.pictures.photos import encoded

say = words("en")


@pytest.fixture
def press() -> Iterator[PrintFixture]:
    with open_print_fixture() as press:
        yield press


def mails(press: PrintFixture) -> list[str]:
    press.bot.runs_job("mail")
    press.telegram.settle()
    return [str(mail["Subject"]) for mail in press.bot.mail.caught]


def test_the_whole_walk(press: PrintFixture) -> None:
    anna = press.anna
    proof = press.proof()
    assert "cut off: 20 %" in proof.text
    assert proof.buttons[0] == "Order · €1.89 and posting"
    anna.taps("➕ More")
    anna.taps("On matte paper")
    anna.taps("Order", wait=0)
    invoice = anna.sees_invoice()
    assert invoice.raw["invoice"]["title"] == "2 prints, 10 × 15 cm, matte"
    [payment] = anna.pays(invoice, order=HERE)
    assert payment["status"] == "paid"
    press.telegram.settle()
    [(number, state, amount, shipping)] = press.bot.rows("SELECT id, state, amount, shipping FROM orders")
    assert (state, amount, shipping) == ("sent", 150 + 2 * 44 + 290, 290)
    assert press.at_stripe(number)["amount"] == amount
    package = press.package(number)
    assert package.raw["document"]["file_name"] == f"{number}.age"
    assert "2 prints, 10 × 15 cm, matte" in package.text
    anna.sees(say("prints-sent", order=number))
    press.lena.taps("Printed", in_=press.lab)
    anna.sees(say("prints-printed", order=number))
    press.lena.replies_to(package, "posted DHL 0034 0434 1614")
    anna.sees("DHL 003404341614 https://www.dhl.com/global-en/home/tracking.html?tracking-id=003404341614")
    press.lena.taps("Delivered", in_=press.lab)
    anna.sees(say("prints-delivered", order=number))
    press.telegram.settle()
    titles = ("paid", "sent", "printed", "posted", "delivered")
    assert sorted(mails(press)) == sorted(f"{say(f'mail-{kind}-title')} · {number}" for kind in titles)
    assert {mail["To"] for mail in press.bot.mail.caught} == {HERE["email"]}
    [posted] = press.bot.mail.to(HERE["email"], "in the post")
    assert "DHL 003404341614 https://www.dhl.com" in text_of(posted)
    [paid] = press.bot.mail.to(HERE["email"], "Payment confirmed")
    consent = "right to withdraw ends when the lab has the order"
    for part in ("2 prints, 10 × 15 cm, matte", "€5.28", "€2.90", consent, "prints by card"):
        assert part in text_of(paid), part


def test_without_the_token_there_is_no_button() -> None:
    with open_print_fixture(stripe_provider_token=None) as press:
        press.anna.sends_file(encoded(), "holiday.jpg")
        press.anna.taps("Remove metadata", wait=0)
        assert "Post me prints" not in press.anna.gets_document().buttons
        refused = press.anna.forges("prints:", press.anna.chat()[-1])
        assert refused["text"] == say("prints-no-sale")


def test_the_invoice_asks_for_what_is_needed_and_for_no_more(press: PrintFixture) -> None:
    press.invoice()
    asked = press.telegram.requests("sendInvoice")[-1]["params"]
    for name in ("need_name", "need_email", "need_shipping_address", "is_flexible"):
        assert asked[name] == "true", name
    assert "need_phone_number" not in asked
    assert "send_email_to_provider" not in asked
    assert asked["currency"] == "EUR"
    assert asked["start_parameter"]
    assert sum(price["amount"] for price in asked["prices"]) == 189


def test_no_e_mail_is_asked_for_where_none_is_sent_or_wanted() -> None:
    with open_print_fixture(mails=False) as press:
        press.invoice()
        assert press.telegram.requests("sendInvoice")[-1]["params"]["need_email"] == "false"
    with open_print_fixture() as press:
        press.bot.rows("INSERT INTO addresses (user_id, declined) VALUES (?, 1)", press.anna.id)
        press.invoice()
        assert press.telegram.requests("sendInvoice")[-1]["params"]["need_email"] == "false"


@pytest.mark.parametrize(("country", "zone"), [(min(zone.countries), zone.name) for zone in ZONES])
def test_posting_costs_what_its_zone_does(press: PrintFixture, country: str, zone: str) -> None:
    number, package = press.at_lab(order=press.lives_in(country))
    cents = {each.name: each.cents for each in ZONES}[zone]
    assert press.bot.rows("SELECT amount, shipping FROM orders") == [(189 + cents, cents)]
    assert f"To: {say(f'zone-{zone}')}" in package.text
    assert press.bot.rows("SELECT zone FROM shipments WHERE number = ?", number) == [(zone,)]


@pytest.mark.parametrize("country", ["KP", "RU", "ZZ"])
def test_a_country_that_is_not_served_is_refused_in_words(press: PrintFixture, country: str) -> None:
    [payment] = press.anna.pays(press.invoice(), order=press.lives_in(country))
    assert (payment["status"], payment["error"]) == ("refused", say("checkout-not-there"))
    assert press.bot.rows("SELECT state, shipping FROM orders") == [("invoiced", 0)]


def test_where_nothing_is_sold_any_more_the_country_is_not_what_is_wrong(press: PrintFixture) -> None:
    invoice = press.invoice()
    press.bot.rows("UPDATE orders SET state = 'expired', task = NULL")
    [payment] = press.anna.pays(invoice, order=HERE)
    assert payment["error"] == say("checkout-expired")


def test_the_checkout_is_strict(press: PrintFixture) -> None:
    """Telegram's last question, with anything in it that is not as we offered it."""
    press.invoice()
    number = press.number()

    def asks(amount: int = 189 + 290, currency: str = "EUR", option: str = "home", country: str = "DE") -> str | None:
        work = press.bot.services.shop.checkout.check(press.anna.id, number, amount, currency, option, country)
        return press.telegram.run(work)

    assert asks(amount=189) == "repriced"
    assert asks(amount=189 + 290, option="europe", country="FR") == "repriced"
    assert asks(option="europe") == "not-there"
    assert asks(country="") == "not-there"
    assert asks(country="RU") == "not-there"
    assert asks(currency="USD") == "repriced"
    assert asks(currency=STARS) == "repriced"
    stranger = press.bot.services.shop.checkout.check(press.olga.id, number, 479, "EUR", "home", "DE")
    assert press.telegram.run(stranger) == "not-yours"
    assert asks() is None
    assert asks() == "under-way"


def test_a_declined_card_leaves_the_invoice_and_another_country_its_own_price(press: PrintFixture) -> None:
    invoice = press.invoice()
    [first] = press.anna.pays(invoice, order=press.lives_in("FR"), decline=True)
    assert first["status"] == "declined"
    press.bot.rows("UPDATE orders SET checkout_at = 0")
    [second] = press.anna.pays(invoice, order=HERE)
    assert second["status"] == "paid"
    press.telegram.settle()
    assert press.bot.rows("SELECT state, amount, shipping FROM orders") == [("sent", 479, 290)]


def test_nobody_but_the_lab_learns_where_anna_lives(press: PrintFixture) -> None:
    """Not the database, not the operators, not the mails; the log is searched when the bot ends."""
    seen: list[str] = []
    jail = press.bot.jail.develop

    async def develop(tool, settings, *rest, **more):  # type: ignore[no-untyped-def]
        seen.append(str(press.bot.rows("SELECT * FROM inbox")) + str(press.bot.rows("SELECT * FROM shipments")))
        sealed.append(settings.get("address", ""))
        return await jail(tool, settings, *rest, **more)

    sealed: list[str] = []
    press.bot.jail.develop = develop
    number, _ = press.at_lab()
    mails(press)
    tables = [name for (name,) in press.bot.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    everything = "".join(str(press.bot.rows(f"SELECT * FROM {table}")) for table in tables)
    everything += "".join(map(text_of, press.bot.mail.caught)) + "".join(each.text for each in press.operators.chat())
    for canary in CANARIES:
        assert canary not in everything + "".join(seen), canary
    assert "BEGIN AGE" in seen[-1], "sealed, it is there until the lab has it"
    assert "BEGIN AGE" not in everything, "and not any longer"
    told = pyrage.decrypt(sealed[-1].encode(), [x25519.Identity.from_str(SECRET_KEY)]).decode()
    for canary in CANARIES:
        assert canary in told, "the control: what was sealed is the address"
    assert HERE["email"] not in told
    assert press.bot.rows("SELECT address, email FROM shipments WHERE number = ?", number) == [(None, HERE["email"])]
    assert press.bot.rows("SELECT task FROM orders WHERE id = ?", number) == [(None,)]


def test_a_payment_that_waits_through_a_crash_is_sealed_all_the_while(press: PrintFixture) -> None:
    invoice = press.invoice()
    sealings = []
    real = sealing.seal
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.botapi.client.seal", lambda *about: sealings.append(about) or real(*about))
        press.bot.dies_after(1)
        press.anna.pays(invoice, order=HERE)
        press.telegram.settle()
    number = press.number()
    assert press.state(number) == "sent"
    assert len(press.package(number).text) > 0


@pytest.mark.parametrize("steps", range(1, 34))
def test_a_death_at_any_step_after_the_payment_loses_nothing(press: PrintFixture, steps: int) -> None:
    """And where a package may have come twice, the second says so."""
    invoice = press.invoice()
    press.bot.dies_after(steps)
    [payment] = press.anna.pays(invoice, order=HERE, asks=True)
    press.telegram.settle()
    if payment["status"] != "paid":  # it died before it could say yes: nothing is paid
        press.bot.rows("UPDATE orders SET checkout_at = 0")
        [payment] = press.anna.pays(invoice, order=HERE)
        assert payment["status"] == "paid"
        press.telegram.settle()
    for _ in range(3):
        press.works_off()
    number = press.number()
    assert press.state(number) == "sent"
    packages = [each for each in press.lab.chat() if each.document]
    assert 1 <= len(packages) <= 2
    assert all(say("lab-again") in each.text for each in packages[1:])
    assert len(press.hears_anna(say("prints-sent", order=number))) <= 1
    assert press.bot.rows("SELECT address FROM shipments") == [(None,)]


@pytest.mark.parametrize("error", [Refused(Reason.BROKEN), Failed(Reason.CRASHED)])
def test_a_picture_that_cannot_be_printed_is_refunded(press: PrintFixture, error: Refused) -> None:
    invoice = press.invoice()
    press.bot.jail.plan = [error]
    press.anna.pays(invoice, order=HERE)
    press.telegram.settle()
    number = press.number()
    assert press.state(number) == "refunded"
    assert press.at_stripe(number)["amount_refunded"] == 479
    press.anna.sees(say("refunded", price="€4.79", order=number, credits=0))
    assert not [each for each in press.lab.chat() if each.document]


def test_without_an_address_it_is_refunded(press: PrintFixture) -> None:
    invoice = press.invoice()
    press.bot.services.updates._lab_key = None  # as if the operators had taken the lab away meanwhile
    press.anna.pays(invoice, order=HERE)
    press.telegram.settle()
    press.anna.sees(say("error-no-address"))
    assert press.state(press.number()) == "refunded"


def test_a_lab_that_cannot_be_reached_is_tried_again(press: PrintFixture) -> None:
    number = press.paid_while_the_lab_is_away()
    press.works_off()
    assert press.state(number) == "sent"


def test_who_blocks_the_bot_before_the_lab_has_it_gets_the_money_and_after_that_the_prints(press: PrintFixture) -> None:
    """Their consent ends with it; but what is with the lab is posted."""
    _, package = press.at_lab()
    press.anna.pays(press.invoice(), order=HERE)
    press.anna.blocks()
    press.telegram.settle()
    assert press.state(press.number()) == "refunded"
    assert press.at_stripe(press.number())["amount_refunded"] == 479
    press.lena.replies_to(package, "posted RR123456785DE")
    press.telegram.settle()
    assert sorted(state for (state,) in press.bot.rows("SELECT state FROM orders")) == [
        "posted",
        "refunded",
    ]


def test_before_the_lab_has_it_anna_can_withdraw_and_not_after(press: PrintFixture) -> None:
    number = press.paid_while_the_lab_is_away()
    press.anna.writes("/withdraw")
    press.anna.taps(f"Withdraw: {number}")
    press.telegram.settle()
    press.anna.taps("Withdraw", wait=0)
    press.telegram.settle()
    assert press.state(number) == "refunded"
    assert press.at_stripe(number)["amount_refunded"] == 479
    sent, _ = press.at_lab()
    press.anna.writes("/withdraw")
    press.anna.sees(say("withdraw-none"))
    assert press.state(sent) == "sent"


@pytest.mark.parametrize("lang", ["en", "de"])
def test_every_choice_fits_on_a_button(lang: str) -> None:
    longest = {name: max(values, key=len) for name, values in CHOICES.items()}
    for word in ("prints", "copies", "order-prints"):
        assert len(f"{word}:{packed(longest)}".encode()) <= 64
    assert chosen(packed(longest)) == longest
    for wrong in ("copies=7", "paper=gold", "order=X", "fit=fill;nonsense=1"):
        with pytest.raises(ValueError):
            chosen(wrong)


@pytest.mark.parametrize("lang", ["en", "de"])
def test_what_can_be_chosen_has_a_price_a_name_and_a_place_in_the_jail(lang: str) -> None:
    """Else it is paid first and refused then. A title has room for 32 characters."""
    sealed = {"order": "ABCDEFGH", "address": "sealed", "key": PUBLIC_KEY}
    for values in product(*CHOICES.values()):
        choice = dict(zip(CHOICES, values, strict=True))
        assert JOBS["print"].parse(choice | sealed)
        assert print_cents(choice["format"], choice["paper"], int(choice["copies"])) > 0
        assert len(what(words(lang), choice)) <= 32
    assert len(words(lang)("invoice-prints")) <= 255
    assert frozenset().union(*(zone.countries for zone in ZONES)) <= COUNTRIES.keys()


def test_a_button_of_another_version_is_answered(press: PrintFixture) -> None:
    proof = press.proof()
    for data in ("prints:paper=gold", "copies:copies=999", "order-prints:nonsense=1"):
        assert press.anna.forges(data, proof)["text"] == say("tap-too-old")
    assert press.olga.forges("order-prints:", proof)["text"] == say("tap-not-yours")


def test_a_bot_without_a_lab_leaves_other_groups() -> None:
    with Telegram() as telegram, Bot(telegram):
        lena = telegram.person("Lena")
        group = telegram.group("Any group", lena)
        telegram.settle()
        assert group.bot() == "left"


def test_a_reply_to_the_payment_tells_no_address_either(press: PrintFixture) -> None:
    """Telegram shows the message that is replied to, with all that was typed for the payment."""
    press.at_lab()
    payment = next(each for each in press.anna.chat() if "successful_payment" in each.raw)
    kept = []
    add = press.bot.services.updates._inbox.add

    async def look(update_id: int, body: str) -> bool:
        kept.append(body)
        return bool(await add(update_id, body))

    press.bot.services.updates._inbox.add = look
    press.anna.replies_to(payment, "Is it on its way?")
    press.telegram.settle()
    assert "Is it on its way?" in kept[0]
    assert not [canary for canary in CANARIES if canary in kept[0]]


def test_a_proof_is_not_printed_itself(press: PrintFixture) -> None:
    """A look at the cut has its edges darkened: nobody wants that on paper."""
    proof = press.proof()
    press.anna.replies_to(proof, "print")
    press.anna.sees(say("prints-only-a-look"))
    assert len([each for each in press.anna.chat() if each.from_bot and "photo" in each.raw]) == 1


def test_asking_for_prints_in_words_is_no_message_to_the_operators(press: PrintFixture) -> None:
    photo = press.anna.sends_file(encoded(), "holiday.jpg")
    press.anna.writes("/support")
    press.anna.taps("Something else")
    press.anna.replies_to(photo, "print")
    assert press.anna.gets_photo()


@pytest.mark.parametrize("lang", ["en", "de"])
def test_no_refusal_of_an_invoice_leads_buyers_of_prints_to_credits(lang: str) -> None:
    for why in ("unknown", "not-yours", "expired", "repriced", "not-there", "no-sale"):
        assert "/buy" not in words(lang)(f"checkout-{why}")


def test_a_receipt_of_prints_has_their_terms_after_the_lab_is_gone_too(press: PrintFixture) -> None:
    press.at_lab()
    press.bot.stop()
    press.bot._settings = press.bot._settings.model_copy(update={"print_lab_public_key": None})
    press.bot.start()
    mails(press)
    [paid] = press.bot.mail.to(HERE["email"], "Payment confirmed")
    assert "prints by card" in text_of(paid)


def test_the_policy_says_that_the_lab_sees_what_it_prints(press: PrintFixture) -> None:
    press.anna.writes("/privacy")
    told = press.anna.sees("What happens to your photos").text
    assert "Only what you order on paper is seen: by the lab" in told
    assert "Stripe" in told


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("anna@ex\u00e4mple.org", "anna@xn--exmple-cua.org"),
        ("\u00e4nna@example.org", None),
        ("<anna@example.org>", None),
    ],
)
def test_the_address_of_the_form_is_one_that_mail_servers_take(
    press: PrintFixture, typed: str, kept: str | None
) -> None:
    """Else one mail that cannot be sent would hold up the others."""
    press.at_lab(order=HERE | {"email": typed})
    assert press.bot.rows("SELECT email FROM shipments") == [(kept,)]
