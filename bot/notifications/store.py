"""News: `connectbot:{team}:news:<user>`, a hash of what waits to be told somebody, with `due` (milliseconds) beside it.

`connectbot:{team}:parcel:<user>` is the message that is on its way to them, JSON. `connectbot:{team}:watched:<ref_id>`
is a hash of what is known of a profile: `linked:<network>` with whose account it is, and `told:<what>:<network>` with
JSON of when that was news, so that the same is never news twice. All of them go two months after the last change; the
daily sweep renews those of profiles that are still looked after.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from bot.core.model import RefId, TeamId, UserId
from bot.notifications.model import Alert, AlertKind, AlertRecord, Digest, Subject, Watched
from bot.storage.connection import Connection, Store, moment_ms, reaching_redis, span_ms

KEPT = timedelta(days=60)
DUE = "due"
LINKED, TOLD = "linked:", "told:"

# What nobody was told yet waits for everybody. Who has anything waiting is returned with when it is due; what is
# already due, or due earlier, stays so: a second piece of news must not put off the first.
NOTE = """
local fresh = {}
for i = 3, #ARGV, 4 do
  if redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) == 1 then table.insert(fresh, i + 2) end
end
if #ARGV > 2 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local answer = {#fresh}
for k = 2, #KEYS do
  for _, i in ipairs(fresh) do redis.call('HSET', KEYS[k], ARGV[i], ARGV[i + 1]) end
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

# A parcel that is on its way stays as it is; what came after it was packed waits for the next.
PACK = """
local under_way = redis.call('GET', KEYS[2])
if under_way then return under_way end
for i = 3, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
if redis.call('HLEN', KEYS[1]) == redis.call('HEXISTS', KEYS[1], 'due') then redis.call('DEL', KEYS[1]) end
if ARGV[1] ~= '' then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2]) end
return ARGV[1]
"""

_ALERT = TypeAdapter(Alert)
_PARCEL = TypeAdapter(Digest)
_TOLD = TypeAdapter(AlertRecord)


class NotificationStore(Store):
    """Keeps what waits to be told whom, and what was news of each profile."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._note = self._redis.register_script(NOTE)
        self._pack = self._redis.register_script(PACK)

    @reaching_redis
    async def note(
        self, team: TeamId, ref_id: RefId, alerts: Sequence[Alert], users: Sequence[UserId], *, due: datetime | None
    ) -> dict[UserId, datetime | None]:
        """Let what was never news of a profile wait for people; return for whom anything waits, and until when.

        Without a moment what waits isn't due yet, unless something else was before.
        """
        keys = [_watched_key(team, ref_id), *(_news_key(team, user) for user in users)]
        args: list[str | int] = [span_ms(KEPT), "" if due is None else str(moment_ms(due))]
        for alert in alerts:
            told = AlertRecord(alert.at, alert.by)
            args += [_told_field((alert.kind, alert.network)), _TOLD.dump_json(told).decode()]
            args += [_field(alert), _ALERT.dump_json(alert).decode()]
        _, *dues = await self._note(keys=keys, args=args)
        return {user: _moment(at) for user, at in zip(users, dues, strict=True)}

    @reaching_redis
    async def waiting(self, team: TeamId, user: UserId) -> tuple[Alert, ...]:
        """Return what waits for somebody, the oldest first."""
        kept = await self._redis.hgetall(_news_key(team, user))
        alerts = [_ALERT.validate_json(record) for field, record in kept.items() if field != DUE]
        return tuple(sorted(alerts, key=lambda alert: alert.at))

    @reaching_redis
    async def digest(self, team: TeamId, user: UserId) -> Digest | None:
        """Return the message that is on its way to somebody."""
        kept = await self._redis.get(_parcel_key(team, user))
        return _PARCEL.validate_json(kept) if kept else None

    @reaching_redis
    async def pack(self, team: TeamId, user: UserId, seen: Iterable[Alert], parcel: Digest | None) -> Digest | None:
        """Let what was seen wait no longer, and put a parcel on its way; return the one that is on its way now."""
        record = _PARCEL.dump_json(parcel).decode() if parcel else ""
        keys = [_news_key(team, user), _parcel_key(team, user)]
        kept = await self._pack(keys=keys, args=[record, span_ms(KEPT), *map(_field, seen)])
        return _PARCEL.validate_json(kept) if kept else None

    @reaching_redis
    async def arrived(self, team: TeamId, user: UserId) -> None:
        """Forget the parcel that was on its way."""
        await self._redis.delete(_parcel_key(team, user))

    @reaching_redis
    async def watched(self, team: TeamId, ref_id: RefId) -> Watched:
        """Return what is known of a profile."""
        records = await self._redis.hgetall(_watched_key(team, ref_id))
        kept = [(str(field), str(record)) for field, record in records.items()]
        linked = {field.removeprefix(LINKED): name for field, name in kept if field.startswith(LINKED)}
        told = {_subject(field): _TOLD.validate_json(record) for field, record in kept if field.startswith(TOLD)}
        return Watched(linked, told)

    @reaching_redis
    async def watch(
        self, team: TeamId, ref_id: RefId, linked: Mapping[str, str], *, gone: Iterable[str], over: Iterable[Subject]
    ) -> None:
        """Keep what is linked to a profile, what is `gone`, and which news of it are over."""
        key = _watched_key(team, ref_id)
        fields = [part for network, name in linked.items() for part in (f"{LINKED}{network}", name)]
        dropped = [*(f"{LINKED}{network}" for network in gone), *map(_told_field, over)]
        async with self._redis.pipeline(transaction=True) as pipe:
            if dropped:
                pipe.hdel(key, *dropped)
            if fields:
                pipe.hset(key, items=fields)
            pipe.pexpire(key, KEPT)
            await pipe.execute()


def _field(alert: Alert) -> str:
    return f"{alert.kind}:{alert.ref_id}:{alert.network}"


def _told_field(subject: Subject) -> str:
    what, network = subject
    return f"{TOLD}{what}:{network}"


def _subject(field: str) -> Subject:
    what, _, network = field.removeprefix(TOLD).partition(":")
    return AlertKind(what), network


def _moment(milliseconds: str | bytes) -> datetime | None:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None


def _news_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:news:{user}"


def _parcel_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:parcel:{user}"


def _watched_key(team: TeamId, ref_id: RefId) -> str:
    return f"connectbot:{{{team}}}:watched:{ref_id}"
