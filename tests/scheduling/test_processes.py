"""Who works on this data: what a process said before the server's clock was set back is old."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.app import Bot
from bot.scheduling.processes import PROCESSES, SILENT_AFTER, Process, ProcessStore
from tests.redis_probe import redis_of

SAYS = Process("worker", "host", 1, "1", datetime(2026, 1, 1, tzinfo=UTC))
AN_HOUR = 3600


async def test_who_died_before_the_servers_clock_was_set_back_does_not_live(bot: Bot) -> None:
    store, redis = ProcessStore(bot.deps.audit.connection), redis_of(bot)
    await store.say("died", SAYS)
    at, _, text = str(await redis.hget(PROCESSES, "died")).partition("|")
    await redis.hset(PROCESSES, "died", f"{int(at) + AN_HOUR // 2}|{text}")
    await store.say("lives", replace(SAYS, pid=2))
    found = {one.pid: one for one in await store.all()}
    assert not found[1].lives
    assert found[1].silent > SILENT_AFTER
    assert found[2].lives
    await redis.hset(PROCESSES, "died", f"{int(at) + 2 * AN_HOUR}|{text}")
    await store.say("lives", replace(SAYS, pid=2))
    assert 1 not in {one.pid for one in await store.all()}
