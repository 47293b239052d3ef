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
from bot.texts import translator
from bot.tools.shelf import ALL_TOOLS
from tests.harness.inprocess import Bot, Telegram
from tests.harness.mail_server import text_of
from tests.harness.print_fixture import CANARIES, HERE, PUBLIC_KEY, SECRET_KEY, PrintFixture, open_print_fixture
from tests.pictures.photos import encoded

translate = translator("en")


@pytest.fixture
def print_shop() -> Iterator[PrintFixture]:
    with open_print_fixture() as print_shop:
        yield print_shop


def mails(print_shop: PrintFixture) -> list[str]:
    print_shop.bot.runs_job("mail")
    print_shop.telegram.settle()
    return [str(mail["Subject"]) for mail in print_shop.bot.mail.caught]


def test_the_whole_walk(print_shop: PrintFixture) -> None:
    anna = print_shop.anna
    proof = print_shop.proof()
    assert "cut off: 20 %" in proof.text
    assert proof.buttons[0] == "Order · €1.89 and posting"
    anna.taps("➕ More")
    anna.taps("On matte paper")
    anna.taps("Order", wait=0)
    invoice = anna.sees_invoice()
    assert invoice.raw["invoice"]["title"] == "2 prints, 10 × 15 cm, matte"
    [payment] = anna.pays(invoice, order=HERE)
    assert payment["status"] == "paid"
    print_shop.telegram.settle()
    [(number, state, amount, shipping)] = print_shop.bot.rows("SELECT id, state, amount, shipping FROM orders")
    assert (state, amount, shipping) == ("sent", 150 + 2 * 44 + 290, 290)
    assert print_shop.at_stripe(number)["amount"] == amount
    package = print_shop.package(number)
    assert package.raw["document"]["file_name"] == f"{number}.age"
    assert "2 prints, 10 × 15 cm, matte" in package.text
    anna.sees(translate("prints-sent", order=number))
    print_shop.lena.taps("Printed", in_=print_shop.lab)
    anna.sees(translate("prints-printed", order=number))
    print_shop.lena.replies_to(package, "posted DHL 0034 0434 1234 5678 9012")
    anna.sees(
        "DHL 00340434123456789012 https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434123456789012"
    )
    print_shop.lena.taps("Delivered", in_=print_shop.lab)
    anna.sees(translate("prints-delivered", order=number))
    print_shop.telegram.settle()
    titles = ("paid", "sent", "printed", "posted", "delivered")
    assert sorted(mails(print_shop)) == sorted(f"{translate(f'mail-{kind}-title')} · {number}" for kind in titles)
    assert {mail["To"] for mail in print_shop.bot.mail.caught} == {HERE["email"]}
    [posted] = print_shop.bot.mail.to(HERE["email"], "in the post")
    assert "DHL 00340434123456789012 https://www.dhl.com" in text_of(posted)
    [paid] = print_shop.bot.mail.to(HERE["email"], "Payment confirmed")
    consent = "right to withdraw ends when the lab has the order"
    for part in ("2 prints, 10 × 15 cm, matte", "€5.28", "€2.90", consent, "prints by card"):
        assert part in text_of(paid), part


def test_without_the_token_there_is_no_button() -> None:
    with open_print_fixture(stripe_provider_token=None) as print_shop:
        print_shop.anna.sends_file(encoded(), "holiday.jpg")
        print_shop.anna.taps("Remove metadata", wait=0)
        assert "Post me prints" not in print_shop.anna.gets_document().buttons
        refused = print_shop.anna.forges("prints:", print_shop.anna.chat()[-1])
        assert refused["text"] == translate("prints-no-sale")


def test_the_invoice_asks_for_what_is_needed_and_for_no_more(print_shop: PrintFixture) -> None:
    print_shop.invoice()
    asked = print_shop.telegram.requests("sendInvoice")[-1]["params"]
    for name in ("need_name", "need_email", "need_shipping_address", "is_flexible"):
        assert asked[name] == "true", name
    assert "need_phone_number" not in asked
    assert "send_email_to_provider" not in asked
    assert asked["currency"] == "EUR"
    assert asked["start_parameter"]
    assert sum(price["amount"] for price in asked["prices"]) == 189


def test_no_e_mail_is_asked_for_where_none_is_sent_or_wanted() -> None:
    with open_print_fixture(mails=False) as print_shop:
        print_shop.invoice()
        assert print_shop.telegram.requests("sendInvoice")[-1]["params"]["need_email"] == "false"
    with open_print_fixture() as print_shop:
        print_shop.bot.rows("INSERT INTO addresses (user_id, declined) VALUES (?, 1)", print_shop.anna.id)
        print_shop.invoice()
        assert print_shop.telegram.requests("sendInvoice")[-1]["params"]["need_email"] == "false"


@pytest.mark.parametrize(("country", "zone"), [(min(zone.countries), zone.name) for zone in ZONES])
def test_posting_costs_what_its_zone_does(print_shop: PrintFixture, country: str, zone: str) -> None:
    number, package = print_shop.at_lab(order=print_shop.lives_in(country))
    cents = {each.name: each.cents for each in ZONES}[zone]
    assert print_shop.bot.rows("SELECT amount, shipping FROM orders") == [(189 + cents, cents)]
    assert f"To: {translate(f'zone-{zone}')}" in package.text
    assert print_shop.bot.rows("SELECT zone FROM shipments WHERE number = ?", number) == [(zone,)]


@pytest.mark.parametrize("country", ["KP", "RU", "ZZ"])
def test_a_country_that_is_not_served_is_refused_in_words(print_shop: PrintFixture, country: str) -> None:
    [payment] = print_shop.anna.pays(print_shop.invoice(), order=print_shop.lives_in(country))
    assert (payment["status"], payment["error"]) == ("refused", translate("checkout-not-there"))
    assert print_shop.bot.rows("SELECT state, shipping FROM orders") == [("invoiced", 0)]


def test_where_nothing_is_sold_any_more_the_country_is_not_what_is_wrong(print_shop: PrintFixture) -> None:
    invoice = print_shop.invoice()
    print_shop.bot.rows("UPDATE orders SET state = 'expired', task = NULL")
    [payment] = print_shop.anna.pays(invoice, order=HERE)
    assert payment["error"] == translate("checkout-expired")


def test_the_checkout_is_strict(print_shop: PrintFixture) -> None:
    """Telegram's last question, with anything in it that is not as we offered it."""
    print_shop.invoice()
    number = print_shop.number()

    def asks(amount: int = 189 + 290, currency: str = "EUR", option: str = "home", country: str = "DE") -> str | None:
        work = print_shop.bot.services.shop.checkout.check(
            print_shop.anna.id, number, amount, currency, option, country
        )
        return print_shop.telegram.run(work)

    assert asks(amount=189) == "repriced"
    assert asks(amount=189 + 290, option="europe", country="FR") == "repriced"
    assert asks(option="europe") == "not-there"
    assert asks(country="") == "not-there"
    assert asks(country="RU") == "not-there"
    assert asks(currency="USD") == "repriced"
    assert asks(currency=STARS) == "repriced"
    stranger = print_shop.bot.services.shop.checkout.check(print_shop.olga.id, number, 479, "EUR", "home", "DE")
    assert print_shop.telegram.run(stranger) == "not-yours"
    assert asks() is None
    assert asks() == "under-way"


def test_a_declined_card_leaves_the_invoice_and_another_country_its_own_price(print_shop: PrintFixture) -> None:
    invoice = print_shop.invoice()
    [first] = print_shop.anna.pays(invoice, order=print_shop.lives_in("FR"), decline=True)
    assert first["status"] == "declined"
    print_shop.bot.rows("UPDATE orders SET checkout_at = 0")
    [second] = print_shop.anna.pays(invoice, order=HERE)
    assert second["status"] == "paid"
    print_shop.telegram.settle()
    assert print_shop.bot.rows("SELECT state, amount, shipping FROM orders") == [("sent", 479, 290)]


def test_nobody_but_the_lab_learns_where_anna_lives(print_shop: PrintFixture) -> None:
    """Not the database, not the operators, not the mails; the log is searched when the bot ends."""
    seen: list[str] = []
    jail = print_shop.bot.jail.develop

    async def develop(tool, settings, *rest, **more):  # type: ignore[no-untyped-def]
        seen.append(
            str(print_shop.bot.rows("SELECT * FROM inbox")) + str(print_shop.bot.rows("SELECT * FROM shipments"))
        )
        sealed.append(settings.get("address", ""))
        return await jail(tool, settings, *rest, **more)

    sealed: list[str] = []
    print_shop.bot.jail.develop = develop
    number, _ = print_shop.at_lab()
    mails(print_shop)
    tables = [name for (name,) in print_shop.bot.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    everything = "".join(str(print_shop.bot.rows(f"SELECT * FROM {table}")) for table in tables)
    everything += "".join(map(text_of, print_shop.bot.mail.caught)) + "".join(
        each.text for each in print_shop.operators.chat()
    )
    for canary in CANARIES:
        assert canary not in everything + "".join(seen), canary
    assert "BEGIN AGE" in seen[-1], "sealed, it is there until the lab has it"
    assert "BEGIN AGE" not in everything, "and not any longer"
    told = pyrage.decrypt(sealed[-1].encode(), [x25519.Identity.from_str(SECRET_KEY)]).decode()
    for canary in CANARIES:
        assert canary in told, "the control: what was sealed is the address"
    assert HERE["email"] not in told
    assert print_shop.bot.rows("SELECT address, email FROM shipments WHERE number = ?", number) == [
        (None, HERE["email"])
    ]
    assert print_shop.bot.rows("SELECT task FROM orders WHERE id = ?", number) == [(None,)]


def test_a_payment_that_waits_through_a_crash_is_sealed_all_the_while(print_shop: PrintFixture) -> None:
    invoice = print_shop.invoice()
    sealings = []
    real = sealing.seal
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.botapi.client.seal", lambda *about: sealings.append(about) or real(*about))
        print_shop.bot.dies_after(1)
        print_shop.anna.pays(invoice, order=HERE)
        print_shop.telegram.settle()
    number = print_shop.number()
    assert print_shop.state(number) == "sent"
    assert len(print_shop.package(number).text) > 0


@pytest.mark.parametrize("steps", range(1, 34))
def test_a_death_at_any_step_after_the_payment_loses_nothing(print_shop: PrintFixture, steps: int) -> None:
    """And where a package may have come twice, the second says so."""
    invoice = print_shop.invoice()
    print_shop.bot.dies_after(steps)
    [payment] = print_shop.anna.pays(invoice, order=HERE, asks=True)
    print_shop.telegram.settle()
    if payment["status"] != "paid":  # it died before it could say yes: nothing is paid
        print_shop.bot.rows("UPDATE orders SET checkout_at = 0")
        [payment] = print_shop.anna.pays(invoice, order=HERE)
        assert payment["status"] == "paid"
        print_shop.telegram.settle()
    for _ in range(3):
        print_shop.works_off()
    number = print_shop.number()
    assert print_shop.state(number) == "sent"
    packages = [each for each in print_shop.lab.chat() if each.document]
    assert 1 <= len(packages) <= 2
    assert all(translate("lab-again") in each.text for each in packages[1:])
    assert len(print_shop.hears_anna(translate("prints-sent", order=number))) <= 1
    assert print_shop.bot.rows("SELECT address FROM shipments") == [(None,)]


@pytest.mark.parametrize("error", [Refused(Reason.BROKEN), Failed(Reason.CRASHED)])
def test_a_picture_that_cannot_be_printed_is_refunded(print_shop: PrintFixture, error: Refused) -> None:
    invoice = print_shop.invoice()
    print_shop.bot.jail.plan = [error]
    print_shop.anna.pays(invoice, order=HERE)
    print_shop.telegram.settle()
    number = print_shop.number()
    assert print_shop.state(number) == "refunded"
    assert print_shop.at_stripe(number)["amount_refunded"] == 479
    print_shop.anna.sees(translate("refunded", price="€4.79", order=number, credits=0))
    assert not [each for each in print_shop.lab.chat() if each.document]


def test_without_an_address_it_is_refunded(print_shop: PrintFixture) -> None:
    invoice = print_shop.invoice()
    print_shop.bot.services.updates._lab_key = None  # as if the operators had taken the lab away meanwhile
    print_shop.anna.pays(invoice, order=HERE)
    print_shop.telegram.settle()
    print_shop.anna.sees(translate("error-no-address"))
    assert print_shop.state(print_shop.number()) == "refunded"


def test_a_lab_that_cannot_be_reached_is_tried_again(print_shop: PrintFixture) -> None:
    number = print_shop.paid_while_the_lab_is_away()
    print_shop.works_off()
    assert print_shop.state(number) == "sent"


def test_who_blocks_the_bot_before_the_lab_has_it_gets_the_money_and_after_that_the_prints(
    print_shop: PrintFixture,
) -> None:
    """Their consent ends with it; but what is with the lab is posted."""
    _, package = print_shop.at_lab()
    print_shop.anna.pays(print_shop.invoice(), order=HERE)
    print_shop.anna.blocks()
    print_shop.telegram.settle()
    assert print_shop.state(print_shop.number()) == "refunded"
    assert print_shop.at_stripe(print_shop.number())["amount_refunded"] == 479
    print_shop.lena.replies_to(package, "posted RR123456785DE")
    print_shop.telegram.settle()
    assert sorted(state for (state,) in print_shop.bot.rows("SELECT state FROM orders")) == [
        "posted",
        "refunded",
    ]


def test_before_the_lab_has_it_anna_can_withdraw_and_not_after(print_shop: PrintFixture) -> None:
    number = print_shop.paid_while_the_lab_is_away()
    print_shop.anna.writes("/withdraw")
    print_shop.anna.taps(f"Withdraw: {number}")
    print_shop.telegram.settle()
    print_shop.anna.taps("Withdraw", wait=0)
    print_shop.telegram.settle()
    assert print_shop.state(number) == "refunded"
    assert print_shop.at_stripe(number)["amount_refunded"] == 479
    sent, _ = print_shop.at_lab()
    print_shop.anna.writes("/withdraw")
    print_shop.anna.sees(translate("withdraw-none"))
    assert print_shop.state(sent) == "sent"


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
        assert ALL_TOOLS["print"].parse(choice | sealed)
        assert print_cents(choice["format"], choice["paper"], int(choice["copies"])) > 0
        assert len(what(translator(lang), choice)) <= 32
    assert len(translator(lang)("invoice-prints")) <= 255
    assert frozenset().union(*(zone.countries for zone in ZONES)) <= COUNTRIES.keys()


def test_a_button_of_another_version_is_answered(print_shop: PrintFixture) -> None:
    proof = print_shop.proof()
    for data in ("prints:paper=gold", "copies:copies=999", "order-prints:nonsense=1"):
        assert print_shop.anna.forges(data, proof)["text"] == translate("tap-too-old")
    assert print_shop.olga.forges("order-prints:", proof)["text"] == translate("tap-not-yours")


def test_a_bot_without_a_lab_leaves_other_groups() -> None:
    with Telegram() as telegram, Bot(telegram):
        lena = telegram.person("Lena")
        group = telegram.group("Any group", lena)
        telegram.settle()
        assert group.bot() == "left"


def test_a_reply_to_the_payment_tells_no_address_either(print_shop: PrintFixture) -> None:
    """Telegram shows the message that is replied to, with all that was typed for the payment."""
    print_shop.at_lab()
    payment = next(each for each in print_shop.anna.chat() if "successful_payment" in each.raw)
    kept = []
    add = print_shop.bot.services.updates._inbox.add

    async def look(update_id: int, body: str) -> bool:
        kept.append(body)
        return bool(await add(update_id, body))

    print_shop.bot.services.updates._inbox.add = look
    print_shop.anna.replies_to(payment, "Is it on its way?")
    print_shop.telegram.settle()
    assert "Is it on its way?" in kept[0]
    assert not [canary for canary in CANARIES if canary in kept[0]]


def test_a_proof_is_not_printed_itself(print_shop: PrintFixture) -> None:
    """A look at the cut has its edges darkened: nobody wants that on paper."""
    proof = print_shop.proof()
    print_shop.anna.replies_to(proof, "print")
    print_shop.anna.sees(translate("prints-only-a-look"))
    assert len([each for each in print_shop.anna.chat() if each.from_bot and "photo" in each.raw]) == 1


def test_asking_for_prints_in_words_is_no_message_to_the_operators(print_shop: PrintFixture) -> None:
    photo = print_shop.anna.sends_file(encoded(), "holiday.jpg")
    print_shop.anna.writes("/support")
    print_shop.anna.taps("Something else")
    print_shop.anna.replies_to(photo, "print")
    assert print_shop.anna.gets_photo()


@pytest.mark.parametrize("lang", ["en", "de"])
def test_no_refusal_of_an_invoice_leads_buyers_of_prints_to_credits(lang: str) -> None:
    for why in ("unknown", "not-yours", "expired", "repriced", "not-there", "no-sale"):
        assert "/buy" not in translator(lang)(f"checkout-{why}")


def test_a_receipt_of_prints_has_their_terms_after_the_lab_is_gone_too(print_shop: PrintFixture) -> None:
    print_shop.at_lab()
    print_shop.bot.stop()
    print_shop.bot._settings = print_shop.bot._settings.model_copy(update={"print_lab_public_key": None})
    print_shop.bot.start()
    mails(print_shop)
    [paid] = print_shop.bot.mail.to(HERE["email"], "Payment confirmed")
    assert "prints by card" in text_of(paid)


def test_the_policy_says_that_the_lab_sees_what_it_prints(print_shop: PrintFixture) -> None:
    print_shop.anna.writes("/privacy")
    told = print_shop.anna.sees("What happens to your photos").text
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
    print_shop: PrintFixture, typed: str, kept: str | None
) -> None:
    """Else one mail that cannot be sent would hold up the others."""
    print_shop.at_lab(order=HERE | {"email": typed})
    assert print_shop.bot.rows("SELECT email FROM shipments") == [(kept,)]
