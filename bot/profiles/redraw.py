"""What people have open is drawn again soon after something that it may show has changed."""

from bot.core.model import TeamId
from bot.deps import Deps
from bot.profiles.model import redraw_soon


async def views_changed(deps: Deps, team: TeamId) -> None:
    """Have the Home tabs and windows of a workspace drawn again; a change with jobs of its own plans that with them."""
    for job, at in redraw_soon(deps.clock.now()).items():
        await deps.scheduler.plan(team, job, at=at, if_planned="sooner")
