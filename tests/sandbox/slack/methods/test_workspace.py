"""`auth.*` and `team.*` through the stock slack_sdk."""

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.slack.errors import error_of


async def test_auth_test_returns_the_identity_of_the_app(client: AsyncWebClient) -> None:
    response = await client.auth_test()
    assert (response["team_id"], response["user_id"], response["bot_id"]) == ("T0CONNECT", "U0CONNECT", "B0CONNECT")
    assert "chat:write" in response.headers["x-oauth-scopes"].split(",")


async def test_team_info_returns_the_workspace(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes.add("team:read")
    assert (await client.team_info())["team"]["domain"] == "connect-demo"
    assert await error_of(client.team_info(team="T0OTHER00")) == "team_not_found"
