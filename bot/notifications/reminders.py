"""What happens until a disconnected account is mended: its people are reminded, then the admins hear, once.

People are reminded of what they were told of, REMINDED_AFTER it disconnected; a digest (`digest.py`) tells them, so it
comes by day, not to those who muted or snoozed the bot, and not of what is back. Every hour's look plans the job.
"""

from datetime import timedelta

from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.notifications.account_diff import alert_admins
from bot.notifications.model import ADMINS_TOLD_AFTER, NO_PROFILE, REMINDED_AFTER, Alert, AlertKind, KnownAccounts
from bot.notifications.sweep.run import schedule_digest_on_free_day
from bot.people import access
from bot.profiles.model import Disconnected

LOOK_EVERY = timedelta(hours=1)
"""How much later than due a look may come."""


async def remind(deps: Deps, team: TeamId, _: str) -> None:
    """Remind people of each disconnected account whose next reminder is due; raise SlackError."""
    for ref_id, dropped in (await deps.snapshots.dropped(team)).items():
        known = await deps.notifications.known_accounts(team, ref_id)
        for one in dropped:
            if one.network in known.reminders and _is_due(deps, one, known):
                await _remind(deps, team, ref_id, one, known.reminders[one.network])


async def tell_outage(deps: Deps, team: TeamId, network: str) -> None:
    """Tell the admins that many profiles lost a network; raise SlackError."""
    await deps.notifications.update_accounts(team, NO_PROFILE, {}, gone=(), resolved=[(AlertKind.OUTAGE, network)])
    outage = Alert(AlertKind.OUTAGE, deps.clock.now(), network=network)
    await alert_admins(deps, team, outage, await access.admins_to_ask(deps, team))


def _is_due(deps: Deps, one: Disconnected, known: KnownAccounts) -> bool:
    """Return whether the next reminder is due: not soon after someone heard of it late, such as after a snooze."""
    steps: tuple[timedelta, ...] = (timedelta(0), *REMINDED_AFTER, ADMINS_TOLD_AFTER)
    step = known.reminders[one.network] + 1
    if step >= len(steps):
        return False
    told = known.told.get(one.network, one.since)
    return deps.clock.now() >= max(one.since + steps[step], told + steps[step] - steps[step - 1] - LOOK_EVERY)


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
