"""Histories of payments that hypothesis makes up: what people do, and everything that may go wrong in between.

A rule is what somebody does or what happens, and then the world goes on, often for too short a time to end what was
begun. After each rule the books are sound; at the end, when everything calmed down, what was paid is delivered or given
back. A history that shows a fault is printed as a story, with the chats and the books.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bot.domain.errors import DarkroomError, Failed, Reason, Refused
from tests.harness.people import Json
from tests.harness.print_scenario import STEPS, TRICKS, PrintScenario
from tests.harness.scenario import DAY, HOUR, Scenario

PEOPLE = st.sampled_from(("Anna", "Ben"))
SECONDS = st.sampled_from((30, 0, 0.01, 0.2, 2))
NEWEST = st.sampled_from((0, 0, 1, 2, 3))  # 0 is the newest
TIMES = st.sampled_from((1, 1, 2))
WAYS: dict[str, Json] = {
    "plainly": {},
    "plainly, too": {},
    "declined by the bank": {"decline": True},
    "without patience": {"seconds": 1},
    "long after the question": {"asks": False},
    "and no update tells": {"tells": False},
    "long after the question, and no update tells": {"asks": False, "tells": False},
}
FAULTS: dict[str, Json] = {
    "5xx": {"kind": "error", "code": 502, "text": "Bad Gateway"},
    "429": {"kind": "flood", "retry_after": 5},
    "429 for long": {"kind": "flood", "retry_after": 90},
    "silence": {"kind": "hang", "seconds": 30},
    "a lost connection": {"kind": "drop"},
    "no": {"kind": "error", "code": 400, "text": "Bad Request: not now"},
}
WORK = ("getFile", "file", "sendDocument", "deleteMessage")
METHODS = (
    *WORK,
    "answerPreCheckoutQuery",
    "refundStarPayment",
    "getStarTransactions",
    "getMyStarBalance",
    "sendMessage",
    "sendInvoice",
    "editMessageText",
    "answerCallbackQuery",
    "getUpdates",
)


def meets(*methods: str) -> st.SearchStrategy[Any]:
    """What an act meets at once: nothing, the bot's death after some steps, or trouble with one of these methods."""
    faults = st.tuples(st.sampled_from(methods), st.sampled_from(list(FAULTS)), st.booleans())
    return st.none() | st.tuples(st.just("death"), st.integers(1, 25)) | faults


STRIPE_CALLS = ("POST refunds", "GET refunds", "GET charges", "GET disputes", "GET radar/early_fraud_warnings", "*")
STRIPE_FAULTS: dict[str, Json] = {
    "5xx": {"kind": "error", "code": 500},
    "429": {"kind": "flood"},
    "a lost connection": {"kind": "drop"},
}
PRINT_WORK = ("getFile", "file", "sendDocument", "answerShippingQuery", "answerPreCheckoutQuery")
CHOICES = st.sampled_from(("", "", "copies=2", "paper=matte", "copies=999"))
COUNTRIES = st.sampled_from(("DE", "DE", "FR", "KP"))
ACTS: dict[str, tuple[str, Json]] = {
    "a refund of all that is left": ("refund", {}),
    "a refund of a part": ("refund", {"amount": 100}),
    "a refund is there": ("settle", {"succeeds": True}),
    "a refund fails": ("settle", {"succeeds": False}),
    "a dispute": ("dispute", {}),
    "an inquiry": ("dispute", {"inquiry": True}),
    "a dispute is won": ("close", {"status": "won"}),
    "a dispute is lost": ("close", {"status": "lost"}),
    "a warning": ("warn", {}),
}
meets_stripe = st.tuples(
    st.just("stripe"),
    st.sampled_from(STRIPE_CALLS),
    st.sampled_from(list(STRIPE_FAULTS)),
    st.booleans(),
    st.sampled_from((1, 2, 3, 7)),
)


TROUBLES: dict[str, Callable[[], DarkroomError]] = {
    "crashes": lambda: Failed(Reason.CRASHED),
    "takes too long": lambda: Failed(Reason.TOOK_TOO_LONG),
    "finds it broken": lambda: Refused(Reason.BROKEN),
}


class History(RuleBasedStateMachine):
    count = 0
    kind: type[Scenario] = Scenario

    def __init__(self) -> None:
        super().__init__()
        History.count += 1
        self.scenario = self.kind()

    # People

    @rule(who=PEOPLE, what=st.sampled_from((10, 50, "a photo")), then=SECONDS)
    def asks_for_invoice(self, who: str, what: int | str, then: float) -> None:
        self.scenario.asks_for_invoice(who, what)
        self.scenario.goes_on(then)

    @rule(
        who=PEOPLE,
        what=st.sampled_from((10, "a photo")),
        way=st.sampled_from(list(WAYS)),
        meets=meets(*WORK, "answerPreCheckoutQuery", "sendMessage"),
        then=SECONDS,
    )
    def buys(self, who: str, what: int | str, way: str, meets: Any, then: float) -> None:
        self.scenario.asks_for_invoice(who, what)
        self.scenario.goes_on(2)
        self.meet(meets)
        if invoices := self.scenario.invoices(who):
            self.scenario.pays(who, invoices[-1], 1, **WAYS[way])
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, whose=PEOPLE, newest=NEWEST, way=st.sampled_from(list(WAYS)), times=TIMES, then=SECONDS)
    def pays(self, who: str, whose: str, newest: int, way: str, times: int, then: float) -> None:
        if invoices := self.scenario.invoices(whose):
            self.scenario.pays(who, newest_of(invoices, newest), times, **WAYS[way])
        self.scenario.goes_on(then)

    @precondition(lambda self: self.scenario.sales)
    @rule(who=PEOPLE, newest=NEWEST, discount=st.sampled_from((1, 0)), then=SECONDS)
    def pays_forged(self, who: str, newest: int, discount: int, then: float) -> None:
        sale = self.sale(newest)
        self.scenario.pays_forged(who, sale, sale.amount - discount)
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, amount=st.sampled_from((7, None)), newest=st.none() | NEWEST, tells=st.booleans(), then=SECONDS)
    def is_charged(self, who: str, amount: int | None, newest: int | None, tells: bool, then: float) -> None:
        """Nobody asked; for nothing that we know of, or in the name of an order."""
        sale = self.sale(newest) if newest is not None and self.scenario.sales else None
        number, price = (sale.number, sale.amount) if sale else ("", 100)
        self.scenario.is_charged(who, amount or price, number, tells)
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, anew=st.booleans(), times=TIMES, meets=meets(*WORK), then=SECONDS)
    def asks_for_work(self, who: str, anew: bool, times: int, meets: Any, then: float) -> None:
        if anew:
            self.scenario.sends_photo(who)
            self.scenario.goes_on(1)
        self.meet(meets)
        self.scenario.asks_for_work(who, times)
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, newest=NEWEST, then=SECONDS)
    def taps(self, who: str, newest: int, then: float) -> None:
        """Whatever buttons there are."""
        self.taps_any(who, "", newest)
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, then=SECONDS)
    def stops(self, who: str, then: float) -> None:
        self.taps_any(who, "stop", 0)
        self.scenario.goes_on(then)

    @precondition(lambda self: self.scenario.sales)
    @rule(
        who=PEOPLE,
        newest=NEWEST,
        step=st.sampled_from(("withdraw:{}:sure", "refund:{}:not-wanted", "refund:{}:not-arrived")),
        times=TIMES,
        meets=meets("refundStarPayment"),
        then=SECONDS,
    )
    def wants_money_back(self, who: str, newest: int, step: str, times: int, meets: Any, then: float) -> None:
        self.scenario.may_have_given_up = True
        self.meet(meets)
        for _ in range(times):
            self.scenario.taps(who, step.format(self.sale(newest).number))
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, text=st.sampled_from(("/withdraw", "/paysupport", "/cancel", "/orders")), then=SECONDS)
    def writes(self, who: str, text: str, then: float) -> None:
        self.scenario.may_have_given_up |= text == "/cancel"
        self.scenario.buyers[who].person.writes(text)
        self.scenario.goes_on(then)

    @precondition(lambda self: not self.scenario.is_dead)
    @rule(who=PEOPLE)
    def asks_for_balance(self, who: str) -> None:
        self.scenario.tells_balance(who)

    @rule(
        who=PEOPLE,
        what=st.sampled_from(("forget:wipe", "forget:keep", "consent:sure")),
        meets=meets("deleteMessages", "editMessageText", "refundStarPayment"),
        then=SECONDS,
        back=st.booleans(),
    )
    def gives_up(self, who: str, what: str, meets: Any, then: float, back: bool) -> None:
        self.meet(meets)
        self.scenario.gives_up(who, what)
        self.scenario.goes_on(then)
        if back:
            self.scenario.taps(who, "agree")
            self.scenario.goes_on(1)

    @rule(who=PEOPLE, then=SECONDS)
    def blocks(self, who: str, then: float) -> None:
        self.scenario.may_have_given_up = True
        self.scenario.buyers[who].person.blocks()
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, then=SECONDS)
    def unblocks(self, who: str, then: float) -> None:
        self.scenario.buyers[who].person.unblocks()
        self.scenario.goes_on(then)

    # Operators, Telegram, time

    @precondition(lambda self: self.scenario.sales)
    @rule(newest=NEWEST, sure=st.booleans(), then=SECONDS)
    def operators_refund(self, newest: int, sure: bool, then: float) -> None:
        self.scenario.may_have_given_up = True
        self.scenario.operators_refund(self.sale(newest).number, sure)
        self.scenario.goes_on(then)

    @precondition(lambda self: self.scenario.refundable())
    @rule(newest=NEWEST, tells=st.booleans(), then=SECONDS)
    def telegram_refunds(self, newest: int, tells: bool, then: float) -> None:
        charge = newest_of(self.scenario.refundable(), newest)
        self.scenario.may_have_given_up = True
        self.scenario.by_telegram.add(charge)
        self.scenario.telegram.refunds(charge, tells)
        self.scenario.goes_on(then)

    @rule(paused=st.sampled_from((True, False)), meets=meets("sendMessage"), then=SECONDS)
    def operators_pause(self, paused: bool, meets: Any, then: float) -> None:
        self.meet(meets)
        self.scenario.operators_pause(paused)
        self.scenario.goes_on(then)

    @rule()
    def prices_change(self) -> None:
        self.scenario.prices_change()

    @rule(
        job=st.sampled_from(("orders", "mail", "reconcile", "forget", "errors")),
        meets=meets("getStarTransactions", "refundStarPayment", *WORK),
        then=SECONDS,
    )
    def scheduler_runs(self, job: str, meets: Any, then: float) -> None:
        self.meet(meets)
        self.scenario.bot.begins_job(job)
        self.scenario.goes_on(then)

    @rule(seconds=st.sampled_from((60, HOUR, 25 * HOUR, 8 * DAY, 15 * DAY)))
    def time_passes(self, seconds: float) -> None:
        self.scenario.goes_on(seconds)

    # What goes wrong

    @rule(
        method=st.sampled_from(METHODS),
        how=st.sampled_from(list(FAULTS)),
        after=st.booleans(),
        skip=st.integers(0, 2),
        times=st.integers(1, 6),
    )
    def telegram_will_answer(self, method: str, how: str, after: bool, skip: int, times: int) -> None:
        self.scenario.telegram_will_answer(method, after, skip=skip, count=times, **FAULTS[how])

    @rule(
        trouble=st.sampled_from(("broken off, but taken", "broken off, but taken", "busy", "greylisted", "death")),
        steps=st.integers(1, 8),
        then=SECONDS,
    )
    def buys_and_the_post_meets_trouble(self, trouble: str, steps: int, then: float) -> None:
        self.buys_plainly()
        if trouble == "death":
            self.scenario.bot_will_die(steps)
        else:
            self.scenario.mail_server_will_answer(trouble == "greylisted", "taken" in trouble, 1)
        self.scenario.bot.begins_job("mail")
        self.scenario.goes_on(then)

    @rule(how=st.sampled_from((*TROUBLES, "works slowly")))
    def jail(self, how: str) -> None:
        self.scenario.may_have_given_up = True
        if how in TROUBLES:
            self.scenario.bot.jail.plan.append(TROUBLES[how]())
        else:
            self.scenario.bot.jail.seconds = 20

    @rule(steps=st.lists(st.integers(1, 30), min_size=1, max_size=3))
    def bot_will_die(self, steps: list[int]) -> None:
        self.scenario.bot_will_die(*steps)

    @precondition(lambda self: not self.scenario.is_fair)
    @rule(seconds=st.sampled_from((0, 20, 25 * HOUR)))
    def bot_is_killed(self, seconds: float) -> None:
        self.scenario.bot_died = True
        self.scenario.bot.kill()
        self.scenario.goes_on(seconds)
        self.scenario.bot.start()
        self.scenario.goes_on(0)

    @precondition(lambda self: not self.scenario.is_fair)
    @rule()
    def bot_is_stopped(self) -> None:
        self.scenario.bot_died = True
        self.scenario.bot.stop()
        self.scenario.goes_on(0)

    @precondition(lambda self: self.scenario.is_dead)
    @rule(then=SECONDS)
    def bot_starts(self, then: float) -> None:
        self.scenario.bot.start()
        self.scenario.goes_on(then)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.scenario.calms_down()
                self.scenario.is_settled()
        finally:
            note(str(self.scenario))
            self.scenario.close()

    def buys_plainly(self) -> None:
        self.scenario.asks_for_invoice("Anna", 10)
        self.scenario.goes_on(2)
        if invoices := self.scenario.invoices("Anna"):
            self.scenario.pays("Anna", invoices[-1], 1)
        self.scenario.goes_on(2)

    def taps_any(self, who: str, data: str, newest: int) -> None:
        if found := self.scenario.buttons(who, data):
            self.scenario.may_have_given_up = True
            post, tapped = newest_of(found, newest)
            self.scenario.taps(who, tapped, post)

    def meet(self, trouble: Any) -> None:
        match trouble:
            case ("death", steps):
                self.scenario.bot_will_die(steps)
            case (method, how, after):
                self.scenario.telegram_will_answer(method, after, **FAULTS[how])

    def sale(self, newest: int) -> Any:
        return newest_of(list(self.scenario.sales.values()), newest)


class PrintHistory(History):
    """The same with prints and cards; what is about Stars alone is left to the others."""

    kind = PrintScenario
    scenario: PrintScenario
    asks_for_invoice = pays = pays_forged = is_charged = prices_change = asks_for_balance = asks_for_work = None
    wants_money_back = operators_refund = telegram_refunds = buys_and_the_post_meets_trouble = None

    @initialize(is_fair=st.booleans(), paid=st.sampled_from((1, 2, 0)))
    def begins(self, is_fair: bool, paid: int) -> None:
        for who in ("Anna", "Ben")[:paid]:
            self.buys_prints_plainly(who, 0, None, 2)
        self.scenario.is_fair = is_fair

    @rule(
        who=PEOPLE,
        choice=CHOICES,
        country=COUNTRIES,
        way=st.sampled_from(list(WAYS)),
        meets=meets(*PRINT_WORK) | meets_stripe,
        then=SECONDS,
    )
    def buys_prints(self, who: str, choice: str, country: str, way: str, meets: Any, then: float) -> None:
        self.scenario.asks_for_prints(who, choice)
        self.scenario.goes_on(2)
        self.meet(meets)
        if invoices := self.scenario.print_invoices(who):
            self.scenario.pays_for_prints(who, invoices[-1], country, "", 1, **WAYS[way])
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, newest=NEWEST, meets=meets("sendMessage", *PRINT_WORK), then=SECONDS)
    def buys_prints_plainly(self, who: str, newest: int, meets: Any, then: float) -> None:
        self.buys_prints(who, f"copies={newest + 2}", "DE", "plainly", meets, then)

    @rule(who=PEOPLE, choice=CHOICES, then=SECONDS)
    def asks_for_prints(self, who: str, choice: str, then: float) -> None:
        self.scenario.asks_for_prints(who, choice)
        self.scenario.goes_on(then)

    @rule(who=PEOPLE, choice=CHOICES, trick=st.sampled_from(("", *TRICKS)), whose=PEOPLE, then=SECONDS)
    def cheats(self, who: str, choice: str, trick: str, whose: str, then: float) -> None:
        """Or pays honestly, by chance."""
        self.scenario.asks_for_prints(whose, choice)
        self.scenario.goes_on(2)
        if invoices := self.scenario.print_invoices(whose):
            self.scenario.pays_for_prints(who, invoices[-1], "DE", trick, 1)
        self.scenario.goes_on(then)

    @rule(
        who=PEOPLE,
        whose=PEOPLE,
        newest=NEWEST,
        country=COUNTRIES,
        trick=st.sampled_from(("", "", *TRICKS)),
        way=st.sampled_from(list(WAYS)),
        times=TIMES,
        then=SECONDS,
    )
    def pays_for_prints(
        self, who: str, whose: str, newest: int, country: str, trick: str, way: str, times: int, then: float
    ) -> None:
        if invoices := self.scenario.print_invoices(whose):
            self.scenario.pays_for_prints(who, newest_of(invoices, newest), country, trick, times, **WAYS[way])
        self.scenario.goes_on(then)

    @precondition(lambda self: self.scenario.print_sales)
    @rule(
        newest=NEWEST,
        steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=3),
        way=st.sampled_from(("tap", "reply", "ship")),
        meets=meets("sendMessage"),
        then=SECONDS,
    )
    def lab_says(self, newest: int, steps: list[str], way: str, meets: Any, then: float) -> None:
        self.meet(meets)
        for step in steps:
            self.scenario.lab_says(self.print_sale(newest), step, way)
        self.scenario.goes_on(then)

    @precondition(lambda self: self.scenario.print_sales)
    @rule(newest=NEWEST, sure=st.booleans(), meets=meets("sendMessage") | meets_stripe, then=SECONDS)
    def operators_refund_prints(self, newest: int, sure: bool, meets: Any, then: float) -> None:
        self.meet(meets)
        self.scenario.operators_refund(self.print_sale(newest), sure)
        self.scenario.goes_on(then)

    @precondition(lambda self: self.scenario.print_sales)
    @rule(
        newest=NEWEST,
        parts=st.lists(st.sampled_from(("1.00", "0.50", "4.00")), min_size=1, max_size=3),
        pending=st.integers(0, 2),
        meets=meets_stripe,
        then=SECONDS,
    )
    def operators_refund_part(self, newest: int, parts: list[str], pending: int, meets: Any, then: float) -> None:
        self.scenario.stripe.next_refunds_wait(pending)
        self.meet(meets)
        for part in parts:
            self.scenario.operators_refund_part(self.print_sale(newest), part)
        self.scenario.goes_on(then)

    @precondition(lambda self: self.scenario.print_sales)
    @rule(who=PEOPLE, newest=NEWEST, times=TIMES, meets=meets_stripe, then=SECONDS)
    def withdraws_from_prints(self, who: str, newest: int, times: int, meets: Any, then: float) -> None:
        self.scenario.may_have_given_up = True
        self.meet(meets)
        for _ in range(times):
            self.scenario.taps(who, f"withdraw:{self.print_sale(newest)}:sure")
        self.scenario.goes_on(then)

    # Stripe

    @precondition(lambda self: self.scenario.charges_at_stripe)
    @rule(
        newest=NEWEST,
        acts=st.lists(st.sampled_from(list(ACTS)), min_size=1, max_size=4),
        between=SECONDS,
        meets=meets("sendMessage") | meets_stripe,
        then=SECONDS,
    )
    def happens_at_stripe(self, newest: int, acts: list[str], between: float, meets: Any, then: float) -> None:
        charge = newest_of(self.scenario.charges_at_stripe, newest)
        self.meet(meets)
        for act in acts:
            name, about = ACTS[act]
            self.scenario.at_stripe(name, charge, **about)
            self.scenario.goes_on(between)
        self.scenario.goes_on(then)

    @rule(count=st.integers(1, 3))
    def next_refunds_wait(self, count: int) -> None:
        self.scenario.stripe.next_refunds_wait(count)

    @rule(
        what=st.sampled_from(("waits", "waits", "comes", "comes again", "comes the other way round", "comes in part")),
        place=NEWEST,
        then=SECONDS,
    )
    def webhook(self, what: str, place: int, then: float) -> None:
        self.scenario.webhook(what, place)
        self.scenario.goes_on(then)

    @rule(
        call=st.sampled_from(STRIPE_CALLS),
        how=st.sampled_from(list(STRIPE_FAULTS)),
        after=st.booleans(),
        skip=st.integers(0, 2),
        count=st.integers(1, 8),
    )
    def stripe_will_answer(self, call: str, how: str, after: bool, skip: int, count: int) -> None:
        self.scenario.stripe_will_answer(call, after=after, skip=skip, count=count, **STRIPE_FAULTS[how])

    @precondition(lambda self: not self.scenario.is_dead)
    @rule(then=SECONDS)
    def is_reminded(self, then: float) -> None:
        self.scenario.bot.begins_job("prints")
        self.scenario.goes_on(then)

    def meet(self, trouble: Any) -> None:
        match trouble:
            case ("stripe", call, how, after, count):
                self.scenario.stripe_will_answer(call, after=after, count=count, **STRIPE_FAULTS[how])
            case _:
                super().meet(trouble)

    def print_sale(self, newest: int) -> str:
        return str(newest_of(list(self.scenario.print_sales), newest))


def newest_of(things: list[Any], number: int) -> Any:
    return things[-1 - number % len(things)]


def play(kind: type[History], histories: int, **more: Any) -> None:
    how = settings(
        max_examples=histories,
        stateful_step_count=15,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
    logging.disable()  # thousands of lines on faults that are meant
    try:
        run_state_machine_as_test(kind, settings=how)
    finally:
        logging.disable(logging.NOTSET)


KINDS = {"stars": History, "prints": PrintHistory}


@pytest.mark.parametrize("kind", KINDS)
def test_histories(kind: str) -> None:
    play(KINDS[kind], 70, derandomize=True)


@pytest.mark.prove
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_histories(kind: str) -> None:
    play(KINDS[kind], 2500)


if __name__ == "__main__":  # until the first fault, which is told as it was found
    _, wanted, number, *seed = sys.argv
    try:
        play(KINDS[wanted], int(number), derandomize=not seed, phases=[Phase.generate], report_multiple_bugs=False)
    finally:
        print("histories:", History.count)
