"""`auth.*` and `team.*` through the stock slack_sdk."""

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from sandbox.slack.oauth.grants import Grant
from tests.sandbox.slack.errors import error_of


async def test_auth_test_returns_the_identity_of_the_app(client: AsyncWebClient) -> None:
    response = await client.auth_test()
    assert (response["team_id"], response["user_id"], response["bot_id"]) == ("T0CONNECT", "U0CONNECT", "B0CONNECT")
    assert "chat:write" in response.headers["x-oauth-scopes"].split(",")


async def test_team_info_returns_the_workspace(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes.add("team:read")
    assert (await client.team_info())["team"]["domain"] == "connect-demo"
    assert await error_of(client.team_info(team="T0OTHER00")) == "team_not_found"


async def test_an_organizations_token_accesses_the_workspaces_that_are_open(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    oauth = sandbox.slack.oauth
    grant = Grant(team=None, organization=sandbox.slack.organizations["E0CONNECT"], scopes={"users:read"}, installer="")
    client.token = oauth.exchange(oauth.allow(grant, redirect_uri=""), redirect_uri="").token.text
    first = await client.auth_teams_list(limit=1)
    assert [team["id"] for team in first["teams"]] == ["T0NORTH"]
    rest = await client.auth_teams_list(limit=1, cursor=first["response_metadata"]["next_cursor"])
    assert ([team["id"] for team in rest["teams"]], rest["response_metadata"]["next_cursor"]) == (["T0SOUTH"], "")
    grant.closed.add("T0NORTH")
    assert [team["id"] for team in (await client.auth_teams_list())["teams"]] == ["T0SOUTH"]
    assert await error_of(client.users_list(team_id="T0NORTH")) == "team_access_not_granted"
    assert (await client.users_list(team_id="T0SOUTH"))["ok"]
