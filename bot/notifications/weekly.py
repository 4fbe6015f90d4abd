"""The admins' weekly digest: what is disconnected, since when, who was asked, and what expires within two weeks.

It is sent on Monday morning, and not at all if there is nothing to tell or CONNECT_DIGEST is `off`.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from bot.ayrshare.model import Account
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.notifications.model import EXPIRES_WITHIN, PROFILES_IN_WEEKLY, SEND_WEEKLY, WEEKLY_AT, WeeklyRow
from bot.notifications.weekly_views import weekly_message
from bot.people import access
from bot.people.preferences import next_daytime, zone_of
from bot.profiles.model import ProfileHealth, Snapshot
from bot.scheduling.job import IfPlanned, Job
from bot.slack.delivery import deliver_once

TO_ALL = ""
"""In place of an admin: the job that has the digest sent to each of them."""
WORTH_TELLING = {ProfileHealth.EXPIRING, ProfileHealth.DISCONNECTED}


async def plan_next(deps: Deps, team: TeamId, *, if_planned: IfPlanned = "sooner") -> None:
    """Plan the digest of the next Monday, by the clock of most people, as far as they are known by now."""
    if deps.settings.connect_digest == "on":
        at = await _next_monday(deps, team)
        await deps.scheduler.plan(team, Job(SEND_WEEKLY, TO_ALL), at=at, if_planned=if_planned)


async def send_weekly(deps: Deps, team: TeamId, to: str) -> None:
    """Send the digest to one admin, or plan that for each of them and for the next Monday; raise SlackError."""
    if to == TO_ALL:
        await _plan_for_admins(deps, team)
    elif deps.settings.connect_digest == "on":
        await _send(deps, team, UserId(to))


def next_monday(now: datetime, *, zone: str) -> datetime:
    """Return the next Monday, WEEKLY_AT, in a time zone, after a moment."""
    local = now.astimezone(zone_of(zone))
    this_week = datetime.combine(local.date() - timedelta(days=local.weekday()), WEEKLY_AT, tzinfo=local.tzinfo)
    return this_week if this_week > now else this_week + timedelta(weeks=1)


async def _plan_for_admins(deps: Deps, team: TeamId) -> None:
    """Plan the next Monday's last, so that a crash before has this one's planned again.

    Where it isn't 9:00 yet for most people, who weren't known when this was planned, only that is planned.
    """
    early = await _next_monday(deps, team) - deps.clock.now() < timedelta(days=1)
    if not early and deps.settings.connect_digest == "on" and await _rows(deps, team):
        for admin in await access.admins_to_ask(deps, team):
            await deps.scheduler.plan(team, Job(SEND_WEEKLY, admin), at=deps.clock.now())
    await plan_next(deps, team, if_planned="move")


async def _next_monday(deps: Deps, team: TeamId) -> datetime:
    return next_monday(deps.clock.now(), zone=await deps.people.common_zone(team))


async def _send(deps: Deps, team: TeamId, admin: UserId) -> None:
    now, person = deps.clock.now(), await deps.people.remembered(team, admin)
    at = next_daytime(max(await deps.preferences.snoozed_until(team, admin) or now, now), zone=person.zone)
    if at > now:
        await deps.scheduler.plan(team, Job(SEND_WEEKLY, admin), at=at)
        return
    rows = await _rows(deps, team)
    shown = await asyncio.gather(*(_with_told(deps, team, row) for row in rows[:PROFILES_IN_WEEKLY]))
    if rows:
        message = weekly_message([*shown, *rows[PROFILES_IN_WEEKLY:]], offered=deps.ayrshare.options.offered)
        await deliver_once(deps, team, admin, message, mark=f"weekly:{now:%G-%V}:{admin}")


async def _rows(deps: Deps, team: TeamId) -> list[WeeklyRow]:
    """Return the profiles with something to tell: the longest disconnected first, then those that expire."""
    health = await deps.snapshots.health(team)
    ref_ids = [ref_id for ref_id, found in health.items() if found in WORTH_TELLING]
    people: dict[RefId, list[UserId]] = {}
    for mapping in await deps.mappings.all(team):
        people.setdefault(mapping.ref_id, []).append(mapping.user)
    titles, snapshots = await deps.profiles.titles(team, *ref_ids), await deps.snapshots.of(team, *ref_ids)
    asked, until = await deps.invitations.last_asked(team, *ref_ids), deps.clock.now() + EXPIRES_WITHIN
    rows = [
        WeeklyRow(
            ref_id,
            titles.get(ref_id, ref_id),
            tuple(people[ref_id]),
            snapshots[ref_id].disconnected,
            _expiring(snapshots[ref_id], until),
            asked.get(ref_id),
        )
        for ref_id in ref_ids
        if ref_id in people and ref_id in snapshots
    ]
    return sorted((row for row in rows if row.disconnected or row.expiring), key=_urgency)


async def _with_told(deps: Deps, team: TeamId, row: WeeklyRow) -> WeeklyRow:
    """Add when the bot last told a profile's people."""
    known = await deps.notifications.known_accounts(team, row.ref_id)
    return replace(row, told_at=max(known.told.values(), default=None))


def _expiring(snapshot: Snapshot, until: datetime) -> tuple[Account, ...]:
    works = (one for one in snapshot.accounts if not one.lost_at(snapshot.at))
    return tuple(one for one in works if one.needs_attention or (one.refresh_by or until) < until)


def _urgency(row: WeeklyRow) -> tuple[bool, float, str]:
    moments = [one.since for one in row.disconnected] or [one.refresh_by for one in row.expiring if one.refresh_by]
    return not row.disconnected, min((moment.timestamp() for moment in moments), default=0.0), row.title
