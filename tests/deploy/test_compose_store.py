"""The Valkey of the Compose file, with the secrets that docs/platforms.md says how to make; without Docker."""

import asyncio
import re
import shlex
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from bot.core.metrics import Metrics
from bot.settings import Settings, load
from bot.storage.connection import open_connection
from bot.storage.embedded.process import binary
from tests.cli.servers import free_port
from tests.deploy.tools import SOURCE
from tests.eventually import eventually

COMPOSE = yaml.safe_load((SOURCE / "compose.yaml").read_text())


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The folder as the page has people make it, with a secret pasted where it waits for one."""
    section = (SOURCE / "docs/platforms.md").read_text().partition("\n## Compose\n")[2]
    steps = section.partition("```sh\n")[2].partition("docker compose")[0]
    pasted = re.sub(r"^cat > (\w+).*$", r"printf 'xoxb-xapp-\\n' > \1", steps, flags=re.MULTILINE)
    pasted = pasted.replace("xoxb-xapp-\\n' > slack_app", "xapp-1\\n' > slack_app")
    subprocess.run(["sh", "-ec", pasted], cwd=tmp_path, check=True)
    return tmp_path / "secrets"


@pytest.fixture
async def port(secrets: Path, tmp_path: Path) -> AsyncIterator[int]:
    """The port of a Valkey that runs Compose's command."""
    (tmp_path / "data").mkdir()
    number = free_port()
    words = shlex.split(COMPOSE["services"]["valkey"]["command"])
    places = {"/run/secrets/valkey_conf": str(secrets / "valkey_conf"), "/data": str(tmp_path / "data")}
    options = [*(places.get(word, word) for word in words[1:]), "--port", str(number), "--bind", "127.0.0.1"]
    server = await asyncio.create_subprocess_exec(str(binary()), *options, stdout=asyncio.subprocess.DEVNULL)
    yield number
    server.terminate()
    await server.wait()


async def test_the_bot_reads_its_secrets_and_reaches_a_valkey_that_keeps_everything(
    secrets: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, path in COMPOSE["services"]["bot"]["environment"].items():
        monkeypatch.setenv(name, path.replace("/run/secrets", str(secrets)))
    settings = load(Settings)
    assert settings.redis_url
    assert settings.encryption_keys
    url = SecretStr(settings.redis_url.get_secret_value().replace("@valkey:6379", f"@127.0.0.1:{port}"))
    connection = open_connection(url, Metrics())

    async def keeps() -> bool:
        kept = await connection.redis.config_get("appendonly", "maxmemory-policy")
        return bool(kept == {"appendonly": "yes", "maxmemory-policy": "noeviction"})

    await eventually(keeps, "Valkey answers and keeps everything")
    await connection.redis.aclose()


async def test_without_the_password_it_serves_nobody(port: int) -> None:
    stranger = Redis(port=port)

    async def refused() -> bool:
        try:
            await stranger.ping()
        except AuthenticationError:
            return True
        except OSError:
            return False
        raise AssertionError("it answered a stranger")

    await eventually(refused, "a stranger is refused")
    await stranger.aclose()


def test_the_folder_is_closed_and_the_containers_can_read_what_is_in_it(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o644}
    assert {path.name for path in secrets.iterdir()} == set(COMPOSE["secrets"])
    assert "/secrets/" in (SOURCE / ".gitignore").read_text().splitlines()
