"""The gate in front of the methods, and the methods that look things up, through stock slack_sdk."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control_client import Control


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_app_learns_who_it_is(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0CONNECT", "U0CONNECT", "B0CONNECT")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


async def test_the_synchronous_client_works_too(sandbox: Sandbox) -> None:
    client = WebClient(sandbox.slack.bot_token, base_url=f"{sandbox.url}/slack/api/")
    answer = await asyncio.to_thread(client.users_info, user="U0ANA0001")
    assert answer["user"]["name"] == "ana"


@pytest.mark.parametrize("how", ["query", "form", "json"])
async def test_arguments_come_as_query_form_or_json(sandbox: Sandbox, session: aiohttp.ClientSession, how: str) -> None:
    url = f"{sandbox.url}/slack/api/users.info"
    headers = {"Authorization": f"Bearer {sandbox.slack.bot_token}"}
    given: dict[str, Any] = {{"query": "params", "form": "data", "json": "json"}[how]: {"user": "U0ANA0001"}}
    async with session.request("GET" if how == "query" else "POST", url, headers=headers, **given) as answer:
        assert (await answer.json())["user"]["name"] == "ana"


async def test_nested_values_in_forms_are_json(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    form = {"token": sandbox.slack.bot_token, "channel": "C0GENERAL", "text": "hi"}
    form |= {"blocks": '[{"type": "divider"}]', "unfurl_links": "0", "unfurl_media": "0"}
    async with session.post(f"{sandbox.url}/slack/api/chat.postMessage", data=form) as answer:
        assert (await answer.json())["message"]["blocks"][0]["type"] == "divider"


@pytest.mark.parametrize(("body", "error"), [("{", "invalid_json"), ("[]", "json_not_object")])
async def test_a_broken_body_is_refused(
    sandbox: Sandbox, session: aiohttp.ClientSession, body: str, error: str
) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {sandbox.slack.bot_token}"}
    async with session.post(f"{sandbox.url}/slack/api/users.info", data=body, headers=headers) as answer:
        assert (await answer.json())["error"] == error


async def test_a_call_without_the_right_token_is_refused(sandbox: Sandbox) -> None:
    base_url = f"{sandbox.url}/slack/api/"
    assert await error_of(AsyncWebClient(base_url=base_url).auth_test()) == "not_authed"
    assert await error_of(AsyncWebClient("xoxb-other", base_url=base_url).auth_test()) == "invalid_auth"


@pytest.mark.parametrize("word", ["token_revoked", "account_inactive", "token_expired"])
async def test_a_token_can_go_bad(sandbox: Sandbox, client: AsyncWebClient, word: str) -> None:
    sandbox.slack.token_error = word
    assert await error_of(client.auth_test()) == word


async def test_a_missing_scope_is_named(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes = {"commands", "chat:write"}
    with pytest.raises(SlackApiError) as caught:
        await client.users_info(user="U0ANA0001")
    answer = caught.value.response
    assert answer.status_code == 200
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
    assert answer["provided"] == "chat:write,commands"


async def test_an_unknown_method_is_refused_and_recorded(control: Control, client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("reactions.add")) == "unknown_method"
    [call] = await control.get("calls", target="slack")
    assert (call["call"], call["error"]) == ("reactions.add", "unknown_method")


async def test_members_are_described_with_their_roles(client: AsyncWebClient) -> None:
    ana = (await client.users_info(user="U0ANA0001"))["user"]
    assert (ana["is_admin"], ana["is_owner"], ana["deleted"], ana["is_bot"]) == (True, True, False, False)
    assert (ana["team_id"], ana["profile"]["team"], ana["tz_offset"]) == ("T0CONNECT", "T0CONNECT", 3600)
    gus = (await client.users_info(user="U0GUS0001"))["user"]
    assert (gus["is_restricted"], gus["is_ultra_restricted"], gus["is_admin"]) == (True, False, False)


async def test_fields_are_missing_the_way_slack_leaves_them_out(client: AsyncWebClient) -> None:
    leo = (await client.users_info(user="U0LEO0001"))["user"]
    assert leo["deleted"] is True
    assert not {"is_admin", "is_restricted", "tz", "real_name", "is_stranger"} & set(leo)
    zoe = (await client.users_info(user="U0ZOE0001"))["user"]
    assert (zoe["is_stranger"], zoe["team_id"], zoe["profile"]["team"]) == (True, "T0PARTNER", "T0PARTNER")
    assert "is_admin" not in zoe
    ben = (await client.users_info(user="U0BEN0001"))["user"]
    assert not {"is_stranger", "is_invited_user", "enterprise_user"} & set(ben)
    ida = (await client.users_info(user="U0IDA0001"))["user"]
    assert ida["is_invited_user"] is True


async def test_bots_are_marked_and_slackbot_is_not(client: AsyncWebClient) -> None:
    robo = (await client.users_info(user="U0ROBO001"))["user"]
    assert (robo["is_bot"], robo["profile"]["bot_id"]) == (True, "B0ROBO001")
    assert (await client.users_info(user="USLACKBOT"))["user"]["is_bot"] is False


async def test_emails_need_their_scope(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes.remove("users:read.email")
    assert "email" not in (await client.users_info(user="U0ANA0001"))["user"]["profile"]
    assert await error_of(client.users_lookupByEmail(email="ana@connect.example")) == "missing_scope"
    sandbox.slack.scopes.add("users:read.email")
    found = await client.users_lookupByEmail(email="ana@connect.example")
    assert (found["user"]["id"], found["user"]["profile"]["email"]) == ("U0ANA0001", "ana@connect.example")
    assert "email" not in (await client.users_info(user="U0ZOE0001"))["user"]["profile"]
    for email in ("leo@connect.example", "zoe@connect.example", "nobody@connect.example"):
        assert await error_of(client.users_lookupByEmail(email=email)) == "users_not_found"


async def test_lists_are_paged(client: AsyncWebClient) -> None:
    everybody = [user["id"] for user in (await client.users_list())["members"]]
    paged = [user["id"] async for page in await client.users_list(limit=5) for user in page["members"]]
    assert paged == everybody
    assert "U0ZOE0001" not in everybody
    assert await error_of(client.users_list(cursor="nonsense")) == "invalid_cursor"
    assert await error_of(client.users_list(limit=2000)) == "invalid_limit"


async def test_user_groups_are_listed(sandbox: Sandbox, client: AsyncWebClient) -> None:
    [group] = (await client.usergroups_list())["usergroups"]
    assert (group["id"], group["handle"], group["user_count"]) == ("S0SOCIAL1", "social-leads", 2)
    members = await client.usergroups_users_list(usergroup="S0SOCIAL1")
    assert members["users"] == ["U0ANA0001", "U0BEN0001"]
    sandbox.slack.world.usergroups["S0SOCIAL1"].is_disabled = True
    assert (await client.usergroups_list())["usergroups"] == []
    assert await error_of(client.usergroups_users_list(usergroup="S0SOCIAL1")) == "no_such_subteam"


async def test_the_workspace_is_described(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes.add("team:read")
    assert (await client.team_info())["team"]["domain"] == "connect-demo"
    assert await error_of(client.team_info(team="T0OTHER00")) == "team_not_found"


async def test_conversations_the_bot_cannot_see_are_not_found(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes |= {"channels:read", "groups:read", "im:read"}
    assert (await client.conversations_info(channel="C0RANDOM1"))["channel"]["is_member"] is False
    assert (await client.conversations_info(channel="D0BEN0001"))["channel"]["user"] == "U0BEN0001"
    assert "U0CONNECT" in (await client.conversations_members(channel="C0GENERAL"))["members"]
    for channel in ("C0SECRET1", "D0ANABEN1", "C0NOWHERE"):
        assert await error_of(client.conversations_info(channel=channel)) == "channel_not_found"


@pytest.mark.parametrize(
    ("user", "error"),
    [
        ("U0NOBODY0", "user_not_found"),
        ("U0LEO0001", "user_disabled"),
        ("U0ROBO001", "cannot_dm_bot"),
        ("USLACKBOT", "cannot_dm_bot"),
        ("U0ZOE0001", "user_not_visible"),
    ],
)
async def test_a_dm_cannot_be_opened_with_everybody(
    sandbox: Sandbox, client: AsyncWebClient, user: str, error: str
) -> None:
    assert await error_of(client.conversations_open(users=user)) == error


async def test_a_dm_is_opened_or_found(sandbox: Sandbox, client: AsyncWebClient) -> None:
    assert (await client.conversations_open(users="U0BEN0001"))["channel"]["id"] == "D0BEN0001"
    del sandbox.slack.world.channels["D0BEN0001"]
    opened = await client.conversations_open(users="U0BEN0001", return_im=True)
    assert (opened["channel"]["id"], opened["channel"]["is_im"]) == ("D0BEN0001", True)
    assert "already_open" not in opened


@pytest.mark.parametrize(
    "method", ["users.info", "chat.postMessage", "chat.update", "views.update", "conversations.open"]
)
async def test_a_missing_argument_is_named(sandbox: Sandbox, client: AsyncWebClient, method: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json={"view": {"type": "modal"}})
    assert caught.value.response["error"] == "invalid_arguments"
    assert "missing required field" in caught.value.response["response_metadata"]["messages"][0]
