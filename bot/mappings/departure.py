"""*Who takes over?*: admins are asked when somebody with profiles has left, and read there who took over.

A message is changed however the profiles were taken: by its button, by a command, at the shell.
"""

from collections import defaultdict
from contextlib import suppress

import structlog

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.mappings.held import held_by, profile_refs
from bot.mappings.model import AUDIT_SEARCHED, DEACTIVATION_INTERVAL, DRAW_DEPARTURE, Departure, Taken
from bot.mappings.told_views import deactivated_message
from bot.people import access
from bot.profiles.model import ProfileRef
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.slack.errors import MessageGone, SlackError

log = structlog.get_logger()


async def on_user_deactivated(deps: Deps, team: TeamId, user: UserId) -> None:
    """Ask the admins, once a day, who takes over the profiles of a person whose account was deactivated.

    Raises SlackError where one couldn't be asked yet; those who were asked aren't asked again.
    """
    held, asked = await held_by(deps, team, user), f"deactivated:{user}"
    if not held or await deps.idempotency.is_claimed(team, asked):
        return
    failure: SlackError | None = None
    for admin in await access.admins_to_ask(deps, team, besides=user):
        try:
            await _ask(deps, team, user, held, admin)
        except SlackError as error:
            log.warning("admin_not_notified", admin=admin, error=error.reason)
            failure = error if error.retryable else failure
    if await held_by(deps, team, user) != held:  # somebody was faster than the messages
        await on_profiles_taken(deps, team, user)
    if failure:
        raise failure
    await deps.idempotency.claim(team, asked, within=DEACTIVATION_INTERVAL)


async def on_profiles_taken(deps: Deps, team: TeamId, user: UserId) -> None:
    """Have the admins' messages about a person redrawn, if they have left and admins were asked."""
    departure = await deps.departures.get(team, user)
    for message_id in departure.messages if departure else ():
        await deps.scheduler.plan(team, Job(DRAW_DEPARTURE, f"{user}:{message_id}"), at=deps.clock.now())


async def draw_departure(deps: Deps, team: TeamId, job_id: str) -> None:
    """Redraw an admin's message, unless it was deleted; raise SlackError where that has to wait."""
    name, _, message_id = job_id.partition(":")
    user = UserId(name)
    departure = await deps.departures.get(team, user)
    if departure is None or message_id not in departure.messages:
        return
    held = await held_by(deps, team, user)
    message = deactivated_message(user, held, await _taken(deps, team, user, departure, held))
    with suppress(MessageGone):
        await deps.direct_messages.update(team, departure.messages[message_id], message)


async def _ask(deps: Deps, team: TeamId, user: UserId, held: tuple[ProfileRef, ...], admin: UserId) -> None:
    message_id = f"{deps.clock.now():%Y-%m-%d}:{admin}"
    mark = f"deactivated:{user}:{message_id}"
    posted = await deliver_once(deps, team, admin, deactivated_message(user, held), mark=mark)
    await deps.departures.add(team, user, [one.ref_id for one in held], message_id, posted)


async def _taken(
    deps: Deps, team: TeamId, user: UserId, departure: Departure, held: tuple[ProfileRef, ...]
) -> tuple[Taken, ...]:
    """Return what was taken from a person since, together what one admin gave to one successor."""
    gone = [ref_id for ref_id in departure.ref_ids if ref_id not in {one.ref_id for one in held}]
    rows = [row for row in await deps.audit.latest(team, AUDIT_SEARCHED) if row.action == "mapping_removed"]
    newest = {row.ref_id: row for row in reversed(rows) if row.owner == user}
    titles = defaultdict[tuple[str, str], list[str]](list)
    for profile in await profile_refs(deps, team, user, gone):
        row = newest.get(profile.ref_id)
        titles[(row.detail.removeprefix("to "), row.by) if row else ("", "")].append(profile.title)
    return tuple(Taken(tuple(some), UserId(to) if to else None, by) for (to, by), some in titles.items())
