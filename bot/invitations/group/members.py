"""Who is asked by a group request, when it is made and while it runs, and when nobody more may be."""

import structlog

from bot.core.model import UserId
from bot.deps import Deps
from bot.invitations.errors import GroupEmpty, GroupNotRead, GroupScopeMissing, NothingBroken, NothingReconnectable
from bot.invitations.model import DELIVERY_TIMEOUT, GROUP_CHECKED, GroupRequest, SkipReason
from bot.people import access
from bot.profiles.account_status import disconnected_profiles
from bot.slack.errors import ScopeMissing, SlackError

log = structlog.get_logger()


async def members_to_ask(deps: Deps, request: GroupRequest) -> list[UserId]:
    """Return whom to ask besides the sender; raise GroupNotRead, or SlackError where waiting may help."""
    if request.for_disconnected:
        members, not_offered = await _with_disconnected(deps, request)
        if not members:
            raise NothingReconnectable(not_offered) if not_offered else NothingBroken
        return sorted(members)
    try:
        everybody = await deps.people.ask_group(request.team, request.group)
    except SlackError as error:
        if error.transient and deps.clock.now() - request.asked_at < DELIVERY_TIMEOUT:
            raise
        log.warning("group_not_read", group=request.group, error=error.reason)
        raise (GroupScopeMissing() if isinstance(error, ScopeMissing) else GroupNotRead()) from None
    members = everybody - {request.sender}
    if not members:
        raise GroupEmpty
    return sorted(members)


async def members_now(deps: Deps, request: GroupRequest) -> frozenset[UserId]:
    """Return who is still among those to ask; raise SlackError in doubt."""
    if request.people:
        return frozenset(request.people)
    if request.for_disconnected:
        return (await _with_disconnected(deps, request))[0]
    return await deps.people.group(request.team, request.group, within=GROUP_CHECKED)


async def why_to_stop(deps: Deps, request: GroupRequest, members: frozenset[UserId]) -> SkipReason | None:
    """Return why nobody more may be asked, if so; raise SlackError in doubt."""
    if request.people:
        served = await access.is_still_served(deps, request.team, request.sender)
        return None if served else SkipReason.SENDER_NOT_SERVED
    if not members and request.group:
        return SkipReason.GROUP_GONE
    return None if await access.is_still_admin(deps, request.team, request.sender) else SkipReason.SENDER_NO_ADMIN


async def _with_disconnected(deps: Deps, request: GroupRequest) -> tuple[frozenset[UserId], str]:
    """Return who can reconnect something, and a sentence on what no link may offer, if that is disconnected."""
    broken = await disconnected_profiles(deps, request.team, await deps.snapshots.health(request.team))
    held = ((mapping.user, mapping.ref_id) for mapping in await deps.mappings.all(request.team))
    return broken.people(held, besides=request.sender), broken.not_offered
