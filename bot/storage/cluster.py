"""The client for a Redis Cluster: commands go in batches to the node that has their key."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from redis.asyncio.cluster import ClusterNode, PipelineCommand, RedisCluster
from redis.asyncio.connection import Connection
from redis.exceptions import AskError, ClusterDownError, MovedError, SlotNotCoveredError, TryAgainError
from redis.exceptions import ConnectionError as RedisGone
from redis.typing import ScriptTextT

from bot.storage.batching import Batches, RedisCommand
from bot.storage.script import Script

MOST_CONNECTIONS = 100
"""To a node. redis-py raises where it has none left."""
ALONE_AT_ONCE = 40
"""Commands that aren't in a batch."""
SCRIPTS = {"EVAL", "EVALSHA"}
"""Commands whose third part is their first key."""
KEYS_TRIED = 200
"""To find one on each primary; of ten primaries one is missed once in a thousand million times."""
ELSEWHERE = (MovedError, AskError, TryAgainError, ClusterDownError, RedisGone)
"""What tells that another node has the key, or will have it."""


class Cluster(RedisCluster):
    """A Cluster's client whose calls have no limit."""

    def __init__(
        self, servers: Sequence[tuple[str, int]], connection_class: type[Connection], /, **options: Any
    ) -> None:
        nodes = [ClusterNode(host, port) for host, port in servers]
        super().__init__(startup_nodes=nodes, max_connections=MOST_CONNECTIONS, **options)
        self.connection_kwargs["connection_class"] = connection_class
        for node in self.nodes_manager.startup_nodes.values():
            node.connection_class = connection_class

    def forget_topology(self) -> None:
        """Have the next call ask for the map of slots again: a node that hangs reports no failover itself."""
        self._initialize = True

    async def aclose(self) -> None:
        """Close all connections, after `forget_topology` too, when redis-py takes the client for closed."""
        self._initialize = False
        await super().aclose()

    async def key_per_primary(self, name: str) -> list[str]:
        """Return a key that begins with `name` for each primary."""
        await self.initialize()
        keys = [f"{name}:{number}" for number in range(KEYS_TRIED)]
        return list({self.nodes_manager.get_node_from_slot(self.keyslot(key)).name: key for key in keys}.values())


class BatchingCluster(Cluster):
    """Sends commands in batches, and by itself what has no key or whose node isn't known; both are limited in time."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._batches: dict[str, Batches] = {}
        self._alone = Batches(self._by_itself, at_once=ALONE_AT_ONCE, longest=1)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command to the node that has its key, and return its reply."""
        node = self._node_of(*args, **options)
        if node:
            try:
                return await self._batches_for(node).send((args, options))
            except ELSEWHERE:
                self.forget_topology()
        return await self._alone.send((args, options))

    def register_script(self, script: ScriptTextT) -> Script:  # type: ignore[override]  # names the blocking one, too
        """Return a script that this client runs."""
        return Script(self, script)

    def _node_of(self, name: str, *args: Any, **options: Any) -> ClusterNode | None:
        """Return the node that has a command's keys, of which the first stands first, or in a script third."""
        if self._initialize or name in self.command_flags or "target_nodes" in options:
            return None
        try:
            return self.nodes_manager.get_node_from_slot(self.keyslot(args[2 if name in SCRIPTS else 0]))
        except SlotNotCoveredError:
            return None

    def _batches_for(self, node: ClusterNode) -> Batches:
        if node.name not in self._batches:
            self._batches[node.name] = Batches(partial(self._exchange, node.name))
        return self._batches[node.name]

    async def _by_itself(self, commands: list[RedisCommand]) -> list[Any]:
        return [await self._alone_or_again(*args, **options) for args, options in commands]

    async def _alone_or_again(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().execute_command(*args, **options)
        except RedisGone:
            if "target_nodes" not in options:
                raise
            return await super().execute_command(*args, **options)  # redis-py asks a node that is named only once

    async def _exchange(self, name: str, commands: list[RedisCommand]) -> list[Any]:
        node = self.get_node(node_name=name)  # another object after each look at the map of slots
        if node is None:
            raise RedisGone("This node has left.")
        batch = [PipelineCommand(number, *args, **options) for number, (args, options) in enumerate(commands)]
        await node.execute_pipeline(batch)
        return [command.result for command in batch]
