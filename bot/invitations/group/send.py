"""An admin asks everybody in a user group to link their accounts: one after another, each at most once.

A death in between repeats at most one member, whose message is then found again. All sendings of a workspace together
ask one member a second, whichever process does it.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.invitations.errors import GroupNotRead
from bot.invitations.group.expand import members_of
from bot.invitations.group.members import ask
from bot.invitations.group.model import DRAW_PROGRESS, SEND_GROUP_REQUEST, GroupRequest, GroupRequestId
from bot.invitations.note import checked_note
from bot.people import access
from bot.people.audit import AuditRow
from bot.scheduling.job import Job
from bot.slack.errors import SlackError

SLICE = timedelta(seconds=5)
"""How long one process goes on before it lets go: it may be told to stop, or die."""
AHEAD = timedelta(seconds=2)
"""How far ahead a turn may be that is waited for."""
AFTER_A_DEATH = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class GroupInvitationRequest:
    """Who asks which user group, and in which words."""

    team: TeamId
    sender: UserId
    group: str
    note: str = ""


async def send(deps: Deps, wish: GroupInvitationRequest) -> GroupRequest:
    """Begin to ask everybody in a group; raise NotAllowed, NoteRefused, GroupNotRead."""
    await access.check_admin(deps, team=wish.team, caller=wish.sender)
    sending = GroupRequest(
        id=GroupRequestId(secrets.token_urlsafe(12)),
        team=wish.team,
        sender=wish.sender,
        group=wish.group,
        note=checked_note(wish.note),
        asked_at=deps.clock.now(),
    )
    try:
        members = await members_of(deps, sending)
    except SlackError:
        members = None  # it is asked again when their turn has come
    await deps.scheduler.plan(wish.team, _job(sending), at=sending.asked_at + AFTER_A_DEATH)
    sending = await _keep(deps, sending, members)
    await deps.audit.add(wish.team, AuditRow("group_asked", by=wish.sender, detail=wish.group))
    await deps.scheduler.plan(wish.team, _job(sending), at=deps.clock.now())
    return sending


async def run_slice(deps: Deps, team: TeamId, sending_id: GroupRequestId) -> None:
    """Ask members for a while, and see to the others; raise SlackUnavailable where that has to wait."""
    sending = await deps.group_requests.get(team, sending_id)
    if sending is not None and sending.total is None:
        sending = await _read(deps, sending)
    if sending is None or sending.trouble:
        return
    until = deps.clock.now() + SLICE
    while (member := await deps.group_requests.first(team, sending_id)) is not None:
        over = deps.scheduler.stopping or deps.clock.now() >= until
        turn = deps.clock.now() if over else await deps.group_requests.acquire_slot(team, within=AHEAD)
        if over or turn > deps.clock.now() + AHEAD:
            await deps.scheduler.plan(team, _job(sending), at=turn)
            return
        await deps.clock.sleep_until(turn)
        await ask(deps, sending, member)
    await _show(deps, sending)


async def _read(deps: Deps, sending: GroupRequest) -> GroupRequest:
    """Ask once more who is in the group; that nobody can tell is all that can be told."""
    try:
        return await _keep(deps, sending, await members_of(deps, sending))
    except GroupNotRead as error:
        failed = replace(sending, total=0, trouble=error.sentence)
        await _keep(deps, failed, None)
        return failed


async def _keep(deps: Deps, sending: GroupRequest, members: list[UserId] | None) -> GroupRequest:
    """Keep a sending, with its members if Slack told, and have its sender told."""
    if members is None:
        await deps.group_requests.save(sending)
    else:
        sending = replace(sending, total=len(members))
        await deps.group_requests.fill(sending, members)
    await _show(deps, sending)
    return sending


async def _show(deps: Deps, sending: GroupRequest) -> None:
    await deps.scheduler.plan(sending.team, Job(DRAW_PROGRESS, sending.id), at=deps.clock.now())


def _job(sending: GroupRequest) -> Job:
    return Job(SEND_GROUP_REQUEST, sending.id)
