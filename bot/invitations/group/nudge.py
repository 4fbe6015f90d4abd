"""*Nudge* on a receipt: of a request to one person or several, or to a user group, whose members are nudged in turn."""

from dataclasses import replace

from bot.core.model import UserId, Viewer
from bot.deps import Deps
from bot.invitations.errors import NotNudged, NudgedToday
from bot.invitations.model import CRASH_RECOVERY, LONGEST_NUDGE, NUDGE_PAUSE, GroupRequest, GroupRequestId
from bot.invitations.nudge import nudge_people
from bot.people import access


async def nudge(deps: Deps, viewer: Viewer, asked: str) -> tuple[UserId, ...]:
    """Send a request again to whoever hasn't answered it; return who is nudged.

    `asked` is the id of an invitation or of a group request. Raises NotAllowed, NotNudged.
    """
    request = await deps.group_requests.get(viewer.team, GroupRequestId(asked))
    if request is None or request.people:
        return await nudge_people(deps, viewer, asked)
    await access.check_admin(deps, viewer)
    return await _nudge_group(deps, request, viewer.user)


async def _nudge_group(deps: Deps, request: GroupRequest, sender: UserId) -> tuple[UserId, ...]:
    """Put the members who can be nudged among those to ask again."""
    left = await deps.group_requests.unanswered(request.team, request.id)
    if request.sender != sender or not left:
        raise NotNudged
    team, nudged = request.team, f"nudged_group:{request.id}"
    async with deps.locks.hold(team, nudged, longest=LONGEST_NUDGE) as ours:
        if not ours or await deps.idempotency.is_claimed(team, nudged):
            raise NudgedToday
        await deps.scheduler.plan(team, request.job, at=deps.clock.now() + CRASH_RECOVERY)
        await deps.group_requests.save_with_members(replace(request, nudged_at=deps.clock.now()), left)
        await deps.idempotency.claim(team, nudged, within=NUDGE_PAUSE)
    await deps.scheduler.plan(team, request.job, at=deps.clock.now())
    return tuple(left)
