"""The endpoints about profiles, by the newer and the older paths."""

from datetime import timedelta

import pytest

from tests.sandbox.ayrshare.serving import Served


async def titles(ayrshare: Served, query: str = "") -> list[str]:
    return [row["title"] for row in (await ayrshare.ask("GET", f"/profiles{query}")).body["profiles"]]


@pytest.mark.parametrize("path", ["/profiles", "/profiles/profile", "/profiles/create-profile"])
async def test_a_new_profile_gets_its_key_once(ayrshare: Served, path: str) -> None:
    created = (await ayrshare.ask("POST", path, {"title": "Hooli", "source": "npm"})).body
    assert (created["status"], created["title"], created["messagingActive"]) == ("success", "Hooli", False)
    assert len(created["refId"]) == 40
    assert [len(group) for group in created["profileKey"].split("-")] == [6, 8, 7, 7]
    assert created["profileKey"] not in (await ayrshare.ask("GET", "/profiles")).text
    assert created["profileKey"] not in (await ayrshare.ask("GET", "/user", key=created["profileKey"])).text


async def test_a_title_is_taken_only_once(ayrshare: Served) -> None:
    assert (await ayrshare.ask("POST", "/profiles", {"title": "Globex"})).body["code"] == 146
    globex, initech = ayrshare.local.profiles[2:]
    assert (await ayrshare.ask("PATCH", "/profiles", {"title": "Globex"}, key=initech.key)).body["code"] == 146
    assert (await ayrshare.ask("PATCH", "/profiles", {"title": "Globex"}, key=globex.key)).status == 200


@pytest.mark.parametrize("field", ["disableSocial", "tags"])
async def test_settings_that_are_no_list_are_refused(ayrshare: Served, field: str) -> None:
    assert (await ayrshare.ask("POST", "/profiles", {"title": "Hooli", field: "tiktok"})).status == 400
    assert "Hooli" not in await titles(ayrshare)


async def test_the_list_has_neither_the_primary_profile_nor_keys(ayrshare: Served) -> None:
    reply = await ayrshare.ask("GET", "/profiles")
    assert await titles(ayrshare) == ["Acme: Jane", "Acme: Team", "Globex", "Initech"]
    assert reply.body["count"] == 4
    assert not any(profile.key in reply.text for profile in ayrshare.local.profiles)
    assert "activeSocialAccounts" not in reply.body["profiles"][3]
    assert set(reply.body["profiles"][0]["created"]) == {"_seconds", "_nanoseconds"}


async def test_the_list_is_five_minutes_old_while_the_profile_itself_is_live(ayrshare: Served) -> None:
    told = (await ayrshare.ask("GET", "/profiles")).body
    assert (told["lastUpdated"], told["nextUpdate"]) == ("2026-11-02T09:00:00.000Z", "2026-11-02T09:05:00.000Z")
    initech = ayrshare.local.profiles[3]
    await ayrshare.http.post(await ayrshare.link(initech), data={"link": "tiktok"})
    assert (await ayrshare.ask("GET", "/user", key=initech.key)).body["activeSocialAccounts"] == ["tiktok"]
    assert await titles(ayrshare, "?includesActiveSocialAccounts=tiktok") == ["Acme: Team"]
    ayrshare.clock.advance(timedelta(minutes=5))
    assert await titles(ayrshare, "?includesActiveSocialAccounts=tiktok") == ["Acme: Team", "Initech"]


async def test_pages_follow_one_another_to_the_end(ayrshare: Served) -> None:
    first = (await ayrshare.ask("GET", "/profiles?limit=3")).body
    assert first["pagination"]["hasMore"] is True
    second = (await ayrshare.ask("GET", f"/profiles?limit=3&cursor={first['pagination']['nextCursor']}")).body
    assert [len(first["profiles"]), len(second["profiles"])] == [3, 1]
    assert second["pagination"] == {"hasMore": False, "limit": 3}


@pytest.mark.parametrize("query", ["?limit=many", "?limit=0", "?cursor=%21"])
async def test_a_senseless_page_is_refused(ayrshare: Served, query: str) -> None:
    assert (await ayrshare.ask("GET", f"/profiles{query}")).status == 400


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


async def test_a_profile_is_found_by_its_ref_id_and_as_the_official_script_does_by_its_key(ayrshare: Served) -> None:
    globex = ayrshare.local.profiles[2]
    assert await titles(ayrshare, f"?refId={globex.ref_id}") == ["Globex"]
    assert await titles(ayrshare, f"?profileKeys[0]={globex.key}") == ["Globex"]


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/profiles"), ("PUT", "/profiles/profile")])
@pytest.mark.parametrize("where", ["body", "header"])
async def test_a_profile_is_renamed(ayrshare: Served, method: str, path: str, where: str) -> None:
    globex = ayrshare.local.profiles[2]
    fields = {"title": "Globex 2", "displayTitle": "G2", "hideTitle": True}
    named = {"profileKey": globex.key} if where == "body" else {}
    reply = await ayrshare.ask(method, path, fields | named, key=None if where == "body" else globex.key)
    assert reply.body == {"status": "success", "refId": globex.ref_id}
    assert "Globex 2" in await titles(ayrshare)


async def test_without_a_key_nothing_is_renamed(ayrshare: Served) -> None:
    assert (await ayrshare.ask("PATCH", "/profiles", {"title": "Mine"})).status == 400


@pytest.mark.parametrize("path", ["/profiles", "/profiles/profile", "/profiles/delete-profile"])
@pytest.mark.parametrize("by", ["header", "title", "key"])
async def test_a_deleted_profile_is_gone_for_every_call(ayrshare: Served, path: str, by: str) -> None:
    globex = ayrshare.local.profiles[2]
    body = {"header": None, "title": {"title": "Globex"}, "key": {"profileKey": globex.key}}[by]
    reply = await ayrshare.ask("DELETE", path, body, key=globex.key if by == "header" else None)
    assert reply.body == {"status": "success", "refId": globex.ref_id}
    assert "Globex" not in await titles(ayrshare)
    assert (await ayrshare.ask("GET", "/user", key=globex.key)).status == 403


async def test_an_unknown_title_deletes_nothing(ayrshare: Served) -> None:
    assert (await ayrshare.ask("DELETE", "/profiles", {"title": "globex"})).status == 404


async def test_a_ninth_deletion_in_a_second_is_too_many(ayrshare: Served) -> None:
    for number in range(9):
        await ayrshare.ask("POST", "/profiles", {"title": f"Hooli {number}"})
    gone = [(await ayrshare.ask("DELETE", "/profiles", {"title": f"Hooli {n}"})).status for n in range(9)]
    assert gone == [200] * 8 + [429]
    ayrshare.clock.advance(timedelta(seconds=1))
    assert (await ayrshare.ask("DELETE", "/profiles", {"title": "Hooli 8"})).status == 200


async def test_unlinking_what_is_not_linked_is_fine(ayrshare: Served) -> None:
    globex = ayrshare.local.profiles[2]
    for _ in range(2):
        reply = await ayrshare.ask("DELETE", "/profiles/social", {"platform": "youtube"}, key=globex.key)
        assert reply.body == {"status": "success", "platform": "youtube", "refId": globex.ref_id}
    assert "activeSocialAccounts" not in (await ayrshare.ask("GET", "/user", key=globex.key)).body


async def test_unlinking_without_a_profile_key_hits_the_primary_profile(ayrshare: Served) -> None:
    await ayrshare.ask("DELETE", "/profiles/social", {"platform": "facebook"})
    assert "facebook" not in (await ayrshare.ask("GET", "/user")).body["activeSocialAccounts"]
    assert "facebook" in ayrshare.local.profiles[1].accounts
