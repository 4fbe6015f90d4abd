"""Group requests in Redis: `connectbot:{team}:group_request:<id>`, JSON, for `RECORD_LIFE`.

Beside it, `…:pending` is a list of the members who have not been asked, `…:outcomes` a hash of the others, `…:message`
the sender's message. Each key has one writer, so none overwrites another's change. `connectbot:{team}:group_slot` is
the newest slot given out (milliseconds of the bot's clock).
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter

from bot.core.clock import Clock
from bot.core.model import TeamId, UserId
from bot.invitations.model import (
    GROUP_INTERVAL,
    GROUP_LOOKAHEAD,
    GROUP_SLOT_LIFE,
    RECORD_LIFE,
    UNANSWERED,
    Failure,
    GroupRequest,
    GroupRequestId,
    Progress,
    SenderMessage,
    SkipReason,
)
from bot.storage.connection import Connection, Store, moment_of, redis_errors_mapped, span_ms
from bot.storage.damage import Shape
from bot.storage.transaction import MANY

# Returns the next free slot, and takes it unless it is too far ahead.
SLOT = """
local now, interval, lookahead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local slot = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0) + interval)
if slot - now <= lookahead then
  redis.call('SET', KEYS[1], string.format('%d', slot), 'PX', ARGV[4])
end
return string.format('%d', slot)
"""

_REQUEST = TypeAdapter(GroupRequest)
_MESSAGE = TypeAdapter(SenderMessage)


class GroupRequestStore(Store):
    """Stores group requests, their members and outcomes, and gives out a workspace's slots for asking one more."""

    shapes = (Shape("group_slot", "string", lambda _, slot: float(slot)),)

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock
        self._slot = self._redis.register_script(SLOT)

    @redis_errors_mapped
    async def save(self, request: GroupRequest) -> None:
        """Store a request, or replace it."""
        await self._redis.set(_key(request.team, request.id), _dump(request), px=RECORD_LIFE)

    @redis_errors_mapped
    async def save_with_members(self, request: GroupRequest, members: Sequence[UserId]) -> None:
        """Store a request together with the members to ask."""
        pending = _key(request.team, request.id, "pending")
        async with self.connection.transaction() as pipe:
            pipe.delete(pending)
            for first in range(0, len(members), MANY):
                pipe.rpush(pending, *members[first : first + MANY])
            pipe.pexpire(pending, RECORD_LIFE)
            pipe.set(_key(request.team, request.id), _dump(request), px=RECORD_LIFE)
            await pipe.execute()

    @redis_errors_mapped
    async def get(self, team: TeamId, request: GroupRequestId) -> GroupRequest | None:
        """Return a request, if it is still stored."""
        record = await self._redis.get(_key(team, request))
        return _REQUEST.validate_json(record) if record else None

    @redis_errors_mapped
    async def next_member(self, team: TeamId, request: GroupRequestId) -> UserId | None:
        """Return the next member to ask, or None if all have an outcome."""
        member = await self._redis.lindex(_key(team, request, "pending"), 0)
        return UserId(str(member)) if member else None

    @redis_errors_mapped
    async def acquire_slot(self, team: TeamId) -> datetime:
        """Return the next moment (UTC) at which a member may be asked; within the lookahead it is the caller's."""
        now = math.floor(self._clock.now().timestamp() * 1000)  # rounded down, so that a free slot is never ahead
        spans = map(span_ms, (GROUP_INTERVAL, GROUP_LOOKAHEAD, GROUP_SLOT_LIFE))
        slot = await self._slot(keys=[f"connectbot:{{{team}}}:group_slot"], args=[now, *spans])
        return moment_of(slot)

    @redis_errors_mapped
    async def record_outcome(self, team: TeamId, request: GroupRequestId, member: UserId, outcome: str) -> None:
        """Store a member's outcome; they are no longer pending."""
        outcomes = _key(team, request, "outcomes")
        async with self.connection.transaction() as pipe:
            pipe.lrem(_key(team, request, "pending"), 0, member)
            pipe.hset(outcomes, member, outcome)
            pipe.pexpire(outcomes, RECORD_LIFE)
            await pipe.execute()

    @redis_errors_mapped
    async def record_rest(self, team: TeamId, request: GroupRequestId, outcome: str) -> None:
        """Store the same outcome for all members who are still pending."""
        pending, outcomes = _key(team, request, "pending"), _key(team, request, "outcomes")
        members = await self._redis.lrange(pending, 0, -1)
        if not members:
            return
        async with self.connection.transaction() as pipe:
            pipe.delete(pending)
            for first in range(0, len(members), MANY):
                pipe.hset(outcomes, mapping=dict.fromkeys(members[first : first + MANY], outcome))
            pipe.pexpire(outcomes, RECORD_LIFE)
            await pipe.execute()

    @redis_errors_mapped
    async def progress(self, team: TeamId, request: GroupRequestId) -> Progress:
        """Return how many members have which outcome."""
        async with self.connection.transaction() as pipe:
            pipe.hvals(_key(team, request, "outcomes"))
            pipe.llen(_key(team, request, "pending"))
            outcomes, left = await pipe.execute()
        return Progress(Counter(outcomes), int(left))

    @redis_errors_mapped
    async def not_asked(self, team: TeamId, request: GroupRequestId) -> dict[UserId, Failure | SkipReason]:
        """Return who has no request, and why."""
        outcomes = await self._redis.hgetall(_key(team, request, "outcomes"))
        reasons = {str(reason): reason for reason in (*Failure, *SkipReason)}
        return {UserId(str(one)): reasons[outcome] for one, outcome in outcomes.items() if outcome in reasons}

    @redis_errors_mapped
    async def unanswered(self, team: TeamId, request: GroupRequestId) -> list[UserId]:
        """Return who had the request and can be nudged."""
        outcomes = await self._redis.hgetall(_key(team, request, "outcomes"))
        return sorted(UserId(str(one)) for one, outcome in outcomes.items() if outcome in UNANSWERED)

    @redis_errors_mapped
    async def save_sender_message(self, team: TeamId, request: GroupRequestId, message: SenderMessage) -> None:
        """Store where the sender's message is and what it says."""
        await self._redis.set(
            _key(team, request, "message"), _MESSAGE.dump_json(message, by_alias=True), px=RECORD_LIFE
        )

    @redis_errors_mapped
    async def sender_message(self, team: TeamId, request: GroupRequestId) -> SenderMessage | None:
        """Return where the sender's message is and what it says, if it was posted."""
        record = await self._redis.get(_key(team, request, "message"))
        return _MESSAGE.validate_json(record) if record else None


def _dump(request: GroupRequest) -> str:
    return json.dumps(_REQUEST.dump_python(request, mode="json"))


def _key(team: TeamId, request: GroupRequestId, part: str = "") -> str:
    return f"connectbot:{{{team}}}:group_request:{request}{f':{part}' if part else ''}"
