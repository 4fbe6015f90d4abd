"""The states of an invitation: what may follow what, and how a change is stored and reported.

Each transition is a pure function from an invitation to the next one; `update` applies it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto
from typing import Concatenate, ParamSpec

from bot.ayrshare.model import Account
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.invitations.errors import InvitationGone
from bot.invitations.model import (
    ANSWER_TIME,
    DRAW_PROGRESS,
    PROGRESS_DELAY,
    Failure,
    GroupRequestId,
    Invitation,
    InvitationState,
    SenderMessage,
)
from bot.scheduling.job import Job
from bot.slack.model import MessageRef

P = ParamSpec("P")
Transition = Callable[Concatenate[Invitation, P], Invitation]


class InvitationDue(Enum):
    """What has to be done for an invitation."""

    NOTHING = auto()
    DELIVERY = auto()
    END = auto()


def due(invitation: Invitation, *, now: datetime) -> InvitationDue:
    """Return what has to be done by now."""
    if now < invitation.due_at or not invitation.state.live:
        return InvitationDue.NOTHING
    return InvitationDue.END if invitation.state is InvitationState.DELIVERED else InvitationDue.DELIVERY


def delivered(invitation: Invitation, *, message: MessageRef, at: datetime) -> Invitation:
    """Record a delivery, each message once; an answer that was quicker stays."""
    if invitation.message == message:
        return invitation
    return replace(
        invitation,
        state=InvitationState.DELIVERED if invitation.state.live else invitation.state,
        message=message,
        deliveries=invitation.deliveries + 1,
        delivered_at=at,
        due_at=at + ANSWER_TIME,
    )


def failed(invitation: Invitation, *, failure: Failure) -> Invitation:
    """End an invitation that can't be delivered, unless it was answered meanwhile."""
    if not invitation.state.live:
        return invitation
    return replace(invitation, state=InvitationState.FAILED, failure=failure)


def unanswered(invitation: Invitation) -> Invitation:
    """End a delivered invitation after the time for an answer."""
    if invitation.state is not InvitationState.DELIVERED:
        return invitation
    return replace(invitation, state=InvitationState.UNANSWERED)


def clicked(invitation: Invitation, *, message: MessageRef, at: datetime) -> Invitation:
    """Record the delivery of a message on which its recipient clicked before the delivery itself was recorded."""
    under_way = invitation.state in {InvitationState.WAITING, InvitationState.POSTPONED} and invitation.due_at <= at
    return delivered(invitation, message=message, at=at) if under_way else invitation


def postponed(invitation: Invitation, *, message: MessageRef, until: datetime, at: datetime) -> Invitation:
    """Plan the next delivery, unless a link was made already."""
    invitation = clicked(invitation, message=message, at=at)
    if invitation.state is InvitationState.OPENED:
        return invitation
    return replace(invitation, state=InvitationState.POSTPONED, failure=None, due_at=until, answered_at=at)


def nudged(invitation: Invitation, *, at: datetime) -> Invitation:
    """Deliver an invitation once more, if it can be nudged."""
    if not invitation.can_be_nudged:
        return invitation
    return replace(invitation, state=InvitationState.WAITING, due_at=at, nudged_at=at)


def opened(invitation: Invitation, *, message: MessageRef, at: datetime) -> Invitation:
    """Record that its recipient got a link by a click on the message."""
    return link_made(clicked(invitation, message=message, at=at), at=at)


def link_made(invitation: Invitation, *, at: datetime) -> Invitation:
    """Record that there is a link, by the first one's moment."""
    first = invitation.answered_at if invitation.state is InvitationState.OPENED else at
    return replace(invitation, state=InvitationState.OPENED, failure=None, answered_at=first)


def muted(invitation: Invitation, *, message: MessageRef, at: datetime) -> Invitation:
    """Record that its recipient muted invitations, unless a link was made already."""
    invitation = clicked(invitation, message=message, at=at)
    if invitation.state is InvitationState.OPENED:
        return invitation
    return replace(invitation, state=InvitationState.MUTED, failure=None, answered_at=at)


def unmuted(invitation: Invitation, *, at: datetime) -> Invitation:
    """Undo `muted`: the invitation waits for an answer again."""
    if invitation.state is not InvitationState.MUTED:
        return invitation
    return replace(invitation, state=InvitationState.DELIVERED, answered_at=None, due_at=at + ANSWER_TIME)


def connected(invitation: Invitation, *, accounts: Sequence[Account]) -> Invitation:
    """Record accounts that were connected; the last one of each network counts."""
    by_network = {account.network: account for account in (*invitation.connected, *accounts)}
    return replace(invitation, connected=tuple(by_network.values()))


def reported(invitation: Invitation, *, receipt: SenderMessage) -> Invitation:
    """Record what the sender's receipt says now."""
    return replace(invitation, receipt=receipt)


async def update(
    deps: Deps, invitation: Invitation, transition: Transition[P], *args: P.args, **kwargs: P.kwargs
) -> Invitation:
    """Apply a transition and have the sender's message redrawn; raise InvitationGone if it is no longer stored."""
    before, after = await apply(deps, invitation, transition, *args, **kwargs)
    if after.state is not before.state:
        deps.metrics.invitations.labels(after.failure or after.state).inc()
    await notify_sender(deps, after)
    return after


async def apply(
    deps: Deps, invitation: Invitation, transition: Transition[P], *args: P.args, **kwargs: P.kwargs
) -> tuple[Invitation, Invitation]:
    """Apply a transition to the newest version; return the invitation before and after, or raise InvitationGone."""
    newest: Invitation | None = invitation
    while newest is not None:
        changed = replace(transition(newest, *args, **kwargs), version=newest.version + 1)
        if await deps.invitations.update(changed):
            return newest, changed
        newest = await deps.invitations.get(invitation.team, invitation.id)
    raise InvitationGone


async def notify_sender(deps: Deps, invitation: Invitation) -> None:
    """Have the sender's message redrawn: the receipt, or the progress of the group request."""
    if invitation.group_request:
        await record_outcome(deps, invitation.team, invitation.group_request, invitation.recipient, invitation.outcome)
    else:
        await deps.scheduler.plan(invitation.team, invitation.receipt_job, at=deps.clock.now())


async def record_outcome(deps: Deps, team: TeamId, request: GroupRequestId, member: UserId, outcome: str) -> None:
    """Store the outcome for a member of a group, and have the sender's message redrawn soon."""
    await deps.group_requests.record_outcome(team, request, member, outcome)
    soon = deps.clock.now() + PROGRESS_DELAY
    await deps.scheduler.plan(team, Job(DRAW_PROGRESS, request), at=soon, if_planned="keep")


async def record_connected_account(
    deps: Deps, team: TeamId, holders: Sequence[UserId], ref_id: RefId, account: Account
) -> bool:
    """Record an account that was connected otherwise on the invitations that wait for it; return whether any does."""
    waiting = [await deps.invitations.waiting(team, holder, ref_id) for holder in holders]
    found = [invitation for invitation in waiting if invitation is not None]
    for invitation in found:
        await update(deps, invitation, connected, accounts=[account])
    return bool(found)
