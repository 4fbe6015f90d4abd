"""The Redis of a bot that `make chaos` kills: the embedded server, or a group under Sentinel."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server
from bot.storage.envelope import KeyRing, key_ring


@asynccontextmanager
async def opened(settings: dict[str, str]) -> AsyncIterator[Connection]:
    """Connect to the Redis of these settings."""
    async with AsyncExitStack() as stack:
        url = settings.get("REDIS_URL") or await stack.enter_async_context(
            embedded_server(Path(settings["DATA_DIR"]), bot=False)
        )
        redis = open_connection(SecretStr(str(url)), Metrics())
        yield redis
        await redis.redis.aclose()


def ring_of(settings: dict[str, str]) -> KeyRing:
    """Return the encryption keys of these settings."""
    configured = SecretStr(settings["ENCRYPTION_KEYS"]) if "ENCRYPTION_KEYS" in settings else None
    return key_ring(configured, data_dir=Path(settings["DATA_DIR"]))
