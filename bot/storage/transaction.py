"""A transaction on a Cluster, all of whose keys are in one slot: one round trip to the node that has it.

redis-py's own starts a thread and an event loop for each command of a transaction.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Self

from redis.asyncio.cluster import ClusterNode, ClusterPipeline
from redis.exceptions import ClusterDownError, ExecAbortError, MovedError, ResponseError, SlotNotCoveredError
from redis.exceptions import ConnectionError as RedisGone

if TYPE_CHECKING:
    from bot.storage.client import Cluster

RETRIES, RETRY_AFTER = 2, 0.05
"""How often, and seconds."""


class SlotTransaction(ClusterPipeline):
    """Collects commands and has the node run them as one step. The first key says which node it is."""

    def __init__(self, cluster: "Cluster") -> None:
        super().__init__(cluster)
        self._event_dispatcher = cluster._event_dispatcher  # noqa: SLF001 - redis-py declares it and leaves it unset
        self._cluster = cluster
        self._commands: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    async def __aenter__(self) -> Self:
        """Return itself; the Cluster is asked for its slots within the limited time of `execute`."""
        return self

    def execute_command(self, *args: Any, **options: Any) -> Self:
        """Add a command."""
        options.pop("keys", None)  # for redis-py's client-side cache
        self._commands.append((args, options))
        return self

    async def execute(self, raise_on_error: bool = True, allow_redirections: bool = True) -> list[Any]:  # noqa: ARG002, FBT001, FBT002 - redis-py's
        """Run the commands; return their replies, or raise the first error."""
        async with self._cluster.turn():
            return await self._execute()

    async def _execute(self) -> list[Any]:
        for retries_left in reversed(range(RETRIES + 1)):
            try:
                await self._cluster.initialize()
                return self._parsed(await self._run(self._node()))
            except MovedError as moved:
                await self._cluster.nodes_manager.move_slot(moved)
                if not retries_left:
                    raise
            except (RedisGone, ClusterDownError, SlotNotCoveredError):
                self._cluster.forget_topology()
                if not retries_left:
                    raise
                await asyncio.sleep(RETRY_AFTER)
        raise AssertionError("the last attempt returns or raises")

    def _node(self) -> ClusterNode:
        (_, key, *_), _ = self._commands[0]
        return self._cluster.nodes_manager.get_node_from_slot(self._cluster.keyslot(key))

    async def _run(self, node: ClusterNode) -> list[Any]:
        connection = node.acquire_connection()
        try:
            await node.disconnect_if_needed(connection)
            commands = [("MULTI",), *(args for args, _ in self._commands), ("EXEC",)]
            await connection.send_packed_command(connection.pack_commands(commands))
            refusals = []
            for _ in commands[:-1]:
                try:
                    await connection.read_response()
                except ResponseError as refusal:
                    refusals.append(refusal)
            try:
                replies: list[Any] = await connection.read_response()
            except ExecAbortError as aborted:
                raise (refusals or [aborted])[0] from None
            return replies
        finally:
            node.release(connection)

    def _parsed(self, replies: list[Any]) -> list[Any]:
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        parsers = self._cluster.response_callbacks
        return [
            parsers[args[0]](reply, **options) if args[0] in parsers else reply
            for (args, options), reply in zip(self._commands, replies, strict=True)
        ]
