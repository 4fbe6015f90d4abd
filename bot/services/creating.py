"""New Ayrshare profiles, whose keys are told once, in the answer to their creation.

If that answer is lost, so is the key, and the profile can only be deleted. Therefore each attempt is written down
before it is made, and never repeated. What such an attempt has made, and nothing else, may be deleted: a profile under
the same title, as old as the attempt, with nothing linked to it and whose key nobody here has.
"""

from datetime import datetime, timedelta
from http import HTTPStatus

import structlog

from bot.assignments import Assigned, CreationAttempt, KeyLost, PendingMapping
from bot.ayrshare import AyrshareError, BadRequest, TitleTaken, Unavailable
from bot.deps import Deps
from bot.errors import CreationUnclear, StoreUnavailable, TitleKnown
from bot.model import AuditRow, Profile, ProfileSummary, TeamId
from bot.services.assigning import assign
from bot.views.text import NETWORK_NAMES

CLOCKS_DIFFER = timedelta(minutes=1)
MADE_WITHIN = timedelta(minutes=2)
"""How far from an attempt's own moment Ayrshare may say that it made the profile."""
UNDER_WAY = timedelta(minutes=1)
"""How long an attempt may be somebody's who still waits for its answer, or looks for what it made."""
LOOKS = (timedelta(0), timedelta(seconds=3), timedelta(seconds=10), timedelta(seconds=20))
"""The pauses before each look at the list, in which a new profile may take seconds to appear."""

BUSY = "A profile with that title is just being created. Please wait a minute, then look again."
UNCLEAR = (
    "Ayrshare's answer was lost, so I can't tell whether the profile was made. It may show up later: please submit "
    "the same title again in five minutes. If it was made, I'll offer to delete it and make it anew."
)
KEY_NOT_KEPT = (
    "Ayrshare made the profile, but I couldn't keep its key: my memory (Redis) can't be used just now. Please submit "
    "the same title again in a few minutes. I'll offer to delete it and make it anew."
)

log = structlog.get_logger()


async def create(deps: Deps, team: TeamId, wanted: PendingMapping) -> Assigned | KeyLost:
    """Create a profile and map it; raise AyrshareError, CreationUnclear, TitleKnown, StoreUnavailable."""
    attempt = CreationAttempt(wanted.by, deps.clock.now())
    earlier = await deps.creations.begin(team, wanted.title, attempt)
    try:
        made = await deps.ayrshare.create_profile(wanted.title, disable_social=_hidden(wanted))
    except TitleTaken:
        await deps.creations.drop(team, wanted.title, attempt)
        return await _taken(deps, team, wanted, earlier)
    except Unavailable:
        return await _lost(deps, team, wanted, (*earlier, attempt))
    except AyrshareError:
        await deps.creations.drop(team, wanted.title, attempt)
        raise
    return await _keep(deps, team, wanted, made)


async def start_over(deps: Deps, team: TeamId, wanted: PendingMapping) -> Assigned | KeyLost:
    """Delete what an earlier attempt has made, if that is still all it is, and create it again; raises likewise."""
    row = await _listed(deps, wanted.title)
    if row is not None:
        await _check_ours(deps, team, row, await deps.creations.of(team, wanted.title))
        await _delete(deps, team, wanted, row)
    return await create(deps, team, wanted)


async def _keep(deps: Deps, team: TeamId, wanted: PendingMapping, made: Profile) -> Assigned:
    try:
        await deps.profiles.save(team, made)
    except StoreUnavailable:
        raise CreationUnclear(KEY_NOT_KEPT) from None
    await deps.creations.forget(team, wanted.title)
    await deps.audit.add(team, AuditRow("profile_created", by=wanted.by, owner=wanted.user, ref_id=made.ref_id))
    return await assign(deps, team, wanted, made)


async def _taken(deps: Deps, team: TeamId, wanted: PendingMapping, earlier: tuple[CreationAttempt, ...]) -> KeyLost:
    """Look whether the title is taken by what an earlier attempt has made; raise what else it may be."""
    if wanted.title in (await deps.profiles.titles(team)).values():
        raise TitleKnown
    if any(deps.clock.now() - one.at < UNDER_WAY for one in earlier):
        raise CreationUnclear(BUSY)
    if not earlier:
        raise TitleTaken
    row = await _listed(deps, wanted.title)
    if row is None:
        raise CreationUnclear(UNCLEAR)
    return await _offer(deps, team, wanted, row, earlier)


async def _lost(deps: Deps, team: TeamId, wanted: PendingMapping, attempts: tuple[CreationAttempt, ...]) -> KeyLost:
    """Look a few times whether the profile was made after all; raise CreationUnclear where that can't be told."""
    log.warning("creation_answer_lost", team=team)
    for pause in LOOKS:
        await deps.clock.sleep_until(deps.clock.now() + pause)
        try:
            row = await _listed(deps, wanted.title)
        except AyrshareError:
            break
        if row is not None:
            return await _offer(deps, team, wanted, row, attempts)
    raise CreationUnclear(UNCLEAR)


async def _listed(deps: Deps, title: str) -> ProfileSummary | None:
    rows = await deps.ayrshare.profiles(title=title)
    return next((row for row in rows if row.title == title), None)


async def _offer(
    deps: Deps, team: TeamId, wanted: PendingMapping, row: ProfileSummary, attempts: tuple[CreationAttempt, ...]
) -> KeyLost:
    made_at = await _check_ours(deps, team, row, attempts)
    return KeyLost(wanted.title, made_at, await deps.pending.keep(team, wanted))


async def _check_ours(deps: Deps, team: TeamId, row: ProfileSummary, attempts: tuple[CreationAttempt, ...]) -> datetime:
    """Return when one of the attempts has made a profile; raise TitleTaken if it may be anybody else's."""
    made_at = row.created_at
    fits = made_at is not None and any(one.at - CLOCKS_DIFFER <= made_at <= one.at + MADE_WITHIN for one in attempts)
    if made_at is None or not fits or row.networks:
        raise TitleTaken
    for one in {team, *await deps.mappings.teams()}:
        if row.ref_id in await deps.profiles.titles(one):
            raise TitleTaken
    return made_at


async def _delete(deps: Deps, team: TeamId, wanted: PendingMapping, row: ProfileSummary) -> None:
    try:
        await deps.ayrshare.delete_profile(wanted.title)
    except BadRequest as error:
        if error.http_status != HTTPStatus.NOT_FOUND:
            raise
    await deps.audit.add(team, AuditRow("profile_deleted", by=wanted.by, ref_id=row.ref_id))
    await deps.creations.forget(team, wanted.title)


def _hidden(wanted: PendingMapping) -> tuple[str, ...]:
    """Return the networks that a new profile shall not show."""
    return tuple(name for name in NETWORK_NAMES if name not in wanted.networks) if wanted.networks else ()
