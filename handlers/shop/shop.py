"""The shop: what credits cost, an invoice, Telegram's question before the payment, and what the payment gives."""

import asyncio

from telegram import InlineKeyboardMarkup, LabeledPrice, OrderInfo, ShippingOption, SuccessfulPayment, Update

from bot.botapi.updates import after_turn
from bot.domain.errors import UsageError
from bot.domain.prices import PACKS
from bot.domain.settings_codec import unpacked
from bot.domain.values import STARS, Charge, Order, OrderState, Product, Task
from bot.domain.zones import Zone
from bot.texts import Translate, choose, translator
from bot.tools.shelf import SHELF
from handlers.account import address
from handlers.callbacks import Buy, BuyPack, PayPhoto, button, refuse
from handlers.context import Context, best_effort, language_of
from handlers.photos import job, menu
from handlers.shop import invoice


async def follow_link(update: Update, context: Context) -> None:
    """Somebody passed an invoice on. It is not for sale to whom it reached, but the same is."""
    await buy(update, context)


async def buy(update: Update, context: Context) -> None:
    """What credits are and cost, and what is agreed to by paying."""
    _, translate = await context.person(update)
    balance = await context.services.shop.ledger.balance(update.effective_user.id)
    text = f"{translate('buy-what', balance=balance)}\n\n{translate('before-paying')}"
    rows = [
        [button(f"{translate('credits', count=pack.credits)} · {pack.stars} ⭐", BuyPack(str(pack.credits)))]
        for pack in PACKS.values()
    ]
    await context.say(update.effective_chat.id, text, InlineKeyboardMarkup(rows))


async def buy_by_button(update: Update, context: Context, callback: Buy) -> None:
    await best_effort(update.callback_query.answer())
    await buy(update, context)


async def buy_pack(update: Update, context: Context, callback: BuyPack) -> None:
    """The tap is the consent that its message asks for; it is kept with the order."""
    person, _ = await context.person(update)
    if not callback.credits.isdecimal() or int(callback.credits) not in PACKS:
        await refuse(update, context, "tap-too-old")
        return
    await best_effort(update.callback_query.answer())
    credits = int(callback.credits)
    order = await context.services.shop.checkout.open_pack(
        update.effective_user.id, language_of(person, update), credits
    )
    await invoice.offer(context, order)


async def pay_photo(update: Update, context: Context, callback: PayPhoto) -> None:
    """One job on the photo above. The order knows where the photo is, so that its job starts by itself."""
    person, _ = await context.person(update)
    message = update.effective_message
    photo = menu.photo_of(message.reply_to_message)
    if photo is None:
        await refuse(update, context, "photo-gone")
        return
    task = Task(photo, message.reply_to_message.message_id, callback.settings)
    try:
        SHELF[callback.tool].parse(unpacked(callback.settings))
        order = await context.services.shop.checkout.open_photo(
            update.effective_user.id, language_of(person, update), callback.tool, task
        )
    except (KeyError, UsageError):  # a button of another version
        await refuse(update, context, "tap-too-old")
        return
    await best_effort(update.callback_query.answer())
    await invoice.offer(context, order)


async def before_shipping(update: Update, context: Context) -> None:
    """Telegram asks what posting it there costs. A country that is not served is refused in words."""
    query = update.shipping_query
    translate = translator(choose(query.from_user.language_code))
    found: Zone | str = "not-now"
    try:
        _, translate = await context.person(update)
        country = query.shipping_address.country_code
        found = await context.services.shop.checkout.shipping(query.from_user.id, query.invoice_payload, country)
    finally:
        if isinstance(found, Zone):
            await best_effort(query.answer(ok=True, shipping_options=[_option(translate, found)]))
        else:
            await best_effort(query.answer(ok=False, error_message=translate(f"checkout-{found}")))


def _option(translate: Translate, zone: Zone) -> ShippingOption:
    first, last = zone.days
    title = translate("zone-days", zone=translate(f"zone-{zone.name}"), **{"from": first, "to": last})
    return ShippingOption(zone.name, title, [LabeledPrice(title, zone.cents)])


async def before_checkout(update: Update, context: Context) -> None:
    """Telegram asks whether this payment may go on, and waits ten seconds. Without a reason to say yes it is no."""
    query = update.pre_checkout_query
    translate = translator(choose(query.from_user.language_code))
    why: str | None = "not-now"
    try:
        _, translate = await context.person(update)
        asked = query.from_user.id, query.invoice_payload, query.total_amount, query.currency
        why = await context.services.shop.checkout.check(*asked, query.shipping_option_id, _country(query.order_info))
    finally:
        await best_effort(query.answer(ok=why is None, error_message=translate(f"checkout-{why}") if why else None))


def _country(info: OrderInfo | None) -> str:
    return info.shipping_address.country_code if info and info.shipping_address else ""


async def paid(update: Update, context: Context) -> None:
    """The money moved: credits are there with this, a photo's job starts by itself."""
    payment = update.effective_message.successful_payment
    person, _ = await context.person(update)
    charge = Charge(
        payment.telegram_payment_charge_id,
        update.effective_user.id,
        payment.total_amount,
        payment.currency,
        payment.invoice_payload,
        language_of(person, update),
        *_of_card(payment),
    )
    order, _ = await context.services.shop.checkout.paid(charge)
    context.mail_soon()
    if order.product is not Product.PHOTO and (order.task or order.product is not Product.PRINT):
        await context.services.shop.checkout.thank(order)
    if order.product in (Product.PHOTO, Product.PRINT):
        after_turn(job.deliver(context, order.id))


def _of_card(payment: SuccessfulPayment) -> tuple[str | None, str | None, str | None]:
    """The card company's number, the address (sealed by `bot/botapi/client.py`) and the e-mail address, if any."""
    if payment.currency == STARS:
        return None, None, None
    info = payment.order_info
    sealed = info.api_kwargs.get("sealed") if info else None
    return payment.provider_payment_charge_id, sealed, address.spelled(info.email) if info and info.email else None


async def refunded(update: Update, context: Context) -> None:
    """Telegram gave a payment back, by our own doing or by its own."""
    await context.services.shop.refunds.note_returned(
        update.effective_message.refunded_payment.telegram_payment_charge_id
    )
    context.mail_soon()


async def work_off(context: Context) -> None:
    """What is paid and not delivered, or not given back yet, and is due: for the scheduler.

    In a pause only what is to be given back: this must not wait for a job.
    """
    await asyncio.gather(*(_go_on(context, order) for order in await context.services.shop.orders.due()))


async def _go_on(context: Context, order: Order) -> None:
    """Deliver first: a part that is to be back, which a bank may take days for, holds up nothing."""
    is_to_come = order.state in (OrderState.PAID, OrderState.DELIVERING) and order.product is not Product.UNKNOWN
    if is_to_come and context.services.photos.jobs.paused is None:
        await job.deliver(context, order.id)
    elif order.state is OrderState.REFUNDING or order.returned < order.to_return:
        await context.services.shop.refunds.pay_back(order)
