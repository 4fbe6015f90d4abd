"""Profiles are created once and listed to the last page; responses that can't be read are failures."""

import json

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient, open_session
from bot.ayrshare.errors import NotInPlan, TitleTaken, Unavailable
from tests.ayrshare.canned import Canned
from tests.ayrshare.conftest import QUICK, REPEATED_OTHERWISE
from tests.clock import ManualClock
from tests.sandbox.ayrshare.serving import Served


@pytest.fixture
def api(canned: Canned, session: aiohttp.ClientSession) -> AyrshareClient:
    """Return a client of the canned server."""
    x_app = (SecretStr("x-key"), SecretStr("x-secret"))
    key = SecretStr("the-key")
    clock = ManualClock()
    return AyrshareClient(
        session, api_key=key, base_url=f"{canned.url}/api/", clock=clock, x_credentials=x_app, timings=QUICK
    )


def page(*refs: str, cursor: str | None = None, more: bool = True) -> web.Response:
    rows = [{"refId": ref, "title": ref.upper()} for ref in refs]
    pagination = {"hasMore": more, **({"nextCursor": cursor} if cursor else {})}
    return web.json_response({"profiles": rows, "pagination": pagination})


async def test_a_new_profile_comes_with_the_key_that_acts_for_it(ayrshare: Served, client: AyrshareClient) -> None:
    created = await client.create_profile("Hooli", disable_social=["tiktok"])
    assert created.title == "Hooli"
    assert (await client.accounts(created.key)).ref_id == created.ref_id
    assert ayrshare.local.profiles[-1].settings == {"disableSocial": ["tiktok"]}


async def test_a_title_that_is_taken_is_said_to_be(client: AyrshareClient) -> None:
    with pytest.raises(TitleTaken):
        await client.create_profile("Globex")


async def test_a_creation_is_never_retried(ayrshare: Served, client: AyrshareClient) -> None:
    for number, kind in enumerate(REPEATED_OTHERWISE, start=1):
        ayrshare.local.faults.add(kind, ms=50)
        with pytest.raises(Unavailable):
            await client.create_profile(f"Hooli {kind}")
        assert len(ayrshare.local.calls.since()) == number, kind


async def test_the_list_names_each_profile_with_its_networks(ayrshare: Served, client: AyrshareClient) -> None:
    ayrshare.local.profiles[2].suspended = True
    jane, _, globex, initech = await client.profiles()
    assert (jane.title, jane.suspended) == ("Acme: Jane", False)
    assert jane.networks == frozenset({"instagram", "linkedin"})
    assert (initech.networks, globex.suspended) == (frozenset(), True)


async def test_a_title_is_looked_up(client: AyrshareClient) -> None:
    (globex,) = await client.profiles(title="Globex")
    assert globex.title == "Globex"
    assert await client.profiles(title="globex") == ()


async def test_pages_are_followed_to_the_last(canned: Canned, api: AyrshareClient) -> None:
    canned.answers = [page("a", "b", cursor="1"), page("c", cursor="2"), page("d", more=False)]
    assert [profile.ref_id for profile in await api.profiles()] == ["a", "b", "c", "d"]
    assert [request.query.get("cursor") for request in canned.requests] == [None, "1", "2"]


async def test_pages_that_lead_in_a_circle_or_nowhere_come_to_an_end(canned: Canned, api: AyrshareClient) -> None:
    canned.answers = [page("a", cursor="1"), page("b", cursor="1")]
    assert len(await api.profiles()) == 2
    canned.answers = [page("a")]
    assert len(await api.profiles()) == 1


async def test_a_list_without_pages_is_complete(canned: Canned, api: AyrshareClient) -> None:
    canned.answers = [web.json_response({"profiles": [{"refId": "a", "title": "A", "status": "suspended"}]})]
    (only,) = await api.profiles()
    assert only.suspended


async def test_calls_carry_the_account_the_profile_and_the_own_x_app(canned: Canned, api: AyrshareClient) -> None:
    canned.answers = [web.json_response({"refId": "r", "title": "t"})]
    await api.accounts(SecretStr("the-profile"))
    sent = canned.requests[0].headers
    assert (sent["Authorization"], sent["Profile-Key"]) == ("Bearer the-key", "the-profile")
    assert (sent["X-Twitter-OAuth1-Api-Key"], sent["X-Twitter-OAuth1-Api-Secret"]) == ("x-key", "x-secret")
    assert {"gzip", "deflate"} <= {word.strip() for word in sent["Accept-Encoding"].split(",")}
    assert canned.requests[0].path == "/api/user"


async def test_without_a_profile_no_profile_key_is_sent(canned: Canned, api: AyrshareClient) -> None:
    canned.answers = [page("a", more=False)]
    await api.profiles()
    assert "Profile-Key" not in canned.requests[0].headers


async def test_a_redirect_is_not_followed(canned: Canned, api: AyrshareClient) -> None:
    canned.answers = [web.Response(status=307, headers={"Location": f"{canned.url}/elsewhere"})]
    with pytest.raises(Unavailable):
        await api.accounts(SecretStr("the-profile"))
    assert len(canned.requests) == 1


async def test_a_200_that_cannot_be_read_is_a_failure_and_not_retried(canned: Canned, api: AyrshareClient) -> None:
    bodies = [b"", b"<html>", b'{"refId": "r"', b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b"{}"]
    canned.answers = [web.Response(body=body, content_type="application/json") for body in bodies]
    for number, body in enumerate(bodies, start=1):
        with pytest.raises(Unavailable) as failed:
            await api.accounts(SecretStr("the-profile"))
        assert (failed.value.http_status, len(canned.requests)) == (200, number), body[:20]


async def test_a_code_that_is_no_number_is_no_code(canned: Canned, api: AyrshareClient) -> None:
    codes: tuple[object, ...] = ("189", 1.5, True, None, {})
    for code in codes:
        canned.answers = [web.Response(status=402, text=json.dumps({"status": "error", "code": code}))]
        with pytest.raises(NotInPlan) as failed:
            await api.profiles()
        assert failed.value.code is None, code


async def test_connections_are_kept_and_used_again(canned: Canned, api: AyrshareClient) -> None:
    canned.answers = [page("a", more=False) for _ in range(5)]
    for _ in range(5):
        await api.profiles()
    assert len(canned.connections) == 1


async def test_a_session_keeps_no_cookies_and_at_most_so_many_connections() -> None:
    async with open_session(7) as session:
        assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
        assert isinstance(session.connector, aiohttp.TCPConnector)
        assert session.connector.limit == 7
        assert (session.timeout.total, session.timeout.sock_connect) == (10, 3)
