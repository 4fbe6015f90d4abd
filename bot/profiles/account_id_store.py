"""Which account a profile is meant to have on each network, by the network's own id, and which one it has now.

Accounts: `connectbot:{team}:account_ids`, a hash of ref_id to JSON `{"at": …, "accounts": {network: …}}`. A network has
`meant`, the account last accepted, with `since`, which is 0 once it was away; `here`, the one that is connected now;
`change`, what is new about that, until it is settled; and `told`, the id of the last change that may be wrong, until
it is settled or the account that is meant is back: people may have been told of it.
An account is `{"id": …, "name": …, "handle": …}`, moments are seconds as strings, which Lua doesn't round.

Owners: `connectbot:{team}:account_owners`, a hash of `network:id` to JSON of the ref_ids that have the account now.

Both are permanent: what was meant has to be known however long an account is away.

Readers: `connectbot:{team}:account_readers:<change id>`, a set of those who are told of a change that may be wrong.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.ayrshare.model import Account, AccountChange
from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import ROWS, AuditRow, audit_key, audit_parts
from bot.profiles.model import ACCOUNT_CHANGED, ChangeRef
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import Job
from bot.scheduling.queue import job_entry, queue_key
from bot.slack.outbox import KEPT
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped
from bot.storage.damage import Shape

OWNERS = """
local function others_with(network, account, owned)
  local field = network .. ':' .. account.id
  local owners, others = cjson.decode(redis.call('HGET', KEYS[2], field) or '{}'), {}
  owners[ARGV[1]] = owned
  if next(owners) then
    redis.call('HSET', KEYS[2], field, cjson.encode(owners))
  else
    redis.call('HDEL', KEYS[2], field)
  end
  for ref in pairs(owners) do if ref ~= ARGV[1] then table.insert(others, ref) end end
  return others
end
"""

# Compares what a profile has with what it is meant to have, and plans a job if there is something new about it. What
# the first look at a profile finds is meant (`first`), and shared accounts are news if the other profile got it after a
# look at that. Of two looks at once, the one that began later counts.
OBSERVE = f"""{OWNERS}
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local record = stored and cjson.decode(stored) or {{at = '0', accounts = {{}}}}
local at, current, news = ARGV[2], cjson.decode(ARGV[3]), false
if tonumber(record.at) > tonumber(at) then return 0 end
local function same(one, other)
  return one.id == other.id or (one.handle ~= '' and string.lower(one.handle) == string.lower(other.handle))
end
local function connected_after_a_look(network, refs)
  local found = {{}}
  for _, ref in ipairs(refs) do
    local known = cjson.decode(redis.call('HGET', KEYS[1], ref) or '{{"accounts": {{}}}}').accounts[network]
    if known and not known.first then table.insert(found, ref) end
  end
  return found
end
for network, known in pairs(record.accounts) do
  local account = current[network]
  if known.here and not (account and account.id == known.here.id) then others_with(network, known.here, nil) end
  if not account then
    news = news or (known.change and known.change.id == known.told)
    known.here, known.change = nil, nil
  end
end
for network, account in pairs(current) do
  local known, change = record.accounts[network] or {{}}, nil
  local others = others_with(network, account, true)
  if not known.meant then
    others = stored and others or connected_after_a_look(network, others)
    if #others > 0 then change = {{shared = others}} end
    known.meant, known.since, known.first = account, at, not stored or nil
  elseif same(known.meant, account) then
    if not known.here or (known.change and known.change.former) then change, known.since = {{}}, '0' end
    known.meant = account
  elseif not (known.here and same(known.here, account)) then
    change = {{former = known.meant, shared = #others > 0 and others or nil}}
  end
  known.here = account
  if change then
    change.id, change.at, change.after, change.before = ARGV[4] .. network, at, record.at, known.told
    known.told = (change.former or change.shared) and change.id or nil
    known.change, news = change, true
  end
  record.accounts[network] = known
end
record.at = at
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
if not news then return 0 end
redis.call('ZADD', KEYS[3], ARGV[6], ARGV[5])
if KEYS[4] then redis.call('ZADD', KEYS[4], 'LT', ARGV[6], string.match(KEYS[1], '{{(.*)}}')) end
return 1
"""

# Notes that a network was disconnected, before anybody looks: who connects it again may have taken another account.
# Tells whether people may have been told of the account that is gone.
GONE = f"""{OWNERS}
local record = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{{"accounts": {{}}}}')
local known = record.accounts[ARGV[2]]
if not known or tonumber(record.at) > tonumber(ARGV[3]) then return 0 end
if known.here then
  others_with(ARGV[2], known.here, nil)
  known.here, known.change = nil, nil
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
end
return known.told and 1 or 0
"""

# Changes what is stored of a change, if it still stands, and adds an audit row. It is recorded (and over, if an account
# was only reconnected), kept (what is here is meant from now on), or undone, also if its account is gone already.
SETTLE = """
local record = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{"accounts": {}}')
local known = record.accounts[ARGV[2]]
local change = known and known.change
local gone = known and not known.here and ARGV[4] == 'undone'
local id = gone and known.told or change and change.id
if id ~= ARGV[3] or (ARGV[4] == 'recorded' and change.recorded) then return 0 end
if ARGV[4] == 'recorded' and (change.former or change.shared) then
  change.recorded = true
else
  if ARGV[4] == 'kept' and known.here then known.meant, known.since, known.first = known.here, ARGV[5], nil end
  known.change, known.told = nil, nil
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(record))
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], '*', unpack(ARGV, 7))
return 1
"""


class AccountIdStore(Store):
    """Tells for each profile whether its accounts are those that it is meant to have, and whether it shares them."""

    shapes = (
        Shape(
            "account_ids",
            "hash",
            lambda _, record: (_accounts(record), float(json.loads(record)["at"])),
        ),
        Shape("account_owners", "hash", lambda _, record: json.loads(record).keys()),
    )

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._observe = self._redis.register_script(OBSERVE)
        self._gone = self._redis.register_script(GONE)
        self._settle = self._redis.register_script(SETTLE)

    @redis_errors_mapped
    async def observe(self, team: TeamId, ref_id: RefId, accounts: Sequence[Account], *, at: datetime) -> bool:
        """Take in what a profile has; return whether that is news, for which ACCOUNT_CHANGED is planned.

        `Scheduler.wake` has to follow. Accounts without an id can't be told apart, and are left out.
        """
        current = {one.network: _fields(one) for one in accounts if one.id}
        job = job_entry(Job(ACCOUNT_CHANGED, ref_id))
        keys = [account_ids_key(team), _owners_key(team), queue_key(team)]
        change_id, due = secrets.token_hex(6), moment_ms(at)
        args: list[str | float] = [ref_id, at.timestamp(), json.dumps(current), change_id, job, due]
        return bool(await self._observe(keys=keys if self.connection.clustered else [*keys, DUE], args=args))

    @redis_errors_mapped
    async def gone(self, team: TeamId, ref_id: RefId, network: str, *, at: datetime) -> bool:
        """Note that an account was disconnected, as Ayrshare told; return whether people may have been told of it."""
        args: list[str | float] = [ref_id, network, at.timestamp()]
        return bool(await self._gone(keys=[account_ids_key(team), _owners_key(team)], args=args))

    @redis_errors_mapped
    async def ended(self, team: TeamId, ref_id: RefId) -> tuple[ChangeRef, ...]:
        """Return the changes that people may have been told of, and of which the account is gone."""
        stored = await self._redis.hget(account_ids_key(team), ref_id)
        known = json.loads(stored)["accounts"] if stored else {}
        told = {network: one["told"] for network, one in known.items() if one.get("told") and not one.get("here")}
        return tuple(ChangeRef(ref_id, network, change_id) for network, change_id in told.items())

    @redis_errors_mapped
    async def of(self, team: TeamId, ref_id: RefId) -> Mapping[str, Account]:
        """Return what is known of a profile's connected accounts, by network, each with its change if there is one.

        A change names the profiles that share the account without their titles.
        """
        stored = await self._redis.hget(account_ids_key(team), ref_id)
        return _accounts(stored) if stored else {}

    @redis_errors_mapped
    async def add_readers(self, team: TeamId, change_id: str, users: Iterable[UserId]) -> None:
        """Note who is told of a change, for as long as their messages are known."""
        key = _readers_key(team, change_id)
        async with self.connection.transaction() as pipe:
            pipe.sadd(key, *users)
            pipe.pexpire(key, KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def readers(self, team: TeamId, change_id: str) -> frozenset[UserId]:
        """Return who is told of a change."""
        found = await self._redis.smembers(_readers_key(team, change_id))
        return frozenset(UserId(str(one)) for one in found)

    async def record(self, team: TeamId, change: AccountChange, row: AuditRow) -> bool:
        """Add a change's row to the audit log, once; return False if it was there or the change is over."""
        return await self._settled(team, change, "recorded", row, at=change.at)

    async def keep(self, team: TeamId, change: AccountChange, row: AuditRow, *, at: datetime) -> bool:
        """Take the account that is connected now for the one that is meant; return False if the change is over."""
        return await self._settled(team, change, "kept", row, at=at)

    async def undo(self, team: TeamId, change: AccountChange, row: AuditRow, *, at: datetime) -> bool:
        """Note that a change was undone: the former account stays the one that is meant."""
        return await self._settled(team, change, "undone", row, at=at)

    @redis_errors_mapped
    async def _settled(self, team: TeamId, change: AccountChange, how: str, row: AuditRow, *, at: datetime) -> bool:
        fields = audit_parts(row)
        named = [row.ref_id or "", change.account.network, change.id]
        args: list[str | float] = [*named, how, at.timestamp(), ROWS, *fields]
        return bool(await self._settle(keys=[account_ids_key(team), audit_key(team)], args=args))


def _readers_key(team: TeamId, change_id: str) -> str:
    return f"connectbot:{{{team}}}:account_readers:{change_id}"


def _owners_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:account_owners"


def account_ids_key(team: TeamId) -> str:
    """Return the key of a workspace's hash."""
    return f"connectbot:{{{team}}}:account_ids"


def _fields(account: Account) -> dict[str, str]:
    return {"id": account.id, "name": account.name or "", "handle": account.handle}


def _accounts(record: str | bytes) -> dict[str, Account]:
    known = json.loads(record)["accounts"].items()
    return {network: _account(network, one) for network, one in known if one.get("here")}


def _account(network: str, known: dict[str, Any]) -> Account:
    here = _read(network, known["here"], since=known.get("since"))
    change = known.get("change")
    if not change:
        return here
    former = change.get("former")
    return Account(
        network,
        here.name,
        id=here.id,
        handle=here.handle,
        known_since=here.known_since,
        change=AccountChange(
            id=change["id"],
            at=_moment(change["at"]),
            after=_moment(change.get("after", "0")),
            account=here,
            former=_read(network, former) if former else None,
            shared_with=dict.fromkeys(map(RefId, sorted(change.get("shared") or ())), ""),
            recorded=bool(change.get("recorded")),
            before=change.get("before") or "",
        ),
    )


def _read(network: str, fields: dict[str, str], *, since: str | None = None) -> Account:
    known_since = None if since is None else _moment(since)
    return Account(network, fields["name"] or None, id=fields["id"], handle=fields["handle"], known_since=known_since)


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
