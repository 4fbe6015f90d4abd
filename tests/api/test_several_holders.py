"""A link that an app gets to a profile of several people is in the right of them all, and all of them hear of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import Bot
from bot.core.model import RefId, UserId
from bot.mappings.unmap import unmap
from bot.people.page_reader import PERSON_CHANGED
from bot.scheduling.job import Job
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.client_links.browser import PUBLIC_URL, Browser
from tests.clock import ManualClock
from tests.conftest import Map
from tests.mappings.removal_helpers import SESSION, page_of
from tests.modals import opens_home, sees_at_home
from tests.redis_probe import TEAM, idle, trail
from tests.users import Someone

ANA, BEN, CARA = UserId("U0ANA0001"), UserId("U0BEN0001"), UserId("U0CARA001")
Dm = Callable[[str], Someone]

pytestmark = pytest.mark.parametrize("overrides", [SESSION | {"PUBLIC_URL": PUBLIC_URL}], ids=["session"])


@pytest.fixture
def clock() -> ManualClock:
    """It is day where Ben is, and where Cara is."""
    return ManualClock(datetime.now(UTC).replace(hour=15, minute=0))


@pytest.fixture
async def shared(mapped: Map) -> RefId:
    """The id of a profile that Ben and Cara have."""
    await mapped("ben", "Initech")
    return (await mapped("cara", "Initech")).ref_id


async def test_a_link_to_a_profile_works_until_nobody_has_it(app: App, shared: RefId, ben: Someone, bot: Bot) -> None:
    link = (await app.asks_for_link(profile=shared)).body
    await unmap(bot.deps, TEAM, BEN, [shared], by=ANA)
    assert await page_of(ben, link["url"]) == 200
    await unmap(bot.deps, TEAM, CARA, [shared], by=ANA)
    assert await page_of(ben, link["url"]) == 401


async def test_a_link_to_a_persons_profile_ends_with_theirs(app: App, shared: RefId, ben: Someone, bot: Bot) -> None:
    link = (await app.asks_for_link(user=BEN)).body
    await unmap(bot.deps, TEAM, BEN, [shared], by=ANA)
    assert await page_of(ben, link["url"]) == 401


async def test_it_outlives_one_of_them_who_leaves_slack_and_ends_with_the_last(
    app: App, shared: RefId, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    link = (await app.asks_for_link(profile=shared)).body

    async def leaves(name: str) -> None:
        user = sandbox.slack.world.user(name)
        user.deleted = True
        clock.jump(timedelta(minutes=1, seconds=1))
        await bot.deps.scheduler.plan(TEAM, Job(PERSON_CHANGED, user.id), at=clock.now())
        await idle(bot)

    await leaves("ben")
    assert await page_of(ben, link["url"]) == 200
    await leaves("cara")
    assert await page_of(ben, link["url"]) == 401


@pytest.mark.parametrize("gone", ["unmapped", "deactivated"])
async def test_an_app_gets_links_as_long_as_anybody_has_the_profile(
    app: App, shared: RefId, bot: Bot, sandbox: Sandbox, clock: ManualClock, gone: str
) -> None:
    assert (await app.asks_for_link(profile=shared)).status == 201
    for name, status in (("ben", 201), ("cara", 404)):
        user = sandbox.slack.world.user(name)
        if gone == "unmapped":
            await unmap(bot.deps, TEAM, UserId(user.id), [shared], by=ANA)
        else:
            user.deleted = True
            clock.jump(timedelta(days=2))
        assert [(await app.asks_for_link(profile=shared)).status for _ in range(2)] == [status, status]


async def test_a_client_goes_on_though_one_of_them_loses_the_profile(
    app: App, shared: RefId, ben: Someone, bot: Bot
) -> None:
    made = (await app.asks("POST", "/client-links", json={"profile": shared})).body
    browser = Browser(app.session, app.url)
    where = await browser.opens_and_presses(made["url"])
    await unmap(bot.deps, TEAM, BEN, [shared], by=ANA)
    assert await page_of(ben, where) == 200
    assert (await browser.opens(made["url"])).status == 200
    await unmap(bot.deps, TEAM, CARA, [shared], by=ANA)
    assert await page_of(ben, where) == 401
    assert (await browser.opens(made["url"])).status == 404


async def test_all_of_them_read_the_receipt(app: App, shared: RefId, dm: Dm, clock: ManualClock) -> None:
    await app.asks_for_link(profile=shared, notify=True)
    seen = {name: await dm(name).sees("Bubble got a link") for name in ("ben", "cara")}
    await clock.advance(timedelta(minutes=6))
    for name, first in seen.items():
        assert (await dm(name).sees("has expired unopened")).ts == first.ts


async def test_all_of_them_read_what_a_client_of_an_apps_client_link_did(
    app: App, shared: RefId, dm: Dm, clock: ManualClock, sandbox: Sandbox, bot: Bot
) -> None:
    asked = {"profile": shared, "client": "Jane", "notify": True}
    made = (await app.asks("POST", "/client-links", json=asked)).body
    where = await Browser(app.session, app.url).opens_and_presses(made["url"])
    seen = {name: await dm(name).sees("Jane opened a client link of Bubble.") for name in ("ben", "cara")}
    await idle(bot)
    async with app.session.post(where, data={"link": "tiktok"}) as answer:
        assert answer.status == 200
    await clock.advance(timedelta(minutes=6))
    for name, first in seen.items():
        assert (await dm(name).sees("Jane connected TikTok")).ts == first.ts


async def test_who_loses_the_profile_at_night_reads_nothing_of_it_in_the_morning(
    app: App, shared: RefId, dm: Dm, clock: ManualClock, sandbox: Sandbox, bot: Bot
) -> None:
    made = (await app.asks("POST", "/client-links", json={"profile": shared, "client": "Jane", "notify": True})).body
    await clock.advance(timedelta(hours=10))
    await Browser(app.session, app.url).opens_and_presses(made["url"])
    await idle(bot)
    assert sandbox.received("chat.postMessage") == []
    await unmap(bot.deps, TEAM, BEN, [shared], by=ANA)
    await clock.advance(timedelta(hours=13))
    await dm("cara").sees("Jane opened a client link of Bubble.")
    await idle(bot)
    assert not any("Jane" in str(message) for message in await dm("ben").messages())


async def test_without_notify_nobody_reads_of_an_apps_client_link(
    app: App, shared: RefId, sandbox: Sandbox, bot: Bot
) -> None:
    made = (await app.asks("POST", "/client-links", json={"profile": shared})).body
    await Browser(app.session, app.url).opens_and_presses(made["url"])
    await idle(bot)
    assert sandbox.received("chat.postMessage") == []


async def test_the_audit_log_and_the_list_name_the_app(app: App, shared: RefId, ana: Someone, bot: Bot) -> None:
    await app.asks_for_link(profile=shared)
    await app.asks("POST", "/client-links", json={"profile": shared})
    (key, _), *_ = await bot.deps.api_keys.all(TEAM)
    rows = await trail(bot, "link_issued", "client_link_made")
    assert {(row.by, row.owner, row.ref_id) for row in rows} == {(f"key-{key.id}", None, shared)}
    await opens_home(ana)
    home = await sees_at_home(ana, "Last changes")
    assert f"The API key {key.id} made a client link for *Initech*" in home.words
    assert f"The API key {key.id} got a link for *Initech*" in home.words


async def test_another_account_than_before_is_said_to_all_of_them(
    app: App, mapped: Map, dm: Dm, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    profile = await mapped("ben", "Globex")
    await mapped("cara", "Globex")
    assert (await app.asks("GET", f"/profiles/{profile.ref_id}")).status == 200
    link = (await app.asks_for_link(profile=profile.ref_id)).body
    await idle(bot)
    assert await page_of(dm("ben"), link["url"]) == 200
    known = next(one for one in sandbox.ayrshare.profiles if one.ref_id == profile.ref_id)
    known.connect("youtube", at=clock.now(), name="Eve")
    clock.jump(timedelta(minutes=2))
    assert (await app.asks("GET", f"/profiles/{profile.ref_id}")).status == 200
    await idle(bot)
    await clock.advance(timedelta(minutes=2))
    for name in ("ben", "cara"):
        await dm(name).sees("Eve")
