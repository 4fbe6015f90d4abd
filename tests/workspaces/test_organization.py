"""An Enterprise organization installs the app once for its workspaces, between which people move."""

from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import TeamId
from bot.notifications.model import REMIND
from bot.scheduling.job import Job
from bot.scheduling.outstanding import OutstandingJobs
from sandbox.server import Sandbox
from sandbox.slack.events import change_user
from sandbox.slack.users import User
from tests.eventually import eventually
from tests.workspaces.conftest import FIRST, NORTH, ORGANIZATION, SECOND, SOUTH, Install, MapIn, People, workspace


@pytest.fixture
async def installed(install: Install) -> None:
    assert "Installed in Connect Org" in (await install(ORGANIZATION)).text


@pytest.mark.usefixtures("installed")
async def test_a_click_that_names_no_workspace_is_one_of_the_persons_own(
    bot: Bot, sandbox: Sandbox, person_in: People, map_in: MapIn
) -> None:
    await map_in(SOUTH, "ben", "Acme: Jane")
    ben = person_in(SOUTH, "ben")
    async with ben.session.get(f"{ben.url}/control/home", params={"user": "ben", "team": SOUTH}) as home:
        assert home.ok

    async def reconnect() -> dict[str, Any] | None:
        blocks = workspace(sandbox, SOUTH).views.homes["U0BEN0001"].content["blocks"]
        buttons = [e for block in blocks for e in (*block.get("elements", ()), block.get("accessory")) if e]
        return next((e for e in buttons if e["type"] == "button" and e["text"]["text"] == "Reconnect"), None)

    connect = await eventually(reconnect, "Home has what Ayrshare said of the profile")
    view = workspace(sandbox, SOUTH).views.homes["U0BEN0001"]
    await ben.post("click", view_id=view.id, action_id=connect["action_id"], block_id=connect.get("block_id", ""))
    sent = sandbox.slack.deliveries.exchanges[-1].sent
    assert (sent["team"], sent["is_enterprise_install"], sent["enterprise"]["id"]) == (None, True, ORGANIZATION)

    async def opened() -> bool:
        top = workspace(sandbox, SOUTH).views.top("U0BEN0001")
        return top is not None and "Acme: Jane" in str(top.content)

    await eventually(opened, "Ben sees his card in a modal")
    assert {row["team"] for row in sandbox.received("views.*")} == {SOUTH}


@pytest.mark.usefixtures("installed")
async def test_somebody_of_another_workspace_of_the_organization_is_served_where_they_are_too(
    sandbox: Sandbox, person_in: People, map_in: MapIn
) -> None:
    await map_in(NORTH, "ben", "Acme: Jane")
    ben = workspace(sandbox, NORTH).world.user("ben")
    ben.team_id, ben.workspaces = SOUTH, [NORTH]
    visitor = person_in(NORTH, "ben")
    await visitor.types()
    card = await visitor.sees_a_card("Acme: Jane")
    assert (await visitor.clicks(card, "Cancel link"))["ok"]
    await visitor.sees("This link is cancelled.")


@pytest.mark.usefixtures("installed")
async def test_somebody_who_has_moved_to_another_workspace_gets_no_link_in_the_old_one(
    sandbox: Sandbox, person_in: People, map_in: MapIn
) -> None:
    north, south = workspace(sandbox, NORTH), workspace(sandbox, SOUTH)
    await map_in(NORTH, "ben", "Acme: Jane")
    await map_in(SOUTH, "ben", "Globex")
    moved = north.world.user("ben")
    moved.team_id = SOUTH
    await change_user(north, north.events, user=moved, flags={})
    ana, here = person_in(NORTH, "ana"), person_in(SOUTH, "ben")
    await ana.types("@ben")
    await ana.sees("belongs to another workspace")
    await here.types()
    await here.sees_a_card("Globex")
    assert south.world.user("ben").team_id == SOUTH


@pytest.mark.usefixtures("installed")
async def test_an_organizations_own_user_ids_are_taken(sandbox: Sandbox, person_in: People, map_in: MapIn) -> None:
    north = workspace(sandbox, NORTH)
    wanda = User(
        id="W0WANDA01",
        name="wanda",
        real_name="Wanda Wide",
        team_id=NORTH,
        organization=north.world.team.organization,
    )
    north.world.users[wanda.id] = wanda
    north.world.channel("general").members.append(wanda.id)
    await map_in(NORTH, "wanda", "Acme: Jane")
    person = person_in(NORTH, "wanda")
    await person.types()
    await person.sees_a_card("Acme: Jane")
    ana = person_in(NORTH, "ana")
    await ana.types("@wanda")
    await ana.sees_a_card("Acme: Jane")


@pytest.mark.parametrize("allowed", [f"{FIRST},{NORTH}"])
async def test_an_organization_that_is_not_on_the_list_is_refused_though_one_of_its_workspaces_is(
    install: Install, bot: Bot
) -> None:
    assert (await install(ORGANIZATION)).status == 403
    assert (await install(NORTH)).status == 200
    assert await bot.deps.slack.serves(TeamId(NORTH))
    assert not await bot.deps.slack.serves(TeamId(SOUTH))


@pytest.mark.usefixtures("installed")
async def test_a_workspace_outside_does_not_profit_from_it(bot: Bot, person_in: People) -> None:
    ben = person_in(SECOND, "ben")
    await ben.types()
    await ben.sees("", where=lambda seen: "not installed" in seen.text)


@pytest.mark.usefixtures("installed")
async def test_everybody_of_a_workspace_is_read_with_its_id(
    bot: Bot, sandbox: Sandbox, person_in: People, map_in: MapIn
) -> None:
    await map_in(NORTH, "ben", "Acme: Jane")
    ben = person_in(NORTH, "ben")
    await ben.types()
    await ben.sees_a_card()
    await bot.deps.people.read_all(TeamId(NORTH))
    assert [row["args"]["team_id"] for row in sandbox.received("users.list")] == [NORTH]


@pytest.mark.usefixtures("installed")
async def test_what_was_set_aside_is_counted_where_nobody_has_a_profile_too(bot: Bot, person_in: People) -> None:
    ben = person_in(NORTH, "ben")
    await ben.types("help")
    await ben.sees_times(1)
    connection, job = bot.deps.audit.connection, Job(REMIND, "")
    await OutstandingJobs(connection).set_aside(TeamId(NORTH), job, now=bot.deps.clock.now())
    async with ben.session.get(f"http://127.0.0.1:{bot.port}/metrics") as metrics:
        assert f'connectbot_jobs_set_aside{{job="{REMIND}"}} 1.0' in await metrics.text()
