"""The endpoints about profiles, with the newer and the older paths, and `GET /user`."""

from datetime import timedelta

import pytest

from tests.sandbox.ayrshare.serving import Served


async def titles(ayrshare: Served, query: str = "") -> list[str]:
    return [row["title"] for row in (await ayrshare.call("GET", f"/profiles{query}")).body["profiles"]]


@pytest.mark.parametrize("path", ["/profiles", "/profiles/profile", "/profiles/create-profile"])
async def test_the_key_of_a_new_profile_is_returned_only_once(ayrshare: Served, path: str) -> None:
    created = (await ayrshare.call("POST", path, {"title": "Hooli", "source": "npm"})).body
    assert (created["status"], created["title"], created["messagingActive"]) == ("success", "Hooli", False)
    assert len(created["refId"]) == 40
    assert [len(group) for group in created["profileKey"].split("-")] == [6, 8, 7, 7]
    assert created["profileKey"] not in (await ayrshare.call("GET", "/profiles")).text
    assert created["profileKey"] not in (await ayrshare.call("GET", "/user", key=created["profileKey"])).text


async def test_titles_are_unique(ayrshare: Served) -> None:
    assert (await ayrshare.call("POST", "/profiles", {"title": "Globex"})).body["code"] == 146
    globex, initech = ayrshare.local.profiles[2:]
    assert (await ayrshare.call("PATCH", "/profiles", {"title": "Globex"}, key=initech.key)).body["code"] == 146
    assert (await ayrshare.call("PATCH", "/profiles", {"title": "Globex"}, key=globex.key)).status == 200


@pytest.mark.parametrize("field", ["disableSocial", "tags"])
async def test_settings_that_are_not_an_array_are_rejected(ayrshare: Served, field: str) -> None:
    assert (await ayrshare.call("POST", "/profiles", {"title": "Hooli", field: "tiktok"})).status == 400
    assert "Hooli" not in await titles(ayrshare)


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/profiles"), ("PUT", "/profiles/profile")])
@pytest.mark.parametrize("where", ["body", "header"])
async def test_a_profile_is_renamed(ayrshare: Served, method: str, path: str, where: str) -> None:
    globex = ayrshare.local.profiles[2]
    fields = {"title": "Globex 2", "displayTitle": "G2", "hideTitle": True}
    named = {"profileKey": globex.key} if where == "body" else {}
    reply = await ayrshare.call(method, path, fields | named, key=None if where == "body" else globex.key)
    assert reply.body == {"status": "success", "refId": globex.ref_id}
    assert "Globex 2" in await titles(ayrshare)


async def test_without_a_key_nothing_is_renamed(ayrshare: Served) -> None:
    assert (await ayrshare.call("PATCH", "/profiles", {"title": "Mine"})).status == 400


@pytest.mark.parametrize("path", ["/profiles", "/profiles/profile", "/profiles/delete-profile"])
@pytest.mark.parametrize("by", ["header", "title", "key"])
async def test_a_deleted_profile_is_unknown_to_every_call(ayrshare: Served, path: str, by: str) -> None:
    globex = ayrshare.local.profiles[2]
    body = {"header": None, "title": {"title": "Globex"}, "key": {"profileKey": globex.key}}[by]
    reply = await ayrshare.call("DELETE", path, body, key=globex.key if by == "header" else None)
    assert reply.body == {"status": "success", "refId": globex.ref_id}
    assert "Globex" not in await titles(ayrshare)
    assert (await ayrshare.call("GET", "/user", key=globex.key)).status == 403


async def test_an_unknown_title_deletes_nothing(ayrshare: Served) -> None:
    assert (await ayrshare.call("DELETE", "/profiles", {"title": "globex"})).status == 404


async def test_the_ninth_deletion_in_a_second_is_rejected(ayrshare: Served) -> None:
    for number in range(9):
        await ayrshare.call("POST", "/profiles", {"title": f"Hooli {number}"})
    statuses = [(await ayrshare.call("DELETE", "/profiles", {"title": f"Hooli {n}"})).status for n in range(9)]
    assert statuses == [200] * 8 + [429]
    await ayrshare.clock.advance(timedelta(seconds=1))
    assert (await ayrshare.call("DELETE", "/profiles", {"title": "Hooli 8"})).status == 200


async def test_unlinking_an_account_that_is_not_connected_succeeds(ayrshare: Served) -> None:
    globex = ayrshare.local.profiles[2]
    for _ in range(2):
        reply = await ayrshare.call("DELETE", "/profiles/social", {"platform": "youtube"}, key=globex.key)
        assert reply.body == {"status": "success", "platform": "youtube", "refId": globex.ref_id}
    assert "activeSocialAccounts" not in (await ayrshare.call("GET", "/user", key=globex.key)).body


async def test_unlinking_without_a_profile_key_affects_the_primary_profile(ayrshare: Served) -> None:
    await ayrshare.call("DELETE", "/profiles/social", {"platform": "facebook"})
    assert "facebook" not in (await ayrshare.call("GET", "/user")).body["activeSocialAccounts"]
    assert "facebook" in ayrshare.local.profiles[1].accounts


async def test_the_primary_profile_has_the_fields_that_the_official_script_looks_for(ayrshare: Served) -> None:
    user = (await ayrshare.call("GET", "/user?instagramQuota=true")).body
    common = {"created", "displayName", "id", "platform", "profileUrl", "userImage"}
    fields = {row["platform"]: set(row) for row in user["displayNames"]}
    assert list(fields) == user["activeSocialAccounts"]
    assert len(fields) == 11
    assert common <= fields["facebook"]
    assert common | {"refreshDaysRemaining", "refreshRequired"} == fields["fbg"]
    assert {"created", "displayName", "platform"} == fields["gmb"]
    assert common | {"usedQuota", "username"} == fields["instagram"]
    assert common | {"refreshDaysRemaining", "type"} == fields["linkedin"]
    assert (common - {"id"}) | {"username"} == fields["reddit"]
    assert (common - {"userImage"}) | {"type"} == fields["telegram"]
    assert (user["title"], user["monthlyApiCalls"]) == ("Primary Profile", 1)
    assert set(user["created"]) == {"_seconds", "_nanoseconds", "utc"}


async def test_quotas_are_returned_only_on_request_in_any_spelling(ayrshare: Served) -> None:
    async def has_quota(query: str) -> bool:
        rows = (await ayrshare.call("GET", f"/user{query}")).body["displayNames"]
        return any("usedQuota" in row for row in rows)

    assert not await has_quota("")
    assert not await has_quota("?instagramQuota=false")
    assert await has_quota("?instagramQuota=True&source=pypi")
    assert await has_quota("?instagramDetails=true")


async def test_the_profile_key_selects_the_profile(ayrshare: Served) -> None:
    for profile in ayrshare.local.profiles:
        user = (await ayrshare.call("GET", "/user", key=profile.key)).body
        assert (user["title"], user["refId"]) == (profile.title, profile.ref_id)


async def test_a_profile_without_accounts_has_no_list_of_accounts(ayrshare: Served) -> None:
    user = (await ayrshare.call("GET", "/user", key=ayrshare.local.profiles[3].key)).body
    assert "activeSocialAccounts" not in user


async def test_the_days_until_a_new_sign_in_decrease(ayrshare: Served) -> None:
    async def days() -> list[int]:
        user = (await ayrshare.call("GET", "/user", key=ayrshare.local.profiles[0].key)).body
        return [row["refreshDaysRemaining"] for row in user["displayNames"] if row["platform"] == "linkedin"]

    assert await days() == [9]
    await ayrshare.clock.advance(timedelta(days=2, hours=1))
    assert await days() == [7]
    ayrshare.local.profiles[0].connect("linkedin", at=ayrshare.clock.now())
    assert await days() == [365]


async def test_an_overdue_sign_in_is_flagged(ayrshare: Served) -> None:
    user = (await ayrshare.call("GET", "/user", key=ayrshare.local.profiles[1].key)).body
    assert [row["platform"] for row in user["displayNames"] if row.get("refreshRequired")] == ["tiktok"]
