"""The job queue: one process does each due job, and calls of `chat.update` get slots by rank within Slack's limit."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.scheduling.job import Job, JobName
from bot.scheduling.queue import JOB_LEASE, MINUTE, REFRESHES_PER_MINUTE, UPDATES_PER_MINUTE, JobQueue
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server

TEAM = TeamId("T1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
REFRESH, END = JobName("refresh"), JobName("end")
FINAL_UPDATE, RECEIPT_UPDATE, REFRESH_UPDATE = JobName("final"), JobName("receipt"), JobName("refresh_update")
RANKS = {FINAL_UPDATE: 0, RECEIPT_UPDATE: 1, REFRESH_UPDATE: 2}
JOB, OTHER_JOB = Job(REFRESH, "a"), Job(END, "a")


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[JobQueue]:
    async with embedded_server(tmp_path / "data", bot=True) as url:
        redis = open_connection(SecretStr(url), Metrics())
        yield JobQueue(redis, RANKS)
        await redis.redis.aclose()


async def leased(queue: JobQueue, now: datetime) -> list[Job]:
    return [one.job for one in await queue.lease(TEAM, now=now, at_most=1000)]


async def updates(queue: JobQueue, now: datetime) -> list[Job]:
    """Use every free slot; return the jobs in the order in which they got one."""
    jobs = []
    while isinstance(job := await queue.acquire_slot(TEAM, now=now), Job):
        await queue.release_slot(TEAM, job)
        jobs.append(job)
    return jobs


async def due_updates(queue: JobQueue, name: JobName, count: int, *, at: datetime = NOON) -> list[Job]:
    """Plan some updates and let them come due, so that they wait for slots."""
    jobs = [Job(name, f"{number:03}") for number in range(count)]
    for job in jobs:
        await queue.plan(TEAM, job, at=at)
    assert len(await leased(queue, at)) == count
    return jobs


async def test_a_job_is_leased_once_and_not_before_it_is_due(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    assert await leased(queue, NOON - SECOND) == []
    assert not await queue.has_due(TEAM, now=NOON - SECOND)
    assert await queue.has_due(TEAM, now=NOON)
    assert await leased(queue, NOON) == [JOB]
    assert await leased(queue, NOON) == []


async def test_a_leased_job_carries_its_due_moment(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (one,) = await queue.lease(TEAM, now=NOON + SECOND, at_most=1)
    assert one.due == NOON


async def test_no_more_jobs_are_leased_than_asked_for_but_all_updates_begin_to_wait(queue: JobQueue) -> None:
    for number in range(3):
        await queue.plan(TEAM, Job(REFRESH, str(number)), at=NOON)
        await queue.plan(TEAM, Job(REFRESH_UPDATE, str(number)), at=NOON)
    first = await queue.lease(TEAM, now=NOON, at_most=1)
    assert sorted(one.job.name for one in first) == [REFRESH] + [REFRESH_UPDATE] * 3
    (second,) = await queue.lease(TEAM, now=NOON, at_most=1)
    assert second.job not in {one.job for one in first}
    assert await queue.lease(TEAM, now=NOON, at_most=0) == ()


async def test_a_job_that_is_updating_gets_no_second_slot_meanwhile(queue: JobQueue) -> None:
    (receipt,) = await due_updates(queue, RECEIPT_UPDATE, 1)
    assert await queue.acquire_slot(TEAM, now=NOON) == receipt
    await due_updates(queue, RECEIPT_UPDATE, 1)
    assert await queue.acquire_slot(TEAM, now=NOON) is None
    await queue.release_slot(TEAM, receipt)
    assert await queue.acquire_slot(TEAM, now=NOON) == receipt


async def test_a_job_that_was_not_completed_is_leased_again_after_its_lease(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    assert await leased(queue, NOON) == [JOB]
    assert await leased(queue, NOON + JOB_LEASE) == []
    assert await leased(queue, NOON + JOB_LEASE + SECOND) == [JOB]


async def test_a_completed_job_is_gone(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (one,) = await queue.lease(TEAM, now=NOON, at_most=1)
    await queue.complete(TEAM, one)
    assert await leased(queue, NOON + 2 * JOB_LEASE) == []
    assert await queue.count(TEAM, REFRESH) == 0


@pytest.mark.parametrize(
    "after", [SECOND, JOB_LEASE, 2 * JOB_LEASE], ids=["sooner", "at the very end of the lease", "later"]
)
async def test_a_job_that_is_planned_again_while_it_runs_comes_again(queue: JobQueue, after: timedelta) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (one,) = await queue.lease(TEAM, now=NOON, at_most=1)
    await queue.plan(TEAM, JOB, at=NOON + after)
    await queue.complete(TEAM, one)
    assert await leased(queue, NOON + after) == [JOB]


async def test_planning_a_job_again_moves_it_unless_told_otherwise(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    await queue.plan(TEAM, OTHER_JOB, at=NOON)
    await queue.plan(TEAM, JOB, at=NOON + SECOND)
    await queue.plan(TEAM, OTHER_JOB, at=NOON + SECOND, unless_planned=True)
    assert await leased(queue, NOON) == [OTHER_JOB]


async def test_a_cancelled_job_never_comes(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (update,) = await due_updates(queue, REFRESH_UPDATE, 1, at=NOON - SECOND)
    await queue.cancel(TEAM, JOB)
    await queue.cancel(TEAM, update)
    assert await leased(queue, NOON) == []
    assert await updates(queue, NOON) == []


async def test_updates_go_by_rank_and_within_a_rank_by_moment(queue: JobQueue) -> None:
    refreshes = await due_updates(queue, REFRESH_UPDATE, 2)
    receipts = await due_updates(queue, RECEIPT_UPDATE, 2, at=NOON + SECOND)
    finals = await due_updates(queue, FINAL_UPDATE, 2, at=NOON + 2 * SECOND)
    assert await updates(queue, NOON + 2 * SECOND) == [*finals, *receipts, *refreshes]


async def test_no_minute_has_more_updates_than_slack_allows(queue: JobQueue) -> None:
    finals = await due_updates(queue, FINAL_UPDATE, UPDATES_PER_MINUTE + 5)
    assert await updates(queue, NOON) == finals[:UPDATES_PER_MINUTE]
    assert await queue.acquire_slot(TEAM, now=NOON + SECOND) == MINUTE - SECOND
    assert await updates(queue, NOON + MINUTE) == finals[UPDATES_PER_MINUTE:]


async def test_refreshes_leave_room_for_the_final_states_of_the_same_minute(queue: JobQueue) -> None:
    refreshes = await due_updates(queue, REFRESH_UPDATE, UPDATES_PER_MINUTE)
    assert await updates(queue, NOON) == refreshes[:REFRESHES_PER_MINUTE]
    finals = await due_updates(queue, FINAL_UPDATE, UPDATES_PER_MINUTE, at=NOON + SECOND)
    assert await updates(queue, NOON + SECOND) == finals[: UPDATES_PER_MINUTE - REFRESHES_PER_MINUTE]


async def test_a_slot_that_was_not_released_is_given_out_again_after_its_lease(queue: JobQueue) -> None:
    (final,) = await due_updates(queue, FINAL_UPDATE, 1)
    assert await queue.acquire_slot(TEAM, now=NOON) == final
    assert await queue.acquire_slot(TEAM, now=NOON) is None
    after = NOON + JOB_LEASE + SECOND
    assert await queue.has_due(TEAM, now=after)
    assert await queue.acquire_slot(TEAM, now=after) == final


async def test_no_slot_is_given_out_during_a_pause(queue: JobQueue) -> None:
    (final,) = await due_updates(queue, FINAL_UPDATE, 1)
    await queue.pause(TEAM, until=NOON + 30 * SECOND, span=30 * SECOND)
    assert await queue.acquire_slot(TEAM, now=NOON) == 30 * SECOND
    assert await queue.acquire_slot(TEAM, now=NOON + 30 * SECOND) == final


async def test_each_workspace_has_a_queue_of_its_own(queue: JobQueue) -> None:
    await queue.plan(TeamId("T2"), JOB, at=NOON)
    assert await leased(queue, NOON) == []
