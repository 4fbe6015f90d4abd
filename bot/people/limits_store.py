"""Limits: `connectbot:{team}:<what>:by:<user>` and `connectbot:{team}:<what>:by`, sorted sets of a minute's uses.

Counted over a sliding window on the server's clock, so that all replicas agree.
"""

import secrets
from datetime import timedelta

from bot.core.model import TeamId, UserId
from bot.storage.connection import Connection, Store, reaching_redis
from bot.storage.milliseconds import span_ms

WINDOW = timedelta(minutes=1)

# Returns 0 and counts, or counts nothing and returns the milliseconds until there is room again.
TAKE = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local window = tonumber(ARGV[1])
local wait = 0
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  if redis.call('ZCARD', key) >= tonumber(ARGV[2 + i]) then
    local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    wait = math.max(wait, tonumber(oldest[2]) + window - now)
  end
end
if wait > 0 then return wait end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now, ARGV[2])
  redis.call('PEXPIRE', key, window)
end
return 0
"""


class LimitStore(Store):
    """Counts what people set off."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._take = self._redis.register_script(TAKE)

    @reaching_redis
    async def take(self, team: TeamId, user: UserId, what: str, *, per_person: int, per_team: int) -> timedelta:
        """Count a use and return zero, or return how long to wait where a minute's share is used up."""
        window = span_ms(WINDOW)
        keys = [f"connectbot:{{{team}}}:{what}:by:{user}", f"connectbot:{{{team}}}:{what}:by"]
        wait = await self._take(keys=keys, args=[window, secrets.token_hex(8), per_person, per_team])
        return timedelta(milliseconds=int(wait))
