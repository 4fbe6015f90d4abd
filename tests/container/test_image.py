"""The image: the bot starts in it as a plain user on a read-only root, answers, and stops."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot import VERSION
from sandbox.server import Sandbox
from tests.cli.servers import free_port
from tests.commands import child_of
from tests.container.image import Image
from tests.eventually import eventually
from tests.keys import RING
from tests.redis_servers import PASSWORD, RedisServer
from tests.users import Someone

pytestmark = pytest.mark.timeout(900)
USER = 65532


@pytest.fixture
def secrets(sandbox: Sandbox, tmp_path: Path) -> Path:
    """The folder that becomes /run/secrets, as Compose and Kubernetes make it: others can read the files in it."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "slack_bot_token").write_text(sandbox.slack.bot_token)
    (folder / "slack_signing_secret").write_text(f"{sandbox.slack.signing_secret}\n")
    (folder / "ayrshare_api_key").write_text(sandbox.ayrshare.api_key)
    return folder


@pytest.fixture
def variables(sandbox: Sandbox) -> dict[str, str]:
    names = ("slack_bot_token", "slack_signing_secret", "ayrshare_api_key")
    return {f"{name}_FILE".upper(): f"/run/secrets/{name}" for name in names} | {
        "SLACK_API_URL": f"{sandbox.url}/slack/api/",
        "AYRSHARE_API_URL": f"{sandbox.url}/ayrshare/api",
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The volume; Docker gives it the owner that the folder has in the image."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    os.chown(folder, USER, USER)
    return folder


class Container:
    """Runs programs in the image."""

    def __init__(self, image: Image, variables: dict[str, str], secrets: Path, data: Path) -> None:
        self._image, self._variables, self._mounts = image, variables, {"secrets": secrets, "data": data}

    async def run(self, *words: str) -> tuple[int, str]:
        """Run a program to its end; return its exit code and what it said."""
        async with self.started(*words) as process:
            said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run what the image runs; the process is that of `unshare`, whose child is the bot."""
        async with self.started(*self._image.start) as process:
            yield process

    async def is_healthy(self) -> bool:
        code, _ = await self.run(*self._image.health_check)
        return code == 0

    @asynccontextmanager
    async def started(self, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            *self._image.in_a_container(list(words), **self._mounts),
            env=self._image.variables | self._variables,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                os.kill(child_of(process.pid), signal.SIGKILL)
                await process.wait()


@pytest.fixture
def container(image: Image, variables: dict[str, str], secrets: Path, data: Path) -> Container:
    return Container(image, variables, secrets, data)


async def test_the_bot_starts_answers_and_stops(
    container: Container, sandbox: Sandbox, variables: dict[str, str]
) -> None:
    sandbox.bot_url = f"http://127.0.0.1:{variables['PORT']}"
    async with container.bot() as process, aiohttp.ClientSession() as session:
        await eventually(container.is_healthy, "the health check passes", within=60)
        ben = Someone(session, sandbox.url, "ben")
        assert (await ben.types("help"))["ok"]
        await ben.sees("connects your social accounts to Ayrshare")
        status = Path(f"/proc/{child_of(process.pid)}/status").read_text()  # noqa: ASYNC240 - a file of the kernel's
        assert f"Uid:\t{USER}\t{USER}\t{USER}\t{USER}" in status
        assert "NoNewPrivs:\t1" in status
        os.kill(child_of(process.pid), signal.SIGTERM)
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert not await container.is_healthy()


async def test_what_it_keeps_is_there_at_the_next_start(container: Container, data: Path) -> None:
    for _ in range(2):
        async with container.bot() as process:
            await eventually(container.is_healthy, "the health check passes", within=60)
            os.kill(child_of(process.pid), signal.SIGTERM)
            assert await process.wait() == 0
    kept = {path.name: path.stat().st_uid for path in data.iterdir()}  # noqa: ASYNC240 - nothing else runs
    assert kept.items() >= {"appendonlydir": USER, "encryption.keys": USER}.items()


async def test_nothing_but_the_volume_can_be_written(container: Container) -> None:
    write = "import sys; open(sys.argv[1], 'w')"
    for path in ("/app/x", "/x", "/tmp/x", "/run/secrets/x"):
        code, said = await container.run("python", "-c", write, path)
        assert code == 1, path
        assert "Read-only file system" in said or "Permission denied" in said, said
    assert (await container.run("python", "-c", write, "/data/x"))[0] == 0


async def test_it_has_no_shell_no_package_manager_and_neither_uv_nor_the_tests(container: Container) -> None:
    look = "import shutil, importlib.util as i; print(*filter(shutil.which, {}), *filter(i.find_spec, {}))"
    programs, modules = ("sh", "bash", "apt", "dpkg", "uv", "pip", "curl"), ("pip", "uv", "pytest", "tests")
    assert await container.run("python", "-c", look.format(programs, modules)) == (0, "\n")
    assert await container.run("connectbot", "--version") == (0, f"connectbot {VERSION}\n")


async def test_a_bot_and_a_worker_share_a_redis_that_wants_a_password(
    image: Image, variables: dict[str, str], secrets: Path, data: Path, tmp_path: Path
) -> None:
    valkey = RedisServer(tmp_path, f"requirepass {PASSWORD}")
    await valkey.start()
    (secrets / "redis_url").write_text(f"redis://:{PASSWORD}@127.0.0.1:{valkey.port}/0\n")
    (secrets / "encryption_keys").write_text(f"{RING}\n")
    files = {f"{name}_FILE".upper(): f"/run/secrets/{name}" for name in ("redis_url", "encryption_keys")}
    container = Container(image, variables | files, secrets, data)
    async with container.bot() as bot, container.started("connectbot", "worker") as worker:
        await eventually(container.is_healthy, "the health check passes", within=60)
        assert worker.stdout
        async with asyncio.timeout(60):
            while b'"working"' not in await worker.stdout.readline():
                pass
        for process in (worker, bot):
            os.kill(child_of(process.pid), signal.SIGTERM)
            assert await process.wait() == 0
    assert list(data.iterdir()) == []  # noqa: ASYNC240 - nothing else runs
    await valkey.close()


async def test_the_demo_plays_in_it(image: Image, secrets: Path, data: Path) -> None:
    code, said = await Container(image, {"SANDBOX_PORT": str(free_port())}, secrets, data).run(
        "connectbot", "demo", "SCRIPT=1"
    )
    assert code == 0, said
    assert "All as promised." in said


async def test_a_secret_that_is_missing_is_named_and_ends_it_with_2(container: Container, secrets: Path) -> None:
    (secrets / "slack_bot_token").unlink()
    code, said = await container.run("connectbot", "run")
    assert code == 2
    assert "SLACK_BOT_TOKEN_FILE: cannot be read" in said


def test_its_size_is_about_150_megabytes(image: Image) -> None:
    assert image.megabytes < 165
