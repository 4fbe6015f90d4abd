"""What happens when an account expires, or a look finds that one dropped or is back: its people hear by day."""

from bot.ayrshare.errors import ProfileGone
from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.notifications.account_diff import AccountDiff, compare, note_drops, update_accounts
from bot.notifications.model import AlertKind
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
    if diff is not None:
        await _tell(deps, team, ref_id, diff)


async def on_change_seen(deps: Deps, team: TeamId, ref_id: RefId) -> None:
    """Tell of a change that a look found, unless whoever looked has: each day's check does, and webhooks do."""
    seen = (await deps.snapshots.of(team, ref_id)).get(ref_id)
    if seen is None or seen.stale or not await deps.profiles.titles(team, ref_id):
        return
    known = await deps.notifications.known_accounts(team, ref_id)
    diff = compare(ref_id, known, seen, seen.accounts, now=seen.at)
    if diff.new_drops or any(kind is AlertKind.DISCONNECTED for kind, _ in diff.resolved):
        await _tell(deps, team, ref_id, diff)


async def _tell(deps: Deps, team: TeamId, ref_id: RefId, diff: AccountDiff) -> None:
    await note_drops(deps, team, diff.new_drops)
    await deps.notifications.record(team, ref_id, diff.alerts, (), due=None)
    for holder in await deps.mappings.holders(team, ref_id):
        await schedule_digest_on_free_day(deps, team, holder)
    await update_accounts(deps, team, ref_id, diff.connected, gone=diff.gone, resolved=diff.resolved)
