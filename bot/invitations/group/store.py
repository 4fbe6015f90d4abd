"""Sendings: `connectbot:{team}:sending:<id>`, JSON, for 30 days; its members lie beside it.

`…:left` is a list of those still to be asked, `…:members` a hash of the others to what became of them, `…:shown` is
where its sender is told. Each has one who writes it: so none undoes what another did. `connectbot:{team}:sending_turn`
is the last moment (milliseconds of the bot's clock) at which somebody is asked, for a minute.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from bot.core.clock import Clock
from bot.core.model import TeamId, UserId
from bot.invitations.group.model import GroupRequest, GroupRequestId, Progress, ProgressMessage
from bot.storage.connection import Connection, Store, reaching_redis, span_ms

KEPT = timedelta(days=30)
PACE = timedelta(seconds=1)
"""From one message to the next: https://docs.slack.dev/apis/web-api/rate-limits."""
MINUTE = timedelta(minutes=1)

# Returns the next free moment, which is taken unless it is too far ahead.
TURN = """
local now, turn = tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0) + tonumber(ARGV[2])
turn = math.max(now, turn)
if turn - now <= tonumber(ARGV[3]) then redis.call('SET', KEYS[1], string.format('%d', turn), 'PX', ARGV[4]) end
return string.format('%d', turn)
"""

_SENDING = TypeAdapter(GroupRequest)
_SHOWN = TypeAdapter(ProgressMessage)


class GroupRequestStore(Store):
    """Keeps how far each `send @group` is, and whose turn it is among all of a workspace."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock
        self._turn = self._redis.register_script(TURN)

    @reaching_redis
    async def save(self, sending: GroupRequest) -> None:
        """Keep one, in place of what was kept of it before."""
        await self._redis.set(_key(sending.team, sending.id), _dump(sending), px=KEPT)

    @reaching_redis
    async def fill(self, sending: GroupRequest, members: Sequence[UserId]) -> None:
        """Keep who is to be asked, together with the sending that tells how many they are."""
        left = _left_key(sending.team, sending.id)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(left)
            if members:
                pipe.rpush(left, *members)
                pipe.pexpire(left, KEPT)
            pipe.set(_key(sending.team, sending.id), _dump(sending), px=KEPT)
            await pipe.execute()

    @reaching_redis
    async def get(self, team: TeamId, sending: GroupRequestId) -> GroupRequest | None:
        """Return one, if it is still kept."""
        record = await self._redis.get(_key(team, sending))
        return _SENDING.validate_json(record) if record else None

    @reaching_redis
    async def first(self, team: TeamId, sending: GroupRequestId) -> UserId | None:
        """Return who is to be asked next, if anybody is left."""
        member = await self._redis.lindex(_left_key(team, sending), 0)
        return UserId(str(member)) if member else None

    @reaching_redis
    async def acquire_slot(self, team: TeamId, *, within: timedelta) -> datetime:
        """Return the next moment (UTC) at which one more may be asked; it is the caller's if it is that near."""
        now = math.floor(self._clock.now().timestamp() * 1000)  # a turn that is free is never ahead
        turn = await self._turn(
            keys=[f"connectbot:{{{team}}}:sending_turn"], args=[now, *map(span_ms, (PACE, within, MINUTE))]
        )
        return datetime.fromtimestamp(int(turn) / 1000, UTC)

    @reaching_redis
    async def record_outcome(self, team: TeamId, sending: GroupRequestId, member: UserId, became: str) -> None:
        """Keep what became of somebody, who is not to be asked any more."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.lrem(_left_key(team, sending), 0, member)
            pipe.hset(_members_key(team, sending), member, became)
            pipe.pexpire(_members_key(team, sending), KEPT)
            await pipe.execute()

    @reaching_redis
    async def record_rest(self, team: TeamId, sending: GroupRequestId, became: str) -> None:
        """Keep the same of everybody who is left."""
        members = await self._redis.lrange(_left_key(team, sending), 0, -1)
        if not members:
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(_left_key(team, sending))
            pipe.hset(_members_key(team, sending), mapping=dict.fromkeys(members, became))
            pipe.pexpire(_members_key(team, sending), KEPT)
            await pipe.execute()

    @reaching_redis
    async def show(self, team: TeamId, sending: GroupRequestId, shown: ProgressMessage) -> None:
        """Keep where its sender is told, and what."""
        await self._redis.set(_shown_key(team, sending), _SHOWN.dump_json(shown), px=KEPT)

    @reaching_redis
    async def shown(self, team: TeamId, sending: GroupRequestId) -> ProgressMessage | None:
        """Return where its sender is told, and what, if they are by now."""
        record = await self._redis.get(_shown_key(team, sending))
        return _SHOWN.validate_json(record) if record else None

    @reaching_redis
    async def progress(self, team: TeamId, sending: GroupRequestId) -> Progress:
        """Return how far it is."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hvals(_members_key(team, sending))
            pipe.llen(_left_key(team, sending))
            became, left = await pipe.execute()
        return Progress(Counter(became), int(left))


def _dump(sending: GroupRequest) -> str:
    return json.dumps(_SENDING.dump_python(sending, mode="json"))


def _key(team: TeamId, sending: GroupRequestId) -> str:
    return f"connectbot:{{{team}}}:sending:{sending}"


def _shown_key(team: TeamId, sending: GroupRequestId) -> str:
    return f"{_key(team, sending)}:shown"


def _left_key(team: TeamId, sending: GroupRequestId) -> str:
    return f"{_key(team, sending)}:left"


def _members_key(team: TeamId, sending: GroupRequestId) -> str:
    return f"{_key(team, sending)}:members"
