"""What is linked to each of a person's profiles, and what needs attention."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ayrshare.model import Profile
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.profiles.account_status import accounts_of
from bot.profiles.choose_profile import choose, profile_of, profiles_of
from bot.profiles.errors import NoSuchProfile
from bot.profiles.model import ProfileStatus, Viewer
from bot.slack.delivery import with_progress_notice
from bot.slack.model import ResponseUrl

AT_MOST = 10
"""Profiles asked about at once; each costs a call to Ayrshare."""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The profiles that were asked about, and how many were not."""

    statuses: tuple[ProfileStatus, ...]
    left_out: int


async def report(deps: Deps, team: TeamId, user: UserId, *, words: str, answer: ResponseUrl) -> StatusReport:
    """Ask Ayrshare about a person's profiles, or those that the words fit; raise NotMapped, NoSuchProfile."""
    await deps.limits.count(team, user, "status")
    found = await (choose(deps, team, user, words=words) if words else profiles_of(deps, team, user))
    statuses = await with_progress_notice(deps, answer, _statuses(deps, team, found[:AT_MOST]))
    return StatusReport(statuses, left_out=len(found[AT_MOST:]))


async def status_of(deps: Deps, viewer: Viewer, *, owner: UserId | None, ref_id: RefId) -> ProfileStatus:
    """Ask Ayrshare about one profile, and whether it is still its owner's; raise NotMapped, NoSuchProfile."""
    await deps.limits.count(viewer.team, viewer.user, "status")
    known = await deps.profiles.get(viewer.team, ref_id)
    profile = await profile_of(deps, viewer.team, owner, ref_id) if owner else next(iter(known), None)
    if profile is None:
        raise NoSuchProfile("I no longer know that profile.")
    return await _status(deps, viewer.team, profile)


async def _statuses(deps: Deps, team: TeamId, profiles: Sequence[Profile]) -> tuple[ProfileStatus, ...]:
    return tuple(await asyncio.gather(*(_status(deps, team, profile) for profile in profiles)))


async def _status(deps: Deps, team: TeamId, profile: Profile) -> ProfileStatus:
    try:
        connected = await accounts_of(deps, team, profile)
    except ConnectbotError as error:
        return ProfileStatus(profile.title, trouble=error.sentence)
    return ProfileStatus(profile.title, connected.accounts)
