"""One job on an album: fetch and develop one photo after another, send them together, and say how it ended."""

import time
from collections.abc import Mapping

from telegram import InlineKeyboardMarkup, InputFile, InputMediaDocument, Message
from telegram.error import Forbidden, TelegramError

from bot.domain.errors import DarkroomError, Short
from bot.domain.prices import tool_credits
from bot.domain.values import SUFFIXES, Photo, Tool
from bot.ops.error_reports import code_of
from bot.payments.checkout import Settle
from bot.photos.photo_jobs import Frame, Job
from bot.sandbox.memory_file import MemoryFile
from bot.texts import Translate
from handlers.callbacks import Buy, MenuAll, button
from handlers.context import Context, answering, apology, sentence
from handlers.photos import menu, report
from handlers.photos.job import download
from handlers.photos.progress import Progress
from storage.albums import Album

_SHORT = 300  # characters of a caption under a photo of an album; of a longer one some lines are left out


async def run(context: Context, job: Job, album: Album, translate: Translate, update_id: int) -> None:
    """For credits, or for nothing. In place of the progress there is a summary at the end, or a sentence."""
    progress, count = Progress(context.bot, *job.key, translate), len(album.photos)
    try:
        job.tool.parse(job.settings)
        credits = count * tool_credits(job.tool.slug)
        async with context.services.shop.checkout.charged(job.person, update_id, credits) as settle:
            await _develop(context, job, album, translate, progress, settle)
    except Short as error:
        rows = [[button(translate("buy"), Buy())], [button(translate("back"), MenuAll())]]
        await progress.end(translate(error.key, **error.values), InlineKeyboardMarkup(rows))
    except DarkroomError as error:
        context.services.photos.last_results.note(job.person, job.tool, error)
        await progress.end(sentence(translate, error, job.tool), menu.after_failure(translate, job.tool, error, count))
    except Exception as error:
        context.services.photos.last_results.note(job.person, job.tool, error)
        await context.services.ops.error_reports.note(error, job.tool, job.language)
        await progress.end(apology(translate, error, job.tool), menu.tools(translate, count))
    finally:
        progress.close()


async def _develop(
    context: Context, job: Job, album: Album, translate: Translate, progress: Progress, settle: Settle
) -> None:
    arrived: list[int] = []

    async def fetch(photo: Photo, into: MemoryFile) -> None:
        try:
            await download(context, photo, into)
        except Forbidden:
            raise
        except TelegramError:
            raise DarkroomError("not-delivered") from None  # the others may come

    async def send(frames: list[Frame]) -> None:
        await _send(context, job, album, frames, translate)
        arrived.extend(frame.number for frame in frames)

    async def conclude(wrong: Mapping[int, DarkroomError]) -> None:
        await settle(back=len(wrong) * tool_credits(job.tool.slug))
        worst = max(wrong.values(), key=lambda error: error.wake, default=None)  # our own fault before a photo's
        context.services.photos.last_results.note(job.person, job.tool, worst)
        text = _summary(translate, job.tool, len(album.photos), wrong)
        if context.services.settings.sells_prints and len(wrong) < len(album.photos):
            text += f"\n{translate('album-prints')}"
        await progress.end(text, menu.after_result(translate, job.tool, len(album.photos)))

    try:
        await context.services.photos.jobs.run_album(job, album.photos, fetch, progress.show, send, conclude)
    except (DarkroomError, TelegramError) as error:
        if not arrived:
            raise
        why = error if isinstance(error, DarkroomError) else DarkroomError("not-delivered")
        await conclude({number: why for number in range(1, len(album.photos) + 1) if number not in arrived})


def _summary(translate: Translate, tool: Tool, count: int, wrong: Mapping[int, DarkroomError]) -> str:
    """How many were done, and why each of the others was not."""
    lines = [translate("album-done", done=count - len(wrong), photos=count)]
    for number, error in sorted(wrong.items()):
        lines.append(translate("album-failed", photo=number, why=translate(error.key, **error.values)))
    lines += dict.fromkeys(translate("error-code", code=code_of(error, tool)) for error in wrong.values() if error.wake)
    return "\n".join(lines)


async def _send(context: Context, job: Job, album: Album, frames: list[Frame], translate: Translate) -> None:
    """As one album, in order; a single one is no album to Telegram."""
    chat_id, reply = job.key[0], answering(album.message_ids[0])
    media = [_document(job, frame, translate) for frame in frames]
    sent: tuple[Message, ...]
    if len(media) > 1:
        sent = await context.bot.send_media_group(chat_id, media, reply_parameters=reply)
    else:
        [only] = media
        document = await context.bot.send_document(
            chat_id,
            only.media,
            caption=only.caption,
            parse_mode=only.parse_mode,
            reply_parameters=reply,
            disable_content_type_detection=True,
        )
        sent = (document,)
    for message in sent:
        await context.services.users.messages.add(chat_id, message.message_id)


def _document(job: Job, frame: Frame, translate: Translate) -> InputMediaDocument:
    stem = frame.photo.stem if frame.photo.name else f"photo-{frame.number}"
    name = f"{stem}-{job.tool.slug}.{SUFFIXES[frame.developed.about.format]}"
    file = InputFile(frame.developed.file, filename=name, attach=True, read_file_handle=False)  # type: ignore[arg-type]
    text = report.caption(translate, job.tool, frame.developed, time.monotonic() - frame.since)
    return InputMediaDocument(file, caption=_short(text), parse_mode="HTML", disable_content_type_detection=True)


def _short(caption: str) -> str:
    """Its first lines, as far as there is room, and the last one."""
    *lines, last = caption.split("\n")
    cut: list[str] = []
    while len(lines) > 1 and len(report.shown("\n".join([*lines, *cut, last]))) > _SHORT:
        lines.pop()
        cut = ["…"]
    return "\n".join([*lines, *cut, last])
