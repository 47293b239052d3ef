"""An invoice into the chat; before a person's first one, the question where its receipt goes."""

from telegram import LabeledPrice

from bot.model import Order, Product
from bot.texts import words as words_of
from handlers import address
from handlers.context import Context, answering
from handlers.taps import BUY_LINK


async def offer(context: Context, order: Order) -> None:
    """The invoice, unless they were never asked for an e-mail address: then that first."""
    known = await context.house.addresses.find(order.user_id)
    if context.house.post.is_open and not known.address and not known.declined:
        await address.ask(context, order.user_id, order.language, order.id)
    else:
        await send(context, order)


async def send(context: Context, order: Order) -> None:
    words = words_of(order.language)
    if order.product is Product.CREDITS:
        title, description = words("credits", count=order.credits), words("invoice-credits")
    else:
        title, description = words("invoice-photo-title", tool=words(f"tool-{order.tool}")), words("invoice-photo")
    message = await context.bot.send_invoice(
        order.user_id,
        title,
        description,
        payload=order.id,
        currency=order.currency,
        prices=[LabeledPrice(title, order.amount)],
        provider_token="",
        start_parameter=BUY_LINK,  # without one, a forwarded copy would carry a live Pay button
        reply_parameters=answering(order.task.message_id) if order.task else None,
    )
    await context.house.messages.add(order.user_id, message.message_id)
    await context.house.shop.invoiced(order)
