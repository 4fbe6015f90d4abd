"""The one pool of connections to Redis, and its failures in our words."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import RedisError

from bot.core.metrics import Availability, Metrics
from bot.storage.errors import StoreUnavailable

CONNECTIONS = 50
PATIENCE = timedelta(seconds=1.5)
"""How long one call may take, a second try included; people wait 3 s at most for a sentence."""
RETRY_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Connection:
    """Redis, and whether it works."""

    redis: Redis
    dependency: Availability
    url: SecretStr
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))
    """As many as there are connections: waiting for one's turn is our own haste, not Redis' slowness."""

    async def answers(self) -> bool:
        """Tell whether Redis can be reached at this moment."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return bool(await self.redis.ping())
        except (RedisError, OSError):
            return False


def open_connection(url: SecretStr, metrics: Metrics) -> Connection:
    """Make a client that waits for a free connection rather than failing (redis-py's own pool raises)."""
    pool = BlockingConnectionPool.from_url(
        url.get_secret_value(),
        max_connections=CONNECTIONS,
        timeout=PATIENCE.total_seconds(),
        socket_timeout=PATIENCE.total_seconds(),
        socket_connect_timeout=PATIENCE.total_seconds(),
        # a server that restarted has closed our connections; one that is slow is not asked again
        retry=Retry(ConstantBackoff(RETRY_PAUSE), 1, supported_errors=(RedisGone,)),
        decode_responses=True,
        client_name="connectbot",
    )
    return Connection(
        Redis.from_pool(pool), Availability("redis", metrics), url
    )  # from_pool: closing it closes the pool


class Store:
    """What is kept in Redis; the base of one class for each key namespace."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._redis = connection.redis


St = TypeVar("St", bound=Store)
P = ParamSpec("P")
T = TypeVar("T")


def reaching_redis(
    call: Callable[Concatenate[St, P], Awaitable[T]],
) -> Callable[Concatenate[St, P], Coroutine[Any, Any, T]]:
    """Let a store's method raise StoreUnavailable in place of redis-py's errors, whose texts may hold an address."""

    @wraps(call)
    async def guarded(self: St, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async with self.connection.turns:
            if self.connection.dependency.just_failed:
                raise StoreUnavailable
            try:
                async with asyncio.timeout(PATIENCE.total_seconds()):
                    result = await call(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                self.connection.dependency.failed(type(error).__name__)
                raise StoreUnavailable from error
            self.connection.dependency.worked()
            return result

    return guarded
