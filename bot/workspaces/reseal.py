"""Putting all that workspaces have sealed of their own under the newest encryption key."""

from dataclasses import dataclass

from bot.ayrshare.accounts import AccountKeyStore
from bot.core.model import TeamId
from bot.storage.errors import UnreadableSecret
from bot.workspaces.store import InstallationStore

ATTEMPTS = 5
"""A bot may renew a token in between."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many installations and API keys are under the newest key now, and of which places something isn't."""

    done: int
    left: tuple[TeamId, ...]


async def reseal_all(installations: InstallationStore, account_keys: AccountKeyStore) -> Resealed:
    """Seal tokens and API keys under the newest key; what can't be read is kept as it is. Raises StoreUnavailable."""
    outcomes = [(place, await _reseal(installations, place)) for place in await installations.places()]
    outcomes += (await account_keys.reseal_all()).items()
    left = tuple(place for place, done in outcomes if not done)
    return Resealed(len(outcomes) - len(left), left)


async def _reseal(installations: InstallationStore, place: TeamId) -> bool:
    for _ in range(ATTEMPTS):
        try:
            if await installations.reseal(place):
                return True
        except UnreadableSecret:
            return False
    return False
