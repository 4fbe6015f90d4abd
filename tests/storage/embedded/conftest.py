import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.storage.embedded.process import pid_of
from tests.storage.embedded.neighbour import Neighbour
from tests.storage.embedded.server_probe import ended

StartNeighbour = Callable[..., Awaitable[Neighbour]]


@pytest.fixture(autouse=True)
def runtime_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this test's sockets are to lie; a short name, and not there yet."""
    with TemporaryDirectory(prefix="cb-") as base:
        monkeypatch.setenv("XDG_RUNTIME_DIR", base)
        yield Path(base) / f"connectbot-{os.getuid()}"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A DATA_DIR that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def deep_dir(tmp_path: Path) -> Path:
    """A DATA_DIR whose path is too long for a socket."""
    return tmp_path / ("deep" * 25)


@pytest.fixture(autouse=True)
def no_server_outlives_a_failed_test(tmp_path: Path) -> Iterator[None]:
    yield
    for path in tmp_path.rglob("server.lock"):
        if not ended(path.parent):
            os.kill(pid_of(path.parent), signal.SIGKILL)


@pytest.fixture
async def neighbour() -> AsyncIterator[StartNeighbour]:
    """Start a process that enters as `"bot"` or `"command"`; what is left of it at the end is killed."""
    started: list[Neighbour] = []

    async def start(data_dir: Path, kind: str, **env: str) -> Neighbour:
        started.append(await Neighbour.start(data_dir, kind, **env))
        return started[-1]

    yield start
    for one in started:
        await one.kill()
