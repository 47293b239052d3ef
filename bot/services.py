"""What handlers get: the services of the bot, in groups by what they are about. Made by `bot/app.py`; no logic here."""

from dataclasses import dataclass

from bot.botapi.members import Members
from bot.botapi.notifier import Notifier
from bot.botapi.own_chats import OwnChats
from bot.botapi.slips import Slips
from bot.botapi.transport import AiohttpRequest
from bot.botapi.updates import UpdateQueue
from bot.mail.delivery import Delivery
from bot.ops.error_reports import ErrorReports
from bot.ops.ga4 import Ga4
from bot.ops.group_watch import GroupWatch
from bot.ops.health import Health
from bot.ops.metrics import Metrics
from bot.payments.checkout import Checkout
from bot.payments.refunds import Refunds
from bot.payments.stars_reconciliation import StarsReconciliation
from bot.payments.stripe_reconciliation import StripeReconciliation
from bot.photos.job_queues import JobQueues
from bot.photos.last_results import LastResults
from bot.photos.photo_jobs import PhotoJobs
from bot.prints.fulfilment import Prints
from bot.settings import Settings
from bot.support.relay import Relay
from bot.support.topics_to_delete import TopicsToDelete
from storage.addresses import Addresses
from storage.albums import Albums
from storage.bans import Bans
from storage.confirmations import Confirmations
from storage.counters import Counters
from storage.data_subject_rights import DataSubjectRights
from storage.db import Database
from storage.drafts import Drafts
from storage.errors import Errors
from storage.job_runs import JobRuns
from storage.ledger import Ledger
from storage.messages import Messages
from storage.operator_actions import OperatorActions
from storage.orders import Orders
from storage.pause import Pause
from storage.pending_inputs import PendingInputs
from storage.people import People
from storage.questions import Questions
from storage.saved_replies import SavedReplies
from storage.shipments import Shipments
from storage.tickets import Tickets
from storage.topics_to_delete import Topics


@dataclass
class Photos:
    """From a photo in the chat to its result."""

    jobs: PhotoJobs
    queues: JobQueues
    albums: Albums
    pending: PendingInputs
    last_results: LastResults


@dataclass
class Shop:
    """Orders, payments, credits, refunds and prints."""

    checkout: Checkout
    orders: Orders
    ledger: Ledger
    refunds: Refunds
    prints: Prints
    shipments: Shipments
    stars_reconciliation: StarsReconciliation
    stripe_reconciliation: StripeReconciliation | None  # where there is a Stripe account


@dataclass
class Support:
    """Tickets, and the operators who answer them."""

    relay: Relay
    tickets: Tickets
    drafts: Drafts
    saved_replies: SavedReplies
    topics: Topics
    old_topics: TopicsToDelete
    members: Members


@dataclass
class Users:
    """What is held on a person, apart from what they bought or asked."""

    people: People
    messages: Messages
    bans: Bans
    rights: DataSubjectRights
    addresses: Addresses
    confirmations: Confirmations
    questions: Questions


@dataclass
class Ops:
    """What operators see of the service, and hear from it."""

    notifier: Notifier
    error_reports: ErrorReports
    errors: Errors
    counters: Counters
    metrics: Metrics
    health: Health
    job_runs: JobRuns
    pause: Pause
    operator_actions: OperatorActions
    group_watch: GroupWatch
    ga4: Ga4 | None  # where operators want it


@dataclass
class Services:
    settings: Settings
    own_chats: OwnChats
    db: Database
    transport: AiohttpRequest
    updates: UpdateQueue
    slips: Slips
    photos: Photos
    shop: Shop
    support: Support
    users: Users
    mail: Delivery
    ops: Ops
