"""`GET /metrics`: what is counted, and who may see it."""

import aiohttp
import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.conftest import Map, Person
from tests.eventually import eventually


async def figures(bot: Bot, session: aiohttp.ClientSession, **headers: str) -> tuple[int, str]:
    async with session.get(f"http://127.0.0.1:{bot.port}/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


async def test_what_happened_is_counted_and_timed(
    person: Person, mapped: Map, bot: Bot, session: aiohttp.ClientSession
) -> None:
    await mapped("ben", "Acme: Jane")
    await person("ben").types()
    await person("ben").sees_a_card()
    await person("dan").types()
    await person("dan").sees("have a profile yet")

    async def look() -> str | None:
        _, text = await figures(bot, session)
        return text if 'outcome="not_mapped"' in text and 'outcome="ok"' in text else None

    text = await eventually(look, "both are counted")
    for line in (
        'connectbot_interactions_total{interaction="offer_link",outcome="ok"} 1.0',
        'connectbot_interactions_total{interaction="offer_link",outcome="not_mapped"} 1.0',
        "connectbot_acknowledgement_seconds_count 2.0",
        'connectbot_own_share_seconds_count{interaction="offer_link"} 2.0',
        'connectbot_ayrshare_seconds_count{outcome="ok"} 1.0',
        "connectbot_live_cards 1.0",
        'connectbot_dependency_up{dependency="redis"} 1.0',
    ):
        assert line in text


async def test_without_a_token_only_this_machine_may_look(bot: Bot, session: aiohttp.ClientSession) -> None:
    assert (await figures(bot, session))[0] == 200
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert (await figures(bot, session, **{name: "203.0.113.9"}))[0] == 403


@pytest.mark.parametrize("overrides", [{"METRICS_TOKEN": "canary-metrics-token"}])
async def test_with_a_token_only_its_bearer_may_look(
    bot: Bot, session: aiohttp.ClientSession, overrides: dict[str, str]
) -> None:
    assert (await figures(bot, session))[0] == 403
    assert (await figures(bot, session, Authorization="Bearer wrong"))[0] == 403
    assert (await figures(bot, session, Authorization="Bearer \udcff\udcfe"))[0] == 403
    assert (await figures(bot, session, Authorization="Bearer canary-metrics-token"))[0] == 200


async def test_a_dependency_that_is_down_shows(
    person: Person, mapped: Map, bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    await mapped("ben", "Acme: Jane")
    sandbox.ayrshare.faults.add("error_503", times=3)
    await person("ben").types("status")
    await person("ben").sees("isn't responding", within=10)
    assert 'connectbot_dependency_up{dependency="ayrshare"} 0.0' in (await figures(bot, session))[1]
    await person("ben").types("status")
    await person("ben").sees("*Acme: Jane*", where=lambda seen: "isn't responding" not in seen.words)
    assert 'connectbot_dependency_up{dependency="ayrshare"} 1.0' in (await figures(bot, session))[1]
