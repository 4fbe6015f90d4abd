"""What this feature keeps in Redis for a while; each record is JSON or a hash that expires.

`connectbot:{team}:pending:<id>` is a mapping that waits for its confirmation, a typed key in it sealed.
`connectbot:{team}:admin_request:<admin>` are the people who asked an admin for a profile today, and the message.
"""

import json
import secrets

from pydantic import TypeAdapter

from bot.core.model import TeamId, UserId
from bot.mappings.model import ADMIN_REQUEST_INTERVAL, PENDING_LIFE, AdminRequest, PendingId, PendingMapping
from bot.slack.model import MessageRef
from bot.storage.connection import Connection, Store, redis_errors_mapped, span_ms
from bot.storage.envelope import KeyRing

PURPOSE = "typed key"

TAKE = """
local found = redis.call('GET', KEYS[1])
if not found or cjson.decode(found)['by'] ~= ARGV[1] then return false end
redis.call('DEL', KEYS[1])
return found
"""

# Adds an asker and returns all of them with the message's mark, channel and ts, the last two once it is posted.
ADD_ASKER = """
local found = redis.call('HGET', KEYS[1], 'askers')
local askers = found and cjson.decode(found) or {}
local known = false
for _, asker in ipairs(askers) do known = known or asker == ARGV[1] end
if not known then table.insert(askers, ARGV[1]) end
redis.call('HSET', KEYS[1], 'askers', cjson.encode(askers))
if not found then
  redis.call('HSET', KEYS[1], 'mark', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return {cjson.encode(askers), unpack(redis.call('HMGET', KEYS[1], 'mark', 'channel', 'ts'))}
"""

_PENDING = TypeAdapter(PendingMapping)


class PendingMappingStore(Store):
    """Mappings that wait for their confirmation; only the admin who entered one can read it."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._take = self._redis.register_script(TAKE)

    @redis_errors_mapped
    async def save(self, team: TeamId, pending: PendingMapping) -> PendingId:
        """Save a mapping and return its random id."""
        pending_id = PendingId(secrets.token_urlsafe(16))
        record = _PENDING.dump_python(pending, mode="json")
        if pending.key is not None:
            record["key"] = self._envelopes.seal(pending.key, team, pending_id, PURPOSE)
        await self._redis.set(_pending_key(team, pending_id), json.dumps(record), px=PENDING_LIFE)
        return pending_id

    @redis_errors_mapped
    async def get(self, team: TeamId, pending_id: PendingId, *, by: UserId) -> PendingMapping | None:
        """Return a mapping unless it expired or another admin entered it; raise UnreadableSecret."""
        found = await self._redis.get(_pending_key(team, pending_id))
        pending = self._opened(team, pending_id, str(found)) if found is not None else None
        return pending if pending is not None and pending.by == by else None

    @redis_errors_mapped
    async def take(self, team: TeamId, pending_id: PendingId, *, by: UserId) -> PendingMapping | None:
        """Return a mapping as `get` does and delete it, so that it is returned once."""
        found = await self._take(keys=[_pending_key(team, pending_id)], args=[by])
        return self._opened(team, pending_id, str(found)) if found is not None else None

    def _opened(self, team: TeamId, pending_id: PendingId, found: str) -> PendingMapping:
        record = json.loads(found)
        if record["key"] is not None:
            record["key"] = self._envelopes.open(record["key"], team, pending_id, PURPOSE)
        return _PENDING.validate_python(record)


class AdminRequestStore(Store):
    """The people who asked an admin for a profile, and the message that names them."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._add = self._redis.register_script(ADD_ASKER)

    @redis_errors_mapped
    async def add(self, team: TeamId, admin: UserId, asker: UserId) -> AdminRequest:
        """Add an asker; return everybody who asked today, and the message."""
        args: list[str | int] = [asker, span_ms(ADMIN_REQUEST_INTERVAL), _new_mark()]
        askers, mark, *place = await self._add(keys=[_admin_request_key(team, admin)], args=args)
        message = MessageRef(*map(str, place)) if all(place) else None
        return AdminRequest(tuple(map(UserId, json.loads(askers))), str(mark), message)

    @redis_errors_mapped
    async def save_message(self, team: TeamId, admin: UserId, message: MessageRef) -> None:
        """Save where the message is."""
        key = _admin_request_key(team, admin)
        await self._redis.hset(key, mapping={"channel": message.channel, "ts": message.ts})

    @redis_errors_mapped
    async def begin_anew(self, team: TeamId, admin: UserId) -> str:
        """Give the message, which the admin has deleted, another mark, and return that."""
        mark = _new_mark()
        await self._redis.hset(_admin_request_key(team, admin), "mark", mark)
        return mark


def _new_mark() -> str:
    return f"admin_request:{secrets.token_hex(8)}"


def _pending_key(team: TeamId, pending_id: PendingId) -> str:
    return f"connectbot:{{{team}}}:pending:{pending_id}"


def _admin_request_key(team: TeamId, admin: UserId) -> str:
    return f"connectbot:{{{team}}}:admin_request:{admin}"
