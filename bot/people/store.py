"""What is remembered of a workspace's people and user groups. Nothing in it is secret; addresses are not kept.

People: `connectbot:{team}:people`, a hash of user to `<moment> <how> <membership> <rights> <zone>`. The moment is in
milliseconds: when Slack was asked, or told. `how` is `asked`, or `told` by an event, which may be late.

Reading: `connectbot:{team}:people_read`, JSON on how far everybody has been read. Group:
`connectbot:{team}:usergroup:<id>`, JSON with its members.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from bot.core.model import Membership, Person, TeamId, UserId
from bot.storage.connection import Connection, Store, moment_of, redis_errors_mapped, span_ms
from bot.storage.damage import Shape

KEPT = timedelta(days=7)
ASKED, TOLD = "asked", "told"
RIGHTS = {(False, False): "-", (True, False): "admin", (True, True): "owner"}

# Stores what an event told, and what Slack was asked, unless a newer record is there or one told in the same
# millisecond. One that is a minute ahead was written by a clock that was off. Returns the users whose membership or
# rights are others than before.
SAVE = """
local changed = {}
for i = 2, #ARGV, 2 do
  local user, record = ARGV[i], ARGV[i + 1]
  local stored = redis.call('HGET', KEYS[1], user)
  local ahead = stored and tonumber(string.match(stored, '^%d+')) - tonumber(string.match(record, '^%d+')) or -1
  local told, was_told = string.match(record, '^%d+ told'), stored and string.match(stored, '^%d+ told')
  if told or ahead < 0 or ahead > 60000 or (ahead == 0 and not was_told) then
    redis.call('HSET', KEYS[1], user, record)
    local standing = '^%d+ %a+ (%S+ %S+)'
    if stored and string.match(stored, standing) ~= string.match(record, standing) then
      changed[#changed + 1] = user
    end
  end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return changed
"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of a person: since when, and whether Slack was asked (else an event told)."""

    person: Person
    at: datetime
    asked: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """How far everybody has been read: where to go on, when it began and ended, and who the primary owner is."""

    cursor: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    owner: UserId | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The members of a user group, none if Slack doesn't know it, as of a moment."""

    at: datetime
    members: frozenset[UserId] = field(default_factory=frozenset)


_READING, _GROUP = TypeAdapter(Reading), TypeAdapter(Group)


class PeopleStore(Store):
    """Keeps what Slack said of people and groups."""

    shapes = (
        Shape("people", "hash", lambda user, record: read_person(UserId(user), record)),
        Shape("people_read", "string", lambda _, record: _READING.validate_json(record)),
    )

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._save = self._redis.register_script(SAVE)

    @redis_errors_mapped
    async def get(self, team: TeamId, user: UserId) -> Remembered | None:
        """Return what is remembered of a person."""
        record = await self._redis.hget(people_key(team), user)
        return read_person(user, str(record)) if record else None

    @redis_errors_mapped
    async def get_all(self, team: TeamId, users: Sequence[UserId]) -> dict[UserId, Remembered]:
        """Return what is remembered of people; those of whom nothing is are left out."""
        if not users:
            return {}
        records = await self._redis.hmget(people_key(team), list(users))
        return {user: read_person(user, str(one)) for user, one in zip(users, records, strict=True) if one}

    @redis_errors_mapped
    async def save(
        self, team: TeamId, people: Iterable[Person], *, at: datetime, asked: bool = True
    ) -> tuple[UserId, ...]:
        """Remember people as Slack showed them at a moment; return those who are something else than before."""
        records = [text for person in people for text in (person.id, _record(person, at, ASKED if asked else TOLD))]
        if not records:
            return ()
        changed = await self._save(keys=[people_key(team)], args=[span_ms(KEPT), *records])
        return tuple(map(UserId, changed))

    @redis_errors_mapped
    async def zones(self, team: TeamId) -> Counter[str]:
        """Count the members in each time zone, as far as they are remembered."""
        records = [str(record).split(" ", 4) for record in await self._redis.hvals(people_key(team))]
        return Counter(zone for _, _, membership, _, zone in records if membership == Membership.MEMBER and zone)

    @redis_errors_mapped
    async def reading(self, team: TeamId) -> Reading:
        """Return how far everybody has been read."""
        stored = await self._redis.get(_reading_key(team))
        return _READING.validate_json(stored) if stored else Reading()

    @redis_errors_mapped
    async def save_reading(self, team: TeamId, reading: Reading) -> None:
        """Remember how far everybody has been read."""
        await self._redis.set(_reading_key(team), json.dumps(_READING.dump_python(reading, mode="json")), px=KEPT)

    @redis_errors_mapped
    async def group(self, team: TeamId, group: str) -> Group | None:
        """Return what is remembered of a user group."""
        stored = await self._redis.get(_group_key(team, group))
        return _GROUP.validate_json(stored) if stored else None

    @redis_errors_mapped
    async def forget_group(self, team: TeamId, group: str) -> None:
        """Forget a user group, so that Slack is asked."""
        await self._redis.delete(_group_key(team, group))

    @redis_errors_mapped
    async def save_group(self, team: TeamId, group: str, members: Group, *, life: timedelta) -> None:
        """Remember a user group."""
        await self._redis.set(_group_key(team, group), json.dumps(_GROUP.dump_python(members, mode="json")), px=life)


def _record(person: Person, at: datetime, how: str) -> str:
    rights = RIGHTS[person.is_admin, person.is_primary_owner]
    asked_at = math.floor(at.timestamp() * 1000)  # rounded down, so that it is never ahead
    return f"{asked_at} {how} {person.membership} {rights} {person.zone}"


def read_person(user: UserId, record: str) -> Remembered:
    """Return what a record says of a person."""
    at, how, membership, rights, zone = record.split(" ", 4)
    person = Person(
        user,
        Membership(membership),
        is_admin=rights in {"admin", "owner"},
        is_primary_owner=rights == "owner",
        zone=zone,
    )
    return Remembered(person, moment_of(at), asked=how == ASKED)


def people_key(team: TeamId) -> str:
    """Return the key of a workspace's hash."""
    return f"connectbot:{{{team}}}:people"


def _reading_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:people_read"


def _group_key(team: TeamId, group: str) -> str:
    return f"connectbot:{{{team}}}:usergroup:{group}"
