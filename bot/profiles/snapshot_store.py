"""Snapshots of profiles' accounts, and which accounts dropped.

Snapshots: `connectbot:{team}:snapshots`, a hash of ref_id to the profile's health, `|` and JSON
`{"at": …, "accounts": [[…], …]}`. An account is `[network, name, refresh_by, needs_attention]`, moments are seconds.
The health stands in front so that 10,000 profiles can be filtered without decoding them. Permanent, one short record
for each profile: Home and lists show it before Ayrshare answers, or when it doesn't. Nothing in it is secret.

Accounts that dropped: `connectbot:{team}:disconnected`, a hash of ref_id to JSON of network to
`{"since": …, "name": …, "reason": …}`, with `"hidden"` if an admin dismissed it or its own people took it off, and with
`"undone"` if it was the wrong account, of which Ayrshare tells as of one that its own people took off. An entry goes
when the network is connected again.
"""

import asyncio
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.ayrshare.model import Account
from bot.core.model import RefId, TeamId, UserId
from bot.events.model import SEND_EVENT, new_id
from bot.people.audit import ROWS, AuditRow, audit_key, audit_parts
from bot.profiles.model import CHANGE_SEEN, SEEN_AFTER, Disconnected, ProfileHealth, Snapshot
from bot.profiles.snapshot_scripts import HIDE_DROPPED, NOTE_DROPPED, SAVE_SNAPSHOT
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import Job
from bot.scheduling.queue import job_entry, queue_key
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped
from bot.storage.damage import Shape

HEALTH = {str(health): health for health in ProfileHealth}
NEVER_SEEN = '|{"at": 0, "accounts": []}'


class SnapshotStore(Store):
    """Stores the newest snapshot of each profile, and which of its accounts dropped until they are back."""

    shapes = (
        Shape("snapshots", "hash", lambda _, record: _snapshot(record, ())),
        Shape("disconnected", "hash", lambda _, record: _dropped(record)),
    )

    def __init__(self, connection: Connection, *, events: bool = False) -> None:
        super().__init__(connection)
        self._events = events
        register = self._redis.register_script
        self._save, self._note, self._hide = map(register, (SAVE_SNAPSHOT, NOTE_DROPPED, HIDE_DROPPED))

    @redis_errors_mapped
    async def save(self, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> bool:
        """Store a snapshot, unless a newer one is stored; what it lacks of the stored one has dropped.

        Return whether it tells anything new, such as what events were planned for: `Scheduler.wake` has to follow then.
        """
        accounts = [_fields(account) for account in snapshot.accounts]
        at, lost = snapshot.at.timestamp(), {one.network: _dropped_fields(one) for one in snapshot.lost}
        due = {account.network for account in snapshot.accounts if account.needs_attention}
        current = {one.network: one.network not in due for one in snapshot.accounts if one.network not in lost}
        record = f"{snapshot.health}|{json.dumps({'at': at, 'accounts': accounts})}"
        accounts_now = "" if snapshot.stale else json.dumps(current)
        args: list[str | float] = [
            ref_id,
            at,
            record,
            accounts_now,
            json.dumps(lost),
            self._telling(ref_id, snapshot.at),
        ]
        keys = [snapshots_key(team), dropped_key(team), *self._job_keys(team)]
        return bool(await self._save(keys=keys, args=args))

    @redis_errors_mapped
    async def note_dropped(self, team: TeamId, ref_id: RefId, account: Disconnected, *, undone: bool = False) -> bool:
        """Note that an account dropped, as Ayrshare told, or was `undone` as a wrong one; return what `save` does."""
        fields = _dropped_fields(account) | ({"undone": True} if undone else {})
        args = [ref_id, account.network, json.dumps(fields), self._telling(ref_id, account.since)]
        keys = [dropped_key(team), snapshots_key(team), *self._job_keys(team)]
        return bool(await self._note(keys=keys, args=args))

    def _telling(self, ref_id: RefId, at: datetime) -> str:
        """Return what TELL needs."""
        event = {"job": SEND_EVENT, "id": new_id(), "due": moment_ms(at)} if self._events else {}
        seen = {"seen": job_entry(Job(CHANGE_SEEN, ref_id)), "seen_due": moment_ms(at + SEEN_AFTER)}
        return json.dumps(event | seen)

    def _job_keys(self, team: TeamId) -> list[str]:
        return [queue_key(team)] if self.connection.clustered else [queue_key(team), DUE]

    @redis_errors_mapped
    async def hide_dropped(
        self, team: TeamId, ref_id: RefId, network: str, *, at: datetime, audit: AuditRow | None = None
    ) -> bool:
        """Stop showing that an account dropped, until it has been back; return False if it was hidden already."""
        fields = audit_parts(audit) if audit else []
        args: list[str | float] = [ref_id, network, at.timestamp(), audit.by if audit else "", ROWS, *fields]
        return bool(await self._hide(keys=[dropped_key(team), audit_key(team)], args=args))

    @redis_errors_mapped
    async def of(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, Snapshot]:
        """Return the snapshots of these profiles; a profile without one is left out."""
        if not ref_ids:
            return {}
        asked = (self._redis.hmget(key, list(ref_ids)) for key in (snapshots_key(team), dropped_key(team)))
        found = zip(ref_ids, *await asyncio.gather(*asked), strict=True)
        return {
            ref_id: _snapshot(str(record), _dropped(dropped)) for ref_id, record, dropped in found if record is not None
        }

    @redis_errors_mapped
    async def hidden(self, team: TeamId, ref_id: RefId) -> set[str]:
        """Return the networks that dropped from a profile and aren't shown."""
        record = await self._redis.hget(dropped_key(team), ref_id)
        return {network for network, one in json.loads(record or "{}").items() if one.get("hidden")}

    @redis_errors_mapped
    async def dismissed_by(self, team: TeamId, ref_id: RefId, network: str) -> UserId | None:
        """Return the admin who dismissed an account that dropped, if one did."""
        record = await self._redis.hget(dropped_key(team), ref_id)
        by = json.loads(record or "{}").get(network, {}).get("by")
        return UserId(by) if by else None

    @redis_errors_mapped
    async def health(self, team: TeamId) -> dict[RefId, ProfileHealth]:
        """Return the health of every profile that has a snapshot or a disconnected account."""
        transaction = self.connection.transaction()
        transaction.hkeys(snapshots_key(team))
        transaction.hvals(snapshots_key(team))
        ref_ids, records = await transaction.execute()
        return _health(dict(zip(ref_ids, records, strict=True)), await self.dropped(team))

    @redis_errors_mapped
    async def health_of(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, ProfileHealth]:
        """Return the health of these profiles, as `health` does."""
        if not ref_ids:
            return {}
        asked = (self._redis.hmget(key, list(ref_ids)) for key in (snapshots_key(team), dropped_key(team)))
        records, dropped = await asyncio.gather(*asked)
        seen = {ref_id: str(record) for ref_id, record in zip(ref_ids, records, strict=True) if record is not None}
        lost = [ref_id for ref_id, one in zip(ref_ids, dropped, strict=True) if one is not None and _dropped(str(one))]
        return _health(seen, lost)

    @redis_errors_mapped
    async def dropped(self, team: TeamId) -> dict[RefId, tuple[Disconnected, ...]]:
        """Return the accounts that dropped, by profile; profiles without any are left out."""
        records = await self._redis.hgetall(dropped_key(team))
        found = {RefId(str(ref_id)): _dropped(str(record)) for ref_id, record in records.items()}
        return {ref_id: accounts for ref_id, accounts in found.items() if accounts}


def _health(seen: Mapping[RefId, str], dropped: Collection[RefId]) -> dict[RefId, ProfileHealth]:
    """Return the health by the records of snapshots, and by which profiles have disconnected accounts."""
    health = {ref_id: HEALTH[record.partition("|")[0]] for ref_id, record in seen.items()}
    lost = {ref_id for ref_id in dropped if health.get(ref_id) is not ProfileHealth.STALE}
    return health | dict.fromkeys(lost, ProfileHealth.DISCONNECTED)


def dropped_key(team: TeamId) -> str:
    """Return the key of what dropped in a workspace."""
    return f"connectbot:{{{team}}}:disconnected"


def snapshots_key(team: TeamId) -> str:
    """Return the key of a workspace's snapshots."""
    return f"connectbot:{{{team}}}:snapshots"


def _fields(account: Account) -> list[Any]:
    refresh_by = account.refresh_by
    return [account.network, account.name, refresh_by and refresh_by.timestamp(), account.needs_attention]


def _dropped_fields(account: Disconnected) -> dict[str, Any]:
    return {"since": account.since.timestamp(), "name": account.name, "reason": account.reason}


def _snapshot(stored: str, disconnected: tuple[Disconnected, ...]) -> Snapshot:
    health, _, text = stored.partition("|")
    record = json.loads(text)
    accounts = tuple(
        Account(network + "", name and name + "", None if refresh_by is None else _moment(refresh_by), needs_attention)
        for network, name, refresh_by, needs_attention in record["accounts"]
    )
    stale = health == ProfileHealth.STALE
    return Snapshot(_moment(record["at"]), accounts, stale=stale, disconnected=disconnected)


def read_snapshot(seen: str | None, dropped: str | None) -> Snapshot | None:
    """Return what was last seen of a profile, from its two records, of which one may be missing."""
    return _snapshot(seen or NEVER_SEEN, _dropped(dropped)) if seen or dropped else None


def _dropped(record: str | None) -> tuple[Disconnected, ...]:
    noted = json.loads(record or "{}")
    return tuple(
        Disconnected(network, one["name"] + "", _moment(one["since"]), one["reason"])
        for network, one in sorted(noted.items())
        if not one.get("hidden")
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
