"""What an attempt to create a profile has made whose answer was lost, and with it the profile's key.

Such a profile, and nothing else, may be deleted: under the same title, made while the attempt lasted, with nothing
linked to it and whose key nobody here has. Even then somebody may have made it by hand at that very moment, so an
admin decides, and is told both moments.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.ayrshare.errors import TitleTaken
from bot.ayrshare.model import ProfileSummary
from bot.ayrshare.transport import Timings
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.mappings.errors import CreationUnclear
from bot.mappings.model import CreationAttempt, KeyLost, PendingMapping

CLOCKS_DIFFER = timedelta(seconds=2)
"""What our clock and Ayrshare's may differ; by more, and what we made isn't taken for ours."""
MADE_WITHIN = Timings().total
"""How long an attempt lasts before its answer counts as lost."""
UNDER_WAY = timedelta(minutes=1)
"""How long an attempt may be somebody's who still waits for its answer, or looks for what it made."""

BUSY = "A profile with that title is just being created. Please wait a minute, then look again."
UNDATED = (
    "Ayrshare's answer was lost, and it has made a profile with that title. But it doesn't tell how old its list of "
    "profiles is, so I can't tell whether something has been linked to it. If nobody needs it, delete it in Ayrshare's "
    "dashboard, then submit the same title again."
)


class Made(NamedTuple):
    """When a profile was made (UTC), and the attempt that may have made it."""

    at: datetime
    by: CreationAttempt


async def listed(deps: Deps, title: str) -> ProfileSummary | None:
    """Return what Ayrshare's list says of a title; raise AyrshareError."""
    rows = await deps.ayrshare.profiles(title=title)
    return next((row for row in rows if row.title == title), None)


def check_idle(deps: Deps, attempts: Iterable[CreationAttempt], *, but: UserId | None = None) -> None:
    """Return if no attempt, `but` those of one person, may still be under way; raise CreationUnclear."""
    if any(one.by != but and deps.clock.now() - one.at < UNDER_WAY for one in attempts):
        raise CreationUnclear(BUSY)


async def check_ours(deps: Deps, team: TeamId, row: ProfileSummary, *, busy_but: UserId | None = None) -> Made:
    """Return how a profile was made by one of our attempts.

    Raise TitleTaken if it may be anybody else's, CreationUnclear if an attempt (`busy_but` those of one person) may
    still be under way.
    """
    attempts = await deps.creation_attempts.of(team, row.title)
    check_idle(deps, attempts, but=busy_but)
    made = _made(row, attempts)
    if made is None or row.networks or await _is_known(deps, team, row):
        raise TitleTaken
    return made


async def offer(deps: Deps, team: TeamId, wanted: PendingMapping, row: ProfileSummary) -> KeyLost:
    """Offer to delete it; raise TitleTaken if it may be anybody else's, CreationUnclear if that can't be told."""
    made = await check_ours(deps, team, row, busy_but=wanted.by)
    if row.renewed_at is None:
        raise CreationUnclear(UNDATED)
    return KeyLost(
        title=wanted.title,
        made_at=made.at,
        attempted_at=made.by.at,
        look_again_at=row.renewed_at,
        pending=await deps.pending_mappings.keep(team, wanted),
        too_early=wanted.pressed_at is not None,
    )


def tells_of_now(row: ProfileSummary, wanted: PendingMapping) -> bool:
    """Whether the list was drawn up after the word to delete, so that nothing linked before that is missing in it."""
    if row.listed_at is None or wanted.pressed_at is None:
        return False
    return row.listed_at + CLOCKS_DIFFER >= wanted.pressed_at


def _made(row: ProfileSummary, attempts: Iterable[CreationAttempt]) -> Made | None:
    at = row.created_at
    for one in attempts:
        if at is not None and one.at - CLOCKS_DIFFER <= at <= one.at + MADE_WITHIN + CLOCKS_DIFFER:
            return Made(at, by=one)
    return None


async def _is_known(deps: Deps, team: TeamId, row: ProfileSummary) -> bool:
    """Whether anybody here has its key: what was just created is kept before its attempt is forgotten."""
    for one in {team, *await deps.mappings.teams()}:
        if row.ref_id in await deps.profiles.titles(one):
            return True
    return False
