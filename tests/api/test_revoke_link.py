"""An app takes back a link that it has got; and links of apps end with the right to them."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.mappings.unmap import unmap
from bot.people.page_reader import PERSON_CHANGED
from bot.scheduling.job import Job
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.api.conftest import MakeApp
from tests.clock import ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.mappings.removal_helpers import SESSION, page_of
from tests.redis_probe import TEAM, trail
from tests.users import Someone

BEN, ANA = "U0BEN0001", "U0ANA0001"
BY_SESSION = pytest.mark.parametrize("overrides", [SESSION], ids=["session"])


@BY_SESSION
async def test_a_link_session_is_dead_then(app: App, mapped: Map, ben: Someone, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    link = (await app.asks_for_link(user=BEN)).body
    assert await page_of(ben, link["url"]) == 200
    assert (await app.takes_back(link["id"])).status == 204
    assert await page_of(ben, link["url"]) == 401
    assert (await app.takes_back(link["id"])).status == 204
    assert [row.by[:4] for row in await trail(bot, "link_taken_back")] == ["key-"]


async def test_a_link_by_jwt_cannot_be_taken_back_until_it_expires(app: App, mapped: Map, clock: ManualClock) -> None:
    await mapped("ben", "Acme: Jane")
    link = (await app.asks_for_link(user=BEN)).body
    said = await app.takes_back(link["id"])
    assert (said.status, said.problem) == (409, "not_taken_back")
    clock.jump(timedelta(minutes=6))
    assert (await app.takes_back(link["id"])).status == 204


@BY_SESSION
async def test_where_ayrshare_fails_the_link_is_still_there(app: App, mapped: Map, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    link = (await app.asks_for_link(user=BEN)).body
    sandbox.ayrshare.faults.add("plan", times=None)
    assert (await app.takes_back(link["id"])).status == 502
    sandbox.ayrshare.faults.clear()
    assert (await app.takes_back(link["id"])).status == 204


@BY_SESSION
async def test_nobody_takes_back_a_link_of_another_app_or_of_a_person(
    app: App, app_with: MakeApp, mapped: Map, ben: Someone, bot: Bot
) -> None:
    profile = await mapped("ben", "Acme: Jane")
    link = (await app.asks_for_link(user=BEN)).body
    other = await app_with()
    said = await other.takes_back(link["id"])
    assert (said.status, said.problem) == (404, "no_such_link")
    await ben.types()
    await ben.sees_a_card()
    (card,) = [one for one in await bot.deps.cards.live(TEAM, profile.ref_id) if not one.issued_by]
    assert (await app.takes_back(card.id)).body == (await app.takes_back("nothing")).body == said.body


@BY_SESSION
async def test_unmapping_ends_the_links_of_apps(app: App, mapped: Map, ben: Someone, bot: Bot) -> None:
    profile = await mapped("ben", "Acme: Jane")
    link = (await app.asks_for_link(user=BEN)).body
    await unmap(bot.deps, TEAM, BEN, [profile.ref_id], by=ANA)  # type: ignore[arg-type]  # ids as they are typed
    assert await page_of(ben, link["url"]) == 401


@BY_SESSION
async def test_leaving_slack_ends_them(
    app: App, mapped: Map, ben: Someone, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    link = (await app.asks_for_link(user=BEN)).body
    sandbox.slack.world.user("ben").deleted = True
    clock.jump(timedelta(minutes=2))
    await bot.deps.scheduler.plan(TEAM, Job(PERSON_CHANGED, BEN), at=clock.now())

    async def dead() -> bool:
        return await page_of(ben, link["url"]) == 401

    await eventually(dead, "the link is dead")
    assert (await app.asks_for_link(user=BEN)).problem == "not_mapped"
