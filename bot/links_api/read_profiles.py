"""Tells an app which profiles it may have links to, and how their accounts are."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from bot.ayrshare.errors import ProfileGone
from bot.ayrshare.model import Account, Profile
from bot.core.model import RefId
from bot.deps import Deps
from bot.links_api.find_profile import profile_called
from bot.links_api.model import (
    AccountHealth,
    ApiKey,
    Health,
    Page,
    ProfileDetails,
    ProfileNamed,
    ProfilePage,
    ProfileSummary,
)
from bot.profiles.account_status import accounts_of
from bot.profiles.model import FRESH_FOR, Disconnected, Snapshot


async def list_profiles(deps: Deps, key: ApiKey, page: Page) -> ProfilePage:
    """Return the profiles that a key may use, as they were when they were looked at last."""
    titles = await deps.profiles.all_titles(key.team)
    wanted = sorted(ref_id for ref_id in titles if key.covers(ref_id) and ref_id > page.after)
    shown = wanted[: page.limit]
    seen = await deps.snapshots.of(key.team, *shown)
    profiles = tuple(_summary(ref_id, titles[ref_id], seen.get(ref_id)) for ref_id in shown)
    return ProfilePage(profiles=profiles, next=shown[-1] if len(wanted) > len(shown) else "")


async def read_profile(deps: Deps, key: ApiKey, named: ProfileNamed) -> ProfileDetails:
    """Return a profile with its accounts, at most a minute old; raise UnknownProfile, AyrshareError."""
    profile = await profile_called(deps, key, RefId(named.ref_id))
    seen = await _last_seen(deps, key, profile)
    if seen is None or deps.clock.now() - seen.at >= FRESH_FOR:
        with suppress(ProfileGone):  # what was seen says so
            await accounts_of(deps, key.team, profile)
        seen = await _last_seen(deps, key, profile)
    summary = _summary(profile.ref_id, profile.title, seen)
    return ProfileDetails(**dict(summary), accounts=tuple(_accounts(seen)) if seen else ())


async def _last_seen(deps: Deps, key: ApiKey, profile: Profile) -> Snapshot | None:
    return (await deps.snapshots.of(key.team, profile.ref_id)).get(profile.ref_id)


def _summary(ref_id: RefId, title: str, seen: Snapshot | None) -> ProfileSummary:
    health = _health(seen) if seen else Health.UNKNOWN
    return ProfileSummary(
        ref_id=ref_id, title=title, health=health, checked_at=_whole_seconds(seen.at if seen else None)
    )


def _health(seen: Snapshot) -> Health:
    if seen.stale:
        return Health.GONE
    if seen.broken:
        return Health.DISCONNECTED
    if seen.expiring:
        return Health.EXPIRES_SOON
    return Health.CONNECTED if seen.working else Health.NOTHING_CONNECTED


def _accounts(seen: Snapshot) -> Iterator[AccountHealth]:
    for one in seen.disconnected:
        since, reason = _whole_seconds(one.since), one.reason
        yield _account(one, Health.DISCONNECTED).model_copy(update={"disconnected_since": since, "reason": reason})
    for account in seen.accounts:
        if account.network in seen.broken:
            health = Health.DISCONNECTED
        else:
            health = Health.EXPIRES_SOON if account.needs_attention else Health.CONNECTED
        if all(account.network != one.network for one in seen.disconnected):
            yield _account(account, health).model_copy(update={"reconnect_by": _whole_seconds(account.refresh_by)})


def _account(one: Account | Disconnected, health: Health) -> AccountHealth:
    return AccountHealth(network=one.network, name=one.name or "", health=health)


def _whole_seconds(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(microsecond=0)
