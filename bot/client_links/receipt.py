"""Whoever made a client link is told of each use, and what got connected, in one direct message that is edited.

Where an API key made it, that can be the people who have the profile.
"""

from bot.cards.model import CardId
from bot.client_links.model import DRAW_CLIENT_RECEIPT, ClientLinkId
from bot.client_links.views import receipt
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.profiles.holders import tell_holder
from bot.scheduling.job import Job
from bot.slack.delivery import SPACING, deliver_newest


async def draw_receipt(deps: Deps, team: TeamId, job_id: str) -> None:
    """Show what became of one use, or plan a job for each person to show it to; raise NotServed, SlackError."""
    link_id, card_id, *user = job_id.split(":")
    link = await deps.client_links.get(team, ClientLinkId(link_id))
    card = await deps.cards.get(team, CardId(card_id))
    if link is None or card is None:
        return
    job, message, now = Job(DRAW_CLIENT_RECEIPT, job_id), receipt(link, card), deps.clock.now()
    if user:
        if user[0] in await deps.mappings.holders(team, link.ref_id):
            await tell_holder(deps, team, UserId(user[0]), message, job=job)
    elif link.maker:
        if await deliver_newest(deps, team, link.maker, message, mark=f"{DRAW_CLIENT_RECEIPT}:{card_id}") is None:
            await deps.scheduler.plan(team, job, at=now + SPACING)
    elif link.notify:
        for one in await deps.mappings.holders(team, link.ref_id):
            await deps.scheduler.plan(team, Job(DRAW_CLIENT_RECEIPT, f"{job_id}:{one}"), at=now)
