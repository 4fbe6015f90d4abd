"""Whoever was told that an account may be the wrong one reads in that message how it ended, without a new one."""

from bot.cards.refresh import settle_ended
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.notifications.model import SHOW_SETTLED
from bot.profiles.account_change_views import settled
from bot.profiles.account_changes import known_accounts
from bot.profiles.model import ChangeRef
from bot.scheduling.job import Job

SEPARATOR = ":"


def told_mark(change_id: str, user: UserId) -> str:
    """Return what marks the message that tells a person of a change."""
    return f"account:{change_id}:{user}"


async def plan_settled(
    deps: Deps, team: TeamId, ref: ChangeRef, *, by: UserId | None = None, but: UserId | None = None
) -> None:
    """Plan to change the message of each person who was told of a change that is over, `but` for one.

    `by` is who kept or undid the account; nobody if the right one was connected again. Who asked for it reads it in
    their receipt as well.
    """
    await settle_ended(deps, team, ref)
    for user in await deps.account_ids.readers(team, ref.id) - {but}:
        job_id = SEPARATOR.join((user, by or "", ref.ref_id, ref.network, ref.id))
        await deps.scheduler.plan(team, Job(SHOW_SETTLED, job_id), at=deps.clock.now())


async def show_settled(deps: Deps, team: TeamId, job_id: str) -> None:
    """Change one person's message, if they got one; raise SlackError."""
    user, by, ref, network, change_id = job_id.split(SEPARATOR, 4)
    reader, ref_id = UserId(user), RefId(ref)
    posted = await deps.outbox.find(team, told_mark(change_id, reader))
    if posted is None:
        return
    here = (await known_accounts(deps, team, ref_id)).get(network)
    title = (await deps.profiles.titles(team, ref_id)).get(ref_id, ref_id)
    holds = reader in await deps.mappings.holders(team, ref_id)
    message = settled(network, here, ref_id, title=title, by=UserId(by), owner=reader if holds else None)
    await deps.direct_messages.update(team, posted, message)
