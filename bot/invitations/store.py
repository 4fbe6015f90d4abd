"""Invitations: `connectbot:{team}:invitation:<id>`, a hash of version and JSON, for 30 days from the last change.

What limits them: `connectbot:{team}:inviting:<recipient>:<ref_id>` is the one that waits for an answer;
`connectbot:{team}:invited:<recipient>` when that person was sent the last new one; and two sorted sets,
`connectbot:{team}:invited_by:<sender>` of what somebody sent within an hour, `connectbot:{team}:invited` of what all
sent within a day. Moments are milliseconds of the bot's clock. Nothing in it is secret.
"""

import json
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from bot.core.clock import Clock
from bot.core.model import InvitationId, RefId, TeamId, UserId
from bot.invitations.model import Invitation, InvitationLimit, InvitationState, LimitReached
from bot.storage.connection import Connection, Store, moment_ms, reaching_redis, span_ms

KEPT = timedelta(days=30)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PER_SENDER = 5
"""New ones an hour."""
PER_WORKSPACE = 1000
"""New ones a day."""

# Keeps a new one and returns nothing, or keeps nothing and returns what stands against it and until when.
BEGIN = """
if redis.call('EXISTS', KEYS[1]) == 1 then return {} end
local now, hour, day, kept = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local function full(key, window, most)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  if redis.call('ZCARD', key) < most then return false end
  return string.format('%d', redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] + window)
end
local counts = tonumber(ARGV[7]) > 0
local sender = counts and full(KEYS[4], hour, tonumber(ARGV[7]))
if sender then return {'sender', sender} end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'live', ''} end
local last = tonumber(redis.call('GET', KEYS[3]))
if last and now - last < day then return {'today', string.format('%d', last + day)} end
local workspace = full(KEYS[5], day, tonumber(ARGV[8]))
if workspace then return {'workspace', workspace} end
redis.call('HSET', KEYS[1], 'version', 0, 'invitation', ARGV[6])
redis.call('PEXPIRE', KEYS[1], kept)
redis.call('SET', KEYS[2], ARGV[5], 'PX', kept)
redis.call('SET', KEYS[3], ARGV[1], 'PX', day)
if counts then
  redis.call('ZADD', KEYS[4], now, ARGV[5])
  redis.call('PEXPIRE', KEYS[4], hour)
end
redis.call('ZADD', KEYS[5], now, ARGV[5])
redis.call('PEXPIRE', KEYS[5], day)
return {}
"""

# Keeps the next version. One that no longer waits makes room for another; one that never arrived doesn't count.
UPDATE = """
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'invitation', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if ARGV[6] == 'live' then
  redis.call('SET', KEYS[2], ARGV[5], 'NX', 'PX', ARGV[4])
elseif redis.call('GET', KEYS[2]) == ARGV[5] then
  redis.call('DEL', KEYS[2])
end
if ARGV[6] == 'never' then
  redis.call('DEL', KEYS[3])
  redis.call('ZREM', KEYS[4], ARGV[5])
end
return 1
"""

_INVITATION = TypeAdapter(Invitation)


class InvitationStore(Store):
    """Keeps invitations within their limits; an update succeeds only for whoever saw the newest version."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock
        self._begin = self._redis.register_script(BEGIN)
        self._update = self._redis.register_script(UPDATE)

    @reaching_redis
    async def begin(self, invitation: Invitation) -> LimitReached | None:
        """Keep a new one, or return which limit stands against it; one of many is not counted against its sender."""
        team, recipient = invitation.team, invitation.recipient
        told = await self._begin(
            keys=[
                _key(team, invitation.id),
                _live_key(invitation),
                f"connectbot:{{{team}}}:invited:{recipient}",
                f"connectbot:{{{team}}}:invited_by:{invitation.sender}",
                _workspace_key(team),
            ],
            args=[
                moment_ms(self._clock.now()),
                *(span_ms(span) for span in (HOUR, DAY, KEPT)),
                invitation.id,
                _dump(invitation),
                0 if invitation.group_request else PER_SENDER,
                PER_WORKSPACE,
            ],
        )
        if not told:
            return None
        bound, until = told
        return LimitReached(InvitationLimit(bound), datetime.fromtimestamp(int(until) / 1000, UTC) if until else None)

    @reaching_redis
    async def get(self, team: TeamId, invitation: InvitationId) -> Invitation | None:
        """Return one, if it is still kept."""
        record = await self._redis.hget(_key(team, invitation), "invitation")
        return _INVITATION.validate_json(record) if record else None

    @reaching_redis
    async def waiting(self, team: TeamId, recipient: UserId, ref_id: RefId) -> Invitation | None:
        """Return the one for a profile that somebody has yet to answer."""
        invitation = await self._redis.get(_waiting_key(team, recipient, ref_id))
        return await self.get(team, InvitationId(str(invitation))) if invitation else None

    @reaching_redis
    async def update(self, invitation: Invitation) -> bool:
        """Keep one whose stored version is one less; return whether it still was."""
        team = invitation.team
        never = invitation.state is InvitationState.FAILED and not invitation.deliveries
        standing = "live" if invitation.state.live else "never" if never else "over"
        kept = await self._update(
            keys=[
                _key(team, invitation.id),
                _live_key(invitation),
                f"connectbot:{{{team}}}:invited:{invitation.recipient}",
                _workspace_key(team),
            ],
            args=[
                invitation.version - 1,
                invitation.version,
                _dump(invitation),
                span_ms(KEPT),
                invitation.id,
                standing,
            ],
        )
        return bool(kept)


def _dump(invitation: Invitation) -> str:
    return json.dumps(_INVITATION.dump_python(invitation, mode="json"))


def _key(team: TeamId, invitation: InvitationId) -> str:
    return f"connectbot:{{{team}}}:invitation:{invitation}"


def _live_key(invitation: Invitation) -> str:
    return _waiting_key(invitation.team, invitation.recipient, invitation.ref_id)


def _waiting_key(team: TeamId, recipient: UserId, ref_id: RefId) -> str:
    return f"connectbot:{{{team}}}:inviting:{recipient}:{ref_id}"


def _workspace_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:invited"
