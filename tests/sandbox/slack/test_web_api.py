"""The checks before every method: arguments, token, scope; through the stock slack_sdk."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.errors import error_of


async def test_the_synchronous_client_works_too(sandbox: Sandbox) -> None:
    client = WebClient(sandbox.slack.bot_token, base_url=f"{sandbox.url}/slack/api/")
    response = await asyncio.to_thread(client.users_info, user="U0ANA0001")
    assert response["user"]["name"] == "ana"


@pytest.mark.parametrize("how", ["query", "form", "json"])
async def test_arguments_come_as_query_form_or_json(sandbox: Sandbox, session: aiohttp.ClientSession, how: str) -> None:
    url = f"{sandbox.url}/slack/api/users.info"
    headers = {"Authorization": f"Bearer {sandbox.slack.bot_token}"}
    arguments: dict[str, Any] = {{"query": "params", "form": "data", "json": "json"}[how]: {"user": "U0ANA0001"}}
    async with session.request("GET" if how == "query" else "POST", url, headers=headers, **arguments) as response:
        assert (await response.json())["user"]["name"] == "ana"


async def test_nested_values_in_forms_are_json(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    form = {"token": sandbox.slack.bot_token, "channel": "C0GENERAL", "text": "hi"}
    form |= {"blocks": '[{"type": "divider"}]', "unfurl_links": "0", "unfurl_media": "0"}
    async with session.post(f"{sandbox.url}/slack/api/chat.postMessage", data=form) as response:
        assert (await response.json())["message"]["blocks"][0]["type"] == "divider"


DEEP = '{"text": "x", "blocks": ' + "[" * 900 + "]" * 900 + "}"


@pytest.mark.parametrize(
    ("body", "error"),
    [("{", "invalid_json"), ("[]", "json_not_object"), ("[" * 20_000, "invalid_json"), (DEEP, "invalid_json")],
)
async def test_a_malformed_body_is_rejected(
    sandbox: Sandbox, session: aiohttp.ClientSession, body: str, error: str
) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {sandbox.slack.bot_token}"}
    async with session.post(f"{sandbox.url}/slack/api/chat.postMessage", data=body, headers=headers) as response:
        assert (await response.json())["error"] == error


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("application/x-www-form-urlencoded; charset=nonsense", "invalid_charset"),
        ("multipart/form-data", "invalid_form_data"),
    ],
)
async def test_a_malformed_form_is_rejected(
    sandbox: Sandbox, session: aiohttp.ClientSession, kind: str, error: str
) -> None:
    async with session.post(
        f"{sandbox.url}/slack/api/users.info", data=b"a=1", headers={"Content-Type": kind}
    ) as response:
        assert (await response.json())["error"] == error


async def test_a_call_without_a_valid_token_is_rejected(sandbox: Sandbox) -> None:
    base_url = f"{sandbox.url}/slack/api/"
    assert await error_of(AsyncWebClient(base_url=base_url).auth_test()) == "not_authed"
    with pytest.raises(SlackApiError) as caught:
        await AsyncWebClient("xoxb-other", base_url=base_url).auth_test()
    response = caught.value.response
    assert (response["error"], "x-oauth-scopes" in response.headers) == ("invalid_auth", False)


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "token_expired"])
async def test_a_token_can_become_invalid(sandbox: Sandbox, client: AsyncWebClient, error: str) -> None:
    sandbox.slack.token_error = error
    assert await error_of(client.auth_test()) == error


async def test_a_missing_scope_is_named_in_the_error(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes = {"commands", "chat:write"}
    with pytest.raises(SlackApiError) as caught:
        await client.users_info(user="U0ANA0001")
    response = caught.value.response
    assert response.status_code == 200
    assert (response["error"], response["needed"]) == ("missing_scope", "users:read")
    assert response["provided"] == "chat:write,commands"


async def test_an_unknown_method_is_rejected_and_recorded(control: ControlClient, client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("reactions.add")) == "unknown_method"
    [call] = await control.get("calls", target="slack")
    assert (call["call"], call["error"]) == ("reactions.add", "unknown_method")


@pytest.mark.parametrize("method", ["users.info", "chat.postMessage", "chat.update", "views.update"])
async def test_a_missing_argument_is_named_in_the_error(sandbox: Sandbox, client: AsyncWebClient, method: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json={"view": {"type": "modal"}})
    assert caught.value.response["error"] == "invalid_arguments"
    assert "missing required field" in caught.value.response["response_metadata"]["messages"][0]


ALL = {"commands", "chat:write", "users:read", "users:read.email", "usergroups:read", "team:read"} | {
    f"{kind}:{what}" for kind in ("channels", "groups", "im", "mpim") for what in ("read", "write", "history")
}


async def call_method(client: AsyncWebClient, method: str, arguments: dict[str, Any]) -> Any:
    try:
        return await client.api_call(method, json=arguments)
    except SlackApiError as error:
        return error.response


@pytest.mark.parametrize(
    ("method", "arguments", "scope"),
    [
        ("chat.postMessage", {"channel": "C0GENERAL", "text": "hi"}, "chat:write"),
        ("chat.postMessage", {"channel": "U0BEN0001", "text": "hi"}, "chat:write"),
        ("chat.postEphemeral", {"channel": "C0GENERAL", "user": "U0BEN0001", "text": "hi"}, "chat:write"),
        ("chat.update", {"channel": "C0GENERAL", "ts": "1.2", "text": "hi"}, "chat:write"),
        ("chat.delete", {"channel": "C0GENERAL", "ts": "1.2"}, "chat:write"),
        ("users.info", {"user": "U0BEN0001"}, "users:read"),
        ("users.list", {}, "users:read"),
        ("users.lookupByEmail", {"email": "ben@connect.example"}, "users:read.email"),
        ("usergroups.list", {}, "usergroups:read"),
        ("usergroups.users.list", {"usergroup": "S0SOCIAL1"}, "usergroups:read"),
        ("team.info", {}, "team:read"),
        ("conversations.open", {"users": "U0BEN0001"}, "im:write"),
        ("conversations.info", {"channel": "C0GENERAL"}, "channels:read"),
        ("conversations.info", {"channel": "D0BEN0001"}, "im:read"),
        ("conversations.members", {"channel": "C0GENERAL"}, "channels:read"),
        ("conversations.history", {"channel": "D0BEN0001"}, "im:history"),
        ("conversations.history", {"channel": "C0GENERAL"}, "channels:history"),
    ],
)
async def test_a_method_needs_its_scope_and_no_other(
    sandbox: Sandbox, client: AsyncWebClient, method: str, arguments: dict[str, Any], scope: str
) -> None:
    sandbox.slack.scopes = ALL - {scope}
    response = await call_method(client, method, arguments)
    assert (response["error"], response["needed"]) == ("missing_scope", scope)
    sandbox.slack.scopes = {scope}
    assert (await call_method(client, method, arguments)).get("error") in {None, "message_not_found"}


@pytest.mark.parametrize("method", ["auth.test", "views.open", "views.push", "views.update", "views.publish"])
async def test_some_methods_need_no_scope(sandbox: Sandbox, client: AsyncWebClient, method: str) -> None:
    sandbox.slack.scopes.clear()
    assert (await call_method(client, method, {})).get("error") in {None, "invalid_arguments"}


async def test_the_app_is_granted_the_scopes_of_its_manifest(client: AsyncWebClient) -> None:
    granted = set((await client.auth_test()).headers["x-oauth-scopes"].split(","))
    assert granted == {
        "commands",
        "chat:write",
        "im:history",
        "im:write",
        "users:read",
        "usergroups:read",
        "users:read.email",
    }


async def test_without_the_scope_there_are_no_commands_and_shortcuts(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp
) -> None:
    sandbox.slack.scopes.discard("commands")
    assert (await control.command())["error"] == "/connect is not a valid command."
    assert "no shortcuts" in (await control.post("shortcut", user="ben", callback_id="go"))["error"]
    assert fake_app.received == []
