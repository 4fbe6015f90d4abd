"""How a sweep checks many profiles at once: a file has the accounts of all, and what is as before needs no call.

The file may be hours old and its content is undocumented, so that nothing is told because of it: a profile that isn't
in it, or not as it was known, is asked about like any other. Where there is no file, all of them are.
"""

import asyncio
from datetime import datetime

import structlog

from bot.ayrshare.errors import AyrshareError
from bot.ayrshare.user_batch import UserBatch
from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.notifications.account_diff import compare
from bot.notifications.model import (
    BATCH_AGE,
    BATCH_FROM,
    BATCH_MARGIN,
    BATCH_SLICE,
    BATCH_WAIT,
    Alert,
    AlertRecord,
    KnownAccounts,
    Sweep,
)
from bot.profiles.account_status import keep_accounts

log = structlog.get_logger()


async def ask_for_batch(deps: Deps, team: TeamId) -> datetime | None:
    """Ask for the file where there are enough profiles; return from when it can be read, None if they have no use."""
    if len(await deps.profiles.ref_ids(team)) < BATCH_FROM:
        return None
    try:
        available = await (await deps.ayrshare.of(team)).ask_for_batch()
    except AyrshareError as error:
        log.info("sweep_without_batch", team=team, cause=error.kind)
        return None
    return available + BATCH_MARGIN if available <= deps.clock.now() + BATCH_WAIT else None


async def check_batch(deps: Deps, team: TeamId, sweep: Sweep) -> datetime:
    """Compare some profiles with the file, and return when the next step may be taken; raise StoreUnavailable."""
    now = deps.clock.now()
    if sweep.batch_at and now < sweep.batch_at:
        return sweep.batch_at
    ref_ids = await deps.sweeps.next_profiles(team, limit=BATCH_SLICE)
    batch = await _batch(deps, team) if ref_ids else None
    if batch is None:
        (await deps.ayrshare.of(team)).forget_batch()
        await deps.sweeps.end_batch(team, sweep)
        return now
    checks = await asyncio.gather(*(_is_unchanged(deps, team, ref_id, batch) for ref_id in ref_ids))
    ask = [ref_id for ref_id, unchanged in zip(ref_ids, checks, strict=True) if not unchanged]
    await deps.sweeps.mark_compared(team, ref_ids, ask=ask)
    deps.metrics.sweep_checks.labels("batch").inc(len(ref_ids) - len(ask))
    return now


async def _batch(deps: Deps, team: TeamId) -> UserBatch | None:
    try:
        batch = await (await deps.ayrshare.of(team)).read_batch()
    except AyrshareError as error:
        log.info("sweep_without_batch", team=team, cause=error.kind)
        return None
    if deps.clock.now() - batch.at > BATCH_AGE:
        log.info("sweep_without_batch", team=team, cause="old")
        return None
    return batch


async def _is_unchanged(deps: Deps, team: TeamId, ref_id: RefId, batch: UserBatch) -> bool:
    """Return whether a profile is as it was known, and note then that it was seen."""
    found = batch.profiles.get(ref_id)
    if found is None or not await deps.profiles.titles(team, ref_id):
        return False
    known, snapshots, here = await asyncio.gather(
        deps.notifications.known_accounts(team, ref_id),
        deps.snapshots.of(team, ref_id),
        deps.account_ids.of(team, ref_id),
    )
    if any(one.id and one.id != here.get(one.network, one).id for one in found.accounts):
        return False
    snapshot = snapshots.get(ref_id)
    if any(record.at >= batch.at for record in known.alerts.values()):
        return False
    diff = compare(ref_id, known, snapshot, found.accounts, now=batch.at)
    if (snapshot and snapshot.stale) or diff.gone or diff.resolved or any(_is_new(one, known) for one in diff.alerts):
        return False
    await keep_accounts(deps, team, ref_id, found.accounts, at=batch.at)
    await deps.notifications.update_accounts(team, ref_id, diff.connected, gone=(), resolved=())
    return True


def _is_new(alert: Alert, known: KnownAccounts) -> bool:
    recorded = known.alerts.get((alert.kind, alert.network))
    return recorded is None or AlertRecord(alert.at, alert.refresh_by).warning > recorded.warning
