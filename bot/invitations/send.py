"""Who may ask whom, in which words, how often, and for which profile.

An invitation is stored and its job planned before anything is sent, so a crash in between loses nothing and sends
nothing twice.
"""

import asyncio
import secrets
from dataclasses import dataclass

from bot.ayrshare.model import Profile
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.invitations.deliver import connected_now
from bot.invitations.errors import (
    InvitedAlready,
    InvitedOneself,
    InvitedTooMany,
    NothingToLink,
    OptedOut,
)
from bot.invitations.model import (
    CRASH_RECOVERY,
    PROFILES_CHECKED,
    Invitation,
    InvitationId,
    InvitationLimit,
    LimitReached,
)
from bot.invitations.note import checked_note
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.choose_profile import profiles_of
from bot.profiles.errors import NotMapped


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """Who asks whom, with which note; `home_team` is the sender's own workspace, if Slack named it."""

    team: TeamId
    sender: UserId
    recipient: UserId
    note: str = ""
    home_team: TeamId | None = None


async def invite(deps: Deps, request: InvitationRequest) -> Invitation:
    """Store an invitation, to be delivered at once; raise NotAllowed, NotServed, AskedTooOften, NotInvited."""
    await access.check_caller(deps, team=request.team, caller=request.sender, home_team=request.home_team)
    note = checked_note(request.note)
    if request.sender == request.recipient:
        raise InvitedOneself(deps.settings.connect_command)
    await deps.limits.count(request.team, request.sender, "invitations")
    await _check_recipient(deps, request)
    profile = await profile_to_connect(deps, request.team, request.recipient)
    now = deps.clock.now()
    invitation = Invitation(
        id=InvitationId(secrets.token_urlsafe(16)),
        team=request.team,
        sender=request.sender,
        recipient=request.recipient,
        ref_id=profile.ref_id,
        title=profile.title,
        note=note,
        asked_at=now,
        due_at=now,
    )
    await deps.scheduler.plan(request.team, invitation.delivery_job, at=now + CRASH_RECOVERY)
    reached = await begin(deps, invitation)
    if reached is not None:
        await deps.scheduler.cancel(request.team, invitation.delivery_job)
        raise _refusal(reached, invitation)
    await deps.scheduler.plan(request.team, invitation.delivery_job, at=now)
    return invitation


async def begin(deps: Deps, invitation: Invitation) -> LimitReached | None:
    """Store a new invitation and audit it, or return the limit that refuses it."""
    reached = await deps.invitations.begin(invitation)
    if reached is None:
        row = AuditRow("link_sent_for", by=invitation.sender, owner=invitation.recipient, ref_id=invitation.ref_id)
        await deps.audit.add(invitation.team, row)
    return reached


async def profile_to_connect(deps: Deps, team: TeamId, user: UserId) -> Profile:
    """Return the first of a person's profiles with a disconnected account, else the first that needs attention.

    If none does, it is their default. Raises NothingToLink.
    """
    try:
        profiles = await profiles_of(deps, team, user)
    except NotMapped:
        raise NothingToLink(deps.settings.connect_command) from None
    if len(profiles) == 1:
        return profiles[0]
    broken = await deps.snapshots.dropped(team)
    if dropped := next((profile for profile in profiles if profile.ref_id in broken), None):
        return dropped
    checked = profiles[:PROFILES_CHECKED]
    results = await asyncio.gather(*(connected_now(deps, team, profile) for profile in checked))
    for profile, accounts in zip(checked, results, strict=True):
        if any(account.needs_attention for account in accounts or ()):
            return profile
    return profiles[0]


async def _check_recipient(deps: Deps, request: InvitationRequest) -> None:
    await access.check_recipient(deps, team=request.team, user=request.recipient, by=request.sender)
    if await deps.preferences.is_muted(request.team, request.recipient):
        raise OptedOut


def _refusal(reached: LimitReached, invitation: Invitation) -> InvitedAlready | InvitedTooMany:
    if reached.limit in {InvitationLimit.LIVE, InvitationLimit.TODAY}:
        return InvitedAlready(reached.limit)
    return InvitedTooMany(reached.limit, (reached.until or invitation.asked_at) - invitation.asked_at)
