"""The worker does due jobs: at once, one process each, again after a failure, and by the next process after a stop."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.model import TeamId
from bot.scheduling.job import Job
from bot.scheduling.queue import JOB_LEASE, job_entry, queue_key
from bot.scheduling.scheduler import WorkerTimings
from bot.scheduling.worker import CONCURRENT_JOBS
from bot.storage.connection import Connection, moment_ms
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.scheduling.worker_helpers import (
    JOB,
    OTHER_TEAM,
    SLOW_POLL,
    TEAM,
    UPDATE,
    WORK,
    Process,
    Start,
    a_worker_listens,
    nothing_left,
)


async def test_a_job_planned_for_now_begins_at_once_in_the_same_process(start: Start, clock: ManualClock) -> None:
    async with start() as process:
        await process.scheduler.plan(TEAM, JOB, at=clock.now())
        assert await process.did(1) == [JOB]


async def test_a_job_planned_for_now_begins_at_once_in_another_process(
    start: Start, redis: Connection, clock: ManualClock
) -> None:
    without_worker = Process(redis, clock, SLOW_POLL).scheduler
    async with start() as process:
        await a_worker_listens(redis)
        await without_worker.plan(TEAM, JOB, at=clock.now())
        assert await process.did(1) == [JOB]


async def test_a_job_that_a_planned_look_finds_in_time_wakes_nobody(start: Start, clock: ManualClock) -> None:
    soon, later = clock.now() + timedelta(seconds=5), clock.now() + timedelta(seconds=6)
    async with start() as process:
        await process.scheduler.plan(TEAM, JOB, at=soon)

        async def waits() -> bool:
            return abs(process.scheduler.next_look - soon) < timedelta(milliseconds=1)

        await eventually(waits, "the worker waits for the job")
        await process.scheduler.plan(OTHER_TEAM, JOB, at=later)
        assert not process.scheduler.woken.is_set()
        await process.scheduler.plan(OTHER_TEAM, JOB, at=clock.now())
        assert await process.did(1) == [JOB]


async def test_a_job_begins_when_it_is_due_and_leaves_nothing_behind(
    start: Start, redis: Connection, clock: ManualClock
) -> None:
    async with start(WorkerTimings(poll=timedelta(milliseconds=20))) as process:
        await process.scheduler.plan(TEAM, JOB, at=clock.now() + timedelta(hours=1))
        await process.scheduler.plan(OTHER_TEAM, Job(UPDATE, "b"), at=clock.now() + timedelta(hours=2))
        await clock.advance(timedelta(hours=1))
        assert await process.did(1) == [JOB]

        async def is_completed() -> bool:
            return not await redis.redis.exists(queue_key(TEAM))

        await eventually(is_completed, "the first job is completed, so that the clock can move past its lease")
        await clock.advance(timedelta(hours=1))
        assert await process.did(2) == [JOB, Job(UPDATE, "b")]
        await nothing_left(redis, process, clock)


async def test_more_jobs_than_run_side_by_side_are_all_done_once(
    start: Start, redis: Connection, clock: ManualClock
) -> None:
    jobs = [Job(WORK, str(number)) for number in range(3 * CONCURRENT_JOBS)]
    async with start() as one, start() as other:
        for number, job in enumerate(jobs):
            await one.scheduler.plan((TEAM, OTHER_TEAM)[number % 2], job, at=clock.now())
        await other.scheduler.look_at([TEAM, OTHER_TEAM])
        await nothing_left(redis, one, clock)
    done = [job.id for _, job in one.begun + other.begun]
    assert sorted(done) == sorted(job.id for job in jobs)


async def test_a_full_worker_leaves_jobs_to_another(start: Start, clock: ManualClock) -> None:
    async with start() as full, start(WorkerTimings(poll=timedelta(milliseconds=20))) as free:
        full.go_on.clear()
        free.go_on.clear()
        for number in range(CONCURRENT_JOBS + 5):
            await full.scheduler.plan(TEAM, Job(WORK, str(number)), at=clock.now())

        async def all_begun() -> bool:
            return len(full.begun) + len(free.begun) == CONCURRENT_JOBS + 5

        await eventually(all_begun, "all jobs have begun")
        assert len(full.begun) <= CONCURRENT_JOBS
        full.go_on.set()
        free.go_on.set()


@pytest.mark.parametrize("job", [JOB, Job(UPDATE, "a")])
async def test_a_job_that_a_stop_cuts_short_is_done_by_the_next_process(
    start: Start, redis: Connection, clock: ManualClock, job: Job
) -> None:
    async with start(replace(SLOW_POLL, drain=timedelta(milliseconds=50))) as first:
        first.go_on.clear()
        await first.scheduler.plan(TEAM, job, at=clock.now())
        await first.did(1)
    async with start() as second:
        assert await second.did(1) == [job]
        await nothing_left(redis, second, clock)


async def test_a_job_that_a_stop_cuts_short_is_begun_by_a_waiting_process_at_once(
    start: Start, redis: Connection, clock: ManualClock
) -> None:
    async with start() as waiting:
        await a_worker_listens(redis)
        async with start(replace(SLOW_POLL, drain=timedelta(milliseconds=50))) as first:
            first.go_on.clear()
            await first.scheduler.plan(TEAM, JOB, at=clock.now())
            await first.did(1)
        assert await waiting.did(1) == [JOB]


async def test_another_process_does_what_comes_due_while_one_that_stops_waits_for_its_jobs(
    start: Start, redis: Connection, clock: ManualClock
) -> None:
    first, soon = Process(redis, clock, replace(SLOW_POLL, drain=timedelta(seconds=30))), timedelta(seconds=1)
    first.go_on.clear()
    await first.scheduler.plan(TEAM, JOB, at=clock.now())
    await first.scheduler.plan(TEAM, Job(WORK, "soon"), at=clock.now() + soon)

    async def begin_and_stop() -> None:
        async with first.worker.working(first.on_start):
            await first.started.wait()

    stop = asyncio.create_task(begin_and_stop())
    assert await first.did(1) == [JOB]
    async with start(WorkerTimings(poll=timedelta(milliseconds=20))) as other:
        await clock.advance(soon)
        assert await other.did(1) == [Job(WORK, "soon")]
        first.go_on.set()
        await stop


@pytest.mark.parametrize("job", [JOB, Job(UPDATE, "a")])
async def test_a_job_that_takes_longer_than_its_lease_runs_once(
    start: Start, redis: Connection, clock: ManualClock, job: Job
) -> None:
    quick = WorkerTimings(poll=timedelta(milliseconds=20), renew=timedelta(milliseconds=20))

    async def renewed() -> bool:
        scores = [await redis.redis.zscore(f"connectbot:{{T1}}:{key}", job_entry(job)) for key in ("jobs", "updating")]
        return any(score == moment_ms(clock.now() + JOB_LEASE) + 0.5 for score in scores)

    async with start(quick) as process, start(quick) as other:
        process.go_on.clear()
        other.go_on.clear()
        await process.scheduler.plan(TEAM, job, at=clock.now())
        for _ in range(3):
            await eventually(renewed, "the lease is renewed")
            await clock.advance(JOB_LEASE * 0.9)
        await eventually(renewed, "the lease is renewed")
        assert len(process.begun + other.begun) == 1
        process.go_on.set()
        other.go_on.set()
        await nothing_left(redis, process, clock)


async def test_a_stopping_process_starts_nothing(start: Start, redis: Connection, clock: ManualClock) -> None:
    async with start() as process:
        await process.scheduler.plan(TEAM, JOB, at=clock.now() + timedelta(hours=1))
        process.scheduler.stopping = True
        await clock.advance(timedelta(hours=1))
        process.scheduler.woken.set()
    assert process.begun == []
    assert await redis.redis.zcard(queue_key(TEAM)) == 1


async def test_an_idle_worker_asks_one_question_however_many_workspaces_there_are(
    start: Start, redis: Connection, clock: ManualClock
) -> None:
    async with start(WorkerTimings(poll=timedelta(milliseconds=50))) as process:
        for number in range(200):
            await process.scheduler.plan(TeamId(f"T{number}"), JOB, at=clock.now() + timedelta(days=1))
        before = await _commands(redis)

        async def looked_ten_times() -> bool:
            return (await _commands(redis))["evalsha"] >= before["evalsha"] + 10

        await eventually(looked_ten_times, "the worker has looked ten times")
        after = await _commands(redis)
    asked = {name: calls - before.get(name, 0) for name, calls in after.items()}
    assert {name for name, calls in asked.items() if calls} == {"evalsha", "info", IN_THE_CLAIM_SCRIPT}
    assert asked[IN_THE_CLAIM_SCRIPT] == asked["evalsha"]


async def test_to_find_a_job_takes_three_exchanges(start: Start, redis: Connection, clock: ManualClock) -> None:
    async with start() as process:
        await process.scheduler.plan(TEAM, JOB, at=clock.now())
        await process.did(1)  # the server learns the scripts
        await nothing_left(redis, process, clock)
        before = await _commands(redis)
        await process.scheduler.plan(TEAM, JOB, at=clock.now())
        await process.did(2)
        await nothing_left(redis, process, clock)  # it looks again when the job's lease would have ended
        assert (await _commands(redis))["evalsha"] - before["evalsha"] == len(("plan", *LOOK, "complete", *LOOK))


LOOK = ("which workspaces are due", "which of its jobs", "end the look, and which workspaces are due now")
IN_THE_CLAIM_SCRIPT = "zrange"


async def _commands(redis: Connection) -> dict[str, int]:
    """Return how often each command was called, those of scripts included."""
    stats = await redis.redis.info("commandstats")
    return {str(name).removeprefix("cmdstat_"): int(figures["calls"]) for name, figures in stats.items()}
