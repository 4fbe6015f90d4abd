"""`/profiles/link-sessions`: create, show, revoke."""

from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.ayrshare.serving import Reply, Served, query


async def create(ayrshare: Served, **fields: Any) -> Reply:
    return await ayrshare.call("POST", "/profiles/link-sessions", fields, key=ayrshare.local.profiles[0].key)


async def call_session(ayrshare: Served, created: Reply, method: str = "GET", profile: int = 0) -> Reply:
    path = f"/profiles/link-sessions/{created.body['sessionId']}"
    return await ayrshare.call(method, path, key=ayrshare.local.profiles[profile].key)


async def test_a_session_has_its_url_and_its_expiry(ayrshare: Served) -> None:
    created = await create(ayrshare, domain="acme", logout=True)
    assert len(created.body["sessionId"]) == 64
    assert created.body["expiresAt"] == "2026-11-02T09:05:00.000Z"
    assert (created.body["emailSent"], created.body["title"]) == (False, "Acme: Jane")
    assert list(query(created.body["url"])) == ["session", "domain", "logout"]
    assert "token" not in created.body


async def test_without_a_profile_key_no_session_is_created(ayrshare: Served) -> None:
    assert (await ayrshare.call("POST", "/profiles/link-sessions", {})).status == 400


async def test_a_session_is_pending_then_active_and_counts_its_openings(ayrshare: Served) -> None:
    created = await create(ayrshare)
    before = (await call_session(ayrshare, created)).body
    assert (before["state"], before["useCount"], "firstUsedAt" in before) == ("pending", 0, False)
    for _ in range(2):
        await ayrshare.clock.advance(timedelta(seconds=10))
        await ayrshare.http.get(created.body["url"])
    after = (await call_session(ayrshare, created)).body
    assert (after["state"], after["useCount"]) == ("active", 2)
    assert (after["firstUsedAt"], after["lastUsedAt"]) == ("2026-11-02T09:00:10.000Z", "2026-11-02T09:00:20.000Z")


async def test_a_head_request_does_not_count_as_an_opening(ayrshare: Served) -> None:
    created = await create(ayrshare)
    await ayrshare.http.head(created.body["url"])
    assert (await call_session(ayrshare, created)).body["useCount"] == 0


async def test_a_revoked_session_stops_working_at_once_and_cannot_be_revoked_again(ayrshare: Served) -> None:
    created = await create(ayrshare)
    assert (await call_session(ayrshare, created, "DELETE")).body["status"] == "success"
    async with ayrshare.http.get(created.body["url"]) as page:
        assert page.status == 401
    assert (await call_session(ayrshare, created)).body["state"] == "revoked"
    assert (await call_session(ayrshare, created, "DELETE")).body["code"] == 501


async def test_an_expired_session_is_reported_as_expired(ayrshare: Served) -> None:
    created = await create(ayrshare)
    await ayrshare.clock.advance(timedelta(minutes=5))
    assert (await call_session(ayrshare, created)).body["state"] == "expired"
    assert (await call_session(ayrshare, created, "DELETE")).body["code"] == 503


async def test_another_profile_does_not_find_the_session(ayrshare: Served) -> None:
    created = await create(ayrshare)
    assert (await call_session(ayrshare, created, profile=1)).body["code"] == 502


async def test_connect_mode_leads_straight_to_the_sign_in_of_its_network(ayrshare: Served) -> None:
    ayrshare.local.max_pack = True
    created = await create(ayrshare, mode="connect", network="instagram", instagramLinkMethod="facebook")
    async with ayrshare.http.get(created.body["url"]) as page:
        text = await page.text()
    assert "<h1>Sign in to Instagram</h1>" in text
    assert "with Facebook" in text
    assert 'value="youtube"' not in text
    async with ayrshare.http.post(created.body["url"], data={"link": "instagram"}) as page:
        assert "You can close this page" in await page.text()


async def test_connect_mode_without_the_max_pack_is_refused_with_code_504(ayrshare: Served) -> None:
    refused = await create(ayrshare, mode="connect", network="tiktok")
    assert (refused.status, refused.body["code"]) == (403, 504)


async def test_connect_mode_for_x_takes_the_keys_of_an_own_app(ayrshare: Served) -> None:
    ayrshare.local.max_pack = True
    assert (await create(ayrshare, mode="connect", network="twitter")).body["code"] == 101
    keys = {"X_Twitter_OAuth1_Api_Key": "key", "X_Twitter_OAuth1_Api_Secret": "secret"}
    sent, jane = {"mode": "connect", "network": "twitter"}, ayrshare.local.profiles[0]
    assert (await ayrshare.call("POST", "/profiles/link-sessions", sent, key=jane.key, **keys)).status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"mode": "connect"},
        {"mode": "list"},
        {"mode": "connect", "network": "myspace"},
        {"instagramLinkMethod": "phone"},
    ],
)
async def test_an_unknown_mode_network_or_method_is_refused(ayrshare: Served, fields: dict[str, str]) -> None:
    ayrshare.local.max_pack = True
    refused = await create(ayrshare, **fields)
    assert (refused.status, refused.body["code"]) == (400, 101)
