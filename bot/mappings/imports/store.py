"""Many mappings and their profiles at once, or none: one script over the keys of `mappings`, `profiles` and `audit`.

The server runs a script alone, and writes all it did to its append-only file as one transaction: whoever dies in the
middle, the bot, the server or the line between them, there is no half of it. Done twice, it changes nothing more.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import ROWS, audit_key
from bot.profiles.mapping_store import TEAMS, mappings_key
from bot.profiles.store import ProfileStore, profiles_key
from bot.storage.connection import Connection, Store
from bot.storage.errors import StoreUnavailable

PATIENCE = timedelta(seconds=30)
"""Ten thousand mappings are done in a fraction of a second, but nobody wants to wonder whether they were."""

# What others have changed since it was planned is kept: profiles are added to what is there now. Everything is read
# before anything is written, so that a damaged record stops it in time.
APPLY = """
local batch, records, rows = cjson.decode(ARGV[1]), {}, {}
local function tell(what, user, ref, ...)
  table.insert(rows, {'what', what, 'by', ARGV[2], 'for', user, 'profile', ref, ...})
end
local function replace(user, kept)
  local record, refs, seen, moved = cjson.decode(kept), {}, {}, false
  for _, ref in ipairs(record.refs) do
    local now = batch.replaced[ref] or ref
    if now ~= ref then moved = true; tell('profile_replaced', user, now, 'detail', ref) end
    if not seen[now] then table.insert(refs, now) end
    seen[now] = true
  end
  if moved then records[user] = {default = batch.replaced[record.default] or record.default, refs = refs} end
end
local function add(user, refs, default)
  local kept = not records[user] and redis.call('HGET', KEYS[1], user)
  local record = records[user] or kept and cjson.decode(kept) or {refs = {}}
  local before, known, told = record.default, {}, #rows
  for _, ref in ipairs(record.refs) do known[ref] = true end
  record.default = default or before or refs[1]
  for _, ref in ipairs(refs) do
    local detail = ref == record.default and 'default' or nil
    if not known[ref] then
      table.insert(record.refs, ref)
      tell('mapping_added', user, ref, detail and 'detail', detail)
    elseif detail and ref ~= before then
      tell('default_changed', user, ref)
    end
  end
  if #rows > told then records[user] = record end
end
if next(batch.replaced) then
  local kept = redis.call('HGETALL', KEYS[1])
  for i = 1, #kept, 2 do replace(kept[i], kept[i + 1]) end
end
for _, wanted in ipairs(batch.people) do add(wanted.user, wanted.refs, wanted.default) end
local function keep(key, values, written)
  local fields = {}
  for name, value in pairs(values) do
    table.insert(fields, name)
    table.insert(fields, written and cjson.encode(value) or value)
    if #fields == 2000 then redis.call('HSET', key, unpack(fields)); fields = {} end
  end
  if #fields > 0 then redis.call('HSET', key, unpack(fields)) end
end
keep(KEYS[2], batch.profiles, false)
keep(KEYS[1], records, true)
for ref in pairs(batch.replaced) do redis.call('HDEL', KEYS[2], ref) end
for _, row in ipairs(rows) do redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*', unpack(row)) end
"""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The profiles that somebody shall look after besides those they do, and which one becomes the default."""

    user: UserId
    ref_ids: tuple[RefId, ...]
    default: RefId | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to change; a `replaced` profile gives way to another one wherever it is mapped."""

    profiles: tuple[Profile, ...] = ()
    replaced: Mapping[RefId, RefId] = field(default_factory=dict)
    people: tuple[Assignment, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.profiles or self.replaced or self.people)


class ImportStore(Store):
    """Applies batches."""

    def __init__(self, connection: Connection, profiles: ProfileStore) -> None:
        super().__init__(connection)
        self._profiles = profiles

    async def apply(self, team: TeamId, batch: Batch, *, by: str) -> None:
        """Make all changes or none, as the audit rows' `by` did.

        Raises StoreUnavailable where no answer came, in which case all may have been done, or nothing.
        """
        if not batch:
            return
        keys, written = [mappings_key(team), profiles_key(team), audit_key(team)], self._written(team, batch)
        redis = _patient(self._redis)
        try:
            await redis.sadd(TEAMS, team)
            await redis.script_load(APPLY)  # else the batch would be sent twice, the first time for nothing
            await redis.register_script(APPLY)(keys=keys, args=[written, by, ROWS])
        except (RedisError, OSError) as error:
            raise StoreUnavailable from error
        finally:
            await redis.aclose()

    def _written(self, team: TeamId, batch: Batch) -> str:
        people = [
            {"user": one.user, "refs": one.ref_ids} | ({"default": one.default} if one.default else {})
            for one in batch.people
        ]
        profiles = {profile.ref_id: self._profiles.record(team, profile) for profile in batch.profiles}
        return json.dumps({"profiles": profiles, "replaced": dict(batch.replaced), "people": people})


def _patient(redis: Redis) -> Redis:
    """Make a client to the same server that waits longer for an answer."""
    pool = redis.connection_pool
    options = pool.connection_kwargs | {"socket_timeout": PATIENCE.total_seconds()}
    return Redis.from_pool(ConnectionPool(pool.connection_class, **options))
