"""*Ask an admin*: a person without a profile notifies the admins, once a day; people who ask share one message."""

import structlog

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.mappings.errors import AdminNotReached, AskingAlready
from bot.mappings.map_views import admin_request
from bot.mappings.model import ADMIN_REQUEST_INTERVAL, ASK_ADMIN, DONE_WITHIN, LONGEST_ASKING
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
    await deps.scheduler.plan(team, Job(ASK_ADMIN, asker), at=deps.clock.now() + DONE_WITHIN, unless_planned=True)
    try:
        return await _ask(deps, team, asker)
    except SlackError as error:
        raise AdminNotReached(keeps_trying=error.retryable) from None


async def on_asked(deps: Deps, team: TeamId, asker: UserId) -> None:
    """Notify the admins whom an earlier attempt didn't reach; raise SlackError, after which it is tried again."""
    try:
        await _ask(deps, team, asker)
    except AskingAlready:
        await deps.scheduler.plan(team, Job(ASK_ADMIN, asker), at=deps.clock.now() + DONE_WITHIN)


async def _ask(deps: Deps, team: TeamId, asker: UserId) -> tuple[UserId, ...]:
    """Notify the admins once a day; raise SlackError where none was reached, and AskingAlready."""
    asked = f"admin_request:{asker}"
    async with deps.locks.hold(team, asked, longest=LONGEST_ASKING, wait=OWNER_ENDED) as ours:
        if not ours:
            raise AskingAlready
        first = not await deps.idempotency.is_claimed(team, asked)
        notified = await _notify_admins(deps, team, asker) if first else ()
        if first:
            await deps.idempotency.claim(team, asked, within=ADMIN_REQUEST_INTERVAL)
        await deps.scheduler.cancel(team, Job(ASK_ADMIN, asker))
        return notified


async def _notify_admins(deps: Deps, team: TeamId, asker: UserId) -> tuple[UserId, ...]:
    """Notify the admins and return those reached; raise SlackError where there is none."""
    reached, failure = [], SlackError("no_admin")
    for admin in await access.admins_to_ask(deps, team):
        try:
            await _notify(deps, team, admin, asker)
            reached.append(admin)
        except SlackError as error:
            log.warning("admin_not_notified", admin=admin, error=error.reason)
            failure = failure if failure.retryable else error
    if not reached:
        raise failure
    return tuple(reached)


async def _notify(deps: Deps, team: TeamId, admin: UserId, asker: UserId) -> None:
    lock = f"admin_message:{admin}"
    async with deps.locks.hold(team, lock, longest=LONGEST_ASKING, wait=OWNER_ENDED) as ours:
        if not ours:
            raise SlackAway("another_request_is_posted")
        await _add_to_message(deps, team, admin, asker)


async def _add_to_message(deps: Deps, team: TeamId, admin: UserId, asker: UserId) -> None:
    """Add an asker to the day's message, or post it if this is the first one or the admin has deleted it."""
    request = await deps.admin_requests.add(team, admin, asker)
    message = admin_request(request.askers, command=deps.settings.connect_command)
    posted = request.message or await deliver_once(deps, team, admin, message, mark=request.mark)
    await deps.admin_requests.save_message(team, admin, posted)
    if len(request.askers) == 1:
        return
    try:
        await deps.direct_messages.update(posted, message)
    except MessageGone as gone:
        log.info("message_gone", admin=admin, error=gone.reason)
        mark = await deps.admin_requests.begin_anew(team, admin)
        posted = await deliver_once(deps, team, admin, message, mark=mark)
        await deps.admin_requests.save_message(team, admin, posted)
