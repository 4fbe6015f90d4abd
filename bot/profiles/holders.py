"""Who has a profile, of those whom the bot serves: apps and clients get links in their right."""

from collections.abc import AsyncIterator

from bot.core.model import Message, RefId, TeamId, UserId
from bot.deps import Deps
from bot.people import access
from bot.people.preferences import next_daytime
from bot.scheduling.job import Job
from bot.slack.delivery import SPACING, deliver_newest
from bot.slack.errors import PersonNotVisible


async def served_holders(deps: Deps, team: TeamId, ref_id: RefId, *, first: str = "") -> AsyncIterator[UserId]:
    """Yield the people who have a profile and are served, preferably `first` at first; raise SlackError in doubt."""
    for user in sorted(await deps.mappings.holders(team, ref_id), key=lambda one: one != first):
        try:
            served = access.is_served(deps, await deps.people.get(team, user))
        except PersonNotVisible:
            served = False
        if served:
            yield user


async def is_held(deps: Deps, team: TeamId, ref_id: RefId, *, besides: UserId | None = None) -> bool:
    """Return whether anybody who is served has a profile, besides one person; raise SlackError in doubt."""
    async for user in served_holders(deps, team, ref_id):
        if user != besides:
            return True
    return False


async def tell_holder(deps: Deps, team: TeamId, user: UserId, message: Message, *, job: Job) -> None:
    """Show somebody a message that is kept up to date, by day and unless they muted messages; else the job comes again.

    Raises NotServed, SlackError.
    """
    if await deps.preferences.is_muted(team, user):
        return
    person, now = await access.check_recipient(deps, team=team, user=user), deps.clock.now()
    snoozed = await deps.preferences.snoozed_until(team, user)
    moment = next_daytime(max(snoozed or now, now), zone=person.zone)
    if moment <= now:
        if await deliver_newest(deps, team, user, message, mark=f"{job.name}:{job.id}"):
            return
        moment = now + SPACING
    await deps.scheduler.plan(team, job, at=moment)
