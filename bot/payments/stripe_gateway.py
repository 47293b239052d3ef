"""Card payments at Stripe (https://docs.stripe.com/api): looked at, given back, listed; and what its webhook says.

Stripe's answers hold names and addresses: none is logged, and what is raised carries the name of a reason alone.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import stripe
from pydantic import SecretStr

from bot.domain.strict_json import read_object
from bot.payments.card_payments import CardPayment, Dispute, Event
from bot.payments.errors import BadSignatureError, CardTroubleError, RefundRefusedError

stripe.enable_telemetry = False  # else it sends how long requests took, and keeps a file in the home folder
stripe._util.STRIPE_LOG = None  # else that variable of the environment prints whole answers

TOLERANCE_SECONDS = 300  # how old a webhook may be
OVERLAP_SECONDS = 1800  # read again each time: the lists are read one after the other, and a charge has to ripen

_RETRIES = 2
_TIMEOUT = httpx.Timeout(20, connect=10)
_PAGE = 100

_NAME = re.compile(r"(ch|py|pi)_[A-Za-z0-9_]+")
_KINDS = {
    "charge.refunded",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
    "radar.early_fraud_warning.created",
}


class StripeGateway:
    """One Stripe account; `http` stands in for the wire. Whatever asks Stripe may raise CardTroubleError."""

    def __init__(
        self,
        api_key: SecretStr,
        api_url: str,
        webhook_secret: SecretStr | None,
        http: stripe.HTTPClient | None = None,
    ) -> None:
        self._http = http or stripe.HTTPXClient(timeout=_TIMEOUT)
        self._stripe = stripe.StripeClient(
            api_key.get_secret_value(),
            base_addresses={"api": api_url},
            max_network_retries=_RETRIES,
            http_client=self._http,
        )
        self._webhook_secret = webhook_secret

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def look(self, charge: str) -> CardPayment | None:
        """By ch_, or by pi_: its latest charge. None where Stripe knows none."""
        with _trouble():
            found = await self._find(charge)
            return await self._payment(found, await self._refunds(found.id)) if found else None

    async def give_back(self, charge: str, amount: int, reference: str) -> CardPayment:
        """See to it that at least `amount` of it is back or on its way in all; done already is done.

        What is missing becomes one refund; while one is pending there is no other. `reference`, the order, names it
        together with how many there were before: two that come at once, or one that is tried again, are one.
        What Stripe has answered to a name it may answer for a day, a failure of its own, too: trying on is right.
        Raises RefundRefusedError, and ValueError for more than was paid.
        """
        with _trouble():
            found = await self._find(charge)
            if found is None:
                raise RefundRefusedError("resource_missing")
            if not 0 < amount <= found.amount:
                raise ValueError(f"{amount} of {found.amount} cannot be given back")
            refunds = await self._refunds(found.id)
            payment = await self._payment(found, refunds)
            if payment.given_back >= amount or payment.coming_back:
                return payment
            if payment.failed:
                raise RefundRefusedError(payment.failed)
            await self._refund(found.id, amount - payment.given_back, f"{reference}-{len(refunds)}")
        return await self._given(charge, amount)

    async def changed_since(self, cursor: int) -> tuple[list[str], int]:
        """The charges (ch_, else pi_) to which something happened since `cursor`, and the next cursor.

        Both are Stripe's time. What was created shortly before is listed once more.
        """
        since: Any = {"created": {"gte": max(cursor - OVERLAP_SECONDS, 0)}, "limit": _PAGE}
        v1, names = self._stripe.v1, dict[str, None]()
        with _trouble():
            async for charge in _all(await v1.charges.list_async(since)):
                names[charge.id], cursor = None, max(cursor, charge.created)
            for listed in (v1.refunds.list_async, v1.disputes.list_async):
                async for each in _all(await listed(since)):
                    names[_charge_of(each)], cursor = None, max(cursor, each.created)
            async for warning in self._warnings(**since):
                names[_charge_of(warning)], cursor = None, max(cursor, warning.created)
        names.pop("", None)
        return list(names), cursor

    def read(self, body: bytes, signature: str) -> Event | None:
        """What a webhook says; None where it is nothing to us. Raises BadSignatureError."""
        secret = self._webhook_secret.get_secret_value() if self._webhook_secret else ""
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, TOLERANCE_SECONDS)
            event = read_object(body)
        except (stripe.SignatureVerificationError, ValueError, TypeError):  # the latter two: no text, no JSON
            raise BadSignatureError from None
        match event:
            case {"id": str(name), "type": str(kind), "data": {"object": dict(about)}}:
                charge = about.get("id") if about.get("object") == "charge" else _named(about)
                return Event(name, charge) if kind in _KINDS and charge and isinstance(charge, str) else None
        raise BadSignatureError

    async def _find(self, name: str) -> stripe.Charge | None:
        if not _NAME.fullmatch(name):
            return None
        v1 = self._stripe.v1
        try:
            if name.startswith("pi_"):
                name = str((await v1.payment_intents.retrieve_async(name)).latest_charge or "")
            return await v1.charges.retrieve_async(name) if name else None
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise
            return None

    async def _refunds(self, charge: str) -> list[stripe.Refund]:
        """All of them, the newest first."""
        page = await self._stripe.v1.refunds.list_async({"charge": charge, "limit": _PAGE})
        return sorted([each async for each in _all(page)], key=lambda refund: refund.created, reverse=True)

    async def _payment(self, charge: stripe.Charge, refunds: list[stripe.Refund]) -> CardPayment:
        """Its fields, with what is told only where one asks for it."""
        return CardPayment(
            id=charge.id,
            intent=str(charge.payment_intent) if charge.payment_intent else None,
            amount=charge.amount,
            currency=charge.currency.upper(),
            at=charge.created,
            paid=charge.paid,
            given_back=sum(refund.amount for refund in refunds if refund.status == "succeeded"),
            coming_back=sum(refund.amount for refund in refunds if refund.status in ("pending", "requires_action")),
            failed=_failure(refunds[0]) if refunds else None,
            dispute=await self._dispute(charge.id) if charge.disputed else None,
            warned=bool([warning async for warning in self._warnings(charge=charge.id)]),
        )

    async def _dispute(self, charge: str) -> Dispute | None:
        page = await self._stripe.v1.disputes.list_async({"charge": charge, "limit": _PAGE})
        found = max([each async for each in _all(page)], key=lambda dispute: dispute.created, default=None)
        if found is None:
            return None
        return Dispute(found.id, found.status, found.reason, found.amount, found.evidence_details.due_by)

    async def _warnings(self, **which: Any) -> AsyncIterator[stripe.radar.EarlyFraudWarning]:
        """Early fraud warnings; none where this account, or its key, is not for them."""
        listed: Any = self._stripe.v1.radar.early_fraud_warnings.list_async
        try:
            async for warning in _all(await listed(which)):
                yield warning
        except stripe.StripeError as error:
            if error.http_status not in (403, 404):
                raise

    async def _refund(self, charge: str, amount: int, key: str) -> None:
        try:
            await self._stripe.v1.refunds.create_async({"charge": charge, "amount": amount}, {"idempotency_key": key})
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            if error.code != "charge_already_refunded":
                raise RefundRefusedError(error.code or "refused") from None

    async def _given(self, charge: str, amount: int) -> CardPayment:
        """After a refund. One may fail at once."""
        payment = await self.look(charge)
        if payment is None or (payment.failed and payment.given_back < amount):
            raise RefundRefusedError(payment.failed if payment and payment.failed else "resource_missing")
        return payment


@contextmanager
def _trouble() -> Iterator[None]:
    """Whatever is not an answer to the question: no network, Stripe's own fault, too many requests, a wrong key."""
    try:
        yield
    except stripe.StripeError as error:
        raise CardTroubleError(type(error).__name__) from None


def _all(page: Any) -> AsyncIterator[Any]:
    """A list to its end, page by page."""
    pages: AsyncIterator[Any] = page.auto_paging_iter()
    return pages


def _named(about: Mapping[str, object]) -> object:
    """As `_charge_of`, in the JSON of an event."""
    return about.get("charge") or about.get("payment_intent")


def _charge_of(about: Any) -> str:
    """The charge that a refund, dispute or warning belongs to; where it names none, its payment intent; or nothing."""
    return str(getattr(about, "charge", None) or getattr(about, "payment_intent", None) or "")


def _failure(refund: stripe.Refund) -> str | None:
    if refund.status not in ("failed", "canceled"):
        return None
    return getattr(refund, "failure_reason", None) or refund.status
