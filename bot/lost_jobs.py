"""Plans the jobs of a workspace again whose list was lost, from the records that they are about.

Something else may overwrite the list. It is set aside then, and `restore_jobs` is planned in the same step
(`bot/scheduling/queue.py`). Each job looks first what is due for its record, and plans the rest, so that all of them
are planned for now. A job that has no record is lost; docs/operations.md names them.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog

from bot.cards.model import REVOKE_LINK, Card, end_links_job
from bot.client_links.model import END_CLIENT_LINKS
from bot.core.model import Membership, TeamId
from bot.deps import Deps
from bot.invitations.model import DELIVER_INVITATION, SEND_GROUP_REQUEST
from bot.mappings.model import ASK_ADMIN, DRAW_ADMIN_REQUEST, PROFILES_TAKEN, TELL_CHANGE, UNANSWERED
from bot.notifications.model import SEND_DIGEST
from bot.people.page_reader import BOT, PERSON_CHANGED
from bot.profiles.model import ACCOUNT_CHANGED, HOLDER_ADDED
from bot.scheduling.job import Job, JobName
from bot.storage.errors import RecordDamaged, UnreadableSecret
from bot.storage.keys import Keys
from bot.workspaces.leave import jobs_after_the_end
from bot.workspaces.model import REFRESH_TOKEN

JobsOf = Callable[[Deps, TeamId, Any], Awaitable[Iterable[Job]]]
"""Takes the id of a record last, and returns the jobs that it may need."""

log = structlog.get_logger()


async def _of_card(deps: Deps, team: TeamId, record: Any) -> Iterable[Job]:
    card = await deps.cards.get(team, record)
    return _jobs_of(card) if card else ()


def _jobs_of(card: Card) -> Iterable[Job]:
    if card.state.live or card.needs_redraw:
        yield card.end_job
    if card.state.live and card.surface:
        yield card.tick_job
        yield card.replace_job
    if card.can_be_revoked:
        yield Job(REVOKE_LINK, card.id)
    if card.notify:
        yield card.notify
    if card.usable:
        yield end_links_job(card.owner, card.ref_id, by=BOT, made_before=None)
        yield from (Job(PERSON_CHANGED, user) for user in (card.viewer, card.owner))


async def _of_client_link(deps: Deps, team: TeamId, record: Any) -> Iterable[Job]:
    link = await deps.client_links.get(team, record)
    return [Job(END_CLIENT_LINKS, link.ref_id)] if link else ()


async def _of_mark(_deps: Deps, _team: TeamId, record: str) -> Iterable[Job]:
    return [Job(ASK_ADMIN, record.removeprefix(UNANSWERED))] if record.startswith(UNANSWERED) else ()


async def _of_news(deps: Deps, team: TeamId, record: Any) -> Iterable[Job]:
    return [Job(SEND_DIGEST, user) for user in await deps.mappings.holders(team, record)]


async def _of_profiles(deps: Deps, team: TeamId, _: str) -> Iterable[Job]:
    return [Job(ACCOUNT_CHANGED, ref_id) for ref_id in await deps.profiles.ref_ids(team)]


async def _of_mappings(deps: Deps, team: TeamId, _: str) -> Iterable[Job]:
    known = [await deps.people.recall(team, user) for user in {one.user for one in await deps.mappings.all(team)}]
    people = [one.person for one in known if one]
    return [Job(PERSON_CHANGED, one.id) for one in people if one.membership is Membership.DEACTIVATED]


JOB_OF: dict[str, JobName] = {
    "invitation_record": DELIVER_INVITATION,
    "group_request": SEND_GROUP_REQUEST,
    "mapping_change": TELL_CHANGE,
    "admin_message": DRAW_ADMIN_REQUEST,
    "asked_for": HOLDER_ADDED,
    "departure": PROFILES_TAKEN,
    "alerts": SEND_DIGEST,
    "digest": SEND_DIGEST,
    "installation": REFRESH_TOKEN,
}
"""The job that has the id of its record, by the name of that, as in `connectbot:{team}:<name>:<id>`."""
JOBS_OF: dict[str, JobsOf] = {
    "link_card": _of_card,
    "client_link": _of_client_link,
    "mappings": _of_mappings,
    "news": _of_news,
    "once": _of_mark,
    "account_ids": _of_profiles,
}
"""What finds the jobs of the others."""


async def plan_again(deps: Deps, team: TeamId) -> None:
    """Plan what the records of a workspace need."""
    found = await jobs_after_the_end(deps, team)
    async for keys in Keys(deps.audit.connection).matching(f"connectbot:{{{team}}}:*"):
        now = deps.clock.now()
        found |= {job: now for key in keys for job in await _of_key(deps, team, key)}
    for job, at in found.items():
        await deps.scheduler.plan(team, job, at=at, if_planned="sooner")
    log.warning("jobs_restored", team=team, jobs=len(found))


async def _of_key(deps: Deps, team: TeamId, key: str) -> Iterable[Job]:
    name, _, record = key.partition("}:")[2].partition(":")
    if name in JOB_OF:
        return [] if ":" in record else [Job(JOB_OF[name], record)]  # what stands beside a record has a longer name
    try:
        return await JOBS_OF[name](deps, team, record) if name in JOBS_OF else ()
    except (RecordDamaged, UnreadableSecret):
        log.warning("jobs_not_restored", key=key)
        return ()
