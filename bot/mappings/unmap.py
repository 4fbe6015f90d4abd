"""An admin unmaps profiles: which ones are meant, and who loses them (what follows: follow_up.py).

Handlers check before (people/access.py) that the admin may do that.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.model import Card
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings import follow_up
from bot.mappings.errors import NothingHeld
from bot.mappings.follow_up import Told
from bot.mappings.held import held_by, profile_refs, unmapped_with_links
from bot.mappings.model import RemovalResult
from bot.profiles.errors import NoProfileMatches, ProfileTaken
from bot.profiles.model import FollowUp, MappingChange, ProfileRef
from bot.profiles.titles import called
from bot.storage.errors import StoreUnavailable


async def find_by_title(deps: Deps, team: TeamId, owner: UserId, *, words: str) -> tuple[ProfileRef, ...]:
    """Return a person's profiles that the words may mean, or all if there are none; raise NoSuchProfile.

    A whole title takes precedence over a part of one; case doesn't count. If no profile matches, unmapped ones
    that still have live links are searched.
    """
    held = await held_by(deps, team, owner)
    found = _matching(held, words) or _matching(await unmapped_with_links(deps, team, owner), words)
    if not found and not held:
        raise NothingHeld(owner, "unmap")
    if not found:
        raise NoProfileMatches(words, [one.title for one in held], owner=owner)
    return found


async def find_by_ref_id(deps: Deps, team: TeamId, owner: UserId, ref_id: str) -> tuple[ProfileRef, ...]:
    """Return a profile that is mapped to a person, or was and still has live links; raise NoSuchProfile."""
    found = tuple(one for one in await held_by(deps, team, owner) if one.ref_id == ref_id)
    found = found or tuple(one for one in await unmapped_with_links(deps, team, owner) if one.ref_id == ref_id)
    if not found:
        raise ProfileTaken(owner)
    return found


async def unmap(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId], *, by: UserId) -> RemovalResult:
    """Unmap profiles, end their links and tell their owner."""
    return await take(deps, team, owner, ref_ids, to=None, by=by)


async def take(
    deps: Deps, team: TeamId, old: UserId, ref_ids: Sequence[RefId], *, to: UserId | None, by: UserId
) -> RemovalResult:
    """Take profiles from a person, give them to another one if there is one, and do what follows from that.

    Links end even where another admin had taken the profile before. Once profiles are taken, no failure hides that.
    """
    chosen, change = await profile_refs(deps, team, old, ref_ids), follow_up.new_change(by, old=old, new=to)
    follows = follow_up.removal(change, old, ref_ids, now=deps.clock.now())
    moved = await deps.mappings.take(team, old, ref_ids, by=by, to=to, follow_up=follows)
    ended, told = await _follow(deps, team, follows, replace(change, ref_ids=moved))
    return RemovalResult(
        old,
        removed=tuple(one for one in chosen if one.ref_id in moved),
        already_gone=tuple(one for one in chosen if one.ref_id not in moved),
        ended_cards=ended or (),
        links_left=ended is None,
        notified=told.told,
        not_notified=told.refused,
        notified_later=told.later,
    )


async def _follow(
    deps: Deps, team: TeamId, follows: FollowUp, change: MappingChange
) -> tuple[tuple[Card, ...] | None, Told]:
    """Do what follows from a change; where Redis can't be reached, its jobs do that later."""
    ended: tuple[Card, ...] | None = None
    try:
        await deps.scheduler.wake(team, at=min(follows.jobs.values()))
        ended = await follow_up.end_links(deps, team, follows)
        recorded = await deps.mappings.change(team, change.id)
        return ended, await follow_up.tell(deps, team, recorded) if recorded else Told()
    except StoreUnavailable:
        if not change.ref_ids:
            raise
        return ended, Told(later=tuple(one for one in (change.new, change.old) if one and one != change.by))


def _matching(profiles: Sequence[ProfileRef], words: str) -> tuple[ProfileRef, ...]:
    return called(profiles, words) if words else tuple(profiles)
