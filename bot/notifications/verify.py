"""Whether news is still true when it is told, and what it is told in: by title, profile by profile."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bot.ayrshare.errors import ProfileGone
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.notifications.model import (
    FOR_ADMINS,
    Alert,
    AlertKind,
    AlertRecord,
    News,
    ProfileNews,
    Subject,
    Watched,
    is_over,
)
from bot.people import access
from bot.profiles.account_status import accounts_of
from bot.profiles.model import Snapshot
from bot.storage.errors import StoreUnavailable

FRESH = timedelta(minutes=2)
"""How old what was seen may be to count: what a sweep has just found needs no second question."""
PATIENCE = timedelta(seconds=4)
AT_MOST = 10
"""Profiles asked about for one message; what can't be asked about is believed."""

log = structlog.get_logger()


async def still_true(deps: Deps, team: TeamId, user: UserId, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Return those of the alerts that hold, of profiles that are somebody's; what isn't known is believed."""
    mapped = {mapping.ref_id for mapping in await deps.mappings.of(team, user)}
    own = [alert for alert in alerts if alert.kind not in FOR_ADMINS and alert.ref_id in mapped]
    about = dict.fromkeys(alert.ref_id for alert in own)
    looks = [_holding(deps, team, [one for one in own if one.ref_id == ref_id]) for ref_id in list(about)[:AT_MOST]]
    unasked = [alert for alert in own if alert.ref_id in list(about)[AT_MOST:]]
    holding = [alert for held in await asyncio.gather(*looks) for alert in held]
    return (*holding, *unasked, *await _for_admins(deps, team, user, alerts))


async def render_news(deps: Deps, team: TeamId, alerts: Sequence[Alert]) -> News:
    """Return what a message tells, profile by profile, by title."""
    about = dict.fromkeys(alert.ref_id for alert in alerts if alert.ref_id)
    titles = await deps.overviews.titles(team, *about)
    own = {ref_id: tuple(a for a in alerts if a.ref_id == ref_id and a.kind not in FOR_ADMINS) for ref_id in about}
    return News(
        profiles=tuple(ProfileNews(ref_id, titles.get(ref_id, ref_id), some) for ref_id, some in own.items() if some),
        stale=tuple(titles.get(alert.ref_id, alert.ref_id) for alert in alerts if alert.kind is AlertKind.STALE),
        bad_api_key=any(alert.kind is AlertKind.API_KEY for alert in alerts),
    )


async def _for_admins(deps: Deps, team: TeamId, user: UserId, alerts: Sequence[Alert]) -> list[Alert]:
    """Return those that are for admins, if that is what somebody is, and that hold; raise SlackUnavailable."""
    told = [alert for alert in alerts if alert.kind in FOR_ADMINS]
    if not told or user not in await access.admins_to_ask(deps, team):
        return []
    seen = await deps.snapshots.of(team, *(alert.ref_id for alert in told if alert.ref_id))
    working = {ref_id for ref_id, snapshot in seen.items() if not snapshot.stale}
    return [alert for alert in told if alert.ref_id not in working]


async def _holding(deps: Deps, team: TeamId, alerts: list[Alert]) -> list[Alert]:
    """Return those of the alerts about one profile that hold; of the others the next time will be news again."""
    ref_id, now = alerts[0].ref_id, deps.clock.now()
    watched = await deps.notifications.watched(team, ref_id)
    known = [alert for alert in alerts if _subject(alert) in watched.told]  # else it was linked again meanwhile
    seen = await _seen(deps, team, ref_id, since=max(alert.at for alert in alerts)) if known else None
    if seen is None or not known:
        return known
    holding = [alert for alert in known if _holds(alert, watched, seen, now=now)]
    over = [_subject(alert) for alert in known if alert not in holding]
    if over and not seen.stale:
        await deps.notifications.watch(team, ref_id, {}, gone=(), over=over)
    return holding


def _holds(alert: Alert, watched: Watched, seen: Snapshot, *, now: datetime) -> bool:
    """Whether an alert holds after a look; one about a profile that nobody can mend by signing in doesn't."""
    account = next((one for one in seen.accounts if one.network == alert.network), None)
    if seen.stale or alert.kind is AlertKind.LOST:
        return not seen.stale and not is_over(alert.kind, AlertRecord(alert.at), account, now=now)
    if account is None:
        return (AlertKind.LOST, alert.network) not in watched.told
    return account.needs_attention or not is_over(alert.kind, AlertRecord(alert.at, alert.by), account, now=now)


async def _seen(deps: Deps, team: TeamId, ref_id: RefId, *, since: datetime) -> Snapshot | None:
    """Return what is linked, as somebody just saw or as Ayrshare says now; None where nobody can tell."""
    now = deps.clock.now()
    last = (await deps.snapshots.of(team, ref_id)).get(ref_id)
    newer = last if last and last.at >= since else None
    if newer and now - newer.at <= FRESH:
        return newer
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            profiles = await deps.profiles.get(team, ref_id)
            return Snapshot(now, (await accounts_of(deps, team, profiles[0])).accounts) if profiles else None
    except ProfileGone:
        return Snapshot(now, stale=True)
    except StoreUnavailable:
        raise
    except (ConnectbotError, TimeoutError) as error:
        log.info("news_not_checked", profile=ref_id, cause=type(error).__name__)
        return newer


def _subject(alert: Alert) -> Subject:
    return alert.kind, alert.network
