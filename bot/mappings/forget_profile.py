"""A profile that nobody has and that Ayrshare has deleted is forgotten: its sealed key, and what was last seen of it.

Handlers check before (people/access.py) that an admin wants it.
"""

from datetime import datetime

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import ProfileGone
from bot.core.model import RefId, TeamId
from bot.mappings.errors import ForgottenAlready, StillNeeded
from bot.profiles.model import redraw_soon
from bot.profiles.store import ProfileStore
from bot.storage.errors import UnreadableSecret


async def forget_profile(
    profiles: ProfileStore, ayrshare: AyrshareClient | None, team: TeamId, ref_id: RefId, *, by: str, now: datetime
) -> None:
    """Forget a profile, and have what people have open drawn again; without `ayrshare` it isn't asked.

    Raises StillNeeded, NoSuchProfile, AyrshareError.
    """
    if ayrshare and not await _is_deleted(profiles, ayrshare, team, ref_id):
        raise StillNeeded
    holders = await profiles.forget(team, ref_id, by=by, jobs=redraw_soon(now))
    if holders < 0:
        raise ForgottenAlready
    if holders:
        raise StillNeeded(holders=holders)


async def _is_deleted(profiles: ProfileStore, ayrshare: AyrshareClient, team: TeamId, ref_id: RefId) -> bool:
    """Return whether Ayrshare refuses the profile's key and doesn't list it: it lists one that is suspended."""
    try:
        for profile in await profiles.get(team, ref_id):
            await ayrshare.accounts(profile.key)
            return False
    except (ProfileGone, UnreadableSecret):
        pass
    return all(listed.ref_id != ref_id for listed in await ayrshare.profiles())
