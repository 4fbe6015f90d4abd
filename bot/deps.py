"""What handlers, jobs and use cases work with: one frozen dataclass, built once in `bot/app.py`."""

from dataclasses import dataclass

from bot.ayrshare import AyrshareClient
from bot.ayrshare.deliveries import DeliveryStore
from bot.ayrshare.links import Links
from bot.cards.store import CardStore
from bot.core.background import Tasks
from bot.core.clock import Clock
from bot.core.metrics import Metrics
from bot.home.store import OverviewStore
from bot.invitations.group.store import SendingStore
from bot.invitations.store import InvitationStore
from bot.mappings.admin_requests import AskStore
from bot.mappings.creation_attempts import CreationStore
from bot.mappings.pending_store import PendingStore
from bot.notifications.store import NewsStore
from bot.notifications.sweep.store import SweepStore
from bot.people.audit import AuditStore
from bot.people.limits_store import LimitStore
from bot.people.preferences import QuietStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.snapshots import SnapshotStore
from bot.profiles.store import ProfileStore
from bot.scheduling.scheduler import Scheduler
from bot.settings import Settings
from bot.slack.direct_messages import DirectMessages
from bot.slack.outbox import OutboxStore
from bot.slack.people import SlackPeople
from bot.slack.response_url import ResponseUrls
from bot.slack.views_api import SlackModals
from bot.storage.idempotency import OnceStore


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
