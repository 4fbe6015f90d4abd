"""A machine that trusts no certificates, as a bare container: said in words by `doctor` and at the start."""

import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.server import Sandbox
from tests.commands import bot_command, bot_process
from tests.storage.test_redis_url import certificate
from tests.test_process import port

__all__ = ["port"]
NONE = {"SSL_CERT_FILE": "/nonexistent", "SSL_CERT_DIR": "/nonexistent"}
WORDS = "this machine trusts no certificates: install ca-certificates, or set SSL_CERT_FILE"


@pytest.fixture
async def https(tmp_path: Path) -> AsyncIterator[str]:
    """A server whose certificate nobody here trusts."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate(tmp_path))
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def found(environment: dict[str, str], https: str) -> dict[str, str]:
    elsewhere = {"SLACK_API_URL": f"{https}/api/", "AYRSHARE_API_URL": f"{https}/api"}
    ended = await bot_command("doctor", "--json", environment=environment | elsewhere)
    return {row["check"]: row["found"] for row in json.loads(ended.out)["checks"]}


async def test_doctor_says_that_nothing_is_trusted_or_else_why_the_certificate_is_not(
    environment: dict[str, str], https: str, tmp_path: Path
) -> None:
    rows = await found(environment | NONE, https)
    assert [WORDS in rows[check] for check in ("slack.token", "ayrshare.api_key")] == [True, True]
    rows = await found(environment | {"SSL_CERT_FILE": str(certificate(_another(tmp_path))[0])}, https)
    for check in ("slack.token", "ayrshare.api_key"):
        assert "the certificate isn't trusted: self-signed certificate" in rows[check]


async def test_the_start_says_it_at_once(environment: dict[str, str], sandbox: Sandbox, port: int) -> None:
    async with bot_process(environment | NONE, port=port) as bot:
        assert any("no_certificate_authorities" in line and WORDS in line for line in bot.log)


def _another(folder: Path) -> Path:
    (folder / "another").mkdir()
    return folder / "another"
