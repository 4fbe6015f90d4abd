"""People ask several others, and admins a user group: how members are asked, one after another, each at most once.

After a crash at most one member is tried again, and their message is found rather than posted twice. All group requests
of a workspace share its slots, one a second, in whichever process they run.
"""

import secrets
from dataclasses import replace

import structlog

from bot.ayrshare.model import Profile
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.invitations.deliver import deliver, delivery_blocker, failure_of, plan_next
from bot.invitations.errors import (
    GroupEmpty,
    GroupNotRead,
    GroupScopeMissing,
    NothingBroken,
    OtherProfiles,
    TooManyPeople,
)
from bot.invitations.model import (
    CRASH_RECOVERY,
    DELIVER_INVITATION,
    DELIVERY_TIMEOUT,
    DRAW_PROGRESS,
    GROUP_CHECKED,
    GROUP_LOOKAHEAD,
    GROUP_SLICE,
    SENDER_LIMIT,
    Failure,
    GroupRequest,
    GroupRequestId,
    Invitation,
    InvitationLimit,
    InvitationState,
    SkipReason,
)
from bot.invitations.note import checked_note
from bot.invitations.nudge import nudge_again, nudge_waiting
from bot.invitations.send import InvitationRequest, begin, check_request, invite, profile_to_connect
from bot.invitations.transitions import notify_sender, record_outcome
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.errors import NotMapped
from bot.profiles.model import ProfileHealth
from bot.scheduling.job import Job
from bot.slack.errors import OperatorNeeded, ScopeMissing, SlackError
from bot.storage.errors import StoreUnavailable, UnreadableSecret

SKIPPED = {
    InvitationLimit.SENDER: SkipReason.SENDER_LIMITED,
    InvitationLimit.WORKSPACE: SkipReason.CAPPED,
    InvitationLimit.LIVE: SkipReason.ASKED_ALREADY,
    InvitationLimit.TODAY: SkipReason.ASKED_ALREADY,
}

log = structlog.get_logger()


async def ask_people(deps: Deps, request: InvitationRequest) -> Invitation | GroupRequest:
    """Ask one person, or start to ask several; raise as `invite` does, TooManyPeople."""
    if len(request.recipients) == 1:
        return await invite(deps, request)
    if len(request.recipients) > SENDER_LIMIT.count:
        raise TooManyPeople
    note = await check_request(deps, request)
    several = _new_request(deps, request.team, request.sender, note=note)
    several = replace(several, people=request.recipients, profiles=request.profiles)
    return await _start(deps, several, list(request.recipients))


async def send(deps: Deps, team: TeamId, sender: UserId, *, group: str, note: str) -> GroupRequest:
    """Start to ask all members of a group; raise NotAllowed, NoteRefused, GroupNotRead."""
    await access.check_admin(deps, team=team, caller=sender)
    request = _new_request(deps, team, sender, group=group, note=checked_note(note))
    try:
        members = await _members(deps, request)
    except SlackError:
        members = None  # the job reads them
    await deps.audit.add(team, AuditRow("group_asked", by=sender, detail=group))
    return await _start(deps, request, members)


async def run_slice(deps: Deps, team: TeamId, request_id: GroupRequestId) -> None:
    """Ask members for a while and plan the rest; raise SlackError where that has to wait."""
    request = await deps.group_requests.get(team, request_id)
    if request is not None and request.total is None:
        request = await _read_members(deps, request)
    if request is None or request.error:
        return
    members = await _members_now(deps, request)
    if reason := await _why_to_stop(deps, request, members):
        await deps.group_requests.record_rest(team, request.id, reason)
    until = deps.clock.now() + GROUP_SLICE
    while (member := await deps.group_requests.next_member(team, request_id)) is not None:
        over = deps.scheduler.stopping or deps.clock.now() >= until
        slot = deps.clock.now() if over or request.people else await deps.group_requests.acquire_slot(team)
        if over or slot > deps.clock.now() + GROUP_LOOKAHEAD:
            await deps.scheduler.plan(team, request.job, at=slot)
            return
        if member not in members:
            reason = SkipReason.LEFT_GROUP if request.group else SkipReason.MENDED
            await record_outcome(deps, team, request.id, member, reason)
            continue
        await deps.clock.sleep_until(slot)
        await _ask(deps, request, member)
    await _draw_progress(deps, request)


def _new_request(deps: Deps, team: TeamId, sender: UserId, *, group: str = "", note: str) -> GroupRequest:
    new_id = GroupRequestId(secrets.token_urlsafe(12))
    return GroupRequest(new_id, team, sender, group=group, note=note, asked_at=deps.clock.now())


async def _start(deps: Deps, request: GroupRequest, members: list[UserId] | None) -> GroupRequest:
    """Store a request with its members, if they are known, and have them asked."""
    await deps.scheduler.plan(request.team, request.job, at=request.asked_at + CRASH_RECOVERY)
    request = await _save(deps, request, members)
    await deps.scheduler.plan(request.team, request.job, at=deps.clock.now())
    return request


async def _members_now(deps: Deps, request: GroupRequest) -> frozenset[UserId]:
    if request.people:
        return frozenset(request.people)
    if request.for_disconnected:
        return await _people_with_broken_profiles(deps, request.team)
    return await deps.people.group(request.team, request.group, within=GROUP_CHECKED)


async def _people_with_broken_profiles(deps: Deps, team: TeamId) -> frozenset[UserId]:
    health = await deps.snapshots.health(team)
    broken = {ref_id for ref_id, found in health.items() if found is ProfileHealth.DISCONNECTED}
    return frozenset(mapping.user for mapping in await deps.mappings.all(team) if mapping.ref_id in broken)


async def _why_to_stop(deps: Deps, request: GroupRequest, members: frozenset[UserId]) -> SkipReason | None:
    """Return why nobody more may be asked, if so; raise SlackError in doubt."""
    if request.people:
        return None
    if not members and request.group:
        return SkipReason.GROUP_GONE
    return None if await access.is_still_admin(deps, request.team, request.sender) else SkipReason.SENDER_NO_ADMIN


async def _members(deps: Deps, request: GroupRequest) -> list[UserId]:
    """Return the group's members without the sender; raise GroupNotRead, or SlackError where waiting may help."""
    if request.for_disconnected:
        return await _others_with_broken_profiles(deps, request)
    try:
        everybody = await deps.people.ask_group(request.team, request.group)
    except SlackError as error:
        if error.transient and deps.clock.now() - request.asked_at < DELIVERY_TIMEOUT:
            raise
        log.warning("group_not_read", group=request.group, error=error.reason)
        raise (GroupScopeMissing() if isinstance(error, ScopeMissing) else GroupNotRead()) from None
    members = sorted(everybody - {request.sender})
    if not members:
        raise GroupEmpty
    return members


async def _others_with_broken_profiles(deps: Deps, request: GroupRequest) -> list[UserId]:
    members = sorted(await _people_with_broken_profiles(deps, request.team) - {request.sender})
    if not members:
        raise NothingBroken
    return members


async def _read_members(deps: Deps, request: GroupRequest) -> GroupRequest:
    """Read the members that could not be read at first; a failure is shown in the sender's message."""
    try:
        return await _save(deps, request, await _members(deps, request))
    except GroupNotRead as error:
        return await _save(deps, replace(request, total=0, error=error.sentence), None)


async def _save(deps: Deps, request: GroupRequest, members: list[UserId] | None) -> GroupRequest:
    """Store a request, with its members if they are known, and have the sender's message redrawn."""
    if members is None:
        await deps.group_requests.save(request)
    else:
        request = replace(request, total=len(members))
        await deps.group_requests.save_with_members(request, members)
    await _draw_progress(deps, request)
    return request


async def _draw_progress(deps: Deps, request: GroupRequest) -> None:
    await deps.scheduler.plan(request.team, Job(DRAW_PROGRESS, request.id), at=deps.clock.now())


async def _ask(deps: Deps, request: GroupRequest, member: UserId) -> None:
    """Ask one member, or record why not; raise StoreUnavailable, or SlackError where that has to wait.

    A second call for a member sends nothing more. An unknown failure concerns this member alone: the others are asked.
    """
    try:
        await _invite(deps, request, member)
    except StoreUnavailable:
        raise
    except SlackError as error:
        if error.transient or isinstance(error, OperatorNeeded):
            raise
        await record_outcome(deps, request.team, request.id, member, failure_of(error))
    except Exception:
        log.exception("member_not_asked", group_request=request.id)
        await record_outcome(deps, request.team, request.id, member, SkipReason.UNEXPECTED)
        delivery = Job(DELIVER_INVITATION, request.invitation_of(member))  # if it is stored, it is tried again
        await deps.scheduler.plan(request.team, delivery, at=deps.clock.now())


async def _invite(deps: Deps, request: GroupRequest, member: UserId) -> None:
    earlier = await deps.invitations.get(request.team, request.invitation_of(member))
    if earlier and request.nudged_at and await nudge_again(deps, earlier):
        return
    result = earlier or await _begin(deps, request, member)
    if result is SkipReason.CAPPED:
        await deps.group_requests.record_rest(request.team, request.id, result)
    elif not isinstance(result, Invitation):
        await record_outcome(deps, request.team, request.id, member, result)
    elif result.state is InvitationState.WAITING:
        await deliver(deps, result)
    else:
        await plan_next(deps, result)
        await notify_sender(deps, result)


async def _begin(deps: Deps, request: GroupRequest, member: UserId) -> Invitation | Failure | SkipReason:
    """Store a member's invitation, or return why there is none."""
    if member == request.sender:
        return SkipReason.ONESELF
    failure = await delivery_blocker(deps, request.team, member)
    if failure:
        return failure
    try:
        profile = await profile_to_connect(deps, request.team, member, among=request.profiles)
    except NotMapped:
        return Failure.NOT_MAPPED
    except OtherProfiles:
        return SkipReason.OTHER_PROFILES
    except UnreadableSecret:
        return Failure.UNREADABLE
    invitation = _invitation(deps, request, member, profile)
    reached = await begin(deps, invitation, counted=bool(request.people))
    return await _why_skipped(deps, request, invitation, reached.limit) if reached else invitation


async def _why_skipped(deps: Deps, request: GroupRequest, invitation: Invitation, limit: InvitationLimit) -> SkipReason:
    """Return why no invitation is made; of what is disconnected, a member may get their earlier one again."""
    again = request.for_disconnected and limit is InvitationLimit.LIVE
    if again and await nudge_waiting(deps, request.team, invitation.recipient, invitation.ref_id):
        return SkipReason.NUDGED
    return SKIPPED[limit]


def _invitation(deps: Deps, request: GroupRequest, member: UserId, profile: Profile) -> Invitation:
    now = deps.clock.now()
    return Invitation(
        id=request.invitation_of(member),
        team=request.team,
        sender=request.sender,
        recipient=member,
        ref_id=profile.ref_id,
        title=profile.title,
        note=request.note,
        asked_at=now,
        due_at=now,
        group_request=request.id,
    )
