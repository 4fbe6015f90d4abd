"""One member of a group that is asked: whatever is the matter with one of them, the others have their turn."""

import structlog

from bot.ayrshare.model import Profile
from bot.core.model import InvitationId, UserId
from bot.deps import Deps
from bot.invitations.deliver import await_answer, deliver
from bot.invitations.deliverability import delivery_blocker, refusal_of
from bot.invitations.errors import NothingToLink
from bot.invitations.group.model import GroupRequest, SkipReason
from bot.invitations.model import Failure, Invitation, InvitationLimit, InvitationState
from bot.invitations.needs_attention import profile_to_link
from bot.invitations.update import begin, record_outcome, tell
from bot.slack.errors import SlackError
from bot.storage.errors import StoreUnavailable, UnreadableSecret

log = structlog.get_logger()


async def ask(deps: Deps, sending: GroupRequest, member: UserId) -> None:
    """Ask one member, or find out why not, and keep what came of it; raise SlackUnavailable where that has to wait.

    A second time nothing more comes of it.
    """
    try:
        await _ask(deps, sending, member)
    except StoreUnavailable:
        raise
    except SlackError as error:
        if error.retryable:
            raise
        await record_outcome(deps, sending.team, sending.id, member, refusal_of(error))
    except Exception:
        log.exception("member_not_asked", sending=sending.id)
        await record_outcome(deps, sending.team, sending.id, member, SkipReason.BROKEN)


async def _ask(deps: Deps, sending: GroupRequest, member: UserId) -> None:
    invitation = await deps.invitations.get(sending.team, _invitation_id(sending, member))
    begun = invitation or await _begin(deps, sending, member)
    if begun is SkipReason.CAPPED:
        await deps.group_requests.record_rest(sending.team, sending.id, begun)
    elif not isinstance(begun, Invitation):
        await record_outcome(deps, sending.team, sending.id, member, begun)
    elif begun.state is InvitationState.WAITING:
        await deliver(deps, begun)
    else:
        await await_answer(deps, begun)
        await tell(deps, begun)


async def _begin(deps: Deps, sending: GroupRequest, member: UserId) -> Invitation | Failure | SkipReason:
    failure = await delivery_blocker(deps, sending.team, member)
    if failure:
        return failure
    try:
        profile = await profile_to_link(deps, sending.team, member)
    except NothingToLink:
        return Failure.NOT_MAPPED
    except UnreadableSecret:
        return Failure.UNREADABLE
    invitation = _invitation(deps, sending, member, profile)
    refused = await begin(deps, invitation)
    if refused:
        return SkipReason.CAPPED if refused.limit is InvitationLimit.WORKSPACE else SkipReason.ASKED_ALREADY
    return invitation


def _invitation(deps: Deps, sending: GroupRequest, member: UserId, profile: Profile) -> Invitation:
    now = deps.clock.now()
    return Invitation(
        id=_invitation_id(sending, member),
        team=sending.team,
        sender=sending.sender,
        recipient=member,
        ref_id=profile.ref_id,
        title=profile.title,
        note=sending.note,
        asked_at=now,
        due_at=now,
        group_request=sending.id,
    )


def _invitation_id(sending: GroupRequest, member: UserId) -> InvitationId:
    """Return what a member's invitation goes by: the same after a death."""
    return InvitationId(f"{sending.id}-{member}")
