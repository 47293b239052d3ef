"""The bot's life: it starts, goes on with what an earlier run left, serves, drains, and stops within 25 seconds."""

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.ext import Application

from bot import scheduler
from bot.http_server import serve_metrics, serve_webhooks
from bot.ops.alarm import Alarm
from bot.ops.clock import Clock
from bot.sandbox.pool import Sandbox
from bot.services import Services
from bot.texts import choose, translator
from handlers.command_menus import introduce

_log = logging.getLogger(__name__)

_POLL_SECONDS = 30
_LOOK_SECONDS = 15
_SAY_SECONDS, _LONGEST_PAUSE_SECONDS = 60, 15  # of a start that waits for Telegram
# After SIGTERM; together below the 25 seconds of the contract.
_STOP_RECEIVING_SECONDS, _DRAIN_SECONDS, _CUT_OFF_SECONDS = 3, 13, 3


@dataclass
class Bot:
    """The bot as it runs: python-telegram-bot's application, what handlers get, and the two pools of children."""

    application: Application[Any, Any, Any, Any, Any, Any]
    services: Services
    light: Sandbox
    heavy: Sandbox  # for heavy tools; warm from the first time on that somebody chooses one
    alarm: Alarm
    schedule: Callable[[], None]  # when the start is through: it may have waited long, and jobs are due soon after it
    clock: Clock = field(default_factory=Clock)
    ready: bool = False

    @property
    def lacking(self) -> list[str]:
        """What keeps it from serving now."""
        return [*([] if self.ready else ["start"]), *self.services.ops.health.troubles]


async def until_stopped(serving: Coroutine[Any, Any, None]) -> None:
    """Run it until SIGTERM or SIGINT, at whatever point they come; then it is cancelled, and may end in order."""
    assert not asyncio.get_running_loop().get_debug()  # asyncio's debug mode prints what passes through it
    task = asyncio.create_task(serving)
    for number in (signal.SIGTERM, signal.SIGINT):  # the first one counts: a second must not cut the ending short
        asyncio.get_running_loop().add_signal_handler(number, lambda: task.cancelling() or task.cancel())
    with contextlib.suppress(asyncio.CancelledError):
        await task
    _log.info("stopped")


async def serve(bot: Bot) -> None:
    """Until cancelled."""
    metrics = await serve_metrics(bot.services, lambda: bot.lacking)
    watch, webhook = asyncio.create_task(_watch(bot)), None
    try:
        webhook = await start(bot)
        bot.ready = True
        _log.info("serving")
        await introduce(bot.application.bot, bot.services.own_chats)
        await asyncio.Event().wait()
    finally:
        bot.ready = False
        watch.cancel()
        await end(bot, webhook)
        if metrics:
            await metrics.cleanup()


async def start(bot: Bot) -> web.ServerRunner | None:
    """Go on with what an earlier run left, and receive updates. The server of the webhooks, if there are any."""
    await bot.light.start()
    await _until_answered(bot, bot.application.bot.initialize)
    await bot.application.initialize()
    bot.services.photos.jobs.pause(await bot.services.ops.pause.find())
    await bot.services.ops.group_watch.look()  # before anybody is obeyed
    await _go_on(bot)
    bot.schedule()
    await bot.application.start()
    return await _receive(bot)


async def _until_answered(bot: Bot, ask: Callable[[], Awaitable[object]]) -> None:
    """Wait while Telegram does not answer, as long as it takes. Raises InvalidToken, BadRequest: time mends neither."""
    clock, contact = asyncio.get_running_loop().time, bot.services.ops.health.contact
    pause, say_at = 1, clock()
    while True:
        try:
            await ask()
            contact.heard()
            return
        except (InvalidToken, BadRequest):
            raise
        except TelegramError as error:
            contact.failed(error)
            if clock() >= say_at:
                _log.warning("Telegram does not answer (%s): the start waits for it", type(error).__name__)
                say_at = clock() + _SAY_SECONDS
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


async def _watch(bot: Bot) -> None:
    """Look at the bot's health, and tell operators of it, side by side: a slow mail must not make a look old."""
    await asyncio.gather(_again(bot, _look), _again(bot, lambda bot: bot.alarm.ring()))


async def _look(bot: Bot) -> None:
    settings, health = bot.services.settings, bot.services.ops.health
    if seconds := bot.clock.jumped():
        _log.warning("the clock jumped by %d seconds", seconds)
        bot.alarm.clock_jumped(seconds)
        assert bot.application.job_queue
        await scheduler.clock_jumped(bot.application.job_queue, bot.services)
    if settings.webhook_url and settings.bot_mode == "webhook" and bot.ready:
        await health.contact.ask(bot.application.bot, _webhook_address(settings.webhook_url))
    await health.look()


async def _again(bot: Bot, work: Callable[[Bot], Awaitable[None]]) -> None:
    while True:
        try:
            await work(bot)
        except Exception as error:
            await bot.services.ops.error_reports.note(error)
        await asyncio.sleep(_LOOK_SECONDS)


async def _go_on(bot: Bot) -> None:
    """With what an earlier run left; whom it fails again and again hears of it."""
    for update in await bot.services.updates.replay(bot.application.bot):
        if user := update.effective_user:
            sentence = translator(choose(user.language_code))("error-unexpected")
            with contextlib.suppress(TelegramError):
                await bot.application.bot.send_message(user.id, sentence)
    if bot.services.updates.replayed:
        _log.info("going on with %d updates that an earlier run left", len(bot.services.updates.replayed))


async def _receive(bot: Bot) -> web.ServerRunner | None:
    settings, application = bot.services.settings, bot.application
    if settings.bot_mode == "polling":
        assert application.updater
        await application.updater.start_polling(timeout=_POLL_SECONDS, allowed_updates=_ALLOWED, bootstrap_retries=-1)
        return await serve_webhooks(bot.services, application.bot)
    assert settings.webhook_url
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else secrets.token_urlsafe(48)
    webhook = await serve_webhooks(bot.services, application.bot, secret)
    url = _webhook_address(settings.webhook_url)
    set_webhook = partial(application.bot.set_webhook, url, secret_token=secret, allowed_updates=_ALLOWED)
    await _until_answered(bot, set_webhook)
    return webhook


def _webhook_address(url: str) -> str:
    url = url.rstrip("/")
    return url if url.endswith("/telegram") else f"{url}/telegram"


_ALLOWED = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.PRE_CHECKOUT_QUERY,
    Update.SHIPPING_QUERY,
    Update.MY_CHAT_MEMBER,
]


async def end(bot: Bot, webhook: web.ServerRunner | None) -> None:
    """Receive no more, let what is under way end, cut off what does not, close. Nothing here may hang for ever."""
    application = bot.application
    bot.services.mail.close()
    if webhook:
        await webhook.cleanup()
    if application.updater and application.updater.running:
        await _within(_STOP_RECEIVING_SECONDS, application.updater.stop())
    if application.running and not await _within(_DRAIN_SECONDS, application.stop()):
        await _within(_CUT_OFF_SECONDS, bot.services.photos.jobs.abandon())
    if not application.running:
        await application.shutdown()
        await application.bot.shutdown()  # the application leaves it open where the start did not come to its own
    if bot.services.shop.stripe_reconciliation:
        await bot.services.shop.stripe_reconciliation.close()


async def _within(seconds: float, work: Coroutine[Any, Any, None]) -> bool:
    """Whether it ended in time. What fails while the bot ends is logged and stops nothing."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        task.cancel()
        return False
    if error := task.exception():
        _log.error("while stopping: %s", type(error).__name__)
    return True
