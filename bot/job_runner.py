"""Which function does which job, which jobs go first at `chat.update`, and what happens when a job fails."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot import lost_jobs
from bot.ayrshare.errors import AyrshareError
from bot.cards import mail, refresh, revoke
from bot.cards.mail_model import REPORT_MAIL
from bot.cards.model import (
    END_CARD,
    END_DM_CARD,
    END_LINKS,
    REFRESH_CARD,
    REFRESH_DM_CARD,
    REPLACE_CARD,
    REVOKE_LINK,
)
from bot.client_links import receipt, visit
from bot.client_links import revoke as revoke_client_links
from bot.client_links.model import DRAW_CLIENT_RECEIPT, END_CLIENT_LINKS, GIVE_BACK_USE
from bot.core.errors import ConnectbotError
from bot.core.model import TeamId
from bot.deps import Deps
from bot.events.model import SEND_EVENT, EventNotTaken
from bot.events.send import send_event
from bot.home import redraw
from bot.invitations import deliver, sender_receipt
from bot.invitations.group import send
from bot.invitations.model import DELIVER_INVITATION, DRAW_PROGRESS, DRAW_RECEIPT, MARK_RESENT, SEND_GROUP_REQUEST
from bot.links_api import notify_holder
from bot.links_api.model import TELL_HOLDER
from bot.mappings import ask_admin, creation_report, departure, follow_up, person_changed
from bot.mappings.model import (
    ASK_ADMIN,
    DRAW_ADMIN_REQUEST,
    DRAW_DEPARTURE,
    PROFILES_TAKEN,
    REPORT_CREATION,
    TELL_CHANGE,
)
from bot.notifications import account_diff, digest, expiry, reminders, suspension, weekly
from bot.notifications.model import (
    CHECK_ACCOUNTS,
    REMIND,
    REPORT_SUSPENSION,
    RUN_SWEEP,
    SEND_DIGEST,
    SEND_WEEKLY,
    SHOW_SETTLED,
    TELL_ACCOUNT,
    TELL_OUTAGE,
)
from bot.notifications.right_account import announce, settled, tell
from bot.notifications.sweep import run
from bot.people.directory import READ_EVERY, READ_PEOPLE, READING
from bot.people.page_reader import PERSON_CHANGED
from bot.profiles.model import ACCOUNT_CHANGED, ACCOUNT_EXPIRES, CHANGE_SEEN, HOLDER_ADDED, REDRAW_VIEWS
from bot.scheduling.job import ALL_WORKSPACES, Job, JobName
from bot.scheduling.outstanding import OutstandingJobs
from bot.scheduling.queue import PAUSES, RESTORE_JOBS, JobQueue
from bot.slack.errors import OperatorNeeded, SlackError, SlackRateLimited
from bot.storage.errors import RecordDamaged, StoreUnavailable, UnreadableSecret
from bot.workspaces import leave
from bot.workspaces.forget import forget_workspace
from bot.workspaces.model import (
    AFTER_THE_END,
    CHECK_INSTALLATION,
    END_CARDS,
    FORGET_WORKSPACE,
    OF_THE_INSTALLATION,
    REFRESH_TOKEN,
)
from bot.workspaces.refresh import refresh_token

RETRY_SLACK, RETRY_AFTER_MENDING = timedelta(seconds=5), timedelta(minutes=5)
"""The first pause after a refusal of Slack's that passes, and each pause after one that an admin has to mend."""
LONGEST_PAUSE = timedelta(minutes=5)
AWAY_RETRY = timedelta(hours=1)
"""When a job is tried again whose workspace has uninstalled the app: it may come back within 30 days."""
HOUR = timedelta(hours=1)
RUN_HOURLY = JobName("run_hourly")
HOURLY = Job(RUN_HOURLY, "")
"""The one job that belongs to no workspace."""
NOT_DONE = (AyrshareError, EventNotTaken, UnreadableSecret, RecordDamaged)
"""Failures that end no job: Ayrshare, or who hears of events, may be away; an operator may bring a key or record back.
"""

log = structlog.get_logger()

DoJob = Callable[[Deps, TeamId, Any], Awaitable[None]]
"""Takes the job's id last: of a card, an invitation or a person, as its name says."""


async def run_hourly(deps: Deps, team: TeamId, _: str) -> None:
    """Plan the sweep of each workspace that has none planned, and look for jobs that the index of workspaces misses."""
    await deps.scheduler.plan(team, HOURLY, at=deps.clock.now() + HOUR)
    teams = [one for one in await deps.mappings.teams() if await deps.slack.serves(one)]
    await run.plan_first(deps, teams)
    await leave.plan_daily_checks(deps)
    for one in teams:
        await deps.people.plan_reading(one)
        await weekly.plan_next(deps, one)
        if await deps.snapshots.dropped(one):
            await deps.scheduler.plan(one, Job(REMIND, ""), at=deps.clock.now())
    await deps.scheduler.look_at({*teams, *await deps.installations.served()})


async def restore_jobs(deps: Deps, team: TeamId, _: str) -> None:
    """Plan the jobs again that a workspace has lost; the hourly job plans those that come again and again."""
    await lost_jobs.plan_again(deps, team)
    await deps.scheduler.plan(ALL_WORKSPACES, HOURLY, at=deps.clock.now())


async def read_people(deps: Deps, team: TeamId, _: str) -> None:
    """Read the next pages of everybody, and plan those after them or the next day's; raise SlackError."""
    wait = await deps.people.read_on(team)
    await deps.scheduler.plan(team, READING, at=deps.clock.now() + (wait or READ_EVERY))


JOBS: dict[JobName, DoJob] = {
    REFRESH_CARD: refresh.on_tick,
    END_CARD: refresh.on_deadline,
    REFRESH_DM_CARD: refresh.redraw_dm_card,
    END_DM_CARD: refresh.end_dm_card,
    REPORT_MAIL: mail.report_mail,
    REPLACE_CARD: revoke.on_newer_card,
    END_LINKS: revoke.on_unmapped,
    REVOKE_LINK: revoke.revoke_ended,
    END_CLIENT_LINKS: revoke_client_links.end_client_links,
    DRAW_CLIENT_RECEIPT: receipt.draw_receipt,
    GIVE_BACK_USE: visit.give_back_use,
    SEND_EVENT: send_event,
    ASK_ADMIN: ask_admin.on_asked,
    DRAW_ADMIN_REQUEST: ask_admin.draw_request,
    REPORT_CREATION: creation_report.report_creation,
    PROFILES_TAKEN: departure.on_profiles_taken,
    DRAW_DEPARTURE: departure.draw_departure,
    TELL_CHANGE: follow_up.tell_change,
    DELIVER_INVITATION: deliver.on_due,
    MARK_RESENT: deliver.mark_resent,
    DRAW_RECEIPT: sender_receipt.draw_receipt,
    SEND_GROUP_REQUEST: send.run_slice,
    DRAW_PROGRESS: sender_receipt.draw_progress,
    TELL_HOLDER: notify_holder.notify_holders,
    HOLDER_ADDED: account_diff.on_holder_added,
    REDRAW_VIEWS: redraw.redraw_views,
    SEND_DIGEST: digest.send_digest,
    SEND_WEEKLY: weekly.send_weekly,
    REPORT_SUSPENSION: suspension.report_suspension,
    REMIND: reminders.remind,
    TELL_OUTAGE: reminders.tell_outage,
    CHECK_ACCOUNTS: announce.check_accounts,
    ACCOUNT_EXPIRES: expiry.on_expiry,
    CHANGE_SEEN: expiry.on_change_seen,
    ACCOUNT_CHANGED: announce.on_account_changed,
    TELL_ACCOUNT: tell.tell,
    SHOW_SETTLED: settled.show_settled,
    RUN_SWEEP: run.run_slice,
    READ_PEOPLE: read_people,
    PERSON_CHANGED: person_changed.on_person_changed,
    REFRESH_TOKEN: refresh_token,
    CHECK_INSTALLATION: leave.check_installation,
    END_CARDS: leave.end_cards,
    FORGET_WORKSPACE: forget_workspace,
    RUN_HOURLY: run_hourly,
    RESTORE_JOBS: restore_jobs,
}

UPDATE_RANKS: dict[JobName, int] = {
    END_DM_CARD: 0,
    DRAW_RECEIPT: 1,
    TELL_HOLDER: 1,
    DRAW_CLIENT_RECEIPT: 1,
    DRAW_PROGRESS: 1,
    DRAW_ADMIN_REQUEST: 1,
    DRAW_DEPARTURE: 1,
    REFRESH_DM_CARD: 2,
    MARK_RESENT: 3,
    SHOW_SETTLED: 3,
}
"""The jobs that call `chat.update`, which Slack limits per minute and workspace; the lowest rank goes first."""


@dataclass(frozen=True, slots=True)
class JobRunner:
    """Does the jobs of one process."""

    deps: Deps
    queue: JobQueue
    outstanding: OutstandingJobs

    async def run(self, team: TeamId, job: Job) -> bool:
        """Do a job and return whether it succeeded; else it has been planned again or set aside.

        What is due in a workspace that has uninstalled the app waits until it comes back, or its data goes. Raises
        StoreUnavailable.
        """
        if await self._put_off(team, job):
            return True
        try:
            await JOBS[job.name](self.deps, team, job.id)
        except SlackError as error:
            succeeded = await self._on_refusal(team, job, error)
        except NOT_DONE as error:
            succeeded = await self._on_failure(team, job, error)
        except StoreUnavailable:
            raise
        except ConnectbotError as error:
            log.info("job_dropped", job=job.name, cause=error.kind)
            succeeded = True
        except Exception as error:  # noqa: BLE001 - logged with its trace, and tried again
            succeeded = await self._on_failure(team, job, error)
        else:
            succeeded = True
        self.deps.metrics.jobs.labels(job.name).inc()
        return succeeded

    async def _put_off(self, team: TeamId, job: Job) -> bool:
        """Return whether the workspace has uninstalled the app; plan the job again then, if it may mean anything."""
        if team == ALL_WORKSPACES or job.name in {*AFTER_THE_END, RESTORE_JOBS} or await self.deps.slack.serves(team):
            return False
        if job.name not in OF_THE_INSTALLATION and await self.deps.installations.has_data(team):
            await self.deps.scheduler.plan(team, job, at=self.deps.clock.now() + AWAY_RETRY)
        return True

    async def plan_hourly(self) -> None:
        """Have the hourly work done now, and each hour from then on."""
        await self.deps.scheduler.plan(ALL_WORKSPACES, HOURLY, at=self.deps.clock.now())

    async def refresh_gauges(self) -> None:
        """Set the gauges of live cards and of jobs set aside, unless Redis is down."""
        with suppress(StoreUnavailable):
            places = {*await self.deps.mappings.teams(), *await self.deps.installations.served(), ALL_WORKSPACES}
            live = [await self.queue.count(team, END_CARD, END_DM_CARD) for team in places]
            self.deps.metrics.live_cards.set(sum(live))
            aside = [job for team in places for job in (await self.outstanding.of(team)).set_aside]
            counts = Counter(job.name for job in aside)
            for name in {*JOBS, *counts}:
                self.deps.metrics.jobs_set_aside.labels(name).set(counts[name])

    async def _on_refusal(self, team: TeamId, job: Job, error: SlackError) -> bool:
        """Plan a job again that Slack refused for now; return whether there is nothing more to do."""
        log.warning("job_refused", job=job.name, error=error.reason)
        if not error.retryable:
            return True
        if not error.transient and not isinstance(error, OperatorNeeded):
            return await self._on_failure(team, job, error)
        times = await self.queue.count_refusal(team, job)
        wait = error.retry_after or (backoff(RETRY_SLACK, times) if error.transient else RETRY_AFTER_MENDING)
        again = self.deps.clock.now() + wait
        if isinstance(error, SlackRateLimited) and job.name in UPDATE_RANKS:
            await self.queue.pause(team, until=again, span=wait)
        await self.deps.scheduler.plan(team, job, at=again)
        return False

    async def _on_failure(self, team: TeamId, job: Job, error: Exception) -> bool:
        """Plan a job again that failed for an unknown reason, or set it aside; return False."""
        known = error.kind if isinstance(error, ConnectbotError) else ""
        log.error("job_failed", job=job.name, cause=known or type(error).__name__, exc_info=None if known else error)
        times, now = await self.queue.count_failure(team, job), self.deps.clock.now()
        if times <= len(PAUSES):
            await self.deps.scheduler.plan(team, job, at=now + PAUSES[times - 1])
            return False
        await self.outstanding.set_aside(team, job, now=now)
        log.error("job_set_aside", team=team, job=job.name, id=job.id, why="it failed for a day")
        return False


def backoff(first: timedelta, times: int) -> timedelta:
    """Return the pause after so many refusals: it doubles up to LONGEST_PAUSE."""
    return min(first * (1 << min(times - 1, 10)), LONGEST_PAUSE)
