"""The composition root: everything is made here, once, and passed on."""

import logging
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

from telegram.ext import Application, ApplicationBuilder, ContextTypes

from bot import lifecycle, scheduler
from bot.botapi.client import Client
from bot.botapi.contact import Contact
from bot.botapi.members import Members
from bot.botapi.notifier import Notifier
from bot.botapi.own_chats import OwnChats
from bot.botapi.pace import Pace
from bot.botapi.slips import Slips
from bot.botapi.transport import AiohttpRequest
from bot.botapi.updates import PerUserProcessor, UpdateQueue
from bot.domain.values import Product
from bot.lifecycle import Bot
from bot.mail.compose import Composer
from bot.mail.delivery import Delivery
from bot.mail.smtp import SmtpServer
from bot.mail.to_operators import MailToOperators
from bot.ops.alarm import Alarm
from bot.ops.error_reports import ErrorReports
from bot.ops.ga4 import Ga4
from bot.ops.group_watch import GroupWatch
from bot.ops.health import Health
from bot.ops.metrics import Metrics
from bot.payments.checkout import Checkout
from bot.payments.refunds import Refunds
from bot.payments.stars_gateway import StarsGateway
from bot.payments.stars_reconciliation import StarsReconciliation
from bot.payments.stripe_reconciliation import StripeReconciliation
from bot.photos.job_queues import JobQueues, budget_mb
from bot.photos.last_results import LastResults
from bot.photos.photo_jobs import PhotoJobs
from bot.photos.rate_limits import RateLimits
from bot.prints.fulfilment import Prints
from bot.sandbox import jail
from bot.sandbox.pool import Sandbox
from bot.services import Ops, Photos, Services, Shop, Support, Users
from bot.settings import Settings
from bot.support.relay import Relay
from bot.support.topics_to_delete import TopicsToDelete
from bot.texts import languages
from bot.tools.shelf import ALL_TOOLS, SHELF
from handlers import on_error, routes
from handlers.context import Context
from handlers.guards.flood import too_much
from handlers.shop.shop import work_off
from storage.addresses import Addresses
from storage.albums import Albums
from storage.backup import remove_unfinished
from storage.bans import Bans
from storage.confirmations import Confirmations
from storage.counters import Counters
from storage.data_subject_rights import DataSubjectRights
from storage.db import Database, key_of, only_user
from storage.drafts import Drafts
from storage.errors import Errors
from storage.inbox import Inbox
from storage.job_runs import JobRuns
from storage.ledger import Ledger
from storage.messages import Messages
from storage.operator_actions import OperatorActions
from storage.orders import Orders
from storage.outbox import Outbox
from storage.pause import Pause
from storage.pending_inputs import PendingInputs
from storage.people import People
from storage.questions import Questions
from storage.saved_replies import SavedReplies
from storage.service_state import ServiceState
from storage.shipments import Shipments
from storage.stripe_events import StripeEvents
from storage.tickets import Tickets
from storage.topics_to_delete import Topics
from storage.tracking import Tracking

if TYPE_CHECKING:
    from bot.payments.stripe_gateway import StripeGateway

_log = logging.getLogger(__name__)

_CONNECTIONS = 64  # to the Bot API; more transfers at once only cost processor time
_COUNTED = dict.fromkeys(map(str, Product), 1) | {slug: tool.version for slug, tool in ALL_TOOLS.items()}


async def serve(settings: Settings, readable_memory: bool = False) -> None:
    """Serve Telegram until SIGTERM or SIGINT, at whatever point they come; then end within 25 seconds."""
    await lifecycle.until_stopped(_build_and_serve(settings, readable_memory))


async def _build_and_serve(settings: Settings, readable_memory: bool) -> None:
    key_of(settings.database_path, settings.database_key_file)  # made, if it is the first start
    with only_user(settings.database_key_file):  # before the database is opened: it might get another key in between
        remove_unfinished(settings.database_path)
        bot = await build(settings, readable_memory=readable_memory)
        try:
            await lifecycle.serve(bot)
        finally:
            bot.light.close()
            bot.heavy.close()
            await bot.services.db.close()


async def build(settings: Settings, request: AiohttpRequest | None = None, readable_memory: bool = False) -> Bot:
    """Make the bot, not yet started. Raises DatabaseError, MissingLayer, ModelError; ValueError without a token."""
    if settings.bot_token is None:
        raise ValueError("BOT_TOKEN is not set: get one from @BotFather and put it into .env")
    light = Sandbox(settings.jail_accept_missing, readable_memory=readable_memory)
    if missing := jail.missing():
        _log.warning("the jail goes without %s, as JAIL_ACCEPT_MISSING says", ", ".join(sorted(missing)))
    heavy = Sandbox(settings.jail_accept_missing, settings.models_dir, readable_memory=readable_memory)
    db = await Database.open(settings.database_path, settings.database_key_file)
    inbox = Inbox(db)
    updates = UpdateQueue(inbox, settings.print_lab_public_key)
    transport = request or AiohttpRequest(_CONNECTIONS)
    contact = Contact()
    own_chats = OwnChats(settings.operators_chat_id, settings.print_lab_chat_id, ServiceState(db))
    await own_chats.load()
    application = _application(settings, contact, transport, request or AiohttpRequest(2), inbox, updates, own_chats)
    users = _users(db)
    notifier = Notifier(application.bot, users.messages, own_chats)
    group_watch = GroupWatch(application.bot, own_chats, Tickets(db), ServiceState(db), notifier)
    ops = _ops(settings, db, notifier, group_watch, contact, light)
    photos = _photos(settings, db, light, heavy, ops)
    shop = _shop(settings, db, application.bot, users.bans, photos.jobs, ops)
    server = _mail_server(settings)
    relay = Relay(
        application.bot, Tickets(db), shop.orders, users.messages, users.addresses, own_chats, mails=server is not None
    )
    support = _support(db, application.bot, relay, ops.notifier)
    composer = Composer(settings, shop.orders, support.tickets, users.confirmations, shop.shipments)
    mail = Delivery(server, composer, Outbox(db), users.addresses, users.confirmations, ServiceState(db), ops.notifier)
    services = Services(settings, own_chats, db, transport, updates, Slips(), photos, shop, support, users, mail, ops)
    application.bot_data["services"] = services
    schedule = partial(scheduler.schedule, application.job_queue, services, inbox, work_off)
    return Bot(application, services, light, heavy, _alarm(settings, ops, server), schedule)


def _users(db: Database) -> Users:
    return Users(
        People(db), Messages(db), Bans(db), DataSubjectRights(db), Addresses(db), Confirmations(db), Questions(db)
    )


def _ops(
    settings: Settings, db: Database, notifier: Notifier, group_watch: GroupWatch, contact: Contact, light: Sandbox
) -> Ops:
    errors, counters, metrics = Errors(db), Counters(db, _COUNTED, languages()), Metrics()
    error_reports = ErrorReports(errors, counters, metrics, notifier)
    ga4 = _ga4(settings, counters, ServiceState(db))
    health = Health(contact, ServiceState(db), light.start, settings.database_path.parent, metrics)
    return Ops(
        notifier,
        error_reports,
        errors,
        counters,
        metrics,
        health,
        JobRuns(db),
        Pause(db),
        OperatorActions(db),
        group_watch,
        ga4,
    )


def _alarm(settings: Settings, ops: Ops, server: SmtpServer | None) -> Alarm:
    mail = None
    if server and settings.operators_email:
        mail = MailToOperators(server, settings.mail_from or "", settings.operators_email).send
    return Alarm(ops.health, ops.notifier, mail, has_chat=settings.operators_chat_id is not None)


def _photos(settings: Settings, db: Database, light: Sandbox, heavy: Sandbox, ops: Ops) -> Photos:
    queues = _queues(settings)
    jobs = PhotoJobs(light, heavy, ops.counters, ops.metrics, ops.error_reports, queues, _rules(settings))
    return Photos(jobs, queues, Albums(db), PendingInputs(db), LastResults())


def _shop(settings: Settings, db: Database, bot: Client, bans: Bans, jobs: PhotoJobs, ops: Ops) -> Shop:
    orders, ledger, shipments = Orders(db), Ledger(db, settings.free_credits), Shipments(db)
    stars, cards, service_state, notifier = StarsGateway(bot), _cards(settings), ServiceState(db), ops.notifier
    refunds = Refunds(orders, stars, cards, notifier, jobs, ops.counters, shipments)
    shop = Checkout(orders, ledger, refunds, notifier, jobs, ops.counters, bans, sells_prints=settings.sells_prints)
    return Shop(
        checkout=shop,
        orders=orders,
        ledger=ledger,
        refunds=refunds,
        prints=Prints(Tracking(db), shipments, notifier),
        shipments=shipments,
        stars_reconciliation=StarsReconciliation(orders, service_state, stars, shop, refunds, notifier),
        stripe_reconciliation=StripeReconciliation(cards, StripeEvents(db), service_state, orders, refunds, notifier)
        if cards
        else None,
    )


def _support(db: Database, bot: Client, relay: Relay, notifier: Notifier) -> Support:
    topics = Topics(db)
    to_delete = TopicsToDelete(bot, topics, notifier)
    return Support(relay, Tickets(db), Drafts(db), SavedReplies(db), topics, to_delete, Members(bot))


def _mail_server(settings: Settings) -> SmtpServer | None:
    return SmtpServer(settings.smtp_url, settings.mail_from or "") if settings.smtp_url else None


def _rules(settings: Settings) -> RateLimits:
    return RateLimits(**{rule.name: getattr(settings, rule.name) for rule in fields(RateLimits)})


def _queues(settings: Settings) -> JobQueues:
    light_mb = max(tool.limits.reserved_mb for tool in SHELF.values() if not tool.heavy)
    return JobQueues(settings.workers, settings.memory_mb or budget_mb(), light_mb)


def _cards(settings: Settings) -> "StripeGateway | None":
    """Where cards are taken, or were: what was paid by one may have to be given back."""
    if settings.stripe_api_key is None:
        return None
    # Only here: Stripe's library costs a quarter of a second, and 17 MB.
    from bot.payments.stripe_gateway import StripeGateway

    return StripeGateway(settings.stripe_api_key, settings.stripe_api_url, settings.stripe_webhook_secret)


def _ga4(settings: Settings, counters: Counters, service_state: ServiceState) -> Ga4 | None:
    if not (settings.ga4_measurement_id and settings.ga4_api_secret):
        return None
    secret = settings.ga4_api_secret.get_secret_value()
    return Ga4(counters, service_state, settings.ga4_url, settings.ga4_measurement_id, secret)


def _application(
    settings: Settings,
    contact: Contact,
    transport: AiohttpRequest,
    polling: AiohttpRequest,
    inbox: Inbox,
    updates: UpdateQueue,
    own_chats: OwnChats,
) -> Application[Any, Any, Any, Any, Any, Any]:
    assert settings.bot_token
    turns = PerUserProcessor(
        inbox,
        updates,
        settings.messages_per_person,
        shed=lambda update: too_much(application.bot_data["services"], update),
        failed=lambda update, error: application.process_error(update, error),
    )
    bot = Client(
        settings.bot_token.get_secret_value(),
        base_url=f"{settings.bot_api_url}/bot",
        base_file_url=f"{settings.bot_api_url}/file/bot",
        request=transport,
        get_updates_request=polling,
        rate_limiter=Pace(lambda old, new: application.bot_data["services"].ops.notifier.moved(old, new)),
        contact=contact,
    )
    builder = ApplicationBuilder().bot(bot).update_queue(updates).concurrent_updates(turns)
    application = builder.context_types(ContextTypes(context=Context)).build()
    for stage, handlers in routes(own_chats.operators, own_chats.lab).items():
        application.add_handlers(handlers, stage)
    application.add_error_handler(on_error)
    return application
