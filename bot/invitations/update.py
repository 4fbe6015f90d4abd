"""The one way in which invitations change: a step is kept only if nobody else changed it meanwhile, then told."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.ayrshare.model import Account
from bot.core.model import InvitationId, RefId, TeamId, UserId
from bot.deps import Deps
from bot.invitations import transitions as steps
from bot.invitations.errors import InvitationGone
from bot.invitations.group.model import DRAW_PROGRESS, GroupRequestId
from bot.invitations.model import DRAW_RECEIPT, Invitation, LimitReached
from bot.people.audit import AuditRow
from bot.scheduling.job import Job

TOGETHER = timedelta(seconds=10)
"""How long news of one of many waits for more of it: `chat.update` may be called 50 times a minute."""

Step = Callable[[Invitation], Invitation]


async def theirs(deps: Deps, team: TeamId, invitation: InvitationId, *, recipient: UserId) -> Invitation:
    """Return an invitation to its recipient; raise InvitationGone to anybody else, or once it is forgotten."""
    found = await deps.invitations.get(team, invitation)
    if found is None or found.recipient != recipient:
        raise InvitationGone(deps.settings.connect_command)
    return found


async def begin(deps: Deps, invitation: Invitation) -> LimitReached | None:
    """Keep a new one, or return which limit stands against it."""
    refused = await deps.invitations.begin(invitation)
    if refused is None:
        row = AuditRow("link_sent_for", by=invitation.sender, owner=invitation.recipient, ref_id=invitation.ref_id)
        await deps.audit.add(invitation.team, row)
    return refused


async def change(deps: Deps, invitation: Invitation, step: Step) -> Invitation:
    """Apply a step and see to it that whoever asked hears of it; raise InvitationGone if it is forgotten."""
    before, after = await apply(deps, invitation, step)
    if after.state is not before.state:
        deps.metrics.invitations.labels(after.failure or after.state).inc()
    await tell(deps, after)
    return after


async def apply(deps: Deps, invitation: Invitation, step: Step) -> tuple[Invitation, Invitation]:
    """Apply a step to an invitation, or to its newest version if it is no longer that; return it before and after."""
    newest: Invitation | None = invitation
    while newest is not None:
        changed = replace(step(newest), version=newest.version + 1)
        if await deps.invitations.update(changed):
            return newest, changed
        newest = await deps.invitations.get(invitation.team, invitation.id)
    raise InvitationGone(deps.settings.connect_command)


async def tell_of_account(deps: Deps, team: TeamId, holders: Sequence[UserId], ref_id: RefId, account: Account) -> bool:
    """Note on what waits for an answer that an account was linked all the same; return whether anything did."""
    told = False
    for holder in holders:
        waiting = await deps.invitations.waiting(team, holder, ref_id)
        if waiting is not None:
            await change(deps, waiting, partial(steps.linked, account=account))
            told = True
    return told


async def tell(deps: Deps, invitation: Invitation) -> None:
    """Have the sender's message drawn anew: a receipt, or for one of many what became of all of them."""
    if invitation.group_request:
        await record_outcome(deps, invitation.team, invitation.group_request, invitation.recipient, invitation.outcome)
    else:
        await deps.scheduler.plan(invitation.team, Job(DRAW_RECEIPT, invitation.id), at=deps.clock.now())


async def record_outcome(deps: Deps, team: TeamId, sending: GroupRequestId, member: UserId, became: str) -> None:
    """Keep what became of one of many, and have its sender told soon."""
    await deps.group_requests.record_outcome(team, sending, member, became)
    soon = deps.clock.now() + TOGETHER
    await deps.scheduler.plan(team, Job(DRAW_PROGRESS, sending), at=soon, unless_planned=True)
