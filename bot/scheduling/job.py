"""A job: what is done later, and to which thing. Each feature declares the names of its own jobs in its `model.py`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

from bot.core.model import TeamId

JobName = NewType("JobName", str)
"""A verb and a noun, such as `end_card`; `bot/job_runner.py` says which function does it."""

IfPlanned = Literal["move", "keep", "sooner"]
"""Move the job that is planned already, keep its moment, or move it only if that is sooner."""

ALL_WORKSPACES = TeamId("all")
"""Stands for a workspace with the jobs that belong to none."""


@dataclass(frozen=True, slots=True)
class Job:
    """One use case, due for one thing: the id of a card, an invitation or a person."""

    name: JobName
    id: str


@dataclass(frozen=True, slots=True)
class LeasedJob:
    """A job that this process does now. `due` is UTC; `lease` is the end of the lease as Redis keeps it.

    `has_slot` tells whether it was given a slot at `chat.update`.
    """

    job: Job
    due: datetime
    lease: float
    has_slot: bool


@dataclass(frozen=True, slots=True)
class Leased:
    """What a process gets of one workspace's jobs, and when there is more to do; None if nothing is planned.

    Jobs in `set_aside` have failed too often. `came_due` has the moments of the jobs that were leased or began to wait
    for a slot at `chat.update`.
    """

    jobs: tuple[LeasedJob, ...]
    set_aside: tuple[Job, ...]
    came_due: tuple[datetime, ...]
    next_due: datetime | None
