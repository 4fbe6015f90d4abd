"""What the app may do with which scope: https://docs.slack.dev/reference/scopes."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener

ALL = {"commands", "chat:write", "users:read", "users:read.email", "usergroups:read", "team:read"} | {
    f"{kind}:{what}" for kind in ("channels", "groups", "im", "mpim") for what in ("read", "write", "history")
}


async def answered(client: AsyncWebClient, method: str, arguments: dict[str, Any]) -> Any:
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
    refused = await answered(client, method, arguments)
    assert (refused["error"], refused["needed"]) == ("missing_scope", scope)
    sandbox.slack.scopes = {scope}
    assert (await answered(client, method, arguments)).get("error") in {None, "message_not_found"}


@pytest.mark.parametrize("method", ["auth.test", "views.open", "views.push", "views.update", "views.publish"])
async def test_some_methods_need_no_scope(sandbox: Sandbox, client: AsyncWebClient, method: str) -> None:
    sandbox.slack.scopes.clear()
    assert (await answered(client, method, {})).get("error") in {None, "invalid_arguments"}


async def test_the_app_has_what_its_manifest_asks_for(client: AsyncWebClient) -> None:
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


async def test_without_the_scope_for_commands_there_are_none(
    sandbox: Sandbox, control: Control, listener: Listener
) -> None:
    sandbox.slack.scopes.discard("commands")
    assert (await control.command())["error"] == "/connect is not a valid command."
    assert "no shortcuts" in (await control.post("shortcut", user="ben", callback_id="go"))["error"]
    assert listener.received == []
