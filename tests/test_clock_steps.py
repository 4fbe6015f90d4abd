"""The machine's time is stepped by an hour and back while the bot runs, as NTP does: all that is due goes on."""

from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.slack.actions import OPEN_LINK
from sandbox.server import Sandbox
from tests.chaos.faults import clock_that_jumps
from tests.clock import ManualClock
from tests.commands import ROOT, bot_process, command
from tests.mappings.mapping_helpers import BEN
from tests.test_process import TEAM, port
from tests.users import OPENED, Someone

__all__ = ["port"]
LINK_SECONDS = 12
AN_HOUR = 3600


@pytest.mark.parametrize("step", [AN_HOUR, -AN_HOUR])
async def test_countdowns_jobs_and_leases_go_on_when_the_machines_time_is_stepped(
    session: aiohttp.ClientSession,
    sandbox: Sandbox,
    environment: dict[str, str],
    port: int,
    tmp_path: Path,
    clock: ManualClock,
    step: int,
) -> None:
    variables = clock_that_jumps(tmp_path)
    offset = Path(variables["PYTHONPATH"]) / "offset"
    environment |= {"PYTHONPATH": f"{variables['PYTHONPATH']}:{ROOT}", "AYRSHARE_LINK_API": "session"}
    key = sandbox.ayrshare.profiles[0].key
    await command("mappings", "set", TEAM, BEN, "--quiet", environment=environment, typed=key)
    sandbox.bot_url, sandbox.ayrshare.link_seconds = f"http://127.0.0.1:{port}", LINK_SECONDS
    ana, ben = (Someone(session, sandbox.url, name) for name in ("ana", "ben"))
    dm = Someone(session, sandbox.url, "ben", sandbox.slack.world.dm_of("ben"))
    async with bot_process(environment, port=port):
        clock.jump(datetime.now(UTC) - clock.now())
        await ben.types()
        card = await ben.sees_a_card()
        await ben.clicks(card, OPEN_LINK.label)
        await ben.sees(OPENED)
        offset.write_text(str(step))
        sandbox.slack.faults.add("internal_error", times=1, method="chat.postMessage")
        await ana.types("send @ben")
        assert (await ben.sees(OPENED)).url == card.url
        offset.write_text("0")
        dead = await ben.sees("expired", within=LINK_SECONDS + 15)
        assert dead.url is None
        await dm.sees("Acme: Jane", within=60)  # what was to be tried again, half a minute later
        assert len(await dm.messages()) == 1


@pytest.mark.parametrize("off", [AN_HOUR, -AN_HOUR])
async def test_a_command_that_comes_before_slack_has_told_the_time_is_answered(
    session: aiohttp.ClientSession, sandbox: Sandbox, environment: dict[str, str], port: int, tmp_path: Path, off: int
) -> None:
    variables = clock_that_jumps(tmp_path)
    (Path(variables["PYTHONPATH"]) / "offset").write_text(str(off))
    environment |= {"PYTHONPATH": f"{variables['PYTHONPATH']}:{ROOT}"}
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    sandbox.slack.faults.add("latency", times=2, ms=800, method="auth.test")
    async with bot_process(environment, port=port):
        assert (await Someone(session, sandbox.url, "ben").types("help"))["ok"]
