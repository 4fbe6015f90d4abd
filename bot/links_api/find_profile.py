"""Which profile an app means, and who has it: the person by whose right the app gets a link."""

import asyncio

from bot.ayrshare.model import Profile
from bot.core.model import RefId, UserId
from bot.deps import Deps
from bot.links_api.errors import LookupNotGranted, NobodyMapped, NothingMapped, UnknownProfile
from bot.links_api.model import ApiKey
from bot.people import access
from bot.slack.errors import PersonNotVisible, ScopeMissing


async def profile_called(deps: Deps, key: ApiKey, ref_id: RefId) -> Profile:
    """Return a profile that a key may use; raise UnknownProfile."""
    found = await deps.profiles.get(key.team, ref_id) if key.covers(ref_id) else ()
    if not found:
        raise UnknownProfile
    return found[0]


async def profile_with_holder(deps: Deps, key: ApiKey, ref_id: RefId) -> tuple[Profile, UserId]:
    """Return a profile that a key may use, and somebody who has it; raise UnknownProfile, NobodyMapped, SlackError."""
    profile, holders = await asyncio.gather(  # in one exchange with Redis
        profile_called(deps, key, ref_id), deps.mappings.holders(key.team, ref_id)
    )
    for holder in holders:
        if await _is_served(deps, key, holder):
            return profile, holder
    raise NobodyMapped


async def profile_of_person(deps: Deps, key: ApiKey, person: str) -> tuple[Profile, UserId]:
    """Return the first profile of a person that a key may use, and the person; their default stands first.

    `person` is a Slack ID or an address. Raises NothingMapped, LookupNotGranted, SlackError.
    """
    holder = await _with_address(deps, key, person) if "@" in person else UserId(person)
    deps.people.begin_request(key.team, holder)  # in the exchange that reads their profiles
    for profile in await deps.profiles.held_by(key.team, holder):
        if key.covers(profile.ref_id) and await _is_served(deps, key, holder):
            return profile, holder
    raise NothingMapped


async def _with_address(deps: Deps, key: ApiKey, address: str) -> UserId:
    try:
        return await deps.people.with_address(key.team, address)
    except PersonNotVisible:
        raise NothingMapped from None
    except ScopeMissing:
        raise LookupNotGranted from None


async def _is_served(deps: Deps, key: ApiKey, holder: UserId) -> bool:
    try:
        return await access.may_have_links(deps, team=key.team, owner=holder)
    except PersonNotVisible:
        return False
