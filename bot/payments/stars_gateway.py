"""The client for Telegram Stars (https://core.telegram.org/bots/payments-stars)."""

from dataclasses import dataclass, field

from telegram import StarTransaction, TransactionPartnerUser
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.domain.values import STARS, Charge
from bot.payments.errors import RefundRefusedError
from bot.texts import choose

PAGE = 100  # transactions a call
MOST_UNREADABLE = 10  # lines of a page that the library may fail at


@dataclass(frozen=True)
class Transaction:
    """One line of the bot's account: a payment that came in, or one that went back to its payer."""

    charge: Charge = field(repr=False)
    at: int  # Unix time, UTC
    refund: bool


@dataclass(frozen=True)
class Unreadable:
    """A line that cannot be booked as a payment: it has no whole Star, or is not as Telegram documents it."""

    name: str = field(repr=False)  # Telegram's, or its place in the list
    at: int = 0  # as of a Transaction; 0 where the line does not say


Line = Transaction | Unreadable | None
"""None: a gift, an advertisement, a withdrawal ..."""


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

    async def transactions(self, offset: int) -> list[Line]:
        """The lines from `offset` on, at most PAGE, oldest first."""
        try:
            return await self._read(offset, PAGE)
        except TelegramError:
            raise
        except Exception:  # the library fails at one of them, and with it at all: the others are read one by one
            return await self._read_one_by_one(offset)

    async def _read(self, offset: int, limit: int) -> list[Line]:
        page = await self._bot.get_star_transactions(offset=offset, limit=limit)
        return [_read(line) for line in page.transactions]

    async def _read_one_by_one(self, offset: int) -> list[Line]:
        """Raises what the library raises where many fail: that is a fault of ours, and passes no payment over."""
        found: list[Line] = []
        failed = 0
        for place in range(offset, offset + PAGE):
            try:
                line = await self._read(place, 1)
            except TelegramError:
                raise
            except Exception:
                failed += 1
                if failed > MOST_UNREADABLE:
                    raise
                line = [Unreadable(f"#{place + 1}")]
            if not line:
                break
            found += line
        return found

    async def balance(self) -> int:
        return (await self._bot.get_my_star_balance()).amount


def _read(line: StarTransaction) -> Line:
    partner = line.source or line.receiver
    if not isinstance(partner, TransactionPartnerUser) or partner.transaction_type != "invoice_payment":
        return None
    user, at, refund = partner.user, int(line.date.timestamp()), line.receiver is not None
    if line.amount < 1 and not refund:
        return Unreadable(line.id, at)
    charge = Charge(line.id, user.id, line.amount, STARS, partner.invoice_payload or "", choose(user.language_code))
    return Transaction(charge, at, refund)
