"""One click by which an admin asks a row's person to connect, or everyone who has disconnected accounts."""

from slack_bolt.async_app import AsyncApp

from bot.core.errors import ConnectbotError, Reported
from bot.deps import Deps
from bot.home.home import WARNING, show_home
from bot.home.model import parse_query
from bot.home.status import show_stored_status
from bot.invitations.group.send import ask_disconnected
from bot.invitations.send import InvitationRequest, invite
from bot.invitations.sender_views import confirmation, sent
from bot.people import access
from bot.slack.actions import ASK_DISCONNECTED, ASK_EVERYBODY, ASK_TO_CONNECT, read_owned
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.model import beside
from bot.slack.requests import Click, read_click


async def ask_to_connect(deps: Deps, click: Click) -> None:
    """Ask the row's person to connect its accounts, and say so where it was pressed."""
    owner, ref_id = read_owned(click.value)
    viewer = click.viewer
    try:
        await access.check_admin(deps, click.viewer)
        await deps.promises.keep(click.team, click.user, click.response_url)
        request = InvitationRequest(viewer, (owner,), profiles=(ref_id,))
        invitation = await invite(deps, request)
    except ConnectbotError as error:
        if click.at_home:
            await show_home(deps, viewer, parse_query(click.metadata), note=WARNING.format(error.sentence))
            raise Reported(error) from error
        raise
    if click.at_home:
        await show_home(deps, viewer, parse_query(click.metadata), note=sent())
    elif click.view:
        await show_stored_status(deps, viewer, click.view, owner=owner, ref_id=ref_id, note=sent())
    else:
        await reply(deps, click.team, click.user, beside(click.response_url), confirmation(invitation))


async def ask_everyone(deps: Deps, click: Click) -> None:
    """Ask everyone who has a profile with a disconnected account, and say so where it was pressed."""
    viewer = click.viewer
    asked = confirmation(await ask_disconnected(deps, viewer, click.response_url))
    if click.at_home:
        await show_home(deps, viewer, parse_query(click.metadata), note=asked.text)
    else:
        await reply(deps, click.team, click.user, beside(click.response_url), asked)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the buttons of Home, the list and the weekly digest."""
    app.action(ASK_TO_CONNECT.action_id)(acknowledged(deps, read_click, ask_to_connect))
    for button in (ASK_DISCONNECTED, ASK_EVERYBODY):
        app.action(button.action_id)(acknowledged(deps, read_click, ask_everyone))
