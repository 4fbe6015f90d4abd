"""What `status` finds, and what of it somebody has to look at. No I/O."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.cli.records import Records
from bot.core.model import TeamId
from bot.notifications.model import Sweep
from bot.scheduling.job import ALL_WORKSPACES
from bot.scheduling.outstanding import Outstanding
from bot.scheduling.processes import Process

LATE = timedelta(minutes=1)
"""Jobs that are due for so long have nobody who does them, or too few."""
STARTING = timedelta(seconds=30)
"""A bot that has just begun may have no connection to Slack yet."""
CHECK_LATE = timedelta(days=1)
UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class WorkspaceState:
    """A workspace's jobs, and its daily check of all profiles."""

    team: TeamId
    jobs: Outstanding
    sweep: Sweep | None

    @property
    def name(self) -> str:
        """How it is called; the hourly work belongs to none."""
        return "(all)" if self.team == ALL_WORKSPACES else self.team

    def late(self, now: datetime) -> timedelta:
        """Return how late its first job is."""
        return max(timedelta(0), now - self.jobs.next_due) if self.jobs.next_due else timedelta(0)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found at a moment (UTC); `redis` says what is wrong with it."""

    now: datetime
    redis: str = ""
    processes: Sequence[Process] = ()
    workspaces: Sequence[WorkspaceState] = ()
    records: Records = field(default_factory=Records)

    def wrong(self) -> Iterator[str]:
        """Yield a sentence for each thing that somebody has to look at."""
        if self.redis:
            yield self.redis
            return
        if not any(process.role == "bot" and process.lives for process in self.processes):
            yield "No bot runs: nobody hears Slack. `connectbot run` starts one."
        for process in self.processes:
            yield from _wrong_with_process(process, self.now)
        for one in self.workspaces:
            yield from _wrong_with_workspace(one, self.now)
        for damaged in self.records.damaged:
            yield f"{damaged}. `connectbot doctor` says what to do."


def _wrong_with_process(process: Process, now: datetime) -> Iterator[str]:
    """Yield what a process that lives can't use; one that died is done without as soon as another takes over."""
    name = f"The {process.role} on {process.host} ({process.pid})"
    if process.lives and process.sockets == 0 and now - process.since > STARTING:
        yield f"{name} has no connection to Slack."
    for service in process.down if process.lives else ():
        yield f"{name} can't use {service.title()}: its log says why."


def _wrong_with_workspace(one: WorkspaceState, now: datetime) -> Iterator[str]:
    if one.late(now) >= LATE:
        yield f"{one.name}: what is due is {span(one.late(now))} late."
    if one.jobs.set_aside:
        yield f"{one.name}: {len(one.jobs.set_aside)} set aside. `connectbot jobs list` shows them."
    if one.sweep and (late := now - one.sweep.next_at) > CHECK_LATE:
        yield f"{one.name}: the daily check of all profiles is {span(late)} late."


def span(time: timedelta) -> str:
    """Return a length of time in its largest unit."""
    seconds = max(0, time // timedelta(seconds=1))
    name, length = next(((name, length) for name, length in UNITS if seconds >= length), UNITS[-1])
    return f"{seconds // length} {name}"
