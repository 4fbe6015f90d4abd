"""Which of a person's profiles is meant."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.profiles.errors import NoSuchProfile, NotMapped


class Titled(Protocol):
    """What goes by a title."""

    @property
    def title(self) -> str:
        """The title, as people know it."""
        ...


T = TypeVar("T", bound=Titled)


async def profiles_of(deps: Deps, team: TeamId, user: UserId) -> tuple[Profile, ...]:
    """Return the profiles somebody looks after, the default first; raise NotMapped if there are none."""
    mappings = await deps.mappings.of(team, user)
    profiles = await deps.profiles.get(team, *(mapping.ref_id for mapping in mappings))
    if not profiles:
        raise NotMapped(user, deps.settings.connect_command)
    return profiles


async def choose(deps: Deps, team: TeamId, user: UserId, *, words: str) -> tuple[Profile, ...]:
    """Return the profiles that the words may mean: one where it is clear, more where somebody has to pick.

    No words mean the default. Raises NotMapped, NoSuchProfile.
    """
    profiles = await profiles_of(deps, team, user)
    return by_title(profiles, words, user=user) if words else profiles[:1]


def by_title(profiles: Sequence[T], words: str, *, user: UserId) -> tuple[T, ...]:
    """Return those of somebody's profiles that the words may mean, all without any; raise NoSuchProfile.

    A whole title beats a part of one; case does not count.
    """
    wanted = words.casefold()
    whole = tuple(one for one in profiles if one.title.casefold() == wanted)
    found = whole or tuple(one for one in profiles if wanted in one.title.casefold())
    if not found:
        raise NoSuchProfile(f"None of the profiles mapped to <@{user}> has those words in its title.")
    return found


async def profile_of(deps: Deps, team: TeamId, user: UserId, ref_id: RefId) -> Profile:
    """Return one of a person's profiles as the mapping stands now; raise NotMapped, NoSuchProfile."""
    for profile in await profiles_of(deps, team, user):
        if profile.ref_id == ref_id:
            return profile
    raise NoSuchProfile(f"That profile is no longer mapped to <@{user}>.")
