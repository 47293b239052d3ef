"""Stripe's books against ours: by webhook or list, in any order, more than once, across deaths: the same comes out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations

import pytest

from bot.domain.values import Charge, OrderState
from bot.payments.stripe_reconciliation import RIPE_SECONDS, STRAYS_NAMED
from bot.texts import moment
from storage.stripe_events import KEEP_SECONDS
from tests.conftest import agreed
from tests.harness.inprocess import Bot, Telegram
from tests.harness.people import Group, Person, Stripe

KEY, SECRET = "sk_test_lab", "whsec_of_the_tests"
DAY = 24 * 3600.0


@dataclass(frozen=True)
class Scene:
    telegram: Telegram
    bot: Bot
    stripe: Stripe
    anna: Person
    operators: Group

    def has_paid(self, amount: int = 1000) -> str:
        """Anna, by card: the charge. What she bought is nothing to these books."""
        charge = self.stripe.is_paid(amount)
        self.tells_of(charge, amount)
        return charge

    def tells_of(self, charge: str, amount: int) -> None:
        async def pay() -> None:
            about = Charge(f"telegram's {charge}", self.anna.id, amount, "EUR", "no order", provider_id=charge)
            await self.bot.services.shop.checkout.paid(about, OrderState.PAID)

        self.telegram.run(self.bot.lives[-1].does(pay()))

    def books(self, charge: str) -> tuple[str, int, str | None]:
        """The order: its state, how much is back, its dispute."""
        [row] = self.bot.rows("SELECT state, returned, dispute FROM orders WHERE provider_id = ?", charge)
        return row

    def at(self, charge: str) -> int:
        return next(each["created"] for each in self.stripe.look()["charges"] if each["id"] == charge)

    def told(self, part: str, who: Person | Group | None = None) -> int:
        return sum(part in message.text for message in (who or self.anna).chat())

    def looks(self) -> int:
        """How often the bot has looked at a charge."""
        return sum(
            each["call"] == "GET charges" and "limit" not in each["params"] for each in self.stripe.look()["requests"]
        )


@contextmanager
def open_scene() -> Iterator[Scene]:
    with Telegram() as telegram:
        olga = telegram.person("Olga")
        operators = telegram.group("Operators", olga)
        about = {"stripe_api_key": KEY, "stripe_webhook_secret": SECRET, "operators_chat_id": operators.id}
        with Bot(telegram, **about) as bot:
            anna = agreed(telegram, "Anna")
            yield Scene(telegram, bot, telegram.stripe("lab"), anna, operators)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with open_scene() as scene:
        yield scene


def test_a_refund_in_the_dashboard_is_in_our_books_at_once_and_once(scene: Scene) -> None:
    charge = scene.has_paid()
    scene.stripe.refunds(charge, 300)
    scene.telegram.settle()
    assert scene.books(charge) == ("paid", 300, None)
    scene.stripe.refunds(charge)
    scene.telegram.settle()
    assert scene.books(charge) == ("refunded", 1000, None)
    assert scene.told("of order") + scene.told("back (order") == 2
    assert {each["status"] for each in scene.stripe.look()["tries"]} == {200}


def test_an_event_that_comes_again_changes_nothing(scene: Scene) -> None:
    charge = scene.has_paid()
    scene.stripe.refunds(charge)
    scene.telegram.settle()
    looks, known = scene.looks(), scene.bot.rows("SELECT id FROM stripe_events")
    for event in scene.stripe.look()["events"]:
        scene.stripe.replays(event["id"])
    scene.telegram.settle()
    assert scene.looks() == looks
    assert scene.bot.rows("SELECT id FROM stripe_events") == known
    assert scene.told("back (order") == 1


def test_any_order_and_any_loss_come_out_the_same(scene: Scene) -> None:
    """Three things happen to a charge, then their events come: in every order, and only some of them."""
    orders = [list(order) for order in permutations(range(3))]
    for order in [*orders, [0], [2]]:
        charge = scene.has_paid()
        scene.stripe.holds_events()
        scene.stripe.refunds(charge, 300)
        scene.stripe.disputes(charge)
        scene.stripe.closes(charge, "lost")
        assert scene.stripe.look()["held"] == [
            "refund.created",
            "charge.refunded",
            "charge.dispute.created",
            "charge.dispute.closed",
        ]
        scene.stripe.releases_events([place + 1 for place in order])
        scene.telegram.settle()
        assert scene.books(charge) == ("refunded", 1000, "lost")
    assert scene.told("is lost", scene.operators) == len(orders) + 2


def test_what_no_event_told_is_found_in_the_lists(scene: Scene) -> None:
    scene.bot.runs_job("reconcile")
    scene.stripe.holds_events()
    refunded, disputed, warned = (scene.has_paid() for _ in range(3))
    scene.telegram.passes(3 * DAY)
    scene.stripe.refunds(refunded, 400)
    scene.stripe.disputes(disputed)
    scene.stripe.warns(warned)
    for _ in range(2):
        scene.bot.runs_job("reconcile")
        assert scene.books(refunded) == ("paid", 400, None)
        assert scene.books(disputed) == ("paid", 0, "open")
        assert scene.books(warned) == ("paid", 0, "warned")
    assert scene.told("Dispute about", scene.operators) == 1
    assert scene.told("takes the payment of", scene.operators) == 1


SLOW = {"GET /v1/radar/early_fraud_warnings": 5.0}


def more_happens_meanwhile(scene: Scene, charge: str) -> None:
    """While the bot waits for that answer; of 300 that went back it knows, or is about to."""
    scene.telegram.passes(1)
    assert scene.bot.services.shop.stripe_reconciliation._cards._http.slow == {}
    scene.stripe.refunds(charge, 200)
    scene.telegram.settle()
    assert scene.books(charge) == ("paid", 500, None)
    assert scene.told("did not reach the card", scene.operators) == 0


def test_an_older_look_does_not_overwrite_a_newer_one(scene: Scene) -> None:
    """While one answer is slow, more happens, and is told."""
    charge = scene.has_paid()
    scene.bot.services.shop.stripe_reconciliation._cards._http.slow = dict(SLOW)
    scene.stripe.refunds(charge, 300)
    more_happens_meanwhile(scene, charge)


def test_nor_does_the_look_after_a_refund_of_ours(scene: Scene) -> None:
    charge = scene.has_paid()
    wire = scene.bot.services.shop.stripe_reconciliation._cards._http
    wire.before = lambda call: call == "POST /v1/refunds" and wire.slow.update(SLOW)
    [(number,)] = scene.bot.rows("SELECT id FROM orders")
    refund = scene.bot.lives[-1].does(refund_part(scene, number, 300))
    scene.telegram.loop.create_task(refund)
    more_happens_meanwhile(scene, charge)


async def refund_part(scene: Scene, number: str, amount: int) -> None:
    await scene.bot.services.shop.refunds.refund_part(number, amount, 0)


@pytest.mark.parametrize("call", ["GET charges", "GET refunds", "GET disputes", "GET radar/early_fraud_warnings"])
def test_where_stripe_is_down_nothing_is_missed(scene: Scene, call: str) -> None:
    scene.bot.runs_job("reconcile")
    charge = scene.has_paid()
    scene.stripe.fault(call, "error", count=9999)
    scene.stripe.disputes(charge)
    scene.telegram.settle()
    statuses = [each["status"] for each in scene.stripe.look()["tries"] if each["type"] == "charge.dispute.created"]
    assert statuses == [503] * 6  # the playground gives up after so many
    scene.telegram.passes(2 * DAY)
    scene.bot.runs_job("reconcile")
    assert scene.books(charge) == ("paid", 0, None)
    scene.stripe.mend()
    scene.bot.runs_job("reconcile")
    assert scene.books(charge) == ("paid", 0, "open")


def test_where_a_run_is_cut_short_the_next_one_begins_there_again(scene: Scene) -> None:
    begins(scene)
    charge = scene.has_paid()
    scene.stripe.holds_events()
    scene.stripe.disputes(charge)
    scene.telegram.passes(DAY)
    scene.stripe.fault("GET charges", "error", skip=1, count=3)  # the list comes, the charge itself does not
    scene.bot.runs_job("reconcile")
    assert scene.books(charge) == ("paid", 0, None)
    scene.bot.runs_job("reconcile")
    assert scene.books(charge) == ("paid", 0, "open")


def test_a_death_at_any_step_of_an_event_loses_nothing() -> None:
    deaths, lasts = 0, 1
    while True:
        with open_scene() as scene:
            charge = scene.has_paid()
            scene.stripe.holds_events()
            scene.stripe.refunds(charge)
            scene.bot.dies_after(lasts)
            scene.stripe.releases_events([1])
            scene.telegram.settle()
            assert scene.books(charge) == ("refunded", 1000, None)
            [event] = [each["id"] for each in scene.stripe.look()["events"] if each["type"] == "charge.refunded"]
            assert scene.bot.rows("SELECT id FROM stripe_events") == [(event,)]
            if len(scene.bot.lives) == 1:
                break
            deaths, lasts = deaths + 1, lasts + 1
    assert deaths > 10


def test_operators_hear_once_of_a_payment_without_an_order(scene: Scene) -> None:
    """Not before it is ripe, nor of one that came before these books, of a declined one, or of one of ours."""
    scene.stripe.is_paid(777, age=DAY)
    begins(scene)
    ours, stray = scene.has_paid(), scene.stripe.is_paid(1234)
    scene.stripe.is_paid(888, declined=True)
    scene.bot.runs_job("reconcile")
    assert scene.told("in Stripe's dashboard", scene.operators) == 0
    scene.telegram.passes(RIPE_SECONDS)
    for _ in range(3):
        scene.bot.runs_job("reconcile")
        scene.telegram.passes(RIPE_SECONDS)
        assert scene.told("in Stripe's dashboard", scene.operators) == 1
        assert scene.told(f"A card payment of €12.34 at {moment(scene.at(stray))}", scene.operators) == 1
    for charge in (stray, ours):  # things happen to an old one
        scene.stripe.refunds(charge)
    scene.bot.runs_job("reconcile")
    assert scene.told("in Stripe's dashboard", scene.operators) == scene.told(stray, scene.operators) == 1


def test_many_are_another_business(scene: Scene) -> None:
    begins(scene)
    for _ in range(STRAYS_NAMED + 1):
        scene.stripe.is_paid(500)
    scene.telegram.passes(RIPE_SECONDS)
    for _ in range(2):
        scene.bot.runs_job("reconcile")
        assert scene.told(f"{STRAYS_NAMED + 1} card payments", scene.operators) == 1
        assert scene.told("in Stripe's dashboard", scene.operators) == 0


def test_one_that_ripens_while_the_bot_is_down_is_told(scene: Scene) -> None:
    begins(scene)
    stray = scene.stripe.is_paid(500)
    scene.telegram.passes(60)
    scene.bot.runs_job("reconcile")
    scene.bot.stop()
    scene.telegram.passes(3 * DAY)
    scene.bot.start()
    scene.bot.runs_job("reconcile")
    assert scene.told(stray, scene.operators) == 1


def begins(scene: Scene) -> None:
    """The first run: what came before is left alone."""
    scene.bot.runs_job("reconcile")
    scene.telegram.passes(60)


def test_events_are_forgotten_after_a_month(scene: Scene) -> None:
    charge = scene.has_paid()
    scene.stripe.refunds(charge)
    scene.telegram.settle()
    for passes, left in ((KEEP_SECONDS - 60, 1), (120, 0)):
        scene.telegram.passes(passes)
        scene.bot.runs_job("forget")
        assert scene.bot.rows("SELECT count(*) FROM stripe_events") == [(left,)]


@pytest.mark.parametrize("steps", range(1, 14))
def test_a_death_while_a_dispute_is_told_keeps_it_from_nobody(scene: Scene, steps: int) -> None:
    """A dispute that nobody answers is lost; one that is lost is money that is gone."""
    charge = scene.has_paid()
    scene.bot.dies_after(steps)
    scene.stripe.disputes(charge)
    scene.telegram.settle()
    scene.bot.runs_job("reconcile")
    scene.telegram.settle()
    assert scene.told("Dispute about", scene.operators) in (1, 2)
    scene.bot.dies_after(steps)
    scene.stripe.closes(charge, "lost")
    scene.telegram.settle()
    scene.bot.runs_job("reconcile")
    scene.telegram.settle()
    assert scene.told("is lost", scene.operators) in (1, 2)
    assert scene.books(charge) == ("refunded", 1000, "lost")


def test_a_dispute_that_telegram_does_not_take_is_told_later(scene: Scene) -> None:
    charge = scene.has_paid()
    scene.telegram.fault("sendMessage", "error", code=500, count=50)
    scene.stripe.warns(charge)
    scene.telegram.settle()
    scene.stripe.disputes(charge)
    scene.telegram.settle()
    scene.telegram.mend()
    scene.bot.runs_job("reconcile")
    scene.telegram.settle()
    assert scene.told("Dispute about", scene.operators) == 1


def test_how_an_old_dispute_ends_is_found_without_its_event(scene: Scene) -> None:
    charge = scene.has_paid()
    scene.stripe.disputes(charge)
    scene.telegram.settle()
    for _ in range(3):
        scene.telegram.passes(3600)
        scene.bot.runs_job("reconcile")
    scene.stripe.holds_events()
    scene.stripe.closes(charge, "lost")
    scene.bot.runs_job("reconcile")
    scene.telegram.settle()
    assert scene.books(charge) == ("refunded", 1000, "lost")
