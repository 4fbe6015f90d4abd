"""Nothing secret is in what is raised, printed or logged."""

import logging
import traceback
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import AyrshareError, Unavailable
from bot.ayrshare.jwt_links import JwtLinks
from bot.ayrshare.links import LinkOptions
from bot.ayrshare.model import Profile
from bot.ayrshare.replies import CreatedReply, LinkReply, read
from bot.core.model import RefId
from tests.ayrshare.canned import Canned
from tests.ayrshare.conftest import QUICK
from tests.clock import ManualClock

CANARY = "CANARY-7f3a"
PROFILE = Profile(RefId("ref"), "Acme", SecretStr(f"{CANARY}-profile"))


def told_by(error: BaseException | None) -> Iterator[str]:
    """Tell all that any printer of exceptions could print, causes and contexts included."""
    while error is not None:
        yield from (str(error), repr(error), repr(error.args), "".join(traceback.format_exception(error)))
        error = error.__cause__ or error.__context__


@pytest.fixture
def client(canned: Canned, session: aiohttp.ClientSession) -> AyrshareClient:
    return AyrshareClient(
        session,
        api_key=SecretStr(f"{CANARY}-api"),
        base_url=canned.url,
        clock=ManualClock(),
        x_credentials=(SecretStr(f"{CANARY}-x"), SecretStr(f"{CANARY}-x-secret")),
        timings=QUICK,
    )


@pytest.fixture
def links(client: AyrshareClient) -> JwtLinks:
    return JwtLinks(
        client,
        domain="acme",
        private_key=SecretStr(f"{CANARY}-private"),
        options=LinkOptions(),
    )


ANSWERS = [
    (403, f'{{"status": "error", "code": 102, "message": "{CANARY}"}}'),
    (400, f'{{"status": "error", "message": "{CANARY}"}}'),
    (500, f"<html>{CANARY}</html>"),
    (200, f'{{"url": "{CANARY}'),
    (200, f'{{"url": ["{CANARY}"]}}'),
    (200, f'{{"url": "https://evil.example/{CANARY}", "token": "{CANARY}"}}'),
    (302, CANARY),
]


@pytest.mark.parametrize(("status", "text"), ANSWERS)
async def test_no_failure_tells_a_secret(
    canned: Canned, links: JwtLinks, caplog: pytest.LogCaptureFixture, status: int, text: str
) -> None:
    caplog.set_level(logging.DEBUG)
    canned.answers = [web.Response(status=status, text=text) for _ in range(3)]
    with capture_logs() as logged, pytest.raises(AyrshareError) as failed:
        await links.mint(PROFILE)
    assert CANARY not in "".join(told_by(failed.value))
    assert CANARY not in caplog.text + repr(logged)


async def test_a_lost_connection_tells_no_secret(
    canned: Canned, links: JwtLinks, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await canned.stop()
    with capture_logs() as logged, pytest.raises(Unavailable) as failed:
        await links.mint(PROFILE)
    assert logged
    assert CANARY not in "".join(told_by(failed.value)) + caplog.text + repr(logged)


def test_what_holds_secrets_does_not_print_them(links: JwtLinks) -> None:
    reply = read(LinkReply, {"url": CANARY, "token": CANARY, "sessionId": "s"})
    created = read(CreatedReply, {"refId": "r", "title": "t", "profileKey": CANARY})
    assert reply is not None
    assert created is not None
    for thing in (reply, created, links, PROFILE):
        assert CANARY not in f"{thing!r} {thing}"
