"""The one composition root: settings in, a running bot out."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot import jobs
from bot.ayrshare import AyrshareClient, JwtLinks
from bot.clock import Clock, SystemClock
from bot.dependency import Dependency
from bot.deps import Deps, Links
from bot.envelope import key_ring
from bot.errors import CannotListen
from bot.metrics import Metrics
from bot.resources import ayrshare_of, redis_of
from bot.scheduler import InProcessLater
from bot.settings import AYRSHARE_API_URL, LONG_LIFE, SLACK_API_URL, Settings
from bot.slack.answers import ResponseUrls
from bot.slack.client import bolt_app, web_client
from bot.slack.client import open_session as open_slack_session
from bot.slack.direct import DirectMessages
from bot.slack.people import SlackPeople
from bot.stores.asks import AskStore
from bot.stores.audit import AuditStore
from bot.stores.cards import CardStore
from bot.stores.connection import Connection
from bot.stores.limits import LimitStore
from bot.stores.mappings import MappingStore
from bot.stores.once import OnceStore
from bot.stores.profiles import ProfileStore
from bot.tasks import Tasks
from bot.web import make_web
from handlers import register_all

DRAIN = timedelta(seconds=7)
HTTP_DRAIN = timedelta(seconds=1)
"""With a second of last words and the server's own end it makes the 10 s that a stop may take."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot that accepts requests."""

    deps: Deps
    port: int


@asynccontextmanager
async def running_bot(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Bot]:
    """Run the bot until the context is left; then stop accepting, finish what is in flight, close everything."""
    clock = clock or SystemClock()
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(redis_of(settings, metrics=metrics, bot=True))
        ayrshare = await stack.enter_async_context(ayrshare_of(settings, clock=clock, metrics=metrics))
        slack_session = await stack.enter_async_context(open_slack_session())
        client = web_client(slack_session, token=settings.slack_bot_token, api_url=settings.slack_api_url)
        keys = key_ring(settings.encryption_keys, data_dir=settings.data_dir)
        tasks, slack = Tasks(), Dependency("slack", metrics)
        later = InProcessLater(clock, tasks, metrics.live_cards)
        deps = Deps(
            settings=settings,
            clock=clock,
            links=_links(settings, ayrshare),
            ayrshare=ayrshare,
            mappings=MappingStore(redis),
            profiles=ProfileStore(redis, keys),
            cards=CardStore(redis, keys, clock),
            once=OnceStore(redis),
            limits=LimitStore(redis),
            audit=AuditStore(redis),
            asks=AskStore(redis),
            people=SlackPeople(client, clock, slack),
            answers=ResponseUrls(slack_session, slack, any_host=settings.slack_api_url != SLACK_API_URL),
            direct=DirectMessages(client, slack),
            metrics=metrics,
            later=later,
            background=tasks,
        )
        later.runs(partial(jobs.redraw_card, deps))
        stack.push_async_callback(tasks.drain, within=DRAIN)
        stack.push_async_callback(later.close)
        bolt = bolt_app(client)
        register_all(bolt, deps)
        port = await stack.enter_async_context(_listening(settings, bolt, redis, metrics))
        if (settings.ayrshare_expires_in or 0) > LONG_LIFE:
            log.warning("links_live_long", minutes=settings.ayrshare_expires_in, why="a leaked link works as long")
        yield Bot(deps, port)
        log.info("stopping")


def _links(settings: Settings, ayrshare: AyrshareClient) -> Links:
    if settings.ayrshare_domain is None or settings.ayrshare_private_key is None:
        raise AssertionError("the settings model lets no jwt settings without these pass")
    return JwtLinks(
        ayrshare,
        domain=settings.ayrshare_domain,
        private_key=settings.ayrshare_private_key,
        expires_in=settings.ayrshare_expires_in,
        redirect=settings.ayrshare_redirect,
        allowed_social=settings.ayrshare_allowed_social or None,
        any_host=settings.ayrshare_api_url != AYRSHARE_API_URL,
    )


async def _bind(site: web.TCPSite, settings: Settings) -> None:
    try:
        await site.start()
    except OSError as error:
        raise CannotListen(settings.host, settings.port, reason=error.strerror or "unknown") from error


@asynccontextmanager
async def _listening(settings: Settings, bolt: AsyncApp, redis: Connection, metrics: Metrics) -> AsyncIterator[int]:
    app = make_web(bolt, redis, metrics, settings)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=HTTP_DRAIN.total_seconds())
    await runner.setup()
    try:
        await _bind(web.TCPSite(runner, settings.host, settings.port), settings)
        port = int(runner.addresses[0][1])
        log.info("listening", host=settings.host, port=port)
        yield port
    finally:
        await runner.cleanup()
