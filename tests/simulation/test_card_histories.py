"""Histories of card payments that hypothesis makes up: what happens at Stripe, what we give back, and what goes wrong.

When everything has calmed down our books say what Stripe's say, and no more went back than somebody asked for.
"""

from contextlib import ExitStack
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.harness.people import Json
from tests.stories.test_stripe_reconciliation import open_scene

AMOUNT = 1000
HOUR, DAY = 3600.0, 24 * 3600.0
WHICH = st.integers(0, 1)  # of the newest payments
PARTS = st.sampled_from((100, 250, 400))
SECONDS = st.sampled_from((0, 0.5, 5, HOUR))
CALLS = st.sampled_from(("POST refunds", "POST refunds", "GET refunds", "GET charges", "GET disputes"))
FAULTS: dict[str, Json] = {
    "5xx": {"kind": "error"},
    "5xx after the effect": {"kind": "error", "after": True},
    "a lost connection": {"kind": "drop"},
    "a lost answer": {"kind": "drop", "after": True},
    "429": {"kind": "flood"},
}


class History(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.scene = self.stack.enter_context(open_scene())
        self.stripe = self.scene.stripe
        self.charges: list[str] = []
        self.wanted: dict[str, int] = {}  # by us, in all
        self.others: dict[str, int] = {}  # what the dashboard gave back
        self.scene.bot.runs_job("reconcile")

    @rule(then=SECONDS)
    def pays(self, then: float) -> None:
        charge = self.stripe.is_paid(AMOUNT)
        while not self.scene.bot.rows("SELECT 1 FROM orders WHERE provider_id = ?", charge):
            self.awakes()  # the update of it comes until it is taken
            self.scene.tells_of(charge, AMOUNT)
        self.charges.append(charge)
        self.goes_on(then)

    @precondition(lambda self: self.charges)
    @rule(which=WHICH, part=st.none() | PARTS, times=st.sampled_from((1, 1, 2)), then=SECONDS)
    def we_refund(self, which: int, part: int | None, times: int, then: float) -> None:
        charge = self.newest(which)
        self.awakes()
        [(number,)] = self.scene.bot.rows("SELECT id FROM orders WHERE provider_id = ?", charge)
        for _ in range(times):
            self.scene.telegram.loop.create_task(self.scene.bot.lives[-1].does(self.refund(number, part)))
        self.wanted[charge] = self.wanted.get(charge, 0) + part * times if part else AMOUNT
        self.goes_on(then)

    @precondition(lambda self: self.charges)
    @rule(which=WHICH, part=PARTS, slowly=st.booleans(), then=SECONDS)
    def somebody_refunds(self, which: int, part: int, slowly: bool, then: float) -> None:
        """While we look at it, slowly, more happens."""
        charge = self.newest(which)
        if slowly:
            self.an_answer_is_slow("GET /v1/radar/early_fraud_warnings")
            self.stripe.warns(charge)
            self.goes_on(0.1)
        shown = self.shown(charge)
        part = min(part, shown["amount"] - shown["amount_refunded"])
        if part:
            self.stripe.refunds(charge, part)
            self.others[charge] = self.others.get(charge, 0) + part
        self.goes_on(then)

    @rule()
    def the_next_refund_waits(self) -> None:
        self.stripe.next_refunds_wait()

    @precondition(lambda self: self.charges)
    @rule(which=WHICH, succeeds=st.booleans(), then=SECONDS)
    def a_refund_settles(self, which: int, succeeds: bool, then: float) -> None:
        charge = self.newest(which)
        able = ("pending",) if succeeds else ("pending", "succeeded")
        if any(each["charge"] == charge and each["status"] in able for each in self.stripe.look()["refunds"]):
            self.stripe.settles(charge, succeeds)
        self.goes_on(then)

    @precondition(lambda self: self.charges)
    @rule(which=WHICH, ends=st.sampled_from((None, "won", "lost")), then=SECONDS)
    def is_disputed(self, which: int, ends: str | None, then: float) -> None:
        charge = self.newest(which)
        if not self.disputes(charge):
            self.stripe.disputes(charge)
        elif ends and self.disputes(charge)[-1]["status"] == "needs_response":
            self.stripe.closes(charge, ends)
        self.goes_on(then)

    @precondition(lambda self: self.charges)
    @rule(which=WHICH, then=SECONDS)
    def is_warned_of(self, which: int, then: float) -> None:
        self.stripe.warns(self.newest(which))
        self.goes_on(then)

    @rule(call=CALLS, fault=st.sampled_from(list(FAULTS)), count=st.sampled_from((1, 3, 9)))
    def stripe_will_answer(self, call: str, fault: str, count: int) -> None:
        self.stripe.fault(call, count=count, **FAULTS[fault])

    @rule(call=st.sampled_from(("GET /v1/refunds", "GET /v1/radar/early_fraud_warnings", "POST /v1/refunds")))
    def an_answer_is_slow(self, call: str) -> None:
        self.awakes()
        self.scene.bot.services.shop.stripe_reconciliation._cards._http.slow[call] = 5.0

    @precondition(lambda self: self.charges)
    @rule(place=st.integers(0, 9), then=SECONDS)
    def an_event_comes_again(self, place: int, then: float) -> None:
        events = self.stripe.look()["events"]
        self.stripe.replays(events[-1 - place % len(events)]["id"])
        self.goes_on(then)

    @rule()
    def events_wait(self) -> None:
        self.stripe.holds_events()

    @rule(seed=st.randoms(use_true_random=False), lose=st.booleans(), then=SECONDS)
    def events_come_at_last(self, seed: Any, lose: bool, then: float) -> None:
        places = list(range(len(self.stripe.look()["held"])))
        seed.shuffle(places)
        self.stripe.releases_events(places[lose:])
        self.goes_on(then)

    @rule(steps=st.integers(1, 30))
    def the_bot_will_die(self, steps: int) -> None:
        self.awakes()
        self.scene.bot.dies_after(steps)

    @rule(name=st.sampled_from(("orders", "reconcile")), then=SECONDS)
    def the_scheduler_comes(self, name: str, then: float) -> None:
        self.scene.bot.begins_job(name)
        self.goes_on(then)

    def teardown(self) -> None:
        with self.stack:
            self.calms_down()
            for charge in self.charges:
                self.is_right(charge)

    def calms_down(self) -> None:
        self.stripe.mend()
        self.stripe.releases_events([])  # these are lost
        for _ in range(4):
            self.scene.telegram.settle(DAY)
            self.scene.telegram.passes(DAY)
            for each in self.stripe.look()["refunds"]:
                if each["status"] == "pending":
                    self.stripe.settles(each["charge"])
            for name in ("orders", "reconcile"):
                self.awakes()
                if job := self.scene.bot.begins_job(name):
                    self.scene.telegram.run(self.scene.telegram.loop.create_task(self.ends(job)))
        self.scene.telegram.settle(DAY)

    def is_right(self, charge: str) -> None:
        refunds = [each for each in self.stripe.look()["refunds"] if each["charge"] == charge]
        back = sum(each["amount"] for each in refunds if each["status"] == "succeeded")
        told = {"needs_response": "open"}
        dispute = next((told.get(each["status"], each["status"]) for each in self.disputes(charge)), None)
        warned = any(each["charge"] == charge for each in self.stripe.look()["warnings"])
        state, returned, noted = self.scene.books(charge)
        assert noted == dispute or (dispute is None and warned and noted == "warned")
        assert returned == (AMOUNT if dispute == "lost" else back)
        assert (state == "refunded") == (returned == AMOUNT)
        asked = min(self.wanted.get(charge, 0), AMOUNT) + self.others.get(charge, 0)
        assert sum(each["amount"] for each in refunds if each["status"] != "failed") <= asked
        if dispute is None and not any(each["status"] == "failed" for each in refunds):
            sql = "SELECT to_return, refused_at FROM orders WHERE provider_id = ?"
            assert self.scene.bot.rows(sql, charge) == [(back, None)]

    def newest(self, which: int) -> str:
        return self.charges[-1 - which % len(self.charges)]

    def shown(self, charge: str) -> Json:
        return next(each for each in self.stripe.look()["charges"] if each["id"] == charge)

    def disputes(self, charge: str) -> list[Json]:
        return [each for each in self.stripe.look()["disputes"] if each["charge"] == charge]

    def goes_on(self, seconds: float) -> None:
        self.scene.telegram.passes(seconds)

    def awakes(self) -> None:
        """Where the bot is dead, it is back."""
        self.scene.telegram.run(self.scene.bot._is_back())

    async def refund(self, number: str, part: int | None) -> None:
        refunds = self.scene.bot.services.shop.refunds
        await (refunds.refund_part(number, part, 0) if part else refunds.refund(number, "operator"))

    @staticmethod
    async def ends(job: Any) -> None:
        await job


def test_histories() -> None:
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
