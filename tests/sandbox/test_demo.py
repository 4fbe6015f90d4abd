"""`make demo`: the real bot in its own process between the local services; `SCRIPT=1` plays one conversation."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.eventually import eventually
from tests.sandbox.control_client import ControlClient
from tests.users import OPENED, Someone


@asynccontextmanager
async def demo(tmp_path: Path, **environment: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[str]]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox"),
        env=dict(os.environ) | {"SANDBOX_PORT": "0", "DATA_DIR": str(tmp_path / "demo")} | environment,
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output: list[str] = []
    reading = asyncio.create_task(_read(process, output))
    try:
        yield process, output
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading


async def _read(process: asyncio.subprocess.Process, output: list[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        output.append(line.decode())  # noqa: PERF401 - the list grows while the process runs


async def wait_for(output: list[str], pattern: str, *, within: float = 60) -> re.Match[str]:
    async def look() -> re.Match[str] | None:
        return re.search(pattern, "".join(output))

    return await eventually(look, f"the demo prints {pattern!r}", within=within, last=lambda: output)


@pytest.mark.timeout(200)
async def test_the_scripted_conversation_plays_to_its_end(tmp_path: Path) -> None:
    async with demo(tmp_path, SCRIPT="1") as (process, output):
        async with asyncio.timeout(180):
            assert await process.wait() == 0, "".join(output)
    transcript = "".join(output)
    for step in (
        "All as promised.",
        "acknowledged after",
        OPENED,
        "TikTok connected",
        "expired at",
        "answers 401",
    ):
        assert step in transcript


@pytest.mark.timeout(150)
async def test_the_demo_prints_its_url_restarts_a_killed_bot_and_stops_on_sigterm(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with demo(tmp_path) as (process, output):
        url = (await wait_for(output, r"Try everything at (http://\S+)"))[1]
        assert len(output) == 1
        async with session.get(f"{url}/control/world") as response:
            world = await response.json()
        assert {"api_url", "bot_token", "signing_secret"} <= set(world["slack"])
        ben = Someone(session, url, "ben")
        await ben.types()
        assert "session=ayr_ls_" in str((await ben.sees_a_card("Acme: Jane")).url)
        port = world["bot"]["url"].rpartition(":")[2]
        await _kill_the_bot_on(port)
        await wait_for(output, "started again")

        async def responds() -> bool:
            await ben.types()
            return len([message for message in await ben.messages() if message.url]) > 1

        await eventually(responds, "the bot responds again", within=30)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await process.wait() == 0


@pytest.mark.timeout(150)
async def test_the_demo_can_use_socket_mode_and_generate_jwt(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with demo(tmp_path, SOCKET="1", LINK_API="jwt") as (_, output):
        url = (await wait_for(output, r"Try everything at (http://\S+)"))[1]
        async with session.get(f"{url}/control/world") as response:
            slack = (await response.json())["slack"]
        assert (slack["socket_mode"], slack["app_token"][:7]) == (True, "xapp-1-")
        ben = Someone(session, url, "ben")
        assert (await ben.types())["ok"]
        card = await ben.sees_a_card("Acme: Jane")
        assert "jwt=ey" in str(card.url)


@pytest.mark.timeout(100)
async def test_the_clock_of_the_bot_moves_with_that_of_the_sandbox(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with demo(tmp_path) as (_, output):
        url = (await wait_for(output, r"Try everything at (http://\S+)"))[1]
        ben = Someone(session, url, "ben")
        await ben.types()
        await ben.sees_a_card("Acme: Jane")
        control = ControlClient(session, url)
        assert (await control.post("clock", seconds=200))["followed"]
        assert not any("expired" in message.text for message in await ben.messages())
        assert (await control.post("clock", seconds=100))["followed"]
        await ben.sees("expired")


@pytest.mark.timeout(100)
async def test_a_card_says_that_its_link_has_ended_when_the_clock_moves_by_a_day(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    async with demo(tmp_path) as (_, output):
        url = (await wait_for(output, r"Try everything at (http://\S+)"))[1]
        ben = Someone(session, url, "ben")
        await ben.types()
        await ben.sees_a_card("Acme: Jane")
        assert (await ControlClient(session, url).post("clock", seconds=86_400))["ahead"] == 86_400
        await ben.sees("expired")


@pytest.mark.timeout(60)
async def test_an_unknown_link_api_is_an_error_in_one_sentence(tmp_path: Path) -> None:
    async with demo(tmp_path, LINK_API="magic") as (process, output):
        async with asyncio.timeout(30):
            assert await process.wait() == 1
    assert "".join(output) == "The demo cannot run: LINK_API must be one of session and jwt.\n"


@pytest.mark.timeout(100)
async def test_a_port_in_use_is_an_error_in_one_sentence(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, demo(tmp_path, SANDBOX_PORT=str(port)) as (process, output):
        async with asyncio.timeout(60):
            assert await process.wait() == 1
    assert "SANDBOX_PORT" in "".join(output)
    assert "Traceback" not in "".join(output)


async def _kill_the_bot_on(port: str) -> None:
    """Kill the bot with SIGKILL; its process is recognized by its port."""
    for entry in await asyncio.to_thread(lambda: list(Path("/proc").glob("[0-9]*"))):
        try:
            words = await asyncio.to_thread((entry / "cmdline").read_bytes)
            environment = await asyncio.to_thread((entry / "environ").read_bytes)
        except OSError:
            continue
        if b"demobot" in words and f"PORT={port}\0".encode() in environment:
            os.kill(int(entry.name), signal.SIGKILL)
            return
    raise AssertionError("no bot found")


@pytest.mark.timeout(100)
async def test_a_conversation_that_is_stopped_leaves_no_bot_running(tmp_path: Path) -> None:
    async with demo(tmp_path, SCRIPT="1") as (process, output):
        await wait_for(output, "ben sees a card")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await process.wait() == 128 + signal.SIGTERM
    log = await asyncio.to_thread((tmp_path / "demo" / "bot.log").read_text)
    assert '"event": "stopping"' in log
