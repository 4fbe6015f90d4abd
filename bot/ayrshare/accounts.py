"""Which Ayrshare account works for which workspace: one for all or, with many workspaces, one of its own.

`connectbot:{team}:ayrshare_key` is the sealed API key of a workspace's own account. Permanent.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.links import LinkOptions, Links
from bot.ayrshare.session_links import SessionLinks
from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.damage import Shape
from bot.storage.envelope import KeyRing
from bot.storage.errors import StoreUnavailable, UnreadableSecret
from bot.storage.keys import Keys

KNOWN_FOR = timedelta(minutes=1)
"""How long a process works with an account without looking whether it was changed."""
PURPOSE = "ayrshare_key"


class AccountKeyStore(Store):
    """Keeps the API keys of workspaces' own accounts; all methods raise StoreUnavailable."""

    shapes = (Shape("ayrshare_key", "string", irreplaceable=True),)

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes

    @redis_errors_mapped
    async def get(self, team: TeamId) -> SecretStr | None:
        """Return a workspace's own API key, if it has one; raise UnreadableSecret."""
        sealed = await self._redis.get(_key(team))
        return self._envelopes.open(str(sealed), team, PURPOSE) if sealed else None

    @redis_errors_mapped
    async def save(self, team: TeamId, key: SecretStr) -> None:
        """Keep a workspace's own API key."""
        await self._redis.set(_key(team), self._envelopes.seal(key, team, PURPOSE))

    async def reseal_all(self) -> dict[TeamId, bool]:
        """Put all keys under the newest encryption key; return for each workspace whether that was done."""
        teams = [TeamId(key.split("{")[1].split("}")[0]) async for page in self._pages() for key in page]
        return {team: await self._reseal(team) for team in teams}

    def _pages(self) -> AsyncIterator[list[str]]:
        return Keys(self.connection).matching(_key(TeamId("*")))

    async def _reseal(self, team: TeamId) -> bool:
        try:
            key = await self.get(team)
        except UnreadableSecret:
            return False
        if key:
            await self.save(team, key)
        return True

    @redis_errors_mapped
    async def delete(self, team: TeamId) -> bool:
        """Delete a workspace's own API key; return whether there was one."""
        return bool(await self._redis.delete(_key(team)))


@dataclass(frozen=True, slots=True)
class AyrshareAccount:
    """An account's client, and how links are made with it."""

    client: AyrshareClient
    links: Links


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """A workspace's account, its key if it is its own, and when that was read, on the monotonic clock."""

    account: AyrshareAccount
    key: SecretStr | None
    read_at: float


class AyrshareAccounts:
    """The account of each workspace. Without a store there is one for all, and nothing is looked up."""

    def __init__(self, common: AyrshareAccount, keys: AccountKeyStore | None) -> None:
        self._common, self._keys = common, keys
        self._known: dict[TeamId, KeptAccount] = {}

    @property
    def options(self) -> LinkOptions:
        """The options of every link, of whichever account."""
        return self._common.links.options

    async def of(self, team: TeamId) -> AyrshareClient:
        """Return the client of a workspace's account; raise StoreUnavailable, UnreadableSecret."""
        return (await self._account(team)).client

    async def links(self, team: TeamId) -> Links:
        """Return how links are made for a workspace; with an account of its own by link sessions.

        Raises StoreUnavailable, UnreadableSecret.
        """
        return (await self._account(team)).links

    async def _account(self, team: TeamId) -> AyrshareAccount:
        if self._keys is None:
            return self._common
        known = self._known.get(team)
        if known and time.monotonic() - known.read_at < KNOWN_FOR.total_seconds():
            return known.account
        try:
            key = await self._keys.get(team)
        except StoreUnavailable:
            if known:
                return known.account
            raise
        account = known.account if known and known.key == key else self._with(key)
        self._known[team] = KeptAccount(account, key, time.monotonic())
        return account

    def _with(self, key: SecretStr | None) -> AyrshareAccount:
        if key is None:
            return self._common
        client = self._common.client.with_key(key)
        return AyrshareAccount(client, SessionLinks(client, options=self.options))


def _key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:ayrshare_key"
