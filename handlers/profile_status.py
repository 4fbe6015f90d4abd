"""*Status*, on a row of everybody's profiles: what is linked to that one now."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.model import RefId, UserId
from bot.overview import Viewer
from bot.services import access
from bot.services.status import status_of
from bot.views.actions import STATUS_OF
from bot.views.answers import status
from bot.views.modals import showing
from handlers.boundary import acknowledged
from handlers.requests import Click, read_click
from handlers.windows import window

TITLE = "Status"


async def show_profile_status(deps: Deps, click: Click) -> None:
    """Open a window, and say in it what is linked to the profile and what needs attention."""
    owner, _, ref_id = click.value.partition(":")
    async with window(deps, click, title=TITLE) as view:
        await access.check_admin(deps, team=click.team, caller=click.user, home=click.home)
        viewer = Viewer(click.team, click.user, click.home)
        found = await status_of(deps, viewer, owner=UserId(owner) or None, ref_id=RefId(ref_id))
        message = status([found], left_out=0, command=deps.settings.connect_command)
        await deps.modals.update(view, showing(message, title=TITLE))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(STATUS_OF)(acknowledged(deps, read_click, show_profile_status))
