"""*Forget* under a profile that nobody has and that Ayrshare has deleted, on an admin's Home and list."""

from slack_bolt.async_app import AsyncApp

from bot.core.model import RefId
from bot.deps import Deps
from bot.home.home import show_home
from bot.home.model import parse_query
from bot.mappings.forget_profile import forget_profile
from bot.people import access
from bot.profiles.model import Viewer
from bot.slack.actions import FORGET_PROFILE
from bot.slack.blocks import sentence
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, read_click


async def forget(deps: Deps, click: Click) -> None:
    """Forget the profile, and show Home without it, or say so under the list."""
    await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
    await deps.limits.count(click.team, click.user, "status")
    await forget_profile(deps.profiles, deps.ayrshare, click.team, RefId(click.value), by=click.user)
    if click.at_home:
        await show_home(deps, Viewer(click.team, click.user, click.home_team), parse_query(click.metadata))
    else:
        await reply(deps, click.team, click.user, click.response_url, sentence("Forgotten, and its key with it."))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(FORGET_PROFILE.action_id)(acknowledged(deps, read_click, forget))
