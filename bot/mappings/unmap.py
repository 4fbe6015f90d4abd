"""An admin unmaps profiles: which ones are meant, who loses them, which links end, who is notified.

Handlers check before (people/access.py) that the admin may do that.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.cards.model import Card
from bot.cards.revoke import revoke_links
from bot.cards.update import show_end
from bot.core.errors import ConnectbotError
from bot.core.model import Membership, Message, RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings.model import RECENT_AUDIT_ROWS, RemovalResult
from bot.mappings.removal_views import unmapped_message
from bot.profiles.errors import NoSuchProfile
from bot.profiles.model import ProfileRef
from bot.slack.errors import RecipientDeactivated, SlackError

UNKNOWN_TITLE = "a profile I don't know"
READS_MESSAGES = frozenset({Membership.MEMBER, Membership.GUEST})

log = structlog.get_logger()


async def held_by(deps: Deps, team: TeamId, owner: UserId) -> tuple[ProfileRef, ...]:
    """Return a person's profiles, the default first, without reading a key."""
    mappings = await deps.mappings.of(team, owner)
    titles = await deps.overviews.titles(team, *(mapping.ref_id for mapping in mappings))
    return tuple(ProfileRef(one.ref_id, titles.get(one.ref_id, UNKNOWN_TITLE), one.default) for one in mappings)


async def find_by_title(deps: Deps, team: TeamId, owner: UserId, *, words: str) -> tuple[ProfileRef, ...]:
    """Return a person's profiles that the words may mean, or all if there are none; raise NoSuchProfile.

    A whole title takes precedence over a part of one; case doesn't count. If no profile matches, unmapped ones
    that still have live links are searched.
    """
    held = await held_by(deps, team, owner)
    found = _matching(held, words) or _matching(await _unmapped_with_links(deps, team, owner), words)
    if not found and not held:
        raise NoSuchProfile(f"<@{owner}> looks after no profile, so there is nothing to take from them.")
    if not found:
        raise NoSuchProfile(f"None of the profiles mapped to <@{owner}> has those words in its title.")
    return found


async def find_by_ref_id(deps: Deps, team: TeamId, owner: UserId, ref_id: str) -> tuple[ProfileRef, ...]:
    """Return a profile that is mapped to a person, or was and still has live links; raise NoSuchProfile."""
    found = tuple(one for one in await held_by(deps, team, owner) if one.ref_id == ref_id)
    found = found or tuple(one for one in await _unmapped_with_links(deps, team, owner) if one.ref_id == ref_id)
    if not found:
        raise NoSuchProfile(f"<@{owner}> doesn't look after that profile any more.")
    return found


async def live_links(deps: Deps, team: TeamId, owner: UserId, profiles: Sequence[ProfileRef]) -> tuple[Card, ...]:
    """Return the cards whose links to a person's profiles still work, whoever sees them."""
    found = await asyncio.gather(*(deps.cards.live(team, one.ref_id) for one in profiles))
    return tuple(card for cards in found for card in cards if card.owner == owner)


async def unmap(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId], *, by: UserId) -> RemovalResult:
    """Unmap profiles, end their links and notify their owner; what fails after the unmapping is in the result."""
    chosen = await profile_refs(deps, team, owner, ref_ids)
    removed = [one for one in chosen if await deps.mappings.remove(team, owner, one.ref_id, by=by)]
    result = await end_links(deps, team, owner, chosen, removed, by=by)
    if not removed:
        return result
    left = await held_by(deps, team, owner)
    message = unmapped_message(removed, left=left, by=by, command=deps.settings.connect_command)
    return await notify(deps, team, result, {owner: message}, by=by)


async def profile_refs(deps: Deps, team: TeamId, owner: UserId, ref_ids: Sequence[RefId]) -> tuple[ProfileRef, ...]:
    """Return what is known of profiles, whether or not they are still the owner's."""
    held = {one.ref_id: one for one in await held_by(deps, team, owner)}
    titles = await deps.overviews.titles(team, *ref_ids)
    return tuple(held.get(ref) or ProfileRef(ref, titles.get(ref, UNKNOWN_TITLE), default=False) for ref in ref_ids)


async def end_links(
    deps: Deps, team: TeamId, owner: UserId, chosen: Sequence[ProfileRef], removed: Sequence[ProfileRef], *, by: UserId
) -> RemovalResult:
    """End the owner's links to the chosen profiles, even if another admin had removed them before."""
    ended = await asyncio.gather(*(_end_links(deps, team, owner, one.ref_id, by=by) for one in chosen))
    return RemovalResult(
        owner,
        removed=tuple(removed),
        already_gone=tuple(one for one in chosen if one not in removed),
        ended_cards=tuple(card for cards in ended for card in cards or ()),
        links_left=None in ended,
    )


async def notify(
    deps: Deps, team: TeamId, result: RemovalResult, messages: dict[UserId, Message], *, by: UserId
) -> RemovalResult:
    """Send each person their message, unless they did it themselves or can't read messages."""
    for user, message in messages.items():
        try:
            if user == by or (await deps.people.get(team, user)).membership not in READS_MESSAGES:
                continue
            await deps.direct_messages.post(user, message)
            result = replace(result, notified=(*result.notified, user))
        except SlackError as error:
            if not isinstance(error, RecipientDeactivated):
                result = replace(result, not_notified=(*result.not_notified, user))
    return result


async def _unmapped_with_links(deps: Deps, team: TeamId, owner: UserId) -> tuple[ProfileRef, ...]:
    """Return recently unmapped profiles with links that still work, because ending these was cut short."""
    held = {mapping.ref_id for mapping in await deps.mappings.of(team, owner)}
    removed = dict.fromkeys(
        row.ref_id
        for row in await deps.audit.latest(team, RECENT_AUDIT_ROWS)
        if row.action == "mapping_removed" and row.owner == owner and row.ref_id
    )
    gone = await profile_refs(deps, team, owner, [ref_id for ref_id in removed if ref_id not in held])
    cards = await live_links(deps, team, owner, gone)
    with_links = {card.ref_id for card in cards if card.state.live or card.link.session_id is not None}
    return tuple(one for one in gone if one.ref_id in with_links)


def _matching(profiles: Sequence[ProfileRef], words: str) -> tuple[ProfileRef, ...]:
    wanted = words.casefold()
    return tuple(one for one in profiles if one.title.casefold() == wanted) or tuple(
        one for one in profiles if wanted in one.title.casefold()
    )


async def _end_links(deps: Deps, team: TeamId, owner: UserId, ref_id: RefId, *, by: UserId) -> tuple[Card, ...] | None:
    """End the owner's links to a profile and return their cards, or None if some may still work."""
    try:
        if any(mapping.ref_id == ref_id for mapping in await deps.mappings.of(team, owner)):
            return ()  # it was mapped to them again meanwhile
        ended = await revoke_links(deps, team, owner, ref_id, by=by)
    except ConnectbotError as error:
        log.warning("links_not_ended", user=owner, profile=ref_id, cause=error.kind)
        return None
    for card in ended:
        try:
            await show_end(deps, card)
        except ConnectbotError as error:
            log.info("end_not_drawn", card=card.id, cause=error.kind)
    return ended
