"""What the bot and the commands both open: Redis and Ayrshare."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import SecretStr
from redis.asyncio import Redis

from bot.ayrshare import AyrshareClient, open_session
from bot.clock import Clock
from bot.embedded import embedded_server
from bot.settings import AyrshareSettings, StoreSettings
from bot.stores.connection import open_redis

AYRSHARE_CONNECTIONS = 500


@asynccontextmanager
async def redis_of(settings: StoreSettings, *, bot: bool = False) -> AsyncIterator[Redis]:
    """Connect to the Redis of the settings, or to the embedded one, which is started where nobody runs it."""
    async with AsyncExitStack() as stack:
        url = settings.redis_url
        if url is None:
            url = SecretStr(await stack.enter_async_context(embedded_server(settings.data_dir, bot=bot)))
        redis = open_redis(url)
        stack.push_async_callback(redis.aclose)
        yield redis


@asynccontextmanager
async def ayrshare_of(settings: AyrshareSettings, *, clock: Clock) -> AsyncIterator[AyrshareClient]:
    """Open the client to Ayrshare."""
    x_key, x_secret = settings.ayrshare_x_api_key, settings.ayrshare_x_api_secret
    async with open_session(AYRSHARE_CONNECTIONS) as session:
        yield AyrshareClient(
            session,
            api_key=settings.ayrshare_api_key,
            base_url=settings.ayrshare_api_url,
            clock=clock,
            x_credentials=(x_key, x_secret) if x_key and x_secret else None,
        )
