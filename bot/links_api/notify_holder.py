"""Tells the person who has a profile, in one direct message, what comes of a link that an app got with `notify`."""

from bot.cards.model import CardId
from bot.core.model import TeamId
from bot.deps import Deps
from bot.links_api.model import TELL_HOLDER
from bot.links_api.views import receipt
from bot.people import access
from bot.people.preferences import next_daytime
from bot.scheduling.job import Job
from bot.slack.delivery import SPACING, deliver_newest

SOME_APP = "An app"
"""One whose key was revoked meanwhile."""


async def tell_holder(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Show how a link stands, by day and unless its holder muted messages; raise NotServed, SlackError."""
    card = await deps.cards.get(team, card_id)
    if card is None or await deps.preferences.is_muted(team, card.owner):
        return
    person, now = await access.check_recipient(deps, team=team, user=card.owner), deps.clock.now()
    job, snoozed = Job(TELL_HOLDER, card_id), await deps.preferences.snoozed_until(team, card.owner)
    moment = next_daytime(max(snoozed or now, now), zone=person.zone)
    if moment <= now:
        keys = await deps.api_keys.all(team)
        app = next((key.name for key, _ in keys if key.actor == card.issued_by), SOME_APP)
        if await deliver_newest(deps, team, card.owner, receipt(card, app_name=app), mark=f"{job.name}:{job.id}"):
            return
        moment = now + SPACING
    await deps.scheduler.plan(team, job, at=moment)
