"""*Ask an admin*: a person without a profile notifies the admins, once a day; people who ask share one message."""

import asyncio

import structlog

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.mappings.errors import AdminNotReached
from bot.mappings.map_views import admin_request
from bot.mappings.model import ADMIN_MESSAGE_CLAIM, ADMIN_REQUEST_INTERVAL, UNCERTAIN_REQUEST_INTERVAL
from bot.people import access
from bot.slack.errors import MessageGone, SlackAway, SlackError

log = structlog.get_logger()


async def ask_admin(deps: Deps, team: TeamId, asker: UserId) -> tuple[UserId, ...]:
    """Notify the admins and return those reached, or none if this person asked today; raise AdminNotReached."""
    uncertain_claim, claim = f"admin_request_uncertain:{asker}", f"admin_request:{asker}"
    if not await deps.idempotency.claim(team, uncertain_claim, within=UNCERTAIN_REQUEST_INTERVAL):
        return ()
    if not await deps.idempotency.claim(team, claim, within=ADMIN_REQUEST_INTERVAL):
        return ()
    notified: list[UserId] = []
    uncertain = False
    try:
        for admin in await access.admins_to_ask(deps, team):
            posted = await _notify(deps, team, admin, asker)
            notified += [admin] if posted else []
            uncertain = uncertain or posted is None
    except SlackError:
        raise AdminNotReached from None
    finally:
        if not notified:
            await deps.idempotency.release(team, claim)
        if not notified and not uncertain:
            await deps.idempotency.release(team, uncertain_claim)
    if not notified:
        raise AdminNotReached
    return tuple(notified)


async def _notify(deps: Deps, team: TeamId, admin: UserId, asker: UserId) -> bool | None:
    """Notify an admin; return whether Slack posted it, or None if that is unknown."""
    try:
        await _add_to_message(deps, team, admin, asker)
    except SlackError as error:
        log.warning("admin_not_notified", admin=admin, error=error.reason)
        return None if isinstance(error, SlackAway) else False
    return True


async def _add_to_message(deps: Deps, team: TeamId, admin: UserId, asker: UserId) -> None:
    """Add an asker to the day's message, or post it if this is the first one."""
    askers, message = await deps.admin_requests.add(team, admin, asker)
    if message is not None:
        try:
            await deps.direct_messages.update(message, admin_request(askers, command=deps.settings.connect_command))
            return
        except MessageGone as gone:
            log.info("message_gone", admin=admin, error=gone.reason)
    uncertain_claim = f"admin_message_uncertain:{admin}"
    async with deps.locks.hold(team, f"admin_message:{admin}", longest=ADMIN_MESSAGE_CLAIM) as first:
        if first and not await deps.idempotency.is_claimed(team, uncertain_claim):
            await _post(deps, team, admin, askers, uncertain_claim=uncertain_claim)


async def _post(deps: Deps, team: TeamId, admin: UserId, askers: tuple[UserId, ...], *, uncertain_claim: str) -> None:
    """Post the day's message, then add the people who asked meanwhile."""
    command = deps.settings.connect_command
    try:
        message = await deps.direct_messages.post(admin, admin_request(askers, command=command))
        current = await deps.admin_requests.save_message(team, admin, message)
    except (SlackAway, asyncio.CancelledError):
        await deps.idempotency.claim(team, uncertain_claim, within=ADMIN_MESSAGE_CLAIM)
        raise
    if current != askers:
        await deps.direct_messages.update(message, admin_request(current, command=command))
