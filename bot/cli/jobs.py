"""`jobs`: what was set aside after failing for a day, listed and done again."""

from collections.abc import Sequence
from typing import Annotated

import typer

from bot.cli.boundary import console, finish, settings_of, show_table, stop
from bot.connections import redis_of
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.profiles.mapping_store import MappingStore
from bot.scheduling.due_workspaces import DueWorkspaces
from bot.scheduling.job import ALL_WORKSPACES, Job
from bot.scheduling.outstanding import Outstanding, OutstandingJobs
from bot.scheduling.queue import job_entry, queue_key
from bot.settings import StoreSettings
from bot.storage.connection import Connection
from bot.storage.envelope import KeyRing
from bot.storage.keys import Keys
from bot.workspaces.store import InstallationStore

ByTeam = dict[TeamId, Outstanding]


def list_jobs() -> None:
    """List the jobs that were set aside, because they failed for a day for a reason that nobody knows."""
    rows = [
        (team, job_entry(job), f"{at:%Y-%m-%d %H:%M:%S}")
        for team, outstanding in finish(_outstanding(settings_of(StoreSettings))).items()
        for job, at in outstanding.set_aside.items()
    ]
    if rows:
        show_table(("workspace", "job", "set aside (UTC)"), rows)
    else:
        console.print("No job is set aside.")


def retry_jobs(
    entries: Annotated[list[str] | None, typer.Argument(metavar="[JOB]...", help="As `list` shows them")] = None,
) -> None:
    """Have jobs done again that were set aside: those named, or all."""
    retried, unknown = finish(_retry(settings_of(StoreSettings), entries or []))
    if unknown:
        stop(f"Not set aside: {', '.join(unknown)}. `connectbot jobs list` shows what is.")
    console.print(f"{retried} of the jobs set aside will be done now." if retried else "No job is set aside.")


async def _outstanding(settings: StoreSettings) -> ByTeam:
    async with redis_of(settings, metrics=Metrics()) as redis:
        return await outstanding_of(redis)


async def outstanding_of(redis: Connection) -> ByTeam:
    """Return what each workspace has outstanding, also one where nobody has a profile yet."""
    places = await InstallationStore(redis, KeyRing({})).places()
    teams = {*await MappingStore(redis).teams(), *places, ALL_WORKSPACES}
    async for keys in Keys(redis).matching(queue_key(TeamId("*")) + "*", kind="ZSET"):
        teams |= {TeamId(key.partition("{")[2].partition("}")[0]) for key in keys}
    return {team: await OutstandingJobs(redis).of(team) for team in sorted(teams)}


async def _retry(settings: StoreSettings, entries: Sequence[str]) -> tuple[int, list[str]]:
    """Plan the jobs named, or all; return how many, and the names that aren't set aside."""
    async with redis_of(settings, metrics=Metrics()) as redis:
        found = {team: list(one.set_aside) for team, one in (await outstanding_of(redis)).items()}
        known = {job_entry(job) for jobs in found.values() for job in jobs}
        if unknown := [entry for entry in entries if entry not in known]:
            return 0, unknown
        chosen = {team: [job for job in jobs if _is_chosen(job, entries)] for team, jobs in found.items()}
        now, workspaces = SystemClock().now(), DueWorkspaces(redis)
        for team, jobs in chosen.items():
            if jobs:
                await OutstandingJobs(redis).retry(team, jobs, now=now)
                await workspaces.add(team, at=now)
        await workspaces.wake_others()
        return sum(map(len, chosen.values())), []


def _is_chosen(job: Job, entries: Sequence[str]) -> bool:
    return not entries or job_entry(job) in entries
