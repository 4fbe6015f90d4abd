"""The daily look at all profiles, as values."""

from dataclasses import dataclass
from datetime import datetime

from bot.core.model import RefId
from bot.scheduling.job import JobName

RUN_SWEEP = JobName("run_sweep")
"""Check the next profiles of the daily sweep."""
NOBODY = RefId("")


@dataclass(frozen=True, slots=True)
class Sweep:
    """Where the look at all profiles stands (moments in UTC): under way since `began`, or next at `next_at`.

    `failures` counts the questions in a row that got no answer, `retried` is whose question was one too many for
    Ayrshare, and `bad_api_key` is whether Ayrshare didn't accept the bot's own key.
    """

    next_at: datetime
    began: datetime | None = None
    failures: int = 0
    retried: RefId = NOBODY
    bad_api_key: bool = False
