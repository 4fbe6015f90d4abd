"""What the sender is told, in one direct message that is edited in place: a receipt, or the progress in a group."""

from bot.cards.model import Card
from bot.core.model import Message, TeamId, UserId
from bot.deps import Deps
from bot.invitations import transitions
from bot.invitations.model import (
    DRAW_PROGRESS,
    DRAW_RECEIPT,
    GroupRequest,
    GroupRequestId,
    Invitation,
    InvitationId,
    SenderMessage,
)
from bot.invitations.sender_views import people_receipt, progress_message, receipt
from bot.invitations.transitions import apply, notify_sender
from bot.scheduling.job import Job
from bot.slack.delivery import SPACING, fingerprint, keep_up_to_date


async def draw_receipt(deps: Deps, team: TeamId, invitation_id: InvitationId) -> None:
    """Show the state of an invitation, or pass it on to its group's progress; raise SlackError where it has to wait."""
    invitation = await deps.invitations.get(team, invitation_id)
    if invitation is None:
        return
    card = await deps.cards.newest_notifying(team, Job(DRAW_RECEIPT, invitation_id))
    if card is not None and _with_card(invitation, card=card) != invitation:
        _, invitation = await apply(deps, invitation, _with_card, card=card)
    if invitation.group_request:
        await notify_sender(deps, invitation)
        return
    content = receipt(invitation, card)
    drawn = await _draw(deps, team, invitation.sender, content, shown=invitation.receipt, job=invitation.receipt_job)
    if drawn is not None:
        await apply(deps, invitation, transitions.reported, receipt=drawn)


async def draw_progress(deps: Deps, team: TeamId, request_id: GroupRequestId) -> None:
    """Show how far a group request is; raise SlackError where it has to wait."""
    request = await deps.group_requests.get(team, request_id)
    if request is None:
        return
    content = await _progress(deps, request)
    shown, job = await deps.group_requests.sender_message(team, request_id), Job(DRAW_PROGRESS, request_id)
    drawn = await _draw(deps, team, request.sender, content, shown=shown, job=job)
    if drawn is not None:
        await deps.group_requests.save_sender_message(team, request_id, drawn)


async def _progress(deps: Deps, request: GroupRequest) -> Message:
    """Show the people who were named one by one, and the members of a group by number."""
    if not request.people:
        return progress_message(request, await deps.group_requests.progress(request.team, request.id))
    found = {one: await deps.invitations.get(request.team, request.invitation_of(one)) for one in request.people}
    invitations = {one: invitation for one, invitation in found.items() if invitation is not None}
    not_asked = await deps.group_requests.not_asked(request.team, request.id)
    return people_receipt(request, invitations, not_asked)


def _with_card(invitation: Invitation, *, card: Card) -> Invitation:
    """Add what the invitation's newest card shows; that there is a card means that its recipient got a link."""
    newer = card.made_at >= (invitation.nudged_at or invitation.asked_at)
    answered = transitions.link_made(invitation, at=card.made_at) if invitation.state.live and newer else invitation
    return transitions.connected(answered, accounts=[one for one in card.connected if not one.questionable])


async def _draw(
    deps: Deps, team: TeamId, sender: UserId, content: Message, *, shown: SenderMessage | None, job: Job
) -> SenderMessage | None:
    """Return the sender's message as drawn now, or None if it says this already or the job is planned again."""
    new = fingerprint(content)
    if shown is not None and shown.fingerprint == new:
        return None
    posted = shown.message if shown else None
    message = await keep_up_to_date(deps, team, sender, content, mark=f"{job.name}:{job.id}", posted=posted)
    if message is None:
        await deps.scheduler.plan(team, job, at=deps.clock.now() + SPACING)
        return None
    return SenderMessage(message, new)
