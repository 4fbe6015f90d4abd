"""The server while it is used, and what is left when it is not."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from bot.storage.embedded import embedded_server
from tests.storage.embedded.server_probe import ended, eventually, reaped, redis, server_pid


async def test_what_is_written_is_there_at_the_next_start(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        await client.set("greeting", "hello")
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.get("greeting") == "hello"


async def test_the_server_appends_to_a_file_and_never_evicts(data_dir: Path) -> None:
    wanted = {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory-policy": "noeviction",
        "unixsocketperm": "700",
    }
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.config_get(*wanted) == wanted


async def test_a_clean_stop_ends_the_server_and_leaves_no_socket(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url:
        pid = await server_pid(url)
        assert (data_dir / "server.sock").is_socket()
    assert ended(data_dir)
    await eventually("no zombie", lambda: reaped(pid))
    assert not (data_dir / "server.sock").exists()


async def test_a_body_that_fails_ends_the_server_too(data_dir: Path) -> None:
    async def fail() -> None:
        async with embedded_server(data_dir, bot=True):
            assert not ended(data_dir)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert ended(data_dir)


async def test_being_cancelled_ends_the_server_too(data_dir: Path) -> None:
    async def hold() -> None:
        async with embedded_server(data_dir, bot=True) as url:
            entered.set_result(url)
            await asyncio.Event().wait()

    entered = asyncio.get_running_loop().create_future()
    holder = asyncio.create_task(hold())
    await entered
    holder.cancel()
    await asyncio.wait({holder})
    assert holder.cancelled()
    assert ended(data_dir)


async def test_files_are_closed_to_others(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True):
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (data_dir, data_dir / "server.sock")]
    assert modes == [0o700, 0o700]


async def test_ctrl_c_in_the_terminal_does_not_reach_the_server(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url:
        pid = await server_pid(url)
        assert os.getsid(pid) == os.getpgid(pid) == pid
