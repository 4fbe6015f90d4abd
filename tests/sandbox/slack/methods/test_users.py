"""`users.*` and `usergroups.*` through the stock slack_sdk."""

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.slack.errors import error_of


async def test_members_have_their_roles(client: AsyncWebClient) -> None:
    ana = (await client.users_info(user="U0ANA0001"))["user"]
    assert (ana["is_admin"], ana["is_owner"], ana["deleted"], ana["is_bot"]) == (True, True, False, False)
    assert (ana["team_id"], ana["profile"]["team"], ana["tz_offset"]) == ("T0CONNECT", "T0CONNECT", 3600)
    gus = (await client.users_info(user="U0GUS0001"))["user"]
    assert (gus["is_restricted"], gus["is_ultra_restricted"], gus["is_admin"]) == (True, False, False)


async def test_fields_are_left_out_as_slack_does(client: AsyncWebClient) -> None:
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
