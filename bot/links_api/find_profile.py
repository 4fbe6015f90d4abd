"""Which profile an app means, and who has it: the person by whose right the app gets a link."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from bot.ayrshare.model import Profile
from bot.core.background import begun
from bot.core.model import RefId, UserId
from bot.deps import Deps
from bot.links_api.errors import LookupNotGranted, NobodyMapped, NothingMapped, UnknownProfile
from bot.links_api.model import ApiKey, LinkOrder
from bot.people import access
from bot.people.store import Remembered
from bot.slack.errors import PersonNotVisible, ScopeMissing

Found = tuple[Sequence[Profile], Mapping[UserId, Remembered | None]]
"""The profiles that a key may use and an app may mean, the likeliest first, and the people who have them."""
Lookup = asyncio.Future[Found]


def look_up_ahead(deps: Deps, key: ApiKey, order: LinkOrder) -> Lookup | None:
    """Begin a lookup, unless Slack would have to be asked: that waits until the key is known to work still."""
    return None if "@" in order.user else begun(_look_up(deps, key, order, UserId(order.user)))


async def profile_called(deps: Deps, key: ApiKey, ref_id: RefId) -> Profile:
    """Return a profile that a key may use; raise UnknownProfile."""
    for profile in await _profiles(deps, key, ref_id):
        return profile
    raise UnknownProfile


async def profile_with_holder(
    deps: Deps, key: ApiKey, order: LinkOrder, ahead: Lookup | None = None
) -> tuple[Profile, UserId]:
    """Return the profile that is meant, and somebody who has it and is served; `ahead` is a lookup that has begun.

    A person's default stands first. Raises UnknownProfile, NobodyMapped, LookupNotGranted, SlackError.
    """
    profiles, holders = await (ahead or _look_up(deps, key, order, await _person(deps, key, order)))
    if not profiles:
        raise UnknownProfile if order.profile else NothingMapped
    deps.people.just_read(key.team, holders)
    holder = await _first_served(deps, key, holders)
    if holder is None and order.profile:  # not all of them may have been looked for
        holder = await _first_served(deps, key, await deps.mappings.holders(key.team, profiles[0].ref_id))
    if holder is None:
        raise NobodyMapped if order.profile else NothingMapped
    return profiles[0], holder


def _look_up(deps: Deps, key: ApiKey, order: LinkOrder, person: UserId) -> Lookup:
    """Begin to read what is found for an order, in one exchange with Redis."""
    if order.profile:
        ref_id = RefId(order.profile)
        return asyncio.gather(_profiles(deps, key, ref_id), deps.mappings.known_holders(key.team, ref_id))
    return asyncio.gather(_held_by(deps, key, person), _known(deps, key, person))


async def _profiles(deps: Deps, key: ApiKey, ref_id: RefId) -> Sequence[Profile]:
    return await deps.profiles.get(key.team, ref_id) if key.covers(ref_id) else ()


async def _held_by(deps: Deps, key: ApiKey, person: UserId) -> Sequence[Profile]:
    return [one for one in await deps.profiles.held_by(key.team, person) if key.covers(one.ref_id)]


async def _known(deps: Deps, key: ApiKey, person: UserId) -> Mapping[UserId, Remembered | None]:
    return {person: await deps.people.recall(key.team, person)}


async def _person(deps: Deps, key: ApiKey, order: LinkOrder) -> UserId:
    """Return the person whom an order names; raise NothingMapped, LookupNotGranted, SlackError."""
    return await _with_address(deps, key, order.user) if "@" in order.user else UserId(order.user)


async def _with_address(deps: Deps, key: ApiKey, address: str) -> UserId:
    try:
        return await deps.people.with_address(key.team, address)
    except PersonNotVisible:
        raise NothingMapped from None
    except ScopeMissing:
        raise LookupNotGranted from None


async def _first_served(deps: Deps, key: ApiKey, people: Iterable[UserId]) -> UserId | None:
    for person in people:
        with suppress(PersonNotVisible):
            if await access.may_have_links(deps, team=key.team, owner=person):
                return person
    return None
