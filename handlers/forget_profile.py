"""*Forget* in the status of a profile that nobody has and that Ayrshare has deleted."""

from slack_bolt.async_app import AsyncApp

from bot.core.model import RefId
from bot.deps import Deps
from bot.home.status_views import STATUS_TITLE, forgotten
from bot.mappings.forget_profile import forget_profile
from bot.people import access
from bot.slack.actions import FORGET_PROFILE
from bot.slack.blocks import notice, sentence
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, read_click


async def forget(deps: Deps, click: Click) -> None:
    """Forget the profile, and say so."""
    await access.check_admin(deps, click.viewer)
    await deps.limits.count(click.team, click.user, "status")
    ayrshare = await deps.ayrshare.of(click.team)
    now = deps.clock.now()
    await forget_profile(deps.profiles, ayrshare, click.team, RefId(click.value), by=click.user, now=now)
    await deps.scheduler.wake(click.team, at=now)
    if click.view:
        await deps.views.update(click.team, click.view, notice(forgotten(), title=STATUS_TITLE))
    else:
        await reply(deps, click.team, click.user, click.response_url, sentence(forgotten()))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(FORGET_PROFILE.action_id)(acknowledged(deps, read_click, forget))
