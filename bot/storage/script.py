"""A script that a server runs as one step, sent by its name; to a server that doesn't know it, as its text."""

from collections.abc import Iterable, Sequence
from typing import Any

from redis.commands.core import AsyncScript
from redis.exceptions import NoScriptError


class Script(AsyncScript):
    """Asks only the server that has the keys. redis-py would load the text on every primary, and fail if one is away.

    Behind one address, the next connection may lead to another server than the one that has loaded it.
    """

    async def __call__(
        self, keys: Sequence[Any] | None = None, args: Iterable[Any] | None = None, client: Any = None
    ) -> Any:
        """Run the script and return its reply."""
        client, keys = client or self.registered_client, keys or ()
        parts = [len(keys), *keys, *(args or ())]
        try:
            return await client.evalsha(self.sha, *parts)
        except NoScriptError:
            return await client.eval(self.script, *parts)
