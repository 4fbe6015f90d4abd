"""What is asked of Slack about a single token: new ones for it, whether it works, and its end.

https://docs.slack.dev/authentication/using-token-rotation, https://docs.slack.dev/reference/methods/auth.revoke,
https://docs.slack.dev/reference/methods/apps.uninstall
"""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.clock import Clock
from bot.core.metrics import Availability
from bot.core.model import TeamId
from bot.slack.client import OneClient, SlackCalls, reaching_slack, required

TEAMS_A_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class AppSecrets:
    """The app's own ID and secret, with which tokens are asked for."""

    client_id: str
    client_secret: SecretStr

    def arguments(self) -> dict[str, str]:
        """Return them as Slack's methods take them."""
        return {"client_id": self.client_id, "client_secret": self.client_secret.get_secret_value()}


async def exchange(client: AsyncWebClient, **args: Any) -> AsyncSlackResponse:
    """Exchange a code or a refresh token; slack_sdk's own method calls what aiohttp has deprecated."""
    given = {name: value for name, value in args.items() if value is not None}
    return await client.api_call("oauth.v2.access", data=given)


class SlackOAuth(SlackCalls):
    """Asks with the token that each call names; all methods raise SlackError."""

    def __init__(self, client: AsyncWebClient, dependency: Availability, app: AppSecrets, clock: Clock) -> None:
        super().__init__(OneClient(client, by_team=True), dependency)
        self._client, self._app, self._clock = client, app, clock

    @reaching_slack
    async def refresh(self, bot: Bot) -> Bot:
        """Return the installation with new tokens; the old ones work on for a while."""
        asked_at = self._clock.now().timestamp()
        old = {"grant_type": "refresh_token", "refresh_token": bot.bot_refresh_token}
        reply = await exchange(self._client, **self._app.arguments(), **old)
        renewed = Bot(**vars(bot))
        renewed.bot_token = required(reply, "access_token")
        renewed.bot_refresh_token = required(reply, "refresh_token")
        renewed.bot_token_expires_at = int(asked_at) + int(reply["expires_in"])
        return renewed

    @reaching_slack
    async def test(self, bot: Bot) -> None:
        """Return if the token works; raise TokenRejected if it doesn't."""
        await self._client.auth_test(token=bot.bot_token)

    @reaching_slack
    async def teams(self, bot: Bot) -> frozenset[TeamId]:
        """Return the workspaces of an organization that its token can access.

        https://docs.slack.dev/reference/methods/auth.teams.list
        """
        found: set[TeamId] = set()
        cursor = ""
        while True:
            reply = await self._client.auth_teams_list(token=bot.bot_token, limit=TEAMS_A_PAGE, cursor=cursor)
            found |= {TeamId(required(team, "id")) for team in reply["teams"]}
            cursor = str((reply.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return frozenset(found)

    @reaching_slack
    async def revoke(self, token: str) -> None:
        """Revoke a token."""
        await self._client.auth_revoke(token=token)

    @reaching_slack
    async def uninstall(self, bot: Bot) -> None:
        """Uninstall the app from a workspace; an organization's admins have to do that themselves."""
        await self._client.apps_uninstall(token=bot.bot_token, **self._app.arguments())
