"""What is linked to a profile: asked of Ayrshare, and remembered for the Home tab and the list."""

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
from bot.profiles.model import Row, Snapshot, Viewer
from bot.storage.errors import StoreUnavailable, UnreadableSecret

FRESH_FOR = timedelta(minutes=1)
"""How long what was seen is not asked for again by merely opening the Home tab."""
TIMEOUT = timedelta(seconds=2)
TOO_SLOW = "Ayrshare is taking its time."

log = structlog.get_logger()


async def accounts_of(deps: Deps, team: TeamId, profile: Profile) -> ConnectedAccounts:
    """Ask what is linked to a profile, and remember the answer; raise AyrshareError."""
    asked_at = deps.clock.now()
    try:
        connected = await deps.ayrshare.accounts(profile.key)
    except ProfileGone:
        await _remember(deps, team, profile.ref_id, Snapshot(asked_at, stale=True))
        raise
    accounts = tuple(map(_by_the_day, connected.accounts))
    await _remember(deps, team, profile.ref_id, Snapshot(asked_at, accounts))
    return connected


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """What came of asking, if there was anything to ask: a sentence on what failed, and one on each unreadable key."""

    asked: bool = True
    trouble: str = ""
    unreadable: Mapping[RefId, str] = field(default_factory=dict)


async def refresh_snapshots(deps: Deps, viewer: Viewer, rows: Sequence[Row]) -> RefreshResult:
    """Ask about those of the rows that were not asked about for a minute."""
    now = deps.clock.now()
    due = {row.ref_id for row in rows if row.known and not (row.snapshot and now - row.snapshot.at < FRESH_FOR)}
    if not due or not await _may_look(deps, viewer):
        return RefreshResult(asked=False)
    looks = await asyncio.gather(*(_look(deps, viewer.team, ref_id) for ref_id in due))
    unreadable = {ref_id: words for look in looks for ref_id, words in look.unreadable.items()}
    return RefreshResult(trouble=next((look.trouble for look in looks if look.trouble), ""), unreadable=unreadable)


async def _look(deps: Deps, team: TeamId, ref_id: RefId) -> RefreshResult:
    """Ask for a while about one profile; that Ayrshare no longer knows it is an answer, too."""
    try:
        async with asyncio.timeout(TIMEOUT.total_seconds()):
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


async def _may_look(deps: Deps, viewer: Viewer) -> bool:
    """Count a round of looks; whoever opens pages faster than that sees what is known already."""
    wait = await deps.limits.take(viewer.team, viewer.user, "home")
    return wait <= timedelta(0)


async def _remember(deps: Deps, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> None:
    try:
        await deps.snapshots.save(team, ref_id, snapshot)
    except StoreUnavailable:
        log.info("snapshot_not_kept", profile=ref_id)


def _by_the_day(account: Account) -> Account:
    """Round until when a network is good: it is told in days from the moment of asking, so it differs each time."""
    by = account.refresh_by
    return replace(account, refresh_by=by and by.replace(hour=12, minute=0, second=0, microsecond=0))
