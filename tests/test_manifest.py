"""`manifest`: what Slack accepts, and the same as what the code listens to."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.app import Bot
from bot.manifest import SCOPES
from handlers import register_all
from sandbox.server import Sandbox
from tests.commands import bot_command, command
from tests.conftest import Map, Person
from tests.slack_manifest import Manifest

ROOT = Path(__file__).parents[1]
HTTPS = "https://bot.example.com"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """A machine without any token."""
    return {"DATA_DIR": str(tmp_path / "data")}


async def written(environment: dict[str, str], *words: str) -> Manifest:
    ended = await command("manifest", *words, environment=environment)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("}\n")
    return Manifest.model_validate_json(ended.out)


async def test_over_http_slack_is_sent_to_where_the_bot_listens(
    bare: dict[str, str], bot: Bot, session: aiohttp.ClientSession
) -> None:
    manifest = await written(bare | {"PUBLIC_URL": f"{HTTPS}/"})
    assert not manifest.settings.socket_mode_enabled
    assert all(command.url for command in manifest.features.slash_commands)
    [address] = manifest.addresses
    assert address.startswith(f"{HTTPS}/")
    async with session.post(f"http://127.0.0.1:{bot.port}{urlsplit(address).path}") as answer:
        assert answer.status == 401  # the route exists and asks for Slack's signature


async def test_many_workspaces_install_by_oauth_with_tokens_that_expire(bare: dict[str, str]) -> None:
    manifest = await written(bare | {"PUBLIC_URL": HTTPS, "SLACK_ALLOWED_WORKSPACES": "T0123ABC"})
    assert manifest.oauth_config.redirect_urls == [f"{HTTPS}/slack/oauth_redirect"]
    assert manifest.settings.org_deploy_enabled
    assert manifest.settings.token_rotation_enabled
    assert {"app_uninstalled", "tokens_revoked"} <= set(manifest.settings.event_subscriptions.bot_events)
    one = await written(bare | {"PUBLIC_URL": HTTPS})
    assert (one.oauth_config.redirect_urls, one.settings.token_rotation_enabled) == ([], False)


async def test_in_socket_mode_there_are_no_addresses(bare: dict[str, str]) -> None:
    manifest = await written(bare | {"PUBLIC_URL": HTTPS}, "--socket")
    assert manifest.settings.socket_mode_enabled
    assert manifest.settings.interactivity.is_enabled
    assert manifest.addresses == set()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "PUBLIC_URL: required for the HTTP manifest; or use --socket"),
        ({"PUBLIC_URL": "http://bot.example.com"}, "PUBLIC_URL: must begin with https://"),
        ({"PUBLIC_URL": "bot.example.com"}, "PUBLIC_URL: must be a web address"),
        ({"PUBLIC_URL": HTTPS, "CONNECT_COMMAND": "connect"}, "CONNECT_COMMAND: must be a slash"),
    ],
)
async def test_what_is_missing_or_wrong_is_said_and_the_exit_code_is_2(
    bare: dict[str, str], wrong: dict[str, str], told: str
) -> None:
    ended = await command("manifest", environment=bare | wrong)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


async def test_settings_of_other_commands_do_not_matter(bare: dict[str, str]) -> None:
    await written(bare | {"REDIS_URL": "nonsense", "SLACK_BOT_TOKEN": "nonsense", "DYNO": "web.1"}, "--socket")


async def test_the_committed_manifest_is_the_one_that_is_written(bare: dict[str, str]) -> None:
    ended = await bot_command("manifest", "--socket", environment=bare)
    assert (ROOT / "manifest.json").read_text() == ended.out, (
        "run: .venv/bin/connectbot manifest --socket > manifest.json"
    )


def test_the_readme_tells_what_each_scope_is_for() -> None:
    table = re.findall(r"^\| `([a-z:.]+)` \| (.+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert {scope: reason.replace("`", "") for scope, reason in table if scope in SCOPES} == SCOPES


@pytest.mark.parametrize("overrides", [{"CONNECT_COMMAND": "/link"}])
async def test_the_commands_in_the_manifest_are_the_ones_that_work(
    bare: dict[str, str], overrides: dict[str, str], sandbox: Sandbox, person: Person, mapped: Map
) -> None:
    [slash] = (await written(bare | overrides, "--socket")).features.slash_commands
    sandbox.slack.commands = {slash.command}
    sandbox.slack.should_escape = slash.should_escape
    await mapped("ben", "Acme: Jane")
    await person("ana").types("@ben", command=slash.command)
    await person("ana").sees_a_card("Acme: Jane")
    assert "not a valid command" in (await person("ana").types(command="/connect"))["error"]


async def test_the_usage_hint_tells_what_can_be_typed(bare: dict[str, str], person: Person) -> None:
    [slash] = (await written(bare, "--socket")).features.slash_commands
    await person("ben").types("help")
    help_text = (await person("ben").sees("connects your social accounts")).words
    assert slash.usage_hint == "[@someone] [profile or network]"
    assert "Name a profile or a network" in help_text


class Noting(AsyncApp):
    """A Bolt app that notes by which names it is asked to listen; a pattern is for what nobody else takes."""

    def __init__(self) -> None:
        super().__init__(authorize=_nobody)
        self._noted: defaultdict[str, list[Any]] = defaultdict(list)

    def names(self, kind: str) -> list[Any]:
        return sorted(name for name in self._noted[kind] if not isinstance(name, re.Pattern))

    def command(self, command: Any, *rest: Any, **more: Any) -> Any:
        self._noted["command"].append(command)
        return super().command(command, *rest, **more)

    def shortcut(self, constraints: Any, *rest: Any, **more: Any) -> Any:
        self._noted["shortcut"].append(constraints)
        return super().shortcut(constraints, *rest, **more)

    def event(self, event: Any, *rest: Any, **more: Any) -> Any:
        self._noted["event"].append(event)
        return super().event(event, *rest, **more)


async def _nobody(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def test_the_code_listens_to_what_the_manifest_names_and_to_nothing_else(bare: dict[str, str], bot: Bot) -> None:
    manifest = await written(bare, "--socket")
    app = Noting()
    register_all(app, bot.deps)
    assert app.names("command") == [command.command for command in manifest.features.slash_commands]
    assert app.names("shortcut") == sorted(shortcut.callback_id for shortcut in manifest.features.shortcuts)
    kinds = [event.removesuffix(".im") for event in manifest.settings.event_subscriptions.bot_events]
    assert app.names("event") == sorted(kinds)
    assert not manifest.features.app_home.messages_tab_read_only_enabled
    assert manifest.features.app_home.home_tab_enabled == ("app_home_opened" in app.names("event"))
