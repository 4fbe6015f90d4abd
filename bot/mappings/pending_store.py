"""What waits for an admin's confirmation: `connectbot:{team}:pending:<id>`, JSON, for ten minutes.

A key that was typed lies in an envelope.
"""

import json
import secrets
from datetime import timedelta

from pydantic import TypeAdapter

from bot.core.model import TeamId, UserId
from bot.mappings.model import PendingId, PendingMapping
from bot.storage.connection import Connection, Store, reaching_redis
from bot.storage.envelope import KeyRing

WAITS = timedelta(minutes=10)
PURPOSE = "typed key"

TAKE = """
local kept = redis.call('GET', KEYS[1])
if not kept or cjson.decode(kept)['by'] ~= ARGV[1] then return false end
redis.call('DEL', KEYS[1])
return kept
"""

_PENDING = TypeAdapter(PendingMapping)


class PendingMappingStore(Store):
    """Hands out each record once, and only to whom it belongs."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._take = self._redis.register_script(TAKE)

    @reaching_redis
    async def keep(self, team: TeamId, pending: PendingMapping) -> PendingId:
        """Keep it and return its name, which tells nothing."""
        pending_id = PendingId(secrets.token_urlsafe(16))
        record = _PENDING.dump_python(pending, mode="json")
        if pending.key is not None:
            record["key"] = self._envelopes.seal(pending.key, team, pending_id, PURPOSE)
        await self._redis.set(_key(team, pending_id), json.dumps(record), px=WAITS)
        return pending_id

    @reaching_redis
    async def look(self, team: TeamId, pending: PendingId, *, by: UserId) -> PendingMapping | None:
        """Return it and go on keeping it, if it is still kept and was entered by that admin; raise UnreadableSecret."""
        kept = await self._redis.get(_key(team, pending))
        found = self._opened(team, pending, str(kept)) if kept is not None else None
        return found if found is not None and found.by == by else None

    @reaching_redis
    async def take(self, team: TeamId, pending: PendingId, *, by: UserId) -> PendingMapping | None:
        """Return it likewise, once."""
        kept = await self._take(keys=[_key(team, pending)], args=[by])
        return self._opened(team, pending, str(kept)) if kept is not None else None

    def _opened(self, team: TeamId, pending: PendingId, kept: str) -> PendingMapping:
        record = json.loads(kept)
        if record["key"] is not None:
            record["key"] = self._envelopes.open(record["key"], team, pending, PURPOSE)
        return _PENDING.validate_python(record)


def _key(team: TeamId, pending: PendingId) -> str:
    return f"connectbot:{{{team}}}:pending:{pending}"
