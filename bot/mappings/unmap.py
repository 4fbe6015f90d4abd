"""An admin takes profiles from somebody. Their links to them end with it, and they are told.

Who may do that has been checked by then (access.py).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.cards.model import Card
from bot.cards.revoke import revoke_links, show_end
from bot.core.errors import ConnectbotError
from bot.core.model import Membership, Message, RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings.held_profiles import described, held_by
from bot.mappings.model import RemovalResult
from bot.mappings.unmap_views import unmapped_message
from bot.profiles.model import ProfileRef
from bot.slack.errors import RecipientDeactivated, SlackError

HERE = frozenset({Membership.MEMBER, Membership.GUEST})
"""Those who can read a message."""

log = structlog.get_logger()


async def unmap(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId], *, by: UserId) -> RemovalResult:
    """Take profiles from somebody; whatever goes wrong after that is told in what came of it."""
    chosen = await described(deps, team, owner, ref_ids)
    taken = [one for one in chosen if await deps.mappings.remove(team, owner, one.ref_id, by=by)]
    outcome = await remove_profiles(deps, team, owner, chosen, taken, by=by)
    if not taken:
        return outcome
    left = await held_by(deps, team, owner)
    message = unmapped_message(taken, left=left, by=by, command=deps.settings.connect_command)
    return await told(deps, team, outcome, {owner: message}, by=by)


async def remove_profiles(
    deps: Deps, team: TeamId, owner: UserId, chosen: Sequence[ProfileRef], taken: Sequence[ProfileRef], *, by: UserId
) -> RemovalResult:
    """End the links to profiles that are no longer somebody's, also where another admin was first."""
    ended = await asyncio.gather(*(_end_links(deps, team, owner, one.ref_id, by=by) for one in chosen))
    return RemovalResult(
        owner,
        removed=tuple(taken),
        already_gone=tuple(one for one in chosen if one not in taken),
        ended_cards=tuple(card for cards in ended for card in cards or ()),
        links_left=None in ended,
    )


async def told(
    deps: Deps, team: TeamId, outcome: RemovalResult, messages: dict[UserId, Message], *, by: UserId
) -> RemovalResult:
    """Send people a direct message about what came of it, unless it was their own doing or they can't read it."""
    for user, message in messages.items():
        try:
            if user == by or (await deps.people.get(team, user)).membership not in HERE:
                continue
            await deps.direct_messages.post(user, message)
            outcome = replace(outcome, notified=(*outcome.notified, user))
        except SlackError as error:
            if not isinstance(error, RecipientDeactivated):
                outcome = replace(outcome, not_notified=(*outcome.not_notified, user))
    return outcome


async def _end_links(deps: Deps, team: TeamId, owner: UserId, ref_id: RefId, *, by: UserId) -> tuple[Card, ...] | None:
    """End somebody's links to a profile and return their cards, or None where some may have been left alone."""
    try:
        if any(mapping.ref_id == ref_id for mapping in await deps.mappings.of(team, owner)):
            return ()  # mapped to them again meanwhile
        ended = await revoke_links(deps, team, owner, ref_id, by=by)
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
