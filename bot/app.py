"""The composition root: everything is made here, once, and passed on."""

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import Coroutine
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from aiohttp import web
from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes

from bot import jobs
from bot.botapi.client import Client
from bot.botapi.members import Members
from bot.botapi.notices import Notices
from bot.botapi.pacing import Pacing
from bot.botapi.transport import AiohttpRequest
from bot.botapi.updates import Turns, UpdateQueue
from bot.domain.model import Product
from bot.mail.mail import MailServer
from bot.mail.post import Post
from bot.mail.receipts import Receipts
from bot.ops.ga4 import Ga4
from bot.ops.incidents import Incidents
from bot.ops.metrics import Metrics
from bot.payments.card_books import CardBooks
from bot.payments.gateways import Stars
from bot.payments.reconcile import Reconciliation
from bot.payments.refunds import Refunds
from bot.payments.shop import Shop
from bot.photos.allowance import Regulation
from bot.photos.editing import Editing
from bot.photos.lanes import Lanes, budget_mb
from bot.photos.last_jobs import LastJobs
from bot.prints.prints import Prints
from bot.sandbox.pool import Sandbox
from bot.settings import Settings
from bot.support.support import Support
from bot.support.topics import OldTopics
from bot.texts import DEFAULT, choose, languages, words
from bot.tools import JOBS, SHELF
from bot.web import serve_doors, serve_metrics
from handlers import on_error, routes
from handlers.context import Context
from handlers.flood import too_much
from handlers.shop import work_off
from storage.addresses import Addresses
from storage.albums import Albums
from storage.bans import Bans
from storage.canned import Canned
from storage.confirmations import Confirmations
from storage.counters import Counters
from storage.db import Database, key_of, only_user
from storage.drafts import Drafts
from storage.errors import Errors
from storage.facts import Facts
from storage.inbox import Inbox
from storage.job_runs import JobRuns
from storage.ledger import Ledger
from storage.messages import Messages
from storage.orders import Orders
from storage.outbox import Outbox
from storage.pause import Pause
from storage.people import People
from storage.rights import Rights
from storage.shipments import Shipments
from storage.stripe_events import StripeEvents
from storage.tickets import Tickets
from storage.topics import Topics
from storage.tracking import Tracking
from storage.vault import remove_unfinished
from storage.wishes import Wishes

if TYPE_CHECKING:
    from bot.payments.cards import Cards

_log = logging.getLogger(__name__)

_CONNECTIONS = 64  # to the Bot API; more transfers at once only cost processor time
_POLL_SECONDS = 30
# After SIGTERM; together below the 25 seconds of the contract.
_STOP_RECEIVING_SECONDS, _DRAIN_SECONDS, _CUT_OFF_SECONDS = 3, 13, 3
_COUNTED = dict.fromkeys(map(str, Product), 1) | {slug: tool.version for slug, tool in JOBS.items()}
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
class House:
    """Everything that handlers may need."""

    settings: Settings
    application: Application[Any, Any, Any, Any, Any, Any]
    transport: AiohttpRequest
    db: Database
    people: People
    messages: Messages
    counters: Counters
    ledger: Ledger
    orders: Orders
    updates: UpdateQueue
    sandbox: Sandbox
    heavy: Sandbox  # for heavy tools; warm from the first time on that somebody chooses one
    editing: Editing
    lanes: Lanes
    incidents: Incidents
    errors: Errors
    pause: Pause
    ga4: Ga4 | None  # where operators want it
    last_jobs: LastJobs
    notices: Notices
    members: Members
    shop: Shop
    refunds: Refunds
    prints: Prints
    shipments: Shipments
    reconciliation: Reconciliation
    card_books: CardBooks | None  # where there is a Stripe account
    bans: Bans
    drafts: Drafts
    albums: Albums
    wishes: Wishes
    tickets: Tickets
    support: Support
    addresses: Addresses
    confirmations: Confirmations
    post: Post
    canned: Canned
    rights: Rights
    topics: Topics
    old_topics: OldTopics
    job_runs: JobRuns
    metrics: Metrics
    ready: bool = False


async def build(settings: Settings, request: AiohttpRequest | None = None, readable_memory: bool = False) -> House:
    """Make the bot, not yet started. Raises DatabaseError, MissingLayer, ModelError; ValueError without a token."""
    if settings.bot_token is None:
        raise ValueError("BOT_TOKEN is not set: get one from @BotFather and put it into .env")
    sandbox = Sandbox(settings.jail_accept_missing, readable_memory=readable_memory)
    heavy = Sandbox(settings.jail_accept_missing, settings.models_dir, readable_memory=readable_memory)
    db = await Database.open(settings.database_path, settings.database_key_file)
    counters, metrics, inbox = Counters(db, _COUNTED, languages()), Metrics(), Inbox(db)
    updates = UpdateQueue(inbox, settings.print_lab_public_key)
    transport = request or AiohttpRequest(_CONNECTIONS)
    application = _application(settings, transport, request or AiohttpRequest(2), inbox, updates)
    messages, ledger, orders = Messages(db), Ledger(db, settings.free_credits), Orders(db)
    tickets, topics, errors, operators = Tickets(db), Topics(db), Errors(db), settings.operators_chat_id
    notices = Notices(application.bot, messages, operators, settings.print_lab_chat_id)
    incidents, lanes = Incidents(errors, counters, metrics, notices), _lanes(settings)
    editing = Editing(sandbox, heavy, counters, metrics, incidents, lanes, _rules(settings))
    stars, bans, facts, shipments = Stars(application.bot), Bans(db), Facts(db), Shipments(db)
    addresses, confirmations, cards = Addresses(db), Confirmations(db), _cards(settings)
    receipts, server = Receipts(settings, orders, tickets, confirmations, shipments), _mail_server(settings)
    refunds = Refunds(orders, stars, cards, notices, editing, counters, shipments)
    shop = Shop(orders, ledger, refunds, notices, editing, counters, bans, sells_prints=settings.sells_prints)
    house = House(
        settings=settings,
        application=application,
        transport=transport,
        db=db,
        people=People(db),
        messages=messages,
        counters=counters,
        ledger=ledger,
        orders=orders,
        updates=updates,
        sandbox=sandbox,
        heavy=heavy,
        editing=editing,
        lanes=lanes,
        incidents=incidents,
        errors=errors,
        pause=Pause(db),
        ga4=_ga4(settings, counters, facts),
        last_jobs=LastJobs(),
        notices=notices,
        members=Members(application.bot),
        shop=shop,
        refunds=refunds,
        prints=Prints(Tracking(db), shipments, notices),
        shipments=shipments,
        reconciliation=Reconciliation(orders, facts, stars, shop, refunds, notices),
        card_books=CardBooks(cards, StripeEvents(db), facts, orders, refunds, notices) if cards else None,
        bans=bans,
        drafts=Drafts(db),
        albums=Albums(db),
        wishes=Wishes(db),
        tickets=tickets,
        support=Support(application.bot, tickets, orders, messages, addresses, operators, mails=server is not None),
        addresses=addresses,
        confirmations=confirmations,
        post=Post(server, receipts, Outbox(db), addresses, confirmations, facts, notices),
        canned=Canned(db),
        rights=Rights(db),
        topics=topics,
        old_topics=OldTopics(application.bot, topics, notices),
        job_runs=JobRuns(db),
        metrics=metrics,
    )
    application.bot_data["house"] = house
    jobs.schedule(application.job_queue, house, inbox, work_off)
    return house


def _mail_server(settings: Settings) -> MailServer | None:
    return MailServer(settings.smtp_url, settings.mail_from or "") if settings.smtp_url else None


def _rules(settings: Settings) -> Regulation:
    return Regulation(**{rule.name: getattr(settings, rule.name) for rule in fields(Regulation)})


def _lanes(settings: Settings) -> Lanes:
    light_mb = max(tool.limits.reserved_mb for tool in SHELF.values() if not tool.heavy)
    return Lanes(settings.workers, settings.memory_mb or budget_mb(), light_mb)


def _cards(settings: Settings) -> "Cards | None":
    """Where cards are taken, or were: what was paid by one may have to be given back."""
    if settings.stripe_api_key is None:
        return None
    from bot.payments.cards import Cards  # only here: Stripe's library costs a quarter of a second, and 17 MB

    return Cards(settings.stripe_api_key, settings.stripe_api_url, settings.stripe_webhook_secret)


def _ga4(settings: Settings, counters: Counters, facts: Facts) -> Ga4 | None:
    if not (settings.ga4_measurement_id and settings.ga4_api_secret):
        return None
    secret = settings.ga4_api_secret.get_secret_value()
    return Ga4(counters, facts, settings.ga4_url, settings.ga4_measurement_id, secret)


def _application(
    settings: Settings, transport: AiohttpRequest, polling: AiohttpRequest, inbox: Inbox, updates: UpdateQueue
) -> Application[Any, Any, Any, Any, Any, Any]:
    assert settings.bot_token
    turns = Turns(
        inbox,
        updates,
        settings.messages_per_person,
        shed=lambda update: too_much(application.bot_data["house"], update),
        failed=lambda update, error: application.process_error(update, error),
    )
    bot = Client(
        settings.bot_token.get_secret_value(),
        base_url=f"{settings.bot_api_url}/bot",
        base_file_url=f"{settings.bot_api_url}/file/bot",
        request=transport,
        get_updates_request=polling,
        rate_limiter=Pacing(),
    )
    builder = ApplicationBuilder().bot(bot).update_queue(updates).concurrent_updates(turns)
    application = builder.context_types(ContextTypes(context=Context)).build()
    for number, handlers in enumerate(routes(settings.operators_chat_id, settings.print_lab_chat_id)):
        application.add_handlers(handlers, number)
    application.add_error_handler(on_error)
    return application


async def serve(settings: Settings, readable_memory: bool = False) -> None:
    """Serve Telegram until SIGTERM or SIGINT, at whatever point they come; then end within 25 seconds."""
    assert not asyncio.get_running_loop().get_debug()  # asyncio's debug mode prints what passes through it
    serving = asyncio.create_task(_build_and_serve(settings, readable_memory))
    for number in (signal.SIGTERM, signal.SIGINT):  # the first one counts: a second must not cut the ending short
        asyncio.get_running_loop().add_signal_handler(number, lambda: serving.cancelling() or serving.cancel())
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    _log.info("stopped")


async def _build_and_serve(settings: Settings, readable_memory: bool) -> None:
    key_of(settings.database_path, settings.database_key_file)  # made, if it is the first start
    with only_user(settings.database_key_file):  # before the database is opened: it might get another key in between
        remove_unfinished(settings.database_path)
        house = await build(settings, readable_memory=readable_memory)
        try:
            await _serve(house)
        finally:
            house.sandbox.close()
            house.heavy.close()
            await house.db.close()


async def _serve(house: House) -> None:
    """Until cancelled."""
    metrics = await serve_metrics(house)
    webhook = None
    try:
        webhook = await start(house)
        house.ready = True
        _log.info("serving")
        await _introduce(house)
        await asyncio.Event().wait()
    finally:
        house.ready = False
        await _end(house, webhook)
        if metrics:
            await metrics.cleanup()


async def start(house: House) -> web.AppRunner | None:
    """Go on with what an earlier run left, and receive updates. The server of the webhooks, if there are any."""
    await asyncio.gather(house.sandbox.start(), house.application.initialize())
    house.editing.pause(await house.pause.find())
    await _go_on(house)
    await house.application.start()
    return await _receive(house)


async def _go_on(house: House) -> None:
    """With what an earlier run left; whom it fails again and again hears of it."""
    for update in await house.updates.replay(house.application.bot):
        if user := update.effective_user:
            sentence = words(choose(user.language_code))("error-unexpected")
            with contextlib.suppress(TelegramError):
                await house.application.bot.send_message(user.id, sentence)
    if house.updates.replayed:
        _log.info("going on with %d updates that an earlier run left", len(house.updates.replayed))


async def _introduce(house: House) -> None:
    """Tell Telegram our commands. Only a courtesy: without it everything works."""
    for code in languages():
        commands = [(name, words(code)(f"command-{name}")) for name in _COMMANDS]
        with contextlib.suppress(TelegramError):
            await house.application.bot.set_my_commands(commands, language_code=None if code == DEFAULT else code)


async def _receive(house: House) -> web.AppRunner | None:
    settings, application = house.settings, house.application
    if settings.bot_mode == "polling":
        assert application.updater
        await application.updater.start_polling(timeout=_POLL_SECONDS, allowed_updates=_ALLOWED, bootstrap_retries=-1)
        return await serve_doors(house)
    assert settings.webhook_url
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else secrets.token_urlsafe(48)
    webhook = await serve_doors(house, secret)
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


async def _end(house: House, webhook: web.AppRunner | None) -> None:
    """Receive no more, let what is under way end, cut off what does not, close. Nothing here may hang for ever."""
    application = house.application
    house.post.close()
    if webhook:
        await webhook.cleanup()
    if application.updater and application.updater.running:
        await _within(_STOP_RECEIVING_SECONDS, application.updater.stop())
    if application.running and not await _within(_DRAIN_SECONDS, application.stop()):
        await _within(_CUT_OFF_SECONDS, house.editing.abandon())
    if not application.running:
        await application.shutdown()
    if house.card_books:
        await house.card_books.close()


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
