"""`kill -9` of the server, of its user, and of both."""

import asyncio
import os
import signal
from pathlib import Path

from structlog.testing import capture_logs

from bot.storage.embedded import embedded_server
from tests.storage.embedded.conftest import StartNeighbour
from tests.storage.embedded.server_probe import ended, eventually, reaped, redis, server_pid


async def test_a_killed_server_comes_back_on_the_same_socket(data_dir: Path) -> None:
    with capture_logs() as logs:
        async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
            await client.set("greeting", "hello")
            pid = await server_pid(url)
            os.kill(pid, signal.SIGKILL)
            await eventually("the server is back", lambda: len(logs) == 2)
            assert await client.get("greeting") == "hello"
            await eventually("no zombie", lambda: reaped(pid))
            assert await server_pid(url) != pid
    assert [entry["event"] for entry in logs] == ["embedded_server_lost", "embedded_server_back"]


async def test_the_server_comes_back_each_time(data_dir: Path) -> None:
    with capture_logs() as logs:
        async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
            for times in (1, 2):
                await client.incr("kills")
                os.kill(await server_pid(url), signal.SIGKILL)
                await eventually("the server is back", lambda times=times: len(logs) == 2 * times)  # type: ignore[misc]
            assert await client.get("kills") == "2"


async def test_a_server_that_dies_again_at_once_is_said_to_be_lost_once_and_back_once(data_dir: Path) -> None:
    pid_file = data_dir / "server.pid"
    with capture_logs() as logs:
        async with embedded_server(data_dir, bot=True):
            for _ in range(3):
                await eventually("it runs", lambda: pid_text(pid_file).endswith("\n"))
                pid = int(pid_file.read_text())
                os.kill(pid, signal.SIGKILL)
                await eventually("it is gone", lambda pid=pid: reaped(pid))  # type: ignore[misc]
                await eventually("another begins", lambda pid=pid: str(pid) not in pid_text(pid_file))  # type: ignore[misc]
            await eventually("it is back", lambda: logs[-1]["event"] == "embedded_server_back")
    events = [entry["event"] for entry in logs]
    assert events[0] == "embedded_server_lost"
    assert (events.count("embedded_server_lost"), events.count("embedded_server_back")) == (1, 1)
    assert logs[0]["reason"]


def pid_text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


async def test_a_server_that_cannot_come_back_is_told_of_once_and_tried_on(data_dir: Path) -> None:
    aof = data_dir / "appendonlydir"
    with capture_logs() as logs:
        async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
            await client.set("greeting", "hello")
            pid = await server_pid(url)
            aof.rename(data_dir / "away")
            aof.write_text("in the way")
            os.kill(pid, signal.SIGKILL)
            log = data_dir / "server.log"
            await eventually("two tries", lambda: log.read_text().count("appendonlydir") >= 2)
            aof.unlink()
            (data_dir / "away").rename(aof)
            await eventually("it is back", lambda: logs[-1]["event"] == "embedded_server_back")
            assert await client.get("greeting") == "hello"
    events = [entry["event"] for entry in logs]
    assert events == ["embedded_server_lost", "embedded_server_failed", "embedded_server_back"]


async def test_the_server_of_a_killed_bot_is_adopted(data_dir: Path, neighbour: StartNeighbour) -> None:
    bot = await neighbour(data_dir, "bot")
    url = await bot.said()
    pid = await server_pid(url)
    await bot.kill()
    async with embedded_server(data_dir, bot=True) as found:
        assert found == url
        assert await server_pid(found) == pid
    assert ended(data_dir)


async def test_an_adopted_server_comes_back_too(data_dir: Path, neighbour: StartNeighbour) -> None:
    bot = await neighbour(data_dir, "bot")
    pid = await server_pid(await bot.said())
    await bot.kill()
    with capture_logs() as logs:
        async with embedded_server(data_dir, bot=True) as url:
            os.kill(pid, signal.SIGKILL)
            await eventually("the server is back", lambda: len(logs) == 2)
            assert await server_pid(url) != pid


async def test_all_acknowledged_writes_are_there_after_both_were_killed(
    data_dir: Path, neighbour: StartNeighbour
) -> None:
    bot = await neighbour(data_dir, "bot")
    url = await bot.said()
    pid = await server_pid(url)
    async with redis(url) as client:
        await asyncio.gather(*(client.set(f"key:{n}", n) for n in range(1000)))
        os.kill(pid, signal.SIGKILL)
        await bot.kill()
    assert (data_dir / "server.sock").is_socket(), "a stale socket lies in the way"
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.mget([f"key:{n}" for n in range(1000)]) == [str(n) for n in range(1000)]


async def test_a_write_cut_short_does_not_hinder_the_next_start(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        await client.set("greeting", "hello")
    (log,) = (data_dir / "appendonlydir").glob("*.incr.aof")
    with log.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$8\r\ngree")
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.get("greeting") == "hello"


async def test_a_server_that_does_not_stop_is_killed(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url:
        pid = await server_pid(url)
        os.kill(pid, signal.SIGSTOP)
    assert ended(data_dir)
    assert not (data_dir / "server.sock").exists()
