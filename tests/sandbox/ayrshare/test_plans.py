"""What the plan of the account includes."""

from tests.sandbox.ayrshare.serving import Served


async def test_premium_has_no_profiles_and_no_links(ayrshare: Served) -> None:
    ayrshare.local.plan = "premium"
    assert (await ayrshare.call("GET", "/profiles")).status == 402
    assert (await ayrshare.generate()).status == 402
    assert (await ayrshare.call("GET", "/user")).status == 200


async def test_launch_has_ten_profiles(ayrshare: Served) -> None:
    ayrshare.local.plan = "launch"
    statuses = [(await ayrshare.call("POST", "/profiles", {"title": f"Brand {number}"})).status for number in range(7)]
    assert statuses == [200] * 6 + [402]
    ayrshare.local.plan = "business"
    assert (await ayrshare.call("POST", "/profiles", {"title": "Brand 7"})).status == 200


async def test_a_team_profile_needs_an_email(ayrshare: Served) -> None:
    assert (await ayrshare.call("POST", "/profiles", {"title": "Team", "team": True})).body["code"] == 101
    invited = {"title": "Team", "team": True, "email": "cara@acme.example"}
    assert (await ayrshare.call("POST", "/profiles", invited)).status == 200
