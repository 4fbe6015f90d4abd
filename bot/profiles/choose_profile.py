"""Which of a person's profiles a command or click means: by its title, by its id, or the default."""

from collections.abc import Sequence
from contextlib import suppress

from bot.ayrshare.model import Profile
from bot.ayrshare.networks import split_networks
from bot.core.matching import best_matches, folded
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.profiles.errors import NoSuchProfile, NotMapped


async def choose(deps: Deps, team: TeamId, user: UserId, *, words: str) -> tuple[Profile, ...]:
    """Return the profiles whose titles match the words: one if it is clear, several if a person has to pick.

    Without words it is the default. Raises NotMapped, NoSuchProfile.
    """
    profiles = await profiles_of(deps, team, user)
    return _by_title(profiles, words, user=user) if words else profiles[:1]


async def choose_for_link(
    deps: Deps, team: TeamId, user: UserId, *, words: str
) -> tuple[tuple[Profile, ...], tuple[str, ...] | None]:
    """Return the profiles as `choose` does, and the networks that are named before or behind the title, if any.

    A network's name alone means the default profile, unless a profile has exactly that title.
    """
    profiles = await profiles_of(deps, team, user)
    networks, title = split_networks(words)
    if networks and not any(folded(profile.title) == folded(words) for profile in profiles):
        with suppress(NoSuchProfile):
            return (_by_title(profiles, title, user=user) if title else profiles[:1]), networks
    return (_by_title(profiles, words, user=user) if words else profiles[:1]), None


async def profile_of(deps: Deps, team: TeamId, user: UserId, ref_id: RefId) -> Profile:
    """Return this profile if it is mapped to the person now; raise NotMapped, NoSuchProfile."""
    for profile in await profiles_of(deps, team, user):
        if profile.ref_id == ref_id:
            return profile
    raise NoSuchProfile(f"That profile is no longer mapped to <@{user}>.")


async def profiles_of(deps: Deps, team: TeamId, user: UserId) -> tuple[Profile, ...]:
    """Return the profiles mapped to a person, the default first; raise NotMapped if there are none."""
    profiles = await deps.profiles.held_by(team, user)
    if not profiles:
        raise NotMapped(user, deps.settings.connect_command)
    return profiles


def _by_title(profiles: Sequence[Profile], words: str, *, user: UserId) -> tuple[Profile, ...]:
    """Return the profiles with exactly this title, else those whose titles contain it."""
    found = best_matches(profiles, words, title=lambda profile: profile.title)
    if not found:
        raise NoSuchProfile(f"None of the profiles mapped to <@{user}> has those words in its title.")
    return found
