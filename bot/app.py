"""The one composition root: settings in, a running bot out."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from aiohttp import ClientSession, web
from slack_sdk.web.async_client import AsyncWebClient

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.webhook import WebhookDeliveryStore
from bot.cards.store import CardStore
from bot.connections import ayrshare_of, links_of, redis_of
from bot.core.background import BackgroundTasks
from bot.core.clock import Clock, SystemClock
from bot.core.metrics import Availability, Metrics
from bot.deps import Deps
from bot.home.store import OverviewStore
from bot.invitations.group.store import GroupRequestStore
from bot.invitations.store import InvitationStore
from bot.mappings.store import AdminRequestStore, PendingMappingStore
from bot.notifications.store import NotificationStore
from bot.notifications.sweep.store import SweepStore
from bot.people.audit import AuditStore
from bot.people.limits import LimitStore
from bot.people.preferences import PreferenceStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore, SnapshotStore
from bot.scheduling.queue import JobQueue
from bot.scheduling.scheduler import Scheduler, WorkerCallbacks, WorkerTimings, open_docket, working
from bot.settings import LONG_LIFE, SLACK_API_URL, Settings
from bot.slack.bolt_dispatch import dispatch
from bot.slack.client import bolt_app, web_client
from bot.slack.client import open_session as open_slack_session
from bot.slack.outbox import OutboxStore
from bot.slack.people import SlackPeople
from bot.slack.response_url import ResponseUrlClient
from bot.slack.socket_connect import Timings
from bot.slack.socket_mode import SocketMode
from bot.slack.surfaces import DirectMessages, SlackViews
from bot.storage.connection import Connection
from bot.storage.envelope import key_ring
from bot.storage.idempotency import IdempotencyKeys
from bot.storage.lock import Locks
from bot.web import CannotListen, make_web
from bot.worker import UPDATE_RANKS, JobRunner
from handlers import ayrshare_events, register_all

DRAIN = timedelta(seconds=7)
HTTP_DRAIN = timedelta(seconds=1)
"""With a second of last words and the server's own end it makes the 10 s that a stop may take."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that accepts requests."""

    deps: Deps
    port: int


@dataclass(frozen=True, slots=True)
class Parts:
    """What a bot and a worker have in common."""

    deps: Deps
    redis: Connection
    slack: AsyncWebClient
    runner: JobRunner


@dataclass(frozen=True, slots=True)
class Outside:
    """The ways to Redis, Ayrshare and Slack."""

    redis: Connection
    ayrshare: AyrshareClient
    slack_session: ClientSession
    slack: AsyncWebClient


@asynccontextmanager
async def running_bot(
    settings: Settings,
    *,
    clock: Clock | None = None,
    timings: Timings | None = None,
    paces: WorkerTimings | None = None,
) -> AsyncIterator[Bot]:
    """Run the bot until the context is left; then stop accepting, finish what is in flight, close everything."""
    async with (
        _working(settings, clock or SystemClock(), paces or WorkerTimings(), bot=True) as parts,
        AsyncExitStack() as stack,
    ):
        deps, metrics = parts.deps, parts.deps.metrics
        bolt = bolt_app(parts.slack)
        register_all(bolt, deps)
        acknowledge = partial(dispatch, bolt, metrics)
        token = settings.slack_app_token
        sockets = SocketMode(parts.slack, token, acknowledge, metrics, timings or Timings()) if token else None
        hear = partial(ayrshare_events.receive, deps)
        routes = make_web(acknowledge, hear, parts.runner.count_live_cards, parts.redis, metrics, settings, sockets)
        port = await stack.enter_async_context(_listening(settings, routes))
        if sockets is not None:
            await stack.enter_async_context(sockets.running())
        if (settings.ayrshare_expires_in or 0) > LONG_LIFE:
            log.warning("links_live_long", minutes=settings.ayrshare_expires_in, why="a leaked link works as long")
        yield Bot(deps, port)
        log.info("stopping")


@asynccontextmanager
async def running_worker(
    settings: Settings, *, clock: Clock | None = None, paces: WorkerTimings | None = None
) -> AsyncIterator[None]:
    """Do what is due, and nothing else, until the context is left; then hand back what isn't done."""
    async with _working(settings, clock or SystemClock(), paces or WorkerTimings(), bot=False):
        log.info("working")
        yield
        log.info("stopping")


@asynccontextmanager
async def _working(settings: Settings, clock: Clock, paces: WorkerTimings, *, bot: bool) -> AsyncIterator[Parts]:
    """Do what is due until the context is left, and yield what that takes."""
    metrics, tasks = Metrics(), BackgroundTasks()
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_of(settings, metrics=metrics, bot=bot))
        ayrshare = await stack.enter_async_context(ayrshare_of(settings, clock=clock, metrics=metrics))
        slack_session = await stack.enter_async_context(open_slack_session())
        client = web_client(slack_session, token=settings.slack_bot_token, api_url=settings.slack_api_url)
        docket = await stack.enter_async_context(open_docket(redis.url))
        queue = JobQueue(redis, UPDATE_RANKS)
        later = Scheduler(queue, docket, clock, paces)
        outside = Outside(redis, ayrshare, slack_session, client)
        deps = _deps(settings, clock, outside, later=later, background=tasks, metrics=metrics)
        stack.push_async_callback(tasks.drain, within=DRAIN)
        runner = JobRunner(deps, queue)
        callbacks = WorkerCallbacks(
            on_due=runner.run_due_jobs, on_check=runner.wake_for_due_jobs, hourly=runner.schedule_sweeps
        )
        await stack.enter_async_context(working(later, docket, callbacks, paces))
        yield Parts(deps, redis, client, runner)


def _deps(
    settings: Settings,
    clock: Clock,
    outside: Outside,
    *,
    later: Scheduler,
    background: BackgroundTasks,
    metrics: Metrics,
) -> Deps:
    """Put together what handlers, jobs and services work with."""
    redis, slack = outside.redis, Availability("slack", metrics)
    keys = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
    return Deps(
        settings=settings,
        clock=clock,
        links=links_of(settings, outside.ayrshare),
        ayrshare=outside.ayrshare,
        mappings=MappingStore(redis),
        profiles=ProfileStore(redis, keys),
        overviews=OverviewStore(redis, clock),
        snapshots=SnapshotStore(redis),
        pending_mappings=PendingMappingStore(redis, keys),
        cards=CardStore(redis, keys, clock),
        idempotency=IdempotencyKeys(redis),
        locks=Locks(redis),
        webhook_deliveries=WebhookDeliveryStore(redis),
        notifications=NotificationStore(redis),
        sweeps=SweepStore(redis),
        limits=LimitStore(redis),
        audit=AuditStore(redis),
        admin_requests=AdminRequestStore(redis),
        people=SlackPeople(outside.slack, clock, slack),
        response_urls=ResponseUrlClient(outside.slack_session, slack, any_host=settings.slack_api_url != SLACK_API_URL),
        direct_messages=DirectMessages(outside.slack, slack),
        outbox=OutboxStore(redis),
        views=SlackViews(outside.slack, slack),
        invitations=InvitationStore(redis, clock),
        group_requests=GroupRequestStore(redis, clock),
        preferences=PreferenceStore(redis, clock),
        metrics=metrics,
        scheduler=later,
        background=background,
    )


async def _bind(site: web.TCPSite, settings: Settings) -> None:
    try:
        await site.start()
    except OSError as error:
        raise CannotListen(settings.host, settings.port, reason=error.strerror or "unknown") from error


@asynccontextmanager
async def _listening(settings: Settings, routes: web.Application) -> AsyncIterator[int]:
    runner = web.AppRunner(routes, access_log=None, handle_signals=False, shutdown_timeout=HTTP_DRAIN.total_seconds())
    await runner.setup()
    try:
        await _bind(web.TCPSite(runner, settings.host, settings.port), settings)
        port = int(runner.addresses[0][1])
        log.info("listening", host=settings.host, port=port)
        yield port
    finally:
        await runner.cleanup()
