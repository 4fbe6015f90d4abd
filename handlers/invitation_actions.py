"""The clicks on an invitation: *Get my link*, *Remind me later*, *Stop these* and *Allow them again*."""

from slack_bolt.async_app import AsyncApp

from bot.core.model import InvitationId
from bot.deps import Deps
from bot.home.home import show_home
from bot.home.model import OverviewQuery
from bot.invitations import respond
from bot.invitations.errors import InvitationGone
from bot.invitations.model import Reminder
from bot.invitations.respond import InvitationClick
from bot.people import access
from bot.profiles.model import Viewer
from bot.slack.actions import ALLOW_AGAIN, GET_LINK, HOME_ALLOW, REMIND_LATER, STOP_THESE
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, read_click


async def get_my_link(deps: Deps, click: Click) -> None:
    """Put a card with a link in the invitation's place."""
    await respond.get_link(deps, _press(deps, click))


async def remind_me_later(deps: Deps, click: Click) -> None:
    """Let the invitation come again."""
    when = click.value.rpartition(":")[2]
    if when not in set(Reminder):
        raise InvitationGone(deps.settings.connect_command)
    await respond.remind_later(deps, _press(deps, click), Reminder(when))


async def stop_these(deps: Deps, click: Click) -> None:
    """Send this person no more of these."""
    await respond.stop(deps, _press(deps, click))


async def allow_them_again(deps: Deps, click: Click) -> None:
    """Take that back where it was said."""
    await respond.allow(deps, _press(deps, click))


async def allow_at_home(deps: Deps, click: Click) -> None:
    """Take that back at any later time."""
    await access.check_caller(deps, team=click.team, caller=click.user, home_team=click.home_team)
    await respond.allow_again(deps, click.team, click.user)
    await show_home(deps, Viewer(click.team, click.user, click.home_team), OverviewQuery())


def _press(deps: Deps, click: Click) -> InvitationClick:
    invitation = click.value.partition(":")[0]
    if click.message_ref is None or click.response_url is None or not invitation:
        raise InvitationGone(deps.settings.connect_command)
    return InvitationClick(
        click.team, click.user, InvitationId(invitation), click.message_ref, click.response_url, click.home_team
    )


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the clicks on an invitation, and to the one at home that undoes its last."""
    app.action(GET_LINK.action_id)(acknowledged(deps, read_click, get_my_link))
    app.action(REMIND_LATER)(acknowledged(deps, read_click, remind_me_later))
    app.action(STOP_THESE.action_id)(acknowledged(deps, read_click, stop_these))
    app.action(ALLOW_AGAIN.action_id)(acknowledged(deps, read_click, allow_them_again))
    app.action(HOME_ALLOW.action_id)(acknowledged(deps, read_click, allow_at_home))
