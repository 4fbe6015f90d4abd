"""Each workspace's own Web API client: whose token it uses, and whether the bot serves the workspace at all."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.clock import Clock
from bot.core.model import TeamId
from bot.slack.errors import SlackAway
from bot.slack.sender import Sender, sender_of
from bot.storage.errors import StoreUnavailable, UnreadableSecret
from bot.workspaces.errors import NotInstalled
from bot.workspaces.model import Installed, is_allowed
from bot.workspaces.store import InstallationStore

KNOWN_FOR = timedelta(minutes=1)
"""How long a process uses a token without looking whether there is a newer one: the older works for hours yet."""

MakeClient = Callable[[Bot, TeamId], AsyncWebClient]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeptClient:
    """A workspace's client, when its token was read, on the monotonic clock, and when it expires, if it does."""

    client: AsyncWebClient
    read_at: float
    expires_at: int | None


class InstalledClients:
    """The clients of all workspaces that are allowed and have installed the app."""

    by_team = True

    def __init__(
        self, store: InstallationStore, make_client: MakeClient, clock: Clock, *, allowed: frozenset[str]
    ) -> None:
        self._store, self._make_client, self._clock, self._allowed = store, make_client, clock, allowed
        self._known: dict[TeamId, KeptClient] = {}
        self._noted: set[tuple[TeamId, TeamId]] = set()

    async def of(self, team: TeamId) -> AsyncWebClient:
        """Return a workspace's client; raise NotInstalled, or SlackAway where its token can't be read just now."""
        known = self._known.get(team)
        if known and self._is_fresh(known):
            return known.client
        try:
            found = await self._store.installed_for(team)
        except (StoreUnavailable, UnreadableSecret) as error:
            if known and isinstance(error, StoreUnavailable):
                return known.client
            log.error("token_not_read", team=team, cause=error.kind)
            raise SlackAway(error.kind) from None
        return self._client(team, found)

    async def serves(self, team: TeamId) -> bool:
        """Return whether a workspace has installed the app, and is allowed to."""
        try:
            await self.of(team)
        except NotInstalled:
            return False
        except SlackAway:
            return True  # in doubt: each call decides again
        return True

    async def refuses(self, body: Mapping[str, Any]) -> str | None:
        """Return the words for whoever sent this payload from a workspace that the bot doesn't serve, else None."""
        sender = sender_of(body)
        if sender is None:
            return None  # nothing that needs a workspace
        await self._note_organization(sender)
        if await self.serves(sender.team):
            return None
        await self._note_organization(sender)  # it may have been closed meanwhile, and is open again
        if await self.serves(sender.team):
            return None
        log.warning("workspace_not_installed", team=sender.team, organization=sender.organization)
        return NotInstalled.says

    def forget(self, *teams: TeamId) -> None:
        """Read the tokens of workspaces again."""
        for team in teams:
            self._known.pop(team, None)
        self._noted = {pair for pair in self._noted if pair[0] not in teams}

    def _is_fresh(self, known: KeptClient) -> bool:
        expired = known.expires_at is not None and known.expires_at <= self._clock.now().timestamp()
        return not expired and time.monotonic() - known.read_at < KNOWN_FOR.total_seconds()

    def _client(self, team: TeamId, found: Installed | None) -> AsyncWebClient:
        if found is None or not is_allowed(found.bot, self._allowed):
            self.forget(team)
            raise NotInstalled
        known, bot = self._known.get(team), found.bot
        client = known.client if known and known.client.token == bot.bot_token else self._make_client(bot, team)
        self._known[team] = KeptClient(client, time.monotonic(), bot.bot_token_expires_at)
        return client

    async def _note_organization(self, sender: Sender) -> None:
        """Note, once, that a workspace uses the installation of its organization."""
        if (
            sender.organization is None
            or not sender.org_wide
            or (pair := (sender.team, sender.organization)) in self._noted
        ):
            return
        try:
            if await self._store.installed(sender.organization) is not None:
                await self._store.add_workspace(sender.organization, sender.team)
                self.forget(sender.team)
                self._noted.add(pair)
        except (StoreUnavailable, UnreadableSecret):
            return  # the next request is from there, too
