"""What happens until a disconnected account is mended: its people are reminded, then the admins hear, once.

People are reminded of what they were told of, REMINDED_AFTER it disconnected; a digest (`digest.py`) tells them, so it
comes by day, not to those who muted or snoozed the bot, and not of what is back. Whoever gets the profile meanwhile is
reminded with the others; where nobody is left who was told, or the admins were, all of it begins again. The
hourly job (`run_hourly` in `bot/job_runner.py`) plans it.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.notifications.account_diff import alert_admins
from bot.notifications.model import (
    ADMINS_TOLD_AFTER,
    NO_PROFILE,
    REMINDED_AFTER,
    TOGETHER,
    Alert,
    AlertKind,
    Heard,
    KnownAccounts,
)
from bot.notifications.sweep.run import schedule_digest_on_free_day
from bot.people import access
from bot.profiles.model import Disconnected

LOOK_EVERY = timedelta(hours=1)
"""How much later than due a look may come."""
BEFORE_THE_SAME_HOUR = 2 * LOOK_EVERY
"""How much earlier in the day than people were told: they were told in the morning, and the last look before that finds
it, so that it is one message with what came by night."""
STEPS = (timedelta(0), *REMINDED_AFTER, ADMINS_TOLD_AFTER)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A disconnected account that people were told of, what is known of its profile, and who has that now."""

    ref_id: RefId
    account: Disconnected
    known: KnownAccounts
    holders: tuple[UserId, ...]

    @property
    def reminders(self) -> int:
        """How many were sent."""
        return self.known.reminders[self.account.network]

    @property
    def told_before(self) -> frozenset[UserId]:
        """Who of its people had the profile when somebody was last told."""
        people = self.known.people.get(self.account.network, self.holders)
        return frozenset(people) & frozenset(self.holders)

    @property
    def begins_anew(self) -> bool:
        """Whether there are new people, and nobody else goes on being reminded."""
        return len(self.told_before) < len(self.holders) and not (self.told_before and self.for_people)

    @property
    def for_people(self) -> bool:
        """Whether the next step is a reminder."""
        return self.reminders < len(REMINDED_AFTER)

    @property
    def due_at(self) -> datetime | None:
        """When the next step is due, if there is one: not soon after someone heard late, such as after a snooze."""
        step = self.reminders + 1
        if step >= len(STEPS):
            return None
        since = self.account.since
        told = self.known.told.get(self.account.network, since)
        return max(since + STEPS[step], told + STEPS[step] - STEPS[step - 1] - BEFORE_THE_SAME_HOUR)

    def due_by(self, moment: datetime) -> bool:
        """Return whether the next step is due by a moment."""
        return self.due_at is not None and self.due_at <= moment


async def remind(deps: Deps, team: TeamId, _: str) -> None:
    """Remind people of each disconnected account whose next reminder is due; raise SlackError."""
    now, waiting = deps.clock.now(), await _waiting(deps, team)
    for one in waiting:
        if one.begins_anew:
            await _tell_new_people(deps, team, one)
    rest = [one for one in waiting if not one.begins_anew]
    soon = [one for one in rest if one.for_people and one.due_by(now + TOGETHER)]
    hear = {user for one in soon if one.due_by(now) for user in one.holders}
    hear |= {user for one in soon for user in one.holders if await deps.notifications.pending(team, user)}
    for one in rest:
        if one in soon and (one.due_by(now) or hear & {*one.holders}):
            await _remind(deps, team, one, reminders=one.reminders + 1)
        elif not one.for_people and one.due_by(now):
            await _tell_admins(deps, team, one)


async def tell_outage(deps: Deps, team: TeamId, network: str) -> None:
    """Tell the admins that many profiles lost a network; raise SlackError."""
    await deps.notifications.update_accounts(team, NO_PROFILE, {}, gone=(), resolved=[(AlertKind.OUTAGE, network)])
    outage = Alert(AlertKind.OUTAGE, deps.clock.now(), network=network)
    await alert_admins(deps, team, outage, await access.admins_to_ask(deps, team))


async def _waiting(deps: Deps, team: TeamId) -> list[Waiting]:
    """Return what people of a profile were told of, isn't back, and a link may offer: else they can't mend it."""
    found, offered = [], deps.ayrshare.options.offered
    for ref_id, dropped in (await deps.snapshots.dropped(team)).items():
        known, holders = await asyncio.gather(
            deps.notifications.known_accounts(team, ref_id), deps.mappings.holders(team, ref_id)
        )
        told = (one for one in dropped if one.network in known.reminders and offered.among((one.network,)))
        found += [Waiting(ref_id, one, known, holders) for one in told if holders]
    return found


async def _tell_new_people(deps: Deps, team: TeamId, one: Waiting) -> None:
    """Tell whoever got the profile, and count the reminders from here."""
    alert = await _remind(deps, team, one, reminders=0, but=one.told_before)
    for user in one.told_before:
        await deps.notifications.mark(team, user, [alert], Heard.TOLD, holders=one.holders)


async def _remind(deps: Deps, team: TeamId, one: Waiting, *, reminders: int, but: Iterable[UserId] = ()) -> Alert:
    """Make the account news again for its people, `but` for some."""
    alert = _alert(deps, one, AlertKind.DISCONNECTED)
    await deps.reminders.remind(team, alert, holders=one.holders, reminders=reminders)
    for holder in {*one.holders} - {*but}:
        await schedule_digest_on_free_day(deps, team, holder)
    return alert


async def _tell_admins(deps: Deps, team: TeamId, one: Waiting) -> None:
    alert = _alert(deps, one, AlertKind.UNMENDED)
    await alert_admins(deps, team, alert, await access.admins_to_ask(deps, team))
    await deps.reminders.count(team, one.ref_id, one.account.network, reminders=one.reminders + 1)


def _alert(deps: Deps, one: Waiting, kind: AlertKind) -> Alert:
    account = one.account
    now = deps.clock.now()
    return Alert(kind, now, one.ref_id, account.network, account.name, account.reason, since=account.since)
