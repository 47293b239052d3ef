"""The bot's life: it starts, goes on with what an earlier run left, serves, drains, and stops within 25 seconds."""

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application

from bot.http_server import serve_metrics, serve_webhooks
from bot.sandbox.pool import Sandbox
from bot.services import Services
from bot.texts import DEFAULT, choose, languages, translator

_log = logging.getLogger(__name__)

_POLL_SECONDS = 30
# After SIGTERM; together below the 25 seconds of the contract.
_STOP_RECEIVING_SECONDS, _DRAIN_SECONDS, _CUT_OFF_SECONDS = 3, 13, 3
_COMMANDS = (
    "start",
    "help",
    "buy",
    "balance",
    "orders",
    "withdraw",
    "email",
    "support",
    "paysupport",
    "privacy",
    "mydata",
    "forget",
    "terms",
    "language",
    "status",
    "cancel",
)


@dataclass
class Bot:
    """The bot as it runs: python-telegram-bot's application, what handlers get, and the two pools of children."""

    application: Application[Any, Any, Any, Any, Any, Any]
    services: Services
    light: Sandbox
    heavy: Sandbox  # for heavy tools; warm from the first time on that somebody chooses one
    ready: bool = False


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
    metrics = await serve_metrics(bot.services, lambda: bot.ready)
    webhook = None
    try:
        webhook = await start(bot)
        bot.ready = True
        _log.info("serving")
        await _introduce(bot)
        await asyncio.Event().wait()
    finally:
        bot.ready = False
        await end(bot, webhook)
        if metrics:
            await metrics.cleanup()


async def start(bot: Bot) -> web.AppRunner | None:
    """Go on with what an earlier run left, and receive updates. The server of the webhooks, if there are any."""
    await asyncio.gather(bot.light.start(), bot.application.initialize())
    bot.services.photos.jobs.pause(await bot.services.ops.pause.find())
    await bot.services.ops.group_watch.look()  # before anybody is obeyed
    await _go_on(bot)
    await bot.application.start()
    return await _receive(bot)


async def _go_on(bot: Bot) -> None:
    """With what an earlier run left; whom it fails again and again hears of it."""
    for update in await bot.services.updates.replay(bot.application.bot):
        if user := update.effective_user:
            sentence = translator(choose(user.language_code))("error-unexpected")
            with contextlib.suppress(TelegramError):
                await bot.application.bot.send_message(user.id, sentence)
    if bot.services.updates.replayed:
        _log.info("going on with %d updates that an earlier run left", len(bot.services.updates.replayed))


async def _introduce(bot: Bot) -> None:
    """Tell Telegram our commands. Only a courtesy: without it everything works."""
    for code in languages():
        commands = [(name, translator(code)(f"command-{name}")) for name in _COMMANDS]
        with contextlib.suppress(TelegramError):
            await bot.application.bot.set_my_commands(commands, language_code=None if code == DEFAULT else code)


async def _receive(bot: Bot) -> web.AppRunner | None:
    settings, application = bot.services.settings, bot.application
    if settings.bot_mode == "polling":
        assert application.updater
        await application.updater.start_polling(timeout=_POLL_SECONDS, allowed_updates=_ALLOWED, bootstrap_retries=-1)
        return await serve_webhooks(bot.services, application.bot)
    assert settings.webhook_url
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else secrets.token_urlsafe(48)
    webhook = await serve_webhooks(bot.services, application.bot, secret)
    url = settings.webhook_url.rstrip("/")
    url = url if url.endswith("/telegram") else f"{url}/telegram"
    await application.bot.set_webhook(url, secret_token=secret, allowed_updates=_ALLOWED)
    return webhook


_ALLOWED = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.PRE_CHECKOUT_QUERY,
    Update.SHIPPING_QUERY,
    Update.MY_CHAT_MEMBER,
]


async def end(bot: Bot, webhook: web.AppRunner | None) -> None:
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
