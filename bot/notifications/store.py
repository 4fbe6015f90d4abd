"""Alerts and digests in Redis.

- `connectbot:{team}:news:<ref_id>`: a hash of what people are still to be told of a profile: `alert:<kind>:<network>`
  with the alert, and `heard:<user>:<kind>:<network>` for each of its people who was told or muted the bot. Who has the
  profile when it is told hears; an alert is deleted once all of them have, or it no longer holds.
- `connectbot:{team}:alerts:<user>`: a hash of what an admin is to be told, and `due` (ms), when their digest is sent.
- `connectbot:{team}:digest:<user>`: the digest being delivered to someone, JSON.
- `connectbot:{team}:accounts:<ref_id>`: a hash of a profile: `connected:<network>` with the account's name,
  `alert:<kind>:<network>` with JSON of the alert's moment, deadline and warning, and what `reminder_store.py` keeps of
  a disconnected account. All live ALERTS_KEPT.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import TypeAdapter

from bot.core.model import RefId, TeamId, UserId
from bot.notifications.model import (
    ALERTS_KEPT,
    FOR_ADMINS,
    Alert,
    AlertKey,
    AlertKind,
    AlertRecord,
    Digest,
    Heard,
    KnownAccounts,
)
from bot.profiles.mapping_store import mappings_key
from bot.storage.connection import Connection, Store, moment_ms, moment_of, redis_errors_mapped, span_ms

DUE = "due"
CONNECTED, ALERT, HEARD = "connected:", "alert:", "heard:"
REMINDERS, TOLD, PEOPLE = "reminders:", "told:", "people:"

DROP = """
local function drop(news, suffix)
  for _, field in ipairs(redis.call('HKEYS', news)) do
    if string.sub(field, -#suffix) == suffix then redis.call('HDEL', news, field) end
  end
end
"""

# Record the alerts that are new for the profile, a nearer warning than the recorded one, or what nobody is to be told
# because they know; add the others to its news or, if they are for admins, to what each user is told. Return for each
# user when their digest is due; a due moment is only ever moved forward, so that a second alert does not delay the
# first.
RECORD = f"""{DROP}
local new = {{}}
for i = 3, #ARGV, 5 do
  local recorded = redis.call('HGET', KEYS[1], ARGV[i])
  local nearer = recorded and cjson.decode(ARGV[i + 1]).warning > (cjson.decode(recorded).warning or 0)
  if not recorded or nearer or ARGV[i + 4] == 'nobody' then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    table.insert(new, i + 2)
  end
end
if #ARGV > 2 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
for _, i in ipairs(new) do
  if ARGV[i + 2] == 'holders' then
    drop(KEYS[2], string.sub(ARGV[i], #'alert' + 1))
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
    redis.call('PEXPIRE', KEYS[2], ARGV[1])
  end
end
local answer = {{}}
for k = 3, #KEYS do
  for _, i in ipairs(new) do
    if ARGV[i + 2] == 'admins' then redis.call('HSET', KEYS[k], ARGV[i], ARGV[i + 1]) end
  end
  local due = redis.call('HGET', KEYS[k], 'due')
  if ARGV[2] ~= '' and (not due or tonumber(ARGV[2]) < tonumber(due)) then
    due = ARGV[2]
    redis.call('HSET', KEYS[k], 'due', due)
  end
  redis.call('PEXPIRE', KEYS[k], ARGV[1])
  table.insert(answer, due or '')
end
return answer
"""

# Note that a user was told alerts of a profile, or muted the bot, or that they were resolved; delete those that are
# resolved, or that somebody was told and nobody is still to be told.
MARK = f"""{DROP}
if redis.call('EXISTS', KEYS[1]) == 0 then return end
for i = 4, #ARGV do
  local told, all = ARGV[2] == 'told', true
  if ARGV[2] ~= 'resolved' then redis.call('HSET', KEYS[1], 'heard:' .. ARGV[1] .. ARGV[i], ARGV[2]) end
  for _, holder in ipairs(cjson.decode(ARGV[3])) do
    local heard = redis.call('HGET', KEYS[1], 'heard:' .. holder .. ARGV[i])
    told, all = told or heard == 'told', all and heard
  end
  if ARGV[2] == 'resolved' or (told and all) then drop(KEYS[1], ARGV[i]) end
end
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
        self._mark = self._redis.register_script(MARK)

    @redis_errors_mapped
    async def record(
        self,
        team: TeamId,
        ref_id: RefId,
        alerts: Sequence[Alert],
        users: Sequence[UserId],
        *,
        due: datetime | None,
        untold: bool = True,
    ) -> dict[UserId, datetime | None]:
        """Record alerts of one profile and make the new ones pending; return when each user's digest is due.

        With `due=None` none is due because of them; without `untold` nobody is told of them.
        """
        keys = [accounts_key(team, ref_id), news_key(team, ref_id), *(_alerts_key(team, user) for user in users)]
        args: list[str | int] = [span_ms(ALERTS_KEPT), "" if due is None else str(moment_ms(due))]
        for alert in alerts:
            record = AlertRecord(alert.at, alert.refresh_by)
            fields = _RECORD.dump_python(record, mode="json") | {"warning": record.warning}
            args += [record_field((alert.kind, alert.network)), json.dumps(fields)]
            for_admins = alert.kind in FOR_ADMINS
            field = _field(alert) if for_admins else ALERT + suffix(alert)[1:]
            whom = "nobody" if not untold else "admins" if for_admins else "holders"
            args += [field, _ALERT.dump_json(alert).decode(), whom]
        dues = await self._record(keys=keys, args=args)
        moments = (moment_of(at) if at else None for at in dues)
        return dict(zip(users, moments, strict=True))

    @redis_errors_mapped
    async def add(self, team: TeamId, user: UserId, alerts: Sequence[Alert]) -> None:
        """Have an admin told alerts that are recorded already."""
        async with self.connection.transaction() as pipe:
            pipe.hset(_alerts_key(team, user), mapping={_field(one): _ALERT.dump_json(one).decode() for one in alerts})
            pipe.pexpire(_alerts_key(team, user), ALERTS_KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def pending(self, team: TeamId, user: UserId) -> tuple[Alert, ...]:
        """Return what someone is to be told of the profiles that they have now, or as an admin; the oldest first.

        What is in the digest that is being delivered to them isn't pending.
        """
        own, mapping, digest = await asyncio.gather(
            self._redis.hgetall(_alerts_key(team, user)),
            self._redis.hget(mappings_key(team), user),
            self.digest(team, user),
        )
        ref_ids = json.loads(mapping)["refs"] if mapping else ()
        news = await asyncio.gather(*(self._redis.hgetall(news_key(team, ref_id)) for ref_id in ref_ids))
        alerts = [_ALERT.validate_json(record) for field, record in own.items() if field != DUE]
        for fields in news:
            found = [_ALERT.validate_json(record) for field, record in fields.items() if str(field).startswith(ALERT)]
            alerts += [alert for alert in found if f"{HEARD}{user}{suffix(alert)}" not in fields]
        delivered = digest.alerts if digest else ()
        return tuple(sorted((alert for alert in alerts if alert not in delivered), key=lambda alert: alert.at))

    @redis_errors_mapped
    async def mark(
        self, team: TeamId, user: UserId, alerts: Sequence[Alert], how: Heard, *, holders: Sequence[UserId]
    ) -> None:
        """Note for the news of one profile, which `holders` have, that someone heard of them, or that they are over."""
        suffixes = [suffix(alert) for alert in alerts]
        args = [user, how, json.dumps([*holders]), *suffixes]
        await self._mark(keys=[news_key(team, alerts[0].ref_id)], args=args)

    @redis_errors_mapped
    async def forget_muted(self, team: TeamId, user: UserId) -> None:
        """Have what someone wasn't told because they muted the bot be pending again."""
        mapping = await self._redis.hget(mappings_key(team), user)
        for ref_id in json.loads(mapping)["refs"] if mapping else ():
            news = await self._redis.hgetall(news_key(team, ref_id))
            muted = [str(field) for field, how in news.items() if how == Heard.MUTED]
            own = [field for field in muted if field.startswith(f"{HEARD}{user}:")]
            if own:
                await self._redis.hdel(news_key(team, ref_id), *own)

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
        records = await self._redis.hgetall(accounts_key(team, ref_id))
        fields = [(str(field), str(record)) for field, record in records.items()]
        connected = {field.removeprefix(CONNECTED): name for field, name in fields if field.startswith(CONNECTED)}
        alerts = {_key(field): _RECORD.validate_json(record) for field, record in fields if field.startswith(ALERT)}
        counts = [(field, int(count)) for field, count in fields if field.startswith(REMINDERS)]
        reminders = {field.removeprefix(REMINDERS): count for field, count in counts}
        moments = {field: moment_of(at) for field, at in fields if field.startswith(TOLD)}
        told = {field.removeprefix(TOLD): at for field, at in moments.items()}
        people = {
            field.removeprefix(PEOPLE): tuple(json.loads(who)) for field, who in fields if field.startswith(PEOPLE)
        }
        return KnownAccounts(connected, alerts, reminders, told, people)

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
        key = accounts_key(team, ref_id)
        fields = [part for network, name in connected.items() for part in (f"{CONNECTED}{network}", name)]
        over = list(resolved)
        mended = [network for kind, network in over if kind is AlertKind.DISCONNECTED]
        deleted = [*(f"{CONNECTED}{network}" for network in gone), *map(record_field, over)]
        deleted += [f"{prefix}{network}" for network in mended for prefix in (REMINDERS, TOLD, PEOPLE)]
        async with self.connection.transaction() as pipe:
            if deleted:
                pipe.hdel(key, *deleted)
            if fields:
                pipe.hset(key, items=fields)
            pipe.pexpire(key, ALERTS_KEPT)
            await pipe.execute()


def _field(alert: Alert) -> str:
    return f"{alert.kind}:{alert.ref_id}:{alert.network}"


def record_field(key: AlertKey) -> str:
    """Return the field of a profile's record of an alert."""
    kind, network = key
    return f"{ALERT}{kind}:{network}"


def _key(field: str) -> AlertKey:
    kind, _, network = field.removeprefix(ALERT).partition(":")
    return AlertKind(kind), network


def suffix(alert: Alert) -> str:
    """Return what tells an alert from the others of its profile, at the end of a field's name."""
    return f":{alert.kind}:{alert.network}"


def news_key(team: TeamId, ref_id: RefId) -> str:
    """Return the key of what a profile's people are still to be told."""
    return f"connectbot:{{{team}}}:news:{ref_id}"


def _alerts_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:alerts:{user}"


def _digest_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:digest:{user}"


def accounts_key(team: TeamId, ref_id: RefId) -> str:
    """Return the key of what is known of a profile's accounts."""
    return f"connectbot:{{{team}}}:accounts:{ref_id}"
