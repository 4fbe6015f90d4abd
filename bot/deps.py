"""What handlers, jobs and use cases work with: one frozen dataclass, built once in `bot/app.py`."""

from dataclasses import dataclass

from bot.ayrshare import AyrshareClient
from bot.ayrshare.links import Links
from bot.clock import Clock
from bot.metrics import Metrics
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.slack.answers import ResponseUrls
from bot.slack.direct import DirectMessages
from bot.slack.modals import SlackModals
from bot.slack.people import SlackPeople
from bot.stores.asks import AskStore
from bot.stores.audit import AuditStore
from bot.stores.cards import CardStore
from bot.stores.creations import CreationStore
from bot.stores.deliveries import DeliveryStore
from bot.stores.invitations import InvitationStore
from bot.stores.limits import LimitStore
from bot.stores.mappings import MappingStore
from bot.stores.news import NewsStore
from bot.stores.once import OnceStore
from bot.stores.outbox import OutboxStore
from bot.stores.overviews import OverviewStore
from bot.stores.pending import PendingStore
from bot.stores.profiles import ProfileStore
from bot.stores.quiet import QuietStore
from bot.stores.sendings import SendingStore
from bot.stores.snapshots import SnapshotStore
from bot.stores.sweeps import SweepStore
from bot.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything that was opened once and is shared: settings, clients, stores, clock."""

    settings: Settings
    clock: Clock
    links: Links
    ayrshare: AyrshareClient
    mappings: MappingStore
    profiles: ProfileStore
    overviews: OverviewStore
    snapshots: SnapshotStore
    pending: PendingStore
    creations: CreationStore
    cards: CardStore
    once: OnceStore
    deliveries: DeliveryStore
    news: NewsStore
    sweeps: SweepStore
    limits: LimitStore
    audit: AuditStore
    asks: AskStore
    people: SlackPeople
    answers: ResponseUrls
    direct: DirectMessages
    outbox: OutboxStore
    modals: SlackModals
    invitations: InvitationStore
    sendings: SendingStore
    quiet: QuietStore
    later: Scheduler
    background: Tasks
    metrics: Metrics
