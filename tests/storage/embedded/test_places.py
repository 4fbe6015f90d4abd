"""Where the socket lies, and where DATA_DIR may lie."""

# ruff: noqa: ASYNC240 - a test's own loop may wait for the disk

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.storage.embedded import embedded_server
from bot.storage.errors import EmbeddedServerFailed
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
        copy = shutil.copytree(data_dir, tmp_path / "copy")
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


async def test_a_stale_socket_is_replaced(data_dir: Path, runtime_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True):
        (socket,) = runtime_dir.iterdir()
    socket.write_text("left over")
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.ping()


async def test_without_a_session_the_socket_lies_in_the_temporary_directory(
    data_dir: Path, neighbour: StartNeighbour
) -> None:
    with TemporaryDirectory(prefix="cb-") as base:
        bot = await neighbour(data_dir, "bot", XDG_RUNTIME_DIR="", TMPDIR=base)
        assert (await bot.said()).startswith(f"unix://{base}/connectbot-{os.getuid()}/")
        assert await bot.leave() == 0


async def test_a_session_directory_too_long_for_a_socket_is_passed_over(
    data_dir: Path, tmp_path: Path, neighbour: StartNeighbour
) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    with TemporaryDirectory(prefix="cb-") as base:
        bot = await neighbour(data_dir, "bot", XDG_RUNTIME_DIR=str(long), TMPDIR=base)
        assert (await bot.said()).startswith(f"unix://{base}/")
        assert await bot.leave() == 0


async def test_no_room_for_a_socket_is_said_in_words(data_dir: Path, tmp_path: Path, neighbour: StartNeighbour) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    bot = await neighbour(data_dir, "bot", XDG_RUNTIME_DIR="", TMPDIR=str(long))
    said = await bot.said()
    assert said.startswith("EmbeddedServerFailed: ")
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
    data_dir: Path, runtime_dir: Path, hostile: Callable[[Path], None]
) -> None:
    hostile(runtime_dir)
    with pytest.raises(EmbeddedServerFailed, match="mode 0700") as failure:
        await embedded_server(data_dir, bot=True).__aenter__()
    assert str(runtime_dir) in failure.value.sentence
    assert not (data_dir / "server.log").exists(), "no server was started"
