"""The bot, a second bot, and the commands beside them."""

import asyncio
import errno
import os
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.storage.embedded import embedded_server, repaired
from bot.storage.errors import DataDirInUse, DataDirUnusable, EmbeddedServerFailed
from tests.storage.embedded.conftest import StartNeighbour
from tests.storage.embedded.server_probe import ended, eventually, redis, server_pid


async def test_a_second_bot_is_refused_in_words(data_dir: Path, neighbour: StartNeighbour) -> None:
    async with embedded_server(data_dir, bot=True) as url:
        second = await neighbour(data_dir, "bot")
        said = await second.said()
        assert await second.leave() == 2
        assert said.startswith("DataDirInUse: ")
        assert str(data_dir) in said
        assert "Stop it first" in said
        async with redis(url) as client:
            assert await client.ping()


async def test_a_second_bot_in_the_same_process_is_refused(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True):
        with pytest.raises(DataDirInUse):
            await embedded_server(data_dir, bot=True).__aenter__()


async def test_the_next_bot_may_come_when_the_first_has_left(data_dir: Path, neighbour: StartNeighbour) -> None:
    first = await neighbour(data_dir, "bot")
    await first.said()
    assert await first.leave() == 0
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.ping()


async def test_a_command_beside_the_bot_uses_its_server_and_leaves_it(
    data_dir: Path, neighbour: StartNeighbour
) -> None:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        pid = await server_pid(url)
        command = await neighbour(data_dir, "command")
        assert await command.said() == url
        assert await command.leave() == 0
        assert await client.ping()
        assert await server_pid(url) == pid


async def test_a_command_without_a_bot_starts_a_server_for_the_moment(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=False) as url, redis(url) as client:
        await client.set("greeting", "hello")
    assert ended(data_dir)
    assert not (data_dir / "server.sock").exists()
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.get("greeting") == "hello"


async def test_a_bot_takes_over_the_server_of_a_command(data_dir: Path, neighbour: StartNeighbour) -> None:
    command = await neighbour(data_dir, "command")
    url = await command.said()
    pid = await server_pid(url)
    async with embedded_server(data_dir, bot=True) as found:
        assert found == url
        assert await command.leave() == 0
        assert await server_pid(found) == pid
    assert ended(data_dir)


async def test_a_command_keeps_the_server_when_the_bot_leaves_first(data_dir: Path, neighbour: StartNeighbour) -> None:
    async with embedded_server(data_dir, bot=True) as url:
        command = await neighbour(data_dir, "command")
        await command.said()
        pid = await server_pid(url)
    assert await server_pid(url) == pid
    assert await command.leave() == 0
    assert ended(data_dir)


async def test_many_that_come_and_go_at_once_share_one_server(data_dir: Path) -> None:
    async def visit(*, bot: bool = False) -> int:
        async with embedded_server(data_dir, bot=bot) as url, redis(url) as client:
            await client.incr("visits")
            pid = await server_pid(url)
            await everyone.wait()
        return pid

    everyone = asyncio.Barrier(8)
    pids = await asyncio.gather(visit(bot=True), *(visit() for _ in range(7)))
    assert len(set(pids)) == 1
    async with embedded_server(data_dir, bot=False) as url, redis(url) as client:
        assert await client.get("visits") == "8"


async def test_a_command_finds_the_bot_that_was_started_in_another_session(
    data_dir: Path, neighbour: StartNeighbour
) -> None:
    with TemporaryDirectory(prefix="cb-") as another:
        async with embedded_server(data_dir, bot=True) as url:
            command = await neighbour(data_dir, "command", XDG_RUNTIME_DIR=another)
            assert await command.said() == url
            assert await command.leave() == 0


async def test_whoever_starts_the_server_again_does_so_on_the_socket_the_others_know(
    data_dir: Path, neighbour: StartNeighbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await neighbour(data_dir, "bot")
    url = await bot.said()
    bot.process.send_signal(signal.SIGSTOP)  # it will not be the one
    os.kill(await server_pid(url), signal.SIGKILL)
    await eventually("the server is dead", lambda: ended(data_dir))
    with TemporaryDirectory(prefix="cb-") as another:
        monkeypatch.setenv("XDG_RUNTIME_DIR", another)
        async with embedded_server(data_dir, bot=False) as again:
            assert again == url
            bot.process.send_signal(signal.SIGCONT)
    assert await bot.leave() == 0


async def test_root_starts_no_server_on_the_files_of_another_user(
    data_dir: Path, neighbour: StartNeighbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = await neighbour(data_dir, "bot")
    await bot.said()
    if os.geteuid():
        monkeypatch.setattr(os, "geteuid", lambda: 0)
    else:
        os.chown(data_dir / "server.log", 1234, -1)
    async with embedded_server(data_dir, bot=False) as url, redis(url) as client:  # beside the bot all is well
        assert await client.ping()
    assert await bot.leave() == 0
    owner = (data_dir / "server.log").stat().st_uid
    with pytest.raises(EmbeddedServerFailed, match=f"sudo -u '#{owner}'"):
        await embedded_server(data_dir, bot=False).__aenter__()
    with pytest.raises(EmbeddedServerFailed, match="sudo chown -R 0 "):
        repaired(data_dir)


def test_files_that_another_user_has_left_are_given_back_by_a_command(data_dir: Path) -> None:
    refused = DataDirUnusable(data_dir, PermissionError(errno.EACCES, "Permission denied", "bot.lock"), user=1234)
    assert f"sudo chown -R 1234 {data_dir}" in refused.sentence
    assert "chown" not in DataDirUnusable(data_dir, OSError(errno.ENOSPC, "No space left"), user=1234).sentence
