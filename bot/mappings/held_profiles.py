"""What an admin may take from somebody: the profiles they look after, and links left to those they lost."""

import asyncio
from collections.abc import Sequence

from bot.cards.model import Card
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.profiles.errors import NoSuchProfile
from bot.profiles.model import ProfileRef

NAMELESS = "a profile I don't know"
LATELY = 200
"""Rows of the audit trail: links live for minutes only, mostly."""


async def held_by(deps: Deps, team: TeamId, owner: UserId) -> tuple[ProfileRef, ...]:
    """Return what somebody looks after, the default first, without touching a key."""
    mappings = await deps.mappings.of(team, owner)
    titles = await deps.overviews.titles(team, *(mapping.ref_id for mapping in mappings))
    return tuple(ProfileRef(one.ref_id, titles.get(one.ref_id, NAMELESS), one.default) for one in mappings)


async def described(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId]) -> tuple[ProfileRef, ...]:
    """Return what is known of profiles, also of those that somebody no longer looks after."""
    held = {one.ref_id: one for one in await held_by(deps, team, owner)}
    titles = await deps.overviews.titles(team, *ref_ids)
    return tuple(held.get(ref) or ProfileRef(ref, titles.get(ref, NAMELESS), default=False) for ref in ref_ids)


async def left_over(deps: Deps, team: TeamId, owner: UserId) -> tuple[ProfileRef, ...]:
    """Return what was lately taken from somebody whose links to it live on, because ending them was cut short."""
    held = {mapping.ref_id for mapping in await deps.mappings.of(team, owner)}
    taken = dict.fromkeys(
        row.ref_id
        for row in await deps.audit.latest(team, LATELY)
        if row.action == "mapping_removed" and row.owner == owner and row.ref_id
    )
    gone = await described(deps, team, owner, [ref_id for ref_id in taken if ref_id not in held])
    alive = {card.ref_id for card in await live_links(deps, team, owner, gone) if _can_end(card)}
    return tuple(one for one in gone if one.ref_id in alive)


def _can_end(card: Card) -> bool:
    return card.state.live or card.link.session_id is not None


async def candidates(deps: Deps, team: TeamId, owner: UserId, *, words: str) -> tuple[ProfileRef, ...]:
    """Return those of somebody's profiles that the words may mean, all without any; raise NoSuchProfile.

    A whole title beats a part of one; case does not count. Where none fits, those that are left over count, too.
    """
    held = await held_by(deps, team, owner)
    found = _fitting(held, words) or _fitting(await left_over(deps, team, owner), words)
    if not found and not held:
        raise NoSuchProfile(f"<@{owner}> looks after no profile, so there is nothing to take from them.")
    if not found:
        raise NoSuchProfile(f"None of the profiles mapped to <@{owner}> has those words in its title.")
    return found


async def still_theirs(deps: Deps, team: TeamId, owner: UserId, ref_id: str) -> tuple[ProfileRef, ...]:
    """Return a profile that somebody looks after, or has links left to; raise NoSuchProfile."""
    held = await held_by(deps, team, owner)
    found = tuple(one for one in held if one.ref_id == ref_id)
    found = found or tuple(one for one in await left_over(deps, team, owner) if one.ref_id == ref_id)
    if not found:
        raise NoSuchProfile(f"<@{owner}> doesn't look after that profile any more.")
    return found


def _fitting(held: Sequence[ProfileRef], words: str) -> tuple[ProfileRef, ...]:
    wanted = words.casefold()
    return tuple(one for one in held if one.title.casefold() == wanted) or tuple(
        one for one in held if wanted in one.title.casefold()
    )


async def live_links(deps: Deps, team: TeamId, owner: UserId, held: Sequence[ProfileRef]) -> tuple[Card, ...]:
    """Return the cards whose links to somebody's profiles may still be used, whoever sees them."""
    found = await asyncio.gather(*(deps.cards.live(team, one.ref_id) for one in held))
    return tuple(card for cards in found for card in cards if card.owner == owner)
