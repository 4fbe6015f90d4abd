"""`GET /user`: a profile's networks at this very moment."""

from datetime import timedelta

from tests.sandbox.ayrshare.serving import Served


async def test_the_primary_profile_tells_what_the_official_script_looks_for(ayrshare: Served) -> None:
    told = (await ayrshare.ask("GET", "/user?instagramQuota=true")).body
    usual = {"created", "displayName", "id", "platform", "profileUrl", "userImage"}
    fields = {row["platform"]: set(row) for row in told["displayNames"]}
    assert list(fields) == told["activeSocialAccounts"]
    assert len(fields) == 11
    assert usual <= fields["facebook"]
    assert usual | {"refreshDaysRemaining", "refreshRequired"} == fields["fbg"]
    assert {"created", "displayName", "platform"} == fields["gmb"]
    assert usual | {"usedQuota", "username"} == fields["instagram"]
    assert usual | {"refreshDaysRemaining", "type"} == fields["linkedin"]
    assert (usual - {"id"}) | {"username"} == fields["reddit"]
    assert (usual - {"userImage"}) | {"type"} == fields["telegram"]
    assert (told["title"], told["monthlyApiCalls"]) == ("Primary Profile", 1)
    assert set(told["created"]) == {"_seconds", "_nanoseconds", "utc"}


async def test_quotas_are_told_only_when_asked_for_in_whatever_spelling(ayrshare: Served) -> None:
    async def told(query: str) -> bool:
        rows = (await ayrshare.ask("GET", f"/user{query}")).body["displayNames"]
        return any("usedQuota" in row for row in rows)

    assert not await told("")
    assert not await told("?instagramQuota=false")
    assert await told("?instagramQuota=True&source=pypi")
    assert await told("?instagramDetails=true")


async def test_the_profile_key_selects_the_profile(ayrshare: Served) -> None:
    for profile in ayrshare.local.profiles:
        told = (await ayrshare.ask("GET", "/user", key=profile.key)).body
        assert (told["title"], told["refId"]) == (profile.title, profile.ref_id)


async def test_nothing_linked_is_told_by_saying_nothing(ayrshare: Served) -> None:
    told = (await ayrshare.ask("GET", "/user", key=ayrshare.local.profiles[3].key)).body
    assert "activeSocialAccounts" not in told


async def test_the_days_until_a_new_sign_in_pass(ayrshare: Served) -> None:
    async def days() -> list[int]:
        told = (await ayrshare.ask("GET", "/user", key=ayrshare.local.profiles[0].key)).body
        return [row["refreshDaysRemaining"] for row in told["displayNames"] if row["platform"] == "linkedin"]

    assert await days() == [9]
    ayrshare.clock.advance(timedelta(days=2, hours=1))
    assert await days() == [7]


async def test_a_sign_in_that_is_overdue_is_told(ayrshare: Served) -> None:
    told = (await ayrshare.ask("GET", "/user", key=ayrshare.local.profiles[1].key)).body
    assert [row["platform"] for row in told["displayNames"] if row.get("refreshRequired")] == ["tiktok"]
