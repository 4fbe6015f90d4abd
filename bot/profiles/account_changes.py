"""What people do about an account that is another than before, or that other profiles have too: keep it, or undo it.

Whoever has the profile may decide, and admins.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from bot.ayrshare.errors import AyrshareError
from bot.ayrshare.model import Account, AccountChange, Profile
from bot.core.model import RefId, TeamId, Viewer
from bot.deps import Deps
from bot.people import access
from bot.people.audit import AuditRow
from bot.profiles.account_status import accounts_of
from bot.profiles.errors import AccountSettled
from bot.profiles.model import ChangeRef, Disconnected
from bot.profiles.redraw import views_changed

WRONG_ACCOUNT = "the wrong account was connected"
"""Why an account is listed as disconnected."""


async def known_accounts(deps: Deps, team: TeamId, ref_id: RefId) -> Mapping[str, Account]:
    """Return what is known of a profile's connected accounts, by network, each with its change if there is one."""
    known = await deps.account_ids.of(team, ref_id)
    shared = {one for account in known.values() if account.change for one in account.change.shared_with}
    if not shared:
        return known
    titles, snapshots = await asyncio.gather(deps.profiles.titles(team, *shared), deps.snapshots.of(team, *shared))
    stale = {one for one, snapshot in snapshots.items() if snapshot.stale}
    working = {one: title for one, title in titles.items() if one not in stale}
    return {network: _with_titles(account, working) for network, account in known.items()}


def _with_titles(account: Account, titles: Mapping[RefId, str]) -> Account:
    if account.change is None:
        return account
    shared = {one: titles[one] for one in account.change.shared_with if one in titles}
    return replace(account, change=replace(account.change, shared_with=shared))


async def change_of(deps: Deps, team: TeamId, ref: ChangeRef) -> AccountChange:
    """Return a change that still stands; raise AccountSettled."""
    account = (await known_accounts(deps, team, ref.ref_id)).get(ref.network)
    if account is None or account.change is None or account.change.id != ref.id:
        raise AccountSettled
    return account.change


async def may_settle(deps: Deps, viewer: Viewer, ref_id: RefId) -> bool:
    """Return whether a person has the profile or is an admin; raise SlackError in doubt."""
    held = await deps.mappings.of(viewer.team, viewer.user)
    return any(one.ref_id == ref_id for one in held) or await access.is_still_admin(deps, viewer.team, viewer.user)


async def keep(deps: Deps, viewer: Viewer, ref: ChangeRef) -> tuple[Profile, AccountChange]:
    """Take what is connected for what is meant; raise NotAllowed, AccountSettled."""
    profile, change = await _decided(deps, viewer, ref)
    row = _row("account_kept", viewer, ref, change)
    if not await deps.account_ids.keep(viewer.team, change, row, at=deps.clock.now()):
        raise AccountSettled
    deps.metrics.account_changes.labels("kept").inc()
    return profile, change


async def undo(deps: Deps, viewer: Viewer, ref: ChangeRef) -> tuple[Profile, AccountChange]:
    """Disconnect at Ayrshare what was connected, if that is so still; raise NotAllowed, AccountSettled, AyrshareError.

    The account from before stays the one that is meant, and is listed as disconnected until it is back.
    """
    profile, _ = await _decided(deps, viewer, ref)
    await deps.limits.count(viewer.team, viewer.user, "status")
    await accounts_of(deps, viewer.team, profile)
    change = await change_of(deps, viewer.team, ref)
    await (await deps.ayrshare.of(viewer.team)).disconnect(profile.key, ref.network)
    meant = Disconnected(ref.network, (change.former or change.account).name or "", deps.clock.now(), WRONG_ACCOUNT)
    await deps.snapshots.note_dropped(viewer.team, ref.ref_id, meant, undone=True)
    await views_changed(deps, viewer.team)
    row = _row("account_undone", viewer, ref, change)
    if await deps.account_ids.undo(viewer.team, change, row, at=deps.clock.now()):
        deps.metrics.account_changes.labels("undone").inc()
    with suppress(AyrshareError):  # the next look sees it as well
        await accounts_of(deps, viewer.team, profile)
    return profile, change


async def _decided(deps: Deps, viewer: Viewer, ref: ChangeRef) -> tuple[Profile, AccountChange]:
    """Return the profile and the change that someone may decide about; raise NotAllowed, AccountSettled."""
    await access.check_caller(deps, viewer)
    if not await may_settle(deps, viewer, ref.ref_id):
        await access.check_admin(deps, viewer)
    profiles = await deps.profiles.get(viewer.team, ref.ref_id)
    if not profiles:
        raise AccountSettled
    return profiles[0], await change_of(deps, viewer.team, ref)


def _row(action: str, viewer: Viewer, ref: ChangeRef, change: AccountChange) -> AuditRow:
    return AuditRow(action, by=viewer.user, ref_id=ref.ref_id, detail=f"{ref.network} {change.account.id}")
