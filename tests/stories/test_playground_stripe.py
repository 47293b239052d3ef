"""The playground's Stripe: what `tests/stories/test_cards.py` does not hold against another one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stripe as library

from bot.playground.methods import METHODS
from bot.playground.methods.payments import Goods, Invoice
from bot.playground.stripe_api import answer
from tests.harness.people import ImpossibleError, Json, Stripe
from tests.harness.simulated_clock import Telegram

SECRET = "whsec_of_the_tests"
PRINTS = [{"label": "Prints", "amount": 900}]


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as telegram:
        yield telegram


@pytest.fixture
def lab(telegram: Telegram) -> Stripe:
    return telegram.stripe("lab")


def pays(telegram: Telegram, token: str, **how: Any) -> Json:
    """Somebody pays an invoice, to which the bot says yes."""
    person = telegram.person("Anna")
    telegram.world.invoices["link"] = Invoice(Goods("Prints", "Six", "order", "EUR", PRINTS, token))
    paying = telegram.begin("pay", person=person.id, link="link", **how)
    telegram.passes(1)
    [query] = [
        each["pre_checkout_query"]["id"] for each in telegram.world.inbox.pending if "pre_checkout_query" in each
    ]
    telegram.run(METHODS["answerprecheckoutquery"](telegram.world, pre_checkout_query_id=query, ok=True))
    telegram.settle()
    telegram.world.inbox.drop()
    [paid] = paying.result()
    return paid


def test_an_invoice_is_paid_into_the_account_that_its_token_names(telegram: Telegram, lab: Stripe) -> None:
    paid = pays(telegram, lab.provider_token)
    [charge] = lab.look()["charges"]
    assert (charge["id"], charge["amount"], charge["currency"]) == (paid["provider_charge"], 900, "eur")
    assert (charge["status"], charge["paid"]) == ("succeeded", True)
    assert telegram.world.stripe["lab"].intents[charge["payment_intent"]]["latest_charge"] == charge["id"]


def test_a_declined_card_leaves_a_charge_that_failed(telegram: Telegram, lab: Stripe) -> None:
    assert pays(telegram, lab.provider_token, decline=True) == {"status": "declined"}
    [charge] = lab.look()["charges"]
    assert (charge["status"], charge["paid"], charge["failure_code"]) == ("failed", False, "card_declined")
    with pytest.raises(ImpossibleError):
        lab.disputes(charge["id"])


def test_another_token_leads_nowhere(telegram: Telegram) -> None:
    assert pays(telegram, "test")["provider_charge"].startswith("ch_")
    assert telegram.read("stripe") == {}


class Receiver:
    """An endpoint: its next answers, then 200; what came to it."""

    def __init__(self, telegram: Telegram, lab: Stripe, *answers: int) -> None:
        self.answers = list(answers)
        self.events: list[Json] = []
        self.times: list[float] = []
        self._loop = telegram.loop
        lab.tells("http://127.0.0.1:8443/stripe", SECRET)
        telegram.world.stripe[lab.account].endpoint.post = self.take

    async def take(self, url: str, body: bytes, headers: Json) -> int:
        assert url == "http://127.0.0.1:8443/stripe"
        library.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)  # or it raises
        self.events.append(json.loads(body))
        self.times.append(self._loop.time())
        return self.answers.pop(0) if self.answers else 200


def kinds(receiver: Receiver) -> list[str]:
    return [event["type"] for event in receiver.events]


def test_events_are_sent_until_they_are_taken_each_time_signed_anew(telegram: Telegram, lab: Stripe) -> None:
    receiver = Receiver(telegram, lab, 500, 0, 503)
    lab.is_paid(500)
    telegram.settle()
    assert kinds(receiver) == ["charge.succeeded"] * 4
    assert len({event["id"] for event in receiver.events}) == 1
    assert [each["status"] for each in lab.look()["tries"]] == [500, 0, 503, 200]
    assert receiver.times == sorted(set(receiver.times))


def test_each_act_tells_what_stripe_tells(telegram: Telegram, lab: Stripe) -> None:
    receiver = Receiver(telegram, lab)
    charge = lab.is_paid(1000)
    lab.refunds(charge, 100)
    lab.next_refunds_wait(2)
    lab.refunds(charge, 200)
    lab.settles(charge)
    lab.refunds(charge, 300)
    lab.settles(charge, succeeds=False)
    lab.warns(charge)
    lab.disputes(charge, inquiry=True)
    lab.closes(charge, "warning_closed")
    telegram.settle()
    refund = ["refund.created", "charge.refunded"]
    assert kinds(receiver) == [
        *("charge.succeeded", *refund, *refund, "refund.updated"),
        *(*refund, "refund.failed", "refund.updated", "radar.early_fraud_warning.created"),
        *("charge.dispute.created", "charge.dispute.closed"),
    ]
    amounts = [each["data"]["object"]["amount_refunded"] for each in receiver.events if each["type"] == refund[1]]
    assert amounts == [100, 300, 600]  # as it was then
    [shown] = lab.look()["charges"]
    assert (shown["amount_refunded"], shown["refunded"], shown["disputed"]) == (300, False, True)
    assert [each["status"] for each in lab.look()["refunds"]] == ["succeeded", "succeeded", "failed"]


def test_events_wait_and_come_in_another_order_or_again(telegram: Telegram, lab: Stripe) -> None:
    receiver = Receiver(telegram, lab)
    lab.holds_events()
    charge = lab.is_paid(1000)
    lab.disputes(charge)
    lab.closes(charge, "won")
    telegram.settle()
    assert kinds(receiver) == []
    assert lab.releases_events([2, 1]) == ["charge.dispute.closed", "charge.dispute.created"]
    telegram.settle()
    assert kinds(receiver) == ["charge.dispute.closed", "charge.dispute.created"]
    for event in ("", receiver.events[0]["id"]):
        assert lab.replays(event) == receiver.events[0]["id"]  # it is the newest
    telegram.settle()
    assert kinds(receiver)[2:] == ["charge.dispute.closed"] * 2
    assert lab.releases_events() == []


def test_what_cannot_happen_is_refused(telegram: Telegram, lab: Stripe) -> None:
    with pytest.raises(ImpossibleError):
        lab.replays()
    charge = lab.is_paid(1000)
    lab.holds_events()
    for impossible in (
        lambda: lab.disputes("ch_nobodys"),
        lambda: lab.closes(charge, "won"),
        lambda: lab.settles(charge),
        lambda: lab.refunds(charge, 1001),
        lambda: lab.fault("GET charges", "hang"),
        lambda: lab.releases_events([0]),
        lambda: lab.replays("evt_nobodys"),
    ):
        with pytest.raises(ImpossibleError):
            impossible()
    lab.disputes(charge)
    with pytest.raises(ImpossibleError):
        lab.closes(charge, "forgotten")


def ask(telegram: Telegram, path: str, method: str = "GET", **params: Any) -> tuple[int, Json]:
    given = {name.replace("__", "[") + "]" * ("__" in name): str(value) for name, value in params.items()}
    head = {"Authorization": "Bearer sk_test_lab"}
    status, _, body = answer(telegram.playground.stripe, method, f"/v1/{path}", given, head)
    return status, json.loads(body)


def test_lists_have_pages_and_times(telegram: Telegram, lab: Stripe) -> None:
    charges = [lab.is_paid(100 + age, age=age) for age in range(25)]  # the newest first
    now = telegram.world.stripe["lab"].charges[charges[0]]["created"]

    def names(**params: Any) -> tuple[list[str], bool]:
        status, page = ask(telegram, "charges", **params)
        assert status == 200
        return [each["id"] for each in page["data"]], page["has_more"]

    assert names() == (charges[:10], True)
    assert names(limit=20, starting_after=charges[9]) == (charges[10:], False)
    assert names(created__gte=now - 3) == (charges[:4], False)
    assert names(created__gt=now - 3) == (charges[:3], False)
    assert names(created__lt=now - 3, limit=2) == (charges[4:6], True)
    assert names(created__lte=now - 3, limit=2) == (charges[3:5], True)
    for params, code in (
        ({"limit": 101}, "parameter_invalid_integer"),
        ({"limit": "many"}, "parameter_invalid_integer"),
        ({"starting_after": "ch_nobodys"}, "resource_missing"),
        ({"color": "red"}, "parameter_unknown"),
    ):
        status, body = ask(telegram, "charges", **params)
        assert (status in (400, 404), body["error"]["code"]) == (True, code)


def test_lists_of_one_charge(telegram: Telegram, lab: Stripe) -> None:
    charge, other = lab.is_paid(1000), lab.is_paid(1000)
    for each in (charge, other):
        lab.refunds(each, 10)
        lab.warns(each)
        lab.disputes(each)
    for path in ("refunds", "disputes", "radar/early_fraud_warnings"):
        for by, value in (
            ("charge", charge),
            ("payment_intent", telegram.world.stripe["lab"].charges[charge]["payment_intent"]),
        ):
            [found] = ask(telegram, path, **{by: value})[1]["data"]
            assert found["charge"] == charge
            assert ask(telegram, f"{path}/{found['id']}") == (200, found)


def test_accounts_are_apart(telegram: Telegram, lab: Stripe) -> None:
    charge = lab.is_paid(1000)
    head = {"authorization": "Bearer sk_test_other"}
    assert answer(telegram.playground.stripe, "GET", f"/v1/charges/{charge}", {}, head)[0] == 404
    assert ask(telegram, f"charges/{charge}")[0] == 200


def test_only_what_is_listed_is_imitated(telegram: Telegram, lab: Stripe) -> None:
    charge = lab.is_paid(1000)
    for method, path in (
        ("POST", "charges"),
        ("POST", f"charges/{charge}"),
        ("GET", "balance"),
        ("GET", "payment_intents"),
        ("POST", "disputes"),
        ("GET", "events"),
        ("GET", ""),
        ("DELETE", f"charges/{charge}"),
    ):
        assert ask(telegram, path, method)[0] == 404
