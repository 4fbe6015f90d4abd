"""A transaction: commands that Redis runs as one step, sent as one script.

MULTI and EXEC would take a connection to themselves. A script is one command: it travels with those of other requests,
and a Cluster's client brings it to the server that has its keys.
"""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from redis.asyncio.client import Pipeline
from redis.commands.core import AsyncScript

# Commands, each after the number of its parts. A server that takes no writes refuses the first one, so none is done.
# ZADD_REPLY, which isn't one of Redis' own, adds what the command before it replied, if that is something.
RUN = """
local replies, first = {}, 3
local function run(name, key, ...)
  if name ~= 'ZADD_REPLY' then return redis.call(name, key, ...) end
  local score, prefix = ...
  local reply = replies[#replies]
  return reply and redis.call('ZADD', key, score, prefix .. reply)
end
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return false end
while first <= #ARGV do
  local last = first + ARGV[first]
  replies[#replies + 1] = run(unpack(ARGV, first + 1, last))
  first = last + 1
end
return replies
"""
MANY = 1_000
"""The parts of one command; Lua takes less than 8,000."""


AddTo = Callable[[Pipeline], None]
"""Adds commands to a transaction."""


class Transaction(Pipeline):
    """Collects commands, whose keys must be in one slot and stand first, and runs them as one step.

    Scripts get replies of RESP 2, which redis-py doesn't expect here: maps and scores are read outside of it.
    """

    def __init__(self, run: AsyncScript, parsers: MutableMapping[Any, Callable[..., Any]]) -> None:
        super().__init__(None, parsers, True, None)  # type: ignore[arg-type]  # noqa: FBT003 - it needs no connection
        self._run = run

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: ARG002, FBT001, FBT002 - redis-py's own
        """Run the commands and return their replies; raise the first error, which leaves the later ones undone."""
        return await self._execute("", "") or []

    def zadd_reply(self, key: str, score: float, *, prefix: str) -> None:
        """Add the reply of the command before to a sorted set, behind a prefix, unless that is nothing."""
        self.execute_command("ZADD_REPLY", key, score, prefix)

    async def execute_if(self, field: str, value: str | int) -> list[Any] | None:
        """Run the commands if a field of the first one's key, a hash, has this value; else return None."""
        return await self._execute(field, value)

    async def _execute(self, field: str, value: str | int) -> list[Any] | None:
        commands, self.command_stack = self.command_stack, []
        keys = dict.fromkeys(args[1] for args, _ in commands)
        parts = [part for args, _ in commands for part in (len(args), *args)]
        replies = await self._run(keys=list(keys), args=[field, value, *parts])
        if replies is None:
            return None
        return [self._parsed(args[0], reply, options) for (args, options), reply in zip(commands, replies, strict=True)]

    def _parsed(self, name: Any, reply: Any, options: Mapping[str, Any]) -> Any:
        parse = self.response_callbacks.get(name)
        return parse(reply, **{key: value for key, value in options.items() if key != "keys"}) if parse else reply
