"""Prints of a result, by post: a proof of the cut with what can be chosen, then an invoice that a card pays."""

from functools import partial
from typing import NamedTuple

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMediaPhoto, Message, Update

from bot.botapi.updates import after_turn
from bot.domain import settings_codec
from bot.domain.errors import DarkroomError, Reason, Refused
from bot.domain.prices import PRINT_CURRENCY, print_cents
from bot.domain.values import Photo, Step, Task
from bot.domain.zones import ZONES
from bot.photos.photo_jobs import Job
from bot.prints.fulfilment import CHOICES, chosen, packed, what
from bot.sandbox.pool import Developed
from bot.texts import Translate, price
from bot.tools.shelf import ALL_TOOLS
from handlers.callbacks import Copies, OrderPrints, Prints, button, refuse
from handlers.context import Context, answering, apology, best_effort, language_of, sentence
from handlers.photos import job, menu
from handlers.shop import invoice

_LOOK = ALL_TOOLS["print-look"]
_FOR_PROOF = ("format", "fit", "cut")


async def show(update: Update, context: Context, callback: Prints) -> None:
    """The proof: a new message under the result, or in place of another proof."""
    if (asked := await _asked(update, context, callback.settings)) is None:
        return
    message = update.effective_message
    if context.services.photos.jobs.has((message.chat_id, message.message_id)):
        await best_effort(update.callback_query.answer(asked.translate("already-working")))
        return
    await best_effort(update.callback_query.answer())
    work = _work(update, asked.language, asked.photo, asked.choice)
    old = None if message.document else message
    after_turn(_prove(context, work, asked.translate, asked.choice, asked.result, old))


async def typed(update: Update, context: Context) -> None:
    """The same for the picture that this replies to."""
    message = update.effective_message
    person, translate = await context.person(update)
    target = message.reply_to_message
    photo = menu.photo_of(target)
    if not context.services.settings.sells_prints or photo is None:
        await context.say(message.chat_id, translate("send-a-photo" if photo is None else "prints-no-sale"))
    elif photo.compressed and target.from_user and target.from_user.id == context.bot.id:  # results are files
        await context.say(message.chat_id, translate("prints-only-a-look"), reply_to=message.message_id)
    else:
        choice = chosen("")
        work = _work(update, language_of(person, update), photo, choice)
        after_turn(_prove(context, work, translate, choice, target, old=None))


def _work(update: Update, language: str, photo: Photo, choice: dict[str, str]) -> Job:
    message, settings = update.effective_message, {name: choice[name] for name in _FOR_PROOF}
    return Job((message.chat_id, message.message_id), update.effective_user.id, language, _LOOK, settings, photo)


async def change_copies(update: Update, context: Context, callback: Copies) -> None:
    """What was chosen changes, but not the picture: its first paragraph stays."""
    if (asked := await _asked(update, context, callback.settings)) is None:
        return
    about, _, _ = (update.effective_message.caption or "").partition("\n\n")
    caption, buttons = _offer(asked.translate, about, asked.choice)
    await best_effort(update.effective_message.edit_caption(caption, reply_markup=buttons))
    await best_effort(update.callback_query.answer())  # last: the next tap is on the new buttons


async def order(update: Update, context: Context, callback: OrderPrints) -> None:
    """The tap is the consent that the proof asks for. The order knows where the result is, until the lab has it.

    What was chosen is kept in full: what is the default may change.
    """
    if (asked := await _asked(update, context, callback.settings)) is None:
        return
    await best_effort(update.callback_query.answer())
    task, kept = Task(asked.photo, asked.result.message_id, ""), settings_codec.packed(asked.choice)
    made = await context.services.shop.checkout.open_print(update.effective_user.id, asked.language, task, kept)
    await invoice.offer(context, made)


class _Asked(NamedTuple):
    """Of which result prints are wanted, and which; by whom, that is in which words."""

    result: Message
    photo: Photo
    choice: dict[str, str]
    translate: Translate
    language: str


async def _asked(update: Update, context: Context, settings: str) -> _Asked | None:
    """None, and a sentence, where there is no sale."""
    message = update.effective_message
    result = message if message.document else message.reply_to_message
    photo = menu.photo_of(result)
    person, translate = await context.person(update)
    try:
        choice = chosen(settings)
    except ValueError:  # a button of another version
        await refuse(update, context, "tap-too-old")
    else:
        if not context.services.settings.sells_prints:
            await refuse(update, context, "prints-no-sale")
        elif photo is None:
            await refuse(update, context, "photo-gone")
        else:
            return _Asked(result, photo, choice, translate, language_of(person, update))
    return None


async def _prove(
    context: Context, work: Job, translate: Translate, choice: dict[str, str], result: Message, old: Message | None
) -> None:
    async def send(developed: Developed, held: float) -> None:
        caption, buttons = _offer(translate, _about(translate, choice, developed), choice)
        file = partial(InputFile, developed.file, filename="proof.jpg", read_file_handle=False)  # type: ignore[arg-type]
        if old:
            await best_effort(old.edit_media(InputMediaPhoto(file(attach=True), caption), reply_markup=buttons))
            return
        sent = await context.bot.send_photo(
            result.chat_id,
            file(),
            caption=caption,
            reply_markup=buttons,
            reply_parameters=answering(result.message_id),
        )
        await context.services.users.messages.add(result.chat_id, sent.message_id)

    try:
        await context.services.photos.jobs.run(work, partial(job.download, context), _no_show, send, _nothing_more)
    except DarkroomError as error:
        await context.say(result.chat_id, _why_not(translate, error), reply_to=result.message_id)
    except Exception as error:
        await context.services.ops.error_reports.note(error, _LOOK, work.language)
        await context.say(result.chat_id, apology(translate, error, _LOOK), reply_to=result.message_id)


def _no_show(_: Step) -> None:
    """It takes a moment only; the spinner on the button tells."""


async def _nothing_more() -> None:
    """A proof costs nothing."""


def _why_not(translate: Translate, error: DarkroomError) -> str:
    if isinstance(error, Refused) and error.reason is Reason.TOO_MANY_BYTES:
        return translate("prints-too-large", limit=error.detail)
    return sentence(translate, error, _LOOK)


def _about(translate: Translate, choice: dict[str, str], developed: Developed) -> str:
    report = developed.about.untrusted_report
    if choice["fit"] == "whole":
        lines = [translate("prints-whole")]
    else:
        lines = [translate("prints-cut", cut=report["cut"]) if report["cut"] else translate("prints-no-cut")]
    if report.get("coarse"):
        lines.append(translate("prints-coarse", dpi=report["dpi"]))
    return " ".join(lines)


def _offer(translate: Translate, about: str, choice: dict[str, str]) -> menu.Shown:
    cost = price(translate, print_cents(choice["format"], choice["paper"], int(choice["copies"])), PRINT_CURRENCY)
    zones = ", ".join(
        f"{translate(f'zone-{zone.name}')} {price(translate, zone.cents, PRINT_CURRENCY)}" for zone in ZONES
    )
    terms = translate("prints-price", what=what(translate, choice), price=cost, zones=zones)
    return f"{about}\n\n{terms}", InlineKeyboardMarkup(_buttons(translate, choice, cost))


def _buttons(translate: Translate, choice: dict[str, str], cost: str) -> list[list[InlineKeyboardButton]]:
    numbers = CHOICES["copies"]
    place = numbers.index(choice["copies"])
    around = [("prints-fewer", place - 1), ("prints-more", place + 1)]
    copies = [
        _other(translate, label, Copies, choice, copies=numbers[n]) for label, n in around if n in range(len(numbers))
    ]
    paper = "matte" if choice["paper"] == "glossy" else "glossy"
    fit = "whole" if choice["fit"] == "fill" else "fill"
    rows = [
        [button(translate("prints-order", price=cost), OrderPrints(packed(choice)))],
        copies,
        [_other(translate, f"prints-to-{paper}", Copies, choice, paper=paper)],
        [_other(translate, f"prints-to-{fit}", Prints, choice, fit=fit)],
    ]
    if choice["fit"] == "fill":
        cuts = CHOICES["cut"]
        following = cuts[(cuts.index(choice["cut"]) + 1) % len(cuts)]
        rows.append([_other(translate, "prints-move", Prints, choice, cut=following)])
    return rows


def _other(
    translate: Translate, label: str, kind: type[Prints] | type[Copies], choice: dict[str, str], **change: str
) -> InlineKeyboardButton:
    return button(translate(label), kind(packed(choice | change)))
