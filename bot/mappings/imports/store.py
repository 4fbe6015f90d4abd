"""Applies an import to Redis, all of it or nothing: one script over the keys of `mappings`, `profiles` and `audit`.

Redis runs a script alone and writes its changes to the append-only file as one transaction, so nothing is left half
done whether the bot, Redis or the connection fails. A batch that is applied twice changes nothing the second time. Each
person whose mappings change gets a job, which tells them what nobody was told of a profile.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.ayrshare.model import Profile
from bot.core.clock import SystemClock
from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import ROWS, audit_key
from bot.profiles.mapping_store import TEAMS, mappings_key
from bot.profiles.model import HOLDER_ADDED
from bot.profiles.store import ProfileStore, profiles_key
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import Job
from bot.scheduling.queue import job_entry, queue_key
from bot.storage.client import FAILURES
from bot.storage.connection import Connection, Store, moment_ms
from bot.storage.errors import StoreUnavailable

TIMEOUT = timedelta(seconds=30)
"""Ten thousand mappings take a fraction of a second; a longer wait leaves fewer imports whose outcome is unknown."""

# Changes made since the plan are kept: profiles are added to what is there now. Everything is read before anything is
# written, so that a damaged record stops the script in time.
APPLY = """
local batch, records, rows = cjson.decode(ARGV[1]), {}, {}
local function audit(what, user, ref, ...)
  table.insert(rows, {'what', what, 'by', ARGV[2], 'for', user, 'profile', ref, ...})
end
local function replace(user, stored)
  local record, refs, seen, moved = cjson.decode(stored), {}, {}, false
  for _, ref in ipairs(record.refs) do
    local now = batch.replaced[ref] or ref
    if now ~= ref then moved = true; audit('profile_replaced', user, now, 'detail', ref) end
    if not seen[now] then table.insert(refs, now) end
    seen[now] = true
  end
  if moved then records[user] = {default = batch.replaced[record.default] or record.default, refs = refs} end
end
local function add(user, refs, default)
  local stored = not records[user] and redis.call('HGET', KEYS[1], user)
  local record = records[user] or stored and cjson.decode(stored) or {refs = {}}
  local before, known, audited = record.default, {}, #rows
  for _, ref in ipairs(record.refs) do known[ref] = true end
  record.default = default or before or refs[1]
  for _, ref in ipairs(refs) do
    local detail = ref == record.default and 'default' or nil
    if not known[ref] then
      table.insert(record.refs, ref)
      audit('mapping_added', user, ref, detail and 'detail', detail)
    elseif detail and ref ~= before then
      audit('default_changed', user, ref)
    end
  end
  if #rows > audited then records[user] = record end
end
if next(batch.replaced) then
  local stored = redis.call('HGETALL', KEYS[1])
  for i = 1, #stored, 2 do replace(stored[i], stored[i + 1]) end
end
for _, wanted in ipairs(batch.people) do add(wanted.user, wanted.refs, wanted.default) end
local function save(key, values, encode)
  local fields = {}
  for name, value in pairs(values) do
    table.insert(fields, name)
    table.insert(fields, encode and cjson.encode(value) or value)
    if #fields == 2000 then redis.call('HSET', key, unpack(fields)); fields = {} end
  end
  if #fields > 0 then redis.call('HSET', key, unpack(fields)) end
end
save(KEYS[2], batch.profiles, false)
save(KEYS[1], records, true)
for ref in pairs(batch.replaced) do redis.call('HDEL', KEYS[2], ref) end
for _, row in ipairs(rows) do redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*', unpack(row)) end
for user in pairs(records) do redis.call('ZADD', KEYS[4], ARGV[4], ARGV[5] .. user) end
if KEYS[5] and next(records) then redis.call('ZADD', KEYS[5], 'LT', ARGV[4], ARGV[6]) end
"""


@dataclass(frozen=True, slots=True)
class UserMappings:
    """The profiles that an import adds to a person's, and the one that becomes the default."""

    user: UserId
    ref_ids: tuple[RefId, ...]
    default: RefId | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What an import changes; wherever a key of `replaced` is mapped, its value takes its place."""

    profiles: tuple[Profile, ...] = ()
    replaced: Mapping[RefId, RefId] = field(default_factory=dict)
    people: tuple[UserMappings, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.profiles or self.replaced or self.people)


class ImportStore(Store):
    """Applies batches."""

    def __init__(self, connection: Connection, profiles: ProfileStore) -> None:
        super().__init__(connection)
        self._profiles = profiles

    async def apply(self, team: TeamId, batch: Batch, *, by: str) -> None:
        """Make all changes or none; `by` is who the audit log says did it.

        Raises StoreUnavailable if Redis doesn't answer; then either all changes were made or none.
        """
        if not batch:
            return
        keys = [mappings_key(team), profiles_key(team), audit_key(team), queue_key(team)]
        keys += [] if self.connection.clustered else [DUE]
        now, added = moment_ms(SystemClock().now()), job_entry(Job(HOLDER_ADDED, ""))
        args: list[str | int] = [self._encoded(team, batch), by, ROWS, now, added, team]
        try:
            async with self.connection.without_limit() as redis, asyncio.timeout(TIMEOUT.total_seconds()):
                await redis.sadd(TEAMS, team)
                await redis.script_load(APPLY)  # EVALSHA would send the batch once in vain, and EVAL again
                await redis.register_script(APPLY)(keys=keys, args=args)
        except FAILURES as error:
            self.connection.failed(error)
            raise StoreUnavailable from error

    def _encoded(self, team: TeamId, batch: Batch) -> str:
        people = [
            {"user": one.user, "refs": one.ref_ids} | ({"default": one.default} if one.default else {})
            for one in batch.people
        ]
        profiles = {profile.ref_id: self._profiles.record(team, profile) for profile in batch.profiles}
        return json.dumps({"profiles": profiles, "replaced": dict(batch.replaced), "people": people})
