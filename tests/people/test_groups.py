"""A user group of CONNECT_ADMINS changes: rights and links of those who were in it end at once, in every process."""

from typing import Any

import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.people.test_directory import replica_of
from tests.redis_probe import idle
from tests.users import Someone


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"CONNECT_ADMINS": "S0SOCIAL1"}  # ana and ben


@pytest.mark.parametrize("change", [{"remove": "ben"}, {"disabled": True}])
async def test_who_is_no_longer_in_it_is_no_admin_in_any_process(
    person: Person, mapped: Map, sandbox: Sandbox, bot: Bot, clock: ManualClock, change: dict[str, Any]
) -> None:
    await mapped("cara", "Globex")
    ben = person("ben")
    async with replica_of(bot, clock) as other:
        ports = (other.port, bot.port)
        for number, port in enumerate(ports, start=1):
            sandbox.bot_url = f"http://127.0.0.1:{port}"
            await ben.types("list")
            await ben.sees_times(number)
        await ben.post("group", group="social-leads", **change)  # told to this bot
        for number, port in enumerate(ports, start=3):
            sandbox.bot_url = f"http://127.0.0.1:{port}"
            await ben.types("list")
            assert "Only admins can do that" in (await ben.sees_times(number))[-1].words


async def test_who_came_into_it_is_an_admin_at_once(person: Person, mapped: Map) -> None:
    await mapped("cara", "Globex")
    await person("dan").types("list")
    await person("dan").sees("Only admins can do that")
    await person("dan").post("group", group="social-leads", add="dan")
    await person("dan").types("list")
    await person("dan").sees("*Globex*")


@pytest.mark.parametrize("change", [{"remove": "ben"}, {"disabled": True}])
async def test_the_links_end_that_only_its_members_may_see(person: Person, mapped: Map, change: dict[str, Any]) -> None:
    await mapped("cara", "Globex")
    ben = person("ben")
    await ben.types("@cara")
    await ben.clicks(await ben.sees_a_card(), "open_link")
    await ben.post("group", group="social-leads", **change)
    await ben.sees("Globex", where=lambda seen: seen.url is None)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "subteam_members_changed", "subteam_id": {"a": 1}, "removed_users": 7},
        {"type": "subteam_members_changed", "subteam_id": "S0SOCIAL1", "removed_users": [None, {}]},
        {"type": "subteam_updated", "subteam": "S0SOCIAL1"},
        {"type": "subteam_updated", "subteam": {}},
        {"type": "subteam_updated"},
    ],
)
async def test_an_event_that_makes_no_sense_is_acknowledged(
    ana: Someone, bot: Bot, sandbox: Sandbox, event: dict[str, Any]
) -> None:
    answer = await sandbox.slack.events.send(event)
    assert not answer.failure
    await idle(bot)
