"""An organization closes one of its workspaces to the app, or opens it again: only that one's links and data end."""

from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import TeamId
from bot.scheduling.queue import job_entry, queue_key
from bot.storage.connection import moment_ms
from bot.workspaces.model import CHECK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import redis_of
from tests.users import Someone
from tests.workspaces.conftest import NORTH, ORGANIZATION, SOUTH, Install, MapIn, People
from tests.workspaces.test_leave import DAY, keys_of


@pytest.fixture
def admin(person_in: People) -> Someone:
    return person_in("", "ana")


@pytest.fixture
async def both(sandbox: Sandbox, install: Install, map_in: MapIn, person_in: People) -> None:
    """Ben has a link in both workspaces of the organization, whose token doesn't expire."""
    sandbox.slack.oauth.rotation = False
    await install(ORGANIZATION)
    for team in (NORTH, SOUTH):
        await map_in(team, "ben", "Acme: Jane")
        await person_in(team, "ben").types()
        await person_in(team, "ben").sees_a_card("Acme: Jane")


async def change(admin: Someone, **access: str) -> None:
    async with admin.session.post(f"{admin.url}/control/oauth", json=access) as answer:
        assert (await answer.json())["ok"]


async def served(bot: Bot, team: str, *, whether: bool) -> None:
    async def look() -> bool:
        return await bot.deps.slack.serves(TeamId(team)) is whether

    await eventually(look, f"{team} is {'open' if whether else 'closed'}")


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("overrides", [{"AYRSHARE_LINK_API": "session"}])
async def test_links_of_the_closed_workspace_end_at_once_and_its_data_after_thirty_days(
    bot: Bot, person_in: People, admin: Someone, clock: ManualClock
) -> None:
    north, south = [await person_in(team, "ben").sees_a_card() for team in (NORTH, SOUTH)]
    await change(admin, close=NORTH)
    await served(bot, NORTH, whether=False)

    async def ended() -> bool:
        async with admin.session.get(str(north.url)) as page:
            return page.status == 401

    await eventually(ended, "the link is dead")
    async with admin.session.get(str(south.url)) as page:
        assert page.status == 200
    await clock.advance(29 * DAY)
    assert "mappings" in await keys_of(bot, NORTH)
    await clock.advance(2 * DAY)

    async def gone() -> bool:
        return not await keys_of(bot, NORTH)

    await eventually(gone, "nothing of the workspace is left")
    assert "mappings" in await keys_of(bot, SOUTH)
    await person_in(SOUTH, "ben").types()
    await served(bot, SOUTH, whether=True)


@pytest.mark.usefixtures("both")
async def test_a_workspace_that_is_opened_again_keeps_its_data(
    bot: Bot, person_in: People, admin: Someone, clock: ManualClock
) -> None:
    await change(admin, close=NORTH)
    await served(bot, NORTH, whether=False)
    ben = person_in(NORTH, "ben")
    await clock.advance(10 * DAY)
    await change(admin, open=NORTH)
    await served(bot, NORTH, whether=True)
    await clock.advance(31 * DAY)
    assert "mappings" in await keys_of(bot, NORTH)
    await ben.types()
    await ben.sees_times(2)


@pytest.mark.usefixtures("both")
async def test_a_closing_of_which_no_event_came_is_found_out_within_a_day(
    bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    grant = sandbox.slack.oauth.grant_in(ORGANIZATION)
    assert grant is not None
    grant.closed = {NORTH}
    await clock.advance(timedelta(hours=1))
    await check_is_planned(bot, clock)
    await clock.advance(DAY)
    await served(bot, NORTH, whether=False)
    await served(bot, SOUTH, whether=True)


async def check_is_planned(bot: Bot, clock: ManualClock) -> None:
    async def look() -> bool:
        due = await redis_of(bot).zscore(queue_key(TeamId(ORGANIZATION)), job_entry(CHECK))
        return due is not None and float(due) <= moment_ms(clock.now() + DAY)

    await eventually(look, "the next look is within a day")


@pytest.mark.usefixtures("both")
async def test_a_workspace_with_an_installation_of_its_own_stays(
    bot: Bot, install: Install, person_in: People, admin: Someone, clock: ManualClock
) -> None:
    await install(NORTH)
    await change(admin, close=NORTH)
    await eventually_own(bot)
    await clock.advance(31 * DAY)
    assert "mappings" in await keys_of(bot, NORTH)
    assert await bot.deps.slack.serves(TeamId(NORTH))


async def eventually_own(bot: Bot) -> None:
    async def look() -> bool:
        return await bot.deps.installations.workspaces(TeamId(ORGANIZATION)) == (SOUTH,)

    await eventually(look, "the organization's installation is for the other workspace only")
