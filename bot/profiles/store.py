"""Profiles: `connectbot:{team}:profiles`, a hash of ref_id to JSON with the title and the sealed key. Permanent."""

import json
from contextlib import suppress

from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId
from bot.storage.connection import Connection, Store, reaching_redis
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

PURPOSE = "profile key"


class ProfileStore(Store):
    """Keeps each profile once per team, whoever looks after it."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes

    @reaching_redis
    async def save(self, team: TeamId, profile: Profile) -> None:
        """Keep a profile, in place of an earlier record of the same one."""
        await self._redis.hset(profiles_key(team), profile.ref_id, self.record(team, profile))

    def record(self, team: TeamId, profile: Profile) -> str:
        """Return what is kept of a profile, its key sealed."""
        sealed = self._envelopes.seal(profile.key, team, profile.ref_id, PURPOSE)
        return json.dumps({"title": profile.title, "key": sealed})

    @reaching_redis
    async def get(self, team: TeamId, *ref_ids: RefId) -> tuple[Profile, ...]:
        """Return those of the profiles that are known, in the order asked for; raise UnreadableSecret."""
        if not ref_ids:
            return ()
        records = await self._redis.hmget(profiles_key(team), list(ref_ids))
        return tuple(
            self._opened(team, ref_id, json.loads(record))
            for ref_id, record in zip(ref_ids, records, strict=True)
            if record is not None
        )

    async def titles(self, team: TeamId) -> dict[RefId, str]:
        """Return all profiles' titles, without touching a key."""
        return {ref_id: record["title"] for ref_id, record in (await self._records(team)).items()}

    async def readable(self, team: TeamId) -> tuple[Profile, ...]:
        """Return all profiles but those whose keys can't be opened."""
        profiles = []
        for ref_id, record in (await self._records(team)).items():
            with suppress(UnreadableSecret):
                profiles.append(self._opened(team, ref_id, record))
        return tuple(profiles)

    @reaching_redis
    async def _records(self, team: TeamId) -> dict[RefId, dict[str, str]]:
        records = await self._redis.hgetall(profiles_key(team))
        return {RefId(str(ref_id)): json.loads(record) for ref_id, record in records.items()}

    def _opened(self, team: TeamId, ref_id: RefId, record: dict[str, str]) -> Profile:
        key = self._envelopes.open(record["key"], team, ref_id, PURPOSE)
        return Profile(ref_id=ref_id, title=record["title"], key=key)


def profiles_key(team: TeamId) -> str:
    """Return the key of a workspace's hash; `*` for the team makes the pattern of all."""
    return f"connectbot:{{{team}}}:profiles"
