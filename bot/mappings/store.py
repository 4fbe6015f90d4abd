"""What this feature keeps in Redis for a while; each record is JSON or a hash that expires.

`connectbot:{team}:pending:<id>` is a mapping that waits for its confirmation, a typed key in it sealed.
`connectbot:{team}:admin_request:<admin>` is the id of an admin's message of today about people who ask for a profile.
`connectbot:{team}:admin_message:<id>` is that message: who asked, what they got, and where it stands;
`connectbot:{team}:asked_for:<asker>` the set of those that name a person who has no profile yet.
`connectbot:{team}:departure:<user>` is a person who has left: the profiles that they had, and where the messages stand
in which admins were asked who takes over.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from bot.core.model import RefId, TeamId, UserId
from bot.mappings.model import (
    ADMIN_REQUEST_INTERVAL,
    PENDING_LIFE,
    REQUEST_KEPT,
    AdminRequest,
    Asker,
    Departure,
    PendingId,
    PendingMapping,
)
from bot.slack.model import MessageRef
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.envelope import KeyRing

PURPOSE = "typed key"
ASKER = "asker:"
"""How the fields of a message begin that have its people."""
PROFILES, MESSAGE = "profiles", "message:"
"""The fields of a person who has left; those with a message begin with the second."""

TAKE = """
local found = redis.call('GET', KEYS[1])
if not found or cjson.decode(found)['by'] ~= ARGV[1] then return false end
redis.call('DEL', KEYS[1])
return found
"""

_PENDING = TypeAdapter(PendingMapping)
_ASKER = TypeAdapter(Asker)


class PendingMappingStore(Store):
    """Mappings that wait for their confirmation; only the admin who entered one can read it."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._take = self._redis.register_script(TAKE)

    @redis_errors_mapped
    async def save(self, team: TeamId, pending: PendingMapping) -> PendingId:
        """Save a mapping and return its random id."""
        pending_id = PendingId(secrets.token_urlsafe(16))
        record = _PENDING.dump_python(pending, mode="json")
        if pending.key is not None:
            record["key"] = self._envelopes.seal(pending.key, team, pending_id, PURPOSE)
        await self._redis.set(_pending_key(team, pending_id), json.dumps(record), px=PENDING_LIFE)
        return pending_id

    @redis_errors_mapped
    async def get(self, team: TeamId, pending_id: PendingId, *, by: UserId) -> PendingMapping | None:
        """Return a mapping unless it expired or another admin entered it; raise UnreadableSecret."""
        found = await self._redis.get(_pending_key(team, pending_id))
        pending = self._opened(team, pending_id, str(found)) if found is not None else None
        return pending if pending is not None and pending.by == by else None

    @redis_errors_mapped
    async def take(self, team: TeamId, pending_id: PendingId, *, by: UserId) -> PendingMapping | None:
        """Return a mapping as `get` does and delete it, so that it is returned once."""
        found = await self._take(keys=[_pending_key(team, pending_id)], args=[by])
        return self._opened(team, pending_id, str(found)) if found is not None else None

    def _opened(self, team: TeamId, pending_id: PendingId, found: str) -> PendingMapping:
        record = json.loads(found)
        if record["key"] is not None:
            record["key"] = self._envelopes.open(record["key"], team, pending_id, PURPOSE)
        return _PENDING.validate_python(record)


class AdminRequestStore(Store):
    """The people who asked an admin for a profile, and the messages that name them."""

    @redis_errors_mapped
    async def add(self, team: TeamId, admin: UserId, asker: Asker) -> AdminRequest:
        """Add an asker to an admin's message of today, which is new if they are the first; return it."""
        new, today = secrets.token_hex(8), f"connectbot:{{{team}}}:admin_request:{admin}"
        found = await self._redis.set(today, new, nx=True, px=ADMIN_REQUEST_INTERVAL, get=True)
        request_id = str(found or new)
        key, asked = _message_key(team, request_id), _asked_key(team, asker.user)
        async with self.connection.transaction() as pipe:
            pipe.sadd(asked, request_id)
            pipe.pexpire(asked, REQUEST_KEPT)
            for field, value in (
                ("admin", admin),
                ("mark", _mark()),
                (f"{ASKER}{asker.user}", _ASKER.dump_json(asker)),
            ):
                pipe.hsetnx(key, field, value)
            pipe.pexpire(key, REQUEST_KEPT)
            await pipe.execute()
        return _request(request_id, await self._redis.hgetall(key))

    @redis_errors_mapped
    async def get(self, team: TeamId, request_id: str) -> AdminRequest | None:
        """Return a message, if it is still stored."""
        record = await self._redis.hgetall(_message_key(team, request_id))
        return _request(request_id, record) if "admin" in record else None

    @redis_errors_mapped
    async def naming(self, team: TeamId, asker: UserId) -> tuple[str, ...]:
        """Return the ids of the messages that name a person who has no profile yet."""
        return tuple(sorted(map(str, await self._redis.smembers(_asked_key(team, asker)))))

    @redis_errors_mapped
    async def serve(self, team: TeamId, request_id: str, asker: Asker) -> None:
        """Write into a message what an asker got."""
        async with self.connection.transaction() as pipe:
            pipe.hset(_message_key(team, request_id), f"{ASKER}{asker.user}", _ASKER.dump_json(asker))
            pipe.pexpire(_message_key(team, request_id), REQUEST_KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def forget(self, team: TeamId, asker: UserId) -> None:
        """Forget which messages name a person: all of them say what they got."""
        await self._redis.delete(_asked_key(team, asker))

    @redis_errors_mapped
    async def save_message(self, team: TeamId, request_id: str, message: MessageRef) -> None:
        """Save where the message is."""
        await self._redis.hset(_message_key(team, request_id), mapping={"channel": message.channel, "ts": message.ts})

    @redis_errors_mapped
    async def begin_anew(self, team: TeamId, request_id: str) -> str:
        """Give the message, which the admin has deleted, another mark, and return that."""
        mark = _mark()
        await self._redis.hset(_message_key(team, request_id), "mark", mark)
        return mark


class DepartureStore(Store):
    """The people who have left with profiles, and the messages that ask who takes over."""

    @redis_errors_mapped
    async def add(
        self, team: TeamId, user: UserId, ref_ids: Sequence[RefId], message_id: str, message: MessageRef
    ) -> None:
        """Note the profiles that a person had, unless they are noted already, and where a message about it stands."""
        key = _departure_key(team, user)
        async with self.connection.transaction() as pipe:
            pipe.hsetnx(key, PROFILES, json.dumps(list(ref_ids)))
            pipe.hset(key, f"{MESSAGE}{message_id}", json.dumps([message.channel, message.ts]))
            pipe.pexpire(key, REQUEST_KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def get(self, team: TeamId, user: UserId) -> Departure | None:
        """Return what is noted of a person who has left, if admins were asked."""
        record = {str(field): value for field, value in (await self._redis.hgetall(_departure_key(team, user))).items()}
        if PROFILES not in record:
            return None
        messages = {
            field.removeprefix(MESSAGE): MessageRef(*json.loads(value))
            for field, value in record.items()
            if field.startswith(MESSAGE)
        }
        return Departure(tuple(map(RefId, json.loads(record[PROFILES]))), messages)


def _request(request_id: str, record: Mapping[Any, Any]) -> AdminRequest:
    place = (record.get("channel"), record.get("ts"))
    message = MessageRef(*map(str, place)) if all(place) else None
    askers = tuple(_ASKER.validate_json(record[field]) for field in sorted(record) if field.startswith(ASKER))
    return AdminRequest(request_id, UserId(str(record["admin"])), askers, str(record["mark"]), message)


def _mark() -> str:
    return f"admin_request:{secrets.token_hex(8)}"


def _pending_key(team: TeamId, pending_id: PendingId) -> str:
    return f"connectbot:{{{team}}}:pending:{pending_id}"


def _message_key(team: TeamId, request_id: str) -> str:
    return f"connectbot:{{{team}}}:admin_message:{request_id}"


def _asked_key(team: TeamId, asker: UserId) -> str:
    return f"connectbot:{{{team}}}:asked_for:{asker}"


def _departure_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:departure:{user}"
