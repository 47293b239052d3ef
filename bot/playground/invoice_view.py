"""An invoice as people see it: the fields of its form, the payment, refunds and disputes."""

from bot.playground.methods.payments import invoice_key
from bot.playground.world import Json, Post, World


def invoice_view(world: World, post: Post) -> Json:
    """{"bill": ...} for an invoice, {} for any other message. `paid` is None until it is paid."""
    invoice = world.invoices.get(invoice_key(post))
    if invoice is None:
        return {}
    goods = invoice.goods
    fields: Json = {"paid": None, "refunded": 0, "disputed": ""}
    for payment in payments_for(post, goods.payload)[:1]:
        receipt = world.receipts.get(payment["telegram_payment_charge_id"], {})
        fields = {"paid": payment | receipt} | money_returned(world, post, payment)
    return {"bill": {"needs": goods.needs, "ships": goods.ships, "prices": goods.prices} | fields}


def payments_for(post: Post, payload: str) -> list[Json]:
    contents = [each.content | {"date": int(each.date)} for each in post.chat.visible()]
    paid = [each["successful_payment"] | {"date": each["date"]} for each in contents if "successful_payment" in each]
    return [payment for payment in paid if payment["invoice_payload"] == payload]


def money_returned(world: World, post: Post, payment: Json) -> Json:
    """The refunded amount, in the currency's smallest unit, and the status of a dispute."""
    charge = payment["provider_payment_charge_id"]
    for account in world.stripe.values():
        if charge in account.charges:
            disputes = [each["status"] for each in account.disputes.values() if each["charge"] == charge]
            return {"refunded": account.charges[charge]["amount_refunded"], "disputed": (disputes or [""])[-1]}
    contents = (each.content.get("refunded_payment", {}) for each in post.chat.visible())
    same = [
        each for each in contents if each.get("telegram_payment_charge_id") == payment["telegram_payment_charge_id"]
    ]
    return {"refunded": sum(each["total_amount"] for each in same), "disputed": ""}
