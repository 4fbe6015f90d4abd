"""The systemd unit, started by systemd: it reads its secrets, answers over Socket Mode, is confined, and stops."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.container.image import Image, run_in
from tests.container.systemd_machine import PACKAGES, Machine, booted, cgroups
from tests.deploy.tools import SOURCE
from tests.eventually import eventually
from tests.users import Someone

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(cgroups() is None, reason="there are no cgroups of version 2"),
]
UNIT, KEPT = "connectbot.service", "/var/lib/private/connectbot"


@pytest.fixture(scope="session")
def debian(image: Image) -> Path:
    """A Debian with systemd, with the bot and the unit where docs/platforms.md has people put them."""
    root = image.built_in
    run_in(root, f"apt-get update && apt-get install --yes --no-install-recommends {PACKAGES}")
    (root / "opt/connectbot").symlink_to("/app")
    shutil.copy(SOURCE / "deploy" / UNIT, root / "etc/systemd/system" / UNIT)
    return root


@pytest.fixture
def settings(debian: Path, sandbox: Sandbox) -> Path:
    """/etc/connectbot, with the secrets and the settings."""
    sandbox.slack.socket_mode = True
    folder = debian / "etc/connectbot"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    secrets = {
        "slack_bot_token": sandbox.slack.bot_token,
        "slack_app_token": sandbox.slack.app_token,
        "ayrshare_api_key": sandbox.ayrshare.api_key,
    }
    for name, secret in secrets.items():
        (folder / name).write_text(f"{secret}\n")
        (folder / name).chmod(0o600)
    urls = {"SLACK_API_URL": f"{sandbox.url}/slack/api/", "AYRSHARE_API_URL": f"{sandbox.url}/ayrshare/api"}
    lines = [f"{name}={value}" for name, value in (urls | {"HOST": "127.0.0.1", "PORT": "0"}).items()]
    (folder / "settings").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
async def machine(debian: Path, settings: Path) -> AsyncIterator[Machine]:
    async with booted(debian) as machine:
        yield machine


async def main_process(machine: Machine) -> Path:
    """The bot's folder in /proc, as seen from the machine's own."""
    return Path(f"/proc/{machine.init}/root/proc", await machine.show(UNIT, "MainPID"))


async def test_the_unit_runs_the_bot_confined_and_stops_it(
    machine: Machine, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    for _ in range(2):  # what the first one keeps is the second one's
        assert await machine.run("systemctl", "start", UNIT) == (0, "")
        await eventually(lambda: are_open(sandbox), "both WebSockets are open", within=60)
        await Someone(session, sandbox.url, "ben").types("help")
        await Someone(session, sandbox.url, "ben").sees("connects your social accounts to Ayrshare")
        process = await main_process(machine)
        status = (process / "status").read_text()
        assert "NoNewPrivs:\t1\nSeccomp:\t2" in status
        assert "CapEff:\t0000000000000000" in status
        assert "Uid:\t0" not in status
        assert sandbox.slack.bot_token.encode() not in (process / "environ").read_bytes()
        listed = await machine.run("env", f"DATA_DIR={KEPT}", "/opt/connectbot/bin/connectbot", "mappings", "list")
        assert listed[0] == 0, listed
        assert await machine.run("systemctl", "stop", UNIT) == (0, "")
        assert await machine.show(UNIT, "Result") == "success"


async def are_open(sandbox: Sandbox) -> bool:
    return sandbox.slack.sockets.connected == 2


async def test_wrong_settings_are_said_once_and_not_tried_again(machine: Machine, settings: Path) -> None:
    (settings / "slack_bot_token").write_text("xoxp-canary\n")
    await machine.run("systemctl", "start", UNIT)

    async def failed() -> bool:
        return await machine.show(UNIT, "ActiveState") == "failed"

    await eventually(failed, "the unit has failed", within=60)
    assert await machine.show(UNIT, "ExecMainStatus") == "2"
    assert await machine.show(UNIT, "NRestarts") == "0"
    _, log = await machine.run("journalctl", "--no-pager", f"--unit={UNIT}")
    assert "SLACK_BOT_TOKEN_FILE: must be a bot token" in log
    assert "canary" not in log
