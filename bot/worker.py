"""Which function does which job, which jobs go first at `chat.update`, and what happens when a job fails."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.cards import refresh
from bot.cards.model import END_CARD, END_DM_CARD, REFRESH_CARD, REFRESH_DM_CARD
from bot.core.errors import ConnectbotError
from bot.core.model import TeamId
from bot.deps import Deps
from bot.invitations import deliver, sender_receipt
from bot.invitations.group import send
from bot.invitations.model import DELIVER_INVITATION, DRAW_PROGRESS, DRAW_RECEIPT, MARK_RESENT, SEND_GROUP_REQUEST
from bot.notifications import digest
from bot.notifications.model import RUN_SWEEP, SEND_DIGEST
from bot.notifications.sweep import run
from bot.scheduling.job import Job, JobName, LeasedJob
from bot.scheduling.queue import JobQueue
from bot.slack.errors import SlackError, SlackRateLimited
from bot.storage.errors import StoreUnavailable

CONCURRENT_JOBS = 20
"""In one workspace; Redis has 50 connections for the whole process."""
CONCURRENT_UPDATES = 3
"""Calls of `chat.update` side by side in one workspace: what was connected is looked up first, which may take 2 s."""
RETRY_SLACK, RETRY_AFTER_MENDING = timedelta(seconds=5), timedelta(minutes=5)
"""The pauses after a refusal of Slack's: one that passes, and one that an admin has to mend (token, scopes)."""
RETRY_FAILED, ONE_RETRY_WITHIN = timedelta(seconds=30), timedelta(minutes=10)
"""A job that failed for an unknown reason is tried again after the first, and not twice within the second."""

log = structlog.get_logger()

DoJob = Callable[[Deps, TeamId, Any], Awaitable[None]]
"""Takes the job's id last: of a card, an invitation or a person, as its name says."""

JOBS: dict[JobName, DoJob] = {
    REFRESH_CARD: refresh.on_tick,
    END_CARD: refresh.on_deadline,
    REFRESH_DM_CARD: refresh.redraw_dm_card,
    END_DM_CARD: refresh.end_dm_card,
    DELIVER_INVITATION: deliver.on_due,
    MARK_RESENT: deliver.mark_resent,
    DRAW_RECEIPT: sender_receipt.draw_receipt,
    SEND_GROUP_REQUEST: send.run_slice,
    DRAW_PROGRESS: sender_receipt.draw_progress,
    SEND_DIGEST: digest.send_digest,
    RUN_SWEEP: run.run_slice,
}

UPDATE_RANKS: dict[JobName, int] = {
    END_DM_CARD: 0,
    DRAW_RECEIPT: 1,
    DRAW_PROGRESS: 1,
    REFRESH_DM_CARD: 2,
    MARK_RESENT: 3,
}
"""The jobs that call `chat.update`, which Slack limits per minute and workspace; the lowest rank goes first."""


@dataclass(frozen=True, slots=True)
class JobRunner:
    """Does the jobs of one process."""

    deps: Deps
    queue: JobQueue

    async def run_due_jobs(self, team: TeamId) -> None:
        """Do all due jobs of a workspace, and those `chat.update` calls for which there is a slot."""
        with suppress(StoreUnavailable):  # the jobs stay due, and the next check finds them
            leased = [] if self.deps.scheduler.stopping else await self._lease(team, at_most=CONCURRENT_JOBS)
            jobs = (self._run_jobs(team, first) for first in leased)
            await asyncio.gather(*jobs, self._run_updates(team, lanes=CONCURRENT_UPDATES))

    async def wake_for_due_jobs(self) -> None:
        """Wake a worker for jobs that a dead process planned or leased."""
        with suppress(StoreUnavailable):
            for team in await self.deps.mappings.teams():
                if await self.queue.has_due(team, now=self.deps.clock.now()):
                    await self.deps.scheduler.wake(team, at=self.deps.clock.now())

    async def schedule_sweeps(self) -> None:
        """Plan the daily sweep of each workspace that has none planned."""
        with suppress(StoreUnavailable):  # the next hour tries again
            await run.plan_first(self.deps)

    async def count_live_cards(self) -> None:
        """Set the gauge of live cards, unless Redis is down."""
        with suppress(StoreUnavailable):
            teams = await self.deps.mappings.teams()
            live = [await self.queue.count(team, END_CARD, END_DM_CARD) for team in teams]
            self.deps.metrics.live_cards.set(sum(live))

    async def _run_jobs(self, team: TeamId, first: LeasedJob) -> None:
        """Do one job after another until none is due."""
        leased = [first]
        while leased:
            with suppress(StoreUnavailable):  # the lease ends, and the job is done again
                await self._run(team, leased[0].job)
                await self.queue.complete(team, leased[0])
            leased = [] if self.deps.scheduler.stopping else await self._lease(team, at_most=1)

    async def _lease(self, team: TeamId, *, at_most: int) -> list[LeasedJob]:
        """Lease due jobs and record how late they are; return those that need no slot."""
        leased = await self.queue.lease(team, now=self.deps.clock.now(), at_most=at_most)
        for one in leased:
            self.deps.metrics.lateness.observe(max(0.0, (self.deps.clock.now() - one.due).total_seconds()))
        return [one for one in leased if one.job.name not in UPDATE_RANKS]

    async def _run_updates(self, team: TeamId, *, lanes: int) -> None:
        """Use the free slots, in up to `lanes` coroutines: each that finds a job starts the next."""
        job = await self._next_update(team)
        if job and lanes > 1:
            await asyncio.gather(self._run_lane(team, job), self._run_updates(team, lanes=lanes - 1))
        elif job:
            await self._run_lane(team, job)

    async def _run_lane(self, team: TeamId, first: Job) -> None:
        job: Job | None = first
        while job:
            await self._run(team, job)
            await self.queue.release_slot(team, job)
            job = await self._next_update(team)

    async def _next_update(self, team: TeamId) -> Job | None:
        """Return the next job that gets a slot; if none is free, plan to be woken when one frees."""
        if self.deps.scheduler.stopping:
            return None
        job = await self.queue.acquire_slot(team, now=self.deps.clock.now())
        if isinstance(job, timedelta):
            await self.deps.scheduler.wake(team, at=self.deps.clock.now() + job)
            return None
        return job

    async def _run(self, team: TeamId, job: Job) -> None:
        """Do a job. Plan it again if Slack refused it for now, and once if it failed for an unknown reason."""
        try:
            await JOBS[job.name](self.deps, team, job.id)
        except SlackError as error:
            await self._on_refusal(team, job, error)
        except StoreUnavailable:
            raise
        except ConnectbotError as error:
            log.info("job_dropped", job=job.name, cause=error.kind)
        except Exception:
            log.exception("job_failed", job=job.name)
            if await self.deps.idempotency.claim(team, f"failed:{job.name}:{job.id}", within=ONE_RETRY_WITHIN):
                await self.deps.scheduler.plan(team, job, at=self.deps.clock.now() + RETRY_FAILED)
        self.deps.metrics.jobs.labels(job.name).inc()

    async def _on_refusal(self, team: TeamId, job: Job, error: SlackError) -> None:
        log.warning("job_refused", job=job.name, error=error.reason)
        if not error.retryable:
            return
        wait = error.retry_after or (RETRY_SLACK if error.transient else RETRY_AFTER_MENDING)
        again = self.deps.clock.now() + wait
        if isinstance(error, SlackRateLimited) and job.name in UPDATE_RANKS:
            await self.queue.pause(team, until=again, span=wait)
        await self.deps.scheduler.plan(team, job, at=again)
