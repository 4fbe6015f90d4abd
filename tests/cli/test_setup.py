"""`setup`, walked at a terminal between the local Slack and the local Ayrshare."""

import json
import re
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.manifest import app_manifest
from sandbox.page.guide import TASKS
from sandbox.server import Sandbox
from tests.cli.examined import BEN, TEAM, stores
from tests.cli.terminal import Terminal, at_a_terminal
from tests.commands import bot_command
from tests.eventually import eventually
from tests.signed_requests import signed_headers

BOT_TOKEN, APP_TOKEN = (
    "Paste the Bot User OAuth Token (xoxb-…) (not shown):",
    "Paste the app-level token (xapp-…) (not shown):",
)
SECRET, API_KEY = "Paste the Signing Secret (not shown):", "Paste the API key (not shown):"
PROFILE_KEY = "Paste the profile key (not shown):"
WHO, WHICH = "(empty: later):", "Which profile? [1]:"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True)
def _socket_mode(sandbox: Sandbox) -> None:
    sandbox.slack.socket_mode = True


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def setting_up(sandbox: Sandbox, folder: Path, **more: str) -> AsyncIterator[Terminal]:
    services = {"SLACK_API_URL": f"{sandbox.url}/slack/api/", "AYRSHARE_API_URL": f"{sandbox.url}/ayrshare/api"}
    async with at_a_terminal("setup", folder=folder, environment=services | more) as terminal:
        yield terminal
    slack, ayrshare = sandbox.slack, sandbox.ayrshare
    for secret in (slack.bot_token, slack.app_token, slack.signing_secret, ayrshare.api_key, key_of(sandbox)):
        assert secret not in terminal.screen, "a secret was shown"


def key_of(sandbox: Sandbox, title: str = "Acme: Jane") -> str:
    return next(profile.key for profile in sandbox.ayrshare.profiles if profile.title == title)


def dotenv(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines())


async def make_the_app(terminal: Terminal) -> None:
    await terminal.sees("Which? [1]:")
    await terminal.types()
    await terminal.sees('page "Basic Information":')
    await terminal.types()


async def test_from_nothing_to_a_bot_that_doctor_finds_sound(sandbox: Sandbox, tmp_path: Path) -> None:
    async with setting_up(sandbox, tmp_path) as terminal:
        await terminal.sees("Launch, Business or Enterprise")
        await make_the_app(terminal)
        assert '"socket_mode_enabled": true' in terminal.screen
        await terminal.pastes(sandbox.slack.bot_token, at=BOT_TOKEN)
        await terminal.sees("ok Slack accepts it in the workspace Connect Demo")
        await terminal.pastes(sandbox.slack.app_token, at=APP_TOKEN)
        await terminal.pastes(sandbox.ayrshare.api_key, at=API_KEY)
        await terminal.sees(WHO)
        await terminal.types("ben")
        await terminal.sees("1 Ben Brandt (@ben) 2 no Is that you? [1]:")
        await terminal.types()
        await terminal.sees(WHICH)
        await terminal.types("2")
        await terminal.sees('"Profile Key"')
        await terminal.pastes(key_of(sandbox), at=PROFILE_KEY)
        await terminal.sees('Ben Brandt has "Acme: Jane"')
        await terminal.sees("Nothing is wrong. Everything is set up.")
        assert await terminal.ends() == 0
    headings = re.findall(r"^(\d\. .+?)\r?$", terminal.screen, re.MULTILINE)
    assert headings == [f"{number}. {task.heading}" for number, task in enumerate(TASKS[1:], start=1)]
    assert dotenv(tmp_path) == {
        "SLACK_BOT_TOKEN": sandbox.slack.bot_token,
        "SLACK_APP_TOKEN": sandbox.slack.app_token,
        "AYRSHARE_API_KEY": sandbox.ayrshare.api_key,
    }
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    async with stores({"DATA_DIR": str(tmp_path / ".data")}) as (_, mappings):
        assert [mapping.user for mapping in await mappings.all(TEAM)] == [BEN]


async def test_what_is_pasted_wrong_is_answered_in_a_sentence_and_asked_for_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    bot_token, app_token = sandbox.slack.bot_token, sandbox.slack.app_token
    async with setting_up(sandbox, tmp_path) as terminal:
        await make_the_app(terminal)
        for pasted, answer in (
            ("", "Nothing was pasted."),
            (app_token, "That's an app-level token. Paste the Bot User OAuth Token (xoxb-…)."),
            ("xoxp-1-2-3", "That's a user token."),
            (f'"{bot_token}', "That has a quote at one end only."),
            (f"{bot_token[:12]} {bot_token[12:]}", "That must be one word"),
            ("xoxb-1-of-nobody", "Slack says invalid_auth. Copy the Bot User OAuth Token again."),
        ):
            await terminal.pastes(pasted, at=BOT_TOKEN)
            await terminal.sees(f"! {answer}")
        sandbox.slack.scopes.discard("im:write")
        await terminal.pastes(bot_token, at=BOT_TOKEN)
        await terminal.sees("! The app lacks im:write.")
        sandbox.slack.scopes.add("im:write")
        sandbox.slack.faults.add("drop_connection")
        await terminal.pastes(bot_token, at=BOT_TOKEN)
        await terminal.sees("! Slack can't be reached")
        await terminal.pastes(f"  SLACK_BOT_TOKEN='{bot_token}' ", at=BOT_TOKEN)
        await terminal.pastes(bot_token, at=APP_TOKEN)
        await terminal.sees("! That's a bot token. Paste the app-level token")
        await terminal.pastes(app_token, at=APP_TOKEN)
        await terminal.pastes(key_of(sandbox), at=API_KEY)
        await terminal.sees("! Ayrshare doesn't accept it. Copy the API key of the Primary Profile")
        sandbox.ayrshare.plan = "premium"
        await terminal.pastes(sandbox.ayrshare.api_key, at=API_KEY)
        await terminal.sees("It takes Launch, Business or Enterprise")
        sandbox.ayrshare.plan = "launch"
        await terminal.pastes(f"\u201c{sandbox.ayrshare.api_key}\u201d", at=API_KEY)
        await terminal.sees(WHO)
    assert dotenv(tmp_path)["AYRSHARE_API_KEY"] == sandbox.ayrshare.api_key


async def test_what_is_pasted_while_a_secret_is_checked_is_not_shown_either(sandbox: Sandbox, tmp_path: Path) -> None:
    async with setting_up(sandbox, tmp_path) as terminal:
        await make_the_app(terminal)
        sandbox.slack.faults.add("latency", ms=1500)
        await terminal.pastes("xoxb-1-of-nobody", at=BOT_TOKEN)
        await eventually(lambda: called(sandbox), "the token is being checked")
        await terminal.types(sandbox.slack.bot_token)
        await terminal.sees("! Slack says invalid_auth.")
        await terminal.sees(BOT_TOKEN)


async def called(sandbox: Sandbox) -> bool:
    return bool(sandbox.received("auth.test"))


async def test_it_can_be_left_and_goes_on_at_the_first_open_step(sandbox: Sandbox, tmp_path: Path) -> None:
    async with setting_up(sandbox, tmp_path) as terminal:
        await make_the_app(terminal)
        await terminal.pastes(sandbox.slack.bot_token, at=BOT_TOKEN)
        await terminal.sees(APP_TOKEN)
        await terminal.presses_ctrl_c()
        await terminal.sees("Left at step 4. `connectbot setup` goes on from there.")
        assert await terminal.ends() == 130
    async with setting_up(sandbox, tmp_path) as terminal:
        await terminal.sees("Which? [1]:")
        await terminal.types()
        await terminal.sees("ok Slack accepts it in the workspace Connect Demo")
        await terminal.pastes(sandbox.slack.app_token, at=APP_TOKEN)
        await terminal.sees(API_KEY)
    async with setting_up(sandbox, tmp_path) as terminal:
        await terminal.sees("ok it opens connections to Slack")
        await terminal.sees(API_KEY)


async def test_a_token_that_was_revoked_meanwhile_is_asked_for_again(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-old\nSLACK_APP_TOKEN=xapp-1\n# mine\nCONNECT_GUESTS=allow\n")
    async with setting_up(sandbox, tmp_path) as terminal:
        await terminal.sees("! SLACK_BOT_TOKEN is set already, but: Slack says invalid_auth.")
        await terminal.pastes(sandbox.slack.bot_token, at=BOT_TOKEN)
        await terminal.sees(APP_TOKEN)
    assert (tmp_path / ".env").read_text() == (
        f"SLACK_BOT_TOKEN={sandbox.slack.bot_token}\nSLACK_APP_TOKEN=xapp-1\n# mine\nCONNECT_GUESTS=allow\n"
    )
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


async def test_the_manifest_is_opened_in_the_browser(sandbox: Sandbox, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened\n')
    browser.chmod(0o700)
    async with setting_up(sandbox, tmp_path, BROWSER=f"{browser} %s") as terminal:
        await terminal.sees("Which? [1]:")
        await terminal.types()
        await terminal.sees("or type p to print the manifest:")
        await terminal.types()
        await terminal.sees('pick your workspace, press "Next", then "Create".')
    opened = urlsplit((tmp_path / "opened").read_text())
    assert opened._replace(query="").geturl() == "https://api.slack.com/apps"
    asked = parse_qs(opened.query)
    assert asked["new_app"] == ["1"]
    assert json.loads(asked["manifest_json"][0]) == app_manifest(command="/connect", public_url=None)


async def test_over_http_slacks_challenge_is_answered_before_there_is_a_token(
    sandbox: Sandbox, tmp_path: Path, session: aiohttp.ClientSession, port: int
) -> None:
    url = f"http://127.0.0.1:{port}"
    async with setting_up(sandbox, tmp_path, HOST="127.0.0.1", PORT=str(port)) as terminal:
        await terminal.sees("Which? [1]:")
        await terminal.types("2")
        await terminal.sees("such as https://bot.example.com:")
        for typed, answer in (
            ("bot.example.com", "That must be a web address"),
            ("http://bot.example.com", "Slack calls https:// only."),
            (sandbox.url, "Something else answers there"),
            ("http://127.0.0.1:1", "It can't be reached from here"),
        ):
            await terminal.types(typed)
            await terminal.sees(f"! {answer}")
            await terminal.sees("The address")
        await terminal.types(f"{url}/slack/events")
        await terminal.sees(f"ok {url} leads here")
        await terminal.sees(f'"request_url": "{url}/slack/events"')
        raw = b'{"type": "url_verification", "challenge": "a word"}'
        headers = signed_headers(sandbox.slack.signing_secret, raw, kind="application/json")
        async with session.post(f"{url}/slack/events", data=raw, headers=headers) as answer_to_slack:
            assert await answer_to_slack.json() == {"challenge": "a word"}
        async with session.post(f"{url}/slack/events", data=b"command=/connect") as answer_to_slack:
            assert answer_to_slack.status == 503
        await terminal.sees('page "Basic Information":')
        await terminal.types()
        await terminal.pastes(sandbox.slack.bot_token, at=BOT_TOKEN)
        await terminal.pastes("0" * 31, at=SECRET)
        await terminal.sees("! A signing secret has 32 hexadecimal digits.")
        await terminal.pastes("0" * 32, at=SECRET)
        await terminal.sees("! Slack signs with another secret. Copy the Signing Secret, not the Client Secret.")
        await terminal.pastes(sandbox.slack.signing_secret, at=SECRET)
        await terminal.sees("ok it fits what Slack sent")
        await terminal.sees(API_KEY)
        await terminal.presses_ctrl_c()
        assert await terminal.ends() == 130
    async with setting_up(sandbox, tmp_path, HOST="127.0.0.1", PORT=str(port)) as terminal:
        await terminal.pastes(sandbox.ayrshare.api_key, at=API_KEY)
        await terminal.sees(WHO)
        await terminal.types("ben")
        await terminal.sees("Is that you? [1]:")
        await terminal.types()
        await terminal.sees(WHICH)
        await terminal.types("2")
        await terminal.pastes(key_of(sandbox), at=PROFILE_KEY)
        await terminal.sees("Nothing is wrong. Everything is set up.")  # setup answers at the address until then
        assert await terminal.ends() == 0
    assert dotenv(tmp_path)["PUBLIC_URL"] == url


async def test_an_address_that_only_slack_reaches_is_taken_when_it_is_typed_again(
    sandbox: Sandbox, tmp_path: Path, port: int
) -> None:
    async with setting_up(sandbox, tmp_path, HOST="127.0.0.1", PORT=str(port)) as terminal:
        await terminal.sees("Which? [1]:")
        await terminal.types("2")
        await terminal.sees("such as https://bot.example.com:")
        await terminal.types("http://127.0.0.1:1")
        await terminal.sees("If Slack reaches it all the same, type it again.")
        await terminal.types("http://127.0.0.1:1")
        await terminal.sees("ok http://127.0.0.1:1")
        await terminal.sees("3. Create the Slack app")


async def test_many_workspaces_are_set_up_otherwise(sandbox: Sandbox, tmp_path: Path) -> None:
    async with setting_up(sandbox, tmp_path, SLACK_CLIENT_ID="1.2") as terminal:
        await terminal.sees("SLACK_CLIENT_ID is set, so workspaces install the app by themselves")
        assert await terminal.ends() == 2


async def test_the_first_profile_can_be_a_new_one(sandbox: Sandbox, tmp_path: Path) -> None:
    write_dotenv(tmp_path, sandbox)
    async with setting_up(sandbox, tmp_path) as terminal:
        await terminal.sees(WHO)
        await terminal.types("nobody at all")
        await terminal.sees("! Slack shows nobody of that name.")
        await terminal.types("b")
        await terminal.sees("Is that you? [1]:")
        await terminal.types(BEN)
        await terminal.sees("! Type a number from 1 to")
        await terminal.types()
        await terminal.sees(WHICH)
        await terminal.types("2")
        await terminal.pastes(sandbox.ayrshare.api_key, at=PROFILE_KEY)
        await terminal.sees("! That's the account's API key.")
        await terminal.sees(WHICH)
        await terminal.types("2")
        await terminal.pastes("AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA", at=PROFILE_KEY)
        await terminal.sees("! This account has no such profile")
        await terminal.sees(WHICH)
        await terminal.types()
        await terminal.sees("Its title, such as a brand or a person:")
        await terminal.types("\u2800")
        await terminal.sees("! A title has 1 to")
        await terminal.sees(WHICH)
        await terminal.types()
        await terminal.types("Globex")
        await terminal.sees("! Ayrshare already has a profile with that title.")
        await terminal.sees(WHICH)
        await terminal.types()
        await terminal.types("Ben's own")
        await terminal.sees('has "Ben\'s own"')
        await terminal.sees("Everything is set up.")
    async with setting_up(sandbox, tmp_path) as terminal:
        await terminal.sees("ok people who have a profile: 1")
        assert await terminal.ends() == 0


async def test_the_first_profile_can_wait_and_what_doctor_finds_wrong_is_the_exit_code(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    write_dotenv(tmp_path, sandbox)
    async with setting_up(sandbox, tmp_path, CONNECT_ADMINS="U0NOBODY") as terminal:
        await terminal.sees(WHO)
        await terminal.types()
        await terminal.sees("ok you can do that in Slack too: /connect map @yourself")
        await terminal.sees("Correct what is WRONG above")
        assert await terminal.ends() == 1


async def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    ended = await bot_command("setup", environment={"DATA_DIR": str(tmp_path / "data")}, typed="1\n")
    assert ended.code == 2
    assert "needs a terminal" in ended.err
    assert not (tmp_path / ".env").exists()


def write_dotenv(folder: Path, sandbox: Sandbox) -> None:
    lines = (
        f"SLACK_BOT_TOKEN={sandbox.slack.bot_token}",
        f"SLACK_APP_TOKEN={sandbox.slack.app_token}",
        f"AYRSHARE_API_KEY={sandbox.ayrshare.api_key}",
    )
    (folder / ".env").write_text("\n".join(lines))
