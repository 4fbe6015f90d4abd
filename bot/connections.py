"""The connections to Redis and Ayrshare, opened by the bot and by the commands."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient, AyrshareObserver, open_session
from bot.ayrshare.jwt_links import JwtLinks
from bot.ayrshare.links import LinkOptions
from bot.ayrshare.networks import OfferedNetworks
from bot.ayrshare.session_links import SessionLinks
from bot.core.clock import Clock
from bot.core.metrics import Metrics
from bot.events.client import EventClient
from bot.events.model import SENT_AT_ONCE
from bot.settings import AYRSHARE_API_URL, AyrshareSettings, Settings, StoreSettings
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server
from bot.storage.errors import StoreUnavailable
from bot.storage.schema import Schema

AYRSHARE_CONNECTIONS = 500


@asynccontextmanager
async def redis_of(settings: StoreSettings, *, metrics: Metrics, bot: bool = False) -> AsyncIterator[Connection]:
    """Connect to the Redis of the settings, or to the embedded server, which is started if it doesn't run.

    Older data is migrated; raises NewerData.
    """
    async with AsyncExitStack() as stack:
        url, data_dir = settings.redis_url, None
        if url is None:
            data_dir = settings.data_dir
            url = SecretStr(await stack.enter_async_context(embedded_server(settings.data_dir, bot=bot)))
        connection = open_connection(url, metrics, settings.redis_ca_file, data_dir=data_dir)
        stack.push_async_callback(connection.redis.aclose)
        with suppress(StoreUnavailable):  # whoever uses the connection will notice
            await Schema(connection).bring_up_to_date()
        yield connection


@asynccontextmanager
async def ayrshare_of(settings: AyrshareSettings, *, clock: Clock, metrics: Metrics) -> AsyncIterator[AyrshareClient]:
    """Open the client to Ayrshare."""
    x_key, x_secret = settings.ayrshare_x_api_key, settings.ayrshare_x_api_secret
    async with open_session(AYRSHARE_CONNECTIONS) as session:
        yield AyrshareClient(
            session,
            api_key=settings.ayrshare_api_key,
            base_url=settings.ayrshare_api_url,
            clock=clock,
            observer=AyrshareObserver(metrics),
            x_credentials=(x_key, x_secret) if x_key and x_secret else None,
        )


def links_of(settings: Settings, ayrshare: AyrshareClient) -> JwtLinks | SessionLinks:
    """Return the link API that the settings choose."""
    options = LinkOptions(
        expires_in=settings.ayrshare_expires_in,
        redirect=settings.ayrshare_redirect,
        offered=OfferedNetworks(settings.ayrshare_allowed_social, own_x_app=settings.ayrshare_x_api_key is not None),
        any_host=settings.ayrshare_api_url != AYRSHARE_API_URL,
        instagram_method=settings.ayrshare_instagram_link_method,
        max_pack=settings.ayrshare_max_pack == "yes",
    )
    if settings.ayrshare_link_api == "session":
        return SessionLinks(ayrshare, domain=settings.ayrshare_domain, options=options)
    if settings.ayrshare_domain is None or settings.ayrshare_private_key is None:
        raise AssertionError("the settings require both with AYRSHARE_LINK_API=jwt")
    return JwtLinks(
        ayrshare, domain=settings.ayrshare_domain, private_key=settings.ayrshare_private_key, options=options
    )


@asynccontextmanager
async def events_of(settings: Settings, *, clock: Clock) -> AsyncIterator[EventClient | None]:
    """Yield what tells CONNECT_EVENTS_URL of events, None where that isn't set; its answers set no clock."""
    url, secret = settings.connect_events_url, settings.connect_events_secret
    if not (url and secret):
        yield None
        return
    async with open_session(SENT_AT_ONCE) as session:
        yield EventClient(session, url, secret, clock)
