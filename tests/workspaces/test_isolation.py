"""Two workspaces and an organization at once, whose people and channels have the same IDs: nothing crosses."""

from typing import Any

import pytest

from bot.app import Bot
from bot.core.model import TeamId, UserId
from bot.people.limits import LIMITS
from bot.slack.actions import NEW_LINK
from sandbox.server import Sandbox
from tests.redis_probe import redis_of
from tests.users import Someone
from tests.workspaces.conftest import FIRST, NORTH, ORGANIZATION, SECOND, SOUTH, Install, MapIn, People, workspace

OWN = {FIRST: "Acme: Jane", SECOND: "Globex", NORTH: "Initech", SOUTH: "Acme: Team"}
"""Ben's profile in each workspace."""
BEN = "U0BEN0001"


@pytest.fixture
async def everywhere(install: Install, map_in: MapIn) -> None:
    for place in (FIRST, SECOND, ORGANIZATION):
        assert (await install(place)).status == 200
    for team, title in OWN.items():
        await map_in(team, "ben", title)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"CONNECT_ADMINS": f"{FIRST}:{BEN}"}


async def home_of(someone: Someone) -> str:
    async with someone.session.get(
        f"{someone.url}/control/home", params={"user": someone.name, **someone.where}
    ) as home:
        return str(await home.json())


@pytest.mark.usefixtures("everywhere")
async def test_each_workspace_gets_its_own_cards_home_and_token(sandbox: Sandbox, person_in: People) -> None:
    for team, title in OWN.items():
        ben = person_in(team, "ben")
        await ben.types()
        await ben.sees_a_card(title)
        home = await home_of(ben)
        assert title in home
        shown = str([m.raw for m in await ben.messages()]) + home
        assert [other for other in OWN.values() if other != title and other in shown] == []
    asked = {(row["team"], row["args"].get("team_id")) for row in sandbox.received("views.publish")}
    assert asked == {(FIRST, None), (SECOND, None), (NORTH, NORTH), (SOUTH, SOUTH)}


@pytest.mark.usefixtures("everywhere")
async def test_admins_lists_and_the_audit_log_are_those_of_the_workspace(bot: Bot, person_in: People) -> None:
    lists = {team: person_in(team, "ana") for team in OWN}
    for team, ana in lists.items():
        await ana.types("list")
        seen = await ana.sees(OWN[team])
        assert [other for other in OWN.values() if other != OWN[team] and other in seen.words] == []
    await person_in(FIRST, "ben").types("list")
    await person_in(FIRST, "ben").sees(OWN[FIRST])
    for team in (SECOND, NORTH, SOUTH):
        ben = person_in(team, "ben")
        await ben.types("list")
        await ben.sees("admin")
    for team in OWN:
        rows = await bot.deps.audit.latest(TeamId(team), 100)
        refused = [row for row in rows if row.action == "refused"]
        assert bool(refused) is (team != FIRST)


@pytest.mark.usefixtures("everywhere")
async def test_limits_are_counted_by_workspace(bot: Bot, person_in: People) -> None:
    for _ in range(LIMITS["links"].per_person):
        await bot.deps.limits.take(TeamId(FIRST), UserId(BEN), "links")
    ben, other = person_in(FIRST, "ben"), person_in(SECOND, "ben")
    await ben.types()
    await ben.sees("too many links")
    await other.types()
    await other.sees_a_card(OWN[SECOND])


@pytest.mark.usefixtures("everywhere")
async def test_a_card_of_another_workspace_cannot_be_used_by_its_id(
    bot: Bot, sandbox: Sandbox, person_in: People
) -> None:
    cards: dict[str, Any] = {}
    for team in (FIRST, SECOND):
        ben = person_in(team, "ben")
        await ben.types()
        cards[team] = await ben.sees_a_card()
    message = workspace(sandbox, SECOND).world.channel("general").find(cards[SECOND].ts)
    assert message is not None
    [foreign] = {element["value"] for element in cards[FIRST].elements if "value" in element}
    message.blocks = [button_block(foreign)]
    ben = person_in(SECOND, "ben")
    assert (await ben.post("click", message_ts=message.ts, action_id=NEW_LINK.action_id))["ok"]
    await ben.sees("", where=lambda seen: seen.ts != message.ts and seen.url is None)
    assert len(sandbox.ayrshare.calls.received("POST /profiles/generateJWT")) == 2


def button_block(value: str) -> dict[str, Any]:
    text = {"type": "plain_text", "text": NEW_LINK.label}
    button = {"type": "button", "action_id": NEW_LINK.action_id, "text": text, "value": value}
    return {"type": "actions", "block_id": "foreign", "elements": [button]}


@pytest.mark.usefixtures("everywhere")
async def test_every_key_belongs_to_one_workspace(bot: Bot, person_in: People) -> None:
    for team in OWN:
        ben = person_in(team, "ben")
        await ben.types()
        await ben.sees_a_card()
    keys = [str(key) async for key in redis_of(bot).scan_iter("*")]
    of_none = {key.split(":")[1] for key in keys if not any(f"{{{place}}}" in key for place in (*OWN, ORGANIZATION))}
    assert of_none <= {
        "teams",
        "installations",
        "schema",
        "{jobs}",
        "{all}",
        "{schema}",
        "oauth_state",
        "oauth_states",
        "ready",
        "sweep_slot",
    }
