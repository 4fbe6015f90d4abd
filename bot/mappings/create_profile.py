"""An admin creates an Ayrshare profile and maps it.

Ayrshare returns a profile's key once, in the answer to its creation. If that answer is lost, the profile is looked for
by its title, and the admin gets an explanation and the next free title. Nothing is deleted.

No title is looked up beforehand: Ayrshare caches its list for five minutes, without what is created after that.
"""

import re
from collections.abc import Collection
from itertools import count

import structlog

from bot.ayrshare.errors import AyrshareError, TitleTaken, Unavailable
from bot.ayrshare.model import Profile
from bot.ayrshare.networks import NETWORK_NAMES
from bot.core.errors import ConnectbotError
from bot.core.matching import folded
from bot.core.metrics import external_wait
from bot.core.model import TeamId
from bot.core.time_limit import limited_to
from bot.deps import Deps
from bot.mappings.creation_report import cancel_report, plan_report
from bot.mappings.errors import CreationUnclear, KeyNotSaved, TitleIsKey, TitleKnown
from bot.mappings.map_profile import save_mapping
from bot.mappings.model import (
    COUNT_TIMEOUT,
    LOOKUP_PAUSES,
    MAX_TITLE_LENGTH,
    MappingResult,
    PendingMapping,
    TitleExists,
)
from bot.people.audit import AuditRow
from bot.profiles.titles import plain_title
from bot.storage.errors import StoreUnavailable

SHORTEST_KEY = 8
GROUPS_WITH_DIGITS = 2
KEY_LIKE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{6,8}(?:-[A-Za-z0-9]{6,8}){3}(?![A-Za-z0-9])")
"""Ayrshare's own look like AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA."""

log = structlog.get_logger()


async def check_title(deps: Deps, team: TeamId, title: str) -> None:
    """Return if a title, which everybody can read, is no key; raise TitleIsKey."""
    words = {word for word in title.split() if len(word) >= SHORTEST_KEY}
    if any(_looks_like_a_key(found) for found in KEY_LIKE.findall(title)):
        raise TitleIsKey
    if deps.settings.ayrshare_api_key.get_secret_value() in words:
        raise TitleIsKey
    if words and any(one.key.get_secret_value() in words for one in await deps.profiles.readable(team)):
        raise TitleIsKey


async def count_profiles(deps: Deps, team: TeamId) -> int | None:
    """Return how many profiles the Ayrshare account has, by its list; None if that doesn't come in time."""
    try:
        with external_wait():
            async with limited_to(COUNT_TIMEOUT):
                return len(await (await deps.ayrshare.of(team)).profiles())
    except (AyrshareError, TimeoutError):
        return None


async def create_profile(deps: Deps, team: TeamId, pending: PendingMapping) -> MappingResult | TitleExists:
    """Create a profile and map it, or return that its title exists and its key can't be had.

    Raises TitleKnown, CreationUnclear, KeyNotSaved, AyrshareError.
    """
    report = await plan_report(deps, team, pending)
    try:
        result = await _create(deps, team, pending)
    except ConnectbotError:
        await cancel_report(deps, team, report)
        raise
    await cancel_report(deps, team, report)
    return result


async def _create(deps: Deps, team: TeamId, pending: PendingMapping) -> MappingResult | TitleExists:
    hidden = tuple(name for name in NETWORK_NAMES if name not in pending.networks) if pending.networks else ()
    try:
        # Redis takes writes at this moment, since the job that reports it was just written: the key can be saved.
        profile = await (await deps.ayrshare.of(team)).create_profile(pending.title, disable_social=hidden)
    except TitleTaken:
        return await _title_taken(deps, team, pending.title)
    except Unavailable:
        log.warning("creation_answer_lost", team=team)
        return await _answer_lost(deps, team, pending.title)
    try:
        await deps.profiles.save(team, profile)
    except StoreUnavailable:
        raise KeyNotSaved from None
    return await _map(deps, team, pending, profile)


def free_title(title: str, *, taken: Collection[str]) -> str:
    """Return the title with the first number behind it that makes it free, as in "Acme: Jane 2"."""
    known = {folded(one) for one in taken}
    numbered = (f"{title[: MAX_TITLE_LENGTH - len(suffix)]}{suffix}" for suffix in (f" {n}" for n in count(2)))
    return next(candidate for candidate in numbered if folded(candidate) not in known)


async def _map(deps: Deps, team: TeamId, pending: PendingMapping, profile: Profile) -> MappingResult:
    await deps.audit.add(team, AuditRow("profile_created", by=pending.by, owner=pending.user, ref_id=profile.ref_id))
    return await save_mapping(deps, team, pending, profile)


async def _title_taken(deps: Deps, team: TeamId, title: str) -> TitleExists:
    """Ayrshare refused the title; its list only serves to suggest a free one."""
    try:
        listed = await _listed_titles(deps, team)
    except AyrshareError:
        listed = frozenset()
    return await _exists(deps, team, title, listed, answer_lost=False)


async def _answer_lost(deps: Deps, team: TeamId, title: str) -> TitleExists:
    """Look a few times whether the profile was created after all; raise CreationUnclear if it doesn't show up."""
    for pause in LOOKUP_PAUSES:
        await deps.clock.sleep_until(deps.clock.now() + pause)
        try:
            listed = await _listed_titles(deps, team)
        except AyrshareError:
            break
        if title in listed:
            return await _exists(deps, team, title, listed, answer_lost=True)
    raise CreationUnclear


async def _exists(deps: Deps, team: TeamId, title: str, listed: Collection[str], *, answer_lost: bool) -> TitleExists:
    """Return what to suggest instead; raise TitleKnown if we have the key of the profile."""
    known = {plain_title(*one) for one in (await deps.profiles.all_titles(team)).items()}
    if title in known:
        raise TitleKnown
    return TitleExists(title, free_title(title, taken={title, *listed, *known}), answer_lost)


async def _listed_titles(deps: Deps, team: TeamId) -> frozenset[str]:
    return frozenset(profile.title for profile in await (await deps.ayrshare.of(team)).profiles())


def _looks_like_a_key(text: str) -> bool:
    """Tell a key from words with dashes: it has digits in several groups, and more capitals than small letters."""
    with_digits = sum(any(letter.isdigit() for letter in group) for group in text.split("-"))
    capitals = sum(letter.isupper() for letter in text) - sum(letter.islower() for letter in text)
    return with_digits >= GROUPS_WITH_DIGITS and capitals > 0
