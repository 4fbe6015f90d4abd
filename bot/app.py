"""The composition root: settings in, a running bot or worker out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from aiohttp import ClientSession, web
from slack_sdk.web.async_client import AsyncWebClient

from bot.api.routes import api_problems, api_routes
from bot.ayrshare.accounts import AccountKeyStore, AyrshareAccount, AyrshareAccounts
from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.webhook import WebhookDeliveryStore
from bot.cards.store import CardStore
from bot.client_links.form import Forms
from bot.client_links.store import ClientLinkStore
from bot.connections import ayrshare_of, events_of, links_of, redis_of
from bot.core.background import BackgroundTasks
from bot.core.clock import Clock, SystemClock
from bot.core.metrics import Availability, Metrics
from bot.core.proxy import NO_AUTHORITIES, has_no_authorities
from bot.deps import Deps
from bot.events.client import EventClient
from bot.home.open_store import OpenViewStore
from bot.home.store import OverviewStore
from bot.http.client_pages import client_page_routes
from bot.http.refusals import Refusals
from bot.http.server import listening
from bot.http.signed_body import SignedBodies
from bot.installing import app_secrets, clients_by_team, flow_of
from bot.invitations.group.store import GroupRequestStore
from bot.invitations.store import InvitationStore
from bot.job_runner import UPDATE_RANKS, JobRunner
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
from bot.people.page_reader import SlackDirectory
from bot.people.preferences import PreferenceStore
from bot.people.store import PeopleStore
from bot.profiles.account_id_store import AccountIdStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.snapshot_store import SnapshotStore
from bot.profiles.store import ProfileStore
from bot.scheduling.due_workspaces import DueWorkspaces
from bot.scheduling.outstanding import OutstandingJobs
from bot.scheduling.processes import ProcessStore, saying
from bot.scheduling.queue import JobQueue
from bot.scheduling.scheduler import Scheduler, WorkerTimings
from bot.scheduling.worker import Worker
from bot.settings import LONG_LIFE_MINUTES, SLACK_API_URL, Settings
from bot.slack.bolt_dispatch import bolt_app, dispatch
from bot.slack.client import ask_the_time, open_session, web_client
from bot.slack.listener import refusing
from bot.slack.modal_versions import ModalVersionStore
from bot.slack.outbox import OutboxStore
from bot.slack.people import SlackPages, SlackPeople
from bot.slack.promises import PromiseStore
from bot.slack.response_url import ResponseUrlClient
from bot.slack.socket import Dispatch
from bot.slack.socket_connect import SocketTimings
from bot.slack.socket_mode import SocketMode
from bot.slack.surfaces import DirectMessages, SlackViews
from bot.storage.connection import Connection
from bot.storage.envelope import key_ring
from bot.storage.errors import StoreUnavailable
from bot.storage.idempotency import IdempotencyKeys
from bot.storage.lock import Locks
from bot.storage.schema import NewerData, Schema
from bot.storage.single_flight import SingleFlights
from bot.web import ayrshare_route, budgeted, health_route, install_routes, metrics_route, readiness_route, slack_route
from bot.workspaces.oauth import SlackOAuth
from bot.workspaces.refresh import plan_beside
from bot.workspaces.store import InstallationStore
from handlers import ayrshare_events, register_all

DRAIN = timedelta(seconds=7)
"""With a second each for HTTP, the last acknowledgements and the embedded server, a stop takes 10 s at most."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that accepts requests on `port`."""

    deps: Deps
    port: int


@dataclass(frozen=True, slots=True)
class Clients:
    """All that a bot or a worker talks to; `slack_session` is for response URLs."""

    redis: Connection
    ayrshare: AyrshareClient
    slack_session: ClientSession
    slack: AsyncWebClient
    events: EventClient | None


@asynccontextmanager
async def running_bot(
    settings: Settings,
    *,
    clock: Clock | None = None,
    socket_timings: SocketTimings | None = None,
    worker_timings: WorkerTimings | None = None,
) -> AsyncIterator[Bot]:
    """Run the bot until the context is left; then stop accepting, finish what is in progress, close everything."""
    async with _working(settings, clock, worker_timings, bot=True) as (clients, runner), AsyncExitStack() as stack:
        deps, token = runner.deps, settings.slack_app_token
        bolt = bolt_app(clients.slack)
        register_all(bolt, deps)
        on_request = partial(dispatch, bolt, deps.metrics, refuses=refusing(deps))
        socket_timings = socket_timings or SocketTimings()
        sockets = SocketMode(clients.slack, token, on_request, deps.metrics, socket_timings) if token else None
        refusals = Refusals(deps.metrics)
        routes = _routes(runner, clients, on_request, sockets, SignedBodies(refusals, deps.clock))
        served = listening(
            routes,
            refusals,
            host=settings.host,
            port=settings.port,
            middlewares=[budgeted, api_problems(deps, refusals)],
        )
        port = await stack.enter_async_context(served)
        if sockets:
            await stack.enter_async_context(sockets.running())
        if (settings.ayrshare_expires_in or 0) > LONG_LIFE_MINUTES:
            log.warning("links_live_long", minutes=settings.ayrshare_expires_in, why="a leaked link works as long")
        yield Bot(deps, port)
        log.info("stopping")


@asynccontextmanager
async def running_worker(
    settings: Settings, *, clock: Clock | None = None, worker_timings: WorkerTimings | None = None
) -> AsyncIterator[None]:
    """Do due jobs, and nothing else, until the context is left; then hand back what isn't done."""
    async with _working(settings, clock, worker_timings, bot=False):
        log.info("working")
        yield
        log.info("stopping")


@asynccontextmanager
async def _working(
    settings: Settings, clock: Clock | None, timings: WorkerTimings | None, *, bot: bool
) -> AsyncIterator[tuple[Clients, JobRunner]]:
    """Open everything that a bot and a worker share, and do due jobs until the context is left."""
    clock, timings, metrics = clock or SystemClock(), timings or WorkerTimings(), Metrics()
    if has_no_authorities():
        log.error("no_certificate_authorities", why=NO_AUTHORITIES)
    async with _clients(settings, clock, metrics, bot=bot) as clients, Schema(clients.redis).kept_up_to_date() as data:
        queue, workspaces = JobQueue(clients.redis, UPDATE_RANKS), DueWorkspaces(clients.redis)
        scheduler = Scheduler(queue, workspaces, clock, timings)
        deps = _deps(settings, clock, clients, scheduler, metrics)
        runner = JobRunner(deps, queue, OutstandingJobs(clients.redis))
        worker = Worker(scheduler, run=runner.run, metrics=metrics)
        sockets, processes = bot and settings.slack_app_token is not None, ProcessStore(clients.redis)
        lives = saying(processes, "bot" if bot else "worker", metrics, clock, sockets=sockets, every=timings.heartbeat)
        try:
            async with worker.working(partial(_begin, runner, data, clients.slack)), lives:
                yield clients, runner
        finally:
            await deps.background.drain(within=DRAIN)


async def _begin(runner: JobRunner, data: Schema, slack: AsyncWebClient) -> None:
    """Plan the hourly job, once the data has this program's version and the time is right; raises StoreUnavailable."""
    with suppress(NewerData):  # which ends the process
        await data.bring_up_to_date()
        if isinstance(runner.deps.clock, SystemClock):
            await ask_the_time(slack, runner.deps.clock)
        return await runner.plan_hourly()
    raise StoreUnavailable


@asynccontextmanager
async def _clients(settings: Settings, clock: Clock, metrics: Metrics, *, bot: bool) -> AsyncIterator[Clients]:
    async with (
        redis_of(settings, metrics=metrics, bot=bot) as redis,
        ayrshare_of(settings, clock=clock, metrics=metrics) as ayrshare,
        open_session(clock) as session,
        events_of(settings, clock=clock) as events,
    ):
        slack = web_client(session, token=settings.slack_bot_token, api_url=settings.slack_api_url)
        yield Clients(redis, ayrshare, session, slack, events)


def _deps(settings: Settings, clock: Clock, clients: Clients, scheduler: Scheduler, metrics: Metrics) -> Deps:
    redis, slack = clients.redis, Availability("slack", metrics)
    keys = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
    limits, background, locks = LimitStore(redis), BackgroundTasks(), Locks(redis)
    profiles = ProfileStore(redis, keys)
    installations = InstallationStore(redis, keys, beside_save=plan_beside(redis))
    by_team = clients_by_team(settings, clients.slack, clients.slack_session, installations, clock)
    directory = SlackDirectory(SlackPeople(by_team, slack), SlackPages(by_team, slack))
    return Deps(
        settings=settings,
        clock=clock,
        ayrshare=AyrshareAccounts(
            AyrshareAccount(clients.ayrshare, links_of(settings, clients.ayrshare)),
            AccountKeyStore(redis, keys) if settings.many_workspaces else None,
        ),
        mappings=MappingStore(redis),
        profiles=profiles,
        overviews=OverviewStore(redis, profiles, clock),
        open_views=OpenViewStore(redis),
        snapshots=SnapshotStore(redis, events=clients.events is not None),
        account_ids=AccountIdStore(redis),
        pending_mappings=PendingMappingStore(redis, keys),
        cards=CardStore(redis, keys, clock, events=clients.events is not None),
        client_links=ClientLinkStore(redis, clock),
        client_forms=Forms(keys),
        idempotency=IdempotencyKeys(redis),
        locks=locks,
        flights=SingleFlights(redis, locks),
        webhook_deliveries=WebhookDeliveryStore(redis),
        notifications=NotificationStore(redis),
        outages=OutageStore(redis),
        reminders=ReminderStore(redis),
        sweeps=SweepStore(redis),
        limits=limits,
        audit=AuditStore(redis),
        admin_requests=AdminRequestStore(redis),
        departures=DepartureStore(redis),
        people=People(directory, PeopleStore(redis), limits, clock, scheduler, background),
        response_urls=ResponseUrlClient(clients.slack_session, slack, any_host=settings.slack_api_url != SLACK_API_URL),
        direct_messages=DirectMessages(by_team, slack),
        outbox=OutboxStore(redis),
        promises=PromiseStore(redis, keys, clock),
        views=SlackViews(by_team, slack),
        modal_versions=ModalVersionStore(redis),
        slack=by_team,
        installations=installations,
        oauth=SlackOAuth(clients.slack, slack, app_secrets(settings), clock),
        invitations=InvitationStore(redis, clock),
        group_requests=GroupRequestStore(redis, clock),
        preferences=PreferenceStore(redis, clock),
        api_keys=ApiKeyStore(redis, clock),
        api_answers=AnswerStore(redis, keys),
        metrics=metrics,
        events=clients.events,
        scheduler=scheduler,
        background=background,
    )


def _routes(
    runner: JobRunner, clients: Clients, on_request: Dispatch, sockets: SocketMode | None, bodies: SignedBodies
) -> Iterator[web.RouteDef]:
    """Yield the routes. Slack has none in Socket Mode, and Ayrshare has none without a secret."""
    deps, settings = runner.deps, runner.deps.settings
    yield health_route()
    yield readiness_route(clients.redis, sockets)
    yield metrics_route(deps.metrics, runner.refresh_gauges, token=settings.metrics_token)
    yield from api_routes(deps, bodies)
    yield from client_page_routes(deps, bodies)
    if settings.slack_signing_secret and sockets is None:
        yield slack_route(on_request, bodies, signing_secret=settings.slack_signing_secret, clock=deps.clock)
    if settings.many_workspaces:
        yield from install_routes(flow_of(deps, clients.redis, clients.slack_session))
    if settings.ayrshare_webhook_secret:
        on_event, secret = partial(ayrshare_events.receive, deps), settings.ayrshare_webhook_secret
        yield ayrshare_route(on_event, bodies, secret=secret, clock=deps.clock)
