"""What became of an invitation, in one message to whoever asked that is edited in place."""

from dataclasses import replace
from functools import partial

from bot.cards.model import Card
from bot.core.model import InvitationId, TeamId
from bot.deps import Deps
from bot.invitations import transitions as steps
from bot.invitations.model import DRAW_RECEIPT, Invitation
from bot.invitations.receipt_views import receipt
from bot.invitations.update import apply, tell
from bot.scheduling.job import Job
from bot.slack.delivery import SPACING, digest, keep_up_to_date


async def draw_receipt(deps: Deps, team: TeamId, invitation_id: InvitationId) -> None:
    """Show how an invitation stands, if that is news; raise SlackUnavailable where that has to wait."""
    invitation = await deps.invitations.get(team, invitation_id)
    if invitation is None:
        return
    card = await deps.cards.of_invitation(team, invitation_id)
    if card is not None and _learnt(invitation, card) != invitation:
        _, invitation = await apply(deps, invitation, partial(_learnt, card=card))
    if invitation.group_request:
        await tell(deps, invitation)
        return
    message = receipt(invitation, card)
    told, mark = digest(message), f"receipt:{invitation_id}"
    if told == invitation.reported:
        return
    posted = await keep_up_to_date(deps, team, invitation.sender, message, mark=mark, posted=invitation.receipt)
    if posted is None:
        await deps.scheduler.plan(team, Job(DRAW_RECEIPT, invitation_id), at=deps.clock.now() + SPACING)
    else:
        await apply(deps, invitation, lambda one: replace(one, receipt=posted, reported=told))


def _learnt(invitation: Invitation, card: Card) -> Invitation:
    """Add what a card shows as linked to what earlier ones did, a network once; that there is a card was an answer."""
    linked = tuple({account.network: account for account in (*invitation.connected, *card.connected)}.values())
    answered = steps.opened(invitation, at=card.made_at) if invitation.state.live else invitation
    return replace(answered, connected=linked)
