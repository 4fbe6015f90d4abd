"""What an import asks Slack and Ayrshare, with a progress bar on a terminal."""

from collections.abc import Callable, Sequence

from rich.progress import Progress

from bot.ayrshare.model import Profile
from bot.cli.boundary import errors
from bot.connections import ayrshare_of
from bot.core.clock import SystemClock
from bot.core.metrics import Metrics
from bot.core.model import UserId
from bot.mappings.imports import resolve
from bot.mappings.imports.mapping_file import FileRow, Problem
from bot.settings import ImportSettings, WorkspaceSettings
from bot.slack.people import Directory


def progress() -> Progress:
    """Make the bars; they go to standard error, are gone when all is done, and are drawn on a terminal only."""
    return Progress(console=errors, transient=True, disable=not errors.is_terminal)


async def identified(
    settings: WorkspaceSettings, rows: Sequence[FileRow], directory: Directory | None, bars: Progress
) -> tuple[dict[int, UserId], tuple[Problem, ...]]:
    """Find out whom the rows mean; raise DirectoryClosed."""
    found, check = None, isinstance(settings, ImportSettings)
    if directory is not None:
        found = await resolve.find_members(rows, directory.members(), on_progress=_bar(bars, "People in Slack", None))
    guests = settings.connect_guests == "allow"
    return resolve.resolve_users(rows, found, check_ids=check and found is not None, guests=guests)


async def verdicts(
    settings: WorkspaceSettings, rows: Sequence[FileRow], known: Sequence[Profile], bars: Progress
) -> resolve.ResolvedKeys:
    """Find out whose the rows' keys are; raise AyrshareError."""
    given = {row.key for row in rows if row.key}
    if not isinstance(settings, ImportSettings) or not given:
        return resolve.match_keys(given, known)
    async with ayrshare_of(settings, clock=SystemClock(), metrics=Metrics()) as ayrshare:
        return await resolve.check_keys(
            ayrshare,
            given,
            own=settings.ayrshare_api_key,
            primary=await ayrshare.primary(),
            on_progress=_bar(bars, "Profile keys", len(given)),
        )


def _bar(bars: Progress, what: str, total: int | None) -> Callable[[int], None]:
    task = bars.add_task(what, total=total)
    return lambda count: bars.advance(task, count)
