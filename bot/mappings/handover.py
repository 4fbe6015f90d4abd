"""An admin hands somebody's profiles over to somebody else; the admins are asked to when a mapped person has left.

Who may do that has been checked by then (access.py).
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.cards.model import Card
from bot.core.model import Message, RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings import held_profiles, unmap
from bot.mappings.handover_views import handed_over_message, left_message, received_message
from bot.mappings.model import RemovalResult
from bot.people import access
from bot.people.errors import NotServed
from bot.profiles.errors import NoSuchProfile
from bot.profiles.model import ProfileRef
from bot.slack.errors import SlackAway, SlackError

SAME_LEAVING = timedelta(days=1)
"""Slack tells of every change of somebody's profile, so of the same leaving more than once."""

log = structlog.get_logger()


async def profiles_to_hand_over(
    deps: Deps, team: TeamId, old: UserId
) -> tuple[tuple[ProfileRef, ...], tuple[Card, ...]]:
    """Return what somebody looks after, and their links to it that still work; raise NoSuchProfile."""
    held = await held_profiles.held_by(deps, team, old)
    if not held:
        raise NoSuchProfile(f"<@{old}> looks after no profile, so there is nothing to hand over.")
    return held, await held_profiles.live_links(deps, team, old, held)


async def check_successor(deps: Deps, team: TeamId, *, old: UserId, new: UserId) -> None:
    """Return if somebody can take profiles over; raise NotServed, or SlackUnavailable in doubt."""
    if old == new:
        raise NotServed("This person looks after these profiles already. Choose somebody else.")
    await access.check_owner(deps, team=team, owner=new)


async def hand_over(
    deps: Deps, team: TeamId, *, old: UserId, new: UserId, ref_ids: Sequence[RefId], by: UserId
) -> RemovalResult:
    """Give profiles to somebody else, all or none."""
    chosen = await held_profiles.described(deps, team, old, ref_ids)
    moved = await deps.mappings.hand_over(team, old, new, ref_ids, by=by)
    taken = [one for one in chosen if one.ref_id in moved]
    outcome = await unmap.remove_profiles(deps, team, old, chosen, taken, by=by)
    if not taken:
        return outcome
    command, default = deps.settings.connect_command, (await held_profiles.held_by(deps, team, new))[:1]
    messages = {
        new: received_message(taken, old=old, by=by, default=default, command=command),
        old: handed_over_message(taken, new=new, by=by, command=command),
    }
    return await unmap.told(deps, team, outcome, messages, by=by)


async def somebody_left(deps: Deps, team: TeamId, user: UserId) -> None:
    """Ask the admins, once, who takes over from somebody whose account was deactivated."""
    held = await held_profiles.held_by(deps, team, user)
    if not held or not await deps.idempotency.claim(team, f"left:{user}", within=SAME_LEAVING):
        return
    message = left_message(user, held)
    try:
        asked = [await _ask(deps, admin, message) for admin in await _admins(deps, team, besides=user)]
    except SlackError:
        asked = []
    if not any(asked):
        await deps.idempotency.release(team, f"left:{user}")


async def _admins(deps: Deps, team: TeamId, *, besides: UserId) -> tuple[UserId, ...]:
    """Return whom to ask; what is remembered of the one who left may be a minute old."""
    found = tuple(admin for admin in await access.admins_to_ask(deps, team) if admin != besides)
    if found:
        return found
    owner = await deps.people.primary_owner()
    return (owner,) if owner and owner != besides else ()


async def _ask(deps: Deps, admin: UserId, message: Message) -> bool:
    """Ask an admin, and return whether they may have heard it: without a word, Slack may have posted all the same."""
    try:
        await deps.direct_messages.post(admin, message)
    except SlackError as error:
        log.warning("admin_not_told", admin=admin, error=error.reason)
        return isinstance(error, SlackAway)
    return True
