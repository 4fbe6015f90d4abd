"""Applies an import to Redis, all of it or nothing: one script over the keys of `mappings`, `profiles` and `audit`.

Redis runs a script alone and writes its changes to the append-only file as one transaction, so nothing is left half
done whether the bot, Redis or the connection fails. A batch that is applied twice changes nothing the second time. What
follows is written with it: jobs that end links, that tell people which profiles they were given, one after the other,
and what nobody was told of a profile.
"""

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.ayrshare.model import Profile
from bot.cards.model import end_old_links_job
from bot.core.clock import SystemClock
from bot.core.model import RefId, TeamId, UserId
from bot.mappings.model import TELL_CHANGE, TELLING_PACE
from bot.people.audit import ROWS, audit_key
from bot.profiles.mapping_store import FOLLOW_UP, TEAMS, change_json, change_key, jobs_json, mappings_key
from bot.profiles.model import HOLDER_ADDED, MappingChange, redraw_soon
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
APPLY = f"""{FOLLOW_UP}
local batch, records, rows, given = cjson.decode(ARGV[1]), {{}}, {{}}, {{}}
local function audit(what, user, ref, ...)
  table.insert(rows, {{'what', what, 'by', ARGV[2], 'for', user, 'profile', ref, ...}})
end
local function replace(user, stored)
  local record, refs, seen, moved = cjson.decode(stored), {{}}, {{}}, false
  for _, ref in ipairs(record.refs) do
    local now = batch.replaced[ref] or ref
    if now ~= ref then moved = true; audit('profile_replaced', user, now, 'detail', ref) end
    if not seen[now] then table.insert(refs, now) end
    seen[now] = true
  end
  if moved then records[user] = {{default = batch.replaced[record.default] or record.default, refs = refs}} end
end
local function add(user, refs, default)
  local stored = not records[user] and redis.call('HGET', KEYS[1], user)
  local record = records[user] or stored and cjson.decode(stored) or {{refs = {{}}}}
  local before, known, fresh, audited = record.default, {{}}, {{}}, #rows
  for _, ref in ipairs(record.refs) do known[ref] = true end
  record.default = default or before or refs[1]
  for _, ref in ipairs(refs) do
    local detail = ref == record.default and 'default' or nil
    if not known[ref] then
      table.insert(record.refs, ref)
      table.insert(fresh, ref)
      audit('mapping_added', user, ref, detail and 'detail', detail)
    elseif detail and ref ~= before then
      audit('default_changed', user, ref)
    end
  end
  if #rows > audited then records[user] = record end
  return fresh
end
if next(batch.replaced) then
  local stored = redis.call('HGETALL', KEYS[1])
  for i = 1, #stored, 2 do replace(stored[i], stored[i + 1]) end
end
for i, wanted in ipairs(batch.people) do given[i] = add(wanted.user, wanted.refs, wanted.default) end
local function save(key, values, encode)
  local fields = {{}}
  for name, value in pairs(values) do
    table.insert(fields, name)
    table.insert(fields, encode and cjson.encode(value) or value)
    if #fields == 2000 then redis.call('HSET', key, unpack(fields)); fields = {{}} end
  end
  if #fields > 0 then redis.call('HSET', key, unpack(fields)) end
end
save(KEYS[2], batch.profiles, false)
save(KEYS[1], records, true)
for ref in pairs(batch.replaced) do redis.call('HDEL', KEYS[2], ref) end
for _, row in ipairs(rows) do redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*', unpack(row)) end
local due = KEYS[5 + #batch.people]
for user in pairs(records) do redis.call('ZADD', KEYS[4], ARGV[4], ARGV[5] .. user) end
if due and next(records) then redis.call('ZADD', due, 'LT', ARGV[4], ARGV[6]) end
plan(ARGV[7], KEYS[4], due)
for i, wanted in ipairs(batch.people) do
  if wanted.change and #given[i] > 0 then
    keep_change(KEYS[4 + i], wanted.change, given[i])
    plan(wanted.jobs, KEYS[4], due)
  end
end
"""


@dataclass(frozen=True, slots=True)
class UserMappings:
    """The profiles that an import adds to a person's, and the one that becomes the default."""

    user: UserId
    ref_ids: tuple[RefId, ...]
    default: RefId | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What an import changes; wherever a key of `replaced` is mapped, its value takes its place.

    `rekeyed` are those of the profiles that had another key before.
    """

    profiles: tuple[Profile, ...] = ()
    replaced: Mapping[RefId, RefId] = field(default_factory=dict)
    people: tuple[UserMappings, ...] = ()
    rekeyed: tuple[RefId, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to change."""
        return bool(self.profiles or self.replaced or self.people)


class ImportStore(Store):
    """Applies batches."""

    def __init__(self, connection: Connection, profiles: ProfileStore) -> None:
        super().__init__(connection)
        self._profiles = profiles

    async def apply(self, team: TeamId, batch: Batch, *, by: str, quiet: bool = False) -> None:
        """Make all changes or none; `by` is who the audit log says did it, and with `quiet` nobody is told.

        Raises StoreUnavailable if Redis doesn't answer; then either all changes were made or none.
        """
        if not batch:
            return
        now, added = SystemClock().now(), job_entry(Job(HOLDER_ADDED, ""))
        changes = [MappingChange(secrets.token_hex(8), by, new=one.user) for one in batch.people]
        keys = [mappings_key(team), profiles_key(team), audit_key(team), queue_key(team)]
        keys += [change_key(team, change.id) for change in changes]
        keys += [] if self.connection.clustered else [DUE]
        encoded = self._encoded(team, batch, [{} for _ in changes] if quiet else _told(changes, now=now))
        args: list[str | int] = [encoded, by, ROWS, moment_ms(now), added, team, _following(batch, by=by, now=now)]
        try:
            async with self.connection.without_limit() as redis, asyncio.timeout(TIMEOUT.total_seconds()):
                await redis.sadd(TEAMS, team)
                await redis.script_load(APPLY)  # EVALSHA would send the batch once in vain, and EVAL again
                await redis.register_script(APPLY)(keys=keys, args=args)
        except FAILURES as error:
            self.connection.failed(error)
            raise StoreUnavailable from error

    def _encoded(self, team: TeamId, batch: Batch, told: Sequence[dict[str, str]]) -> str:
        people = [
            {"user": one.user, "refs": one.ref_ids} | ({"default": one.default} if one.default else {}) | telling
            for one, telling in zip(batch.people, told, strict=True)
        ]
        profiles = {profile.ref_id: self._profiles.record(team, profile) for profile in batch.profiles}
        return json.dumps({"profiles": profiles, "replaced": dict(batch.replaced), "people": people})


def _following(batch: Batch, *, by: str, now: datetime) -> str:
    """Return the jobs that draw the changes, and end the links made with an earlier key, or under an earlier ref_id."""
    renamed = {ref_id: ref_id for ref_id in batch.rekeyed} | dict(batch.replaced)
    ends = (end_old_links_job(old, by=by, made_before=now, now_called=new) for old, new in renamed.items())
    return jobs_json(dict.fromkeys(ends, now) | redraw_soon(now))


def _told(changes: Sequence[MappingChange], *, now: datetime) -> list[dict[str, str]]:
    """Return each person's change and the job that tells them, one after the other."""
    moments = (now + place * TELLING_PACE for place in range(len(changes)))
    return [
        {"change": change_json(change), "jobs": jobs_json({Job(TELL_CHANGE, change.id): at})}
        for change, at in zip(changes, moments, strict=True)
    ]
