"""The sandbox serves nobody but this machine: no foreign name for it, no page of another site."""

import aiohttp
import pytest

from sandbox.server import Sandbox

SAY = {"user": "ben", "channel": "general", "text": "hi"}


@pytest.mark.parametrize(
    ("host", "status"), [("localhost", 200), ("127.0.0.1:1", 200), ("evil.example", 421), ("", 421)]
)
async def test_a_foreign_host_is_refused(
    sandbox: Sandbox, session: aiohttp.ClientSession, host: str, status: int
) -> None:
    async with session.get(f"{sandbox.url}/control/world", headers={"Host": host}) as response:
        assert response.status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_what_another_site_sends_is_refused(
    sandbox: Sandbox, session: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    async with session.post(f"{sandbox.url}/control/say", json=SAY, headers=headers) as response:
        assert response.status == status
    assert len(sandbox.slack.world.channel("general").messages) == (status == 200)


async def test_a_link_to_the_page_may_be_followed_from_anywhere_but_not_into_a_frame(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with session.get(sandbox.url, headers=visit) as response:
        assert response.status == 200
    async with session.get(sandbox.url, headers=visit | {"Sec-Fetch-Dest": "iframe"}) as response:
        assert response.status == 403
    async with session.get(f"{sandbox.url}/control/home?user=ben", headers=visit) as response:
        assert response.status == 403
