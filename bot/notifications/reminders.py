"""What happens until a disconnected account is mended: its people are reminded, then the admins hear, once.

People are reminded of what they were told of, REMINDED_AFTER it disconnected; a digest (`digest.py`) tells them, so it
comes by day, not to those who muted or snoozed the bot, and not of what is back. Every hour's look plans the job.
"""

from datetime import timedelta

from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.notifications.account_diff import alert_admins
from bot.notifications.model import ADMINS_TOLD_AFTER, NO_PROFILE, REMINDED_AFTER, Alert, AlertKind
from bot.notifications.sweep.run import schedule_digest_on_free_day
from bot.people import access
from bot.profiles.model import Disconnected


async def remind(deps: Deps, team: TeamId, _: str) -> None:
    """Remind people of each disconnected account whose next reminder is due; raise SlackError."""
    for ref_id, dropped in (await deps.snapshots.dropped(team)).items():
        reminders = (await deps.notifications.known_accounts(team, ref_id)).reminders
        due = [one for one in dropped if one.network in reminders and _is_due(deps, one, reminders[one.network])]
        for one in due:
            await _remind(deps, team, ref_id, one, reminders[one.network])


async def tell_outage(deps: Deps, team: TeamId, network: str) -> None:
    """Tell the admins that many profiles lost a network; raise SlackError."""
    await deps.notifications.update_accounts(team, NO_PROFILE, {}, gone=(), resolved=[(AlertKind.OUTAGE, network)])
    outage = Alert(AlertKind.OUTAGE, deps.clock.now(), network=network)
    await alert_admins(deps, team, outage, await access.admins_to_ask(deps, team))


def _is_due(deps: Deps, one: Disconnected, reminders: int) -> bool:
    steps: tuple[timedelta, ...] = (*REMINDED_AFTER, ADMINS_TOLD_AFTER)
    return reminders < len(steps) and deps.clock.now() >= one.since + steps[reminders]


async def _remind(deps: Deps, team: TeamId, ref_id: RefId, one: Disconnected, reminders: int) -> None:
    """Make the account news again, or tell the admins after the last reminder."""
    now, kind = deps.clock.now(), AlertKind.DISCONNECTED if reminders < len(REMINDED_AFTER) else AlertKind.UNMENDED
    alert = Alert(kind, now, ref_id, one.network, one.name, one.reason, since=one.since)
    if kind is AlertKind.UNMENDED:
        await alert_admins(deps, team, alert, await access.admins_to_ask(deps, team))
        await deps.notifications.count_reminders(team, ref_id, one.network, reminders=reminders + 1)
        return
    await deps.notifications.remind(team, alert, reminders=reminders + 1)
    for holder in await deps.mappings.holders(team, ref_id):
        await schedule_digest_on_free_day(deps, team, holder)
