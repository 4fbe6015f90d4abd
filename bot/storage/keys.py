"""The names of keys, found by a pattern on every server that holds some."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.storage.connection import Store, redis_errors_mapped

PAGE = 2_000
"""Keys that a server looks at in one call."""


class Keys(Store):
    """Looks through all keys; for commands and migrations, since it takes time with their number."""

    async def matching(self, pattern: str, *, kind: str | None = None) -> AsyncIterator[list[str]]:
        """Yield, in pages, the keys of a pattern and a type, such as HASH; one may come twice.

        Raises StoreUnavailable.
        """
        for server in await self.connection.primaries():
            cursor = 0
            while True:
                cursor, keys = await self._page(server, cursor, pattern, kind)
                yield keys
                if not cursor:
                    break

    @redis_errors_mapped
    async def _page(
        self, server: Mapping[str, Any], cursor: int, pattern: str, kind: str | None
    ) -> tuple[int, list[str]]:
        reply: Any = await self._redis.scan(cursor, match=pattern, count=PAGE, _type=kind, **server)
        following, keys = reply
        if server:  # a Cluster's client answers with a cursor for each node that was asked
            (following,) = following.values()
        return following, [str(key) for key in keys]
