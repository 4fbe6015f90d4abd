"""The bot as a process: what it survives, how it stops, and when it refuses to start."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.slack.actions import NEW_LINK, OPEN_LINK
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server
from sandbox.server import Sandbox
from tests.cards.mail_helpers import MAILS
from tests.commands import bot_command, bot_process, command
from tests.eventually import eventually
from tests.users import OPENED, Someone

TEAM, BEN = "T0CONNECT", "U0BEN0001"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def ben(session: aiohttp.ClientSession, sandbox: Sandbox, port: int) -> Someone:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    return Someone(session, sandbox.url, "ben")


async def map_ben(environment: dict[str, str], sandbox: Sandbox) -> None:
    key = next(profile.key for profile in sandbox.ayrshare.profiles if profile.title == "Acme: Jane")
    ended = await command("mappings", "set", TEAM, BEN, "--quiet", environment=environment, typed=key)
    assert ended.code == 0, ended.err


async def test_a_mapping_made_beside_the_running_bot_counts_at_once(
    environment: dict[str, str], sandbox: Sandbox, ben: Someone, port: int
) -> None:
    async with bot_process(environment, port=port) as bot:
        await map_ben(environment, sandbox)
        await ben.types()
        await ben.sees_a_card("Acme: Jane")
        assert await bot.stop() == 0


async def test_sigterm_lets_a_command_in_flight_be_answered_and_exits_with_0(
    environment: dict[str, str], sandbox: Sandbox, ben: Someone, port: int
) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment, port=port) as bot:
        sandbox.ayrshare.faults.add("latency", ms=1500)
        await ben.types()
        stopping = asyncio.create_task(bot.stop())
        await ben.sees_a_card("Acme: Jane")
        assert await stopping == 0
        assert "Traceback" not in "".join(bot.log)


@pytest.mark.parametrize("victims", ["bot", "server", "both"])
async def test_kill_9_loses_nothing_and_the_next_start_needs_no_help(
    environment: dict[str, str], sandbox: Sandbox, ben: Someone, port: int, victims: str
) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment, port=port) as bot:
        server = await server_pid(environment)
        if victims in {"server", "both"}:
            os.kill(server, signal.SIGKILL)
        if victims in {"bot", "both"}:
            await bot.stop(signal.SIGKILL)
        else:
            await eventually(lambda: answers(bot.url, 200), "the bot has its Redis back", within=10)
            await ben.types()
            await ben.sees_a_card("Acme: Jane")
            assert await bot.stop() == 0
    async with bot_process(environment, port=port) as bot:
        await ben.types()
        await ben.sees_a_card("Acme: Jane")
        assert await bot.stop() == 0


async def test_a_card_survives_a_restart_and_its_buttons_still_work(
    environment: dict[str, str], sandbox: Sandbox, ben: Someone, port: int
) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment, port=port) as bot:
        await ben.types()
        card = await ben.sees_a_card()
        await bot.stop(signal.SIGKILL)
    async with bot_process(environment, port=port) as bot:
        await ben.clicks(card, OPEN_LINK.label)
        await ben.sees(OPENED)
        await ben.clicks(card, NEW_LINK.label)
        await ben.sees("has replaced this one")
        assert await bot.stop() == 0


async def test_a_second_bot_on_the_same_data_says_so_and_exits_with_2(
    environment: dict[str, str], sandbox: Sandbox, port: int
) -> None:
    async with bot_process(environment, port=port) as bot:
        second = await bot_command("run", environment=environment)
        assert second.code == 2
        assert "Another bot" in second.err
        assert "Traceback" not in second.err
        assert await bot.stop() == 0


async def test_a_port_that_is_taken_is_said_in_a_sentence(
    environment: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    taken = environment | {"PORT": sandbox.url.rpartition(":")[2]}
    ended = await bot_command("run", environment=taken)
    assert ended.code == 1
    assert "PORT" in ended.err
    assert "Traceback" not in ended.err


async def test_wrong_settings_are_all_named_without_their_values_and_exit_with_2(tmp_path: Path) -> None:
    wrong = {"DATA_DIR": str(tmp_path), "SLACK_BOT_TOKEN": "canary", "AYRSHARE_LINK_API": "jwt"}
    ended = await bot_command("run", environment=wrong)
    assert ended.code == 2
    for variable in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "AYRSHARE_API_KEY", "AYRSHARE_DOMAIN"):
        assert f"{variable}:" in ended.err
    assert "canary" not in ended.err
    assert "Traceback" not in ended.err


async def test_ctrl_c_stops_it_as_well(environment: dict[str, str], sandbox: Sandbox, port: int) -> None:
    async with bot_process(environment, port=port) as bot:
        assert await bot.stop(signal.SIGINT) == 0


async def server_pid(environment: dict[str, str]) -> int:
    """Find the embedded server of a running bot through its own words."""
    async with embedded_server(Path(environment["DATA_DIR"]), bot=False) as url:
        redis = open_connection(SecretStr(url), Metrics()).redis
        pid = int((await redis.info("server"))["process_id"])
        await redis.aclose()
        return pid


async def answers(url: str, status: int) -> bool:
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
            return answer.status == status
    return False


async def test_what_cannot_be_finished_in_time_is_told_to_the_person(
    environment: dict[str, str], sandbox: Sandbox, ben: Someone, port: int
) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment, port=port) as bot:
        sandbox.ayrshare.faults.add("latency", times=None, ms=30_000)
        await ben.types()
        began = time.monotonic()
        stopping = asyncio.create_task(bot.stop())
        await ben.sees("being restarted", within=20)
        assert await stopping == 0
        assert time.monotonic() - began < 20  # what is in flight is given 10 s at most, not the 30


async def test_a_mail_cut_short_may_be_out_and_nobody_is_asked_to_try_again(
    environment: dict[str, str], sandbox: Sandbox, ben: Someone, port: int
) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment | MAILS, port=port) as bot:
        sandbox.ayrshare.faults.add("latency", times=None, ms=30_000)
        await ben.types("email")
        stopping = asyncio.create_task(bot.stop())
        said = await ben.sees("It may have been sent", within=11)
        assert "Try again in a minute" not in said.text
        assert await stopping == 0


async def test_no_secret_reaches_the_log_even_at_debug(
    environment: dict[str, str], sandbox: Sandbox, ben: Someone, port: int
) -> None:
    await map_ben(environment, sandbox)
    async with bot_process(environment | {"LOG_LEVEL": "DEBUG"}, port=port) as bot:
        await ben.types()
        card = await ben.sees_a_card()
        await ben.clicks(card, OPEN_LINK.label)
        await ben.sees(OPENED)
        await ben.clicks(card, NEW_LINK.label)
        await ben.sees("has replaced this one")
        sandbox.ayrshare.faults.add("bad_api_key")
        await ben.types("status")
        await ben.sees("*Acme: Jane*")
        await bot.stop()
    logged = "".join(bot.log)
    assert "link_made" in logged
    profile = next(profile for profile in sandbox.ayrshare.profiles if profile.title == "Acme: Jane")
    secrets = [environment[name] for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "AYRSHARE_API_KEY")]
    for secret in (*secrets, profile.key, str(card.url), "jwt=", "/slack/commands/", "/slack/actions/", "RSA PRIVATE"):
        assert secret not in logged
