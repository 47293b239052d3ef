"""One job on one photo: fetch, develop, send, and say how it ended. For credits, or for an order that is paid."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from telegram import InputFile
from telegram.error import BadRequest, Forbidden, NetworkError

from bot.domain.errors import Busy, DarkroomError, Reason, Refused, Short, Stopped
from bot.domain.prices import tool_credits
from bot.domain.settings_codec import packed, unpacked
from bot.domain.values import MIB, SUFFIXES, Order, Photo, Product
from bot.payments.checkout import MOST_TRIES
from bot.photos.photo_jobs import Conclude, Job, JobKey
from bot.sandbox.memory_file import MemoryFile
from bot.sandbox.pool import Developed
from bot.sandbox.wire import About
from bot.texts import Translate, price, translator
from bot.tools.shelf import ALL_TOOLS
from handlers.context import Context, answering, apology, best_effort, has_agreed, sentence
from handlers.photos import menu, report
from handlers.photos.progress import Progress
from handlers.prints import to_lab

_PREVIEW_SECONDS = 10  # that the result waits for it at most


async def announce(context: Context, chat_id: int, translate: Translate, photo_id: int) -> JobKey:
    """A new message under the photo, which tells how its job goes."""
    message = await context.say(chat_id, translate("stage-fetching"), menu.stop(translate), photo_id)
    return chat_id, message.message_id


async def run(
    context: Context, job: Job, photo_id: int, translate: Translate, update_id: int, credits: int | None = None
) -> None:
    """For the tool's credits, or other ones. It ends with a document, or with a sentence in place of the progress."""
    progress = Progress(context.bot, *job.key, translate)
    try:
        job.tool.parse(job.settings)
        price = tool_credits(job.tool.slug) if credits is None else credits
        async with context.services.shop.checkout.charged(job.person, update_id, price) as settle:
            await _develop(context, job, photo_id, translate, progress, settle)
    except Short as error:
        text, buttons = menu.short(translate, job.tool, packed(job.settings), error)
        await progress.end(text, buttons)
    except DarkroomError as error:
        await progress.end(sentence(translate, error, job.tool), menu.after_failure(translate, job.tool, error))
    except Exception as error:
        await context.services.ops.error_reports.note(error, job.tool, job.language)
        await progress.end(apology(translate, error, job.tool), menu.tools(translate))
    finally:
        progress.close()


async def deliver(context: Context, number: str) -> None:
    """Do what an order paid for. It ends as delivered, with the lab, or refunded, now or at a later try."""
    async with context.services.shop.checkout.job_of(number) as order:
        if order is None or (order.product is Product.PRINT and context.services.own_chats.lab.is_refused):
            return
        if order.task is None or order.tool not in ALL_TOOLS:
            await context.services.ops.notifier.about(order, "paid-too-late")
            await context.services.shop.refunds.refund(number, "photo-gone")
            return
        translate = translator(order.language)
        try:
            order = await _announced(context, order, translate)
            if not has_agreed(await context.services.users.people.find(order.user_id)):
                await _give_back(context, order, translate, translate("error-no-consent"), "no-consent")
                return
            await _deliver(context, order, translate)
        except Busy:
            await context.services.shop.refunds.postpone(order)
        except DarkroomError as error:
            why = sentence(translate, error, ALL_TOOLS[order.tool])
            await _give_back(context, order, translate, why, error.key.removeprefix("error-"))
        except Exception as error:
            if isinstance(error, Forbidden) and order.product is Product.PHOTO:
                await context.services.shop.refunds.refund(number, "blocked")
                return
            await context.services.ops.error_reports.note(error, ALL_TOOLS[order.tool], order.language)
            if order.tries + 1 >= MOST_TRIES or _is_final(error):
                await _give_back(
                    context, order, translate, apology(translate, error, ALL_TOOLS[order.tool]), "not-delivered"
                )
            else:
                await context.services.shop.refunds.postpone(order)


def _is_final(error: Exception) -> bool:
    """True where Telegram will never take the result: it is too large for it."""
    return isinstance(error, BadRequest) and "too big" in error.message


async def _announced(context: Context, order: Order, translate: Translate) -> Order:
    """With a message in the chat that tells how it goes. Prints are posted to who blocked the bot, too."""
    if order.progress_id:
        return order
    try:
        _, progress_id = await announce(context, order.user_id, translate, order.task.message_id)
    except Forbidden:
        if order.product is not Product.PRINT:
            raise
        progress_id = 0  # no message
    return replace(order, progress_id=progress_id)


async def _deliver(context: Context, order: Order, translate: Translate) -> None:
    if not await context.services.shop.orders.delivering(order.id, order.progress_id):
        raise Stopped
    # Where no message could be sent, the order's own number stands for it.
    key = order.user_id, order.progress_id or -int(order.id, 36)
    tool, settings = ALL_TOOLS[order.tool], unpacked(order.task.settings)
    progress = Progress(context.bot, *key, translate)
    try:
        if order.product is Product.PRINT:
            await to_lab.deliver(context, order, key, partial(download, context), progress)
            return
        job = Job(
            key, order.user_id, order.language, tool, settings, order.task.photo, ordered=True, again=order.tries > 0
        )
        job.tool.parse(job.settings)
        delivered = partial(context.services.shop.orders.delivered, order.id)
        await _develop(context, job, order.task.message_id, translate, progress, delivered)
    finally:
        progress.close()


async def _give_back(context: Context, order: Order, translate: Translate, why: str, reason: str) -> None:
    """The sentence first, then the money, if it is not on its way already: Telegram shows the refund by itself."""
    if order.progress_id:
        value = price(translate, order.amount, order.currency)
        text = f"{why}\n\n{translate('refund-coming', price=value, order=order.id)}"
        edit = context.bot.edit_message_text(text, order.user_id, order.progress_id, reply_markup=menu.tools(translate))
        await best_effort(edit)
    await context.services.shop.refunds.refund(order.id, reason)


async def _develop(
    context: Context, job: Job, photo_id: int, translate: Translate, progress: Progress, settle: Conclude
) -> None:
    async def fetch(photo: Photo, into: MemoryFile) -> None:
        await download(context, photo, into)

    async def send(developed: Developed, held: float) -> None:
        await _send(context, job, photo_id, developed, held, translate)

    async def conclude() -> None:
        await settle()  # first: the courtesy may wait for a minute, and nobody gets back what arrived
        await progress.remove()  # still part of the job: a second tap on this menu finds it at work, or finds no menu

    with context.services.photos.last_results.watch(job.person, job.tool):
        await context.services.photos.jobs.run(job, fetch, progress.show, send, conclude)


async def download(context: Context, photo: Photo, into: MemoryFile) -> None:
    """Download it into memory. What breaks off, or is of another size than Telegram says, is tried anew."""
    most = context.services.settings.max_input_mb
    try:
        file = await context.bot.get_file(photo.file_id)
    except BadRequest as error:
        if "too big" in error.message:
            raise Refused(Reason.TOO_MANY_BYTES, most) from None
        raise
    for pause in (1, 2, None):
        try:
            await context.services.transport.fetch(file.file_path, into, most * MIB)
            if {photo.size, file.file_size or 0} - {0, into.size}:  # half a file looks whole to whoever sent it
                raise NetworkError("a file of another size than declared")
            return
        except NetworkError:
            if pause is None:
                raise
            await asyncio.sleep(pause)


async def _send(
    context: Context, job: Job, photo_id: int, developed: Developed, held: float, translate: Translate
) -> None:
    if developed.preview and not job.again:
        with developed.preview:
            await best_effort(_send_preview(context, job, photo_id, developed.preview, translate))
    about = developed.about
    name = f"{job.photo.stem}-{job.tool.slug}.{SUFFIXES[about.format]}"
    message = await context.bot.send_document(
        job.key[0],
        InputFile(developed.file, filename=name, read_file_handle=False),  # type: ignore[arg-type]
        caption=report.caption(translate, job.tool, developed, held),
        parse_mode="HTML",
        reply_markup=menu.after_result(
            translate, job.tool, prints=context.services.settings.sells_prints, crop=_crop(job.settings, about)
        ),
        reply_parameters=answering(photo_id),
        disable_content_type_detection=True,
    )
    await context.services.users.messages.add(job.key[0], message.message_id)


def _crop(settings: Mapping[str, str], about: About) -> dict[str, str] | None:
    """What fills the box that a photo of another shape was fitted inside; None where there is nothing to crop."""
    if settings.get("fit", "inside") != "inside" or not settings.keys() >= {"width", "height"}:
        return None
    wanted, came = (int(settings["width"]), int(settings["height"])), (about.source_width, about.source_height)
    scale = min(box / side for box, side in zip(wanted, came, strict=True))
    same_shape = all(abs(box - side * scale) < 1 for box, side in zip(wanted, came, strict=True))
    short = {key: str(int(value)) if value.isdecimal() else value for key, value in settings.items()}
    return None if same_shape else short | {"fit": "crop"}


async def _send_preview(context: Context, job: Job, photo_id: int, preview: MemoryFile, translate: Translate) -> None:
    """A picture to glance at, before the document. Nobody misses it, should it not arrive."""
    message = await context.bot.send_photo(
        job.key[0],
        InputFile(preview, filename=f"{job.photo.stem}-preview.jpg", read_file_handle=False),  # type: ignore[arg-type]
        caption=translate(f"preview-{job.tool.slug}"),
        reply_markup=menu.under_preview(translate, _shown(job))
        if job.tool.hints and not job.background_photo
        else None,
        reply_parameters=answering(photo_id),
        read_timeout=_PREVIEW_SECONDS,
    )
    await context.services.users.messages.add(job.key[0], message.message_id)


def _shown(job: Job) -> str:
    """Its settings without the default, which needs no room on a button."""
    default = job.tool.presets[0][0].settings
    return ";".join(pair for pair in packed(job.settings).split(";") if pair != default)
