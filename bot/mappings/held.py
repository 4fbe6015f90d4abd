"""What a person has: their profiles by title, without a key, and their links that still work."""

from collections.abc import Sequence

from bot.cards.model import Card
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.profiles.holders import is_held
from bot.profiles.model import ProfileRef

UNKNOWN_TITLE = "a profile I don't know"


async def held_by(deps: Deps, team: TeamId, owner: UserId) -> tuple[ProfileRef, ...]:
    """Return a person's profiles, the default first, without reading a key."""
    mappings = await deps.mappings.of(team, owner)
    titles = await deps.profiles.titles(team, *(mapping.ref_id for mapping in mappings))
    return tuple(ProfileRef(one.ref_id, titles.get(one.ref_id, UNKNOWN_TITLE), one.default) for one in mappings)


async def profile_refs(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId]) -> tuple[ProfileRef, ...]:
    """Return what is known of profiles, whether or not they are still the owner's."""
    held = {one.ref_id: one for one in await held_by(deps, team, owner)}
    titles = await deps.profiles.titles(team, *ref_ids)
    return tuple(held.get(ref) or ProfileRef(ref, titles.get(ref, UNKNOWN_TITLE), default=False) for ref in ref_ids)


async def live_links(deps: Deps, team: TeamId, owner: UserId, profiles: Sequence[ProfileRef]) -> tuple[Card, ...]:
    """Return the cards whose links still work and end with a person's right to profiles, whoever sees them."""
    return await _ending(deps, team, owner, [one.ref_id for one in profiles])


async def unmapped_with_links(deps: Deps, team: TeamId, owner: UserId) -> tuple[ProfileRef, ...]:
    """Return the profiles that a person no longer has, with links of theirs that still have to be ended."""
    held = {mapping.ref_id for mapping in await deps.mappings.of(team, owner)}
    others = [ref_id for ref_id in await deps.profiles.all_titles(team) if ref_id not in held]
    cards = [card for card in await _ending(deps, team, owner, others) if card.owner == owner]
    left = dict.fromkeys(card.ref_id for card in cards if card.state.live or card.can_be_revoked)
    return await profile_refs(deps, team, owner, list(left))


async def _ending(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId]) -> tuple[Card, ...]:
    live = await deps.cards.live(team, *ref_ids)
    shared = {card.ref_id for card in live if card.shared}
    held = {one for one in shared if await is_held(deps, team, one, besides=owner)}
    return tuple(card for card in live if card.ends_without(owner, held=card.ref_id in held))
