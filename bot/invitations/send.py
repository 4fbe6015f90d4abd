"""Who may ask whom, in which words, how often, and for which profile.

An invitation is stored and its job planned before anything is sent, so a crash in between loses nothing and sends
nothing twice.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.deps import Deps
from bot.invitations.deliver import seen_now
from bot.invitations.errors import (
    InvitedAlready,
    InvitedOneself,
    InvitedTooMany,
    NothingToLink,
    OtherProfiles,
    RecipientMuted,
)
from bot.invitations.model import (
    CRASH_RECOVERY,
    PROFILES_CHECKED,
    GroupRequest,
    Invitation,
    InvitationId,
    InvitationLimit,
    LimitReached,
)
from bot.invitations.note import checked_note
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.account_status import disconnected_profiles
from bot.profiles.choose_profile import profiles_of
from bot.profiles.errors import NotMapped
from bot.profiles.redraw import views_changed


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """Who asks whom, with which note, about one of which profiles if they are chosen."""

    viewer: Viewer
    recipients: tuple[UserId, ...]
    note: str = ""
    profiles: tuple[RefId, ...] = ()

    @property
    def team(self) -> TeamId:
        """The workspace in which it is sent."""
        return self.viewer.team

    @property
    def sender(self) -> UserId:
        """Who asks."""
        return self.viewer.user


async def invite(deps: Deps, request: InvitationRequest) -> Invitation:
    """Store an invitation of one person, to be delivered at once; raise NotInvited, and as `check_request` does."""
    (recipient,), note = request.recipients, await check_request(deps, request)
    if request.sender == recipient:
        raise InvitedOneself
    await _check_recipient(deps, request, recipient)
    profile = await _profile_to_connect(deps, request, recipient)
    invitation = new_invitation(deps, request, recipient, profile, note=note)
    await deps.scheduler.plan(request.team, invitation.delivery_job, at=invitation.due_at + CRASH_RECOVERY)
    reached = await begin(deps, invitation)
    if reached is not None:
        await deps.scheduler.cancel(request.team, invitation.delivery_job)
        raise _refusal(reached, invitation)
    await deps.scheduler.plan(request.team, invitation.delivery_job, at=invitation.due_at)
    return invitation


async def check_request(deps: Deps, request: InvitationRequest) -> str:
    """Return the note as it is sent; raise NotAllowed, NoteRefused, AskedTooOften."""
    await access.check_caller(deps, request.viewer)
    note = checked_note(request.note)
    await deps.limits.count(request.team, request.sender, "invitations")
    return note


def new_invitation(
    deps: Deps, request: InvitationRequest | GroupRequest, recipient: UserId, profile: Profile, *, note: str
) -> Invitation:
    """Return an invitation that is due at once; that of somebody in a group has the same id after a crash."""
    group, now = request if isinstance(request, GroupRequest) else None, deps.clock.now()
    return Invitation(
        id=group.invitation_of(recipient) if group else InvitationId(secrets.token_urlsafe(16)),
        team=request.team,
        sender=request.sender,
        recipient=recipient,
        ref_id=profile.ref_id,
        title=profile.title,
        note=note,
        asked_at=now,
        due_at=now,
        group_request=group.id if group else None,
    )


async def begin(deps: Deps, invitation: Invitation, *, counted: bool = True) -> LimitReached | None:
    """Store a new invitation and audit it, or return the limit that refuses it."""
    reached = await deps.invitations.begin(invitation, counted=counted)
    if reached is None:
        row = AuditRow("link_sent_for", by=invitation.sender, owner=invitation.recipient, ref_id=invitation.ref_id)
        await deps.audit.add(invitation.team, row)
        await views_changed(deps, invitation.team)
    return reached


async def profile_to_connect(deps: Deps, team: TeamId, user: UserId, *, among: Sequence[RefId] = ()) -> Profile:
    """Return the first of a person's profiles where they can reconnect an account, else one that needs attention.

    If none does, it is their default. Only those `among` count, if any are given. Raises NotMapped, OtherProfiles.
    """
    held = await profiles_of(deps, team, user)
    profiles = [profile for profile in held if profile.ref_id in among] if among else held
    if not profiles:
        raise OtherProfiles(user)
    if len(profiles) == 1:
        return profiles[0]
    health = await deps.snapshots.health_of(team, *(profile.ref_id for profile in profiles))
    broken = (await disconnected_profiles(deps, team, health)).reconnectable
    if dropped := next((profile for profile in profiles if profile.ref_id in broken), None):
        return dropped
    checked = profiles[:PROFILES_CHECKED]
    results = await asyncio.gather(*(seen_now(deps, team, profile) for profile in checked))
    for profile, seen in zip(checked, results, strict=True):
        if seen and seen.to_reconnect:
            return profile
    return profiles[0]


async def _profile_to_connect(deps: Deps, request: InvitationRequest, recipient: UserId) -> Profile:
    """Return what to ask about; an admin is offered to give a profile to somebody who has none."""
    try:
        return await profile_to_connect(deps, request.team, recipient, among=request.profiles)
    except NotMapped:
        admin = await access.is_still_admin(deps, request.team, request.sender)
        raise NothingToLink(recipient, admin=admin) from None


async def _check_recipient(deps: Deps, request: InvitationRequest, recipient: UserId) -> None:
    await access.check_recipient(deps, team=request.team, user=recipient, by=request.sender)
    if await deps.preferences.is_muted(request.team, recipient):
        raise RecipientMuted(recipient)


def _refusal(reached: LimitReached, invitation: Invitation) -> InvitedAlready | InvitedTooMany:
    if reached.limit in {InvitationLimit.LIVE, InvitationLimit.TODAY}:
        return InvitedAlready(reached.limit, invitation.recipient)
    return InvitedTooMany(reached.limit, (reached.until or invitation.asked_at) - invitation.asked_at)
