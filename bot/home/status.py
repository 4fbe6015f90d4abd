"""What is connected to a profile now, asked of Ayrshare: someone's own profiles, or one profile for an admin."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ayrshare.model import Profile
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.home.model import STATUS_PROFILES
from bot.profiles.account_status import accounts_of
from bot.profiles.choose_profile import choose, profile_of, profiles_of
from bot.profiles.errors import NoSuchProfile
from bot.profiles.model import ProfileStatus, Viewer
from bot.slack.delivery import with_progress_notice
from bot.slack.model import ResponseUrl


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The statuses of the profiles asked about, and how many profiles were left out."""

    statuses: tuple[ProfileStatus, ...]
    left_out: int


async def read_own_status(
    deps: Deps, team: TeamId, user: UserId, *, words: str, response_url: ResponseUrl
) -> StatusReport:
    """Ask about someone's profiles whose titles match the words; raise NotMapped, NoSuchProfile, AskedTooOften."""
    await deps.limits.count(team, user, "status")
    found = await (choose(deps, team, user, words=words) if words else profiles_of(deps, team, user))
    statuses = await with_progress_notice(deps, response_url, _statuses(deps, team, found[:STATUS_PROFILES]))
    return StatusReport(statuses, left_out=len(found[STATUS_PROFILES:]))


async def read_profile_status(deps: Deps, viewer: Viewer, *, owner: UserId | None, ref_id: RefId) -> ProfileStatus:
    """Ask about one profile, which has to be still its owner's; raise NotMapped, NoSuchProfile, AskedTooOften."""
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
