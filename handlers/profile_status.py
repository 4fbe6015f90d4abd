"""*Status*, on a row of everybody's profiles: what is linked to that one now."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.home.status import status_of
from bot.people import access
from bot.profiles.model import Viewer
from bot.profiles.views import status
from bot.slack.actions import STATUS_OF
from bot.slack.blocks import showing
from bot.slack.listener import acknowledged, modal_session
from bot.slack.requests import Click, read_click, read_owned

WINDOW = "Status"


async def show_profile_status(deps: Deps, click: Click) -> None:
    """Open a window, and say in it what is linked to the profile and what needs attention."""
    owner, ref_id = read_owned(click.value)
    async with modal_session(deps, click, title=WINDOW) as view:
        await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
        viewer = Viewer(click.team, click.user, click.home_team)
        found = await status_of(deps, viewer, owner=owner or None, ref_id=ref_id)
        message = status([found], left_out=0, command=deps.settings.connect_command)
        await deps.views.update(view, showing(message, title=WINDOW))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(STATUS_OF.action_id)(acknowledged(deps, read_click, show_profile_status))
