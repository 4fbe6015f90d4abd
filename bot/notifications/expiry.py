"""What happens when an account expires: it counts as disconnected at once, and its people hear of it by day."""

from bot.ayrshare.errors import ProfileGone
from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.notifications.account_diff import note_drops, update_accounts
from bot.notifications.sweep.check_profile import read_diff
from bot.notifications.sweep.run import schedule_digest_on_free_day


async def on_expiry(deps: Deps, team: TeamId, ref_id: RefId) -> None:
    """Look at a profile of which an account expires now, unless it is gone by then.

    Raises AyrshareError, UnreadableSecret, TimeoutError.
    """
    try:
        diff = await read_diff(deps, team, ref_id, deps.clock.now())
    except ProfileGone:
        return  # the snapshot says so now, and each day's check tells the admins
    if diff is None:
        return
    await note_drops(deps, team, diff.alerts)
    await deps.notifications.record(team, ref_id, diff.alerts, (), due=None)
    for holder in await deps.mappings.holders(team, ref_id):
        await schedule_digest_on_free_day(deps, team, holder)
    await update_accounts(deps, team, ref_id, diff.connected, gone=diff.gone, resolved=diff.resolved)
