"""What is linked to somebody's profiles, and which of them needs their attention."""

import asyncio
from datetime import timedelta

from bot.ayrshare.model import Account, Profile
from bot.core.errors import ConnectbotError
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.invitations.errors import NothingToLink
from bot.profiles.account_status import accounts_of
from bot.profiles.choose_profile import profiles_of
from bot.profiles.errors import NotMapped

AT_MOST = 10
"""Profiles that are asked about; each costs a call to Ayrshare."""
PATIENCE = timedelta(seconds=2)


async def profile_to_link(deps: Deps, team: TeamId, user: UserId) -> Profile:
    """Return the first of somebody's profiles that needs attention, else their default; raise NothingToLink."""
    try:
        profiles = await profiles_of(deps, team, user)
    except NotMapped:
        raise NothingToLink(deps.settings.connect_command) from None
    if len(profiles) == 1:
        return profiles[0]
    asked = profiles[:AT_MOST]
    looks = await asyncio.gather(*(linked_now(deps, team, profile) for profile in asked))
    ailing = (profile for profile, found in zip(asked, looks, strict=True) if _needs_attention(found))
    return next(ailing, profiles[0])


async def linked_now(deps: Deps, team: TeamId, profile: Profile) -> tuple[Account, ...] | None:
    """Ask what is linked to a profile; it is good to know but not needed, so it may neither fail nor take long."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return (await accounts_of(deps, team, profile)).accounts
    except (ConnectbotError, TimeoutError):
        return None


def _needs_attention(accounts: tuple[Account, ...] | None) -> bool:
    return any(account.needs_attention for account in accounts or ())
