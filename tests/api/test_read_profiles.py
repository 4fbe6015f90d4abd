"""An app reads which profiles it may use, and the health of their accounts."""

from datetime import timedelta

from bot.ayrshare.model import Profile
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.api.conftest import MakeApp
from tests.clock import ManualClock
from tests.conftest import Map


async def test_profiles_are_listed_page_by_page(app: App, mapped: Map) -> None:
    profiles = [await mapped("ben", title) for title in ("Acme: Jane", "Acme: Team", "Globex")]
    wanted = sorted((one.ref_id, one.title) for one in profiles)
    first = (await app.asks("GET", "/profiles?limit=2")).body
    assert [(one["ref_id"], one["title"]) for one in first["profiles"]] == wanted[:2]
    assert {one["health"] for one in first["profiles"]} == {"unknown"}
    second = (await app.asks("GET", f"/profiles?limit=2&after={first['next']}")).body
    assert [(one["ref_id"], one["title"]) for one in second["profiles"]] == wanted[2:]
    assert second["next"] == ""


async def test_a_key_for_some_profiles_lists_and_reads_those(app_with: MakeApp, mapped: Map) -> None:
    his, hers = await mapped("ben", "Acme: Jane"), await mapped("cara", "Globex")
    app = await app_with("--profiles", hers.ref_id)
    assert [one["ref_id"] for one in (await app.asks("GET", "/profiles")).body["profiles"]] == [hers.ref_id]
    hidden, unknown = await app.asks("GET", f"/profiles/{his.ref_id}"), await app.asks("GET", "/profiles/nothing")
    assert (hidden.status, hidden.problem) == (404, "no_such_profile")
    assert hidden.body == unknown.body


async def health_of(app: App, profile: Profile) -> tuple[str, dict[str, str]]:
    said = (await app.asks("GET", f"/profiles/{profile.ref_id}")).body
    assert (said["ref_id"], said["title"]) == (profile.ref_id, profile.title)
    return said["health"], {one["network"]: one["health"] for one in said["accounts"]}


async def test_accounts_and_their_health(app: App, mapped: Map, sandbox: Sandbox, clock: ManualClock) -> None:
    jane, team = await mapped("ben", "Acme: Jane"), await mapped("ben", "Acme: Team")
    globex, initech = await mapped("ben", "Globex"), await mapped("ben", "Initech")
    assert await health_of(app, jane) == ("expires_soon", {"instagram": "connected", "linkedin": "expires_soon"})
    assert await health_of(app, team) == ("disconnected", {"facebook": "connected", "tiktok": "disconnected"})
    assert await health_of(app, initech) == ("nothing_connected", {})
    assert await health_of(app, globex) == ("connected", {"youtube": "connected"})
    known = next(one for one in sandbox.ayrshare.profiles if one.title == "Globex")
    del known.accounts["youtube"]
    clock.jump(timedelta(minutes=2))
    assert await health_of(app, globex) == ("disconnected", {"youtube": "disconnected"})
    listed = (await app.asks("GET", "/profiles")).body["profiles"]
    assert {one["title"]: one["health"] for one in listed} == {
        "Acme: Jane": "expires_soon",
        "Acme: Team": "disconnected",
        "Globex": "disconnected",
        "Initech": "nothing_connected",
    }


async def test_a_profile_that_ayrshare_no_longer_knows_is_gone(app: App, mapped: Map, sandbox: Sandbox) -> None:
    profile = await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add("profile_gone", times=None)
    assert (await app.asks("GET", f"/profiles/{profile.ref_id}")).body["health"] == "gone"


async def test_every_refusal_below_the_prefix_is_a_problem(app: App) -> None:
    unknown, wrong = await app.asks("GET", "/nothing"), await app.asks("PUT", "/links")
    assert (unknown.status, unknown.problem) == (404, "not_found")
    assert (wrong.status, wrong.problem, wrong.headers["Allow"]) == (405, "method_not_allowed", "POST")
