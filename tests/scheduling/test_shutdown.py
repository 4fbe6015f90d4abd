"""What a wake-up does while the process stops: it leaves due jobs to the next process."""

from bot.app import Bot
from bot.cards.model import END_CARD
from bot.scheduling.job import Job
from bot.scheduling.queue import JobQueue
from bot.worker import UPDATE_RANKS, JobRunner
from tests.redis_probe import TEAM, jobs


async def test_no_due_job_is_started_by_a_process_that_stops(bot: Bot) -> None:
    queue, job = JobQueue(bot.deps.audit.connection, UPDATE_RANKS), Job(END_CARD, "of a card that is gone")
    await queue.plan(TEAM, job, at=bot.deps.clock.now())
    bot.deps.scheduler.stopping = True
    await JobRunner(bot.deps, queue).run_due_jobs(TEAM)
    assert await jobs(bot, END_CARD) == [job]
    bot.deps.scheduler.stopping = False
    await JobRunner(bot.deps, queue).run_due_jobs(TEAM)
    assert await jobs(bot, END_CARD) == []
