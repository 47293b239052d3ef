"""The client for Telegram Stars (https://core.telegram.org/bots/payments-stars)."""

from dataclasses import dataclass, field

from telegram import StarTransaction, TransactionPartnerUser
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.domain.values import STARS, Charge
from bot.payments.errors import RefundRefusedError
from bot.texts import choose

PAGE = 100  # transactions a call


@dataclass(frozen=True)
class Transaction:
    """One line of the bot's account: a payment that came in, or one that went back to its payer."""

    charge: Charge = field(repr=False)
    at: int  # Unix time, UTC
    refund: bool


class StarsGateway:
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
