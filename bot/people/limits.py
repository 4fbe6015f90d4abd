"""How often a person and a workspace may do what calls Ayrshare or Slack, so that nobody uses up what all share.

How often an API key may be used is decided in `bot/links_api/key_store.py`, by the same sliding window.

Uses are counted in `connectbot:{team}:<action>:by:<user>` and `connectbot:{team}:<action>:by`, sorted sets that live as
long as the window. The window slides, on the server's clock, so that all replicas agree.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.core.model import TeamId, UserId
from bot.people.errors import AskedTooOften
from bot.storage.connection import Connection, Store, redis_errors_mapped, span_ms
from bot.storage.damage import Shape

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Uses within the window."""

    per_person: int
    per_team: int


Action = Literal[
    "links",
    "status",
    "invitations",
    "client_links",
    "home",
    "lists",
    "people",
    "pages",
    "views",
    "redraws",
    "messages",
]

LIMITS: dict[Action, RateLimit] = {
    "links": RateLimit(per_person=10, per_team=120),
    "status": RateLimit(per_person=10, per_team=120),
    "invitations": RateLimit(per_person=10, per_team=120),
    "client_links": RateLimit(per_person=10, per_team=120),
    "home": RateLimit(per_person=10, per_team=120),  # refreshes of what Home and the list show
    "lists": RateLimit(per_person=10, per_team=60),  # of all profiles that Ayrshare has
    "people": RateLimit(per_person=30, per_team=60),  # questions to Slack about others; it takes 100 in all
    "pages": RateLimit(per_person=15, per_team=15),  # of the list of everybody; Slack takes 20
    "messages": RateLimit(per_person=10, per_team=120),  # answers to what people write in their direct message
    "views": RateLimit(per_person=30, per_team=90),  # modals and Home; Slack takes 100
    "redraws": RateLimit(per_person=40, per_team=60),  # of what people have open
}

# A limit's sliding window, on the server's clock. A use in the future was counted before that was set back; nobody
# waits as long as that step. Uses are neither written to the file nor sent to replicas: no request waits for the disk,
# and a restart forgets the last minute.
SLIDING_WINDOW = """
redis.set_repl(redis.REPL_NONE)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function wait_for(uses, most, window)
  redis.call('ZREMRANGEBYSCORE', uses, '-inf', now - window)
  redis.call('ZREMRANGEBYSCORE', uses, '(' .. now, '+inf')
  if redis.call('ZCARD', uses) < tonumber(most) then return 0 end
  return math.max(1, redis.call('ZRANGE', uses, 0, 0, 'WITHSCORES')[2] + window - now)
end

local function count(uses, use, window)
  redis.call('ZADD', uses, now, use)
  redis.call('PEXPIRE', uses, window)
end
"""

# Returns 0 and counts a use, or counts nothing and returns the milliseconds until the limits allow one.
TAKE = f"""{SLIDING_WINDOW}
local window, wait = tonumber(ARGV[1]), 0
for i, uses in ipairs(KEYS) do wait = math.max(wait, wait_for(uses, ARGV[2 + i], window)) end
if wait > 0 then return wait end
for _, uses in ipairs(KEYS) do count(uses, ARGV[2], window) end
return 0
"""


class LimitStore(Store):
    """Counts uses and enforces the limits."""

    shapes = (*(Shape(f"{action}:by", "zset") for action in LIMITS),)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._take = self._redis.register_script(TAKE)

    async def count(self, team: TeamId, user: UserId, action: Action) -> None:
        """Count a use; raise AskedTooOften, which says when to try again, if a limit is reached."""
        wait = await self.take(team, user, action)
        if wait > timedelta(0):
            raise AskedTooOften(wait, action)

    @redis_errors_mapped
    async def take(self, team: TeamId, user: UserId, action: Action) -> timedelta:
        """Count a use and return zero; if a limit is reached, count nothing and return how long to wait."""
        limit = LIMITS[action]
        together = f"connectbot:{{{team}}}:{action}:by"
        keys = [f"{together}:{user}", together]
        args: list[str | int] = [span_ms(WINDOW), secrets.token_hex(8), limit.per_person, limit.per_team]
        return timedelta(milliseconds=int(await self._take(keys=keys, args=args)))
