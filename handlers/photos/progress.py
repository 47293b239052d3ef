"""One message that tells how a job goes: edited in place at Telegram's pace, with a Stop button meanwhile."""

import asyncio
import contextlib

from telegram import InlineKeyboardMarkup
from telegram.constants import ChatAction
from telegram.ext import ExtBot

from bot.domain.values import Stage, Step
from bot.texts import Translate
from handlers.context import best_effort, take_away
from handlers.photos import menu

_SECONDS_BEFORE_FIRST_EDIT = 0.3  # what is done by then needs no progress
_SECONDS_BETWEEN_EDITS = 1.2  # Telegram allows about one message a second in a chat

_CHAT_ACTION_SECONDS = 4.5  # Telegram shows one for five


class Progress:
    """`show` may be called as often as things happen; the person sees the newest state at a readable pace."""

    def __init__(self, bot: ExtBot[int], chat_id: int, message_id: int, translate: Translate) -> None:
        self._bot = bot
        self._chat_id = chat_id
        self._message_id = message_id
        self._translate = translate
        self._step: Step = None
        self._told = ""
        self._changed = asyncio.Event()
        self._edit_lock = asyncio.Lock()
        self._painter = asyncio.create_task(self._paint())

    def show(self, step: Step) -> None:
        if step != self._step:
            self._step = step
            self._changed.set()

    async def remove(self) -> None:
        """The result is there: the message has nothing more to say."""
        await self._stop_painting()
        await take_away(self._bot, self._chat_id, self._message_id, self._translate("job-done"))

    async def end(self, text: str, buttons: InlineKeyboardMarkup) -> None:
        """Say how it ended, in place of the progress. Where the person deleted that, they do not want to know."""
        await self._stop_painting()
        await best_effort(self._bot.edit_message_text(text, self._chat_id, self._message_id, reply_markup=buttons))

    async def _paint(self) -> None:
        await asyncio.sleep(_SECONDS_BEFORE_FIRST_EDIT)
        while True:
            try:
                async with asyncio.timeout(_CHAT_ACTION_SECONDS):  # `wait_for` loses a cancellation in Python 3.11
                    await self._changed.wait()
            except TimeoutError:
                await self._act()
                continue
            self._changed.clear()
            async with self._edit_lock:
                await self._tell()
            await self._pause()

    async def _pause(self) -> None:
        """Who waits far behind hears less often: all of them together must not use up Telegram's pace."""
        pauses = 0
        while pauses == 0 or pauses < self._step.place:
            await asyncio.sleep(_SECONDS_BETWEEN_EDITS)
            pauses += 1

    async def _act(self) -> None:
        if self._step and self._step.stage is not Stage.WAITING:
            await best_effort(self._bot.send_chat_action(self._chat_id, ChatAction.UPLOAD_DOCUMENT))

    async def _tell(self) -> None:
        text = sentence(self._translate, self._step)
        if text == self._told:
            return
        self._told = text
        await self._act()
        edit = self._bot.edit_message_text(
            text,
            self._chat_id,
            self._message_id,
            reply_markup=menu.stop(self._translate),
            rate_limit_args=1,  # tried once: the next edit is better than this one again
        )
        await best_effort(edit)

    def close(self) -> None:
        self._painter.cancel()

    async def _stop_painting(self) -> None:
        async with self._edit_lock:  # an edit under way must not arrive after the last word
            self._painter.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._painter


def sentence(translate: Translate, step: Step) -> str:
    """What happens now, or how long until it begins."""
    key = f"stage-{step.stage.name.lower()}"
    if step.stage is Stage.WAITING and step.pause is not None:
        return translate("stage-paused", why=step.pause)
    if step.photos > 1:
        return f"{translate('stage-photo', photo=step.photo, photos=step.photos)} {translate(key)}"
    if step.stage is not Stage.WAITING or step.seconds is None:
        return translate(key, place=step.place)
    if step.seconds < 10:
        return translate(f"{key}-moments", place=step.place)
    if step.seconds < 55:
        return translate(f"{key}-seconds", place=step.place, seconds=10 * round(step.seconds / 10))
    return translate(f"{key}-minutes", place=step.place, minutes=max(1, round(step.seconds / 60)))
