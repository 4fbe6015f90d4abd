"""What handlers and use cases depend on, built once in `bot/app.py`."""

from dataclasses import dataclass

from bot.ayrshare.accounts import AyrshareAccounts
from bot.ayrshare.webhook import WebhookDeliveryStore
from bot.cards.store import CardStore
from bot.client_links.form import Forms
from bot.client_links.store import ClientLinkStore
from bot.core.background import BackgroundTasks
from bot.core.clock import Clock
from bot.core.metrics import Metrics
from bot.events.client import EventClient
from bot.home.open_store import OpenViewStore
from bot.home.store import OverviewStore
from bot.invitations.group.store import GroupRequestStore
from bot.invitations.store import InvitationStore
from bot.links_api.answer_store import AnswerStore
from bot.links_api.key_store import ApiKeyStore
from bot.mappings.store import AdminRequestStore, DepartureStore, PendingMappingStore
from bot.notifications.outage_store import OutageStore
from bot.notifications.reminder_store import ReminderStore
from bot.notifications.store import NotificationStore
from bot.notifications.sweep.store import SweepStore
from bot.people.audit import AuditStore
from bot.people.directory import People
from bot.people.limits import LimitStore
from bot.people.preferences import PreferenceStore
from bot.profiles.account_id_store import AccountIdStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.snapshot_store import SnapshotStore
from bot.profiles.store import ProfileStore
from bot.scheduling.scheduler import Scheduler
from bot.settings import Settings
from bot.slack.client import SlackClients
from bot.slack.modal_versions import ModalVersionStore
from bot.slack.outbox import OutboxStore
from bot.slack.promises import PromiseStore
from bot.slack.response_url import ResponseUrlClient
from bot.slack.surfaces import DirectMessages, SlackViews
from bot.storage.idempotency import IdempotencyKeys
from bot.storage.lock import Locks
from bot.storage.single_flight import SingleFlights
from bot.workspaces.oauth import SlackOAuth
from bot.workspaces.store import InstallationStore


@dataclass(frozen=True, slots=True)
class Deps:
    """Settings, clock, clients, stores and the scheduler of one process."""

    settings: Settings
    clock: Clock
    ayrshare: AyrshareAccounts
    mappings: MappingStore
    profiles: ProfileStore
    overviews: OverviewStore
    open_views: OpenViewStore
    snapshots: SnapshotStore
    account_ids: AccountIdStore
    pending_mappings: PendingMappingStore
    cards: CardStore
    client_links: ClientLinkStore
    client_forms: Forms
    idempotency: IdempotencyKeys
    locks: Locks
    flights: SingleFlights
    webhook_deliveries: WebhookDeliveryStore
    notifications: NotificationStore
    outages: OutageStore
    reminders: ReminderStore
    sweeps: SweepStore
    limits: LimitStore
    audit: AuditStore
    admin_requests: AdminRequestStore
    departures: DepartureStore
    people: People
    response_urls: ResponseUrlClient
    direct_messages: DirectMessages
    outbox: OutboxStore
    promises: PromiseStore
    views: SlackViews
    modal_versions: ModalVersionStore
    slack: SlackClients
    installations: InstallationStore
    oauth: SlackOAuth
    invitations: InvitationStore
    group_requests: GroupRequestStore
    preferences: PreferenceStore
    api_keys: ApiKeyStore
    api_answers: AnswerStore
    scheduler: Scheduler
    background: BackgroundTasks
    metrics: Metrics
    events: EventClient | None
