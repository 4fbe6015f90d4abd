"""Whoever made a client link is told of each use, and what got connected, in one direct message that is edited."""

from bot.cards.model import CardId
from bot.client_links.model import DRAW_CLIENT_RECEIPT, ClientLinkId
from bot.client_links.views import receipt
from bot.core.model import TeamId
from bot.deps import Deps
from bot.scheduling.job import Job
from bot.slack.delivery import SPACING, deliver_newest


async def draw_receipt(deps: Deps, team: TeamId, job_id: str) -> None:
    """Show what became of one use; raise SlackError where it has to wait."""
    link_id, _, card_id = job_id.partition(":")
    link = await deps.client_links.get(team, ClientLinkId(link_id))
    card = await deps.cards.get(team, CardId(card_id))
    if link is None or card is None or link.maker is None:
        return
    message, mark = receipt(link, card), f"{DRAW_CLIENT_RECEIPT}:{card_id}"
    if await deliver_newest(deps, team, link.maker, message, mark=mark) is None:
        await deps.scheduler.plan(team, Job(DRAW_CLIENT_RECEIPT, job_id), at=deps.clock.now() + SPACING)
