"""What happens later: an errand in, one service call. Whatever goes wrong is decided here, once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from bot.cards import offer
from bot.core.errors import ConnectbotError
from bot.core.model import TeamId
from bot.deps import Deps
from bot.invitations import deliver, sender_receipt
from bot.invitations.group import progress, send
from bot.notifications import digest
from bot.notifications.sweep import run
from bot.scheduling.job import RATE_LIMITED_JOBS, Job, JobName, LeasedJob
from bot.scheduling.queue import JobQueue
from bot.slack.errors import SlackError, SlackRateLimited
from bot.storage.errors import StoreUnavailable

AT_ONCE = 20
"""Errands that one wake-up has in hand; Redis has connections for 50."""
LANES = 3
"""Turns at `chat.update` that one wake-up uses side by side: looking what got linked may take two seconds."""
SLACK_AGAIN, MENDED_AGAIN = timedelta(seconds=5), timedelta(minutes=5)
"""When Slack is asked again, and when it is where the bot's own token or scopes have to be mended first."""
AFTER_A_FAILURE, FAILED_AGAIN = timedelta(seconds=30), timedelta(minutes=10)
"""When something that failed for no known reason is tried again, and how long after that it isn't once more."""

log = structlog.get_logger()

Do = Callable[[Deps, TeamId, Any], Awaitable[None]]
"""The last is the errand's id: a card's, an invitation's, a person's, by its kind."""

JOBS: dict[JobName, Do] = {
    JobName.TICK: offer.on_tick,
    JobName.END: offer.on_deadline,
    JobName.INVITE: deliver.on_due,
    JobName.SEND: send.run_slice,
    JobName.NEWS: digest.tell,
    JobName.SWEEP: run.run_slice,
    JobName.CARD_TICK: offer.redraw_dm_card,
    JobName.CARD_END: offer.end_dm_card,
    JobName.EARLIER: deliver.mark_resent,
    JobName.RECEIPT: sender_receipt.draw,
    JobName.PROGRESS: progress.draw,
}


async def run_due_jobs(deps: Deps, agenda: JobQueue, team: TeamId) -> None:
    """Do what is due in a workspace, and draw what has its turn at `chat.update`."""
    with suppress(StoreUnavailable):  # what is due stays so, and somebody looks round again
        await _take(deps, agenda, team, at_most=0)  # what has its turn to wait for
        hands = (_do_all(deps, agenda, team) for _ in range(AT_ONCE))
        await asyncio.gather(*hands, *(_draw(deps, agenda, team) for _ in range(LANES)))


async def wake_for_due_jobs(deps: Deps, agenda: JobQueue) -> None:
    """Wake somebody for what is due and was left by a process that has died."""
    with suppress(StoreUnavailable):
        for team in await deps.mappings.teams():
            if await agenda.has_due(team, now=deps.clock.now()):
                await deps.scheduler.wake(team, at=deps.clock.now())


async def schedule_sweeps(deps: Deps) -> None:
    """See to it that all profiles of each workspace are looked at daily, also of those that are new."""
    with suppress(StoreUnavailable):  # the next hour comes
        await run.plan_first(deps)


async def count_live_cards(deps: Deps, agenda: JobQueue) -> None:
    """Bring the figure of cards that are counted down up to date, if Redis can be asked."""
    with suppress(StoreUnavailable):
        teams = await deps.mappings.teams()
        deps.metrics.live_cards.set(sum([await agenda.count(team, JobName.END, JobName.CARD_END) for team in teams]))


async def _do_all(deps: Deps, agenda: JobQueue, team: TeamId) -> None:
    """Do what is due, one after another, until nothing is."""
    while not deps.scheduler.stopping and await _do_next(deps, agenda, team):
        pass


async def _do_next(deps: Deps, agenda: JobQueue, team: TeamId) -> bool:
    """Do the next thing that is due, and return whether there was one."""
    taken = await _take(deps, agenda, team, at_most=1)
    for one in taken:
        with suppress(StoreUnavailable):  # its lease ends, and it is done again
            await _run(deps, team, one.job)
            await agenda.complete(team, one)
    return bool(taken)


async def _take(deps: Deps, agenda: JobQueue, team: TeamId, *, at_most: int) -> list[LeasedJob]:
    """Take so much of what is due, and let all begin to wait for its turn that has to."""
    taken = await agenda.lease(team, now=deps.clock.now(), at_most=at_most)
    for one in taken:
        deps.metrics.lateness.observe(max(0.0, (deps.clock.now() - one.due).total_seconds()))
    return [one for one in taken if one.job.name not in RATE_LIMITED_JOBS]


async def _draw(deps: Deps, agenda: JobQueue, team: TeamId) -> None:
    """Use turns until there is none, and come back when there is."""
    while not deps.scheduler.stopping:
        turn = await agenda.acquire_slot(team, now=deps.clock.now())
        if isinstance(turn, timedelta):
            await deps.scheduler.wake(team, at=deps.clock.now() + turn)
            return
        if turn is None:
            return
        await _run(deps, team, turn, refused=partial(_hold, deps, agenda, team))
        await agenda.release_slot(team, turn)


async def _hold(deps: Deps, agenda: JobQueue, team: TeamId, wait: timedelta) -> None:
    await agenda.pause(team, until=deps.clock.now() + wait, span=wait)


async def _run(
    deps: Deps, team: TeamId, errand: Job, *, refused: Callable[[timedelta], Awaitable[None]] | None = None
) -> None:
    """Do an errand; one that failed for now is planned anew, and once so is one that failed in an unknown way."""
    try:
        await JOBS[errand.name](deps, team, errand.id)
    except SlackError as error:
        if error.retryable:
            wait = error.retry_after or (SLACK_AGAIN if error.transient else MENDED_AGAIN)
            if refused and isinstance(error, SlackRateLimited):
                await refused(wait)
            await deps.scheduler.plan(team, errand, at=deps.clock.now() + wait)
        log.warning("errand_refused", errand=errand.name, error=error.reason)
    except StoreUnavailable:
        raise
    except ConnectbotError as error:
        log.info("errand_dropped", errand=errand.name, cause=error.kind)
    except Exception:
        log.exception("errand_failed", errand=errand.name)
        if await deps.idempotency.claim(team, f"failed:{errand.name}:{errand.id}", within=FAILED_AGAIN):
            await deps.scheduler.plan(team, errand, at=deps.clock.now() + AFTER_A_FAILURE)
    deps.metrics.jobs.labels(errand.name).inc()
