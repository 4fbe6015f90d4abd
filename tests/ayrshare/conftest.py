from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient, open_session
from bot.ayrshare.jwt_links import JwtLinks
from bot.ayrshare.links import LinkOptions
from bot.ayrshare.model import Profile
from bot.ayrshare.networks import OfferedNetworks
from bot.ayrshare.transport import CallTimings
from bot.core.model import RefId
from tests.ayrshare.canned import Canned, canned_server
from tests.sandbox.ayrshare.serving import Served, serving

REPEATED_OTHERWISE = ["error_503", "drop_connection", "timeout"]
"""Faults after which a call that may be repeated is retried."""
QUICK = CallTimings(attempt=timedelta(seconds=2), total=timedelta(seconds=4), pause=timedelta(milliseconds=5))


@pytest.fixture
async def ayrshare() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.fixture
async def canned() -> AsyncIterator[Canned]:
    async with canned_server() as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session(10) as session:
        yield session


@pytest.fixture
def client(ayrshare: Served, session: aiohttp.ClientSession) -> AyrshareClient:
    return client_of(ayrshare, session)


@pytest.fixture
def links(ayrshare: Served, client: AyrshareClient) -> JwtLinks:
    return links_of(ayrshare, client)


@pytest.fixture
def jane(ayrshare: Served) -> Profile:
    profile = ayrshare.local.profiles[0]
    return Profile(RefId(profile.ref_id), profile.title, SecretStr(profile.key))


def client_of(ayrshare: Served, session: aiohttp.ClientSession, *, timings: CallTimings = QUICK) -> AyrshareClient:
    return AyrshareClient(
        session,
        api_key=SecretStr(ayrshare.local.api_key),
        base_url=ayrshare.api_url,
        clock=ayrshare.clock,
        timings=timings,
    )


def links_of(
    ayrshare: Served,
    client: AyrshareClient,
    *,
    key: str | None = None,
    expires_in: int | None = None,
    redirect: str | None = None,
    allowed_social: tuple[str, ...] | None = None,
    any_host: bool = True,
) -> JwtLinks:
    return JwtLinks(
        client,
        domain=ayrshare.local.domain,
        private_key=SecretStr(key or ayrshare.local.private_key_pem),
        options=LinkOptions(expires_in, redirect, OfferedNetworks(allowed_social or ()), any_host),
    )
