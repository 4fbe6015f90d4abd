"""What is a new alert about a profile's accounts, compared with what is known of them, and when its people hear of it.

The same thing is alerted once: an alert is recorded with the profile, and only a resolved one can be raised again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.ayrshare.model import Account
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings import ask_admin
from bot.notifications.model import (
    FOR_ADMINS,
    GATHERED_FOR,
    LATE,
    NO_PROFILE,
    REMIND,
    SEND_DIGEST,
    WARNED_AGAIN_AFTER,
    Alert,
    AlertKey,
    AlertKind,
    KnownAccounts,
    is_resolved,
)
from bot.people import access
from bot.profiles.account_status import look_first
from bot.profiles.model import EXPIRED, SIGN_IN_REQUIRED, Snapshot
from bot.scheduling.job import Job


@dataclass(frozen=True, slots=True)
class AccountDiff:
    """The networks connected now with the accounts' names, those gone, the alerts for both, and the resolved ones.

    The alerts may have been raised before: recording them tells. `new_drops` are those that weren't.
    """

    connected: Mapping[str, str]
    gone: tuple[str, ...]
    alerts: tuple[Alert, ...]
    resolved: tuple[AlertKey, ...]
    new_drops: tuple[Alert, ...] = ()


def compare(
    ref_id: RefId, known: KnownAccounts, snapshot: Snapshot | None, accounts: tuple[Account, ...], *, now: datetime
) -> AccountDiff:
    """Compare a profile's accounts with what the last sweep, the webhooks and the last snapshot say. Pure.

    What needs a new sign-in now counts as disconnected, also while Ayrshare lists it.
    """
    current = {account.network: account for account in accounts}
    named = {network: name for network, name in known.connected.items() if name}
    before = _names(snapshot.accounts if snapshot else ()) | named
    gone = tuple(network for network in {**known.connected, **before} if network not in current)
    noted = [one for one in snapshot.disconnected if one.network not in current] if snapshot else []
    unnoted = [network for network in gone if all(one.network != network for one in noted)]
    disconnected = (
        *(Alert(AlertKind.DISCONNECTED, now, ref_id, network, before.get(network, "")) for network in unnoted),
        *(Alert(AlertKind.DISCONNECTED, now, ref_id, one.network, one.name, one.reason) for one in noted),
        *(
            Alert(AlertKind.DISCONNECTED, now, ref_id, one.network, one.name, one.reason)
            for one in Snapshot(now, accounts).lost
        ),
    )
    expiring = tuple(
        Alert(AlertKind.EXPIRING, now, ref_id, account.network, account.name or "", refresh_by=account.refresh_by)
        for account in accounts
        if account.needs_attention
        and not account.lost_at(now)
        and (AlertKind.DISCONNECTED, account.network) not in known.alerts
        and not _warned_lately(known, account.network, now=now)
    )
    resolved = tuple(
        (kind, network)
        for (kind, network), record in known.alerts.items()
        # an event may have told of a drop while this look was under way
        if kind is AlertKind.STALE or (record.at <= now and is_resolved(kind, record, current.get(network), now=now))
    )
    new_drops = tuple(one for one in disconnected if (one.kind, one.network) not in known.alerts)
    return AccountDiff(_names(accounts), gone, disconnected + expiring, resolved, new_drops)


def _warned_lately(known: KnownAccounts, network: str, *, now: datetime) -> bool:
    record = known.alerts.get((AlertKind.EXPIRING, network))
    return record is not None and timedelta(0) < now - record.at < WARNED_AGAIN_AFTER


async def alert_admins(deps: Deps, team: TeamId, alert: Alert, admins: Sequence[UserId]) -> None:
    """Record an alert, and schedule a digest for each admin."""
    due, alert = deps.clock.now() + GATHERED_FOR, replace(alert, admins=tuple(admins))
    await _schedule(deps, team, await deps.notifications.record(team, alert.ref_id, [alert], admins, due=due))


async def hand_on(deps: Deps, team: TeamId, user: UserId, alerts: Sequence[Alert]) -> None:
    """Alert those who are admins now of what was for `user`, if they are none any more and no other was told.

    Raises SlackError.
    """
    for_admins = [alert for alert in alerts if alert.kind in FOR_ADMINS]
    admins = await access.admins_to_ask(deps, team) if for_admins else ()
    untold = [replace(one, admins=admins) for one in for_admins if not {*one.admins} & {*admins}]
    for admin in admins if untold and user not in admins else ():
        await deps.notifications.add(team, admin, untold)
        await schedule_digest(deps, team, admin, at=deps.clock.now() + GATHERED_FOR)


async def alert_holders(deps: Deps, team: TeamId, alerts: Sequence[Alert]) -> tuple[UserId, ...]:
    """Record alerts about one profile, and schedule a digest for each of its people, who are returned.

    Whoever gets the profile once they are recorded finds them by `on_holder_added`.
    """
    ref_id = alerts[0].ref_id
    await deps.notifications.record(team, ref_id, alerts, (), due=None)
    holders = await deps.mappings.holders(team, ref_id)
    due = deps.clock.now() + GATHERED_FOR
    await _schedule(deps, team, await deps.notifications.record(team, NO_PROFILE, (), holders, due=due))
    return holders


async def on_holder_added(deps: Deps, team: TeamId, user: UserId) -> None:
    """Look at someone's new profile, tell the admins whom they asked, and schedule a digest of what nobody was told."""
    await asyncio.gather(ask_admin.on_served(deps, team, user), look_first(deps, team, user))
    await deps.scheduler.plan(team, Job(REMIND, ""), at=deps.clock.now())
    if await deps.notifications.pending(team, user):
        await schedule_digest(deps, team, user, at=deps.clock.now() + GATHERED_FOR)


async def on_unmuted(deps: Deps, team: TeamId, user: UserId) -> None:
    """Schedule a digest of what someone wasn't told while they had muted the bot."""
    await deps.notifications.forget_muted(team, user)
    if await deps.notifications.pending(team, user):
        await schedule_digest(deps, team, user, at=deps.clock.now() + GATHERED_FOR)


async def schedule_digest(deps: Deps, team: TeamId, user: UserId, *, at: datetime) -> None:
    """Schedule a digest of someone's pending alerts for a moment, unless it is due earlier."""
    await _schedule(deps, team, await deps.notifications.record(team, NO_PROFILE, (), [user], due=at))


async def update_accounts(
    deps: Deps,
    team: TeamId,
    ref_id: RefId,
    connected: Mapping[str, str],
    *,
    gone: Sequence[str] = (),
    resolved: Sequence[AlertKey] = (),
) -> None:
    """Store what a profile's accounts are now, and tell its people what is back, if they were told that it dropped."""
    told = (await deps.notifications.known_accounts(team, ref_id)).reminders
    back = [network for kind, network in resolved if kind is AlertKind.DISCONNECTED and network in told]
    if back:
        now = deps.clock.now()
        alerts = [Alert(AlertKind.BACK, now, ref_id, network, connected.get(network, "")) for network in back]
        await alert_holders(deps, team, alerts)
    await deps.notifications.update_accounts(team, ref_id, connected, gone=gone, resolved=resolved)


async def record_connected(deps: Deps, team: TeamId, ref_id: RefId, network: str, *, at: datetime | None) -> None:
    """Record that a network was connected, which resolves its alerts unless they are newer."""
    dropped = (await deps.notifications.known_accounts(team, ref_id)).alerts.get((AlertKind.DISCONNECTED, network))
    if at and dropped and dropped.at > at + LATE:
        return
    resolved = [(AlertKind.DISCONNECTED, network), (AlertKind.EXPIRING, network)]
    await update_accounts(deps, team, ref_id, {network: ""}, resolved=resolved)


async def note_drops(deps: Deps, team: TeamId, alerts: Sequence[Alert]) -> None:
    """Count what disconnected, so that many profiles that lose the same network count as its own trouble."""
    for alert in alerts:
        dropped = alert.kind is AlertKind.DISCONNECTED and alert.reason not in {EXPIRED, SIGN_IN_REQUIRED}
        if dropped and await deps.outages.note_drop(team, alert.ref_id, alert.network, now=alert.at):
            await deps.scheduler.wake(team, at=alert.at)


async def record_removed(deps: Deps, team: TeamId, alert: Alert) -> None:
    """Record that the profile's own people disconnected a network: nobody is alerted of it, now or by a sweep."""
    await deps.notifications.record(team, alert.ref_id, [alert], (), due=None, untold=False)


async def record_undone(deps: Deps, team: TeamId, ref_id: RefId, network: str) -> None:
    """Record that a wrong account was disconnected by someone, so that people are reminded until the right one is."""
    alert = Alert(AlertKind.DISCONNECTED, deps.clock.now(), ref_id, network)
    await record_removed(deps, team, alert)
    holders = await deps.mappings.holders(team, ref_id)
    await deps.reminders.note_told(team, ref_id, [network], holders=holders, at=alert.at)


async def _schedule(deps: Deps, team: TeamId, due: dict[UserId, datetime | None]) -> None:
    """Schedule digests. An overdue one is being sent or postponed by its own job just now: come after it."""
    now = deps.clock.now()
    for user, at in due.items():
        if at is not None:
            await deps.scheduler.plan(team, Job(SEND_DIGEST, user), at=at if at > now else now + GATHERED_FOR)


def _names(accounts: tuple[Account, ...]) -> dict[str, str]:
    return {account.network: account.name or "" for account in accounts}
