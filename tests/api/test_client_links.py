"""An app makes a client link, whose page works like every other one, and revokes it."""

import pytest

from bot.app import Bot
from tests.api.apps import App
from tests.api.conftest import MakeApp
from tests.client_links.browser import PUBLIC_URL, Browser
from tests.clock import ManualClock
from tests.commands import command
from tests.conftest import Map

pytestmark = pytest.mark.parametrize("overrides", [{"PUBLIC_URL": PUBLIC_URL}])


async def test_its_page_names_the_app_and_makes_a_link(app: App, mapped: Map, bot: Bot) -> None:
    profile = await mapped("ben", "Acme: Jane")
    asked = {"profile": profile.ref_id, "networks": ["tiktok"], "days": 1, "uses": 2, "client": "Jane", "note": "Hello"}
    said = await app.asks("POST", "/client-links", json=asked)
    assert said.status == 201
    assert said.body["url"].startswith(f"{PUBLIC_URL}/c/")
    assert said.body["profile"] == {"ref_id": profile.ref_id, "title": "Acme: Jane"}
    browser = Browser(app.session, app.url)
    page = await browser.opens(said.body["url"])
    assert "Bubble" in page.words
    assert "TikTok" in page.words
    await browser.opens_and_presses(said.body["url"])
    assert (await app.asks("DELETE", f"/client-links/{said.body['id']}")).status == 204
    assert (await browser.opens(said.body["url"])).status == 404
    assert (await app.asks("DELETE", f"/client-links/{said.body['id']}")).status == 204


async def test_no_other_app_revokes_it(app: App, app_with: MakeApp, mapped: Map, bot: Bot) -> None:
    profile = await mapped("ben", "Acme: Jane")
    made = (await app.asks("POST", "/client-links", json={"profile": profile.ref_id})).body
    other = await app_with()
    assert (await other.asks("DELETE", f"/client-links/{made['id']}")).problem == "no_such_link"
    assert (await Browser(app.session, app.url).opens(made["url"])).status == 200


async def test_a_key_for_other_profiles_makes_none(app_with: MakeApp, mapped: Map, bot: Bot) -> None:
    profile = await mapped("ben", "Acme: Jane")
    other = await mapped("cara", "Globex")
    app = await app_with("--profiles", other.ref_id)
    assert (await app.asks("POST", "/client-links", json={"profile": profile.ref_id})).status == 404


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 31}, {"uses": 0}, {"uses": 101}, {"client": "x" * 61}])
async def test_limits_are_told(app: App, mapped: Map, bot: Bot, wrong: dict[str, object]) -> None:
    profile = await mapped("ben", "Acme: Jane")
    assert (await app.asks("POST", "/client-links", json={"profile": profile.ref_id} | wrong)).status == 422


@pytest.mark.parametrize("ends_by", ["revoking", "expiring"])
async def test_a_key_that_ends_ends_what_it_made(
    app_with: MakeApp, mapped: Map, bot: Bot, environment: dict[str, str], clock: ManualClock, ends_by: str
) -> None:
    app, profile = await app_with("--days", "1"), await mapped("ben", "Acme: Jane")
    made = (await app.asks("POST", "/client-links", json={"profile": profile.ref_id})).body
    browser = Browser(app.session, app.url)
    form = (await browser.opens(made["url"])).form
    (key, _), *_ = await bot.deps.api_keys.all(next(iter(await bot.deps.mappings.teams())))
    if ends_by == "revoking":
        assert (await command("api-keys", "revoke", key.id, environment=environment)).code == 0
    else:
        clock.jump_seconds(2 * 86_400)  # the key is by the real clock
        form = (await browser.opens(made["url"])).form
    assert (await browser.presses(made["url"], form)).status == 404
    assert (await browser.opens(made["url"])).status == 404
