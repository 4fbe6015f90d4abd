"""*Ask to connect* on a row of an admin's Home or list, and in its status: one click asks its person."""

from slack_bolt.async_app import AsyncApp

from bot.core.errors import ConnectbotError, Reported
from bot.deps import Deps
from bot.home.home import WARNING, show_home
from bot.home.model import parse_query
from bot.home.status import redraw_status
from bot.invitations.send import InvitationRequest, invite
from bot.invitations.sender_views import confirmation
from bot.people import access
from bot.profiles.model import Viewer
from bot.slack.actions import ASK_TO_CONNECT
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.model import beside
from bot.slack.requests import Click, read_click, read_owned

ASKED = "✅ Sent. I'll DM you when it's done."


async def ask_to_connect(deps: Deps, click: Click) -> None:
    """Ask the row's person to connect its accounts, and say so where it was pressed."""
    owner, ref_id = read_owned(click.value)
    viewer = Viewer(click.team, click.user, click.home_team)
    try:
        await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
        await deps.promises.keep(click.team, click.user, click.response_url)
        request = InvitationRequest(click.team, click.user, (owner,), profiles=(ref_id,), home_team=click.home_team)
        invitation = await invite(deps, request)
    except ConnectbotError as error:
        if click.at_home:
            await show_home(deps, viewer, parse_query(click.metadata), note=WARNING.format(error.sentence))
            raise Reported(error) from error
        raise
    if click.at_home:
        await show_home(deps, viewer, parse_query(click.metadata), note=ASKED)
    elif click.view:
        await redraw_status(deps, viewer, click.view, owner=owner, ref_id=ref_id, note=ASKED)
    else:
        await reply(deps, click.team, click.user, beside(click.response_url), confirmation(invitation))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(ASK_TO_CONNECT.action_id)(acknowledged(deps, read_click, ask_to_connect))
