"""How far a `send @group` is, in one message to whoever sent it that is edited in place."""

from hashlib import sha256

from bot.deps import Deps
from bot.errands import Errand, Kind, SendingId
from bot.errors import GONE, SlackUnavailable
from bot.model import Message, Posted, TeamId
from bot.sendings import Sending, Shown
from bot.services.delivery import SPACING, deliver_newest
from bot.views.sending import sending_progress


async def draw(deps: Deps, team: TeamId, sending_id: SendingId) -> None:
    """Show how far it is, if that is news; raise SlackUnavailable where that has to wait."""
    sending = await deps.sendings.get(team, sending_id)
    if sending is None:
        return
    message = sending_progress(sending, await deps.sendings.progress(team, sending_id))
    told = sha256(message.blocks[0]["text"]["text"].encode()).hexdigest()[:16]
    shown = await deps.sendings.shown(team, sending_id)
    if shown is not None and shown.told == told:
        return
    posted = await _show(deps, sending, message, shown.posted if shown else None)
    if posted is None:
        await deps.later.plan(team, Errand(Kind.PROGRESS, sending_id), at=deps.clock.now() + SPACING)
    else:
        await deps.sendings.show(team, sending_id, Shown(posted, told))


async def _show(deps: Deps, sending: Sending, message: Message, posted: Posted | None) -> Posted | None:
    if posted is None:
        return await deliver_newest(deps, sending.team, sending.sender, message, mark=f"progress:{sending.id}")
    try:
        await deps.direct.update(posted, message)
    except SlackUnavailable as error:
        if error.word not in GONE:
            raise
    return posted
