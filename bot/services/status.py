"""What is linked to each of a person's profiles, and what needs attention."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.deps import Deps
from bot.errors import ConnectbotError
from bot.model import Answer, Profile, ProfileStatus, TeamId, UserId
from bot.services.limits import count_status
from bot.services.patience import patiently
from bot.services.profiles import choose, profiles_of

AT_MOST = 10
"""Profiles asked about at once; each costs a call to Ayrshare."""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The profiles that were asked about, and how many were not."""

    statuses: tuple[ProfileStatus, ...]
    left_out: int


async def report(deps: Deps, team: TeamId, user: UserId, *, words: str, answer: Answer) -> StatusReport:
    """Ask Ayrshare about a person's profiles, or those that the words fit; raise NotMapped, NoSuchProfile."""
    await count_status(deps, team, user)
    found = await (choose(deps, team, user, words=words) if words else profiles_of(deps, team, user))
    statuses = await patiently(deps, answer, _statuses(deps, found[:AT_MOST]))
    return StatusReport(statuses, left_out=len(found[AT_MOST:]))


async def _statuses(deps: Deps, profiles: Sequence[Profile]) -> tuple[ProfileStatus, ...]:
    return tuple(await asyncio.gather(*(_status(deps, profile) for profile in profiles)))


async def _status(deps: Deps, profile: Profile) -> ProfileStatus:
    try:
        connected = await deps.ayrshare.accounts(profile.key)
    except ConnectbotError as error:
        return ProfileStatus(profile.title, trouble=error.sentence)
    return ProfileStatus(profile.title, connected.accounts)
