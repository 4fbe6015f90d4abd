"""Somebody asks a colleague to link their accounts: who may ask whom, how often, and for which profile.

What is asked is kept and planned before anything is sent, so a death in between loses nothing and sends nothing twice.
"""

import math
import secrets
from dataclasses import dataclass
from datetime import timedelta

from bot.core.model import InvitationId, TeamId, UserId
from bot.deps import Deps
from bot.invitations.errors import InvitedAlready, InvitedOneself, InvitedTooMany, OptedOut
from bot.invitations.model import DELIVER_INVITATION, Invitation, InvitationLimit, LimitReached
from bot.invitations.needs_attention import profile_to_link
from bot.invitations.note import checked_note
from bot.invitations.update import begin
from bot.people import access
from bot.scheduling.job import Job

AFTER_A_DEATH = timedelta(seconds=10)
"""When an invitation is delivered whose sender's request died between its being kept and planned."""
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
REFUSALS = {
    InvitationLimit.LIVE: "They have been asked to link that profile already, and haven't answered yet.",
    InvitationLimit.TODAY: "They got such a message today already. Try again tomorrow, or write to them yourself.",
}


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """Who asks whom, and in which words; `home` is the sender's own workspace, as far as Slack told."""

    team: TeamId
    sender: UserId
    recipient: UserId
    note: str = ""
    home_team: TeamId | None = None


async def invite(deps: Deps, wish: InvitationRequest) -> Invitation:
    """Keep an invitation, to be delivered at once; raise NotAllowed, NotServed, NotInvited."""
    await access.check_caller(deps, team=wish.team, caller=wish.sender, home_team=wish.home_team)
    note = checked_note(wish.note)
    await _check_recipient(deps, wish)
    await deps.limits.count(wish.team, wish.sender, "invitations")
    profile = await profile_to_link(deps, wish.team, wish.recipient)
    now = deps.clock.now()
    invitation = Invitation(
        id=InvitationId(secrets.token_urlsafe(16)),
        team=wish.team,
        sender=wish.sender,
        recipient=wish.recipient,
        ref_id=profile.ref_id,
        title=profile.title,
        note=note,
        asked_at=now,
        due_at=now,
    )
    job = Job(DELIVER_INVITATION, invitation.id)
    await deps.scheduler.plan(wish.team, job, at=now + AFTER_A_DEATH)
    refused = await begin(deps, invitation)
    if refused is not None:
        await deps.scheduler.cancel(wish.team, job)
        raise _refusal(refused, invitation)
    await deps.scheduler.plan(wish.team, job, at=now)
    return invitation


async def _check_recipient(deps: Deps, wish: InvitationRequest) -> None:
    if wish.sender == wish.recipient:
        raise InvitedOneself(deps.settings.connect_command)
    await access.check_owner(deps, team=wish.team, owner=wish.recipient)
    if await deps.preferences.is_muted(wish.team, wish.recipient):
        raise OptedOut


def _refusal(refused: LimitReached, invitation: Invitation) -> InvitedAlready | InvitedTooMany:
    if refused.limit in REFUSALS:
        return InvitedAlready(REFUSALS[refused.limit])
    left = (refused.until or invitation.asked_at) - invitation.asked_at
    wait = f"{max(1, math.ceil(left // SECOND * SECOND / MINUTE))} min"
    if refused.limit is InvitationLimit.SENDER:
        return InvitedTooMany(f"You can ask five times an hour. Please try again in {wait}.")
    return InvitedTooMany("So many messages went out today that I send no more. Please try again tomorrow.")
