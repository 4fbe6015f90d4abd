"""Profiles: `connectbot:{team}:profiles`, a hash of ref_id to JSON with the title and the sealed key. Permanent."""

import json

from bot.deps import Envelopes
from bot.model import Profile, RefId, TeamId
from bot.stores.connection import Connection, Store, reaching_redis

PURPOSE = "profile key"


class ProfileStore(Store):
    """Keeps each profile once per team, whoever looks after it."""

    def __init__(self, connection: Connection, envelopes: Envelopes) -> None:
        super().__init__(connection)
        self._envelopes = envelopes

    @reaching_redis
    async def save(self, team: TeamId, profile: Profile) -> None:
        """Keep a profile, in place of an earlier record of the same one."""
        sealed = self._envelopes.seal(profile.key, team, profile.ref_id, PURPOSE)
        record = json.dumps({"title": profile.title, "key": sealed})
        await self._redis.hset(_key(team), profile.ref_id, record)

    @reaching_redis
    async def get(self, team: TeamId, *ref_ids: RefId) -> tuple[Profile, ...]:
        """Return those of the profiles that are known, in the order asked for; raise UnreadableSecret."""
        if not ref_ids:
            return ()
        records = await self._redis.hmget(_key(team), list(ref_ids))
        return tuple(
            self._opened(team, ref_id, json.loads(record))
            for ref_id, record in zip(ref_ids, records, strict=True)
            if record is not None
        )

    @reaching_redis
    async def titles(self, team: TeamId) -> dict[RefId, str]:
        """Return all profiles' titles, without touching a key."""
        records = await self._redis.hgetall(_key(team))
        return {RefId(str(ref_id)): json.loads(record)["title"] for ref_id, record in records.items()}

    def _opened(self, team: TeamId, ref_id: RefId, record: dict[str, str]) -> Profile:
        key = self._envelopes.open(record["key"], team, ref_id, PURPOSE)
        return Profile(ref_id=ref_id, title=record["title"], key=key)


def _key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:profiles"
