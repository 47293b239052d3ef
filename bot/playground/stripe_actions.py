"""Actions in a Stripe account without the bot: see `ACTIONS`. `charge` is a ch_ id, `account` an account's name."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.playground.addresses import why_not
from bot.playground.faults import Fault
from bot.playground.stripe import CannotHappen
from bot.playground.world import Json, World


async def stripe_webhook(world: World, account: str, url: str, secret: str) -> None:
    """Set the webhook's URL and secret."""
    if reason := why_not(url, world.bot_ports):
        raise CannotHappen(f"no webhook may be there: {reason}")
    endpoint = world.stripe[account].endpoint
    endpoint.url, endpoint.secret = url, secret


async def stripe_charge(
    world: World, account: str, amount: int, currency: str = "EUR", declined: bool = False, age: float = 0
) -> str:
    """Make a payment without an invoice, `age` seconds ago. Returns its id."""
    return str(world.stripe[account].charge(amount, currency, declined=declined, age=age)["id"])


async def stripe_refund(world: World, charge: str, amount: int = 0) -> str:
    """Refund a charge in Stripe's dashboard: `amount`, or 0 for the rest. Returns the refund's id."""
    account = world.stripe.account_of(charge)
    paid = account.paid(charge)
    left = paid["amount"] - paid["amount_refunded"]
    if not 0 < (amount or left) <= left:
        raise CannotHappen("so much is not left")
    return str(account.refund(paid, amount or left)["id"])


async def stripe_pending(world: World, account: str, count: int = 1) -> None:
    """Let the next `count` refunds start as pending."""
    world.stripe[account].pending = count


async def stripe_settle(world: World, charge: str, succeeds: bool = True, reason: str = "lost_or_stolen_card") -> str:
    """Let the newest pending refund succeed or fail; a succeeded one may fail too. Returns its id."""
    return str(world.stripe.account_of(charge).settle(charge, succeeds, reason)["id"])


async def stripe_dispute(world: World, charge: str, reason: str = "fraudulent", inquiry: bool = False) -> str:
    """Let the payer's bank dispute the charge, or with `inquiry` only ask. Returns the dispute's id."""
    return str(world.stripe.account_of(charge).dispute(charge, reason, inquiry)["id"])


async def stripe_close(world: World, charge: str, status: str = "won") -> str:
    """Close the dispute as won, lost, or for an inquiry warning_closed. Returns its id."""
    return str(world.stripe.account_of(charge).close_dispute(charge, status)["id"])


async def stripe_warn(world: World, charge: str) -> str:
    """Add an early fraud warning. Returns its id."""
    return str(world.stripe.account_of(charge).warn(charge)["id"])


async def stripe_fault(world: World, account: str, **fields: Any) -> None:
    """Plant a fault, as `fault` does. `method` is for example "POST refunds" or "*"; `kind` is flood, error or drop."""
    if fields.get("kind") not in ("flood", "error", "drop"):
        raise CannotHappen("a fault of Stripe's is one of flood, error, drop")
    try:
        world.stripe[account].faults.planted.append(Fault(**fields))
    except TypeError as error:
        raise CannotHappen(str(error)) from None


async def stripe_mend(world: World, account: str) -> None:
    world.stripe[account].faults.planted.clear()


async def stripe_replay(world: World, account: str, event: str = "") -> str:
    """Post this event, or the newest, again. Returns its id."""
    known = world.stripe[account]
    if not known.events or (event and event not in known.events):
        raise CannotHappen("there is no such event")
    again = known.events[event or list(known.events)[-1]]
    known.endpoint.send(again)
    return str(again["id"])


async def stripe_hold(world: World, account: str) -> None:
    """Hold all events from now on."""
    endpoint = world.stripe[account].endpoint
    endpoint.held = endpoint.held or []


async def stripe_release(world: World, account: str, order: list[int] | None = None) -> list[str]:
    """Post the held events: all, or those at the indices `order`, and drop the rest. Returns their types."""
    endpoint = world.stripe[account].endpoint
    held, endpoint.held = endpoint.held or [], None
    if order and not all(0 <= at < len(held) for at in order):
        raise CannotHappen(f"{len(held)} events were held")
    told = held if order is None else [held[at] for at in order]
    for event in told:
        endpoint.send(event)
    return [event["type"] for event in told]


def accounts(world: World) -> Json:
    """All accounts, for tests and the page."""
    shown: Json = {}
    for name, account in world.stripe.items():
        lists = {"charges", "refunds", "disputes", "warnings", "events"}
        shown[name] = {each: list(getattr(account, each).values()) for each in sorted(lists)}
        shown[name] |= {"requests": account.requests, "tries": account.endpoint.tries}
        shown[name]["held"] = [event["type"] for event in account.endpoint.held or []]
    return shown


ACTIONS: dict[str, Callable[..., Awaitable[Any]]] = {
    action.__name__: action
    for action in (
        stripe_webhook,
        stripe_charge,
        stripe_refund,
        stripe_pending,
        stripe_settle,
        stripe_dispute,
        stripe_close,
        stripe_warn,
        stripe_fault,
        stripe_mend,
        stripe_replay,
        stripe_hold,
        stripe_release,
    )
}
