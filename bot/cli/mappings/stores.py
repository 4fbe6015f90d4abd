"""What these commands work on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.connections import redis_of
from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.mappings.imports.plan import Known
from bot.mappings.imports.store import ImportStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.settings import StoreSettings
from bot.storage.envelope import key_ring

SHELL = "shell"
"""Who an audit row says it was: whoever has the machine."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The mappings, the profiles, and what changes both at once."""

    mappings: MappingStore
    profiles: ProfileStore
    imports: ImportStore

    async def known(self, team: TeamId) -> Known:
        """Return everything that is known of a workspace."""
        return Known(
            mappings=await self.mappings.all(team),
            titles=await self.profiles.titles(team),
            profiles=await self.profiles.readable(team),
        )


@asynccontextmanager
async def stores_of(settings: StoreSettings) -> AsyncIterator[Stores]:
    """Open the stores for the duration of a command."""
    async with redis_of(settings, metrics=Metrics()) as redis:
        profiles = ProfileStore(redis, key_ring(settings.encryption_keys, data_dir=settings.data_dir))
        yield Stores(MappingStore(redis), profiles, ImportStore(redis, profiles))
