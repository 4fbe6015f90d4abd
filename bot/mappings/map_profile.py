"""An admin maps a profile to a person: what was entered is checked, previewed until it is confirmed, and mapped once.

Handlers check before (people/access.py) that the admin may do that.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import SecretStr

from bot.ayrshare.errors import AyrshareError, BadRequest, ProfileGone, RateLimited, Unavailable
from bot.ayrshare.model import ConnectedAccounts, Profile
from bot.cards.model import end_links_job, end_old_links_job
from bot.core.metrics import external_wait
from bot.core.model import RefId, TeamId, UserId
from bot.core.time_limit import limited_to
from bot.deps import Deps
from bot.mappings.errors import AccountsKey, DeadKey, NotAKey, NothingPending, PrimarysKey, TooSlow, UnknownKey
from bot.mappings.follow_up import addition, new_change, tell
from bot.mappings.model import (
    KEY_CHECK_TIMEOUT,
    KEY_SHAPE,
    PREVIEW_TIMEOUT,
    MappingPreview,
    MappingResult,
    PendingId,
    PendingMapping,
    unchecked_profile,
)
from bot.people import access
from bot.profiles.errors import ProfileUnknown
from bot.profiles.model import FollowUp, redraw_soon
from bot.profiles.titles import renamed
from bot.scheduling.job import Job
from bot.storage.errors import UnreadableSecret


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers: the profiles known here, and whether the person has any."""

    known: dict[RefId, str]
    has_profiles: bool


async def choices(deps: Deps, team: TeamId, user: UserId | None) -> Choices:
    """Return what the form offers for a person, if one is chosen."""
    has_profiles = bool(user and await deps.mappings.of(team, user))
    return Choices(await deps.profiles.all_titles(team), has_profiles)


async def preview_key(deps: Deps, team: TeamId, entered: PendingMapping, key: SecretStr) -> MappingPreview:
    """Check a typed key, and save it until it is confirmed; raise KeyRefused, TooSlow, AyrshareError."""
    started = time.monotonic()
    if not KEY_SHAPE.fullmatch(key.get_secret_value()):
        raise NotAKey
    if key == deps.settings.ayrshare_api_key:
        raise AccountsKey
    try:
        profile = await _fetch_profile(deps, team, key, within=KEY_CHECK_TIMEOUT)
    except (ProfileGone, BadRequest):
        raise UnknownKey from None
    time_left = KEY_CHECK_TIMEOUT - timedelta(seconds=time.monotonic() - started)
    if await _is_primary(deps, team, profile.ref_id, within=time_left):
        raise PrimarysKey
    known = await deps.profiles.all_titles(team)
    unchecked = unchecked_profile(key).ref_id
    ref_id = unchecked if unchecked in known and profile.ref_id not in known else profile.ref_id
    return await _preview(deps, team, replace(entered, title=profile.title, ref_id=ref_id, key=key), profile)


async def preview_known(deps: Deps, team: TeamId, entered: PendingMapping, ref_id: RefId) -> MappingPreview:
    """Preview a profile whose key we have; raise NoSuchProfile, KeyRefused, AyrshareError."""
    stored = await _stored_profile(deps, team, ref_id)
    profile: ConnectedAccounts | None = None
    try:
        profile = await _fetch_profile(deps, team, stored.key, within=PREVIEW_TIMEOUT)
    except (TooSlow, Unavailable, RateLimited):
        pass
    except (ProfileGone, BadRequest):
        raise DeadKey from None
    title = renamed(stored, profile.title if profile else None)
    return await _preview(deps, team, replace(entered, title=title, ref_id=ref_id), profile)


async def confirm(deps: Deps, team: TeamId, by: UserId, pending_id: PendingId) -> MappingResult:
    """Make the previewed mapping; raise NothingPending, NotServed, NoSuchProfile.

    It stays pending until Slack has confirmed that the person can have a profile.
    """
    pending = await deps.pending_mappings.get(team, pending_id, by=by)
    if pending is None or pending.ref_id is None:
        raise NothingPending
    await access.check_owner(deps, team=team, owner=pending.user, by=by)
    key = pending.key or (await _stored_profile(deps, team, pending.ref_id)).key
    if await deps.pending_mappings.take(team, pending_id, by=by) is None:
        raise NothingPending
    return await save_mapping(deps, team, pending, Profile(pending.ref_id, pending.title, key))


async def save_mapping(deps: Deps, team: TeamId, pending: PendingMapping, profile: Profile) -> MappingResult:
    """Save a profile and map it to its person, and tell them unless they did it themselves."""
    held = await deps.mappings.of(team, pending.user)
    new = all(mapping.ref_id != profile.ref_id for mapping in held)
    now = deps.clock.now()
    jobs = await _old_links(deps, team, pending, profile, new=new)
    await deps.profiles.save(team, profile, jobs={**jobs, **redraw_soon(now)})
    titles = await deps.profiles.tell_apart(team)
    await deps.scheduler.wake(team, at=now)
    default = pending.default or not held or held[0].ref_id == profile.ref_id
    change = new_change(pending.by, new=pending.user)
    if new or pending.default:
        follows = addition(change, now=now) if new else FollowUp(redraw_soon(now))
        await deps.mappings.add(
            team, pending.user, profile.ref_id, by=pending.by, default=pending.default, follow_up=follows
        )
    result = MappingResult(titles.get(profile.ref_id, profile.title), pending.user, default, new)
    if not new or pending.user == pending.by:
        return result
    told = await tell(deps, team, replace(change, ref_ids=(profile.ref_id,)))
    return replace(result, notified=bool(told.told), notified_later=bool(told.later))


async def _old_links(
    deps: Deps, team: TeamId, pending: PendingMapping, profile: Profile, *, new: bool
) -> dict[Job, datetime]:
    """Return the job that ends links, since their key may have leaked: everybody's if it is replaced, else theirs."""
    now = deps.clock.now()
    if await _has_another_key(deps, team, profile):
        return {end_old_links_job(profile.ref_id, by=pending.by, made_before=now, now_called=profile.ref_id): now}
    return {} if new else {end_links_job(pending.user, profile.ref_id, by=pending.by, made_before=now): now}


async def _has_another_key(deps: Deps, team: TeamId, profile: Profile) -> bool:
    try:
        return any(stored.key != profile.key for stored in await deps.profiles.get(team, profile.ref_id))
    except UnreadableSecret:
        return True


async def _fetch_profile(deps: Deps, team: TeamId, key: SecretStr, *, within: timedelta) -> ConnectedAccounts:
    try:
        with external_wait():
            async with limited_to(within):
                return await (await deps.ayrshare.of(team)).accounts(key)
    except TimeoutError:
        raise TooSlow from None


async def _is_primary(deps: Deps, team: TeamId, ref_id: RefId, *, within: timedelta) -> bool:
    """Whether it is the account's Primary Profile; False if Ayrshare doesn't answer in time."""
    try:
        with external_wait():
            async with limited_to(within):
                return await (await deps.ayrshare.of(team)).primary() == ref_id
    except (TimeoutError, AyrshareError):
        return False


async def _stored_profile(deps: Deps, team: TeamId, ref_id: RefId) -> Profile:
    profiles = await deps.profiles.get(team, ref_id)
    if not profiles:
        raise ProfileUnknown
    return profiles[0]


async def _preview(
    deps: Deps, team: TeamId, pending: PendingMapping, profile: ConnectedAccounts | None
) -> MappingPreview:
    mappings = await deps.mappings.all(team)
    users = [mapping.user for mapping in mappings if mapping.ref_id == pending.ref_id]
    return MappingPreview(
        pending_id=await deps.pending_mappings.save(team, pending),
        title=pending.title,
        user=pending.user,
        default=pending.default,
        accounts=profile.accounts if profile else None,
        other_users=tuple(user for user in users if user != pending.user),
        already_mapped=pending.user in users,
    )
