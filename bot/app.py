"""The composition root: everything is made here, once, and passed on."""

import asyncio
import contextlib
import logging
import secrets
import signal
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot

from bot import jobs
from bot.editing import Editing
from bot.metrics import Metrics
from bot.pacing import Pacing
from bot.sandbox import Sandbox
from bot.settings import Settings
from bot.texts import languages, words
from bot.transport import AiohttpRequest
from bot.updates import Turns, UpdateQueue
from bot.web import serve_metrics, serve_webhook
from handlers import FIRST, HANDLERS, on_error
from handlers.context import Context
from storage.counters import Counters
from storage.db import Database
from storage.inbox import Inbox
from storage.messages import Messages
from storage.people import People

_log = logging.getLogger(__name__)

_CONNECTIONS = 64  # to the Bot API; more transfers at once only cost processor time
_POLL_SECONDS = 30
_DRAIN_SECONDS = 15  # that jobs may take to end after SIGTERM; what does not make it is replayed at the next start
_COMMANDS = ("start", "help", "privacy", "status", "language", "cancel")


@dataclass
class House:
    """Everything that handlers may need."""

    settings: Settings
    application: Application[Any, Any, Any, Any, Any, Any]
    transport: AiohttpRequest
    db: Database
    people: People
    messages: Messages
    counters: Counters
    updates: UpdateQueue
    sandbox: Sandbox
    editing: Editing
    metrics: Metrics
    ready: bool = False


class _Bot(ExtBot[int]):
    """A Bot API server that lacks a method which is only a courtesy must not stop the start."""

    async def delete_webhook(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return await super().delete_webhook(*args, **kwargs)
        except InvalidToken:  # how the library reads any 404
            return False


async def build(settings: Settings, request: AiohttpRequest | None = None) -> House:
    """Make the whole bot, not yet started. Raises DatabaseError, MissingLayer, or ValueError without a token."""
    if settings.bot_token is None:
        raise ValueError("BOT_TOKEN is not set: get one from @BotFather and put it into .env")
    sandbox = Sandbox(settings.jail_accept_missing)
    db = await Database.open(settings.database_path, settings.database_key_file)
    counters, metrics = Counters(db), Metrics()
    inbox = Inbox(db)
    updates = UpdateQueue(inbox)
    transport = request or AiohttpRequest(_CONNECTIONS)
    house = House(
        settings=settings,
        application=_application(settings, transport, updates, Turns(inbox)),
        transport=transport,
        db=db,
        people=People(db),
        messages=Messages(db),
        counters=counters,
        updates=updates,
        sandbox=sandbox,
        editing=Editing(sandbox, counters, metrics, settings.workers, settings.max_input_mb, settings.max_megapixels),
        metrics=metrics,
    )
    house.application.bot_data["house"] = house
    jobs.schedule(house.application.job_queue, house.messages, inbox, db)
    return house


def _application(
    settings: Settings, transport: AiohttpRequest, updates: UpdateQueue, turns: Turns
) -> Application[Any, Any, Any, Any, Any, Any]:
    assert settings.bot_token
    bot = _Bot(
        settings.bot_token.get_secret_value(),
        base_url=f"{settings.bot_api_url}/bot",
        base_file_url=f"{settings.bot_api_url}/file/bot",
        request=transport,
        get_updates_request=AiohttpRequest(2),
        rate_limiter=Pacing(),
    )
    builder = ApplicationBuilder().bot(bot).update_queue(updates).concurrent_updates(turns)
    application = builder.context_types(ContextTypes(context=Context)).build()
    application.add_handler(FIRST, group=-1)
    for handler in HANDLERS:
        application.add_handler(handler)
    application.add_error_handler(on_error)
    return application


async def serve(settings: Settings) -> None:
    """Serve Telegram until SIGTERM or SIGINT."""
    assert not asyncio.get_running_loop().get_debug()  # asyncio's debug mode prints what passes through it
    house = await build(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await _serve_until(stop, house)
    finally:
        house.sandbox.close()
        await house.db.close()


async def _serve_until(stop: asyncio.Event, house: House) -> None:
    await house.sandbox.start()
    metrics = await serve_metrics(house)
    application = house.application
    try:
        async with application:
            await _introduce(house)
            if replayed := await house.updates.replay(application.bot):
                _log.info("going on with %d updates that an earlier run left", replayed)
            await application.start()
            webhook = await _receive(house)
            house.ready = True
            _log.info("serving")
            await stop.wait()
            house.ready = False
            _log.info("stopping")
            await _stop_receiving(house, webhook)
            await _drain(house)
    finally:
        if metrics:
            await metrics.cleanup()


async def _introduce(house: House) -> None:
    """Tell Telegram our commands. Only a courtesy: without it everything works."""
    bot = house.application.bot
    for code in languages():
        commands = [(name, words(code)(f"command-{name}")) for name in _COMMANDS]
        with contextlib.suppress(TelegramError):
            await bot.set_my_commands(commands, language_code=None if code == "en" else code)


async def _receive(house: House) -> web.AppRunner | None:
    settings, application = house.settings, house.application
    if settings.bot_mode == "polling":
        assert application.updater
        await application.updater.start_polling(timeout=_POLL_SECONDS, allowed_updates=_ALLOWED, bootstrap_retries=-1)
        return None
    if not settings.webhook_url:
        raise ValueError("BOT_MODE=webhook needs WEBHOOK_URL, the https address that leads to WEBHOOK_LISTEN")
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else secrets.token_urlsafe(48)
    webhook = await serve_webhook(house, secret)
    url = settings.webhook_url.rstrip("/")
    url = url if url.endswith("/telegram") else f"{url}/telegram"
    await application.bot.set_webhook(url, secret_token=secret, allowed_updates=_ALLOWED)
    return webhook


_ALLOWED = [Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]


async def _stop_receiving(house: House, webhook: web.AppRunner | None) -> None:
    if webhook:
        await webhook.cleanup()
    elif house.application.updater:
        await house.application.updater.stop()


async def _drain(house: House) -> None:
    """Give what is under way its time; cut off what remains: the inbox still has it, the next start goes on with it."""
    stopping = asyncio.ensure_future(house.application.stop())
    _, late = await asyncio.wait({stopping}, timeout=_DRAIN_SECONDS)
    if late:
        house.editing.abandon()
        await asyncio.wait({stopping}, timeout=3)
        stopping.cancel()
