"""API keys, and how often each may be used.

`connectbot:{team}:api_keys` is a hash of a key's SHA-256 to its record in JSON. Permanent, until revoked.
`connectbot:{team}:api_keys_used` is a hash of the same to when it was last used, in milliseconds.
`connectbot:{team}:api_key_uses:<digest>` is a sorted set of the requests of the last minute.
"""

import json
import secrets
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from redis.asyncio.client import Pipeline

from bot.core.clock import Clock
from bot.core.model import TeamId
from bot.links_api.errors import ApiKeyRefused, KeyUsedTooOften
from bot.links_api.model import USE_NOTED_EVERY, ApiKey, digest_of, team_of
from bot.people.audit import AuditRow, add_row
from bot.people.limits import SLIDING_WINDOW, WINDOW
from bot.profiles.mapping_store import TEAMS
from bot.storage.connection import Connection, Store, moment_ms, moment_of, redis_errors_mapped, span_ms
from bot.storage.damage import Shape, readable

_KEY = TypeAdapter(ApiKey)

# Returns a key's record, unless there is none or it has expired, and how long to wait, in milliseconds, before it may
# be used again; if that is 0 this use is counted.
ADMIT = f"""
local record, moment = redis.call('HGET', KEYS[1], ARGV[1]), tonumber(ARGV[2])
local key = record and cjson.decode(record)
if not key or (key.until_ms and key.until_ms <= moment) then return false end
if moment - tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or 0) >= tonumber(ARGV[3]) then
  redis.call('HSET', KEYS[2], ARGV[1], moment)
end
{SLIDING_WINDOW}
local window = tonumber(ARGV[4])
local wait = wait_for(KEYS[3], key.rate, window)
if wait == 0 then count(KEYS[3], ARGV[5], window) end
return {{record, wait}}
"""


class ApiKeyStore(Store):
    """Keeps API keys, and counts their uses."""

    shapes = (
        Shape("api_keys", "hash", lambda _, record: _read(TeamId(""), record), irreplaceable=True),
        Shape("api_keys_used", "hash", lambda _, record: float(record)),
    )

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock
        self._admit = self._redis.register_script(ADMIT)
        self._admitted: dict[str, ApiKey] = {}

    def met(self, token: str) -> ApiKey | None:
        """Return a key whose last request was admitted: it may have been revoked since."""
        return self._admitted.get(digest_of(token))

    async def admit(self, token: str) -> ApiKey:
        """Return the key that a request was made with, and count that; raise ApiKeyRefused, KeyUsedTooOften."""
        team = team_of(token)
        if team is None:
            raise ApiKeyRefused
        return await self._admit_to(team, digest_of(token))

    @redis_errors_mapped
    async def _admit_to(self, team: TeamId, digest: str) -> ApiKey:
        keys = [_keys(team), _used(team), f"connectbot:{{{team}}}:api_key_uses:{digest}"]
        spans = [span_ms(USE_NOTED_EVERY), span_ms(WINDOW)]
        args: list[str | int] = [digest, moment_ms(self._clock.now()), *spans, secrets.token_hex(8)]
        found = await self._admit(keys=keys, args=args)
        self._admitted.pop(digest, None)
        if not found:
            raise ApiKeyRefused
        key = _read(team, found[0])
        if found[1]:
            raise KeyUsedTooOften(key.rate, timedelta(milliseconds=int(found[1])))
        self._admitted[digest] = key
        return key

    @redis_errors_mapped
    async def add(self, key: ApiKey, token: str, *, by: str) -> None:
        """Keep a new key, of which only the hash is stored."""
        record = _KEY.dump_python(key, mode="json")
        if key.expires_at:
            record["until_ms"] = moment_ms(key.expires_at)
        await self._redis.sadd(TEAMS, key.team)
        async with self.connection.transaction() as pipe:
            pipe.hset(_keys(key.team), digest_of(token), json.dumps(record))
            _audit(pipe, "api_key_created", key, by=by)
            await pipe.execute()

    @redis_errors_mapped
    async def all(self, team: TeamId) -> tuple[tuple[ApiKey, datetime | None], ...]:
        """Return a workspace's keys with when they were last used, to the minute; the oldest first."""
        records, used = await self._redis.hgetall(_keys(team)), await self._redis.hgetall(_used(team))
        keys = readable(_keys(team), records, lambda _, record: _read(team, record))
        found = [(key, _moment(used.get(digest))) for digest, key in keys.items()]
        return tuple(sorted(found, key=lambda one: one[0].created_at))

    @redis_errors_mapped
    async def revoke(self, team: TeamId, key_id: str, *, by: str) -> ApiKey | None:
        """Delete a key, which works no more from then on, and return it; None if there is none."""
        records = await self._redis.hgetall(_keys(team))
        for digest, key in readable(_keys(team), records, lambda _, record: _read(team, record)).items():
            if key.id == key_id:
                async with self.connection.transaction() as pipe:
                    pipe.hdel(_keys(team), digest)
                    pipe.hdel(_used(team), digest)
                    _audit(pipe, "api_key_revoked", key, by=by)
                    await pipe.execute()
                return key
        return None


def _audit(pipe: Pipeline, action: str, key: ApiKey, *, by: str) -> None:
    row = AuditRow(action, by=by, detail=f"{key.actor} {key.name}")
    add_row(pipe, key.team, row)


def _moment(milliseconds: str | bytes | None) -> datetime | None:
    return moment_of(milliseconds) if milliseconds else None


def _read(team: TeamId, record: str | bytes) -> ApiKey:
    return _KEY.validate_python(json.loads(record) | {"team": team})


def _keys(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:api_keys"


def _used(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:api_keys_used"
