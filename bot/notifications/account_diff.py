"""What is news of a profile: it waits for those who look after it, and the same is never news twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.notifications.model import NO_PROFILE, SEND_DIGEST, Alert, AlertKind
from bot.scheduling.job import Job

GATHERED_FOR = timedelta(minutes=1)
"""How long news waits for more, so that several at once are one message."""


async def tell(deps: Deps, team: TeamId, alerts: Sequence[Alert], users: Sequence[UserId]) -> None:
    """Let people hear soon of what was never news of a profile; the alerts are about the same one."""
    due = deps.clock.now() + GATHERED_FOR
    await _plan(deps, team, await deps.notifications.note(team, alerts[0].ref_id, alerts, users, due=due))


async def make_due(deps: Deps, team: TeamId, user: UserId, *, at: datetime) -> None:
    """Let somebody hear at a moment, or earlier, of what waits for them."""
    await _plan(deps, team, await deps.notifications.note(team, NO_PROFILE, (), [user], due=at))


async def linked(deps: Deps, team: TeamId, ref_id: RefId, network: str) -> None:
    """Take note that a network was linked: should it be lost again, that would be news."""
    over = [(AlertKind.LOST, network), (AlertKind.EXPIRING, network)]
    await deps.notifications.watch(team, ref_id, {network: ""}, gone=(), over=over)


async def taken_off(deps: Deps, team: TeamId, alert: Alert) -> None:
    """Take note that a network's own people unlinked it, which is no news to them."""
    await deps.notifications.note(team, alert.ref_id, [alert], (), due=None)


async def _plan(deps: Deps, team: TeamId, dues: dict[UserId, datetime | None]) -> None:
    """Plan it; what is overdue is being told just now or waits for the morning, and nobody may come in between."""
    now = deps.clock.now()
    for user, at in dues.items():
        if at is not None:
            await deps.scheduler.plan(team, Job(SEND_DIGEST, user), at=at if at > now else now + GATHERED_FOR)
