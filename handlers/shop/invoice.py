"""Invoices are sent from here. Without a known e-mail address, the bot first asks where receipts go."""

from typing import Any

from telegram import LabeledPrice

from bot.domain.prices import PRINT_HANDLING
from bot.domain.values import Order, Product
from bot.prints.fulfilment import described
from bot.texts import Translate, translator
from handlers.account import address
from handlers.callbacks import BUY_LINK
from handlers.context import Context, answering


async def offer(context: Context, order: Order) -> None:
    """The invoice, unless they were never asked for an e-mail address: then that first. A card's form asks itself."""
    if order.product is not Product.PRINT and await _lacks_address(context, order):
        await address.ask(context, order.user_id, order.language, order.id)
    else:
        await send(context, order)


async def _lacks_address(context: Context, order: Order) -> bool:
    known = await context.services.users.addresses.find(order.user_id)
    return context.services.mail.is_open and not known.address and not known.declined


async def send(context: Context, order: Order) -> None:
    translate = translator(order.language)
    if order.product is Product.CREDITS:
        title, description = translate("credits", count=order.credits), translate("invoice-credits")
    elif order.product is Product.PRINT:
        title, description = described(translate, order), translate("invoice-prints")
    else:
        title, description = (
            translate("invoice-photo-title", tool=translate(f"tool-{order.tool}")),
            translate("invoice-photo"),
        )
    more = await _card(context, order) if order.product is Product.PRINT else {"provider_token": ""}
    message = await context.bot.send_invoice(
        order.user_id,
        title,
        description,
        payload=order.id,
        currency=order.currency,
        prices=_prices(translate, title, order),
        start_parameter=BUY_LINK,  # without one, a forwarded copy would carry a live Pay button
        reply_parameters=answering(order.task.message_id) if order.task else None,
        **more,
    )
    await context.services.users.messages.add(order.user_id, message.message_id)
    await context.services.shop.checkout.invoiced(order)


def _prices(translate: Translate, title: str, order: Order) -> list[LabeledPrice]:
    if order.product is not Product.PRINT:
        return [LabeledPrice(title, order.amount)]
    goods = order.amount - order.shipping - PRINT_HANDLING
    return [LabeledPrice(title, goods), LabeledPrice(translate("prints-handling"), PRINT_HANDLING)]


async def _card(context: Context, order: Order) -> dict[str, Any]:
    """What the payment's form asks for. What posting costs follows from the address."""
    return {
        "provider_token": context.services.settings.stripe_provider_token.get_secret_value(),
        "need_name": True,
        "need_email": await _lacks_address(context, order),
        "need_shipping_address": True,
        "is_flexible": True,
    }
