"""How far a `send @group` is, in one message to whoever sent it that is edited in place."""

from bot.core.model import TeamId
from bot.deps import Deps
from bot.invitations.group.model import DRAW_PROGRESS, GroupRequestId, ProgressMessage
from bot.invitations.group.views import sending_progress
from bot.scheduling.job import Job
from bot.slack.delivery import SPACING, digest, keep_up_to_date


async def draw_progress(deps: Deps, team: TeamId, sending_id: GroupRequestId) -> None:
    """Show how far it is, if that is news; raise SlackUnavailable where that has to wait."""
    sending = await deps.group_requests.get(team, sending_id)
    if sending is None:
        return
    message = sending_progress(sending, await deps.group_requests.progress(team, sending_id))
    told, mark = digest(message), f"progress:{sending_id}"
    shown = await deps.group_requests.shown(team, sending_id)
    if shown is not None and shown.reported == told:
        return
    before = shown.message if shown else None
    posted = await keep_up_to_date(deps, team, sending.sender, message, mark=mark, posted=before)
    if posted is None:
        await deps.scheduler.plan(team, Job(DRAW_PROGRESS, sending_id), at=deps.clock.now() + SPACING)
    else:
        await deps.group_requests.show(team, sending_id, ProgressMessage(posted, told))
