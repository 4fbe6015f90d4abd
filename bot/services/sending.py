"""An admin asks everybody in a user group to link their accounts: one after another, each at most once.

What one run of the errand does is a single member, so a death in between repeats at most that one, whose message is then
found again. Where Slack or we are slow, the ones behind come later and never faster than one a second.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.deps import Deps
from bot.errands import Errand, InvitationId, Kind, SendingId
from bot.errors import GroupNotRead, NothingToLink, SlackUnavailable, UnreadableSecret
from bot.invitations import Bound, Failure, Invitation, InvitationState
from bot.model import AuditRow, Profile, TeamId, UserId
from bot.sendings import Sending, Unasked
from bot.services import access
from bot.services.invitation_changes import tell
from bot.services.invitation_delivery import deliver
from bot.services.inviting import profile_to_link
from bot.services.notes import checked_note
from bot.services.reaching import obstacle

PACE = timedelta(seconds=1)
"""From one message to the next: https://docs.slack.dev/apis/web-api/rate-limits."""
AFTER_A_DEATH = timedelta(seconds=10)
NOT_READ = "Slack doesn't tell me who is in that group. It may have been switched off."
WHY_NOT_READ = {
    "missing_scope": (
        "I can't see who is in a group: the app has no scope usergroups:read. Whoever installs it can allow that."
    )
}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class GroupWish:
    """Who asks which user group, and in which words."""

    team: TeamId
    sender: UserId
    group: str
    note: str = ""


async def send(deps: Deps, wish: GroupWish) -> Sending:
    """Begin to ask everybody in a group; raise NotAllowed, NoteRefused, GroupNotRead."""
    await access.check_admin(deps, team=wish.team, caller=wish.sender)
    note = checked_note(wish.note)
    now = deps.clock.now()
    sending = Sending(
        id=SendingId(secrets.token_urlsafe(12)),
        team=wish.team,
        sender=wish.sender,
        group=wish.group,
        note=note,
        asked_at=now,
        next_at=now,
    )
    members = await _members_if_told(deps, sending)
    if members is not None and not members:
        raise GroupNotRead("Nobody but you is in that group.")
    await deps.later.plan(wish.team, Errand(Kind.SEND, sending.id), at=now + AFTER_A_DEATH)
    if members is None:
        await deps.sendings.save(sending)
    else:
        sending = await _fill(deps, sending, members)
    await deps.audit.add(wish.team, AuditRow("group_asked", by=wish.sender, detail=wish.group))
    await deps.later.plan(wish.team, Errand(Kind.SEND, sending.id), at=now)
    return sending


async def go_on(deps: Deps, team: TeamId, sending_id: SendingId) -> None:
    """Ask the next member, and see to the one after that; raise SlackUnavailable where that has to wait."""
    sending = await deps.sendings.get(team, sending_id)
    if sending is None:
        return
    if sending.total is None:
        sending = await _fill(deps, sending, await _members(deps, sending))
    member = await deps.sendings.first(team, sending_id)
    if member is not None:
        await _ask(deps, sending, member)
    await _go_on_later(deps, sending)


async def _go_on_later(deps: Deps, sending: Sending) -> None:
    now = deps.clock.now()
    if await deps.sendings.first(sending.team, sending.id) is None:
        await deps.later.plan(sending.team, Errand(Kind.PROGRESS, sending.id), at=now)
        return
    paced = replace(sending, next_at=max(sending.next_at + PACE, now))
    await deps.sendings.save(paced)
    await deps.later.plan(sending.team, Errand(Kind.SEND, sending.id), at=paced.next_at)


async def _ask(deps: Deps, sending: Sending, member: UserId) -> None:
    """Ask one member, or find out why not, and keep what came of it; a second time nothing more comes of it."""
    invitation = await deps.invitations.get(sending.team, _invitation_id(sending, member))
    begun = invitation or await _begin(deps, sending, member)
    if begun is Unasked.CAPPED:
        await deps.sendings.settle_rest(sending.team, sending.id, begun)
    elif not isinstance(begun, Invitation):
        await deps.sendings.settle(sending.team, sending.id, member, begun)
    elif begun.state is InvitationState.WAITING:
        await deliver(deps, begun)
    else:
        await tell(deps, begun)


async def _begin(deps: Deps, sending: Sending, member: UserId) -> Invitation | Failure | Unasked:
    failure = await obstacle(deps, sending.team, member)
    if failure:
        return failure
    try:
        profile = await profile_to_link(deps, sending.team, member)
    except NothingToLink:
        return Failure.NOT_MAPPED
    except UnreadableSecret:
        return Unasked.UNREADABLE
    invitation = _invitation(deps, sending, member, profile)
    refused = await deps.invitations.begin(invitation)
    if refused:
        return Unasked.CAPPED if refused.bound is Bound.WORKSPACE else Unasked.ASKED_ALREADY
    row = AuditRow("link_sent_for", by=sending.sender, owner=member, ref_id=profile.ref_id)
    await deps.audit.add(sending.team, row)
    return invitation


def _invitation(deps: Deps, sending: Sending, member: UserId, profile: Profile) -> Invitation:
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
        sending=sending.id,
    )


def _invitation_id(sending: Sending, member: UserId) -> InvitationId:
    return InvitationId(f"{sending.id}-{member}")


async def _members_if_told(deps: Deps, sending: Sending) -> list[UserId] | None:
    """Return who is to be asked, or None where Slack wants us to wait; raise GroupNotRead where waiting won't help."""
    try:
        return await _members(deps, sending)
    except SlackUnavailable as error:
        if error.passes:
            return None
        log.warning("group_not_read", group=sending.group, error=error.word)
        raise GroupNotRead(WHY_NOT_READ.get(error.word, NOT_READ)) from None


async def _members(deps: Deps, sending: Sending) -> list[UserId]:
    return sorted(await deps.people.group(sending.group) - {sending.sender})


async def _fill(deps: Deps, sending: Sending, members: list[UserId]) -> Sending:
    filled = replace(sending, total=len(members))
    await deps.sendings.fill(filled, members)
    return filled
