"""*Ask an admin*: a person who can't go on alone notifies the admins, once a day; people who ask share one message.

Once somebody has a profile, however they got it, each admin's message says so.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog

from bot.core.model import TeamId, UserId, Viewer
from bot.deps import Deps
from bot.mappings.errors import AdminNotReached, AskingAlready, HasProfileNow
from bot.mappings.held import held_by
from bot.mappings.model import (
    ADMIN_REQUEST_INTERVAL,
    ASK_ADMIN,
    AUDIT_SEARCHED,
    DONE_WITHIN,
    DRAW_ADMIN_REQUEST,
    LONGEST_ASKING,
    REQUEST_KEPT,
    UNANSWERED,
    AdminRequest,
    Asker,
)
from bot.mappings.told_views import admin_request, admins_asked
from bot.people import access
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.slack.errors import MessageGone, SlackAway, SlackError
from bot.storage.lock import OWNER_ENDED

log = structlog.get_logger()


async def ask_admin(deps: Deps, team: TeamId, asker: UserId) -> tuple[UserId, ...]:
    """Notify the admins and return those reached, or none if this person asked today.

    Where Slack can't be reached, or this process dies, a job asks them. Raises AdminNotReached, and AskingAlready while
    an earlier press is still being carried out.
    """
    return await _ask_now(deps, team, Job(ASK_ADMIN, asker))


async def ask_admin_for(deps: Deps, viewer: Viewer, person: UserId) -> tuple[UserId, ...]:
    """Notify the admins that a colleague has no profile, as `ask_admin` does; raise HasProfileNow, NotServed, too."""
    await deps.limits.count(viewer.team, viewer.user, "invitations")
    await access.check_recipient(deps, team=viewer.team, user=person, by=viewer.user)
    if await deps.mappings.of(viewer.team, person):
        raise HasProfileNow(person)
    return await _ask_now(deps, viewer.team, Job(ASK_ADMIN, f"{person}:{viewer.user}"))


async def _ask_now(deps: Deps, team: TeamId, job: Job) -> tuple[UserId, ...]:
    await deps.idempotency.claim(team, f"{UNANSWERED}{job.id}", within=REQUEST_KEPT)
    await deps.scheduler.plan(team, job, at=deps.clock.now() + DONE_WITHIN, if_planned="keep")
    try:
        notified = await _ask(deps, team, job)
    except SlackError as error:
        raise AdminNotReached(keeps_trying=error.retryable) from None
    await deps.idempotency.release(team, f"{UNANSWERED}{job.id}")
    return notified


async def on_asked(deps: Deps, team: TeamId, job_id: str) -> None:
    """Notify the admins whom an earlier attempt didn't reach, and say so to whoever asked.

    Raises SlackError, after which it is tried again.
    """
    job = Job(ASK_ADMIN, job_id)
    try:
        notified = await _ask(deps, team, job)
    except AskingAlready:
        await deps.scheduler.plan(team, job, at=deps.clock.now() + DONE_WITHIN)
        return
    if await deps.idempotency.is_claimed(team, f"{UNANSWERED}{job_id}"):
        await _answer(deps, team, job, notified)


async def _answer(deps: Deps, team: TeamId, job: Job, notified: tuple[UserId, ...]) -> None:
    """Tell whoever asked, once, that the admins were reached; raise SlackError."""
    person, _, asked_by = job.id.partition(":")
    has_profile = bool(await deps.mappings.of(team, UserId(person)))
    message = admins_asked(notified, has_profile=has_profile, colleague=UserId(person) if asked_by else None)
    await deliver_once(deps, team, UserId(asked_by or person), message, mark=f"{UNANSWERED}{job.id}")
    await deps.idempotency.release(team, f"{UNANSWERED}{job.id}")
    await deps.outbox.drop(team, f"{UNANSWERED}{job.id}")  # the same person may ask again


async def on_served(deps: Deps, team: TeamId, asker: UserId) -> None:
    """Have the admins' messages say that somebody who asked has a profile now, and by whom."""
    requests, held = await deps.admin_requests.naming(team, asker), await held_by(deps, team, asker)
    if not requests or not held:
        return
    served = Asker(asker, tuple(one.title for one in held), await _given_by(deps, team, asker))
    for request in requests:
        await deps.admin_requests.serve(team, request, served)
        await deps.scheduler.plan(team, Job(DRAW_ADMIN_REQUEST, request), at=deps.clock.now())
    await deps.idempotency.release(team, _asked_today(asker))
    await deps.admin_requests.forget(team, asker)


async def draw_request(deps: Deps, team: TeamId, request_id: str) -> None:
    """Redraw an admin's message, or post it again if they deleted it and somebody still waits; raise SlackError."""
    request = await deps.admin_requests.get(team, request_id)
    if request is None:
        return
    if request.message is None:
        async with _alone(deps, team, request.admin):
            await _post(deps, team, request, mark=request.mark)
        return
    try:
        await deps.direct_messages.update(team, request.message, admin_request(request.askers))
    except MessageGone as gone:
        log.info("message_gone", admin=request.admin, error=gone.reason)
        if not all(asker.served for asker in request.askers):
            mark = await deps.admin_requests.begin_anew(team, request_id)
            await _post(deps, team, replace(request, message=None), mark=mark)


async def _given_by(deps: Deps, team: TeamId, asker: UserId) -> str:
    """Return who gave a person their latest profile, as the audit log has it, or nothing if that is long ago."""
    rows = await deps.audit.latest(team, AUDIT_SEARCHED)
    return next((row.by for row in rows if row.action == "mapping_added" and row.owner == asker), "")


async def _ask(deps: Deps, team: TeamId, job: Job) -> tuple[UserId, ...]:
    """Notify the admins once a day of whom a job names; raise SlackError where none was reached, and AskingAlready."""
    asker, _, asked_by = job.id.partition(":")
    asked = _asked_today(UserId(asker))
    async with deps.locks.hold(team, asked, longest=LONGEST_ASKING, wait=OWNER_ENDED) as ours:
        if not ours:
            raise AskingAlready
        first = not await deps.idempotency.is_claimed(team, asked)
        notified = await _notify_admins(deps, team, UserId(asker), UserId(asked_by)) if first else ()
        if first:
            await deps.idempotency.claim(team, asked, within=ADMIN_REQUEST_INTERVAL)
        await deps.scheduler.cancel(team, job)
        return notified


async def _notify_admins(deps: Deps, team: TeamId, asker: UserId, asked_by: UserId) -> tuple[UserId, ...]:
    """Notify the admins and return those reached; raise SlackError where there is none."""
    reached: list[UserId] = []
    failure = None
    has = tuple(one.title for one in await held_by(deps, team, asker))
    asking = Asker(asker, has=has, asked_by=asked_by or None)
    for admin in await access.admins_to_ask(deps, team):
        try:
            await _notify(deps, team, admin, asking)
            reached.append(admin)
        except SlackError as error:
            log.warning("admin_not_notified", admin=admin, error=error.reason)
            failure = error if error.retryable or failure is None else failure
    if not reached:
        raise failure or SlackError("no_admin")
    return tuple(reached)


async def _notify(deps: Deps, team: TeamId, admin: UserId, asker: Asker) -> None:
    """Add an asker to the admin's message of the day, or post it; a job does what Slack doesn't take now."""
    async with _alone(deps, team, admin):
        request = await deps.admin_requests.add(team, admin, asker)
        drawing, now = Job(DRAW_ADMIN_REQUEST, request.id), deps.clock.now()
        try:
            await _post(deps, team, request, mark=request.mark)
        except SlackError as error:
            if error.retryable:
                await deps.scheduler.plan(team, drawing, at=now + DONE_WITHIN)
            raise
        if len(request.askers) > 1:  # admins may be more than Slack takes changes in a minute
            await deps.scheduler.plan(team, drawing, at=now)


@asynccontextmanager
async def _alone(deps: Deps, team: TeamId, admin: UserId) -> AsyncIterator[None]:
    """Hold the lock of an admin's message; raise SlackAway while another process posts it."""
    lock = f"admin_message:{admin}"
    async with deps.locks.hold(team, lock, longest=LONGEST_ASKING, wait=OWNER_ENDED) as ours:
        if not ours:
            raise SlackAway("another_request_is_posted")
        yield


async def _post(deps: Deps, team: TeamId, request: AdminRequest, *, mark: str) -> None:
    message = admin_request(request.askers)
    posted = request.message or await deliver_once(deps, team, request.admin, message, mark=mark)
    await deps.admin_requests.save_message(team, request.id, posted)


def _asked_today(asker: UserId) -> str:
    return f"admin_request:{asker}"
