"""When a network seems to have trouble: many profiles lost it within OUTAGE_WINDOW.

`connectbot:{team}:drops:<network>`: the profiles that lost it lately, by moment (milliseconds).
`connectbot:{team}:outage:<network>`: until when its people hear nothing of it. Both expire then.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from bot.core.model import RefId, TeamId
from bot.notifications.model import OUTAGE_PROFILES, OUTAGE_QUIET, OUTAGE_WINDOW, TELL_OUTAGE
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import Job
from bot.scheduling.queue import job_entry, queue_key
from bot.storage.connection import Connection, Store, moment_ms, moment_of, redis_errors_mapped, span_ms

# Counts the profiles that lost a network within the window. If they are many, notes an outage, and plans the job that
# tells the admins; returns whether it began just now.
DROPPED = """
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[4]) then return 0 end
if not redis.call('SET', KEYS[2], string.format('%d', ARGV[1] + ARGV[5]), 'PX', ARGV[5], 'NX') then return 0 end
redis.call('ZADD', KEYS[3], ARGV[1], ARGV[6])
if KEYS[4] then redis.call('ZADD', KEYS[4], 'LT', ARGV[1], ARGV[7]) end
return 1
"""


class OutageStore(Store):
    """Counts what drops."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._dropped = self._redis.register_script(DROPPED)

    @redis_errors_mapped
    async def note_drop(self, team: TeamId, ref_id: RefId, network: str, *, now: datetime) -> bool:
        """Count a profile that lost a network; return True if an outage begins with it, of which a job tells."""
        keys = [f"connectbot:{{{team}}}:drops:{network}", _outage_key(team, network), queue_key(team)]
        keys += [] if self.connection.clustered else [DUE]
        args: list[str | int] = [moment_ms(now), ref_id, span_ms(OUTAGE_WINDOW), OUTAGE_PROFILES]
        args += [span_ms(OUTAGE_QUIET), job_entry(Job(TELL_OUTAGE, network)), team]
        return bool(await self._dropped(keys=keys, args=args))

    @redis_errors_mapped
    async def ends(self, team: TeamId, networks: Iterable[str]) -> dict[str, datetime]:
        """Return when (UTC) the last outage of each of these networks ends; one without any is left out."""
        asked = list(dict.fromkeys(networks))
        ends = await asyncio.gather(*(self._redis.get(_outage_key(team, network)) for network in asked))
        found = zip(asked, ends, strict=True)
        return {network: moment_of(end) for network, end in found if end}


def _outage_key(team: TeamId, network: str) -> str:
    return f"connectbot:{{{team}}}:outage:{network}"
