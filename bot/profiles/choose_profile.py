"""Which of a person's profiles a command or click means: by its title, by its id, or the default."""

from collections.abc import Sequence
from dataclasses import replace

from bot.ayrshare.networks import split_networks
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.profiles.errors import NoProfileMatches, NothingToReconnect, NotMapped, ProfileTaken
from bot.profiles.model import HeldProfile, ProfileState, ProfileStatus, Snapshot
from bot.profiles.titles import called, is_called


async def named_or_all(deps: Deps, team: TeamId, user: UserId, *, words: str) -> tuple[HeldProfile, ...]:
    """Return the profiles whose titles match the words, or all; raise NotMapped, NoProfileMatches."""
    profiles = await profiles_of(deps, team, user)
    return _by_title(profiles, words, user=user) if words else profiles


def choose_for_link(
    profiles: Sequence[HeldProfile], user: UserId, *, words: str
) -> tuple[tuple[HeldProfile, ...], tuple[str, ...] | None]:
    """Return those of a person's profiles whose titles match the words: several if a person has to pick.

    With them come the networks that are named before or behind the title, if any. Without a title it is the default,
    which comes first, unless a profile has a network's name as its title. Raises NoProfileMatches.
    """
    found, networks = _named(profiles, words, user=user, otherwise=profiles[:1])
    return _with_others(found, profiles), networks


async def choose_to_reconnect(deps: Deps, team: TeamId, user: UserId, *, words: str) -> tuple[ProfileStatus, ...]:
    """Return what is known of the profiles with accounts that need a new sign-in, now or soon: of all, or those named.

    Raises NotMapped, NoProfileMatches, NothingToReconnect.
    """
    profiles = await profiles_of(deps, team, user)
    found, networks = _named(profiles, words, user=user, otherwise=profiles)
    seen = await deps.snapshots.of(team, *(one.ref_id for one in found))
    known = (_known(one, seen[one.ref_id], networks) for one in found if one.ref_id in seen)
    to_mend = tuple(one for one in known if one.to_reconnect)
    if not to_mend:
        raise NothingToReconnect
    return to_mend


def _known(profile: HeldProfile, seen: Snapshot, networks: tuple[str, ...] | None) -> ProfileStatus:
    """Return what was last seen of the networks, or of all."""
    accounts = tuple(one for one in seen.accounts if not networks or one.network in networks)
    disconnected = tuple(one for one in seen.disconnected if not networks or one.network in networks)
    return ProfileStatus(profile.ref_id, profile.title, replace(seen, accounts=accounts, disconnected=disconnected))


async def has_title(deps: Deps, team: TeamId, user: UserId, words: str, *, part: bool) -> bool:
    """Return whether the words are the title of one of a person's profiles, or a part of one if that is enough."""
    found = called(await deps.profiles.held_by(team, user), words)
    return any(part or is_called(profile, words) for profile in found)


async def profile_of(deps: Deps, team: TeamId, user: UserId, ref_id: RefId) -> HeldProfile:
    """Return this profile if it is mapped to the person now; raise NotMapped, NoSuchProfile."""
    profiles = await profiles_of(deps, team, user)
    for found in _with_others([profile for profile in profiles if profile.ref_id == ref_id], profiles):
        return found
    raise ProfileTaken(user)


async def profiles_of(deps: Deps, team: TeamId, user: UserId) -> tuple[HeldProfile, ...]:
    """Return the profiles mapped to a person, the default first; raise NotMapped if there are none."""
    profiles = await deps.profiles.held_by(team, user)
    if not profiles:
        raise NotMapped(user)
    return profiles


def _with_others(found: Sequence[HeldProfile], profiles: Sequence[HeldProfile]) -> tuple[HeldProfile, ...]:
    """Return the profiles found; a single one with how the person's others are."""
    if len(found) != 1:
        return tuple(found)
    others = (one for one in profiles if one.ref_id != found[0].ref_id)
    return (replace(found[0], others=tuple(ProfileState(one.title, one.health) for one in others)),)


def _by_title(profiles: Sequence[HeldProfile], words: str, *, user: UserId) -> tuple[HeldProfile, ...]:
    """Return the profiles with exactly this title, else those in whose titles the words begin words."""
    found = called(profiles, words)
    if not found:
        raise NoProfileMatches(words, [one.title for one in profiles], owner=user)
    return found


def _named(
    profiles: Sequence[HeldProfile], words: str, *, user: UserId, otherwise: Sequence[HeldProfile]
) -> tuple[tuple[HeldProfile, ...], tuple[str, ...] | None]:
    """Return the profiles and the networks that the words name; where they name no profile, the others."""
    networks, title = split_networks(words)
    if networks and not any(is_called(profile, words) for profile in profiles):
        found = called(profiles, title) if title else otherwise
        if found:
            return tuple(found), networks
    return (_by_title(profiles, words, user=user) if words else tuple(otherwise)), None
