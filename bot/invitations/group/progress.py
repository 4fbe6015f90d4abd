"""How far a `send @group` is, in one message to whoever sent it that is edited in place."""

from bot.core.model import TeamId
from bot.deps import Deps
from bot.invitations.group.model import SendingId, Shown
from bot.invitations.group.views import sending_progress
from bot.scheduling.job import Errand, Kind
from bot.slack.dm_delivery import SPACING, digest, keep_up_to_date


async def draw(deps: Deps, team: TeamId, sending_id: SendingId) -> None:
    """Show how far it is, if that is news; raise SlackUnavailable where that has to wait."""
    sending = await deps.sendings.get(team, sending_id)
    if sending is None:
        return
    message = sending_progress(sending, await deps.sendings.progress(team, sending_id))
    told, mark = digest(message), f"progress:{sending_id}"
    shown = await deps.sendings.shown(team, sending_id)
    if shown is not None and shown.told == told:
        return
    before = shown.posted if shown else None
    posted = await keep_up_to_date(deps, team, sending.sender, message, mark=mark, posted=before)
    if posted is None:
        await deps.later.plan(team, Errand(Kind.PROGRESS, sending_id), at=deps.clock.now() + SPACING)
    else:
        await deps.sendings.show(team, sending_id, Shown(posted, told))
