"""An order of prints on its way to the lab: sealed in the jail, posted into the lab's chat once, then gone here."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile

from bot.domain.errors import DarkroomError
from bot.domain.values import Order, OrderState
from bot.photos.photo_jobs import Job, JobKey
from bot.photos.prefetch import Fetch
from bot.prints.fulfilment import chosen, described
from bot.sandbox.pool import Developed
from bot.texts import DEFAULT, translator
from bot.tools.shelf import ALL_TOOLS
from handlers.callbacks import LabStep, button
from handlers.context import Context
from handlers.photos.progress import Progress
from storage.shipments import Shipment

_translate = translator(DEFAULT)

# Which buttons the lab has, by how far an order is; the others are steps that the lab's replies may take, too.
_NEXT = {
    OrderState.SENT: (OrderState.PRINTED, OrderState.POSTED),
    OrderState.PRINTED: (OrderState.POSTED,),
    OrderState.POSTED: (OrderState.DELIVERED, OrderState.RETURNED),
    OrderState.DELIVERED: (OrderState.RETURNED,),
    OrderState.RETURNED: (OrderState.POSTED,),
}
_UNDO = "undo-"


async def deliver(context: Context, order: Order, key: JobKey, fetch: Fetch, progress: Progress) -> None:
    """Raises DarkroomError where it did not come to that."""
    shipment = await context.services.shop.shipments.find(order.id)
    if shipment is None or not shipment.address:
        raise DarkroomError("no-address")
    settings = _settings(context, order, shipment)
    job = Job(key, order.user_id, order.language, ALL_TOOLS[order.tool], settings, order.task.photo, ordered=True)
    at: list[int] = []

    async def send(package: Developed, held: float) -> None:
        at.append(await _send(context, order, shipment, package))

    async def conclude() -> None:
        if not await context.services.shop.prints.at_the_lab(order.id, at[0]):
            await context.services.ops.notifier.lab("lab-cancelled", at[0], order=order.id)
        context.mail_soon()
        await progress.remove()

    await context.services.photos.jobs.run(job, fetch, progress.show, send, conclude)


def _settings(context: Context, order: Order, shipment: Shipment) -> dict[str, str]:
    """What the jail needs to seal the package; the address is sealed already."""
    return chosen(order.prints) | {
        "order": order.id,
        "shipping": shipment.zone,
        "address": shipment.address,
        "key": context.services.settings.print_lab_public_key,
    }


async def _send(context: Context, order: Order, shipment: Shipment, package: Developed) -> int:
    """The number of its message there. Where an earlier try may have arrived, the lab is told: it prints once."""
    lines = [
        _translate(
            "lab-order", order=order.id, what=described(_translate, order), zone=_translate(f"zone-{shipment.zone}")
        )
    ]
    if order.state is OrderState.DELIVERING:
        lines.append(_translate("lab-again"))
    lines.append(_translate("lab-reply"))
    message = await context.bot.send_document(
        context.services.own_chats.lab.id,
        InputFile(package.file, filename=f"{order.id}.age", read_file_handle=False),  # type: ignore[arg-type]
        caption="\n".join(lines),
        reply_markup=steps(order.id, OrderState.SENT),
        disable_content_type_detection=True,
        rate_limit_args=1,  # where it is not known whether it arrived, the next try has to say so
    )
    return message.message_id


def steps(number: str, state: OrderState) -> InlineKeyboardMarkup | None:
    rows = [[_button(number, step)] for step in _NEXT.get(state, ())]
    return InlineKeyboardMarkup(rows) if rows else None


def undo(number: str, step: int) -> InlineKeyboardMarkup:
    """Below what was noted: takes that step back."""
    return InlineKeyboardMarkup([[button(_translate("lab-undo"), LabStep(number, f"{_UNDO}{step}"))]])


def undone_step(callback: LabStep) -> int | None:
    """The number of the step that a button of `undo` takes back; None for other buttons."""
    step = callback.state.removeprefix(_UNDO)
    return int(step) if callback.state.startswith(_UNDO) and step.isdecimal() else None


def _button(number: str, step: OrderState) -> InlineKeyboardButton:
    return button(_translate(f"lab-{step}"), LabStep(number, step))
