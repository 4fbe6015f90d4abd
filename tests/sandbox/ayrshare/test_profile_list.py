"""`GET /profiles`: the cached list, its filters and its pages."""

from datetime import timedelta

import pytest

from tests.sandbox.ayrshare.serving import Served


async def titles(ayrshare: Served, query: str = "") -> list[str]:
    return [row["title"] for row in (await ayrshare.call("GET", f"/profiles{query}")).body["profiles"]]


async def test_the_list_contains_neither_the_primary_profile_nor_keys(ayrshare: Served) -> None:
    reply = await ayrshare.call("GET", "/profiles")
    assert await titles(ayrshare) == ["Acme: Jane", "Acme: Team", "Globex", "Initech"]
    assert reply.body["count"] == 4
    assert not any(profile.key in reply.text for profile in ayrshare.local.profiles)
    assert "activeSocialAccounts" not in reply.body["profiles"][3]
    assert set(reply.body["profiles"][0]["created"]) == {"_seconds", "_nanoseconds"}


async def test_the_list_is_cached_for_five_minutes_while_the_profile_itself_is_not(ayrshare: Served) -> None:
    body = (await ayrshare.call("GET", "/profiles")).body
    assert (body["lastUpdated"], body["nextUpdate"]) == ("2026-11-02T09:00:00.000Z", "2026-11-02T09:05:00.000Z")
    initech = ayrshare.local.profiles[3]
    await ayrshare.http.post(await ayrshare.link(initech), data={"link": "tiktok"})
    assert (await ayrshare.call("GET", "/user", key=initech.key)).body["activeSocialAccounts"] == ["tiktok"]
    assert await titles(ayrshare, "?includesActiveSocialAccounts=tiktok") == ["Acme: Team"]
    await ayrshare.clock.advance(timedelta(minutes=5))
    assert await titles(ayrshare, "?includesActiveSocialAccounts=tiktok") == ["Acme: Team", "Initech"]


async def test_pages_are_followed_by_cursor_to_the_end(ayrshare: Served) -> None:
    first = (await ayrshare.call("GET", "/profiles?limit=3")).body
    assert first["pagination"]["hasMore"] is True
    second = (await ayrshare.call("GET", f"/profiles?limit=3&cursor={first['pagination']['nextCursor']}")).body
    assert [len(first["profiles"]), len(second["profiles"])] == [3, 1]
    assert second["pagination"] == {"hasMore": False, "limit": 3}


@pytest.mark.parametrize("query", ["?limit=many", "?limit=0", "?cursor=%21"])
async def test_an_invalid_page_is_rejected(ayrshare: Served, query: str) -> None:
    assert (await ayrshare.call("GET", f"/profiles{query}")).status == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?title=Globex", ["Globex"]),
        ("?title=globex", []),
        ("?hasActiveSocialAccounts=false", ["Initech"]),
        ("?includesActiveSocialAccounts[0]=instagram&includesActiveSocialAccounts[1]=linkedin", ["Acme: Jane"]),
        ("?includesActiveSocialAccounts=instagram&includesActiveSocialAccounts=youtube", []),
        ("?hasActiveSocialAccounts=true&source=pypi", ["Acme: Jane", "Acme: Team", "Globex"]),
    ],
)
async def test_filters_narrow_the_list(ayrshare: Served, query: str, found: list[str]) -> None:
    assert await titles(ayrshare, query) == found


async def test_a_profile_is_found_by_its_ref_id_and_by_its_key(ayrshare: Served) -> None:
    globex = ayrshare.local.profiles[2]
    assert await titles(ayrshare, f"?refId={globex.ref_id}") == ["Globex"]
    assert await titles(ayrshare, f"?profileKeys[0]={globex.key}") == ["Globex"]
