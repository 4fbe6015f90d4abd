"""The clicks on an invitation, such as *Remind me of this later*."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.home.home import show_home
from bot.home.model import OverviewQuery
from bot.invitations import respond
from bot.invitations.errors import InvitationGone
from bot.invitations.model import InvitationId, Postponement
from bot.invitations.respond import InvitationClick
from bot.notifications.account_diff import on_unmuted
from bot.people import access
from bot.slack.actions import GET_LINK, MUTE, POSTPONE, UNMUTE, UNMUTE_AT_HOME
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, read_click


async def get_my_link(deps: Deps, click: Click) -> None:
    """Replace the invitation by a card with a link."""
    await respond.get_link(deps, _invitation_click(click))


async def postpone(deps: Deps, click: Click) -> None:
    """Postpone the invitation; the option's value ends with the choice."""
    chosen = click.value.rpartition(":")[2]
    if chosen not in set(Postponement):
        raise InvitationGone
    await respond.postpone(deps, _invitation_click(click), Postponement(chosen))


async def mute(deps: Deps, click: Click) -> None:
    """Mute invitations and digests for this person."""
    await respond.mute(deps, _invitation_click(click))


async def unmute(deps: Deps, click: Click) -> None:
    """Unmute them on the message where they were muted."""
    await respond.unmute(deps, _invitation_click(click))
    await on_unmuted(deps, click.team, click.user)


async def unmute_at_home(deps: Deps, click: Click) -> None:
    """Unmute them on the Home tab."""
    await access.check_caller(deps, click.viewer)
    await respond.unmute_person(deps, click.team, click.user)
    await on_unmuted(deps, click.team, click.user)
    await show_home(deps, click.viewer, OverviewQuery())


def _invitation_click(click: Click) -> InvitationClick:
    invitation = click.value.partition(":")[0]
    if click.message_ref is None or click.response_url is None or not invitation:
        raise InvitationGone
    return InvitationClick(
        click.team, click.user, InvitationId(invitation), click.message_ref, click.response_url, click.home_team
    )


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the clicks on an invitation, and to the one on the Home tab that unmutes."""
    app.action(GET_LINK.action_id)(acknowledged(deps, read_click, get_my_link))
    app.action(POSTPONE)(acknowledged(deps, read_click, postpone))
    app.action(MUTE.action_id)(acknowledged(deps, read_click, mute))
    app.action(UNMUTE.action_id)(acknowledged(deps, read_click, unmute))
    app.action(UNMUTE_AT_HOME.action_id)(acknowledged(deps, read_click, unmute_at_home))
