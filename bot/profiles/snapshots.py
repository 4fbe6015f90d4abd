"""Snapshots: `connectbot:{team}:snapshots`, a hash of ref_id to a kind, `|` and JSON `{"at": …, "accounts": [[…], …]}`.

An account is `[network, name, refresh_by, needs_attention]`, moments are seconds. The kind stands in front so that
10,000 can be told apart without decoding them. Permanent, one short record for each profile in `profiles`: the Home tab
and the list draw from it before, and also without, an answer of Ayrshare's. Nothing in it is secret.
"""

import json
from datetime import UTC, datetime
from typing import Any

from bot.ayrshare.model import Account
from bot.core.model import RefId, TeamId
from bot.profiles.model import ProfileHealth, Snapshot
from bot.storage.connection import Connection, Store, reaching_redis

# Of two looks at once the one that was begun later is kept, whichever ends first.
KEEP = """
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if kept and cjson.decode(string.match(kept, '|(.*)')).at > tonumber(ARGV[2]) then return end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
"""


class SnapshotStore(Store):
    """Keeps what was last seen of each profile."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._keep = self._redis.register_script(KEEP)

    @reaching_redis
    async def keep(self, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> None:
        """Keep what was seen, unless something newer is known."""
        accounts = [_written(account) for account in snapshot.accounts]
        at = snapshot.at.timestamp()
        record = f"{snapshot.health}|{json.dumps({'at': at, 'accounts': accounts})}"
        args: list[str | float] = [ref_id, at, record]
        await self._keep(keys=[_key(team)], args=args)

    @reaching_redis
    async def of(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, Snapshot]:
        """Return what was last seen of those of the profiles that were ever looked at."""
        if not ref_ids:
            return {}
        records = await self._redis.hmget(_key(team), list(ref_ids))
        found = zip(ref_ids, records, strict=True)
        return {ref_id: _snapshot(str(record)) for ref_id, record in found if record is not None}

    @reaching_redis
    async def kinds(self, team: TeamId) -> dict[RefId, str]:
        """Tell of every profile that was ever looked at which kind it is, as a word of `Kind`."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.hkeys(_key(team))
        pipe.hvals(_key(team))
        ref_ids, records = await pipe.execute()
        return {RefId(ref_id): record.partition("|")[0] for ref_id, record in zip(ref_ids, records, strict=True)}


def _key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:snapshots"


def _written(account: Account) -> list[Any]:
    by = account.refresh_by
    return [account.network, account.name, by and by.timestamp(), account.needs_attention]


def _snapshot(kept: str) -> Snapshot:
    kind, _, told = kept.partition("|")
    record = json.loads(told)
    accounts = tuple(
        Account(network, name, None if by is None else _moment(by), needs_attention)
        for network, name, by, needs_attention in record["accounts"]
    )
    return Snapshot(_moment(record["at"]), accounts, stale=kind == ProfileHealth.STALE)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
