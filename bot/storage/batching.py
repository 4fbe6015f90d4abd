"""A client for Redis that sends the commands of many requests together.

Commands that are issued in the same turn of the event loop, or while earlier ones are on their way, share one write and
one read. That saves most of what a command costs here: a connection from the pool, two system calls and a timeout.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.typing import ScriptTextT

from bot.core.budget import budget_of_request
from bot.core.time_limit import limited_to
from bot.storage.script import Script

TIMEOUT = timedelta(seconds=1.5)
"""For one exchange with Redis, its retry included; a person waits 3 s at most for an answer."""
BATCHES_AT_ONCE = 4
"""A slow script delays only the commands that were sent with it."""
LONGEST_BATCH = 200


RedisCommand = tuple[tuple[Any, ...], dict[str, Any]]
"""Its parts, and the options with which its reply is read."""


class Batches:
    """Sends the commands for one server in batches."""

    def __init__(
        self,
        exchange: Callable[[list[RedisCommand]], Awaitable[list[Any]]],
        *,
        at_once: int = BATCHES_AT_ONCE,
        longest: int = LONGEST_BATCH,
    ) -> None:
        self._exchange = exchange  # returns an error in the place of a reply
        self._at_once, self._longest = at_once, longest
        self._waiting: list[tuple[RedisCommand, asyncio.Future[Any]]] = []
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, command: RedisCommand) -> Any:
        """Send a command with the next batch and return its reply, or raise its error; raise BudgetSpent."""
        budget = budget_of_request()
        loop = asyncio.get_running_loop()
        reply = loop.create_future()
        if not self._waiting and len(self._sending) < self._at_once:
            loop.call_soon(self._begin)
        self._waiting.append((command, reply))
        return await (budget.wait_for(reply) if budget else reply)

    def _begin(self) -> None:
        while self._waiting and len(self._sending) < self._at_once:
            batch, self._waiting = self._waiting[: self._longest], self._waiting[self._longest :]
            task = asyncio.create_task(self._send(batch))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self._sending.discard(task)
        if self._waiting:  # what follows from the last replies is issued in this turn
            asyncio.get_running_loop().call_soon(self._begin)

    async def _send(self, batch: list[tuple[RedisCommand, "asyncio.Future[Any]"]]) -> None:
        replies: list[Any]
        try:
            async with limited_to(TIMEOUT):
                replies = await self._exchange([command for command, _ in batch])
        except Exception as error:  # noqa: BLE001 - each caller gets it
            replies = [error] * len(batch)
        except asyncio.CancelledError:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), reply in zip(batch, replies, strict=True):
            if future.done():
                continue  # its caller was cancelled, or has waited long enough
            if isinstance(reply, Exception):
                future.set_exception(reply)
            else:
                future.set_result(reply)


class BatchingRedis(Redis):
    """Sends commands in batches; a transaction is one of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._batches = Batches(self._pipelined)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command with the next batch and return its reply."""
        return await self._batches.send((args, options))

    def register_script(self, script: ScriptTextT) -> Script:  # type: ignore[override]  # names the blocking one, too
        """Return a script that this client runs."""
        return Script(self, script)

    async def _pipelined(self, commands: list[RedisCommand]) -> list[Any]:
        pipe = Pipeline(self.connection_pool, self.response_callbacks, transaction=False, shard_hint=None)
        pipe.command_stack.extend(commands)
        return await pipe.execute(raise_on_error=False)
