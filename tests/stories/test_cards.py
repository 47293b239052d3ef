"""Card payments: over HTTP against a Stripe by others and against ours, then every way that they can go wrong."""

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from pydantic import SecretStr

from bot.ops import logs
from bot.payments.errors import BadSignatureError, CardTroubleError, RefundRefusedError
from bot.payments.stripe_gateway import OVERLAP_SECONDS, StripeGateway
from bot.playground.faults import Fault
from bot.playground.stripe import Account, Accounts, signature
from tests.harness.people import HTTP, Json, Telegram
from tests.harness.stripe_transport import URL, StripeTransport

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_of_the_tests"
KEY = "sk_test_lab"


@pytest.fixture(scope="module")
def by_others() -> Iterator[str]:
    """The address of npm's stripe-stateful-mock."""
    folder = Path(__file__).parents[1] / "stripe"
    assert (folder / "node_modules").exists(), "`make test` installs what is in tests/stripe"
    command = [Path(sys.executable).with_name("node"), "serve.js"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


@dataclass(frozen=True)
class Peer:
    """A Stripe over HTTP: `pays` makes a charge of so many cents there."""

    cards: StripeGateway
    url: str
    pays: Callable[[int], str]

    def asks(self, method: str, path: str, key: str = KEY, idempotency: str = "", **form: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}".strip()} | ({"Idempotency-Key": idempotency} if idempotency else {})
        return HTTP.request(method, f"{self.url}/v1/{path}", headers=headers, data=form)

    def refunds(self, charge: str) -> list[Json]:
        return self.asks("GET", f"refunds?charge={charge}").json()["data"]


@pytest.fixture(params=["by others", "ours"])
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[Peer]:
    if request.param == "ours":
        telegram: Telegram = request.getfixturevalue("telegram")
        url, pays = f"{telegram.url}/stripe", telegram.stripe("lab").is_paid
    else:
        url = request.getfixturevalue("by_others")

        def pays(amount: int) -> str:
            form = {"amount": str(amount), "currency": "eur", "source": "tok_visa"}
            return HTTP.post(f"{url}/v1/charges", headers={"Authorization": f"Bearer {KEY}"}, data=form).json()["id"]

    cards = StripeGateway(SecretStr(KEY), url, None)
    yield Peer(cards, url, pays)
    await cards.close()


async def test_a_charge_as_it_is(peer: Peer) -> None:
    charge = peer.pays(1999)
    payment = await peer.cards.look(charge)
    assert payment is not None
    assert (payment.id, payment.amount, payment.currency, payment.paid) == (charge, 1999, "EUR", True)
    assert (payment.given_back, payment.coming_back, payment.failed) == (0, 0, None)
    assert (payment.dispute, payment.warned) == (None, False)
    assert abs(payment.at - time.time()) < 60
    assert charge not in repr(payment)


async def test_what_is_not_there(peer: Peer) -> None:
    for name in ("ch_nobodys", "no-name", "", "ch_../refunds", "re_1"):
        assert await peer.cards.look(name) is None
    with pytest.raises(RefundRefusedError, match="resource_missing"):
        await peer.cards.give_back("ch_nobodys", 100, "D-1")


async def test_back_in_part_and_in_full_and_nothing_twice(peer: Peer) -> None:
    charge = peer.pays(1000)
    for asked, there in ((300, [300]), (300, [300]), (200, [300]), (450, [150, 300]), (1000, [150, 300, 550])):
        payment = await peer.cards.give_back(charge, asked, charge)
        assert payment.given_back == sum(there)
        assert sorted(refund["amount"] for refund in peer.refunds(charge)) == there
    assert (await peer.cards.give_back(charge, 1000, "another name")).given_back == 1000
    with pytest.raises(ValueError):
        await peer.cards.give_back(charge, 1001, charge)
    with pytest.raises(ValueError):
        await peer.cards.give_back(charge, 0, charge)


async def test_two_at_once_are_one(peer: Peer) -> None:
    charge = peer.pays(1000)
    both = await asyncio.gather(*(peer.cards.give_back(charge, 400, charge) for _ in range(2)))
    assert [payment.given_back for payment in both] == [400, 400]
    assert len(peer.refunds(charge)) == 1


async def test_a_wrong_key(peer: Peer) -> None:
    charge, wrong = peer.pays(1000), "not_the_key_at_all_1234"
    cards = StripeGateway(SecretStr(wrong), peer.url, None)
    for work in (cards.look(charge), cards.give_back(charge, 100, "D-1"), cards.changed_since(0)):
        with pytest.raises(CardTroubleError, match=r"^AuthenticationError$") as trouble:
            await work
        assert wrong[-4:] not in repr(trouble.value)
    await cards.close()


def test_both_stripes_refuse_in_the_same_words(peer: Peer) -> None:
    """Status, type, code and parameter of each refusal; the other's word on it."""
    charge = peer.pays(1000)

    def refusal(answer: httpx.Response) -> tuple[int, str, str | None, str | None]:
        error = answer.json()["error"]
        return answer.status_code, error["type"], error.get("code"), error.get("param")

    bad = "invalid_request_error"
    ask = peer.asks
    assert refusal(ask("GET", "charges/ch_nobodys")) == (404, bad, "resource_missing", "id")
    assert refusal(ask("GET", "refunds/re_nobodys")) == (404, bad, "resource_missing", "id")
    assert refusal(ask("GET", "charges", key="")) == (401, bad, None, None)
    assert refusal(ask("GET", "charges", key="pk_live_no")) == (401, bad, None, None)
    assert refusal(ask("GET", "no/such/place"))[:2] == (404, bad)
    refund = {"method": "POST", "path": "refunds"}
    assert refusal(ask(**refund, charge="ch_nobodys")) == (404, bad, "resource_missing", "id")
    assert refusal(ask(**refund, charge=charge, amount="0")) == (400, bad, "parameter_invalid_integer", "amount")
    assert refusal(ask(**refund, charge=charge, amount="100000000")) == (400, bad, "amount_too_large", "amount")
    assert refusal(ask(**refund, charge=charge, amount="1001")) == (400, bad, None, "amount")
    first = ask(**refund, charge=charge, amount="400", idempotency=charge)
    again = ask(**refund, charge=charge, amount="400", idempotency=charge)
    assert first.json() == again.json()
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    other = ask(**refund, charge=charge, amount="500", idempotency=charge)
    assert refusal(other) == (400, "idempotency_error", None, None)
    assert ask(**refund, charge=charge).json()["amount"] == 600
    assert refusal(ask(**refund, charge=charge)) == (400, bad, "charge_already_refunded", None)
    shown = ask("GET", f"charges/{charge}").json()
    assert (shown["amount_refunded"], shown["refunded"], shown["paid"]) == (1000, True, True)


def test_ours_has_no_field_that_theirs_has_otherwise(by_others: str, telegram: Telegram) -> None:
    """Of charges and refunds: the same name holds the same kind of thing."""
    lab = telegram.stripe()
    charge = lab.is_paid(700)
    lab.refunds(charge)
    ours = lab.look()
    head = {"Authorization": f"Bearer {KEY}"}
    form = {"amount": "700", "currency": "eur", "source": "tok_visa"}
    theirs = HTTP.post(f"{by_others}/v1/charges", headers=head, data=form).json()
    back = HTTP.post(f"{by_others}/v1/refunds", headers=head, data={"charge": theirs["id"]}).json()
    for own, other in ((ours["charges"][0], theirs), (ours["refunds"][0], back)):
        assert own.keys() <= other.keys()
        for name in own.keys() & other.keys() - {"payment_intent"}:  # theirs know none
            assert isinstance(own[name], type(other[name])), name


@dataclass(frozen=True)
class Lab:
    """The playground's Stripe without a socket."""

    account: Account
    transport: StripeTransport
    cards: StripeGateway

    def pays(self, amount: int = 1000, **how: float) -> str:
        return self.account.charge(amount, "EUR", **how)["id"]

    @property
    def refunded(self) -> list[int]:
        return [refund["amount"] for refund in self.account.refunds.values()]

    def fault(self, method: str, kind: str, **about: Any) -> None:
        self.account.faults.planted.append(Fault(method, kind, **about))


@pytest.fixture
def lab() -> Lab:
    accounts = Accounts()
    transport = StripeTransport(accounts)
    return Lab(accounts["lab"], transport, StripeGateway(SecretStr(KEY), URL, SecretStr(SECRET), transport))


async def test_by_its_payment_intent(lab: Lab) -> None:
    charge = lab.pays()
    intent = lab.account.charges[charge]["payment_intent"]
    payment = await lab.cards.look(intent)
    assert payment == await lab.cards.look(charge)
    assert payment is not None
    assert payment.intent == intent
    assert (await lab.cards.give_back(intent, 500, "D-1")).given_back == 500
    lab.account.intents[intent]["latest_charge"] = None
    assert await lab.cards.look(intent) is None


async def test_a_declined_card_has_paid_nothing(lab: Lab) -> None:
    charge = lab.account.charge(1000, "EUR", declined=True)["id"]
    payment = await lab.cards.look(charge)
    assert payment is not None
    assert not payment.paid
    with pytest.raises(RefundRefusedError):
        await lab.cards.give_back(charge, 1000, "D-1")


@pytest.mark.parametrize("kind", ["error", "drop"])
async def test_a_fault_after_the_effect_makes_one_refund(lab: Lab, kind: str) -> None:
    charge = lab.pays()
    lab.fault("POST refunds", kind, after=True)
    if kind == "error":  # Stripe tells the same answer to every try with this key
        with pytest.raises(CardTroubleError, match=r"^APIError$"):
            await lab.cards.give_back(charge, 400, "D-1")
    for _ in range(2):
        assert (await lab.cards.give_back(charge, 400, "D-1")).given_back == 400
    assert lab.refunded == [400]


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ({"kind": "error", "code": 500}, "APIError"),
        ({"kind": "error", "code": 503}, "APIError"),
        ({"kind": "drop"}, "APIConnectionError"),
        ({"kind": "flood"}, "RateLimitError"),
        ({"kind": "error", "code": 409}, "APIError"),
    ],
)
@pytest.mark.parametrize("call", ["GET charges", "GET refunds", "POST refunds"])
async def test_trouble_is_for_another_time(lab: Lab, call: str, fault: Json, trouble: str) -> None:
    charge = lab.pays()
    lab.fault(call, count=3, **fault)
    with pytest.raises(CardTroubleError, match=f"^{trouble}$"):
        await lab.cards.give_back(charge, 400, "D-1")
    assert lab.refunded == []
    lab.account.faults.planted.clear()
    assert (await lab.cards.give_back(charge, 400, "D-1")).given_back == 400


async def test_short_trouble_passes_unseen(lab: Lab) -> None:
    charge = lab.pays()
    for call in ("GET charges", "GET refunds", "POST refunds"):
        lab.fault(call, "error", count=2)
    assert (await lab.cards.give_back(charge, 400, "D-1")).given_back == 400
    assert lab.refunded == [400]


async def test_different_wishes_at_once_never_give_more_than_the_larger(lab: Lab) -> None:
    charge = lab.pays()
    wishes = [lab.cards.give_back(charge, amount, "D-1") for amount in (300, 500)]
    ends = await asyncio.gather(*wishes, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["CardPayment", "CardTroubleError"]
    assert (await lab.cards.give_back(charge, 500, "D-1")).given_back == 500


async def test_somebody_refunds_it_in_the_same_moment(lab: Lab) -> None:
    charge = lab.pays()

    def dashboard(call: str) -> None:
        if call == "POST /v1/refunds":
            lab.account.refund(lab.account.charges[charge], 1000)

    lab.transport.before = dashboard
    assert (await lab.cards.give_back(charge, 1000, "D-1")).given_back == 1000
    assert lab.refunded == [1000]


async def test_pending_then_there(lab: Lab) -> None:
    charge = lab.pays()
    lab.account.pending = 1
    for amount in (400, 400, 1000):  # none beside one that is pending
        payment = await lab.cards.give_back(charge, amount, "D-1")
        assert (payment.given_back, payment.coming_back, payment.failed) == (0, 400, None)
    lab.account.settle(charge, succeeds=True)
    assert (await lab.cards.give_back(charge, 1000, "D-1")).given_back == 1000
    assert lab.refunded == [400, 600]


async def test_pending_then_failed(lab: Lab) -> None:
    charge = lab.pays()
    lab.account.pending = 1
    await lab.cards.give_back(charge, 400, "D-1")
    lab.account.settle(charge, succeeds=False, reason="expired_or_canceled_card")
    for _ in range(2):
        with pytest.raises(RefundRefusedError, match=r"^expired_or_canceled_card$"):
            await lab.cards.give_back(charge, 400, "D-1")
    payment = await lab.cards.look(charge)
    assert payment is not None
    assert (payment.given_back, payment.coming_back, payment.failed) == (0, 0, "expired_or_canceled_card")
    assert lab.refunded == [400]
    lab.account.refund(lab.account.charges[charge], 400)["created"] += 1  # people find a way, in the dashboard
    assert (await lab.cards.give_back(charge, 400, "D-1")).failed is None


async def test_one_that_was_there_may_come_back(lab: Lab) -> None:
    charge = lab.pays()
    await lab.cards.give_back(charge, 1000, "D-1")
    lab.account.settle(charge, succeeds=False)
    payment = await lab.cards.look(charge)
    assert payment is not None
    assert (payment.given_back, payment.failed) == (0, "lost_or_stolen_card")


async def test_disputed(lab: Lab) -> None:
    charge = lab.pays()
    lab.account.dispute(charge, "product_not_received")
    payment = await lab.cards.look(charge)
    assert payment is not None
    assert payment.dispute is not None
    assert (payment.dispute.status, payment.dispute.reason) == ("needs_response", "product_not_received")
    assert payment.dispute.amount == 1000
    assert payment.dispute.due_by == lab.account.disputes[payment.dispute.id]["evidence_details"]["due_by"]
    with pytest.raises(RefundRefusedError, match=r"^charge_disputed$"):
        await lab.cards.give_back(charge, 1000, "D-1")
    lab.account.close_dispute(charge, "lost")
    lab.account.dispute(charge)["created"] += 1
    payment = await lab.cards.look(charge)
    assert payment is not None
    assert payment.dispute is not None
    assert payment.dispute.reason == "fraudulent"  # the newest


async def test_a_dispute_after_the_refund(lab: Lab) -> None:
    charge = lab.pays()
    await lab.cards.give_back(charge, 1000, "D-1")
    lab.account.dispute(charge)
    payment = await lab.cards.give_back(charge, 1000, "D-1")
    assert payment.dispute is not None
    assert payment.given_back == 1000


async def test_warned_of_fraud(lab: Lab) -> None:
    charge, other = lab.pays(), lab.pays()
    lab.account.warn(charge)
    for name, warned in ((charge, True), (other, False)):
        payment = await lab.cards.look(name)
        assert payment is not None
        assert payment.warned is warned


async def test_a_key_without_radar_misses_only_that(lab: Lab) -> None:
    charge = lab.pays()
    lab.account.warn(charge)
    lab.account.dispute(charge)
    lab.fault("GET radar/early_fraud_warnings", "error", code=403, count=99)
    payment = await lab.cards.look(charge)
    assert payment is not None
    assert (payment.warned, payment.dispute is not None) == (False, True)
    assert (await lab.cards.changed_since(0))[0] == [charge]
    lab.account.faults.planted.clear()
    lab.fault("GET radar/early_fraud_warnings", "error", code=500, count=3)
    with pytest.raises(CardTroubleError):
        await lab.cards.changed_since(0)


async def test_a_long_list_is_read_to_its_end(lab: Lab) -> None:
    charges = [lab.pays(10 + number) for number in range(230)]
    for _ in range(101):
        lab.account.refund(lab.account.charges[charges[-1]], 2)
    names, _ = await lab.cards.changed_since(0)
    assert sorted(names) == sorted(charges)
    payment = await lab.cards.look(charges[-1])
    assert payment is not None
    assert payment.given_back == 202


async def test_what_changed_since(lab: Lab) -> None:
    """Old charges are listed where something new happened to them; the cursor misses nothing of its own second."""
    day = 24 * 3600
    quiet, refunded, disputed, warned = (lab.pays(age=3 * day) for _ in range(4))
    fresh = lab.pays(age=60)
    since = int(time.time()) - day
    names, cursor = await lab.cards.changed_since(since)
    assert (names, cursor) == ([fresh], lab.account.charges[fresh]["created"])
    for name, happens in ((refunded, self_refund), (disputed, Account.dispute), (warned, Account.warn)):
        happens(lab.account, name)
        names, cursor = await lab.cards.changed_since(cursor)
        assert name in names
        assert cursor == max(refund["created"] for refund in lab.account.refunds.values())
    same_second = lab.account.charge(500, "EUR")
    same_second["created"] = cursor
    late = lab.account.charge(500, "EUR")
    late["created"] = cursor - OVERLAP_SECONDS
    names, again = await lab.cards.changed_since(cursor)
    assert {same_second["id"], late["id"], refunded, disputed, warned, fresh} == set(names)
    assert again == cursor
    assert quiet not in names
    assert await lab.cards.changed_since(cursor + day) == ([], cursor + day)


def self_refund(account: Account, charge: str) -> None:
    account.refund(account.charges[charge], 100)


def event(lab: Lab, kind: str) -> bytes:
    [found] = [each for each in lab.account.events.values() if each["type"] == kind]
    return json.dumps(found).encode()


async def test_what_a_webhook_says(lab: Lab) -> None:
    charge = lab.pays()
    lab.account.pending = 1
    self_refund(lab.account, charge)
    lab.account.settle(charge, succeeds=False)
    lab.account.dispute(charge)
    lab.account.close_dispute(charge, "won")
    lab.account.warn(charge)
    kinds = {each["type"] for each in lab.account.events.values()}
    assert kinds - {"charge.succeeded", "refund.created"} == {
        "charge.refunded",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.closed",
        "radar.early_fraud_warning.created",
    }
    for kind in kinds:
        body = event(lab, kind)
        read = lab.cards.read(body, signature(body, SECRET, int(time.time()) - 299))
        if kind in ("charge.succeeded", "refund.created"):
            assert read is None
            continue
        assert read is not None
        assert (read.id, read.charge) == (json.loads(body)["id"], charge)
        assert read.id not in repr(read)


async def test_a_charge_without_a_name_is_called_by_its_intent(lab: Lab) -> None:
    charge = lab.account.charges[lab.pays()]
    lab.account.warn(charge["id"])["charge"] = None
    told = json.loads(event(lab, "radar.early_fraud_warning.created"))
    told["data"]["object"]["charge"] = None
    body = json.dumps(told).encode()
    read = lab.cards.read(body, signature(body, SECRET, int(time.time())))
    assert read is not None
    assert read.charge == charge["payment_intent"]
    del lab.account.charges[charge["id"]]
    assert (await lab.cards.changed_since(0))[0] == [charge["payment_intent"]]


@pytest.mark.parametrize("fake", ["nothing", "words", "other secret", "changed", "old", "ä", "t=,v1=", "t=1,v1=ä"])
def test_what_is_not_stripes(lab: Lab, fake: str) -> None:
    charge = lab.pays()
    self_refund(lab.account, charge)
    body, now = event(lab, "charge.refunded"), int(time.time())
    good = signature(body, SECRET, now)
    assert lab.cards.read(body, good)
    bad = {
        "nothing": "",
        "words": "please",
        "other secret": signature(body, "whsec_other", now),
        "changed": signature(body + b" ", SECRET, now),
        "old": signature(body, SECRET, now - 301),
    }.get(fake, fake)
    with pytest.raises(BadSignatureError):
        lab.cards.read(body, bad)


def test_no_text_no_json_and_no_secret(lab: Lab) -> None:
    for body in (b"\xff\xfe", b"", b"{", b'"'):
        with pytest.raises(BadSignatureError):
            lab.cards.read(body, signature(body, SECRET, int(time.time())))
    unset = StripeGateway(SecretStr(KEY), URL, None, lab.transport)
    empty = StripeGateway(SecretStr(KEY), URL, SecretStr(""), lab.transport)
    for cards in (unset, empty):
        with pytest.raises(BadSignatureError):
            cards.read(b"{}", signature(b"{}", "", int(time.time())))


async def test_no_telemetry_and_no_file_at_home(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from stripe import _telemetry_id

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    async def looks() -> list[Path]:
        monkeypatch.setattr(_telemetry_id, "_loaded", False)
        lab.transport.headers.clear()
        charge = lab.pays()
        await lab.cards.look(charge)
        await lab.cards.give_back(charge, 100, charge)
        return list(tmp_path.rglob("telemetry_id"))

    assert await looks() == []
    assert not any("Telemetry" in name for headers in lab.transport.headers for name in headers)
    assert "telemetry_id" not in lab.transport.headers[0]["X-Stripe-Client-User-Agent"]
    monkeypatch.setattr(stripe, "enable_telemetry", True)  # the control: this is how it would show
    assert await looks() != []


def test_the_environment_does_not_make_it_print_answers() -> None:
    says = "stripe._util.log_debug('API response body', body='Anna')"
    for ours, shown in (("bot.payments.stripe_gateway, ", False), ("", True)):  # the second is the control
        command = [sys.executable, "-c", f"import {ours}stripe; {says}"]
        done = subprocess.run(command, env={"STRIPE_LOG": "debug"}, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert ("Anna" in done.stderr) is shown


async def test_the_log_tells_neither_key_nor_payment(
    telegram: Telegram, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At DEBUG, over real HTTP, with refusals and trouble."""
    lab, root = telegram.stripe(), logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers[:])
    monkeypatch.setattr("sys.excepthook", None)
    monkeypatch.setattr("sys.unraisablehook", None)
    monkeypatch.setattr("threading.excepthook", None)
    level = root.level
    cards = StripeGateway(SecretStr(lab.key), f"{telegram.url}/stripe", SecretStr(SECRET))
    try:
        logs.configure("DEBUG")
        charge = lab.is_paid(1000)
        await cards.give_back(charge, 400, "D-1")
        lab.disputes(charge)
        lab.fault("GET refunds", "drop", count=1)
        with pytest.raises(RefundRefusedError):
            await cards.give_back(charge, 1000, "D-1")
        lab.fault("GET charges", "flood")
        for work in (cards.look(charge), cards.look("ch_nobodys")):
            try:
                await work
            except CardTroubleError:
                logging.getLogger("bot.x").exception("of %s and %s", cards, vars(cards))
        logging.getLogger("bot.x").error("%s %s", lab.key, SECRET)  # the last net
    finally:
        root.setLevel(level)
        await cards.close()
    told = capsys.readouterr().err
    assert "<token> <token>" in told
    assert not {lab.key, SECRET, charge, lab.account} & set(told.replace("'", " ").split())
    assert lab.key not in told
    assert charge not in told
