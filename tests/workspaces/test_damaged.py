"""What can't be read of one workspace troubles no other one."""

import pytest

from bot.app import Bot
from bot.core.model import TeamId
from bot.job_runner import HOUR, RUN_HOURLY
from tests.canaries import Lines
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import redis_of
from tests.workspaces.conftest import FIRST, SECOND, Install, MapIn, People


def hourly_done(bot: Bot) -> float:
    return bot.deps.metrics.registry.get_sample_value("connectbot_jobs_total", {"job": RUN_HOURLY}) or 0


@pytest.mark.parametrize("name", ["installation", "mappings", "profiles", "organization"])
@pytest.mark.parametrize("damage", ["another type", "a field"])
async def test_the_other_workspace_is_served_and_its_hourly_work_goes_on(
    bot: Bot,
    install: Install,
    person_in: People,
    map_in: MapIn,
    clock: ManualClock,
    log_lines: Lines,
    name: str,
    damage: str,
) -> None:
    for team in (FIRST, SECOND):
        assert (await install(team)).status == 200
        await map_in(team, "ben", "Acme: Jane")
    redis, key = redis_of(bot), f"connectbot:{{{SECOND}}}:{name}"
    if damage == "another type" or name == "organization":
        await redis.delete(key)
        await redis.rpush(key, "not this")
    else:
        await redis.hset(key, mapping=dict.fromkeys(await redis.hkeys(key) or ["U0BEN0001"], "{"))
    bot.deps.slack.forget(TeamId(SECOND))
    ben = person_in(FIRST, "ben")
    await ben.types()
    await ben.sees_a_card()
    before = hourly_done(bot)
    await clock.advance(HOUR)

    async def done() -> bool:
        return hourly_done(bot) > before

    await eventually(done, "the hourly work is done")
    assert [line for line in log_lines.lines if "job_failed" in line] == []
    async with ben.session.get(f"http://127.0.0.1:{bot.port}/metrics") as metrics:
        assert metrics.status == 200
        assert 'connectbot_dependency_up{dependency="redis"} 1.0' in await metrics.text()
    await redis.delete(key)
