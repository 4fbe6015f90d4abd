"""Which profile a key belongs to: asked of Ayrshare, or named after the key alone."""

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import BadRequest, ProfileGone
from bot.ayrshare.model import Profile
from bot.core.model import RefId

KEY_SHAPE = re.compile(r"[!-~]{8,512}")
"""One word that fits into an HTTP header; Ayrshare's own look like AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA."""
AT_ONCE = 10
UNCHECKED = "unchecked-"
"""Begins the ref_id of a profile that Ayrshare was not asked about; what follows is a digest of its key."""
REFUSED = "Ayrshare doesn't know that key, or has suspended its profile"
OWN_KEY = "that is the account's own API key; a profile's is wanted"

Verdicts = Mapping[SecretStr, Profile | str]
"""Whose each key is, or in words why it won't do."""


async def asked(
    ayrshare: AyrshareClient, keys: Iterable[SecretStr], *, own: SecretStr, primary: RefId, seen: Callable[[int], None]
) -> Verdicts:
    """Ask about each key once, a few at a time; raise AyrshareError where the fault isn't a key's.

    `own` is the account's API key and `primary` its Primary Profile, on which nobody else may act.
    """
    verdicts: dict[SecretStr, Profile | str] = {own: OWN_KEY}
    waiting = iter({*keys} - {own})

    async def ask() -> None:
        for key in waiting:
            verdict = await _ask(ayrshare, key)
            verdicts[key] = OWN_KEY if isinstance(verdict, Profile) and verdict.ref_id == primary else verdict
            seen(1)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(ask())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return verdicts


async def _ask(ayrshare: AyrshareClient, key: SecretStr) -> Profile | str:
    try:
        told = await ayrshare.accounts(key)
    except (ProfileGone, BadRequest):
        return REFUSED
    return Profile(told.ref_id, told.title, key)


def unasked(keys: Iterable[SecretStr], known: Iterable[Profile]) -> dict[SecretStr, Profile]:
    """Find each key's profile among the known ones, those that were checked first, or name it after the key."""
    stored = {profile.key: profile for profile in sorted(known, key=lambda p: not is_unchecked(p.ref_id))}
    return {key: stored.get(key) or unchecked(key) for key in keys}


def unchecked(key: SecretStr) -> Profile:
    """Name a profile after its key alone; its title shows on the card, where Ayrshare tells it with each link."""
    digest = hashlib.sha256(b"connectbot profile " + key.get_secret_value().encode()).hexdigest()[:12]
    return Profile(RefId(UNCHECKED + digest), f"Profile {digest[:4]} (unchecked)", key)


def is_unchecked(ref_id: RefId) -> bool:
    """Whether a profile was named after its key."""
    return ref_id.startswith(UNCHECKED)
