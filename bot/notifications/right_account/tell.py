"""What people read of an account that may be the wrong one: only while it is connected and nobody has settled it."""

import asyncio
from datetime import datetime

import structlog

from bot.ayrshare.model import AccountChange
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.deps import Deps
from bot.notifications.model import TELL_ACCOUNT, VERIFY_TIMEOUT
from bot.notifications.right_account.settled import SEPARATOR, told_mark
from bot.people import access
from bot.people.preferences import next_daytime
from bot.profiles.account_change_views import told
from bot.profiles.account_changes import change_of, may_settle
from bot.profiles.account_status import accounts_of
from bot.profiles.model import ChangeRef
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.storage.errors import StoreUnavailable

log = structlog.get_logger()


async def tell(deps: Deps, team: TeamId, job_id: str) -> None:
    """Tell one person of one account, or later; raise NotServed, AccountSettled, SlackError."""
    user, by, ref_id, network, change_id = job_id.split(SEPARATOR, 4)
    reader, profile = UserId(user), RefId(ref_id)
    ref = ChangeRef(profile, network, change_id)
    await change_of(deps, team, ref)
    if user != by:
        moment = await _earliest_moment(deps, team, reader)
        if moment > deps.clock.now():
            await deps.scheduler.plan(team, Job(TELL_ACCOUNT, job_id), at=moment)
            return
    await _look_again(deps, team, profile)
    change = await change_of(deps, team, ref)
    decides = await may_settle(deps, Viewer(team, reader), profile)
    if change.questionable and (user == by or await _wanted(deps, team, reader, change, decides=decides)):
        title = (await deps.profiles.titles(team, profile)).get(profile, ref_id)
        others = None if decides else await deps.mappings.holders(team, profile)
        message = told(change, profile, title=title, reader=reader, by=UserId(by), decided_by=others)
        await deliver_once(deps, team, reader, message, mark=told_mark(change_id, reader))
        log.info("account_change_told", team=team, user=user, profile=ref_id, network=network)


async def _earliest_moment(deps: Deps, team: TeamId, user: UserId) -> datetime:
    """Return when someone may be told who didn't do it: after a snooze, by day where they are; raise NotServed."""
    person, now = await access.check_recipient(deps, team=team, user=user), deps.clock.now()
    snoozed = await deps.preferences.snoozed_until(team, user)
    return next_daytime(max(snoozed or now, now), zone=person.zone)


async def _wanted(deps: Deps, team: TeamId, user: UserId, change: AccountChange, *, decides: bool) -> bool:
    """Return whether someone hears who didn't do it: muting doesn't apply to what is for admins."""
    return bool(change.shared_with and decides) or not await deps.preferences.is_muted(team, user)


async def _look_again(deps: Deps, team: TeamId, ref_id: RefId) -> None:
    """Ask Ayrshare what is connected now; where it doesn't answer, what was seen last counts."""
    try:
        async with asyncio.timeout(VERIFY_TIMEOUT.total_seconds()):
            for profile in await deps.profiles.get(team, ref_id):
                await accounts_of(deps, team, profile)
    except StoreUnavailable:
        raise
    except (ConnectbotError, TimeoutError) as error:
        log.info("account_change_not_verified", profile=ref_id, cause=type(error).__name__)
