"""*Ask an admin*: somebody without a profile lets an admin know, once a day, in a message that several askers share."""

from datetime import timedelta

import structlog

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.mappings.errors import AdminNotReached
from bot.mappings.views import asked_for_profiles
from bot.people import access
from bot.slack.errors import MessageGone, SlackAway, SlackError

DAY = timedelta(days=1)
UNSURE = timedelta(minutes=10)
"""How long nobody may ask again where Slack may have posted without telling us."""
POSTING = timedelta(seconds=30)

log = structlog.get_logger()


async def ask_admin(deps: Deps, team: TeamId, asker: UserId) -> tuple[UserId, ...]:
    """Tell the admins and return who they are; none where this person has asked already. Raises AdminNotReached."""
    if not await deps.idempotency.claim(team, f"asking:{asker}", within=UNSURE):
        return ()
    if not await deps.idempotency.claim(team, f"asked:{asker}", within=DAY):
        return ()
    told: list[UserId] = []
    unsure = False
    try:
        for admin in await access.admins_to_ask(deps, team):
            reached = await _reached(deps, team, admin, asker)
            told += [admin] if reached else []
            unsure = unsure or reached is None
    except SlackError:
        raise AdminNotReached from None
    finally:
        if not told:
            await deps.idempotency.release(team, f"asked:{asker}")
        if not told and not unsure:
            await deps.idempotency.release(team, f"asking:{asker}")
    if not told:
        raise AdminNotReached
    return tuple(told)


async def _reached(deps: Deps, team: TeamId, admin: UserId, asker: UserId) -> bool | None:
    """Tell an admin; return None where Slack did not say whether it posted."""
    try:
        await _tell(deps, team, admin, asker)
    except SlackError as error:
        log.warning("admin_not_told", admin=admin, error=error.reason)
        return None if isinstance(error, SlackAway) else False
    return True


async def _tell(deps: Deps, team: TeamId, admin: UserId, asker: UserId) -> None:
    """Add an asker to the day's message; whoever comes first posts it, with all who came meanwhile."""
    askers, posted = await deps.admin_requests.add(team, admin, asker, within=DAY)
    if posted is not None:
        try:
            await deps.direct_messages.update(posted, asked_for_profiles(askers, command=deps.settings.connect_command))
            return
        except MessageGone as gone:
            log.info("message_gone", admin=admin, error=gone.reason)
    if not await deps.idempotency.claim(team, f"posting_to:{admin}", within=POSTING):
        return
    try:
        fresh = await deps.direct_messages.post(
            admin, asked_for_profiles(askers, command=deps.settings.connect_command)
        )
        now_askers = await deps.admin_requests.posted(team, admin, fresh)
    except SlackError as error:
        if not isinstance(error, SlackAway):
            await deps.idempotency.release(team, f"posting_to:{admin}")
        raise
    await deps.idempotency.release(team, f"posting_to:{admin}")
    if now_askers != askers:
        await deps.direct_messages.update(fresh, asked_for_profiles(now_askers, command=deps.settings.connect_command))
