"""The one pool of connections to Redis, and its failures in our words."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError

from bot.errors import StoreUnavailable

CONNECTIONS = 50
PATIENCE = timedelta(seconds=2)
"""How long a person may wait for Redis to answer, or for a free connection."""
RETRY_PAUSE = 0.05

P = ParamSpec("P")
T = TypeVar("T")


def open_redis(url: SecretStr) -> Redis:
    """Make a client that waits for a free connection rather than failing (redis-py's own pool raises)."""
    pool = BlockingConnectionPool.from_url(
        url.get_secret_value(),
        max_connections=CONNECTIONS,
        timeout=PATIENCE.total_seconds(),
        socket_timeout=PATIENCE.total_seconds(),
        socket_connect_timeout=PATIENCE.total_seconds(),
        retry=Retry(ConstantBackoff(RETRY_PAUSE), 1),  # a server that restarted has closed our connections
        health_check_interval=30,
        decode_responses=True,
        client_name="connectbot",
    )
    return Redis.from_pool(pool)  # owns the pool, and so closes it


class RedisStore:
    """The connection as a whole, for the readiness route."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def answers(self) -> bool:
        """Tell whether Redis can be reached at this moment."""
        try:
            return bool(await asyncio.wait_for(self._redis.ping(), PATIENCE.total_seconds()))
        except (RedisError, OSError, TimeoutError):
            return False


def reaching_redis(call: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let a store's method raise StoreUnavailable in place of redis-py's errors, whose texts may hold an address."""

    @wraps(call)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await call(*args, **kwargs)
        except (RedisError, OSError, TimeoutError) as error:
            raise StoreUnavailable from error

    return guarded
