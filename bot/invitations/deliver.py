"""An invitation's moments: it is delivered, delivered again when its recipient wanted that, and over after a week."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog

from bot.ayrshare.model import Profile
from bot.core.model import InvitationId, TeamId
from bot.deps import Deps
from bot.invitations import transitions as steps
from bot.invitations.deliverability import delivery_blocker, refusal_of
from bot.invitations.model import DELIVER_INVITATION, MARK_RESENT, Failure, Invitation
from bot.invitations.needs_attention import linked_now
from bot.invitations.transitions import Due
from bot.invitations.update import change, tell
from bot.invitations.views import invitation_message, sent_again
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.slack.errors import ScopeMissing, SlackError, SlackRateLimited, TokenRejected
from bot.slack.model import MessageRef
from bot.storage.errors import UnreadableSecret

SEPARATOR = ":"
GIVE_UP = timedelta(hours=1)
"""How long Slack may be out of reach before its sender is told that it can't be delivered."""

log = structlog.get_logger()


async def on_due(deps: Deps, team: TeamId, invitation_id: InvitationId) -> None:
    """Do what the present moment asks of an invitation; raise SlackUnavailable where that has to wait."""
    invitation = await deps.invitations.get(team, invitation_id)
    if invitation is None:
        return
    due = steps.due(invitation, now=deps.clock.now())
    if due is Due.DELIVERY:
        await deliver(deps, invitation)
    elif due is Due.END:
        await change(deps, invitation, steps.unanswered)
    else:
        await await_answer(deps, invitation)
        await tell(deps, invitation)  # whoever changed it may have died before


async def deliver(deps: Deps, invitation: Invitation) -> None:
    """Send an invitation to its recipient, or find out why that can't be; raise SlackUnavailable likewise."""
    reached = await _reach(deps, invitation)
    if isinstance(reached, Failure):
        await change(deps, invitation, partial(steps.failed, failure=reached))
        return
    delivered = await change(deps, invitation, partial(steps.delivered, posted=reached, at=deps.clock.now()))
    await await_answer(deps, delivered)
    if invitation.message is not None:
        await _retire_in_turn(deps, invitation, invitation.message)


async def await_answer(deps: Deps, invitation: Invitation) -> None:
    """See to the moment at which an invitation comes again, or is over; an answer may move it meanwhile."""
    newest: Invitation | None = invitation
    planned = None
    while newest is not None and newest.state.live and newest.due_at != planned:
        planned = newest.due_at
        await deps.scheduler.plan(newest.team, Job(DELIVER_INVITATION, newest.id), at=planned)
        newest = await deps.invitations.get(newest.team, newest.id)


async def _reach(deps: Deps, invitation: Invitation) -> MessageRef | Failure:
    try:
        failure = await delivery_blocker(deps, invitation.team, invitation.recipient)
        profile = await _profile(deps, invitation)
        if failure or profile is None:
            return failure or Failure.NOT_MAPPED
        return await _post(deps, invitation, profile)
    except UnreadableSecret:
        return Failure.UNREADABLE
    except SlackError as error:
        patient = error.transient and deps.clock.now() - invitation.due_at < GIVE_UP
        if patient or _concerns_the_bot(error):
            raise
        log.warning("invitation_not_delivered", invitation=invitation.id, error=error.reason)
        return Failure.SLACK_AWAY if error.transient else refusal_of(error)


def _concerns_the_bot(error: SlackError) -> bool:
    """Return whether it is no matter of this recipient, and passes; a scope that was left out may never come."""
    return isinstance(error, SlackRateLimited | TokenRejected) and not isinstance(error, ScopeMissing)


async def _post(deps: Deps, invitation: Invitation, profile: Profile) -> MessageRef:
    accounts = await linked_now(deps, invitation.team, profile)
    asks = invitation_message(replace(invitation, title=profile.title), accounts)
    return await deliver_once(deps, invitation.team, invitation.recipient, asks, mark=invitation.mark)


async def _profile(deps: Deps, invitation: Invitation) -> Profile | None:
    """Return the profile, if it is still its recipient's."""
    mappings = await deps.mappings.of(invitation.team, invitation.recipient)
    if all(mapping.ref_id != invitation.ref_id for mapping in mappings):
        return None
    return next(iter(await deps.profiles.get(invitation.team, invitation.ref_id)), None)


async def mark_resent(deps: Deps, team: TeamId, what: str) -> None:
    """Say on an earlier message that there is a newer one; `what` is the invitation and where that message stands."""
    invitation_id, channel, ts = what.split(SEPARATOR)
    invitation = await deps.invitations.get(team, InvitationId(invitation_id))
    if invitation is not None:
        await deps.direct_messages.update(MessageRef(channel, ts), sent_again(invitation))


async def _retire_in_turn(deps: Deps, invitation: Invitation, posted: MessageRef) -> None:
    earlier = Job(MARK_RESENT, SEPARATOR.join((invitation.id, posted.channel, posted.ts)))
    await deps.scheduler.plan(invitation.team, earlier, at=deps.clock.now())
