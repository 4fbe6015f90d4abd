"""A workspace uninstalls the app: tokens and links end at once, data goes after 30 days, or stays if it comes back."""

from contextlib import suppress
from datetime import timedelta

import pytest

from bot.app import Bot
from bot.core.model import TeamId
from bot.workspaces.model import CHECK_INSTALLATION
from sandbox.server import Sandbox
from sandbox.slack.api_types import ErrorResponse
from tests.clock import ManualClock
from tests.commands import command
from tests.eventually import eventually
from tests.redis_probe import redis_of
from tests.time_travel import planned
from tests.users import Someone
from tests.workspaces.conftest import FIRST, NORTH, ORGANIZATION, SECOND, SOUTH, Install, MapIn, People

DAY = timedelta(days=1)


async def keys_of(bot: Bot, team: str) -> set[str]:
    found = [str(key) async for key in redis_of(bot).scan_iter(f"connectbot:{{{team}}}:*", count=1000)]
    return {key.split(":")[2] for key in found}


async def bot_has_a_working_token(bot: Bot, sandbox: Sandbox, place: str) -> None:
    async def look() -> bool:
        found = await bot.deps.installations.installed(TeamId(place))
        with suppress(ErrorResponse):
            return found is not None and bool(sandbox.slack.oauth.grant_of(found.bot.bot_token))
        return False

    await eventually(look, f"the token of {place} is renewed")


async def left(bot: Bot, place: str) -> None:
    async def look() -> bool:
        return await bot.deps.installations.installed(TeamId(place)) is None

    await eventually(look, f"{place} has no token any more")


@pytest.fixture
def admin(person_in: People) -> Someone:
    return person_in("", "ana")


async def control(admin: Someone, place: str) -> None:
    async with admin.session.post(f"{admin.url}/control/oauth", json={"uninstall": place}) as answer:
        assert (await answer.json())["ok"]


@pytest.mark.parametrize("overrides", [{"AYRSHARE_LINK_API": "session"}])
async def test_tokens_and_links_end_at_once(
    install: Install, bot: Bot, sandbox: Sandbox, person_in: People, map_in: MapIn, admin: Someone
) -> None:
    await install(FIRST)
    await install(SECOND)
    for team in (FIRST, SECOND):
        await map_in(team, "ben", "Acme: Jane")
        await person_in(team, "ben").types()
    card = await person_in(SECOND, "ben").sees_a_card()
    kept = await person_in(FIRST, "ben").sees_a_card()
    await control(admin, SECOND)
    await left(bot, SECOND)

    async def ended() -> bool:
        async with admin.session.get(str(card.url)) as page:
            return page.status == 401

    await eventually(ended, "the link is dead")
    async with admin.session.get(str(kept.url)) as page:
        assert page.status == 200
    assert await bot.deps.slack.serves(TeamId(FIRST))


async def test_data_goes_after_thirty_days(
    install: Install, bot: Bot, person_in: People, map_in: MapIn, admin: Someone, clock: ManualClock
) -> None:
    await install(FIRST)
    await install(SECOND)
    for team in (FIRST, SECOND):
        await map_in(team, "ben", "Acme: Jane")
    await control(admin, SECOND)
    await left(bot, SECOND)
    assert {"mappings", "profiles", "jobs"} <= await keys_of(bot, SECOND)
    await clock.advance(29 * DAY)
    assert {"mappings", "profiles"} <= await keys_of(bot, SECOND)
    await clock.advance(DAY)

    async def gone() -> bool:
        return not await keys_of(bot, SECOND) and await bot.deps.mappings.teams() == (FIRST,)

    await eventually(gone, "nothing of the workspace is left, nor is it listed")
    assert {"mappings", "profiles"} <= await keys_of(bot, FIRST)


async def test_a_workspace_that_comes_back_within_that_time_finds_its_data(
    install: Install, bot: Bot, sandbox: Sandbox, person_in: People, map_in: MapIn, admin: Someone, clock: ManualClock
) -> None:
    await install(SECOND)
    await map_in(SECOND, "ben", "Acme: Jane")
    await control(admin, SECOND)
    await left(bot, SECOND)
    await clock.advance(20 * DAY)
    await install(SECOND)
    await clock.advance(11 * DAY)
    await bot_has_a_working_token(bot, sandbox, SECOND)
    ben = person_in(SECOND, "ben")
    await ben.types()
    await ben.sees_a_card("Acme: Jane")


async def test_an_event_that_comes_late_ends_nothing(install: Install, bot: Bot, sandbox: Sandbox) -> None:
    await install(FIRST)
    await sandbox.slack.events.send({"type": "app_uninstalled"})

    async def asked() -> bool:
        return len(sandbox.received("auth.test")) > 1  # the flow asks, too

    await eventually(asked, "Slack is asked whether the app is still installed")
    assert await bot.deps.installations.installed(TeamId(FIRST)) is not None


async def test_an_event_that_was_lost_is_found_out_within_a_day(
    install: Install, bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.slack.oauth.rotation = False
    await install(FIRST)
    grant = sandbox.slack.oauth.grant_in(FIRST)
    assert grant is not None
    sandbox.slack.uninstall(grant)
    await clock.advance(timedelta(hours=1))
    await planned(bot, CHECK_INSTALLATION, at=clock.now() + DAY)
    await clock.advance(DAY)
    await left(bot, FIRST)


async def test_an_organization_that_leaves_takes_its_workspaces_along(
    install: Install, bot: Bot, sandbox: Sandbox, person_in: People, map_in: MapIn, admin: Someone, clock: ManualClock
) -> None:
    await install(ORGANIZATION)
    for team in (NORTH, SOUTH):
        await map_in(team, "ben", "Acme: Jane")
        ben = person_in(team, "ben")
        await ben.types()
        await ben.sees_a_card("Acme: Jane")
    await control(admin, ORGANIZATION)
    await left(bot, ORGANIZATION)
    await clock.advance(31 * DAY)

    async def gone() -> bool:
        return not (await keys_of(bot, NORTH) | await keys_of(bot, SOUTH) | await keys_of(bot, ORGANIZATION))

    await eventually(gone, "nothing of the organization is left")


async def test_apps_get_no_links_of_a_workspace_that_has_left(
    install: Install, bot: Bot, map_in: MapIn, admin: Someone, environment: dict[str, str]
) -> None:
    await install(SECOND)
    await map_in(SECOND, "ben", "Acme: Jane")
    made = await command("api-keys", "create", "--name", "CRM", "--team", SECOND, environment=environment)
    assert made.code == 0
    url, key = f"http://127.0.0.1:{bot.port}/api/v1/profiles", {"Authorization": f"Bearer {made.out.strip()}"}
    async with admin.session.get(url, headers=key) as answer:
        assert answer.status == 200
    await control(admin, SECOND)
    await left(bot, SECOND)

    async def refused() -> bool:
        async with admin.session.get(url, headers=key) as answer:
            return answer.status == 401

    await eventually(refused, "the key is refused")  # the process has the token for a moment after Redis lost it
