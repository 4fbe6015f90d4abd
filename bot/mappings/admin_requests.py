"""Asks: `connectbot:{team}:asked:<admin>`, a list of who asked an admin for a profile today, and where that stands."""

import json
from datetime import timedelta

from bot.core.model import TeamId, UserId
from bot.slack.model import MessageRef
from bot.storage.connection import Connection, Store, reaching_redis, span_ms

# Adds an asker and returns all of them with the message's place, which is empty for the first one.
ASK = """
local kept = redis.call('HGET', KEYS[1], 'askers')
local askers = kept and cjson.decode(kept) or {}
local known = false
for _, asker in ipairs(askers) do known = known or asker == ARGV[1] end
if not known then table.insert(askers, ARGV[1]) end
redis.call('HSET', KEYS[1], 'askers', cjson.encode(askers))
if not kept then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {cjson.encode(askers), redis.call('HGET', KEYS[1], 'channel') or '', redis.call('HGET', KEYS[1], 'ts') or ''}
"""


class AdminRequestStore(Store):
    """Lets several people's asks share one message to an admin a day."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._ask = self._redis.register_script(ASK)

    @reaching_redis
    async def add(
        self, team: TeamId, admin: UserId, asker: UserId, *, within: timedelta
    ) -> tuple[tuple[UserId, ...], MessageRef | None]:
        """Add an asker; return everybody who asked within the time, and the message that tells of them."""
        milliseconds = span_ms(within)
        askers, channel, ts = await self._ask(keys=[_key(team, admin)], args=[asker, milliseconds])
        return tuple(map(UserId, json.loads(askers))), MessageRef(channel, ts) if ts else None

    @reaching_redis
    async def posted(self, team: TeamId, admin: UserId, posted: MessageRef) -> tuple[UserId, ...]:
        """Remember where the message stands, and return who has asked by now."""
        await self._redis.hset(_key(team, admin), mapping={"channel": posted.channel, "ts": posted.ts})
        askers = await self._redis.hget(_key(team, admin), "askers")
        return tuple(map(UserId, json.loads(askers or "[]")))


def _key(team: TeamId, admin: UserId) -> str:
    return f"connectbot:{{{team}}}:asked:{admin}"
