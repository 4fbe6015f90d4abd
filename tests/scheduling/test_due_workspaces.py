"""The index of workspaces that have jobs: none is lost, whoever dies and whichever answer is lost."""

import asyncio
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bench.round_trips import counting_proxy
from bot.core.metrics import Metrics
from bot.scheduling.due_workspaces import DUE, LOOK_LEASE, DueWorkspaces
from bot.scheduling.queue import JobQueue
from bot.scheduling.scheduler import WorkerTimings
from bot.storage.connection import Connection, open_connection
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.scheduling.worker_helpers import JOB, OTHER_TEAM, SLOW_POLL, TEAM, Process, Start


async def test_a_workspace_whose_worker_died_is_looked_at_by_another(
    start: Start, redis: Connection, clock: ManualClock
) -> None:
    dead = Process(redis, clock, SLOW_POLL).scheduler
    await dead.plan(TEAM, JOB, at=clock.now())
    claimed, _ = await dead.workspaces.claim(now=clock.now(), at_most=1)
    assert claimed == (TEAM,)
    async with start(WorkerTimings(poll=timedelta(milliseconds=20))) as process:
        await clock.advance(LOOK_LEASE + timedelta(seconds=1))
        assert await process.did(1) == [JOB]


async def test_a_job_that_the_index_misses_is_found_by_the_hourly_look(
    start: Start, redis: Connection, clock: ManualClock
) -> None:
    await JobQueue(redis, {}).plan(TEAM, JOB, at=clock.now())
    await redis.redis.delete(DUE)
    async with start() as process:
        await process.scheduler.look_at([OTHER_TEAM, TEAM])
        assert await process.did(1) == [JOB]


async def test_a_job_planned_while_a_worker_looks_is_not_lost(redis: Connection, clock: ManualClock) -> None:
    later = clock.now() + 2 * LOOK_LEASE
    looking, other = Process(redis, clock, SLOW_POLL).scheduler, Process(redis, clock, SLOW_POLL).scheduler
    await looking.plan(TEAM, JOB, at=clock.now())
    claimed, _ = await looking.workspaces.claim(now=clock.now(), at_most=1)
    assert claimed == (TEAM,)
    await other.plan(TEAM, JOB, at=later)
    await looking.workspaces.claim(now=clock.now(), at_most=0, looked_at={TEAM: None})
    assert (await other.workspaces.claim(now=clock.now(), at_most=1))[0] == ()
    await clock.advance(2 * LOOK_LEASE)
    assert (await other.workspaces.claim(now=clock.now(), at_most=1))[0] == (TEAM,)


async def test_a_claim_that_is_made_again_because_its_answer_was_lost_loses_no_job(
    redis: Connection, clock: ManualClock, tmp_path: Path
) -> None:
    other, far = Process(redis, clock, SLOW_POLL).scheduler, Path(unquote(urlsplit(redis.url.get_secret_value()).path))
    async with counting_proxy(far, tmp_path) as (trips, url):
        connection = open_connection(SecretStr(url), Metrics())
        looking = DueWorkspaces(connection)
        await other.plan(TEAM, JOB, at=clock.now())
        await looking.claim(now=clock.now(), at_most=1)
        await other.plan(TEAM, JOB, at=clock.now())
        trips.delay = 60
        asking = asyncio.create_task(looking.claim(now=clock.now(), at_most=1, looked_at={TEAM: None}))

        async def is_claimed() -> bool:
            return await redis.redis.zscore(DUE, TEAM) is None

        await eventually(is_claimed, "the workspace is claimed again")
        trips.delay = 0
        for relay in set(trips.connections):
            relay.cancel()
        await asking
        await connection.redis.aclose()
    await clock.advance(2 * LOOK_LEASE)
    assert (await other.workspaces.claim(now=clock.now(), at_most=1))[0] == (TEAM,)
