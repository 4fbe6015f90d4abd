"""New Ayrshare profiles, whose keys are told once, in the answer to their creation.

If that answer is lost, so is the key, and the profile can only be deleted. Therefore each attempt is written down
before it is made, and never repeated; lost_profiles.py tells what it has made.

Nobody looks for the title beforehand: that could make Ayrshare draw up its list just then, for five minutes without
what is made next.
"""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import structlog

from bot.ayrshare.errors import AyrshareError, BadRequest, TitleTaken, Unavailable
from bot.ayrshare.model import Profile, ProfileSummary
from bot.core.model import TeamId
from bot.deps import Deps
from bot.mappings.errors import CreationUnclear, TitleKnown
from bot.mappings.map_profile import assign
from bot.mappings.model import Assigned, CreationAttempt, KeyLost, PendingMapping
from bot.mappings.orphaned_profiles import check_idle, check_ours, listed, offer, tells_of_now
from bot.people.audit import AuditRow
from bot.profiles.views import NETWORK_NAMES
from bot.storage.errors import StoreUnavailable

LOOKS = (timedelta(0), timedelta(seconds=3), timedelta(seconds=10), timedelta(seconds=20))
"""The pauses before each look at the list, in which a new profile may take seconds to appear."""

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
    earlier = await deps.creation_attempts.begin(team, wanted.title, attempt)
    try:
        made = await deps.ayrshare.create_profile(wanted.title, disable_social=_hidden(wanted))
    except TitleTaken:
        await deps.creation_attempts.drop(team, wanted.title, attempt)
        return await _taken(deps, team, wanted, earlier)
    except Unavailable:
        return await _lost(deps, team, wanted)
    except AyrshareError:
        await deps.creation_attempts.drop(team, wanted.title, attempt)
        raise
    return await _keep(deps, team, wanted, made)


async def start_over(deps: Deps, team: TeamId, wanted: PendingMapping) -> Assigned | KeyLost:
    """Delete what an earlier attempt has made, if that is still all it is, and create it again; raises likewise.

    Where Ayrshare's list is too old to tell, nothing is deleted, and the offer is made once more.
    """
    pressed = replace(wanted, pressed_at=wanted.pressed_at or deps.clock.now())
    row = await listed(deps, wanted.title)
    if row is not None:
        if not tells_of_now(row, pressed):
            return await offer(deps, team, pressed, row)
        await check_ours(deps, team, row)
        await _delete(deps, team, wanted, row)
    return await create(deps, team, replace(wanted, pressed_at=None))


async def _keep(deps: Deps, team: TeamId, wanted: PendingMapping, made: Profile) -> Assigned:
    try:
        await deps.profiles.save(team, made)
    except StoreUnavailable:
        raise CreationUnclear(KEY_NOT_KEPT) from None
    await deps.creation_attempts.forget(team, wanted.title)
    await deps.audit.add(team, AuditRow("profile_created", by=wanted.by, owner=wanted.user, ref_id=made.ref_id))
    return await assign(deps, team, wanted, made)


async def _taken(deps: Deps, team: TeamId, wanted: PendingMapping, earlier: tuple[CreationAttempt, ...]) -> KeyLost:
    """Look whether the title is taken by what an earlier attempt has made; raise what else it may be."""
    if wanted.title in (await deps.profiles.titles(team)).values():
        raise TitleKnown
    check_idle(deps, earlier)
    if not earlier:
        raise TitleTaken
    row = await listed(deps, wanted.title)
    if row is None:
        raise CreationUnclear(UNCLEAR)
    return await offer(deps, team, wanted, row)


async def _lost(deps: Deps, team: TeamId, wanted: PendingMapping) -> KeyLost:
    """Look a few times whether the profile was made after all; raise CreationUnclear where that can't be told."""
    log.warning("creation_answer_lost", team=team)
    for pause in LOOKS:
        await deps.clock.sleep_until(deps.clock.now() + pause)
        try:
            row = await listed(deps, wanted.title)
        except AyrshareError:
            break
        if row is not None:
            return await offer(deps, team, wanted, row)
    raise CreationUnclear(UNCLEAR)


async def _delete(deps: Deps, team: TeamId, wanted: PendingMapping, row: ProfileSummary) -> None:
    """Delete it; that this was tried stands in the trail even where the answer is lost."""
    await deps.audit.add(team, AuditRow("profile_deletion_asked", by=wanted.by, ref_id=row.ref_id))
    try:
        await deps.ayrshare.delete_profile(wanted.title)
    except BadRequest as error:
        if error.http_status != HTTPStatus.NOT_FOUND:
            raise
    else:
        await deps.audit.add(team, AuditRow("profile_deleted", by=wanted.by, ref_id=row.ref_id))
    await deps.creation_attempts.forget(team, wanted.title)


def _hidden(wanted: PendingMapping) -> tuple[str, ...]:
    """Return the networks that a new profile shall not show."""
    return tuple(name for name in NETWORK_NAMES if name not in wanted.networks) if wanted.networks else ()
