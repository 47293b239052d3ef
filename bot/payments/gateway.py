"""The client for Telegram Stars (https://core.telegram.org/bots/payments-stars); data and errors of card payments.

Stripe itself is in `bot/payments/stripe_gateway.py`.
"""

from dataclasses import dataclass, field

from telegram import StarTransaction, TransactionPartnerUser
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.domain.values import STARS, Charge
from bot.texts import choose

PAGE = 100  # transactions a call


class RefundRefusedError(Exception):
    """Telegram says that this payment cannot be given back; the text is Telegram's name for why."""


class CardTroubleError(Exception):
    """Stripe cannot be asked now: try again. The text is the kind of trouble."""


class BadSignatureError(Exception):
    """Not Stripe's, not for us, or too old."""


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


@dataclass(frozen=True)
class Transaction:
    """One line of the bot's account: a payment that came in, or one that went back to its payer."""

    charge: Charge = field(repr=False)
    at: int  # Unix time, UTC
    refund: bool


class Stars:
    def __init__(self, bot: ExtBot[int]) -> None:
        self._bot = bot

    async def refund(self, user_id: int, charge_id: str) -> None:
        """Give a payment back. Done already is done. Raises RefundRefusedError, or TelegramError: try again."""
        try:
            await self._bot.refund_star_payment(user_id, charge_id)
        except BadRequest as error:
            name = error.message.split(": ")[-1].upper()  # the library writes "Charge_not_found"
            if name != "CHARGE_ALREADY_REFUNDED":
                raise RefundRefusedError(name) from None

    async def transactions(self, offset: int) -> list[Transaction | None]:
        """The lines from `offset` on, at most PAGE, oldest first. None: a gift, an advertisement, a withdrawal ..."""
        page = await self._bot.get_star_transactions(offset=offset, limit=PAGE)
        return [_read(line) for line in page.transactions]

    async def balance(self) -> int:
        return (await self._bot.get_my_star_balance()).amount


def _read(line: StarTransaction) -> Transaction | None:
    partner = line.source or line.receiver
    if not isinstance(partner, TransactionPartnerUser) or partner.transaction_type != "invoice_payment":
        return None
    user = partner.user
    language = choose(user.language_code)
    charge = Charge(line.id, user.id, line.amount, STARS, partner.invoice_payload or "", language)
    return Transaction(charge, int(line.date.timestamp()), refund=line.receiver is not None)
