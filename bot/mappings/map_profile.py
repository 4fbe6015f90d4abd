"""An admin maps a profile to somebody: what was entered is checked, waits to be confirmed, and is done once.

Who may do that, and for whom, has been checked by then (access.py).
"""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import SecretStr

from bot.ayrshare.errors import AyrshareError, BadRequest, ProfileGone, RateLimited, Unavailable
from bot.ayrshare.model import ConnectedAccounts, Profile
from bot.cards.revoke import revoke_links, show_end
from bot.core.metrics import external_wait
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings.errors import KeyRefused, NothingPending, TooSlow
from bot.mappings.imports.keys import KEY_SHAPE, unchecked
from bot.mappings.map_views import mapped_to_you
from bot.mappings.model import Assigned, PendingId, PendingMapping, Proposal
from bot.people import access
from bot.profiles.errors import NoSuchProfile
from bot.slack.errors import SlackError

KEY_PATIENCE = timedelta(seconds=1.6)
"""What a submitted modal can spare for Ayrshare."""
LOOK_PATIENCE = timedelta(seconds=1)
"""The same for what is good to know, but not needed."""
NO_KEY = "That is no profile key. It is one word, such as AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA; copy it from Ayrshare again."
PRIMARYS_KEY = "That is the key of the account's Primary Profile, on which only you act. Use another profile's key."
OWN_KEY = "That is the account's own API key. What I need is the key of one profile."
UNKNOWN_KEY = "Ayrshare doesn't know this key, or has suspended its profile. Copy it from Ayrshare again."
DEAD_KEY = "Ayrshare no longer accepts the key that I have for this profile. If it has a new one, use that key above."


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from: the profiles known here, and whether the person has any."""

    known: dict[RefId, str]
    has_profiles: bool


async def choices(deps: Deps, team: TeamId, user: UserId | None) -> Choices:
    """Return what there is to choose from for a person, if one is chosen yet."""
    has_profiles = bool(user and await deps.mappings.of(team, user))
    return Choices(await deps.profiles.titles(team), has_profiles)


async def propose_typed(deps: Deps, team: TeamId, wanted: PendingMapping, key: SecretStr) -> Proposal:
    """Check a typed key, and keep it until it is confirmed; raise KeyRefused, TooSlow, AyrshareError."""
    began = time.monotonic()
    if not KEY_SHAPE.fullmatch(key.get_secret_value()):
        raise KeyRefused(NO_KEY)
    if key == deps.settings.ayrshare_api_key:
        raise KeyRefused(OWN_KEY)
    try:
        told = await _ask(deps, key, within=KEY_PATIENCE)
    except (ProfileGone, BadRequest):
        raise KeyRefused(UNKNOWN_KEY) from None
    if await _is_primary(deps, told.ref_id, within=KEY_PATIENCE - timedelta(seconds=time.monotonic() - began)):
        raise KeyRefused(PRIMARYS_KEY)
    titles = await deps.profiles.titles(team)
    stored_unasked = unchecked(key).ref_id  # by `--no-check`: Ayrshare's own name for it was not known
    ref_id = stored_unasked if stored_unasked in titles and told.ref_id not in titles else told.ref_id
    return await _propose(deps, team, replace(wanted, title=told.title, ref_id=ref_id, key=key), told)


async def propose_known(deps: Deps, team: TeamId, wanted: PendingMapping, ref_id: RefId) -> Proposal:
    """Propose a profile whose key we have; raise NoSuchProfile, KeyRefused, AyrshareError."""
    profile = await _stored(deps, team, ref_id)
    told: ConnectedAccounts | None = None
    try:
        told = await _ask(deps, profile.key, within=LOOK_PATIENCE)
    except (TooSlow, Unavailable, RateLimited):
        pass
    except (ProfileGone, BadRequest):
        raise KeyRefused(DEAD_KEY) from None
    title = told.title if told else profile.title
    return await _propose(deps, team, replace(wanted, title=title, ref_id=ref_id), told)


async def confirm(deps: Deps, team: TeamId, by: UserId, pending_id: PendingId) -> Assigned:
    """Do what was proposed; raise NothingPending, NotServed, NoSuchProfile.

    Until Slack has told that its person can have it, it goes on waiting.
    """
    waiting = await deps.pending_mappings.look(team, pending_id, by=by)
    if waiting is None or waiting.ref_id is None:
        raise NothingPending(deps.settings.connect_command)
    await access.check_owner(deps, team=team, owner=waiting.user)
    key = waiting.key or (await _stored(deps, team, waiting.ref_id)).key
    pending = await take(deps, team, by, pending_id)
    return await assign(deps, team, pending, Profile(waiting.ref_id, waiting.title, key))


async def take(deps: Deps, team: TeamId, by: UserId, pending_id: PendingId) -> PendingMapping:
    """Return what the same admin has entered, once; raise NothingPending."""
    pending = await deps.pending_mappings.take(team, pending_id, by=by)
    if pending is None:
        raise NothingPending(deps.settings.connect_command)
    return pending


async def assign(deps: Deps, team: TeamId, wanted: PendingMapping, profile: Profile) -> Assigned:
    """Keep a profile and map it to its person, and tell them unless it was their own doing."""
    await deps.profiles.save(team, profile)
    held = await deps.mappings.of(team, wanted.user)
    new = all(mapping.ref_id != profile.ref_id for mapping in held)
    default = wanted.default or not held or held[0].ref_id == profile.ref_id
    if new or wanted.default:
        await deps.mappings.add(team, wanted.user, profile.ref_id, by=wanted.by, default=wanted.default)
    done = Assigned(profile.title, wanted.user, default, new)
    if not new:  # what was made before may have been made with a key that has leaked
        deps.background.start(_end_links(deps, team, wanted, profile.ref_id))
    if not new or wanted.user == wanted.by:
        return done
    return replace(done, told=await _tell(deps, done, by=wanted.by))


async def _end_links(deps: Deps, team: TeamId, wanted: PendingMapping, ref_id: RefId) -> None:
    """End the links that somebody has to a profile that is mapped to them anew."""
    for card in await revoke_links(deps, team, wanted.user, ref_id, by=wanted.by):
        await show_end(deps, card)


async def _tell(deps: Deps, done: Assigned, *, by: UserId) -> bool:
    try:
        await deps.direct_messages.post(done.user, mapped_to_you(done, by=by, command=deps.settings.connect_command))
    except SlackError:
        return False
    return True


async def _ask(deps: Deps, key: SecretStr, *, within: timedelta) -> ConnectedAccounts:
    try:
        with external_wait():
            async with asyncio.timeout(within.total_seconds()):
                return await deps.ayrshare.accounts(key)
    except TimeoutError:
        raise TooSlow from None


async def _is_primary(deps: Deps, ref_id: RefId, *, within: timedelta) -> bool:
    """Whether that is the account's own profile, as far as Ayrshare tells in time."""
    try:
        with external_wait():
            async with asyncio.timeout(within.total_seconds()):
                return await deps.ayrshare.primary() == ref_id
    except (TimeoutError, AyrshareError):
        return False


async def _stored(deps: Deps, team: TeamId, ref_id: RefId) -> Profile:
    profiles = await deps.profiles.get(team, ref_id)
    if not profiles:
        raise NoSuchProfile("I no longer know that profile. Please choose another one.")
    return profiles[0]


async def _propose(deps: Deps, team: TeamId, wanted: PendingMapping, told: ConnectedAccounts | None) -> Proposal:
    mappings = await deps.mappings.all(team)
    holders = [mapping.user for mapping in mappings if mapping.ref_id == wanted.ref_id]
    return Proposal(
        pending=await deps.pending_mappings.keep(team, wanted),
        title=wanted.title,
        user=wanted.user,
        default=wanted.default,
        accounts=told.accounts if told else None,
        others=tuple(user for user in holders if user != wanted.user),
        mapped_already=wanted.user in holders,
    )
