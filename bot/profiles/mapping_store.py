"""Who is responsible for which profile: each change and its audit row are one step in Redis.

Mappings: `connectbot:{team}:mappings`, a hash of user to JSON `{"default": ref_id, "refs": [ref_id, …]}`. Permanent.

Changes: `connectbot:{team}:mapping_change:<id>`, JSON, until everybody has been told of one.

Workspaces: `connectbot:teams`, the set of the workspaces that have had mappings. Permanent.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import TypeAdapter

from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import ROWS, AuditRow, audit_key, audit_parts
from bot.people.store import Remembered, people_key, read_person
from bot.profiles.model import CHANGE_KEPT, NOTHING_FOLLOWS, FollowUp, MappingChange, ProfileMapping
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import Job
from bot.scheduling.queue import job_entry, queue_key
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped, span_ms
from bot.storage.damage import Shape, readable

TEAMS = "connectbot:teams"

_CHANGE = TypeAdapter(MappingChange)

# What follows from a change is written with it: jobs, unless they are planned sooner, and the record of the change from
# which people are told of it.
FOLLOW_UP = """
local function plan(jobs, queue, due)
  for entry, moment in pairs(cjson.decode(jobs)) do
    redis.call('ZADD', queue, 'LT', moment, entry)
    if due then redis.call('ZADD', due, 'LT', moment, string.match(queue, '{(.*)}')) end
  end
end
local function keep_change(key, change, refs, default)
  if change == '' or #refs == 0 then return end
  local record = cjson.decode(change)
  record.ref_ids, record.default = refs, default or nil
  redis.call('SET', key, cjson.encode(record), 'PX', record.life)
end
"""

# Reads and writes in one step, so that two admins at once lose nothing. A person's first profile becomes their default.
ADD = f"""{FOLLOW_UP}
local stored = redis.call('HGET', KEYS[1], ARGV[3])
local record = stored and cjson.decode(stored) or {{default = ARGV[4], refs = {{}}}}
local known = false
for _, ref in ipairs(record.refs) do known = known or ref == ARGV[4] end
if not known then table.insert(record.refs, ARGV[4]) end
if ARGV[5] == '1' then record.default = ARGV[4] end
redis.call('HSET', KEYS[1], ARGV[3], cjson.encode(record))
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], '*', unpack(ARGV, 7))
plan(ARGV[1], KEYS[3], KEYS[5])
keep_change(KEYS[4], ARGV[2], {{ARGV[4]}})
return known and 0 or 1
"""

# Reads everything before it writes anything. The new person, if there is one, keeps their profiles and their default.
TAKE = f"""{FOLLOW_UP}
local function read(user)
  local stored = user ~= '' and redis.call('HGET', KEYS[1], user)
  return stored and cjson.decode(stored) or {{refs = {{}}}}
end
local function write(user, record)
  if #record.refs == 0 then
    redis.call('HDEL', KEYS[1], user)
  else
    redis.call('HSET', KEYS[1], user, cjson.encode(record))
  end
end
local function audit(action, user, ref, ...)
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[7], '*',
    'what', action, 'by', ARGV[5], 'for', user, 'profile', ref, ...)
end
local from, to = ARGV[3], ARGV[4]
local old, new, wanted, known, rest, moved = read(from), read(to), {{}}, {{}}, {{}}, {{}}
for _, ref in ipairs(cjson.decode(ARGV[6])) do wanted[ref] = true end
for _, ref in ipairs(new.refs) do known[ref] = true end
for _, ref in ipairs(old.refs) do table.insert(wanted[ref] and moved or rest, ref) end
plan(ARGV[1], KEYS[3], KEYS[5])
keep_change(KEYS[4], ARGV[2], moved, wanted[old.default] and old.default)
if #moved == 0 then return moved end
if to ~= '' then new.default = new.default or (wanted[old.default] and old.default) or moved[1] end
if wanted[old.default] then old.default = rest[1] end
old.refs = rest
for _, ref in ipairs(moved) do
  if to == '' then
    audit('mapping_removed', from, ref)
  else
    audit('mapping_removed', from, ref, 'detail', 'to ' .. to)
  end
  if to ~= '' and not known[ref] then
    table.insert(new.refs, ref)
    audit('mapping_added', to, ref, 'detail', 'from ' .. from)
  end
end
write(from, old)
if to ~= '' then write(to, new) end
return moved
"""


# Reads 10,000 records where they are, in a fraction of the time that sending and decoding them takes. The scripts write
# all records, so an id stands there as they encode it, which is not always as it is: a slash has a backslash in front.
HOLDERS = """
local found, records, id = {}, redis.call('HGETALL', KEYS[1]), cjson.encode(ARGV[1])
for i = 1, #records, 2 do
  if string.find(records[i + 1], id, 1, true) then found[#found + 1] = records[i] end
end
"""
ONLY_HOLDERS = f"{HOLDERS} return found"
# The others aren't looked for if whoever was found last still has the profile.
KNOWN_HOLDERS = f"""
local last = redis.call('HGET', KEYS[1], ARGV[2])
if last and string.find(last, cjson.encode(ARGV[1]), 1, true) then
  return {{{{ARGV[2]}}, redis.call('HMGET', KEYS[2], ARGV[2])}}
end
{HOLDERS}
return {{found, #found > 0 and redis.call('HMGET', KEYS[2], unpack(found)) or {{}}}}
"""


class MappingStore(Store):
    """Stores mappings; a person with mappings has exactly one default. `by` names who changes them in the audit log."""

    shapes = (
        Shape(
            "mappings",
            "hash",
            lambda user, record: _mappings(TeamId(""), UserId(user), record),
            irreplaceable=True,
        ),
        Shape(TEAMS, "set", lists="mappings"),
    )

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._add = self._redis.register_script(ADD)
        self._take = self._redis.register_script(TAKE)
        self._holders = self._redis.register_script(ONLY_HOLDERS)
        self._known_holders = self._redis.register_script(KNOWN_HOLDERS)
        self._found_last: dict[tuple[TeamId, RefId], UserId] = {}

    @redis_errors_mapped
    async def add(
        self,
        team: TeamId,
        user: UserId,
        ref_id: RefId,
        *,
        by: str,
        default: bool = False,
        follow_up: FollowUp = NOTHING_FOLLOWS,
    ) -> bool:
        """Map a profile to a person; return False if it was mapped to them already."""
        await self._redis.sadd(TEAMS, team)
        row = AuditRow("mapping_added", by=by, owner=user, ref_id=ref_id, detail="default" if default else "")
        args: list[str | int] = [*_written(follow_up), user, ref_id, int(default), ROWS, *audit_parts(row)]
        return bool(await self._add(keys=self._keys(team, follow_up), args=args))

    async def remove(
        self, team: TeamId, user: UserId, ref_id: RefId, *, by: str, follow_up: FollowUp = NOTHING_FOLLOWS
    ) -> bool:
        """Unmap a profile from a person; return False if it was not mapped to them."""
        return bool(await self.take(team, user, [ref_id], by=by, follow_up=follow_up))

    @redis_errors_mapped
    async def take(
        self,
        team: TeamId,
        old: UserId,
        ref_ids: Sequence[RefId],
        *,
        by: str,
        to: UserId | None = None,
        follow_up: FollowUp = NOTHING_FOLLOWS,
    ) -> tuple[RefId, ...]:
        """Unmap profiles from a person, all or none, and map them to another one if given; return which these were."""
        args: list[str | int] = [*_written(follow_up), old, to or "", by, json.dumps(list(ref_ids)), ROWS]
        return tuple(map(RefId, await self._take(keys=self._keys(team, follow_up), args=args)))

    @redis_errors_mapped
    async def change(self, team: TeamId, change_id: str) -> MappingChange | None:
        """Return the record of a change that people are still to be told of."""
        record = await self._redis.get(change_key(team, change_id))
        return _CHANGE.validate_json(record) if record else None

    @redis_errors_mapped
    async def forget_change(self, team: TeamId, change_id: str) -> None:
        """Delete the record of a change, because everybody has been told."""
        await self._redis.delete(change_key(team, change_id))

    @redis_errors_mapped
    async def of(self, team: TeamId, user: UserId) -> tuple[ProfileMapping, ...]:
        """Return a person's mappings, the default first."""
        record = await self._redis.hget(mappings_key(team), user)
        return _mappings(team, user, record) if record else ()

    @redis_errors_mapped
    async def holders(self, team: TeamId, ref_id: RefId) -> tuple[UserId, ...]:
        """Return the people a profile is mapped to."""
        return tuple(
            UserId(str(user)) for user in sorted(await self._holders(keys=[mappings_key(team)], args=[ref_id]))
        )

    @redis_errors_mapped
    async def known_holders(self, team: TeamId, ref_id: RefId) -> dict[UserId, Remembered | None]:
        """Return people a profile is mapped to, with what is remembered of each: at least one, if there is any."""
        last = self._found_last.pop((team, ref_id), "")
        found = await self._known_holders(keys=[mappings_key(team), people_key(team)], args=[ref_id, last])
        records = sorted((UserId(str(user)), record) for user, record in zip(*found, strict=True))
        if records:
            self._found_last[team, ref_id] = records[0][0]
        return {user: read_person(user, str(record)) if record else None for user, record in records}

    @redis_errors_mapped
    async def all(self, team: TeamId) -> tuple[ProfileMapping, ...]:
        """Return every mapping of a workspace, sorted by person."""
        records = await self._redis.hgetall(mappings_key(team))
        found = readable(mappings_key(team), records, lambda user, record: _mappings(team, UserId(user), record))
        return tuple(mapping for _, held in sorted(found.items()) for mapping in held)

    def _keys(self, team: TeamId, follow_up: FollowUp) -> list[str]:
        change = change_key(team, follow_up.change.id if follow_up.change else "")
        keys = [mappings_key(team), audit_key(team), queue_key(team), change]
        return keys if self.connection.clustered else [*keys, DUE]

    @redis_errors_mapped
    async def teams(self) -> tuple[TeamId, ...]:
        """Return the workspaces that have had mappings."""
        return tuple(TeamId(str(team)) for team in sorted(await self._redis.smembers(TEAMS)))


def _mappings(team: TeamId, user: UserId, record: str | bytes) -> tuple[ProfileMapping, ...]:
    stored = json.loads(record)
    mappings = (ProfileMapping(team, user, RefId(ref), default=ref == stored["default"]) for ref in stored["refs"] + [])
    return tuple(sorted(mappings, key=lambda mapping: not mapping.default))


def _written(follow_up: FollowUp) -> tuple[str, str]:
    return jobs_json(follow_up.jobs), change_json(follow_up.change) if follow_up.change else ""


def jobs_json(jobs: Mapping[Job, datetime]) -> str:
    """Return jobs as `plan` of the scripts takes them."""
    return json.dumps({job_entry(job): str(moment_ms(at)) for job, at in jobs.items()})


def change_json(change: MappingChange) -> str:
    """Return a change as `keep_change` of the scripts takes it, which adds the profiles."""
    record = {"id": change.id, "by": change.by, "old": change.old, "new": change.new, "life": span_ms(CHANGE_KEPT)}
    return json.dumps({name: value for name, value in record.items() if value})


def change_key(team: TeamId, change_id: str) -> str:
    """Return the key of a change's record."""
    return f"connectbot:{{{team}}}:mapping_change:{change_id}"


def mappings_key(team: TeamId) -> str:
    """Return the key of a workspace's hash."""
    return f"connectbot:{{{team}}}:mappings"
