"""Who works on this data: what a process said before the server's clock was set back is old."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.app import Bot
from bot.scheduling.processes import PROCESSES, SILENT_AFTER, Process, ProcessStore, time_of
from tests.clock import ManualClock
from tests.eventually import eventually
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


async def test_lateness_is_told_by_the_time_by_which_jobs_are_due_and_not_by_the_machines(
    bot: Bot, clock: ManualClock
) -> None:
    store, theirs = ProcessStore(bot.deps.audit.connection), clock.now() + timedelta(seconds=AN_HOUR)
    (itself,) = await eventually(store.all, "the bot says that it lives")
    assert itself.said_at is not None
    assert clock.now() - itself.said_at < timedelta(minutes=5)
    await store.say("lives", replace(SAYS, said_at=theirs))
    assert timedelta(0) <= time_of(await store.all()) - theirs < timedelta(minutes=5)
    assert abs(time_of(()) - datetime.now(UTC)) < timedelta(minutes=5)
