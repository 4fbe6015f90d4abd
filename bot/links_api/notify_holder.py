"""Tells people, in one direct message each, what comes of a link that an app got with `notify`.

Of a link to a profile those who have it when it is told, of one to a person's profile that person.
"""

from bot.cards.model import CardId
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.links_api.model import TELL_HOLDER
from bot.links_api.views import receipt
from bot.profiles.holders import tell_holder
from bot.scheduling.job import Job

SOME_APP = "An app"
"""One whose key was revoked meanwhile."""


async def notify_holders(deps: Deps, team: TeamId, job_id: str) -> None:
    """Plan a job for each person to tell, or do one of those; raise NotServed, SlackError."""
    card_id, _, user = job_id.partition(":")
    card = await deps.cards.get(team, CardId(card_id))
    if card is None:
        return
    told = await deps.mappings.holders(team, card.ref_id) if card.shared else (card.owner,)
    if not user:
        for one in told:
            await deps.scheduler.plan(team, Job(TELL_HOLDER, f"{card_id}:{one}"), at=deps.clock.now())
    elif user in told:
        keys = await deps.api_keys.all(team)
        app = next((key.name for key, _ in keys if key.actor == card.issued_by), SOME_APP)
        message = receipt(card, app_name=app)
        await tell_holder(deps, team, UserId(user), message, job=Job(TELL_HOLDER, job_id))
