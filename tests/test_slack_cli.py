"""`slack run`: the hooks in .slack/hooks.json, run as Slack's command line runs them.

It puts its own arguments behind a hook's words and hands the line to a shell at the top of the project, with the app's
tokens in the environment. It stops the bot by an interrupt to that one process.
https://docs.slack.dev/tools/slack-cli/reference/hooks
"""

import json
import re
import signal
import sys
from asyncio import subprocess, timeout
from pathlib import Path

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.commands import SURROUNDINGS, command
from tests.eventually import eventually
from tests.users import Someone

ROOT = Path(__file__).parents[1]
HOOKS = json.loads((ROOT / ".slack/hooks.json").read_text())


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A folder with what a project has that was set up, and with all settings in .env but the app's tokens."""
    project = tmp_path / "the project"
    project.mkdir()
    (project / ".venv").symlink_to(sys.prefix)
    (project / "private.key").write_text(environment["AYRSHARE_PRIVATE_KEY"])
    without = {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "AYRSHARE_PRIVATE_KEY"}
    lines = [f"{name}='{value}'" for name, value in environment.items() if name not in without]
    (project / ".env").write_text("\n".join([*lines, "AYRSHARE_PRIVATE_KEY_FILE=private.key", "SLACK_BOT_TOKEN="]))
    return project


async def hook(name: str, project: Path, arguments: str = "", **tokens: str) -> subprocess.Process:
    return await subprocess.create_subprocess_exec(
        *("sh", "-c", f"{HOOKS['hooks'][name]} {arguments}"),
        cwd=project,
        env=SURROUNDINGS | tokens,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def test_get_manifest_writes_the_committed_manifest(project: Path) -> None:
    process = await hook("get-manifest", project, f'--source="{project}"')
    async with timeout(50):
        out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out) == json.loads((ROOT / "manifest.json").read_text())


async def test_start_runs_the_bot_until_it_is_interrupted(
    project: Path, environment: dict[str, str], sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    key = next(profile.key for profile in sandbox.ayrshare.profiles if profile.title == "Acme: Jane")
    await command("mappings", "set", "T0CONNECT", "U0BEN0001", "--quiet", environment=environment, typed=key)
    sandbox.slack.socket_mode = True
    tokens = {"SLACK_BOT_TOKEN": sandbox.slack.bot_token, "SLACK_APP_TOKEN": sandbox.slack.app_token}
    process = await hook("start", project, **tokens)

    async def connected() -> bool:
        return sandbox.slack.sockets.connected > 0 or process.returncode is not None

    try:
        await eventually(connected, "the bot has connected", within=40)
        ben = Someone(session, sandbox.url, "ben")
        await ben.types()
        await ben.sees_a_card("Acme: Jane")
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        async with timeout(20):
            _, err = await process.communicate()
    assert process.returncode == 0, err


def test_what_is_watched_for_changes_is_there() -> None:
    """Without anything to watch `slack run` would end at once."""
    watch = HOOKS["config"]["watch"]
    assert all((ROOT / path).is_file() for path in watch["manifest"]["paths"])
    assert all((ROOT / path).is_dir() for path in watch["app"]["paths"])
    assert re.search(watch["app"]["filter-regex"], "bot/app.py")
