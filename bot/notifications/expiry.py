"""What happens when an account expires: it counts as disconnected at once, and its people hear of it by day."""

from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.notifications.account_diff import update_accounts
from bot.notifications.sweep.check_profile import read_diff
from bot.notifications.sweep.run import schedule_digest_on_free_day


async def on_expiry(deps: Deps, team: TeamId, ref_id: RefId) -> None:
    """Look at a profile of which an account expires now; raise AyrshareError, UnreadableSecret, TimeoutError."""
    diff = await read_diff(deps, team, ref_id, deps.clock.now())
    if diff is None:
        return
    await deps.notifications.record(team, ref_id, diff.alerts, (), due=None)
    for holder in await deps.mappings.holders(team, ref_id):
        await schedule_digest_on_free_day(deps, team, holder)
    await update_accounts(deps, team, ref_id, diff.connected, gone=diff.gone, resolved=diff.resolved)
