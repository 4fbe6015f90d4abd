"""What follows from a change of mappings: links end, and people are told.

Both are jobs that are written with the change. Whoever made the change does them at once and says what came of it; the
jobs come to nothing then. If that process dies, or Ayrshare or Slack fails, they carry on.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.cards import revoke
from bot.cards.model import END_LINKS, Card, end_links_job
from bot.cards.update import LONGEST_CALL
from bot.client_links.model import END_CLIENT_LINKS
from bot.client_links.revoke import end_client_links
from bot.core.errors import ConnectbotError
from bot.core.model import Membership, Message, RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings.held import held_by, profile_refs
from bot.mappings.model import DONE_WITHIN, PROFILES_TAKEN, TELL_CHANGE
from bot.mappings.told_views import handed_over_message, mapped_message, received_message, unmapped_message
from bot.people.page_reader import PERSON_CHANGED
from bot.profiles.model import HOLDER_ADDED, FollowUp, MappingChange, redraw_soon
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.slack.errors import RecipientDeactivated, SlackError

READS_MESSAGES = frozenset({Membership.MEMBER, Membership.GUEST})
LONGEST_TELLING = 6 * LONGEST_CALL
"""Two people are looked up, their direct messages are opened and read, and they are told."""

log = structlog.get_logger()


@dataclass(slots=True)
class Told:
    """Who was told of a change, whom Slack refuses to tell, and who is to be told later."""

    told: tuple[UserId, ...] = ()
    refused: tuple[UserId, ...] = ()
    later: tuple[UserId, ...] = ()
    failure: SlackError | None = None


def new_change(by: str, *, old: UserId | None = None, new: UserId | None = None) -> MappingChange:
    """Return a change that is about to be made."""
    return MappingChange(secrets.token_hex(8), by, old, new)


def removal(
    change: MappingChange, old: UserId, ref_ids: Sequence[RefId], *, now: datetime, quiet: bool = False
) -> FollowUp:
    """Return what is written with the removal of profiles from `old`, whether or not another person takes them over.

    `quiet`: nobody is told.
    """
    ends = [end_links_job(old, one, by=change.by, made_before=now) for one in ref_ids]
    shown = redraw_soon(now) | {Job(PROFILES_TAKEN, old): now}
    ends += [Job(END_CLIENT_LINKS, one) for one in ref_ids]
    if quiet:
        return FollowUp(dict.fromkeys(ends, now + DONE_WITHIN) | shown)
    jobs = dict.fromkeys((*ends, *_jobs(change)), now + DONE_WITHIN)
    return FollowUp(jobs | shown | _at_once(change, now=now), change)


def addition(change: MappingChange, *, now: datetime) -> FollowUp:
    """Return what is written with the mapping of a profile to `change.new`."""
    return FollowUp(dict.fromkeys(_jobs(change), now + DONE_WITHIN) | _at_once(change, now=now), change)


async def end_links(deps: Deps, team: TeamId, follow_up: FollowUp) -> tuple[Card, ...] | None:
    """End the links that a removal ends, and return their cards, or None if some may still work for a while."""
    jobs = [job for job in follow_up.jobs if job.name in {END_LINKS, END_CLIENT_LINKS}]
    ended = await asyncio.gather(*(_end_links_of(deps, team, job) for job in jobs))
    return None if None in ended else tuple(card for cards in ended for card in cards or ())


async def tell(deps: Deps, team: TeamId, change: MappingChange) -> Told:
    """Tell the people whom a change concerns, unless they made it or can't read messages."""
    messages = await _messages(deps, team, change)
    async with deps.locks.hold(team, f"mapping_change:{change.id}", longest=LONGEST_TELLING) as ours:
        if not ours:
            return Told(later=tuple(messages))
        told = Told()
        for user, message in messages.items():
            await _tell_one(deps, team, change, user, message, told)
        if not told.later:
            await deps.mappings.forget_change(team, change.id)
            await deps.scheduler.cancel(team, _job(change))
    return told


async def tell_change(deps: Deps, team: TeamId, change_id: str) -> None:
    """Tell those who haven't been told of a change; raise SlackError, after which it is tried again."""
    change = await deps.mappings.change(team, change_id)
    told = await tell(deps, team, change) if change else Told()
    if told.failure:
        raise told.failure
    if told.later:
        await deps.scheduler.plan(team, Job(TELL_CHANGE, change_id), at=deps.clock.now() + DONE_WITHIN)


async def _end_links_of(deps: Deps, team: TeamId, job: Job) -> tuple[Card, ...] | None:
    ended: tuple[Card, ...] = ()
    try:
        if job.name == END_CLIENT_LINKS:
            await end_client_links(deps, team, RefId(job.id))
        else:
            ended = await revoke.end_links_of(deps, team, job.id)
        await deps.scheduler.cancel(team, job)
    except ConnectbotError as error:
        log.warning("links_not_ended", team=team, cause=error.kind)
        return None
    return ended


async def _tell_one(
    deps: Deps, team: TeamId, change: MappingChange, user: UserId, message: Message, told: Told
) -> None:
    try:
        membership = (await deps.people.remembered(team, user)).membership
        if membership is Membership.DEACTIVATED and user == change.new:  # the shell asks nobody who has left
            await deps.scheduler.plan(team, Job(PERSON_CHANGED, user), at=deps.clock.now())
        if user == change.by or membership not in READS_MESSAGES:
            return
        await deliver_once(deps, team, user, message, mark=f"mapping_change:{change.id}:{user}")
        told.told += (user,)
    except RecipientDeactivated:
        return
    except SlackError as error:
        log.warning("change_not_told", user=user, error=error.reason)
        if error.retryable:
            told.later, told.failure = (*told.later, user), error
        else:
            told.refused += (user,)


async def _messages(deps: Deps, team: TeamId, change: MappingChange) -> dict[UserId, Message]:
    by = change.by
    known = await profile_refs(deps, team, change.new or change.old or UserId(by), change.ref_ids)
    profiles = [replace(one, default=one.ref_id == change.default) for one in known]
    if change.new and change.old:
        received = received_message(profiles, old=change.old, by=by)
        return {change.new: received, change.old: handed_over_message(profiles, new=change.new, by=by)}
    if change.old:
        left = await held_by(deps, team, change.old)
        told = unmapped_message(profiles, left=left, by=by, command=deps.settings.connect_command)
        return {change.old: told}
    if change.new:
        still = [one for one in await held_by(deps, team, change.new) if one.ref_id in change.ref_ids]
        return {change.new: mapped_message(still, by=by)} if still else {}
    return {}


def _jobs(change: MappingChange) -> tuple[Job, ...]:
    """Return the jobs that tell people, and see whether the new holder has left while the change was made."""
    return (_job(change), *([Job(PERSON_CHANGED, change.new)] if change.new else []))


def _at_once(change: MappingChange, *, now: datetime) -> dict[Job, datetime]:
    """Return the jobs that draw what shows the change, and tell a new holder what nobody was told of the profiles."""
    return redraw_soon(now) | ({Job(HOLDER_ADDED, change.new): now} if change.new else {})


def _job(change: MappingChange) -> Job:
    return Job(TELL_CHANGE, change.id)
