"""*Nudge* on a receipt: whoever was asked and hasn't connected anything gets the request again, once a day."""

from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.deps import Deps
from bot.invitations import transitions
from bot.invitations.deliver import plan_next
from bot.invitations.errors import NotNudged, NudgedToday
from bot.invitations.model import (
    CRASH_RECOVERY,
    LONGEST_NUDGE,
    NUDGE_PAUSE,
    GroupRequestId,
    Invitation,
    InvitationId,
    InvitationState,
)
from bot.invitations.transitions import update
from bot.people import access
from bot.profiles.redraw import views_changed


async def nudge_people(deps: Deps, viewer: Viewer, asked: str) -> tuple[UserId, ...]:
    """Send an invitation again, or those of several people that are open; return who is nudged.

    `asked` is the id of an invitation or of a group request. Raises NotAllowed, NotNudged.
    """
    await access.check_caller(deps, viewer)
    waiting = [one for one in await _invitations(deps, viewer, asked) if await _can_be_nudged(deps, one)]
    if not waiting:
        raise NotNudged
    nudged = tuple([one.recipient for one in waiting if await _send_again(deps, one)])
    if not nudged:
        raise NudgedToday
    return nudged


async def nudge_again(deps: Deps, invitation: Invitation) -> bool:
    """Send an invitation again if it can be; return whether that was done."""
    return await _can_be_nudged(deps, invitation) and await _send_again(deps, invitation)


async def nudge_waiting(deps: Deps, team: TeamId, recipient: UserId, ref_id: RefId) -> bool:
    """Send the invitation again that they haven't answered for a day, whoever made it; return whether that was done."""
    waiting = await deps.invitations.waiting(team, recipient, ref_id)
    if waiting is None or not waiting.asked_long_ago(deps.clock.now()):
        return False
    return await nudge_again(deps, waiting)


async def _invitations(deps: Deps, viewer: Viewer, asked: str) -> list[Invitation]:
    """Return the invitations that the person made under this id."""
    several = await deps.group_requests.get(viewer.team, GroupRequestId(asked))
    ids = [several.invitation_of(one) for one in several.people] if several else [InvitationId(asked)]
    found = [await deps.invitations.get(viewer.team, one) for one in ids]
    return [one for one in found if one is not None and one.sender == viewer.user]


async def _can_be_nudged(deps: Deps, invitation: Invitation) -> bool:
    """Return whether the recipient has neither a link that works nor another request about the profile."""
    card = await deps.cards.newest_notifying(invitation.team, invitation.receipt_job)
    waiting = await deps.invitations.waiting(invitation.team, invitation.recipient, invitation.ref_id)
    linked = card is not None and card.state.live
    return invitation.can_be_nudged and not linked and (waiting is None or waiting.id == invitation.id)


async def _send_again(deps: Deps, invitation: Invitation) -> bool:
    """Have an invitation delivered again, unless its recipient was nudged today, or is being nudged.

    The job is planned first: where this process dies behind the update, the next one delivers.
    """
    team, nudged = invitation.team, f"nudged:{invitation.recipient}"
    async with deps.locks.hold(team, nudged, longest=LONGEST_NUDGE) as ours:
        if not ours or await deps.idempotency.is_claimed(team, nudged):
            return False
        await deps.scheduler.plan(team, invitation.delivery_job, at=deps.clock.now() + CRASH_RECOVERY)
        await deps.invitations.note_nudge(invitation)
        after = await update(deps, invitation, transitions.nudged, at=deps.clock.now())
        await plan_next(deps, after)
        await deps.idempotency.claim(team, nudged, within=NUDGE_PAUSE)
    await views_changed(deps, team)
    return after.state is InvitationState.WAITING
