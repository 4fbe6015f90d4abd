"""Invitations in Redis: `connectbot:{team}:invitation_record:<id>`, a hash of version and JSON, for `RECORD_LIFE`.

Their limits: `connectbot:{team}:invitation_waiting:<recipient>:<ref_id>` is the one that waits for an answer,
`connectbot:{team}:invitation_last:<recipient>` the moment of the recipient's last new one,
`connectbot:{team}:invitation_asked:<ref_id>` that of the last one about a profile. Two sorted sets hold the new
ones of a window by moment: `connectbot:{team}:invitations_by:<sender>` of one sender, `connectbot:{team}:invitations`
of the workspace. Moments are milliseconds of the bot's clock. Nothing in it is secret.
"""

import json
from collections.abc import Collection
from datetime import datetime

from pydantic import TypeAdapter

from bot.core.clock import Clock
from bot.core.model import RefId, TeamId, UserId
from bot.invitations.model import (
    RECIPIENT_PAUSE,
    RECORD_LIFE,
    SENDER_LIMIT,
    WORKSPACE_LIMIT,
    Invitation,
    InvitationId,
    InvitationLimit,
    InvitationState,
    LimitReached,
)
from bot.storage.connection import Connection, Store, moment_ms, moment_of, redis_errors_mapped, span_ms
from bot.storage.damage import Shape

# Stores a new invitation and returns nothing, or stores nothing and returns the limit and until when it holds.
BEGIN = """
local record_key, waiting_key, last_key, sender_key, workspace_key, asked_key = unpack(KEYS)
local id, record, record_life = ARGV[1], ARGV[2], ARGV[3]
local now, pause, sender_count, sender_window, workspace_count, workspace_window = unpack(cjson.decode(ARGV[4]))
local function until_free(key, count, window)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  if redis.call('ZCARD', key) < count then return nil end
  return string.format('%d', redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] + window)
end
local function count_in(key, window)
  redis.call('ZADD', key, now, id)
  redis.call('PEXPIRE', key, window)
end
if redis.call('EXISTS', record_key) == 1 then return {} end
local counts_for_sender = sender_count > 0
local sender = counts_for_sender and until_free(sender_key, sender_count, sender_window)
if sender then return {'sender', sender} end
if redis.call('EXISTS', waiting_key) == 1 then return {'live', ''} end
local last = tonumber(redis.call('GET', last_key))
if last and now - last < pause then return {'today', string.format('%d', last + pause)} end
local workspace = until_free(workspace_key, workspace_count, workspace_window)
if workspace then return {'workspace', workspace} end
redis.call('HSET', record_key, 'version', 0, 'invitation', record)
redis.call('PEXPIRE', record_key, record_life)
redis.call('SET', waiting_key, id, 'PX', record_life)
redis.call('SET', last_key, now, 'PX', pause)
redis.call('SET', asked_key, now, 'PX', record_life)
if counts_for_sender then count_in(sender_key, sender_window) end
count_in(workspace_key, workspace_window)
return {}
"""

# Stores the next version. One that no longer waits frees its place; one that was never delivered doesn't count.
UPDATE = """
local record_key, waiting_key, last_key, workspace_key = unpack(KEYS)
local id, stored_version, version, record, record_life, standing = unpack(ARGV)
if redis.call('HGET', record_key, 'version') ~= stored_version then return 0 end
redis.call('HSET', record_key, 'version', version, 'invitation', record)
redis.call('PEXPIRE', record_key, record_life)
if standing == 'live' then
  redis.call('SET', waiting_key, id, 'NX', 'PX', record_life)
elseif redis.call('GET', waiting_key) == id then
  redis.call('DEL', waiting_key)
end
if standing == 'undelivered' then
  redis.call('DEL', last_key)
  redis.call('ZREM', workspace_key, id)
end
return 1
"""

_INVITATION = TypeAdapter(Invitation)


class InvitationStore(Store):
    """Stores invitations within their limits; an update succeeds only from the newest version."""

    shapes = (Shape("invitations", "zset"),)

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock
        self._begin = self._redis.register_script(BEGIN)
        self._update = self._redis.register_script(UPDATE)

    @redis_errors_mapped
    async def begin(self, invitation: Invitation, *, counted: bool = True) -> LimitReached | None:
        """Store a new invitation, or return the limit that refuses it; the sender's matters only if it is `counted`."""
        now, sender_count = moment_ms(self._clock.now()), SENDER_LIMIT.count if counted else 0
        limits = [now, span_ms(RECIPIENT_PAUSE), sender_count, span_ms(SENDER_LIMIT.window)]
        limits += [WORKSPACE_LIMIT.count, span_ms(WORKSPACE_LIMIT.window)]
        refused = await self._begin(
            keys=[
                _key(invitation.team, invitation.id),
                _waiting_key(invitation.team, invitation.recipient, invitation.ref_id),
                _last_key(invitation.team, invitation.recipient),
                f"connectbot:{{{invitation.team}}}:invitations_by:{invitation.sender}",
                _workspace_key(invitation.team),
                _asked_key(invitation.team, invitation.ref_id),
            ],
            args=[invitation.id, _dump(invitation), span_ms(RECORD_LIFE), json.dumps(limits)],
        )
        if not refused:
            return None
        limit, until = refused
        return LimitReached(InvitationLimit(limit), moment_of(until) if until else None)

    @redis_errors_mapped
    async def get(self, team: TeamId, invitation: InvitationId) -> Invitation | None:
        """Return an invitation, if it is still stored."""
        record = await self._redis.hget(_key(team, invitation), "invitation")
        return _INVITATION.validate_json(record) if record else None

    @redis_errors_mapped
    async def waiting(self, team: TeamId, recipient: UserId, ref_id: RefId) -> Invitation | None:
        """Return the invitation about a profile that waits for the recipient's answer."""
        invitation = await self._redis.get(_waiting_key(team, recipient, ref_id))
        return await self.get(team, InvitationId(str(invitation))) if invitation else None

    @redis_errors_mapped
    async def last_asked(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, datetime]:
        """Return when anyone was last asked about each of these profiles within RECORD_LIFE."""
        stored = await self._redis.mget([_asked_key(team, ref_id) for ref_id in ref_ids]) if ref_ids else []
        asked = zip(ref_ids, stored, strict=True)
        return {ref_id: moment_of(at) for ref_id, at in asked if at}

    @redis_errors_mapped
    async def asked_lately(self, team: TeamId, people: Collection[UserId]) -> set[UserId]:
        """Return who of the people got an invitation, or a nudge, within RECIPIENT_PAUSE."""
        stored = await self._redis.mget([_last_key(team, user) for user in people]) if people else []
        since = moment_ms(self._clock.now()) - span_ms(RECIPIENT_PAUSE)
        return {user for user, at in zip(people, stored, strict=True) if at and int(at) > since}

    @redis_errors_mapped
    async def note_nudge(self, invitation: Invitation) -> None:
        """Note that somebody is asked again, which counts like an invitation."""
        now = moment_ms(self._clock.now())
        async with self.connection.transaction() as pipe:
            pipe.set(_last_key(invitation.team, invitation.recipient), now, px=span_ms(RECIPIENT_PAUSE))
            pipe.set(_asked_key(invitation.team, invitation.ref_id), now, px=span_ms(RECORD_LIFE))
            await pipe.execute()

    @redis_errors_mapped
    async def update(self, invitation: Invitation) -> bool:
        """Store an invitation in place of the version before; return whether that was still the stored one."""
        stored = await self._update(
            keys=[
                _key(invitation.team, invitation.id),
                _waiting_key(invitation.team, invitation.recipient, invitation.ref_id),
                _last_key(invitation.team, invitation.recipient),
                _workspace_key(invitation.team),
            ],
            args=[
                invitation.id,
                invitation.version - 1,
                invitation.version,
                _dump(invitation),
                span_ms(RECORD_LIFE),
                _standing(invitation),
            ],
        )
        return bool(stored)


def _standing(invitation: Invitation) -> str:
    if invitation.state.live:
        return "live"
    return "undelivered" if invitation.state is InvitationState.FAILED and not invitation.deliveries else "ended"


def _dump(invitation: Invitation) -> str:
    return json.dumps(_INVITATION.dump_python(invitation, mode="json", by_alias=True))


def _key(team: TeamId, invitation: InvitationId) -> str:
    return f"connectbot:{{{team}}}:invitation_record:{invitation}"


def _waiting_key(team: TeamId, recipient: UserId, ref_id: RefId) -> str:
    return f"connectbot:{{{team}}}:invitation_waiting:{recipient}:{ref_id}"


def _last_key(team: TeamId, recipient: UserId) -> str:
    return f"connectbot:{{{team}}}:invitation_last:{recipient}"


def _asked_key(team: TeamId, ref_id: RefId) -> str:
    return f"connectbot:{{{team}}}:invitation_asked:{ref_id}"


def _workspace_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:invitations"
