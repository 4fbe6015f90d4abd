"""The accounts connected to a profile: read from Ayrshare, saved as a snapshot for Home, and reported as a status."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.ayrshare.errors import ProfileGone
from bot.ayrshare.model import Account, ConnectedAccounts, Profile
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.core.time_limit import limited_to
from bot.deps import Deps
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.choose_profile import named_or_all, profile_of, profiles_of
from bot.profiles.errors import AccountDismissed, AyrshareSlow, NotMapped, ProfileUnknown
from bot.profiles.model import (
    ACCOUNT_EXPIRES,
    FRESH_FOR,
    REFRESH_TIMEOUT,
    STATUS_PROFILES,
    DisconnectedProfiles,
    ProfileHealth,
    ProfileStatus,
    Row,
    Snapshot,
    noon,
)
from bot.profiles.redraw import views_changed
from bot.scheduling.job import Job
from bot.slack.delivery import with_progress_notice
from bot.slack.model import ResponseUrl
from bot.storage.errors import StoreUnavailable, UnreadableSecret

log = structlog.get_logger()


async def disconnected_profiles(
    deps: Deps, team: TeamId, health: Mapping[RefId, ProfileHealth]
) -> DisconnectedProfiles:
    """Return which of the profiles with this health have a disconnected account that a link may offer."""
    offered, dropped = deps.ayrshare.options.offered, await deps.snapshots.dropped(team)
    networks = {
        ref_id: tuple(one.network for one in lost)
        for ref_id, lost in dropped.items()
        if health.get(ref_id) is ProfileHealth.DISCONNECTED
    }
    every = tuple(dict.fromkeys(network for some in networks.values() for network in some))
    reconnectable = frozenset(ref_id for ref_id, some in networks.items() if offered.among(some))
    return DisconnectedProfiles(reconnectable, offered.refusals(every))


async def accounts_of(deps: Deps, team: TeamId, profile: Profile) -> ConnectedAccounts:
    """Read a profile's accounts from Ayrshare and save a snapshot; raise AyrshareError."""
    asked_at = deps.clock.now()
    try:
        connected = await (await deps.ayrshare.of(team)).accounts(profile.key)
    except ProfileGone:
        await _save(deps, team, profile.ref_id, Snapshot(asked_at, stale=True))
        raise
    await keep_accounts(deps, team, profile.ref_id, connected.accounts, at=asked_at)
    return connected


async def keep_accounts(deps: Deps, team: TeamId, ref_id: RefId, accounts: Sequence[Account], *, at: datetime) -> None:
    """Save a snapshot of a profile's accounts as Ayrshare told them, and see whether they are those that were meant.

    Plans the next look for the moment at which the first of them expires.
    """
    snapshot = Snapshot(at, tuple(_to_whole_days(account, at) for account in accounts))
    await asyncio.gather(
        _save(deps, team, ref_id, snapshot),
        _observe(deps, team, ref_id, accounts, at=at),
        _plan_expiry(deps, team, ref_id, accounts, at=at),
    )


async def _observe(deps: Deps, team: TeamId, ref_id: RefId, accounts: Sequence[Account], *, at: datetime) -> None:
    try:
        if await deps.account_ids.observe(team, ref_id, accounts, at=at):
            await deps.scheduler.wake(team, at=at)
    except StoreUnavailable:
        log.info("accounts_not_compared", profile=ref_id)


async def _plan_expiry(deps: Deps, team: TeamId, ref_id: RefId, accounts: Sequence[Account], *, at: datetime) -> None:
    expires = [one.refresh_by for one in accounts if one.needs_attention and one.refresh_by and one.refresh_by > at]
    try:
        if expires:
            await deps.scheduler.plan(team, Job(ACCOUNT_EXPIRES, ref_id), at=min(expires))
    except StoreUnavailable:
        log.info("expiry_not_planned", profile=ref_id)  # each day's check finds it


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


async def look_first(deps: Deps, team: TeamId, user: UserId) -> None:
    """Look at those of someone's profiles that nobody has looked at, so that their first card says what is broken."""
    try:
        held = await profiles_of(deps, team, user)
    except NotMapped:
        return
    await asyncio.gather(*(_refresh(deps, team, profile.ref_id) for profile in held if profile.snapshot is None))


async def _refresh(deps: Deps, team: TeamId, ref_id: RefId) -> RefreshResult:
    """Refresh one profile within the timeout; a profile that is gone is no trouble, since its snapshot says so."""
    try:
        async with limited_to(REFRESH_TIMEOUT):
            for profile in await deps.profiles.get(team, ref_id):
                await accounts_of(deps, team, profile)
    except ProfileGone:
        return RefreshResult()
    except UnreadableSecret as error:
        return RefreshResult(unreadable={ref_id: error.sentence})
    except TimeoutError:
        return RefreshResult(trouble=AyrshareSlow.says)
    except ConnectbotError as error:
        return RefreshResult(trouble=error.sentence)
    return RefreshResult()


async def _save(deps: Deps, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> None:
    try:
        if await deps.snapshots.save(team, ref_id, snapshot):
            await views_changed(deps, team)
    except StoreUnavailable:
        log.info("snapshot_not_saved", profile=ref_id)


def _to_whole_days(account: Account, at: datetime) -> Account:
    """Set `refresh_by` to noon: in days from the call, as Ayrshare gives it, it differs. What is past stays past."""
    by = account.refresh_by
    return replace(account, refresh_by=noon(by)) if by and min(by, noon(by)) > at else account


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The statuses of the profiles asked about, and how many profiles were left out."""

    statuses: tuple[ProfileStatus, ...]
    left_out: int


async def read_own_status(
    deps: Deps, team: TeamId, user: UserId, *, words: str, response_url: ResponseUrl | None
) -> StatusReport:
    """Ask about someone's profiles whose titles match the words; raise NotMapped, NoSuchProfile, AskedTooOften.

    Through the URL people hear when it takes long.
    """
    await deps.limits.count(team, user, "status")
    found = await named_or_all(deps, team, user, words=words)
    asking = _statuses(deps, team, found[:STATUS_PROFILES])
    statuses = await (with_progress_notice(deps, team, response_url, asking) if response_url else asking)
    return StatusReport(statuses, left_out=len(found[STATUS_PROFILES:]))


async def read_profile_status(deps: Deps, viewer: Viewer, *, owner: UserId | None, ref_id: RefId) -> ProfileStatus:
    """Ask about one profile, which has to be still its owner's; raise NotMapped, NoSuchProfile, AskedTooOften."""
    await deps.limits.count(viewer.team, viewer.user, "status")
    known = await deps.profiles.get(viewer.team, ref_id)
    profile = await profile_of(deps, viewer.team, owner, ref_id) if owner else next(iter(known), None)
    if profile is None:
        raise ProfileUnknown
    return await _status(deps, viewer.team, profile)


async def _statuses(deps: Deps, team: TeamId, profiles: Sequence[Profile]) -> tuple[ProfileStatus, ...]:
    return tuple(await asyncio.gather(*(_status(deps, team, profile) for profile in profiles)))


async def _status(deps: Deps, team: TeamId, profile: Profile) -> ProfileStatus:
    """Ask about a profile; where that fails, return what was seen before, and why."""
    trouble = ""
    try:
        await accounts_of(deps, team, profile)
    except ProfileGone:
        pass  # its snapshot says so
    except ConnectbotError as error:
        trouble = error.sentence
    return replace(await stored_status(deps, team, profile.ref_id), title=profile.title, trouble=trouble)


async def stored_status(deps: Deps, team: TeamId, ref_id: RefId) -> ProfileStatus:
    """Return a profile as it was last seen."""
    titles, snapshots = await asyncio.gather(deps.profiles.titles(team, ref_id), deps.snapshots.of(team, ref_id))
    return ProfileStatus(ref_id, titles.get(ref_id, ""), snapshots.get(ref_id))


async def check_not_dismissed(deps: Deps, team: TeamId, ref_id: RefId, network: str) -> None:
    """Raise AccountDismissed where an admin has dismissed an account that dropped."""
    by = await deps.snapshots.dismissed_by(team, ref_id, network)
    if by:
        raise AccountDismissed(by)


async def dismiss(deps: Deps, viewer: Viewer, ref_id: RefId, network: str) -> None:
    """Stop listing an account as disconnected until it has been back; raise NotAllowed, AccountDismissed."""
    await access.check_admin(deps, viewer)
    await check_not_dismissed(deps, viewer.team, ref_id, network)
    row = AuditRow("account_dismissed", by=viewer.user, ref_id=ref_id, detail=network)
    await deps.snapshots.hide_dropped(viewer.team, ref_id, network, at=deps.clock.now(), audit=row)
    await views_changed(deps, viewer.team)
