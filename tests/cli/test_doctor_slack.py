"""`doctor` on Slack: token, scopes, signing secret, app-level token, and the clock."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from bot.manifest import BOT_SCOPES
from sandbox.server import Sandbox
from tests.ayrshare.canned import canned_server
from tests.cards.mail_helpers import MAILS
from tests.cli.examined import Report, examined


async def told_by_slack(environment: dict[str, str], answer: web.Response) -> Report:
    """Examine a set-up whose Slack gives this answer to `auth.test`."""
    async with canned_server() as slack:
        slack.answers = [answer]
        return await examined(environment, SLACK_API_URL=slack.url)


def yes(**headers: str) -> web.Response:
    return web.json_response({"ok": True, "team": "Connect Demo", "team_id": "T0CONNECT"}, headers=headers)


async def test_a_token_that_slack_refuses_is_wrong_and_the_clock_is_checked_all_the_same(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.slack.token_error = "account_inactive"
    report = await examined(environment)
    assert report.status("slack.token", "slack.scopes", "slack.clock") == ["wrong", "note", "ok"]
    assert "account_inactive" in report.told("slack.token")
    assert "Bot User OAuth Token" in report.told("slack.token")


async def test_being_asked_too_often_is_not_a_fault_of_the_set_up(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.slack.faults.add("ratelimited", ms=1000)
    report = await examined(environment)
    assert (report.code, report.status("slack.token")) == (0, ["note"])


async def test_entries_of_connect_admins_that_add_nobody_are_named(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.slack.world.usergroups["S0SOCIAL1"].is_disabled = True
    report = await examined(environment, CONNECT_ADMINS="U0ANA0001,S0SOCIAL1,S0NEVER,U0LEO0001,U0NOBODY")
    assert report.status("slack.admins") == ["wrong"]
    told = report.told("slack.admins")
    for entry in ("S0SOCIAL1 (Slack says no_such_subteam)", "S0NEVER", "U0LEO0001 (has left)", "U0NOBODY"):
        assert entry in told
    assert "U0ANA0001" not in told


@pytest.mark.parametrize(
    "written", ['["U0ANA0001","s0never"]', "<@U0ANA0001|ana> ; S0NEVER", "[u0ana0001, <@S0NEVER>]", "U0ANA0001 S0NEVER"]
)
async def test_connect_admins_is_read_as_the_bot_reads_it(environment: dict[str, str], written: str) -> None:
    report = await examined(environment, CONNECT_ADMINS=written)
    assert report.rows["slack.admins"][1] == "CONNECT_ADMINS names S0NEVER (Slack says no_such_subteam)"


async def test_an_entry_that_is_no_id_does_not_hide_what_slack_says_of_the_others(environment: dict[str, str]) -> None:
    report = await examined(environment, CONNECT_ADMINS="U0ANA0001,not-an-id")
    assert report.status("CONNECT_ADMINS", "slack.token", "slack.admins") == ["wrong", "ok", "wrong"]
    assert "NOT-AN-ID (Slack says user_not_found)" in report.told("slack.admins")


async def test_admins_in_groups_need_a_scope(environment: dict[str, str], sandbox: Sandbox) -> None:
    sandbox.slack.scopes.discard("usergroups:read")
    report = await examined(environment, CONNECT_ADMINS="S0SOCIAL1")
    assert "S0SOCIAL1 (Slack says missing_scope)" in report.told("slack.admins")


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=500, text="<html>CANARY", content_type="text/html"),
        web.json_response({"ok": False, "error": "CANARY said xoxb-CANARY"}),
        web.json_response({"ok": True, "team": "CANARY"}, status=302, headers={"Location": "http://127.0.0.1/CANARY"}),
    ],
)
async def test_whatever_else_answers_is_wrong_and_never_quoted(
    environment: dict[str, str], answer: web.Response
) -> None:
    report = await told_by_slack(environment, answer)
    assert report.status("slack.token") == ["wrong"]
    assert "CANARY" not in report.written


async def test_missing_scopes_are_named_and_the_app_has_to_be_installed_again(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.slack.scopes = set(BOT_SCOPES) - {"chat:write", "users:read"}
    report = await examined(environment)
    assert "'Connect Demo' (T0CONNECT)" in report.told("slack.token")
    assert report.rows["slack.scopes"][:2] == ("wrong", "missing: chat:write, users:read")
    assert "manifest" in report.told("slack.scopes")
    assert "Install the app" in report.told("slack.scopes")


async def test_reading_user_groups_is_needed_only_where_one_is_an_admin(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.slack.scopes = set(BOT_SCOPES) - {"usergroups:read"}
    report = await examined(environment, CONNECT_ADMINS="U0ANA0001")
    assert report.rows["slack.scopes"][:2] == ("note", "all that are needed; left out: usergroups:read")
    assert "who is in the user groups that CONNECT_ADMINS names" in report.told("slack.scopes")
    assert (await examined(environment, CONNECT_ADMINS="U0ANA0001, S0SOCIAL1")).status("slack.scopes") == ["wrong"]


async def test_seeing_addresses_is_needed_only_where_mails_are_set_up(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.slack.scopes = set(BOT_SCOPES) - {"users:read.email"}
    report = await examined(environment)
    assert report.rows["slack.scopes"][:2] == ("note", "all that are needed; left out: users:read.email")
    assert "where a link is mailed to" in report.told("slack.scopes")
    report = await examined(environment, **MAILS)
    assert report.rows["slack.scopes"][:2] == ("wrong", "missing: users:read.email")


async def test_more_scopes_than_needed_are_noted_but_for_the_one_that_imports_use(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    sandbox.slack.scopes = {*BOT_SCOPES, "users:read.email", "files:write", "admin"}
    report = await examined(environment)
    assert report.rows["slack.scopes"][:2] == ("note", "all that are needed, and more: admin, files:write")


async def test_a_signing_secret_in_another_shape_is_wrong(environment: dict[str, str]) -> None:
    report = await examined(environment, SLACK_SIGNING_SECRET="0" * 31)
    assert report.status("slack.signing_secret") == ["wrong"]
    assert "Basic Information" in report.told("slack.signing_secret")


async def test_in_socket_mode_the_app_level_token_is_tried_and_no_signing_secret_is_needed(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    report = await examined(environment, SLACK_SIGNING_SECRET="", SLACK_APP_TOKEN=sandbox.slack.app_token)
    assert report.status("slack.signing_secret", "slack.app_token", "public_url") == ["ok"] * 3
    assert "ticket" not in report.written


async def test_an_app_level_token_without_its_scope_or_of_nobody_is_wrong(
    environment: dict[str, str], sandbox: Sandbox
) -> None:
    report = await examined(environment, SLACK_APP_TOKEN="xapp-CANARY")
    assert report.status("slack.token", "slack.app_token") == ["ok", "wrong"]
    sandbox.slack.app_scopes = set()
    report = await examined(environment, SLACK_APP_TOKEN=sandbox.slack.app_token)
    assert report.status("slack.app_token") == ["wrong"]
    assert "connections:write" in report.told("slack.app_token")


@pytest.mark.parametrize(("minutes", "status", "words"), [(2, "note", "behind"), (-6, "wrong", "ahead of")])
async def test_a_clock_is_noted_from_one_minute_on_and_wrong_from_five(
    environment: dict[str, str], minutes: int, status: str, words: str
) -> None:
    theirs = datetime.now(UTC) + timedelta(minutes=minutes)
    report = await told_by_slack(environment, yes(Date=format_datetime(theirs, usegmt=True)))
    assert report.status("slack.token", "slack.clock") == ["ok", status]
    assert words in report.told("slack.clock")


async def test_what_slack_does_not_tell_is_not_guessed(environment: dict[str, str]) -> None:
    report = await told_by_slack(environment, yes(Date="yesterday"))
    assert report.status("slack.scopes", "slack.clock") == ["note", "note"]
