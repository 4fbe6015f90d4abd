"""An admin takes profiles from somebody. Their links to them end with it, and they are told.

Who may do that has been checked by then (access.py).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.deps import Deps
from bot.errors import ConnectbotError, NoSuchProfile, SlackUnavailable
from bot.model import Card, Held, Message, RefId, Standing, TakenAway, TeamId, UserId
from bot.services.card_ends import show_end, take_back
from bot.views.unmap import unmapped_message

NAMELESS = "a profile I don't know"
HERE = frozenset({Standing.MEMBER, Standing.GUEST})
"""Those who can read a message."""
DEACTIVATED = "user_disabled"
"""What Slack says of somebody who left so lately that we don't know yet."""

log = structlog.get_logger()


async def held_by(deps: Deps, team: TeamId, owner: UserId) -> tuple[Held, ...]:
    """Return what somebody looks after, the default first, without touching a key."""
    mappings = await deps.mappings.of(team, owner)
    titles = await deps.overviews.titles(team, *(mapping.ref_id for mapping in mappings))
    return tuple(Held(one.ref_id, titles.get(one.ref_id, NAMELESS), one.default) for one in mappings)


async def described(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId]) -> tuple[Held, ...]:
    """Return what is known of profiles, also of those that somebody no longer looks after."""
    held = {one.ref_id: one for one in await held_by(deps, team, owner)}
    titles = await deps.overviews.titles(team, *ref_ids)
    return tuple(held.get(ref) or Held(ref, titles.get(ref, NAMELESS), default=False) for ref in ref_ids)


async def candidates(deps: Deps, team: TeamId, owner: UserId, *, words: str) -> tuple[Held, ...]:
    """Return those of somebody's profiles that the words may mean, all without any; raise NoSuchProfile.

    A whole title beats a part of one; case does not count.
    """
    held = await held_by(deps, team, owner)
    if not held:
        raise NoSuchProfile(f"<@{owner}> looks after no profile, so there is nothing to take from them.")
    wanted = words.casefold()
    found = tuple(one for one in held if one.title.casefold() == wanted) or tuple(
        one for one in held if wanted in one.title.casefold()
    )
    if not found:
        raise NoSuchProfile(f"None of the profiles mapped to <@{owner}> has those words in its title.")
    return found


async def live_links(deps: Deps, team: TeamId, owner: UserId, held: Sequence[Held]) -> tuple[Card, ...]:
    """Return the cards whose links to somebody's profiles may still be used, whoever sees them."""
    found = await asyncio.gather(*(deps.cards.live(team, one.ref_id) for one in held))
    return tuple(card for cards in found for card in cards if card.owner == owner)


async def unmap(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId], *, by: UserId) -> TakenAway:
    """Take profiles from somebody; whatever goes wrong after that is told in what came of it."""
    chosen = await described(deps, team, owner, ref_ids)
    taken = [one for one in chosen if await deps.mappings.remove(team, owner, one.ref_id, by=by)]
    outcome = await taken_away(deps, team, owner, chosen, taken, by=by)
    if not taken:
        return outcome
    left = await held_by(deps, team, owner)
    message = unmapped_message(taken, left=left, by=by, command=deps.settings.connect_command)
    return await told(deps, team, outcome, {owner: message}, by=by)


async def taken_away(
    deps: Deps, team: TeamId, owner: UserId, chosen: Sequence[Held], taken: Sequence[Held], *, by: UserId
) -> TakenAway:
    """End the links to profiles that are no longer somebody's, also where another admin was first."""
    ended = await asyncio.gather(*(_end_links(deps, team, owner, one.ref_id, by=by) for one in chosen))
    return TakenAway(
        owner,
        taken=tuple(taken),
        gone=tuple(one for one in chosen if one not in taken),
        ended=tuple(card for cards in ended for card in cards or ()),
        links_left=None in ended,
    )


async def told(
    deps: Deps, team: TeamId, outcome: TakenAway, messages: dict[UserId, Message], *, by: UserId
) -> TakenAway:
    """Send people a direct message about what came of it, unless it was their own doing or they can't read it."""
    for user, message in messages.items():
        try:
            if user == by or (await deps.people.get(team, user)).standing not in HERE:
                continue
            await deps.direct.post(user, message)
            outcome = replace(outcome, told=(*outcome.told, user))
        except SlackUnavailable as error:
            if error.word != DEACTIVATED:
                outcome = replace(outcome, untold=(*outcome.untold, user))
    return outcome


async def _end_links(deps: Deps, team: TeamId, owner: UserId, ref_id: RefId, *, by: UserId) -> tuple[Card, ...] | None:
    """End somebody's links to a profile and return their cards, or None where some may have been left alone."""
    try:
        if any(mapping.ref_id == ref_id for mapping in await deps.mappings.of(team, owner)):
            return ()  # mapped to them again meanwhile
        ended = await take_back(deps, team, owner, ref_id, by=by)
    except ConnectbotError as error:
        log.warning("links_not_ended", user=owner, profile=ref_id, cause=error.kind)
        return None
    for card in ended:
        await _show(deps, card)
    return ended


async def _show(deps: Deps, card: Card) -> None:
    try:
        await show_end(deps, card)
    except ConnectbotError as error:
        log.info("end_not_drawn", card=card.id, cause=error.kind)
