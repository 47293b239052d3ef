"""Stripe accounts and their webhooks. `stripe_api` serves their API.

The API key `sk_test_<name>` belongs to the account of that name; payments with the provider token
`<digits>:TEST:<name>` go to it. Objects have the fields of https://docs.stripe.com/api that payments need.
"""

import asyncio
import copy
import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.playground.faults import Faults

KEY = re.compile(r"sk_test_(\w+)", re.ASCII)
PROVIDER_TOKEN = re.compile(r"\d+:TEST:(\w+)", re.ASCII)
RETRY_SECONDS = (0.2, 0.5, 1, 2, 5)  # Stripe retries for three days; tests need short pauses
ANSWER_DAYS = 7

Json = dict[str, Any]
PostWebhook = Callable[[str, bytes, dict[str, str]], Awaitable[int]]


class CannotHappen(Exception):
    """The account's state does not allow this action."""


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Call a webhook. Returns the HTTP status, or 0 without an answer."""
    try:
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.request(
            "POST", url, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


def signature(body: bytes, secret: str, at: int) -> str:
    """https://docs.stripe.com/webhooks#verify-manually"""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


class Endpoint:
    """The webhook of an account. Each event is posted until it is accepted; the order is not kept."""

    def __init__(self) -> None:
        self.url = ""
        self.secret = ""
        self.post: PostWebhook = post
        self.held: list[Json] | None = None  # held events, or None if events are posted at once
        self.tries: list[Json] = []  # {"event", "type", "status"}
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, event: Json) -> None:
        if self.held is not None:
            self.held.append(event)
        elif self.url:
            task = asyncio.ensure_future(self._deliver(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, event: Json) -> None:
        body = json.dumps(event, indent=2).encode()
        for pause in (*RETRY_SECONDS, None):
            headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0"}
            headers["Stripe-Signature"] = signature(body, self.secret, int(time.time()))
            status = await self.post(self.url, body, headers)
            self.tries.append({"event": event["id"], "type": event["type"], "status": status})
            if 200 <= status < 300 or pause is None:
                return
            await asyncio.sleep(pause)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@dataclass
class Account:
    """A Stripe account: all objects by id, oldest first."""

    charges: dict[str, Json] = field(default_factory=dict)
    intents: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    disputes: dict[str, Json] = field(default_factory=dict)
    warnings: dict[str, Json] = field(default_factory=dict)
    events: dict[str, Json] = field(default_factory=dict)
    endpoint: Endpoint = field(default_factory=Endpoint)
    faults: Faults = field(default_factory=Faults)
    requests: list[Json] = field(default_factory=list)  # {"call", "params", "key", "status"}
    answers: dict[str, Any] = field(default_factory=dict)  # by idempotency key
    pending: int = 0  # how many of the next refunds start as pending

    def charge(self, amount: int, currency: str, *, declined: bool = False, age: float = 0) -> Json:
        """Make a payment, or a declined one, `age` seconds ago. `amount` is in the currency's smallest unit."""
        charge, intent = new_object("ch", "charge", age), new_object("pi", "payment_intent", age)
        fields = {"amount": amount, "currency": currency.lower(), "customer": None, "description": None, "metadata": {}}
        status = "failed" if declined else "succeeded"
        charge |= fields | {
            "amount_captured": 0 if declined else amount,
            "amount_refunded": 0,
            "balance_transaction": None if declined else random_id("txn"),
            "captured": not declined,
            "disputed": False,
            "failure_code": "card_declined" if declined else None,
            "failure_message": "Your card was declined." if declined else None,
            "paid": not declined,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": status,
        }
        intent |= fields | {"latest_charge": charge["id"], "status": "requires_payment_method" if declined else status}
        self.charges[charge["id"]], self.intents[intent["id"]] = charge, intent
        self._emit(f"charge.{status}", charge)
        return charge

    def refund(self, charge: Json, amount: int, reason: str | None = None) -> Json:
        """Refund a charge. The caller has checked that the amount is left."""
        status = "pending" if self.pending else "succeeded"
        self.pending = max(self.pending - 1, 0)
        refund = new_object("re", "refund") | {
            "amount": amount,
            "balance_transaction": random_id("txn"),
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "receipt_number": None,
            "status": status,
        }
        self.refunds[refund["id"]] = refund
        self._add_refunded(charge, amount)
        self._emit("refund.created", refund)
        self._emit("charge.refunded", charge)
        return refund

    def settle(self, charge: str, succeeds: bool, reason: str = "lost_or_stolen_card") -> Json:
        """Let a pending refund succeed or fail; a succeeded refund may fail later too. Returns the refund."""
        able = ("pending",) if succeeds else ("pending", "succeeded")
        found = [each for each in self.refunds.values() if each["charge"] == charge and each["status"] in able]
        if not found:
            raise CannotHappen("there is no such refund")
        refund = found[-1]
        refund["status"] = "succeeded" if succeeds else "failed"
        if not succeeds:
            refund["failure_reason"] = reason
            self._add_refunded(self.charges[charge], -refund["amount"])
            self._emit("refund.failed", refund)
        self._emit("refund.updated", refund)
        return refund

    def dispute(self, charge: str, reason: str = "fraudulent", inquiry: bool = False) -> Json:
        """The payer's bank disputes a charge and takes the money back, or with `inquiry` only asks."""
        paid = self.paid(charge)
        paid["disputed"] = True
        dispute = new_object("du", "dispute") | {
            "amount": paid["amount"],
            "charge": charge,
            "currency": paid["currency"],
            "evidence_details": {
                "due_by": int(time.time()) + ANSWER_DAYS * 24 * 3600,
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": inquiry,
            "metadata": {},
            "payment_intent": paid["payment_intent"],
            "reason": reason,
            "status": "warning_needs_response" if inquiry else "needs_response",
        }
        self.disputes[dispute["id"]] = dispute
        self._emit("charge.dispute.created", dispute)
        return dispute

    def close_dispute(self, charge: str, status: str) -> Json:
        """Close the newest open dispute as won, lost or warning_closed."""
        if status not in ("won", "lost", "warning_closed"):
            raise CannotHappen(f"no dispute ends as {status!r}")
        found = [each for each in self.disputes.values() if each["charge"] == charge and is_open(each)]
        if not found:
            raise CannotHappen("there is no such dispute")
        found[-1] |= {"status": status, "is_charge_refundable": status != "lost"}
        self._emit("charge.dispute.closed", found[-1])
        return found[-1]

    def warn(self, charge: str) -> Json:
        """Add an early fraud warning: the payer's bank suspects fraud and has not disputed the charge yet."""
        paid = self.paid(charge)
        warning = new_object("issfr", "radar.early_fraud_warning") | {
            "actionable": not paid["refunded"] and not paid["disputed"],
            "charge": charge,
            "fraud_type": "unauthorized_use_of_card",
            "payment_intent": paid["payment_intent"],
        }
        self.warnings[warning["id"]] = warning
        self._emit("radar.early_fraud_warning.created", warning)
        return warning

    def paid(self, charge: str) -> Json:
        if charge not in self.charges or not self.charges[charge]["paid"]:
            raise CannotHappen("there is no such payment")
        return self.charges[charge]

    def _add_refunded(self, charge: Json, amount: int) -> None:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]

    def _emit(self, kind: str, subject: Json) -> None:
        event = new_object("evt", "event") | {
            "type": kind,
            "data": {"object": copy.deepcopy(subject)},
            "pending_webhooks": 1,
        }
        self.events[event["id"]] = event
        self.endpoint.send(event)


class Accounts(dict[str, Account]):
    """All accounts by name. The first use of a name makes its account."""

    def __missing__(self, name: str) -> Account:
        self[name] = account = Account()
        return account

    def paid_by(self, provider_token: str) -> Account | None:
        """The account of this provider token from @BotFather, or None if it belongs to no account."""
        named = PROVIDER_TOKEN.fullmatch(provider_token)
        return self[named[1]] if named else None

    def account_of(self, charge: str) -> Account:
        for account in self.values():
            if charge in account.charges:
                return account
        raise CannotHappen("there is no such charge")

    async def close(self) -> None:
        for account in self.values():
            await account.endpoint.close()


def new_object(prefix: str, kind: str, age: float = 0) -> Json:
    return {"id": random_id(prefix), "object": kind, "created": int(time.time() - age)}


def random_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def is_open(dispute: Json) -> bool:
    return dispute["status"] in ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
