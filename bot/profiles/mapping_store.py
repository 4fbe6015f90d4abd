"""Who is responsible for which profile: each change and its audit row are one step in Redis.

Mappings: `connectbot:{team}:mappings`, a hash of user to JSON `{"default": ref_id, "refs": [ref_id, …]}`. Permanent.

Workspaces: `connectbot:teams`, the set of the workspaces that have had mappings. Permanent.
"""

import json
from collections.abc import Sequence

from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import ROWS, AuditRow, audit_fields, audit_key
from bot.profiles.model import ProfileMapping
from bot.storage.connection import Connection, Store, redis_errors_mapped

TEAMS = "connectbot:teams"

# Reads and writes in one step, so that two admins at once lose nothing. A person's first profile becomes their default.
ADD = """
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local record = stored and cjson.decode(stored) or {default = ARGV[2], refs = {}}
local known = false
for _, ref in ipairs(record.refs) do known = known or ref == ARGV[2] end
if not known then table.insert(record.refs, ARGV[2]) end
if ARGV[3] == '1' then record.default = ARGV[2] end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', unpack(ARGV, 5))
return known and 0 or 1
"""

REMOVE = """
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if not stored then return 0 end
local record = cjson.decode(stored)
local rest = {}
for _, ref in ipairs(record.refs) do
  if ref ~= ARGV[2] then table.insert(rest, ref) end
end
if #rest == #record.refs then return 0 end
if #rest == 0 then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  if record.default == ARGV[2] then record.default = rest[1] end
  record.refs = rest
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, 4))
return 1
"""

# Reads everything before it writes anything. The new person keeps their profiles and their default.
HAND_OVER = """
local function read(user)
  local stored = redis.call('HGET', KEYS[1], user)
  return stored and cjson.decode(stored) or {refs = {}}
end
local function write(user, record)
  if #record.refs == 0 then
    redis.call('HDEL', KEYS[1], user)
  else
    redis.call('HSET', KEYS[1], user, cjson.encode(record))
  end
end
local function audit(action, user, ref, detail)
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*',
    'what', action, 'by', ARGV[3], 'for', user, 'profile', ref, 'detail', detail)
end
local old, new, wanted, known, rest, moved = read(ARGV[1]), read(ARGV[2]), {}, {}, {}, {}
for _, ref in ipairs(cjson.decode(ARGV[4])) do wanted[ref] = true end
for _, ref in ipairs(new.refs) do known[ref] = true end
for _, ref in ipairs(old.refs) do table.insert(wanted[ref] and moved or rest, ref) end
if #moved == 0 then return moved end
new.default = new.default or (wanted[old.default] and old.default) or moved[1]
if wanted[old.default] then old.default = rest[1] end
old.refs = rest
for _, ref in ipairs(moved) do
  audit('mapping_removed', ARGV[1], ref, 'to ' .. ARGV[2])
  if not known[ref] then
    table.insert(new.refs, ref)
    audit('mapping_added', ARGV[2], ref, 'from ' .. ARGV[1])
  end
end
write(ARGV[1], old)
write(ARGV[2], new)
return moved
"""


class MappingStore(Store):
    """Stores mappings; a person with mappings has exactly one default. `by` names who changes them in the audit log."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._add = self._redis.register_script(ADD)
        self._remove = self._redis.register_script(REMOVE)
        self._hand_over = self._redis.register_script(HAND_OVER)

    @redis_errors_mapped
    async def add(self, team: TeamId, user: UserId, ref_id: RefId, *, by: str, default: bool = False) -> bool:
        """Map a profile to a person; return False if it was mapped to them already."""
        await self._redis.sadd(TEAMS, team)
        row = AuditRow("mapping_added", by=by, owner=user, ref_id=ref_id, detail="default" if default else "")
        return bool(await self._add(keys=_keys(team), args=[user, ref_id, int(default), ROWS, *_flat(row)]))

    @redis_errors_mapped
    async def remove(self, team: TeamId, user: UserId, ref_id: RefId, *, by: str) -> bool:
        """Unmap a profile from a person; return False if it was not mapped to them."""
        row = AuditRow("mapping_removed", by=by, owner=user, ref_id=ref_id)
        return bool(await self._remove(keys=_keys(team), args=[user, ref_id, ROWS, *_flat(row)]))

    @redis_errors_mapped
    async def hand_over(
        self, team: TeamId, old: UserId, new: UserId, ref_ids: Sequence[RefId], *, by: str
    ) -> tuple[RefId, ...]:
        """Move the profiles that are mapped to `old` to `new`, all or none; return those that moved."""
        wanted = json.dumps(list(ref_ids))
        moved = await self._hand_over(keys=_keys(team), args=[old, new, by, wanted, ROWS])
        return tuple(map(RefId, moved))

    @redis_errors_mapped
    async def of(self, team: TeamId, user: UserId) -> tuple[ProfileMapping, ...]:
        """Return a person's mappings, the default first."""
        record = await self._redis.hget(mappings_key(team), user)
        return _mappings(team, user, record) if record else ()

    @redis_errors_mapped
    async def holders(self, team: TeamId, ref_id: RefId) -> tuple[UserId, ...]:
        """Return the people a profile is mapped to."""
        records = await self._redis.hgetall(mappings_key(team))
        likely = [user for user, record in records.items() if ref_id in record]  # decoding 10,000 records is slow
        return tuple(UserId(str(user)) for user in sorted(likely) if ref_id in json.loads(records[user])["refs"])

    @redis_errors_mapped
    async def all(self, team: TeamId) -> tuple[ProfileMapping, ...]:
        """Return every mapping of a workspace, sorted by person."""
        records = await self._redis.hgetall(mappings_key(team))
        return tuple(m for user, record in sorted(records.items()) for m in _mappings(team, UserId(str(user)), record))

    @redis_errors_mapped
    async def teams(self) -> tuple[TeamId, ...]:
        """Return the workspaces that have had mappings."""
        return tuple(TeamId(str(team)) for team in sorted(await self._redis.smembers(TEAMS)))


def _mappings(team: TeamId, user: UserId, record: str | bytes) -> tuple[ProfileMapping, ...]:
    stored = json.loads(record)
    mappings = (ProfileMapping(team, user, RefId(ref), default=ref == stored["default"]) for ref in stored["refs"])
    return tuple(sorted(mappings, key=lambda mapping: not mapping.default))


def _flat(row: AuditRow) -> list[str]:
    return [part for field in audit_fields(row).items() for part in field]


def _keys(team: TeamId) -> list[str]:
    return [mappings_key(team), audit_key(team)]


def mappings_key(team: TeamId) -> str:
    """Return the key of a workspace's hash."""
    return f"connectbot:{{{team}}}:mappings"
