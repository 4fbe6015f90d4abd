"""Whether a recipient can be reached, and the delivery of an invitation: at once, again later, or never."""

from dataclasses import replace

import structlog

from bot.ayrshare.model import Profile
from bot.core.errors import ConnectbotError
from bot.core.model import Membership, TeamId, UserId
from bot.core.time_limit import limited_to
from bot.deps import Deps
from bot.invitations import transitions
from bot.invitations.model import CHECK_TIMEOUT, DELIVERY_TIMEOUT, MARK_RESENT, Failure, Invitation, InvitationId
from bot.invitations.transitions import InvitationDue, notify_sender, update
from bot.invitations.views import invitation_message, resent_message
from bot.people import access
from bot.people.errors import NotServed
from bot.profiles.account_status import accounts_of
from bot.profiles.model import Snapshot
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.slack.errors import (
    FinalRefusal,
    MessagesTabDisabled,
    OperatorNeeded,
    RecipientDeactivated,
    ScopeMissing,
    SlackError,
    SlackRateLimited,
)
from bot.slack.model import MessageRef
from bot.storage.errors import StoreUnavailable, UnreadableSecret

SEPARATOR = ":"
NOBODY_REACHED = ScopeMissing | MessagesTabDisabled

log = structlog.get_logger()


async def on_due(deps: Deps, team: TeamId, invitation_id: InvitationId) -> None:
    """Do what is due for an invitation: deliver it, or end it; raise SlackError where that has to wait."""
    invitation = await deps.invitations.get(team, invitation_id)
    if invitation is None:
        return
    due = transitions.due(invitation, now=deps.clock.now())
    if due is InvitationDue.DELIVERY:
        await deliver(deps, invitation)
    elif due is InvitationDue.END:
        await update(deps, invitation, transitions.unanswered)
    else:
        await plan_next(deps, invitation)
        await notify_sender(deps, invitation)  # the process that changed it may have died before


async def deliver(deps: Deps, invitation: Invitation) -> None:
    """Post an invitation to its recipient, or record why it can't be delivered; raise SlackError in doubt."""
    result = await _post_or_fail(deps, invitation)
    if isinstance(result, Failure):
        await update(deps, invitation, transitions.failed, failure=result)
        return
    delivered = await update(deps, invitation, transitions.delivered, message=result, at=deps.clock.now())
    await plan_next(deps, delivered)
    if invitation.message is not None:
        earlier = SEPARATOR.join((invitation.id, invitation.message.channel, invitation.message.ts))
        await deps.scheduler.plan(invitation.team, Job(MARK_RESENT, earlier), at=deps.clock.now())


async def plan_next(deps: Deps, invitation: Invitation) -> None:
    """Plan the next delivery or the end of an invitation; an answer may move that moment meanwhile."""
    newest: Invitation | None = invitation
    planned = None
    while newest is not None and newest.state.live and newest.due_at != planned:
        planned = newest.due_at
        await deps.scheduler.plan(newest.team, newest.delivery_job, at=planned)
        newest = await deps.invitations.get(newest.team, newest.id)


async def mark_resent(deps: Deps, team: TeamId, job_id: str) -> None:
    """Say on an earlier message that there is a newer one; the job's id names the invitation and that message."""
    invitation_id, channel, ts = job_id.split(SEPARATOR)
    invitation = await deps.invitations.get(team, InvitationId(invitation_id))
    if invitation is not None:
        await deps.direct_messages.update(team, MessageRef(channel, ts), resent_message(invitation))


async def delivery_blocker(deps: Deps, team: TeamId, user: UserId) -> Failure | None:
    """Return why a person can't be asked, or None if nothing is known against it; raise SlackError in doubt."""
    try:
        await access.check_recipient(deps, team=team, user=user)
    except NotServed:
        gone = (await deps.people.remembered(team, user)).membership is Membership.DEACTIVATED
        return Failure.DEACTIVATED if gone else Failure.NOT_SERVED
    return Failure.MUTED if await deps.preferences.is_muted(team, user) else None


def failure_of(error: SlackError) -> Failure:
    """Return the failure that Slack's refusal of a direct message means."""
    if isinstance(error, RecipientDeactivated):
        return Failure.DEACTIVATED
    if isinstance(error, MessagesTabDisabled):
        return Failure.NO_MESSAGES
    return Failure.CANT_BE_MESSAGED if isinstance(error, FinalRefusal | ScopeMissing) else Failure.SLACK_AWAY


async def seen_now(deps: Deps, team: TeamId, profile: Profile) -> Snapshot | None:
    """Return how a profile is, or None where Ayrshare fails or is slow: that is good to know, not needed."""
    try:
        async with limited_to(CHECK_TIMEOUT):
            await accounts_of(deps, team, profile)
            return (await deps.snapshots.of(team, profile.ref_id)).get(profile.ref_id)
    except (ConnectbotError, TimeoutError):
        return None


async def _post_or_fail(deps: Deps, invitation: Invitation) -> MessageRef | Failure:
    in_time = deps.clock.now() - invitation.due_at < DELIVERY_TIMEOUT
    try:
        return await _post(deps, invitation)
    except UnreadableSecret:
        return Failure.UNREADABLE
    except SlackError as error:
        if _concerns_the_bot(error) or (in_time and _may_pass(error, invitation)):
            raise
        log.warning("invitation_not_delivered", invitation=invitation.id, error=error.reason)
        return failure_of(error)
    except Exception as error:
        if in_time or type(error) is StoreUnavailable:  # without Redis nobody can be told either
            raise
        log.exception("invitation_not_delivered", invitation=invitation.id)
        return Failure.UNEXPECTED


async def _post(deps: Deps, invitation: Invitation) -> MessageRef | Failure:
    failure = await delivery_blocker(deps, invitation.team, invitation.recipient)
    profile = await _profile(deps, invitation)
    if failure or profile is None:
        return failure or Failure.NOT_MAPPED
    seen, named = await seen_now(deps, invitation.team, profile), replace(invitation, title=profile.title)
    message = invitation_message(named, seen, offered=deps.ayrshare.options.offered, again=invitation.deliveries > 0)
    return await deliver_once(deps, invitation.team, invitation.recipient, message, mark=invitation.mark)


def _concerns_the_bot(error: SlackError) -> bool:
    """Tell whether to wait until Slack takes messages again, or until an operator has mended the token.

    A missing scope may never be granted; without direct messages the sender has to hear at once.
    """
    return isinstance(error, SlackRateLimited | OperatorNeeded) and not isinstance(error, NOBODY_REACHED)


def _may_pass(error: SlackError, invitation: Invitation) -> bool:
    """Tell whether to try again; a refusal that nobody knows doesn't hold up the others of a group."""
    known = isinstance(error, FinalRefusal | NOBODY_REACHED)
    return error.transient or not (known or invitation.group_request)


async def _profile(deps: Deps, invitation: Invitation) -> Profile | None:
    """Return the invitation's profile if it is still mapped to the recipient."""
    mappings = await deps.mappings.of(invitation.team, invitation.recipient)
    if all(mapping.ref_id != invitation.ref_id for mapping in mappings):
        return None
    return next(iter(await deps.profiles.get(invitation.team, invitation.ref_id)), None)
