"""When a digest is sent and which alerts are in it: by day, unless muted or snoozed; only alerts that still hold."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.ayrshare.errors import ProfileGone
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.notifications.account_diff import hand_on, update_accounts
from bot.notifications.model import (
    FOR_ADMINS,
    FRESH,
    NEXT_DIGEST,
    OUTAGE_PROFILES,
    PROFILES_VERIFIED,
    SEND_DIGEST,
    TOGETHER,
    TOKEN_RETRY,
    VERIFY_TIMEOUT,
    Alert,
    AlertKey,
    AlertKind,
    AlertRecord,
    Digest,
    DigestContent,
    Heard,
    KnownAccounts,
    ProfileAlerts,
    is_resolved,
)
from bot.notifications.views import digest_message
from bot.people import access
from bot.people.errors import NotServed
from bot.people.preferences import next_daytime
from bot.profiles.account_status import accounts_of
from bot.profiles.model import Snapshot
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.slack.errors import OperatorNeeded, SlackError
from bot.storage.errors import StoreUnavailable

log = structlog.get_logger()


async def send_digest(deps: Deps, team: TeamId, user: UserId) -> None:
    """Send someone all their pending alerts in one message, or reschedule it; raise SlackError to be tried again."""
    try:
        outcome = await _send(deps, team, user)
    except NotServed:
        outcome = "not_served"
    except SlackError as error:
        if error.transient:
            raise
        log.warning("digest_refused", team=team, user=user, error=error.reason)
        if isinstance(error, OperatorNeeded):
            await _reschedule(deps, team, user, after=TOKEN_RETRY)
            return
        if error.retryable:
            raise
        outcome = "undeliverable"
    if outcome in {"not_served", "undeliverable"}:
        await _discard(deps, team, user)
    deps.metrics.digests.labels(outcome).inc()


async def _send(deps: Deps, team: TeamId, user: UserId) -> str:
    """Send the digest and return the outcome's label; raise NotServed, SlackError."""
    (pending, quiet), unfinished = await _pending(deps, team, user), await deps.notifications.digest(team, user)
    if quiet:
        await _reschedule(deps, team, user, after=quiet)
    if not pending and unfinished is None:
        await deps.notifications.start_digest(team, user, (), None)  # nothing is due any more
        return "postponed" if quiet else "nothing"
    wait = await _earliest_moment(deps, team, user) - deps.clock.now()
    if wait > timedelta(0):
        await _reschedule(deps, team, user, after=wait)
        return "postponed"
    muted = await deps.preferences.is_muted(team, user)
    digest = await _still_theirs(deps, team, user, unfinished) if unfinished else None
    digest = digest or await _start(deps, team, user, pending, muted=muted)
    if digest is None:
        return "muted" if muted else "resolved"
    wanted = not muted or any(alert.kind in FOR_ADMINS for alert in digest.alerts)
    if wanted:
        await _deliver(deps, team, user, digest)
    await _mark(deps, team, user, digest.alerts, Heard.TOLD if wanted else Heard.MUTED)
    await deps.notifications.finish_digest(team, user)
    if unfinished and await deps.notifications.pending(team, user):  # what was recorded after the first try
        await _reschedule(deps, team, user, after=NEXT_DIGEST)
    return "sent" if wanted else "muted"


async def _pending(deps: Deps, team: TeamId, user: UserId) -> tuple[tuple[Alert, ...], timedelta | None]:
    """Return what someone is to be told now, and after which time the rest, which a network's outage keeps."""
    pending, now = await deps.notifications.pending(team, user), deps.clock.now()
    dropped = [alert for alert in pending if alert.kind is AlertKind.DISCONNECTED]
    ends = await deps.outages.ends(team, (alert.network for alert in dropped))
    kept = [alert for alert in dropped if ends.get(alert.network, now) > now]
    told = tuple(alert for alert in pending if alert not in kept)
    return told, min((ends[alert.network] - now for alert in kept), default=None)


async def _still_theirs(deps: Deps, team: TeamId, user: UserId, digest: Digest) -> Digest | None:
    """Leave out of a digest what is of profiles that someone no longer has; forget it if nothing is left."""
    held = {mapping.ref_id for mapping in await deps.mappings.of(team, user)}
    alerts = tuple(alert for alert in digest.alerts if alert.kind in FOR_ADMINS or alert.ref_id in held)
    if not alerts:
        await deps.notifications.finish_digest(team, user)
    return replace(digest, alerts=alerts) if alerts else None


async def _mark(deps: Deps, team: TeamId, user: UserId, alerts: Sequence[Alert], how: Heard) -> None:
    """Note of each profile's news what became of it for someone."""
    news = [alert for alert in alerts if alert.kind not in FOR_ADMINS]
    for ref_id in dict.fromkeys(alert.ref_id for alert in news):
        holders = await deps.mappings.holders(team, ref_id)
        some = [alert for alert in news if alert.ref_id == ref_id]
        if how is Heard.TOLD:
            dropped = [alert.network for alert in some if alert.kind is AlertKind.DISCONNECTED]
            await deps.reminders.note_told(team, ref_id, dropped, holders=holders, at=deps.clock.now())
            warned = [replace(alert, at=deps.clock.now()) for alert in some if alert.kind is AlertKind.EXPIRING]
            await deps.notifications.record(team, ref_id, warned, (), due=None, untold=False)  # told late, it is nearer
        await deps.notifications.mark(team, user, some, how, holders=holders)


async def _earliest_moment(deps: Deps, team: TeamId, user: UserId) -> datetime:
    """Return when someone may get a digest: after a snooze, by day where they are; raise NotServed, SlackError."""
    person = await access.check_recipient(deps, team=team, user=user)
    snoozed = await deps.preferences.snoozed_until(team, user)
    return next_daytime(max(snoozed or deps.clock.now(), deps.clock.now()), zone=person.zone)


async def _start(deps: Deps, team: TeamId, user: UserId, pending: tuple[Alert, ...], *, muted: bool) -> Digest | None:
    """Turn the pending alerts that still hold into a digest; muting does not apply to what is for admins."""
    wanted = tuple(alert for alert in pending if alert.kind in FOR_ADMINS or not muted)
    true = await _still_true(deps, team, user, wanted)
    await _mark(deps, team, user, [alert for alert in wanted if alert not in true], Heard.RESOLVED)
    asked = await _asked_of(deps, team, user, true)
    alerts = tuple(alert for alert in true if alert not in asked)
    await _mark(deps, team, user, asked, Heard.TOLD)
    await _mark(deps, team, user, [alert for alert in pending if alert not in wanted], Heard.MUTED)
    await hand_on(deps, team, user, pending)
    digest = Digest(f"digest:{secrets.token_hex(8)}", alerts) if alerts else None
    return await deps.notifications.start_digest(team, user, pending, digest)


async def _asked_of(deps: Deps, team: TeamId, user: UserId, alerts: Sequence[Alert]) -> list[Alert]:
    """Return the reminders whose place a colleague's request takes: it came lately, or comes again soon."""
    now, found = deps.clock.now(), []
    for alert in alerts:
        request = await deps.invitations.waiting(team, user, alert.ref_id) if alert.since else None
        if request and any(abs(moment - now) <= TOGETHER for moment in request.asks_at):
            found.append(alert)
    return found


async def _deliver(deps: Deps, team: TeamId, user: UserId, digest: Digest) -> None:
    content = await _content(deps, team, digest.alerts)
    message = digest_message(content, offered=deps.ayrshare.options.offered)
    await deliver_once(deps, team, user, message, mark=digest.id)
    log.info("digest_sent", team=team, user=user, alerts=len(digest.alerts))


async def _content(deps: Deps, team: TeamId, alerts: Sequence[Alert]) -> DigestContent:
    """Group alerts by profile, with the profiles' titles."""
    ref_ids = dict.fromkeys(alert.ref_id for alert in alerts if alert.ref_id)
    titles = await deps.profiles.titles(team, *ref_ids)
    own = {ref_id: tuple(a for a in alerts if a.ref_id == ref_id and a.kind not in FOR_ADMINS) for ref_id in ref_ids}
    return DigestContent(
        profiles=tuple(ProfileAlerts(ref_id, titles.get(ref_id, ref_id), some) for ref_id, some in own.items() if some),
        stale_titles=tuple(titles.get(a.ref_id, a.ref_id) for a in alerts if a.kind is AlertKind.STALE),
        bad_api_key=any(alert.kind is AlertKind.API_KEY for alert in alerts),
        unmended=await _unmended(deps, team, alerts, titles),
        outages=tuple(alert.network for alert in alerts if alert.kind is AlertKind.OUTAGE),
    )


async def _unmended(
    deps: Deps, team: TeamId, alerts: Sequence[Alert], titles: Mapping[RefId, str]
) -> tuple[tuple[ProfileAlerts, UserId], ...]:
    """Return the accounts that people were reminded of in vain, each with the first of its people."""
    found = []
    for alert in alerts:
        if alert.kind is AlertKind.UNMENDED:
            holders = await deps.mappings.holders(team, alert.ref_id)
            about = ProfileAlerts(alert.ref_id, titles.get(alert.ref_id, alert.ref_id), (alert,))
            found += [(about, holder) for holder in holders[:1]]
    return tuple(found)


async def _reschedule(deps: Deps, team: TeamId, user: UserId, *, after: timedelta) -> None:
    await deps.scheduler.plan(team, Job(SEND_DIGEST, user), at=deps.clock.now() + after)


async def _discard(deps: Deps, team: TeamId, user: UserId) -> None:
    """Delete what someone can't get; the news of their profiles stays for whoever takes these over.

    Raises SlackError where it can't be told yet who is an admin now.
    """
    pending, digest = await deps.notifications.pending(team, user), await deps.notifications.digest(team, user)
    await hand_on(deps, team, user, (*pending, *(digest.alerts if digest else ())))
    await deps.notifications.start_digest(team, user, pending, None)
    await deps.notifications.finish_digest(team, user)


async def _still_true(deps: Deps, team: TeamId, user: UserId, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Return the alerts that still hold, of profiles mapped to this person; keep those that can't be verified."""
    mapped = {mapping.ref_id for mapping in await deps.mappings.of(team, user)}
    own = [alert for alert in alerts if alert.kind not in FOR_ADMINS and alert.ref_id in mapped]
    ref_ids = list(dict.fromkeys(alert.ref_id for alert in own))
    verified, rest = ref_ids[:PROFILES_VERIFIED], ref_ids[PROFILES_VERIFIED:]
    checks = [_true_of_profile(deps, team, [one for one in own if one.ref_id == ref_id]) for ref_id in verified]
    true = [alert for some in await asyncio.gather(*checks) for alert in some]
    unverified = [alert for alert in own if alert.ref_id in rest]
    return (*true, *unverified, *await _true_for_admins(deps, team, user, alerts))


async def _true_for_admins(deps: Deps, team: TeamId, user: UserId, alerts: Sequence[Alert]) -> list[Alert]:
    """Return the alerts for admins that still hold, if this person is one; raise SlackError."""
    for_admins = [alert for alert in alerts if alert.kind in FOR_ADMINS]
    if not for_admins or user not in await access.admins_to_ask(deps, team):
        return []
    snapshots = await deps.snapshots.of(team, *(alert.ref_id for alert in for_admins if alert.ref_id))
    lost = Counter(one.network for some in (await deps.snapshots.dropped(team)).values() for one in some)
    return [alert for alert in for_admins if _is_true_for_admins(alert, snapshots.get(alert.ref_id), lost)]


def _is_true_for_admins(alert: Alert, snapshot: Snapshot | None, lost: Counter[str]) -> bool:
    if alert.kind is AlertKind.OUTAGE:  # told later by day, it may be over
        return lost[alert.network] >= OUTAGE_PROFILES
    if alert.kind is AlertKind.UNMENDED:
        return snapshot is not None and any(one.network == alert.network for one in snapshot.disconnected)
    return snapshot is None or snapshot.stale


async def _true_of_profile(deps: Deps, team: TeamId, alerts: list[Alert]) -> list[Alert]:
    """Return the alerts about one profile that still hold, and mark the others as resolved."""
    ref_id, now = alerts[0].ref_id, deps.clock.now()
    known = await deps.notifications.known_accounts(team, ref_id)
    open_alerts = [alert for alert in alerts if _key(alert) in known.alerts]  # a reconnect resolves the others
    since = max(alert.at for alert in alerts)
    snapshot = await _latest_snapshot(deps, team, ref_id, since=since) if open_alerts else None
    if snapshot is None:
        return open_alerts
    here = await deps.account_ids.of(team, ref_id)
    other = {network for network, account in here.items() if account.change and account.change.former}
    true = [alert for alert in open_alerts if _is_true(alert, known, snapshot, now=now)]
    true = [alert for alert in true if alert.kind is not AlertKind.BACK or alert.network not in other]
    resolved = [_key(alert) for alert in open_alerts if alert not in true]
    if resolved and not snapshot.stale:
        await update_accounts(deps, team, ref_id, {}, resolved=resolved)
    hidden = await deps.snapshots.hidden(team, ref_id)  # an admin dismissed it, or its own people took it off
    return [alert for alert in true if alert.kind is not AlertKind.DISCONNECTED or alert.network not in hidden]


def _is_true(alert: Alert, known: KnownAccounts, snapshot: Snapshot, *, now: datetime) -> bool:
    """Return whether an alert holds according to a snapshot; of a stale profile none does: no sign-in helps there."""
    account = next((one for one in snapshot.accounts if one.network == alert.network), None)
    record = AlertRecord(alert.at, alert.refresh_by)
    if snapshot.stale or alert.kind is AlertKind.DISCONNECTED:
        return not snapshot.stale and not is_resolved(alert.kind, record, account, now=now)
    if alert.kind is AlertKind.BACK:
        return account is not None
    if account is None or account.lost_at(now):
        return (AlertKind.DISCONNECTED, alert.network) not in known.alerts
    return account.needs_attention or not is_resolved(alert.kind, record, account, now=now)


async def _latest_snapshot(deps: Deps, team: TeamId, ref_id: RefId, *, since: datetime) -> Snapshot | None:
    """Return a snapshot from after a moment, a fresh one where Ayrshare responds; None if there is neither."""
    now = deps.clock.now()
    last = (await deps.snapshots.of(team, ref_id)).get(ref_id)
    newer = last if last and last.at >= since else None
    if newer and now - newer.at <= FRESH:
        return newer
    try:
        async with asyncio.timeout(VERIFY_TIMEOUT.total_seconds()):
            profiles = await deps.profiles.get(team, ref_id)
            return Snapshot(now, (await accounts_of(deps, team, profiles[0])).accounts) if profiles else None
    except ProfileGone:
        return Snapshot(now, stale=True)
    except StoreUnavailable:
        raise
    except (ConnectbotError, TimeoutError) as error:
        log.info("alerts_not_verified", profile=ref_id, cause=type(error).__name__)
        return newer


def _key(alert: Alert) -> AlertKey:
    return alert.kind, alert.network
