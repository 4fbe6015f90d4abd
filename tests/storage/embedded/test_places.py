"""Where the socket lies, and where DATA_DIR may lie."""

# ruff: noqa: ASYNC240 - a test's own loop may wait for the disk

import os
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.storage.embedded import embedded_server
from bot.storage.errors import EmbeddedServerFailed
from tests.canaries import Lines
from tests.eventually import eventually
from tests.storage.embedded.conftest import StartNeighbour
from tests.storage.embedded.server_probe import redis


async def test_a_copied_data_dir_works_beside_the_original(data_dir: Path, tmp_path: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        await client.set("greeting", "hello")
    copy = shutil.copytree(data_dir, tmp_path / "copy")
    async with (
        embedded_server(data_dir, bot=True) as here,
        embedded_server(copy, bot=True) as there,
        redis(here) as original,
        redis(there) as copied,
    ):
        assert await copied.get("greeting") == "hello"
        await copied.set("greeting", "hello from the copy")
        assert await original.get("greeting") == "hello"


async def test_the_copy_of_a_killed_bots_data_dir_works_beside_the_original(
    data_dir: Path, tmp_path: Path, neighbour: StartNeighbour
) -> None:
    bot = await neighbour(data_dir, "bot")
    async with redis(await bot.said()) as client:
        await client.set("greeting", "hello")
        await bot.kill()
        copy = shutil.copytree(data_dir, tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock"))
        async with embedded_server(copy, bot=True) as url, redis(url) as copied:
            assert await copied.getset("greeting", "hello from the copy") == "hello"
            assert await client.get("greeting") == "hello"
    async with embedded_server(data_dir, bot=True):
        pass


async def test_a_moved_data_dir_takes_its_history_along(data_dir: Path, tmp_path: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        await client.set("greeting", "hello")
    moved = data_dir.rename(tmp_path / "moved")
    async with embedded_server(moved, bot=True) as url, redis(url) as client:
        assert await client.get("greeting") == "hello"


@pytest.mark.parametrize("name", ["d" * 240, "two words, 'quoted' \"twice\"", "Bücher\\x\t#?%20"])
async def test_data_dir_may_have_any_name(tmp_path: Path, name: str) -> None:
    async with embedded_server(tmp_path / name, bot=True) as url, redis(url) as client:
        assert await client.ping()
        assert (await client.config_get("dir"))["dir"] == str(tmp_path / name)


async def test_data_dir_may_be_relative_or_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to("real/data")
    Path("real").mkdir()
    async with (
        embedded_server(Path("real/data"), bot=True) as url,
        embedded_server(Path("link"), bot=False) as again,
    ):
        assert again == url


async def test_the_socket_lies_beside_the_data(data_dir: Path, runtime_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url:
        assert url == f"unix://{data_dir}/server.sock"
    assert not runtime_dir.exists()


async def test_a_command_with_another_temporary_directory_finds_the_server(
    data_dir: Path, neighbour: StartNeighbour
) -> None:
    with TemporaryDirectory(prefix="cb-") as private, TemporaryDirectory(prefix="cb-") as other:
        bot = await neighbour(data_dir, "bot", XDG_RUNTIME_DIR="", TMPDIR=private)
        command = await neighbour(data_dir, "command", XDG_RUNTIME_DIR="", TMPDIR=other)
        assert await command.said() == await bot.said()
        assert [await command.leave(), await bot.leave()] == [0, 0]


async def test_a_socket_that_cannot_be_seen_from_here_is_the_reason(
    deep_dir: Path, neighbour: StartNeighbour, runtime_dir: Path
) -> None:
    bot = await neighbour(deep_dir, "bot")
    await bot.said()
    runtime_dir.rename(runtime_dir.with_name("hidden"))
    with pytest.raises(EmbeddedServerFailed, match="PrivateTmp") as failure:
        await embedded_server(deep_dir, bot=False).__aenter__()
    assert "damaged" not in failure.value.sentence
    runtime_dir.with_name("hidden").rename(runtime_dir)
    assert await bot.leave() == 0


async def test_a_server_whose_socket_is_gone_is_started_again_where_nobody_uses_it(
    data_dir: Path, neighbour: StartNeighbour
) -> None:
    bot = await neighbour(data_dir, "bot")
    async with redis(await bot.said()) as client:
        await client.set("greeting", "hello")
    await bot.kill()
    (data_dir / "server.sock").unlink()
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.get("greeting") == "hello"


async def test_a_bot_whose_socket_is_removed_starts_its_server_again(data_dir: Path, log_lines: Lines) -> None:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        await client.set("greeting", "hello")
        (data_dir / "server.sock").unlink()

        async def is_back() -> bool:
            return (data_dir / "server.sock").is_socket()

        await eventually(is_back, "the socket is there again")
        async with redis(url) as another:
            assert await another.get("greeting") == "hello"
    assert any("server.sock was removed" in line for line in log_lines.lines)


async def test_a_removed_socket_of_a_server_that_others_use_is_said(data_dir: Path, neighbour: StartNeighbour) -> None:
    command = await neighbour(data_dir, "command")
    await command.said()
    os.kill(command.process.pid, signal.SIGSTOP)
    (data_dir / "server.sock").unlink()
    with pytest.raises(EmbeddedServerFailed, match=r"It was removed\. Restart the bot\."):
        await embedded_server(data_dir, bot=True).__aenter__()
    os.kill(command.process.pid, signal.SIGCONT)


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o777, 0o701])
async def test_data_dir_is_closed_to_others(data_dir: Path, log_lines: Lines, mode: int) -> None:
    data_dir.mkdir()
    data_dir.chmod(mode)
    async with embedded_server(data_dir, bot=True):
        assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert any("data_dir_closed_to_others" in line for line in log_lines.lines)


async def test_a_data_dir_of_somebody_else_that_is_open_is_refused_with_the_command(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, mode: int) -> None:
        raise PermissionError

    data_dir.mkdir()
    data_dir.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refused)
    with pytest.raises(EmbeddedServerFailed, match="chmod 700"):
        await embedded_server(data_dir, bot=True).__aenter__()


async def test_a_volume_that_takes_no_sockets_has_its_elsewhere(
    data_dir: Path, runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir.mkdir(mode=0o700)
    (data_dir / "server.sock").mkdir()  # nothing can be bound there
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.ping()
        assert len(list(runtime_dir.iterdir())) == 1


async def test_a_stale_socket_is_replaced(deep_dir: Path, runtime_dir: Path) -> None:
    data_dir = deep_dir
    async with embedded_server(data_dir, bot=True):
        (socket,) = runtime_dir.iterdir()
    socket.write_text("left over")
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.ping()


async def test_without_a_session_the_socket_lies_in_the_temporary_directory(
    deep_dir: Path, neighbour: StartNeighbour
) -> None:
    with TemporaryDirectory(prefix="cb-") as base:
        bot = await neighbour(deep_dir, "bot", XDG_RUNTIME_DIR="", TMPDIR=base)
        assert (await bot.said()).startswith(f"unix://{base}/connectbot-{os.getuid()}/")
        assert await bot.leave() == 0


async def test_a_session_directory_too_long_for_a_socket_is_passed_over(
    deep_dir: Path, tmp_path: Path, neighbour: StartNeighbour
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    with TemporaryDirectory(prefix="cb-") as base:
        bot = await neighbour(deep_dir, "bot", XDG_RUNTIME_DIR=str(long), TMPDIR=base)
        assert (await bot.said()).startswith(f"unix://{base}/")
        assert await bot.leave() == 0


async def test_no_room_for_a_socket_is_said_in_words(deep_dir: Path, tmp_path: Path, neighbour: StartNeighbour) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    bot = await neighbour(deep_dir, "bot", XDG_RUNTIME_DIR="", TMPDIR=str(long))
    said = await bot.said()
    assert said.startswith("SocketPathTooLong: ")
    assert "Set TMPDIR to a directory with a shorter name" in said
    assert await bot.leave() == 2


def _is_a_link(path: Path) -> None:
    path.with_name("elsewhere").mkdir(mode=0o700)
    path.symlink_to("elsewhere")


def _is_a_file(path: Path) -> None:
    path.touch(mode=0o700)


def _is_open_to_others(path: Path) -> None:
    path.mkdir()
    path.chmod(0o755)


def _is_of_another_owner(path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a directory away")
    path.mkdir(mode=0o700)
    os.chown(path, 65534, 65534)


@pytest.mark.parametrize("hostile", [_is_a_link, _is_a_file, _is_open_to_others, _is_of_another_owner])
async def test_a_runtime_directory_that_is_not_private_is_refused(
    deep_dir: Path, runtime_dir: Path, hostile: Callable[[Path], None]
) -> None:
    hostile(runtime_dir)
    with pytest.raises(EmbeddedServerFailed, match="mode 0700") as failure:
        await embedded_server(deep_dir, bot=True).__aenter__()
    assert str(runtime_dir) in failure.value.sentence
    assert not (deep_dir / "server.log").exists(), "no server was started"
