"""The job queue: one process does each due job, and calls of `chat.update` get slots by rank within Slack's limit."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.scheduling.job import Job, JobName
from bot.scheduling.queue import (
    CONCURRENT_UPDATES,
    DEATHS_AT_ONCE,
    JOB_LEASE,
    MINUTE,
    PAUSES,
    REFRESHES_PER_MINUTE,
    UPDATES_PER_MINUTE,
    JobQueue,
)
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server

TEAM = TeamId("T1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, HALF_MS = timedelta(seconds=1), timedelta(milliseconds=0.5)
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
    return [one.job for one in (await queue.lease(TEAM, now=now, at_most=1000)).jobs]


async def next_due(queue: JobQueue, now: datetime) -> datetime | None:
    return (await queue.lease(TEAM, now=now, at_most=0)).next_due


async def updates(queue: JobQueue, now: datetime) -> list[Job]:
    """Use every free slot; return the jobs in the order in which they got one."""
    jobs = []
    while found := (await queue.lease(TEAM, now=now, at_most=1)).jobs:
        await queue.complete(TEAM, found[0], succeeded=True)
        jobs.append(found[0].job)
    return jobs


async def due_updates(queue: JobQueue, name: JobName, count: int, *, at: datetime = NOON) -> list[Job]:
    """Plan some updates and let them come due, so that they wait for slots."""
    jobs = [Job(name, f"{number:03}") for number in range(count)]
    for job in jobs:
        await queue.plan(TEAM, job, at=at)
    await queue.lease(TEAM, now=at, at_most=0)
    return jobs


async def test_a_job_is_leased_once_and_not_before_it_is_due(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    assert await leased(queue, NOON - SECOND) == []
    assert await next_due(queue, NOON - SECOND) == NOON
    assert await leased(queue, NOON) == [JOB]
    assert await leased(queue, NOON) == []


async def test_a_leased_job_carries_its_due_moment(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    await queue.plan(TEAM, Job(FINAL_UPDATE, "a"), at=NOON)
    found = await queue.lease(TEAM, now=NOON + SECOND, at_most=2)
    assert [one.due for one in found.jobs] == [NOON, NOON]
    assert found.came_due == (NOON, NOON)


async def test_a_job_comes_due_once_although_it_waits_for_a_slot(queue: JobQueue) -> None:
    await queue.plan(TEAM, Job(FINAL_UPDATE, "a"), at=NOON)
    assert (await queue.lease(TEAM, now=NOON, at_most=0)).came_due == (NOON,)
    assert (await queue.lease(TEAM, now=NOON + SECOND, at_most=1)).came_due == ()


async def test_no_more_jobs_are_leased_than_asked_for(queue: JobQueue) -> None:
    for number in range(3):
        await queue.plan(TEAM, Job(REFRESH, str(number)), at=NOON)
    first = await queue.lease(TEAM, now=NOON, at_most=1)
    assert len(first.jobs) == 1
    assert first.next_due == NOON
    second = await queue.lease(TEAM, now=NOON, at_most=1)
    assert second.jobs[0].job != first.jobs[0].job
    assert (await queue.lease(TEAM, now=NOON, at_most=0)).jobs == ()


async def test_updates_come_first_and_not_more_than_may_run_side_by_side(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    finals = await due_updates(queue, FINAL_UPDATE, CONCURRENT_UPDATES + 1)
    found = await queue.lease(TEAM, now=NOON, at_most=10)
    assert sorted(one.job.id for one in found.jobs) == sorted([JOB.id, *(one.id for one in finals[:-1])])
    await queue.complete(TEAM, next(one for one in found.jobs if one.has_slot), succeeded=True)
    assert await leased(queue, NOON) == finals[-1:]


async def test_a_job_that_is_updating_gets_no_second_slot_meanwhile(queue: JobQueue) -> None:
    (receipt,) = await due_updates(queue, RECEIPT_UPDATE, 1)
    (updating,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    assert updating.job == receipt
    await due_updates(queue, RECEIPT_UPDATE, 1)
    assert await leased(queue, NOON) == []
    await queue.complete(TEAM, updating, succeeded=True)
    assert await leased(queue, NOON) == [receipt]


async def test_a_job_that_was_not_completed_is_leased_again_after_its_lease(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    assert await leased(queue, NOON) == [JOB]
    assert await leased(queue, NOON + JOB_LEASE) == []
    assert await next_due(queue, NOON + JOB_LEASE) == NOON + JOB_LEASE + HALF_MS
    assert await leased(queue, NOON + JOB_LEASE + SECOND) == [JOB]


async def test_a_job_whose_process_dies_again_and_again_waits_longer_each_time_and_is_set_aside(
    queue: JobQueue,
) -> None:
    update = Job(FINAL_UPDATE, "a")
    await queue.plan(TEAM, JOB, at=NOON)
    await queue.plan(TEAM, update, at=NOON)
    now = NOON
    for _ in range(1 + DEATHS_AT_ONCE):
        assert await leased(queue, now) == [JOB, update]
        now += JOB_LEASE + SECOND
    for pause in PAUSES[DEATHS_AT_ONCE:]:
        assert await leased(queue, now) == []
        assert await leased(queue, now + pause - SECOND) == []
        assert await leased(queue, now + pause) == [JOB, update]
        now += pause + JOB_LEASE + SECOND
    found = await queue.lease(TEAM, now=now, at_most=10)
    assert (found.jobs, set(found.set_aside), found.next_due) == ((), {JOB, update}, None)


async def test_success_forgets_failures(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (one,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    assert [await queue.count_failure(TEAM, JOB) for _ in range(2)] == [1, 2]
    assert await queue.count_refusal(TEAM, JOB) == 1
    await queue.complete(TEAM, one, succeeded=False)
    assert await queue.count_failure(TEAM, JOB) == 3
    await queue.complete(TEAM, one, succeeded=True)
    assert await queue.count_failure(TEAM, JOB) == 1
    assert await queue.count_refusal(TEAM, JOB) == 1


@pytest.mark.parametrize("name", [REFRESH, FINAL_UPDATE])
async def test_a_job_that_is_handed_back_is_due_at_once(queue: JobQueue, name: JobName) -> None:
    await queue.plan(TEAM, Job(name, "a"), at=NOON)
    (one,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    await queue.hand_back(TEAM, one, now=NOON + SECOND)
    assert await leased(queue, NOON + SECOND) == [one.job]


async def test_a_job_that_was_planned_again_is_not_handed_back(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (one,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    await queue.plan(TEAM, JOB, at=NOON + 2 * SECOND)
    await queue.hand_back(TEAM, one, now=NOON + SECOND)
    assert await next_due(queue, NOON + SECOND) == NOON + 2 * SECOND


@pytest.mark.parametrize("name", [REFRESH, FINAL_UPDATE])
async def test_a_renewed_lease_lasts_longer_and_the_job_can_still_be_completed(queue: JobQueue, name: JobName) -> None:
    await queue.plan(TEAM, Job(name, "a"), at=NOON)
    (one,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    one = await queue.renew(TEAM, one, now=NOON + 20 * SECOND)
    assert await leased(queue, NOON + JOB_LEASE + SECOND) == []
    await queue.complete(TEAM, one, succeeded=True)
    assert await leased(queue, NOON + 3 * JOB_LEASE) == []


async def test_a_job_that_was_planned_again_is_not_moved_by_a_renewal(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (one,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    await queue.plan(TEAM, JOB, at=NOON + SECOND)
    await queue.renew(TEAM, one, now=NOON)
    assert await leased(queue, NOON + SECOND) == [JOB]


async def test_a_completed_job_is_gone(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (one,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    await queue.complete(TEAM, one, succeeded=True)
    assert await leased(queue, NOON + 2 * JOB_LEASE) == []
    assert await next_due(queue, NOON) is None
    assert await queue.count(TEAM, REFRESH) == 0


@pytest.mark.parametrize(
    "after", [SECOND, JOB_LEASE, 2 * JOB_LEASE], ids=["sooner", "at the very end of the lease", "later"]
)
async def test_a_job_that_is_planned_again_while_it_runs_comes_again(queue: JobQueue, after: timedelta) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (one,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    await queue.plan(TEAM, JOB, at=NOON + after)
    await queue.complete(TEAM, one, succeeded=True)
    assert await leased(queue, NOON + after) == [JOB]


async def test_an_update_whose_lease_ended_is_not_completed_for_the_process_that_has_it_now(queue: JobQueue) -> None:
    await queue.plan(TEAM, Job(FINAL_UPDATE, "a"), at=NOON)
    (first,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    later = NOON + JOB_LEASE + SECOND
    assert await leased(queue, later) == [first.job]
    await queue.complete(TEAM, first, succeeded=True)
    assert await leased(queue, later + JOB_LEASE + SECOND) == [first.job]  # the second process died


async def test_a_second_run_is_not_completed_with_the_first(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    (first,) = (await queue.lease(TEAM, now=NOON, at_most=1)).jobs
    await queue.plan(TEAM, JOB, at=NOON + SECOND)
    assert await leased(queue, NOON + SECOND) == [JOB]
    await queue.complete(TEAM, first, succeeded=True)
    assert await leased(queue, NOON + 2 * JOB_LEASE) == [JOB]  # the process of the second run died


async def test_planning_a_job_again_moves_it_unless_told_otherwise(queue: JobQueue) -> None:
    await queue.plan(TEAM, JOB, at=NOON)
    await queue.plan(TEAM, OTHER_JOB, at=NOON)
    await queue.plan(TEAM, JOB, at=NOON + SECOND)
    await queue.plan(TEAM, OTHER_JOB, at=NOON + SECOND, if_planned="keep")
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
    assert await leased(queue, NOON + SECOND) == []
    assert (await queue.lease(TEAM, now=NOON + SECOND, at_most=1)).next_due == NOON + MINUTE
    assert await updates(queue, NOON + MINUTE) == finals[UPDATES_PER_MINUTE:]


async def test_refreshes_leave_room_for_the_final_states_of_the_same_minute(queue: JobQueue) -> None:
    refreshes = await due_updates(queue, REFRESH_UPDATE, UPDATES_PER_MINUTE)
    assert await updates(queue, NOON) == refreshes[:REFRESHES_PER_MINUTE]
    finals = await due_updates(queue, FINAL_UPDATE, UPDATES_PER_MINUTE, at=NOON + SECOND)
    assert await updates(queue, NOON + SECOND) == finals[: UPDATES_PER_MINUTE - REFRESHES_PER_MINUTE]


async def test_a_job_whose_process_died_with_a_slot_gets_another(queue: JobQueue) -> None:
    (final,) = await due_updates(queue, FINAL_UPDATE, 1)
    assert await leased(queue, NOON) == [final]
    assert await leased(queue, NOON) == []
    assert await next_due(queue, NOON) == NOON + JOB_LEASE + HALF_MS
    assert await leased(queue, NOON + JOB_LEASE + SECOND) == [final]


async def test_no_slot_is_given_out_during_a_pause(queue: JobQueue) -> None:
    (final,) = await due_updates(queue, FINAL_UPDATE, 1)
    await queue.pause(TEAM, until=NOON + 30 * SECOND, span=30 * SECOND)
    assert await leased(queue, NOON) == []
    assert (await queue.lease(TEAM, now=NOON, at_most=1)).next_due == NOON + 30 * SECOND
    assert await leased(queue, NOON + 30 * SECOND) == [final]


async def test_each_workspace_has_a_queue_of_its_own(queue: JobQueue) -> None:
    await queue.plan(TeamId("T2"), JOB, at=NOON)
    assert await leased(queue, NOON) == []
