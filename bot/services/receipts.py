"""What became of an invitation, in one message to whoever asked that is edited in place."""

from dataclasses import replace
from functools import partial
from hashlib import sha256

import structlog

from bot.deps import Deps
from bot.errands import Errand, InvitationId, Kind
from bot.errors import GONE, SlackUnavailable
from bot.invitations import Invitation
from bot.model import Card, Message, Posted, TeamId
from bot.services import invitation_steps as steps
from bot.services.delivery import SPACING, deliver_newest
from bot.services.invitation_changes import apply, tell
from bot.views.receipt import receipt

log = structlog.get_logger()


async def draw(deps: Deps, team: TeamId, invitation_id: InvitationId) -> None:
    """Show how an invitation stands, if that is news; raise SlackUnavailable where that has to wait."""
    invitation = await deps.invitations.get(team, invitation_id)
    if invitation is None:
        return
    card = await deps.cards.of_invitation(team, invitation_id)
    if card is not None and _learnt(invitation, card) != invitation:
        _, invitation = await apply(deps, invitation, partial(_learnt, card=card))
    if invitation.sending:
        await tell(deps, invitation)
        return
    message = receipt(invitation, card)
    told = sha256(message.blocks[0]["text"]["text"].encode()).hexdigest()[:16]
    if told == invitation.told:
        return
    posted = await _show(deps, invitation, message)
    if posted is None:
        await deps.later.plan(team, Errand(Kind.RECEIPT, invitation_id), at=deps.clock.now() + SPACING)
    else:
        await apply(deps, invitation, lambda one: replace(one, receipt=posted, told=told))


async def _show(deps: Deps, invitation: Invitation, message: Message) -> Posted | None:
    if invitation.receipt is None:
        mark = f"receipt:{invitation.id}"
        return await deliver_newest(deps, invitation.team, invitation.sender, message, mark=mark)
    try:
        await deps.direct.update(invitation.receipt, message)
    except SlackUnavailable as error:
        if error.word not in GONE:
            raise
        log.info("receipt_gone", invitation=invitation.id, error=error.word)
    return invitation.receipt


def _learnt(invitation: Invitation, card: Card) -> Invitation:
    """Add what a card shows as linked to what earlier ones did, a network once; that there is a card was an answer."""
    linked = tuple({account.network: account for account in (*invitation.linked, *card.linked)}.values())
    answered = steps.opened(invitation, at=card.made_at) if invitation.state.live else invitation
    return replace(answered, linked=linked)
