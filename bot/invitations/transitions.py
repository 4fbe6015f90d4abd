"""The steps of an invitation's life, each a pure function from an invitation to the next one."""

from dataclasses import replace
from datetime import datetime
from enum import Enum, auto

from bot.ayrshare.model import Account
from bot.invitations.model import LIFE, Failure, Invitation, InvitationState
from bot.slack.model import MessageRef


class Due(Enum):
    """What a moment asks for."""

    NOTHING = auto()
    DELIVERY = auto()
    END = auto()


def due(invitation: Invitation, *, now: datetime) -> Due:
    """Tell what has come due."""
    if now < invitation.due_at or not invitation.state.live:
        return Due.NOTHING
    return Due.END if invitation.state is InvitationState.DELIVERED else Due.DELIVERY


def delivered(invitation: Invitation, *, posted: MessageRef, at: datetime) -> Invitation:
    """Take note of where its message stands now, once; whoever was quick to answer it has done so."""
    if invitation.message == posted:
        return invitation
    state = InvitationState.DELIVERED if invitation.state.live else invitation.state
    deliveries = invitation.deliveries + 1
    return replace(invitation, state=state, message=posted, deliveries=deliveries, delivered_at=at, due_at=at + LIFE)


def arrived(invitation: Invitation, *, posted: MessageRef, at: datetime) -> Invitation:
    """Take note of a delivery by its being answered, if that is sooner than whoever delivers it can."""
    under_way = invitation.state in {InvitationState.WAITING, InvitationState.POSTPONED} and invitation.due_at <= at
    return delivered(invitation, posted=posted, at=at) if under_way else invitation


def failed(invitation: Invitation, failure: Failure) -> Invitation:
    """End it because it can't be delivered; one that was answered meanwhile stays what it is."""
    if not invitation.state.live:
        return invitation
    return replace(invitation, state=InvitationState.FAILED, failure=failure)


def unanswered(invitation: Invitation) -> Invitation:
    """End it because nobody answered for long enough."""
    if invitation.state is not InvitationState.DELIVERED:
        return invitation
    return replace(invitation, state=InvitationState.UNANSWERED)


def postponed(invitation: Invitation, *, until: datetime, at: datetime) -> Invitation:
    """Let it come again later; one whose link was fetched needs no reminder."""
    if invitation.state is InvitationState.OPENED:
        return invitation
    return replace(invitation, state=InvitationState.POSTPONED, failure=None, due_at=until, answered_at=at)


def opened(invitation: Invitation, *, at: datetime) -> Invitation:
    """Take note that its recipient fetched a link."""
    first = invitation.answered_at if invitation.state is InvitationState.OPENED else at
    return replace(invitation, state=InvitationState.OPENED, failure=None, answered_at=first)


def linked(invitation: Invitation, *, account: Account) -> Invitation:
    """Take note that an account was linked, by whatever way; of a network the last one counts."""
    others = tuple(one for one in invitation.connected if one.network != account.network)
    return replace(invitation, connected=(*others, account))


def stopped(invitation: Invitation, *, at: datetime) -> Invitation:
    """Take note that its recipient wants no more of these; a link that was fetched stays fetched."""
    if invitation.state is InvitationState.OPENED:
        return invitation
    return replace(invitation, state=InvitationState.STOPPED, failure=None, answered_at=at)


def allowed(invitation: Invitation, *, at: datetime) -> Invitation:
    """Take a stop back: it waits for an answer again."""
    if invitation.state is not InvitationState.STOPPED:
        return invitation
    return replace(invitation, state=InvitationState.DELIVERED, answered_at=None, due_at=at + LIFE)
