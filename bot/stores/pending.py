"""What waits for an admin's confirmation: `connectbot:{team}:pending:<id>`, JSON, for ten minutes.

A key that was typed lies in an envelope.
"""

import json
import secrets
from datetime import timedelta

from pydantic import TypeAdapter

from bot.assignments import PendingId, PendingMapping
from bot.deps import Envelopes
from bot.model import TeamId
from bot.stores.connection import Connection, Store, reaching_redis

WAITS = timedelta(minutes=10)
PURPOSE = "typed key"

_PENDING = TypeAdapter(PendingMapping)


class PendingStore(Store):
    """Hands out each record once."""

    def __init__(self, connection: Connection, envelopes: Envelopes) -> None:
        super().__init__(connection)
        self._envelopes = envelopes

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
    async def take(self, team: TeamId, pending: PendingId) -> PendingMapping | None:
        """Return it to the first who asks, if it is still kept; raise UnreadableSecret."""
        kept = await self._redis.getdel(_key(team, pending))
        if kept is None:
            return None
        record = json.loads(kept)
        if record["key"] is not None:
            record["key"] = self._envelopes.open(record["key"], team, pending, PURPOSE)
        return _PENDING.validate_python(record)


def _key(team: TeamId, pending: PendingId) -> str:
    return f"connectbot:{{{team}}}:pending:{pending}"
