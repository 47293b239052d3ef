"""POST /stripe of the real bot, which polls Telegram: what Stripe sends is let in, and nothing else is."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.playground.stripe import signature
from tests.harness.darkroom import Darkroom, free_port, running
from tests.harness.people import HTTP, Stripe, Telegram

SECRET = "whsec_of_the_tests"


@dataclass(frozen=True)
class Door:
    bot: Darkroom
    stripe: Stripe
    url: str

    def status(self, body: bytes, given: str | bytes | None = None, path: str = "/stripe", method: str = "POST") -> int:
        headers = {"Stripe-Signature": given if given is not None else signature(body, SECRET, int(time.time()))}
        return HTTP.request(method, self.url + path, content=body, headers=headers).status_code

    def event(self) -> bytes:
        """A refund that nobody has told of, as Stripe would tell it."""
        self.stripe.refunds(self.stripe.is_paid(1000))
        return json.dumps(self.stripe.look()["events"][-1]).encode()

    def known(self) -> int:
        """How many events the bot has done its work for."""
        return self.bot.rows("SELECT count(*) FROM stripe_events")[0][0]

    def waits(self, wish: str) -> list[int]:
        """The statuses of the tries of a kind of event, once there is a good one."""
        deadline = time.monotonic() + 30
        while True:
            tries = [each["status"] for each in self.stripe.look()["tries"] if each["type"] == wish]
            if 200 in tries:
                return tries
            assert time.monotonic() < deadline, tries
            time.sleep(0.05)


@pytest.fixture(scope="module")
def door(bot_api: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with Telegram(bot_api) as telegram:
        stripe, port = telegram.stripe(), free_port()
        settings = {
            "STRIPE_API_KEY": stripe.key,
            "STRIPE_API_URL": f"{bot_api}/stripe",
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "WEBHOOK_LISTEN": f"127.0.0.1:{port}",
        }
        with running(telegram, tmp_path_factory.mktemp("bot"), **settings) as bot:
            yield Door(bot, stripe, f"http://127.0.0.1:{port}")
        charges = [each["id"] for each in stripe.look()["charges"]]
        assert not [secret for secret in (SECRET, stripe.key, *charges) if secret in bot.log]


def test_signed_and_fresh_is_let_in(door: Door) -> None:
    assert door.status(door.event()) == 200


def test_what_is_nothing_to_us_is_let_in_and_forgotten(door: Door) -> None:
    door.stripe.is_paid(500)
    body, known = json.dumps(door.stripe.look()["events"][-1]).encode(), door.known()
    assert door.status(body) == 200
    assert door.known() == known


def test_bad_or_old_signatures_are_not(door: Door) -> None:
    body, known, now = door.event(), door.known(), int(time.time())
    for bad in ("", "t=1,v1=ab", signature(body, "whsec_other", now), signature(body, SECRET, now - 301), "t=ä,v1=ä"):
        assert door.status(body, bad.encode("latin-1")) == 400
    assert door.status(b"\xff", signature(b"\xff", SECRET, now)) == 400
    assert door.known() == known


def test_too_large_is_not_read(door: Door) -> None:
    assert door.status(b" " * (1 << 20)) == 400  # as large as may be, and signed, but no JSON
    assert door.status(b" " * ((1 << 20) + 1)) == 413


def test_nothing_else_is_there(door: Door) -> None:
    assert door.status(b"{}", path="/telegram") == 404
    assert door.status(b"", method="GET") == 405


def test_a_replay_is_let_in(door: Door) -> None:
    body = door.event()
    known = door.known()
    assert [door.status(body) for _ in range(3)] == [200] * 3
    assert door.known() == known + 1


def test_what_cannot_be_done_now_comes_again(door: Door) -> None:
    """Over real HTTP, both ways, from the account's own webhook."""
    charge = door.stripe.is_paid(1000)
    door.stripe.tells(f"{door.url}/stripe", SECRET)
    door.stripe.fault("GET charges", "flood")
    door.stripe.disputes(charge)
    assert door.waits("charge.dispute.created") == [503, 200]
