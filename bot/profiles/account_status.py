"""The accounts connected to a profile: read from Ayrshare, and saved as a snapshot for Home and lists."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from bot.ayrshare.errors import ProfileGone
from bot.ayrshare.model import Account, ConnectedAccounts, Profile
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.profiles.model import FRESH_FOR, REFRESH_TIMEOUT, Row, Snapshot, Viewer
from bot.storage.errors import StoreUnavailable, UnreadableSecret

TOO_SLOW = "Ayrshare is taking its time."

log = structlog.get_logger()


async def accounts_of(deps: Deps, team: TeamId, profile: Profile) -> ConnectedAccounts:
    """Read a profile's accounts from Ayrshare and save a snapshot; raise AyrshareError."""
    asked_at = deps.clock.now()
    try:
        connected = await deps.ayrshare.accounts(profile.key)
    except ProfileGone:
        await _save(deps, team, profile.ref_id, Snapshot(asked_at, stale=True))
        raise
    accounts = tuple(map(_to_whole_days, connected.accounts))
    await _save(deps, team, profile.ref_id, Snapshot(asked_at, accounts))
    return connected


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """Whether Ayrshare was asked; `trouble` is a sentence on what failed, `unreadable` one on each unreadable key."""

    asked: bool = True
    trouble: str = ""
    unreadable: Mapping[RefId, str] = field(default_factory=dict)


async def refresh_snapshots(deps: Deps, viewer: Viewer, rows: Sequence[Row]) -> RefreshResult:
    """Refresh the rows whose snapshots are missing or no longer fresh, unless the viewer has reached the limit."""
    now = deps.clock.now()
    due = {row.ref_id for row in rows if row.known and not (row.snapshot and now - row.snapshot.at < FRESH_FOR)}
    if not due or await deps.limits.take(viewer.team, viewer.user, "home") > timedelta(0):
        return RefreshResult(asked=False)
    results = await asyncio.gather(*(_refresh(deps, viewer.team, ref_id) for ref_id in due))
    unreadable = {ref_id: sentence for result in results for ref_id, sentence in result.unreadable.items()}
    trouble = next((result.trouble for result in results if result.trouble), "")
    return RefreshResult(trouble=trouble, unreadable=unreadable)


async def _refresh(deps: Deps, team: TeamId, ref_id: RefId) -> RefreshResult:
    """Refresh one profile within the timeout; a profile that is gone is no trouble, since its snapshot says so."""
    try:
        async with asyncio.timeout(REFRESH_TIMEOUT.total_seconds()):
            for profile in await deps.profiles.get(team, ref_id):
                await accounts_of(deps, team, profile)
    except ProfileGone:
        return RefreshResult()
    except UnreadableSecret as error:
        return RefreshResult(unreadable={ref_id: error.sentence})
    except TimeoutError:
        return RefreshResult(trouble=TOO_SLOW)
    except ConnectbotError as error:
        return RefreshResult(trouble=error.sentence)
    return RefreshResult()


async def _save(deps: Deps, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> None:
    try:
        await deps.snapshots.save(team, ref_id, snapshot)
    except StoreUnavailable:
        log.info("snapshot_not_saved", profile=ref_id)


def _to_whole_days(account: Account) -> Account:
    """Set `refresh_by` to noon: Ayrshare gives it in days from the moment of the call, so it differs at each call."""
    refresh_by = account.refresh_by
    return replace(account, refresh_by=refresh_by and refresh_by.replace(hour=12, minute=0, second=0, microsecond=0))
