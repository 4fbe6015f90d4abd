"""People ask several others, and admins a user group: how members are asked, one after another, each at most once.

After a crash at most one member is tried again, and their message is found rather than posted twice. All group requests
of a workspace share its slots, one a second, in whichever process they run.
"""

import secrets
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.core.model import TeamId, UserId, Viewer
from bot.deps import Deps
from bot.invitations.deliver import deliver, delivery_blocker, failure_of, plan_next
from bot.invitations.errors import GroupNotRead, OtherProfiles, TooManyPeople
from bot.invitations.group.members import members_now, members_to_ask, why_to_stop
from bot.invitations.model import (
    CRASH_RECOVERY,
    DELIVER_INVITATION,
    DRAW_PROGRESS,
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
from bot.invitations.send import InvitationRequest, begin, check_request, invite, new_invitation, profile_to_connect
from bot.invitations.transitions import notify_sender, record_outcome
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.errors import NotMapped
from bot.scheduling.job import Job
from bot.slack.errors import OperatorNeeded, SlackError
from bot.slack.model import ResponseUrl
from bot.storage.errors import StoreUnavailable, UnreadableSecret

ASKED_DISCONNECTED, SAME_PRESS = "remind_everyone", timedelta(minutes=1)
LONGEST_ASKING = timedelta(seconds=20)
"""For the exchanges with Redis that begin a request."""
"""Asking everyone with disconnected accounts is done once within this time."""
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


async def ask_group(deps: Deps, viewer: Viewer, *, group: str, note: str) -> GroupRequest:
    """Start to ask all members of a user group; raise NotAllowed, NoteRefused, GroupNotRead."""
    await access.check_admin(deps, viewer)
    return await _ask_all(deps, _new_request(deps, viewer.team, viewer.user, group=group, note=checked_note(note)))


async def ask_disconnected(deps: Deps, viewer: Viewer, response_url: ResponseUrl | None) -> GroupRequest | None:
    """Start to ask everyone who has a profile with a disconnected account.

    A second press within SAME_PRESS asks nobody, and gets None. Raises NotAllowed, NothingBroken.
    """
    team, user = viewer.team, viewer.user
    await access.check_admin(deps, viewer)
    async with deps.locks.hold(team, ASKED_DISCONNECTED, longest=LONGEST_ASKING) as ours:
        if not ours or await deps.idempotency.is_claimed(team, ASKED_DISCONNECTED):
            return None
        await deps.promises.keep(team, user, response_url)
        asked = await _ask_all(deps, _new_request(deps, team, user))
        await deps.idempotency.claim(team, ASKED_DISCONNECTED, within=SAME_PRESS)
        return asked


async def run_slice(deps: Deps, team: TeamId, request_id: GroupRequestId) -> None:
    """Ask members for a while and plan the rest; raise SlackError where that has to wait."""
    request = await deps.group_requests.get(team, request_id)
    if request is not None and request.total is None:
        request = await _read_members(deps, request)
    if request is None or request.error:
        return
    members = await members_now(deps, request)
    if reason := await why_to_stop(deps, request, members):
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


def _new_request(deps: Deps, team: TeamId, sender: UserId, *, group: str = "", note: str = "") -> GroupRequest:
    new_id = GroupRequestId(secrets.token_urlsafe(12))
    return GroupRequest(new_id, team, sender, group=group, note=note, asked_at=deps.clock.now())


async def _ask_all(deps: Deps, request: GroupRequest) -> GroupRequest:
    try:
        members = await members_to_ask(deps, request)
    except SlackError:
        members = None  # the job reads them
    await deps.audit.add(request.team, AuditRow("group_asked", by=request.sender, detail=request.group))
    return await _start(deps, request, members)


async def _start(deps: Deps, request: GroupRequest, members: list[UserId] | None) -> GroupRequest:
    """Store a request with its members, if they are known, and have them asked."""
    await deps.scheduler.plan(request.team, request.job, at=request.asked_at + CRASH_RECOVERY)
    request = await _save(deps, request, members)
    await deps.scheduler.plan(request.team, request.job, at=deps.clock.now())
    return request


async def _read_members(deps: Deps, request: GroupRequest) -> GroupRequest:
    """Read the members that could not be read at first; a failure is shown in the sender's message."""
    try:
        return await _save(deps, request, await members_to_ask(deps, request))
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
    invitation = new_invitation(deps, request, member, profile, note=request.note)
    reached = await begin(deps, invitation, counted=bool(request.people))
    return await _why_skipped(deps, request, invitation, reached.limit) if reached else invitation


async def _why_skipped(deps: Deps, request: GroupRequest, invitation: Invitation, limit: InvitationLimit) -> SkipReason:
    """Return why no invitation is made; of what is disconnected, a member may get their earlier one again."""
    again = request.for_disconnected and limit is InvitationLimit.LIVE
    if again and await nudge_waiting(deps, request.team, invitation.recipient, invitation.ref_id):
        return SkipReason.NUDGED
    return SKIPPED[limit]
