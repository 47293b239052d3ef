"""Card payments as values: what `bot/payments/stripe_gateway.py` reads, and what can go wrong."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Dispute:
    """The payer's bank wants the money back. Amounts are in the currency's smallest unit, times Unix times, UTC."""

    id: str = field(repr=False)
    status: str  # needs_response, under_review, won, lost ... as Stripe has it
    reason: str
    amount: int
    due_by: int | None  # until when we may answer


@dataclass(frozen=True)
class CardPayment:
    """A charge as Stripe has it now. Amounts are in the currency's smallest unit."""

    id: str = field(repr=False)
    intent: str | None = field(repr=False)
    amount: int
    currency: str  # upper case
    at: int  # Unix time, UTC
    paid: bool
    given_back: int  # what reached the payer
    coming_back: int  # on its way
    failed: str | None  # why the newest refund failed, if it did
    dispute: Dispute | None  # the newest
    warned: bool  # the payer's bank takes it for fraud

    @property
    def is_lost(self) -> bool:
        """The bank has taken the money."""
        return self.dispute is not None and self.dispute.status == "lost"


@dataclass(frozen=True)
class Event:
    """Something happened to a charge."""

    id: str = field(repr=False)
    charge: str = field(repr=False)  # ch_ or pi_
