"""Alerts and digests in Redis.

- `connectbot:{team}:alerts:<user>`: a hash of someone's pending alerts, with `due`, when they are sent (milliseconds).
- `connectbot:{team}:digest:<user>`: the digest being delivered to someone, JSON.
- `connectbot:{team}:accounts:<ref_id>`: a hash of a profile: `connected:<network>` with the account's name, and
  `alert:<kind>:<network>` with JSON of the alert's moment and deadline.

All expire ALERTS_KEPT after the last change.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import TypeAdapter

from bot.core.model import RefId, TeamId, UserId
from bot.notifications.model import ALERTS_KEPT, Alert, AlertKey, AlertKind, AlertRecord, Digest, KnownAccounts
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped, span_ms

DUE = "due"
CONNECTED, ALERT = "connected:", "alert:"

# Record the alerts that are new for the profile, and add them to each user's pending ones. Return for each user when
# their digest is due; a due moment is only ever moved forward, so that a second alert does not delay the first.
RECORD = """
local new = {}
for i = 3, #ARGV, 4 do
  if redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) == 1 then table.insert(new, i + 2) end
end
if #ARGV > 2 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local answer = {#new}
for k = 2, #KEYS do
  for _, i in ipairs(new) do redis.call('HSET', KEYS[k], ARGV[i], ARGV[i + 1]) end
  local due = redis.call('HGET', KEYS[k], 'due')
  if redis.call('HLEN', KEYS[k]) > (due and 1 or 0) then
    if ARGV[2] ~= '' and (not due or tonumber(ARGV[2]) < tonumber(due)) then
      due = ARGV[2]
      redis.call('HSET', KEYS[k], 'due', due)
    end
    redis.call('PEXPIRE', KEYS[k], ARGV[1])
  end
  table.insert(answer, due or '')
end
return answer
"""

# Replace pending alerts by a digest, unless one is being delivered: that one stays, and what is pending waits.
START_DIGEST = """
local current = redis.call('GET', KEYS[2])
if current then return current end
for i = 3, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
if redis.call('HLEN', KEYS[1]) == redis.call('HEXISTS', KEYS[1], 'due') then redis.call('DEL', KEYS[1]) end
if ARGV[1] ~= '' then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end
return ARGV[1]
"""

_ALERT = TypeAdapter(Alert)
_DIGEST = TypeAdapter(Digest)
_RECORD = TypeAdapter(AlertRecord)


class NotificationStore(Store):
    """Stores pending alerts, digests being delivered, and what is known of each profile's accounts."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._record = self._redis.register_script(RECORD)
        self._start_digest = self._redis.register_script(START_DIGEST)

    @redis_errors_mapped
    async def record(
        self, team: TeamId, ref_id: RefId, alerts: Sequence[Alert], users: Sequence[UserId], *, due: datetime | None
    ) -> dict[UserId, datetime | None]:
        """Record alerts of one profile and make the new ones pending; return when each user's digest is due.

        With `due=None` they are pending without a moment, unless an earlier alert has one. A user without pending
        alerts gets None.
        """
        keys = [_accounts_key(team, ref_id), *(_alerts_key(team, user) for user in users)]
        args: list[str | int] = [span_ms(ALERTS_KEPT), "" if due is None else str(moment_ms(due))]
        for alert in alerts:
            record = AlertRecord(alert.at, alert.refresh_by)
            args += [_record_field((alert.kind, alert.network)), _RECORD.dump_json(record).decode()]
            args += [_field(alert), _ALERT.dump_json(alert).decode()]
        _, *dues = await self._record(keys=keys, args=args)
        moments = (datetime.fromtimestamp(int(at) / 1000, UTC) if at else None for at in dues)
        return dict(zip(users, moments, strict=True))

    @redis_errors_mapped
    async def pending(self, team: TeamId, user: UserId) -> tuple[Alert, ...]:
        """Return someone's pending alerts, the oldest first."""
        fields = await self._redis.hgetall(_alerts_key(team, user))
        alerts = [_ALERT.validate_json(record) for field, record in fields.items() if field != DUE]
        return tuple(sorted(alerts, key=lambda alert: alert.at))

    @redis_errors_mapped
    async def digest(self, team: TeamId, user: UserId) -> Digest | None:
        """Return the digest that is being delivered to someone."""
        record = await self._redis.get(_digest_key(team, user))
        return _DIGEST.validate_json(record) if record else None

    @redis_errors_mapped
    async def start_digest(
        self, team: TeamId, user: UserId, taken: Iterable[Alert], digest: Digest | None
    ) -> Digest | None:
        """Delete the alerts taken from the pending ones and store the digest; return the one being delivered now."""
        record = _DIGEST.dump_json(digest).decode() if digest else ""
        keys = [_alerts_key(team, user), _digest_key(team, user)]
        current = await self._start_digest(keys=keys, args=[record, span_ms(ALERTS_KEPT), *map(_field, taken)])
        return _DIGEST.validate_json(current) if current else None

    @redis_errors_mapped
    async def finish_digest(self, team: TeamId, user: UserId) -> None:
        """Delete the digest that was delivered."""
        await self._redis.delete(_digest_key(team, user))

    @redis_errors_mapped
    async def known_accounts(self, team: TeamId, ref_id: RefId) -> KnownAccounts:
        """Return what is known of a profile's accounts."""
        records = await self._redis.hgetall(_accounts_key(team, ref_id))
        fields = [(str(field), str(record)) for field, record in records.items()]
        connected = {field.removeprefix(CONNECTED): name for field, name in fields if field.startswith(CONNECTED)}
        alerts = {_key(field): _RECORD.validate_json(record) for field, record in fields if field.startswith(ALERT)}
        return KnownAccounts(connected, alerts)

    @redis_errors_mapped
    async def update_accounts(
        self,
        team: TeamId,
        ref_id: RefId,
        connected: Mapping[str, str],
        *,
        gone: Iterable[str],
        resolved: Iterable[AlertKey],
    ) -> None:
        """Store a profile's connected networks with the accounts' names; delete those gone and the resolved alerts."""
        key = _accounts_key(team, ref_id)
        fields = [part for network, name in connected.items() for part in (f"{CONNECTED}{network}", name)]
        deleted = [*(f"{CONNECTED}{network}" for network in gone), *map(_record_field, resolved)]
        async with self.connection.transaction() as pipe:
            if deleted:
                pipe.hdel(key, *deleted)
            if fields:
                pipe.hset(key, items=fields)
            pipe.pexpire(key, ALERTS_KEPT)
            await pipe.execute()


def _field(alert: Alert) -> str:
    return f"{alert.kind}:{alert.ref_id}:{alert.network}"


def _record_field(key: AlertKey) -> str:
    kind, network = key
    return f"{ALERT}{kind}:{network}"


def _key(field: str) -> AlertKey:
    kind, _, network = field.removeprefix(ALERT).partition(":")
    return AlertKind(kind), network


def _alerts_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:alerts:{user}"


def _digest_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:digest:{user}"


def _accounts_key(team: TeamId, ref_id: RefId) -> str:
    return f"connectbot:{{{team}}}:accounts:{ref_id}"
